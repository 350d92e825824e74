"""What decides a grade, as a sha256: runs that agree in it agree in all else."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

_PACKAGE: Final = Path(__file__).parents[1]

_COMPUTE_GRADES: Final = ("numpy", "scikit-learn", "scipy", "Pillow")
"""Libraries whose numbers reach a grade on the trusted side."""

_PASS: Final = (str, int, float, bool, type(None))


def digest_of(*values: object) -> str:
    """Return the sha256 of plain values, dataclasses and containers, in hexadecimal.

    The order of a mapping counts: models may take their inputs by position.

    Raises:
        TypeError: A value is of a type that says nothing of what it holds.
    """
    text = json.dumps([_plain(value) for value in values], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_files(paths: Iterable[Path]) -> str:
    """Return the sha256 of the bytes of files, in their order, names aside."""
    whole = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


@cache
def digest_of_runner() -> str:
    """Return the sha256 of the code that runs models, reads files and keeps answers."""
    kept = (_PACKAGE / "engine" / "kept_answers.py",)
    parts = (_PACKAGE / "runner", _PACKAGE / "core")  # findings are worded in core
    return digest_of_files(
        [*kept, *(file for part in parts for file in _sources(part))]
    )


@cache
def digest_of_grader() -> str:
    """Return the sha256 of all our code, and the versions of what computes with it.

    Not our version: somebody may have patched it, or be working on it.
    """
    versions = {name: _version(name) for name in _COMPUTE_GRADES}
    return digest_of(digest_of_files(_sources(_PACKAGE)), versions)


def _sources(folder: Path) -> Sequence[Path]:
    return sorted(folder.rglob("*.py"))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _plain(value: object) -> Any:  # noqa: ANN401, PLR0911 - any JSON, a line for each type
    match value:
        case Enum():
            return [type(value).__name__, value.name]
        case _ if isinstance(value, _PASS):
            return value
        case Decimal() | Path() | date():
            return [type(value).__name__, str(value)]
        case Mapping():
            return {"": [[_plain(key), _plain(item)] for key, item in value.items()]}
        case AbstractSet():
            return {"set": sorted(json.dumps(_plain(item)) for item in value)}
        case Sequence():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            found = [[f.name, _plain(getattr(value, f.name))] for f in fields(value)]
            return {type(value).__name__: found}
        case _:
            raise TypeError(f"{type(value).__name__} has no digest")
