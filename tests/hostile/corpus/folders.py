"""Links, folders and special files in the place of a model."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import honest
from edits import saved
from rows import OK, Row, Targets

Make = Callable[[Path, Targets], None]

COPY: Final = "plain files alone are copied, and no link is followed"


def row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Make,
    *expected: str,
    by: str = COPY,
    says: str = "",
) -> Row:
    """Return a row of the task ``digits``."""
    return Row(
        id=id,
        vector=vector,
        defence=by,
        expected=frozenset(expected),
        make=make,
        says=says,
    )


def _link(to: Callable[[Path, Targets], "Path | str"]) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        (folder / "digits.keras").symlink_to(to(folder, targets))

    return make


def _sibling(folder: Path, targets: Targets) -> str:
    return f"../{honest.NAMES[0]}/digits.keras"


def _round(folder: Path, targets: Targets) -> None:
    """Link folders in a circle beside a sound model."""
    saved(folder)
    (folder / "more").mkdir()
    (folder / "more" / "back").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "root").symlink_to("/")


def _round_in_a_model(folder: Path, targets: Targets) -> None:
    model = exported(folder)
    (model / "variables" / "back").symlink_to("..")


def exported(folder: Path) -> Path:
    """Export a sound SavedModel; return its folder."""
    honest.model(2).export(folder / "digits", verbose=False)
    return folder / "digits"


def _linked(name: str) -> Make:
    """Return what replaces a file of a SavedModel by a link to the same bytes."""

    def make(folder: Path, targets: Targets) -> None:
        path = exported(folder) / name
        target = folder / "elsewhere"
        path.rename(target)
        path.symlink_to(target)

    return make


def _index_elsewhere(folder: Path, targets: Targets) -> None:
    index = exported(folder) / "variables" / "variables.index"
    index.unlink()
    index.symlink_to("/etc/passwd")


def _linked_folder(folder: Path, targets: Targets) -> None:
    variables = exported(folder) / "variables"
    variables.rename(folder / "elsewhere")
    variables.symlink_to(folder / "elsewhere")


def _pipe(folder: Path, targets: Targets) -> None:
    os.mkfifo(folder / "digits.keras")


def _pipe_in_a_model(folder: Path, targets: Targets) -> None:
    os.mkfifo(exported(folder) / "variables" / "more")


def _socket(folder: Path, targets: Targets) -> None:
    here = Path.cwd()
    os.chdir(folder)  # a socket's path may have 100 characters
    try:
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind("digits.keras")
    finally:
        os.chdir(here)


def _source_link(folder: Path, targets: Targets) -> None:
    honest.with_code(folder, 4, is_whole=False)
    (folder / "source.py").unlink()
    (folder / "source.py").symlink_to(targets.secret)


def _sparse(folder: Path, targets: Targets) -> None:
    with (folder / "digits.keras").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(1 << 40)


def _sparse_in_a_model(folder: Path, targets: Targets) -> None:
    with (exported(folder) / "variables" / "more").open("wb") as file:
        file.truncate(1 << 40)


def _many(folder: Path, targets: Targets) -> None:
    more = exported(folder) / "assets" / "more"
    more.mkdir(parents=True)
    for number in range(20_000):
        (more / str(number)).touch()


def _many_beside(folder: Path, targets: Targets) -> None:
    saved(folder)
    (folder / "zzz").mkdir()
    for number in range(21_000):
        (folder / "zzz" / f"{number}.keras").touch()


def _deep(place: Path) -> None:
    here = os.open(place, os.O_RDONLY)
    try:
        for _ in range(300):
            os.mkdir("deeper", dir_fd=here)
            below = os.open("deeper", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)


def _deep_model(folder: Path, targets: Targets) -> None:
    _deep(exported(folder) / "variables")


def _deep_beside(folder: Path, targets: Targets) -> None:
    saved(folder)
    _deep(folder)


BOUND: Final = "size, number and depth are bounded before anything is copied"

ROWS = (
    row(
        *("F02-labels", "a link to the file of the targets"),
        _link(lambda _, targets: targets.labels),
        *("E_FORMAT",),
        says="is a link",
    ),
    row(
        *("F02-sibling", "a link to another candidate's model"),
        _link(_sibling),
        *("E_FORMAT",),
        says="is a link",
    ),
    row(
        *("F02-nowhere", "a link to nothing", _link(lambda *_: "nowhere"), "E_FORMAT"),
        says="is a link",
    ),
    row(
        *("F02-device", "a link to an endless device"),
        _link(lambda *_: "/dev/zero"),
        *("E_FORMAT",),
        says="is a link",
    ),
    row("F02-round", "links in circles beside a model", _round, OK),
    row(
        *("F02-round-inside", "links in a circle in a SavedModel"),
        _round_in_a_model,
        *("E_FORMAT",),
        says="is a link",
    ),
    row("F03-sparse", "a sparse file of 1 TB", _sparse, "E_SIZE", by=BOUND),
    row(
        *("F03-sparse-inside", "the same in a SavedModel", _sparse_in_a_model),
        *("E_SIZE", "E_FORMAT"),
        by=BOUND,
    ),
    row(
        *("F03-many", "20,000 files in a SavedModel", _many, "E_FORMAT"),
        by=BOUND,
        says="more than 2000 files",
    ),
    row("F03-many-beside", "21,000 files beside a model", _many_beside, OK, by=BOUND),
    row(
        *("F03-deep", "folders 300 deep in a SavedModel", _deep_model, "E_FORMAT"),
        by=BOUND,
        says="more than 8 deep",
    ),
    row(
        "F03-deep-beside", "folders 300 deep beside a model", _deep_beside, OK, by=BOUND
    ),
    row("F04-pipe", "a pipe", _pipe, "E_FORMAT", says="is not a file"),
    row(
        *("F04-pipe-inside", "a pipe in a SavedModel", _pipe_in_a_model, "E_FORMAT"),
        says="is not a file",
    ),
    row("F04-socket", "a socket", _socket, "E_FORMAT", says="is not a file"),
    row(
        *("S07-index", "the index of a SavedModel is a link to a system's file"),
        _index_elsewhere,
        *("E_FORMAT",),
        says="is a link",
    ),
    row(
        *("S07-graph", "the graph of a SavedModel is a link"),
        _linked("saved_model.pb"),
        *("E_FORMAT",),
        says="is a link",
    ),
    row(
        *("S07-folder", "a folder of a SavedModel is a link"),
        _linked_folder,
        *("E_FORMAT",),
        says="is a link",
    ),
    Row(
        id="F02-source",
        vector="the code beside a model is a link to a secret",
        defence=COPY,
        expected=frozenset({"E_FORMAT"}),
        make=_source_link,
        task="code",
        says="is a link",
    ),
)
