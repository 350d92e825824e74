"""One run of the plug-in over submissions, and all that can be seen of it outside."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from course import HERE, Course
from listeners import Listeners

import pytest_tfgrade

NOBODY: Final = 65534
"""A user who owns nothing."""

_MOST_SECONDS: Final = 900
_FOR_GRADERS: Final = "grades.json"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Run:
    """What one run did and left."""

    status: int
    """Of pytest."""

    written: Mapping[str, str]
    """The terminal (``terminal``) and each report by its name."""

    grades: Mapping[str, Any]
    """By submission, as in ``grades.json``; empty if there is none."""

    oldest: float
    """Seconds that the oldest process of a model lived."""

    oldest_at: float
    """Seconds from the start of the run to the oldest process' birth."""

    peak: int
    """Bytes of the grader itself at their most."""

    left: tuple[str, ...]
    """Processes that outlived it."""

    files: tuple[str, ...]
    """What it left in its folder for temporary files."""

    effects: tuple[str, ...]
    """Rows whose code left a marker."""

    received: tuple[str, ...]
    """What arrived at the listeners."""

    changed: tuple[tuple[str, int, int, int], ...]
    """Files of the grader's that are new or others than before."""

    @property
    def shown(self) -> dict[str, str]:
        """What candidates may see."""
        names = self.written.keys() - {_FOR_GRADERS}
        return {name: self.written[name] for name in sorted(names)}


def run(
    course: Course,
    submissions: str,
    who: int | None,
    listeners: Listeners,
    *options: str,
) -> Run:
    """Grade a folder of the course.

    Args:
        course: Its submissions are made.
        submissions: The name of the folder.
        who: Another user to run as, if we are root.
        listeners: At the targets of the rows.
        options: More of pytest.
    """
    for name in ("out", "tmp"):
        shutil.rmtree(course.folder / name, ignore_errors=True)
        (course.folder / name).mkdir()
    if os.getuid() == 0:
        _hand_over(course.folder, who or 0)
    before = _files(course.kept)
    report = course.folder.parent / "watched.json"
    python = sys.executable
    package = Path(pytest_tfgrade.__file__).parents[1]
    needed = (sys.prefix, sys.base_prefix, str(package), str(course.folder))
    as_user = [python, str(HERE / "as_user.py"), str(who), *needed, "--"] if who else []
    command = [
        *(python, str(HERE / "watched.py"), str(report), *as_user),
        *(python, "-m", "pytest", "-p", "no:cacheprovider"),
        *(f"--tfgrade={submissions}", "--tfgrade-report=out"),
        *("--tfgrade-workers=2", "--tfgrade-audience=candidate"),
        "--tfgrade-cache=off",
        *("--junitxml=out/own.xml", *options),
    ]
    terminal = course.folder.parent / "terminal.txt"
    with terminal.open("wb") as file:  # a pipe would stay open with what is left
        subprocess.run(
            command,
            cwd=course.folder,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
                **course.environment(),
                "TMPDIR": str(course.folder / "tmp"),
            },
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=_MOST_SECONDS,
        )
    watched = json.loads(report.read_text(encoding="utf-8"))
    written = {p.name: _text(p.read_bytes()) for p in (course.folder / "out").iterdir()}
    graded = json.loads(written.get(_FOR_GRADERS, '{"submissions": []}'))
    return Run(
        status=watched["status"],
        written={**written, "terminal": _text(terminal.read_bytes())},
        grades={one["id"]: one for one in graded["submissions"]},
        oldest=watched["oldest"],
        oldest_at=watched["oldest_at"],
        peak=watched["peak"],
        left=tuple(watched["left"]),
        files=tuple(sorted(p.name for p in (course.folder / "tmp").iterdir())),
        effects=tuple(course.taken_effects()),
        received=tuple(listeners.received()),
        changed=tuple(sorted(_files(course.kept) ^ before)),
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _hand_over(folder: Path, uid: int) -> None:
    os.lchown(folder, uid, uid)
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.lchown(os.path.join(root, name), uid, uid)  # noqa: PTH118 - thousands


def _files(folders: Iterable[Path]) -> set[tuple[str, int, int, int]]:
    """Return files with size, time and mode."""
    files = (path for folder in folders for path in folder.rglob("*"))
    known = ((str(path), path.stat()) for path in files if path.is_file())
    return {(path, s.st_size, s.st_mtime_ns, s.st_mode) for path, s in known}
