"""``tfgrade init``: a course that works, to begin with."""

import argparse
import json
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.rubric import json_schema

TEMPLATE: Final = ".in"
"""Ending of files that are no part of this package, though they look like Python."""

CANDIDATES: Final = {
    "submissions/ada/line.keras": "rubrics/references/line_good.keras",
    "submissions/bob/line.keras": "rubrics/references/line_weak.keras",
}
"""What example candidates hand in: the reference models of the rubric."""

SCHEMA: Final = "rubrics/rubric.schema.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder of the course."""
    parser.add_argument(
        "folder",
        metavar="DIR",
        type=Path,
        help="Folder of the course: a new one, or one that is empty",
    )


def init(given: argparse.Namespace, extensions: Extensions) -> str:
    """Write a course: exam, rubric, hidden data, two candidates; say what to do next.

    Raises:
        UsageError: The folder is not empty, or cannot be written to.
    """
    folder: Path = given.folder
    content = {**_starter(), SCHEMA: _schema(extensions)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            text = "is not empty, and nothing is overwritten; give a new folder"
            raise UsageError(f"{folder}: {text}")
        for name, data in content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except FileExistsError:
        raise UsageError(f"{folder}: is a file; give a new folder") from None
    except OSError as error:
        where = error.filename or folder
        raise UsageError(f"{where}: cannot be written: {error.strerror}") from None
    listed = "\n".join(f"  {name}" for name in sorted(content))
    return (
        f"wrote a course to {folder}:\n{listed}\n"
        "next:\n"
        f"  cd {folder}\n"
        "  tfgrade rubric check && tfgrade rubric selftest\n"
        "  pytest --tfgrade=submissions\n"
    )


def _starter() -> dict[str, bytes]:
    """Return the files of the course, by their paths."""
    root = files("pytest_tfgrade") / "starter"
    found = {
        name.removesuffix(TEMPLATE): file.read_bytes() for name, file in _walk(root, "")
    }
    return found | {name: found[source] for name, source in CANDIDATES.items()}


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        else:
            yield name, entry


def _schema(extensions: Extensions) -> bytes:
    return f"{json.dumps(json_schema(extensions.vocabulary), indent=2)}\n".encode()
