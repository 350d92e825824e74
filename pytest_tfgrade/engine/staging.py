"""Taking a private copy of an artifact, before anything looks at it."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.submission import Artifact, HandedIn, Submission
from pytest_tfgrade.facts import recognise
from pytest_tfgrade.rubric import ArtifactRule, Rubric

_CHUNK: Final = 1 << 20
_SMALL: Final = 1_000_000
"""Sizes below it are given in bytes."""


def choose(submission: Submission, rubric: Rubric) -> HandedIn:
    """Return the one file that a candidate handed in for a task.

    Raises:
        Ungradable: ``E_MISSING`` if there is none, ``E_FORMAT`` if there are several.
    """
    found = submission.found.get(rubric.task, ())
    if not found:
        raise Ungradable(Code.MISSING, hint=_missing_hint(submission, rubric.artifact))
    if len(found) > 1:
        listed = ", ".join(file.name for file in found)
        text = f"{len(found)} files were handed in for this task: {listed}"
        raise Ungradable(Code.FORMAT, text, hint="Hand in one of them.")
    return found[0]


def _missing_hint(submission: Submission, rule: ArtifactRule) -> str:
    names = " or ".join(f"{rule.names[0]}.{ending}" for ending in rule.formats)
    hint = f"Hand in {names}."
    if submission.others:
        listed = ", ".join(submission.others[:3])
        hint += f" These files belong to no task: {listed}."
    return hint


@contextmanager
def staged(file: HandedIn, rule: ArtifactRule, folder: Path) -> Iterator[Artifact]:
    """Copy a file into a folder of ours, say what it is, and remove the copy later.

    Raises:
        Ungradable: ``E_FORMAT`` for what is no plain file or no accepted model,
            ``E_SIZE`` for more bytes than the rule allows.
    """
    copy = folder / uuid4().hex
    try:
        sha256, size = _copy(file, copy, rule.max_size)
        format_ = recognise(copy)
        if format_ not in rule.formats:
            accepted = " or ".join(f".{ending}" for ending in rule.formats)
            text = f"{file.name} is a .{format_} file, the task takes {accepted}"
            hint = f"Save the model as {rule.names[0]}.{rule.formats[0]}."
            raise Ungradable(Code.FORMAT, text, hint=hint if rule.names else None)
        copy = copy.rename(copy.with_suffix(f".{format_}"))
        yield Artifact(
            path=copy, name=file.name, format=format_, sha256=sha256, size=size
        )
    finally:
        copy.unlink(missing_ok=True)


def _copy(file: HandedIn, copy: Path, max_size: int) -> tuple[str, int]:
    """Copy a plain file; return its sha256 and its size."""
    digest, size = hashlib.sha256(), 0
    with _opened(file) as source, copy.open("wb") as target:
        _require_size(file, os.fstat(source.fileno()).st_size, max_size)
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            _require_size(file, size, max_size)  # it may grow while it is read
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest(), size


def _opened(file: HandedIn) -> BinaryIO:
    """Open a plain file for reading, without following a link or waiting on a pipe."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(file.path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            text = f"{file.name} is a link, not a file"
            raise Ungradable(Code.FORMAT, text, hint="Hand in the file.") from None
        if error.errno == errno.ENXIO:
            raise Ungradable(Code.FORMAT, f"{file.name} is not a file") from None
        raise RunnerError(f"{file.path}: cannot be read: {error.strerror}") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "a folder, not a file" if stat.S_ISDIR(mode) else "not a file"
        raise Ungradable(Code.FORMAT, f"{file.name} is {kind}")
    return os.fdopen(descriptor, "rb")


def _require_size(file: HandedIn, size: int, max_size: int) -> None:
    if size > max_size:
        found, allowed = f"{size / 1e6:.1f} MB", f"{max_size / 1e6:.1f} MB"
        if found == allowed or size < _SMALL:
            found, allowed = f"{size} bytes", f"{max_size} bytes"
        text = f"{file.name} has {found}, the task allows {allowed}"
        raise Ungradable(Code.SIZE, text)
