"""Folders of candidates that cannot be looked into: each is that candidate's row."""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakeModel = Callable[..., Path]

_CAPBSET_DROP = 24
_CAPABILITIES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

REPORT = ("--tfgrade-report=out", "-p", "no:cacheprovider")
OPEN = "the grader could not finish this task; the score stays open"


def be_bound_by_modes() -> None:
    """Let the modes of files bind what root starts next, too."""
    libc = ctypes.CDLL(None)
    for capability in _CAPABILITIES:
        libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.fixture
def odd(course: Path, make_model: MakeModel) -> Path:
    """Return a course with two honest candidates, one named in Latin-1, and others."""
    good = make_model("a.keras", ("Flatten", {}), ("ReLU", {})).read_bytes()
    folder = course / "submissions"
    for name in ("alice", os.fsdecode(b"jos\xe9"), "closed", "deep/" + "x/" * 300):
        (folder / name).mkdir(parents=True)
    for name in ("alice", os.fsdecode(b"jos\xe9"), "closed", "../elsewhere"):
        (folder / name).mkdir(exist_ok=True)
        for task in ("flat", "wide"):
            (folder / name / f"{task}.keras").write_bytes(good)
    (folder / "deep" / ("x/" * 300) / "flat.keras").write_bytes(good)
    (folder / "closed").chmod(0)
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("gone")
    (folder / "other").symlink_to("../elsewhere")
    (folder / "file_flat.keras").symlink_to("alice/flat.keras")
    for number in range(3000):
        (folder / f"notes{number}.txt").touch()
    return course


def test_no_folder_of_one_candidate_stops_the_run(odd: Path) -> None:
    ended = subprocess.run(
        (sys.executable, "-m", "pytest", "--tfgrade=submissions", *REPORT),
        cwd=odd,
        capture_output=True,
        check=False,
        preexec_fn=be_bound_by_modes,  # which has no threads yet
        timeout=120,
    )

    (odd / "submissions" / "closed").chmod(0o700)
    assert ended.stderr == b""
    text = (odd / "out" / "grades.json").read_text(encoding="utf-8")
    good, closed = "flat.keras, keras, 3 kB", odd / "submissions" / "closed"
    why = f"{closed}: cannot be read: Permission denied; make it readable"
    missing = "no model was handed in for this task"
    assert {one["id"]: flat(one) for one in json.loads(text)["submissions"]} == {
        "alice": (5, None, good, None),
        "closed": (None, "E_INFRA", OPEN, why),
        "deep": (0, "E_MISSING", missing, None),
        "file": (0, "E_FORMAT", "file_flat.keras is a link, not a file", None),
        "jos%E9": (5, None, good, None),
        "loop": (0, "E_FORMAT", "loop is a link, not a folder", None),
        "nowhere": (0, "E_FORMAT", "nowhere is a link, not a folder", None),
        "other": (0, "E_FORMAT", "other is a link, not a folder", None),
    }


def flat(submission: dict[str, Any]) -> tuple[object, ...]:
    """Return points and code of ``flat``, and what is said of its first criterion."""
    task = next(task for task in submission["tasks"] if task["id"] == "flat")
    first = task["criteria"][0]
    return task["points"], task.get("code"), first["rationale"], first.get("detail")
