"""What a file at home would be handed in as: its name, and the code beside it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_tfgrade.engine.chosen_file import model_name
from pytest_tfgrade.engine.file_names import matches, stems
from pytest_tfgrade.rubric import ArtifactRule

_DEEPEST: Final = 8
"""Folders of a path that may be part of an artifact's name."""


def bears_name(path: Path, rule: ArtifactRule) -> bool:
    """Return whether a file is called as a task's artifact, whoever handed it in.

    The name may be that of a path in the candidate's folder, as ``category2/mymodel``,
    or have the candidate's before it, as ``ada_digits``.
    """
    is_folder = path.is_dir()
    tails = [tail for _, tail in _tails(path)]
    flat = [after for _, after in _cuts(path.name)]
    return any(_fits(name, rule, is_folder=is_folder) for name in (*tails, *flat))


def names_accepted(rule: ArtifactRule, form: str | None) -> str:
    """Return what a model may be called, as ``digits.keras or digits.h5``.

    Args:
        rule: What the task takes.
        form: The format of a model; None or another than those accepted: all of them.
    """
    own = [one for one in rule.formats if one == form]
    called = [
        model_name(replace(rule, names=(name,), formats=(one,)))
        for name in rule.names
        for one in own or rule.formats
    ]
    return " or ".join(filter(None, [", ".join(called[:-1]), called[-1]]))


def code_beside(path: Path, rule: ArtifactRule) -> tuple[Path, ...]:
    """Return the Python files beside a model that would go with it, sorted.

    They lie where the rule says, seen from the candidate's folder; of a model called
    ``ada_digits`` they may begin with ``ada_``, too.
    """
    if rule.source is None or not rule.source.names:
        return ()
    is_folder = path.is_dir()
    roots = [
        root for root, tail in _tails(path) if _fits(tail, rule, is_folder=is_folder)
    ]
    found = {
        code
        for root in roots or [path.absolute().parent]
        for name in rule.source.names
        for code in _python_files(root, name, prefix="")
    }
    for before, after in _cuts(path.name):
        if _fits(after, rule, is_folder=is_folder):
            for name in rule.source.names:
                found |= {*_python_files(path.absolute().parent, name, prefix=before)}
    return tuple(sorted(found))


def _tails(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield a folder around a file, and the path of the file in it."""
    parts = path.absolute().parts
    for depth in range(1, min(_DEEPEST, len(parts) - 1) + 1):
        yield Path(*parts[:-depth]), "/".join(parts[-depth:])


def _cuts(name: str) -> Iterator[tuple[str, str]]:
    """Yield a name cut behind each underscore."""
    for at, sign in enumerate(name):
        if sign == "_" and at:
            yield name[: at + 1], name[at + 1 :]


def _fits(name: str, rule: ArtifactRule, *, is_folder: bool) -> bool:
    return any(matches(stem, rule.names) for stem in stems(name, is_folder=is_folder))


def _python_files(root: Path, name: str, *, prefix: str) -> Iterator[Path]:
    """Yield the files in the folder of a name that are called so; case counts not."""
    folder = root / PurePosixPath(name).parent
    wanted = PurePosixPath(name).name
    with suppress(OSError):  # a folder that is not there, or closed to us
        for file in folder.iterdir():
            stem = file.stem.removeprefix(prefix)
            starts = file.stem.startswith(prefix)
            is_code = file.suffix.lower() == ".py" and file.is_file()
            if is_code and starts and matches(stem, [wanted]):
                yield file
