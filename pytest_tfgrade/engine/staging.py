"""Taking a private copy of an artifact, before anything looks at it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RubricError, RunnerError, Ungradable
from pytest_tfgrade.core.facts import Weights
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat, HandedIn, Source
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.chosen_file import model_name, takes
from pytest_tfgrade.engine.copying import Copied, TooLarge
from pytest_tfgrade.engine.intake.taking_out import private_copy
from pytest_tfgrade.engine.unpacking import unpack
from pytest_tfgrade.facts import recognise
from pytest_tfgrade.facts.packed import packed_model
from pytest_tfgrade.rubric import ArtifactRule
from pytest_tfgrade.rubric.model import SourceRule

ExplainSize = Callable[[Artifact], Weights | None]
"""Reads how much of a copy is weights and how much optimizer state; None: unknown."""

EXPLAINED: Final = 1 << 30
"""Bytes up to which a file that is too large is copied all the same, to say why."""

LARGEST_SOURCE: Final = 1_000_000
"""Bytes."""

_SMALL: Final = 1_000_000
"""Sizes below it are given in bytes."""

_FORMATS: Final = {
    ArtifactFormat.KERAS: "a .keras file",
    ArtifactFormat.H5: "a .h5 file",
    ArtifactFormat.SAVED_MODEL: "a SavedModel",
    ArtifactFormat.TFLITE: "a .tflite file",
    ArtifactFormat.WEIGHTS: "a file of weights",
}

_WITHOUT_OPTIMIZER: Final = (
    "Save a copy without optimizer state: keras.models.clone_model(model), then "
    "set_weights(...)."
)


@contextmanager
def staged(
    file: HandedIn,
    rule: ArtifactRule,
    folder: Path,
    *,
    source: HandedIn | None = None,
    explain_size: ExplainSize | None = None,
) -> Iterator[Artifact]:
    """Copy what was handed in into a folder of ours; remove the copy later.

    A zip of a SavedModel, or of one file, is unpacked. The sha256 and the size are
    those of what was handed in; for the sha256 of a folder see ``copying.copied``.
    An HDF5 file has the format ``h5``, whether it holds a model or weights alone.

    Args:
        file: What was handed in.
        rule: What the task takes.
        folder: Where copies go.
        source: Code that the candidate handed in with it; a rule that names a file of
            the course's own takes that one instead.
        explain_size: Asked about a file that is too large, up to ``EXPLAINED`` bytes or
            ten times what the rule allows.

    Raises:
        Ungradable: ``E_FORMAT`` for what is no plain file or no accepted model,
            ``E_SIZE`` for more bytes than the rule allows.
        RubricError: The course's own code is not what it should be.
    """
    private = folder / uuid4().hex
    private.mkdir(mode=0o700)
    try:
        most = rule.max_size
        if explain_size:
            room = shutil.disk_usage(folder).free // 4
            most = max(most, min(max(10 * most, EXPLAINED), room))
        taken = _taken(file, rule, private, most)
        artifact = _artifact(file, taken, rule, private)
        if rule.source is not None:
            try:
                code = _source(rule.source, source, private / "source.py")
                artifact = replace(artifact, source=code)
            except Ungradable as finding:  # the model may do without
                artifact = replace(artifact, source_fault=finding.rationale)
        if taken.size > rule.max_size:
            weights = _explained(artifact, explain_size)
            raise _too_large(
                file.name,
                taken.size,
                rule,
                is_unpacked=taken.is_unpacked,
                weights=weights,
            )
        yield artifact
    finally:
        shutil.rmtree(private, ignore_errors=True)


def not_accepted(name: str, form: ArtifactFormat, rule: ArtifactRule) -> Ungradable:
    """Return what to raise for a model in a format that the task does not take.

    Args:
        name: What was handed in.
        form: That of the model.
        rule: What the task takes.
    """
    text = f"{name} is {_FORMATS[form]}, the task takes {takes(rule)}"
    hint = f"Save the model as {model_name(rule)}." if rule.names else None
    return Ungradable(Code.FORMAT, text, hint=hint)


class _Taken(NamedTuple):
    """A copy of a model, not yet looked at."""

    path: Path
    """The file or folder of the model."""

    whole: Copied
    """What was handed in."""

    size: int
    """Bytes of the model, unpacked."""

    is_unpacked: bool
    """Whether it lay in a zip."""


def _taken(file: HandedIn, rule: ArtifactRule, private: Path, most: int) -> _Taken:
    """Copy what was handed in, and take the model out of it if it is a zip of one."""
    copy, unpacked = private / "handed-in", private / "unpacked"
    try:
        whole = private_copy(file, copy, most)
    except TooLarge as finding:
        raise _too_large(file.name, finding.size, rule) from None
    packed = None if copy.is_dir() else packed_model(copy)
    if packed is None:
        return _Taken(copy, whole, whole.size, is_unpacked=False)
    try:
        size = unpack(copy, packed, unpacked, most)
    except TooLarge as finding:
        raise _too_large(file.name, finding.size, rule, is_unpacked=True) from None
    copy.unlink()
    if not packed.is_folder and packed_model(unpacked) is not None:
        raise _zip_in_zip(packed.name)
    return _Taken(unpacked, whole, size, is_unpacked=True)


def _artifact(
    file: HandedIn, taken: _Taken, rule: ArtifactRule, private: Path
) -> Artifact:
    form = recognise(taken.path)
    if not _is_accepted(form, rule):
        raise not_accepted(file.name, form, rule)
    return Artifact(
        path=taken.path.rename(private / f"artifact.{form}"),
        name=file.name,
        format=form,
        sha256=taken.whole.sha256,
        size=taken.whole.size,
    )


def _is_accepted(form: ArtifactFormat, rule: ArtifactRule) -> bool:
    """Return whether a format is accepted, as far as the first bytes tell."""
    if form is ArtifactFormat.H5:
        return not {form, ArtifactFormat.WEIGHTS}.isdisjoint(rule.formats)
    return form in rule.formats


def _zip_in_zip(name: str) -> Ungradable:
    shown = printable(name, limit=80)
    text = f"the file is a zip in a zip: it holds {shown!r}, which is one, too"
    return Ungradable(Code.FORMAT, text, hint=f"Hand in what {shown!r} holds.")


# Size


def _explained(artifact: Artifact, explain: ExplainSize | None) -> Weights | None:
    if explain is None:
        return None
    try:
        return explain(artifact)
    except (Ungradable, RunnerError):  # it is too large, whatever else it is
        return None


def _too_large(
    name: str,
    size: int,
    rule: ArtifactRule,
    *,
    is_unpacked: bool = False,
    weights: Weights | None = None,
) -> Ungradable:
    """Say how large a model is, of what, and what to do about it.

    Args:
        name: What was handed in.
        size: Bytes of the model; of one that was not copied whole, so far.
        rule: What the task takes.
        is_unpacked: Whether the model lay in a zip.
        weights: What it stores, if that is known.
    """
    written = _megabytes
    if _megabytes(size) == _megabytes(rule.max_size) or size < _SMALL:
        written = _bytes
    found, allowed = written(size), written(rule.max_size)
    parts, hint = "", None
    if weights is not None:
        hint = "Use a smaller model."
        if weights.optimizer_bytes:
            model, optimizer = weights.model_bytes, weights.optimizer_bytes
            parts = f" ({written(model)} of weights, {written(optimizer)} of "
            parts += "optimizer state)"
            if size - optimizer <= rule.max_size:
                hint = _WITHOUT_OPTIMIZER
    verb = "unpacks to" if is_unpacked else "has"
    text = f"{name} {verb} {found}{parts}, the task allows {allowed}"
    return Ungradable(Code.SIZE, text, hint=hint)


def _bytes(size: int) -> str:
    return f"{size} bytes"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


# Code that goes with a model


def _source(rule: SourceRule, handed_in: HandedIn | None, copy: Path) -> Source | None:
    """Copy the code; it is never imported here, nor put where it could be."""
    if rule.file is not None:
        own = HandedIn(name=rule.file.name, path=rule.file.resolve())
        try:
            return _copied_source(own, rule, copy)
        except Ungradable as finding:
            text = f"{rule.file}: {finding.rationale}; give a Python file"
            raise RubricError(text) from None
    return _copied_source(handed_in, rule, copy) if handed_in else None


def _copied_source(file: HandedIn, rule: SourceRule, copy: Path) -> Source:
    try:
        done = private_copy(file, copy, LARGEST_SOURCE)
    except TooLarge:
        text = f"{file.name} has more than {_megabytes(LARGEST_SOURCE)}"
        hint = "Hand in the code that builds the model, and nothing else."
        raise Ungradable(Code.FORMAT, text, hint=hint) from None
    if copy.is_dir() or not _is_text(copy):
        text = f"{file.name} is not a text in UTF-8"
        raise Ungradable(Code.FORMAT, text, hint="Save the code as UTF-8.")
    return Source(path=copy, name=file.name, sha256=done.sha256, builds=rule.builds)


def _is_text(path: Path) -> bool:
    try:
        return "\0" not in path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
