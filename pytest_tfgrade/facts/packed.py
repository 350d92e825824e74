"""What a zip holds: the one model in it, or why there is none to be graded.

Platforms and macOS zip single files, and a SavedModel is a folder, which most of them
take only as a zip.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.submission import ENDINGS, GRAPH
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.keras_zip import CONFIG, METADATA, WEIGHTS
from pytest_tfgrade.facts.zip_directory import opened_zip

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""Beginnings of a zip file; the second of one without members."""

SAVE: Final = "Save the model with model.save('name.keras') and hand in that file."

_IN_SAVED_MODEL: Final = frozenset({"variables", "assets", "assets.extra"})
"""Folders of a SavedModel; what ends like a model in them is a part of it."""

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A model in a zip, to be taken out before it can be read."""

    name: str
    """The file, or the folder of a SavedModel; ``.`` is the zip itself."""

    is_folder: bool
    """Whether it is a SavedModel."""


def packed_model(path: Path) -> Packed | None:
    """Return the model in a zip; None for a ``.keras`` file and for what is no zip.

    Files that are there by accident do not count: what macOS adds, names that begin
    with a dot, and whatever cannot be meant as a model.

    Raises:
        Ungradable: ``E_FORMAT`` if the zip is damaged or hostile, or holds no model, or
            several.
    """
    with path.open("rb") as file:
        if not file.read(4).startswith(ZIP):
            return None
    with opened_zip(path) as archive:
        names = archive.namelist()
    if GRAPH not in names and (CONFIG in names or {METADATA, WEIGHTS} <= {*names}):
        return None
    own = [name for name in names if not name.endswith("/") and not _is_ignored(name)]
    found = [*_folders(own), *_files(own)]
    if len(found) == 1 and _unpacked_keras(own) is None:
        return found[0]
    raise _refusal(names, own, found)


def _is_ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _folders(names: Iterable[str]) -> list[Packed]:
    """Return the SavedModels."""
    return [
        Packed(name=str(PurePosixPath(name).parent), is_folder=True)
        for name in names
        if PurePosixPath(name).name == GRAPH
    ]


def _files(names: Iterable[str]) -> list[Packed]:
    """Return the files that end like a model and lie in no SavedModel."""
    folders = [PurePosixPath(folder.name) for folder in _folders(names)]
    inner = [folder / part for folder in folders for part in _IN_SAVED_MODEL]
    return [
        Packed(name=name, is_folder=False)
        for name in names
        if PurePosixPath(name).suffix.lower() in ENDINGS
        and not any(PurePosixPath(name).is_relative_to(part) for part in inner)
    ]


def _unpacked_keras(names: Iterable[str]) -> str | None:
    """Return the folder that holds the parts of a ``.keras`` file, if there is one."""
    folders: dict[str, set[str]] = {}
    for name in names:
        folder, _, base = name.rpartition("/")
        folders.setdefault(folder, set()).add(base)
    fitting = (f for f, bases in folders.items() if {CONFIG, WEIGHTS} <= bases)
    return next(fitting, None)


def _refusal(names: list[str], own: list[str], found: list[Packed]) -> Ungradable:
    """Say what is in the zip instead of one model."""
    folder = _unpacked_keras(own)
    rationale, hint = "the zip file holds no saved model", SAVE
    if not own:
        what = "only what macOS keeps beside files" if names else "nothing"
        rationale = f"the zip file holds {what}"
        hint = "Zip the model and upload again."
    elif any(PurePosixPath(name).name == "data.pkl" for name in own):
        rationale = "the file is a PyTorch model"
    elif folder is not None:
        shown = printable(folder, limit=80)
        rationale = f"the file is a zipped folder: {CONFIG} lies in {shown!r}"
        hint = "Hand in the .keras file as model.save(...) wrote it; do not unpack it."
    elif found:
        listed = ", ".join(
            repr(printable(one.name, limit=80)) for one in found[:_MOST_NAMED]
        )
        rationale = f"the zip file holds {len(found)} models: {listed}"
        hint = "Zip one of them, or hand in one that is not zipped."
    elif all(name.endswith(".npy") for name in own):
        rationale = "the file is a NumPy archive (.npz)"
        hint = f"It holds numbers, not the model they belong to. {SAVE}"
    elif inner := [name for name in own if name.lower().endswith(".zip")]:
        shown = printable(inner[0], limit=80)
        rationale = f"the file is a zip in a zip: it holds {shown!r}"
        hint = "Unpack the outer one and hand in what it holds."
    detail = "members: " + ", ".join(printable(name, limit=80) for name in names[:20])
    return Ungradable(Code.FORMAT, rationale, hint=hint, detail=detail)
