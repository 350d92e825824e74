"""The cache as a pytest user meets it: what a second run does, and does not."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MakeModel = Callable[..., Path]

GRADE = ("--tfgrade=submissions", "--tfgrade-cache=cache", "-p", "no:cacheprovider")

RECALLED = "4 grades come from the cache: *"
"""Of five: what is no model at all is looked at again."""

FROM_THE_CACHE = "*from the cache*"


def grades(folder: Path) -> Any:
    """Return ``grades.json``."""
    return json.loads((folder / "grades.json").read_text(encoding="utf-8"))


def changed(path: Path, old: str, new: str) -> None:
    """Replace a part of a file, which has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refused(result: pytest.RunResult) -> str:
    """Return what pytest says before it ends with a usage error."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    return result.stderr.str().strip()


def test_a_second_run_recalls_all_grades(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    first = pytester.runpytest(*GRADE, "--tfgrade-report=first")

    second = pytester.runpytest(*GRADE, "--tfgrade-report=second")

    first.stdout.no_fnmatch_line(FROM_THE_CACHE)
    second.stdout.fnmatch_lines([RECALLED])
    assert second.parseoutcomes() == first.parseoutcomes()
    assert grades(pytester.path / "second") == grades(pytester.path / "first")


def test_other_points_are_given_without_the_grades_of_before(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest(*GRADE)
    changed(pytester.path / "rubrics" / "flat.yaml", "points: 2.5", "points: 7")

    result = pytester.runpytest(*GRADE, "--tfgrade-report=out")

    result.stdout.fnmatch_lines(["2 grades come from the cache: *"])
    alice, *_ = grades(pytester.path / "out")["submissions"]
    assert [(task["id"], task["points"]) for task in alice["tasks"]] == [
        ("wide", 5),
        ("flat", 9.5),
    ]


def test_without_a_cache_nothing_is_recalled_nor_kept(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    before = pytester.runpytest(*GRADE)
    kept = (pytester.path / "cache" / "kept-1.sqlite").read_bytes()

    result = pytester.runpytest(*GRADE, "--tfgrade-cache=off")

    result.stdout.no_fnmatch_line(FROM_THE_CACHE)
    assert result.parseoutcomes() == before.parseoutcomes()
    assert (pytester.path / "cache" / "kept-1.sqlite").read_bytes() == kept


def test_the_cache_is_the_users_own_unless_another_is_named(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "home"))

    pytester.runpytest("--tfgrade=submissions", "-p", "no:cacheprovider")

    kept = pytester.path / "home" / "pytest-tfgrade"
    assert sorted(path.name for path in kept.iterdir()) == ["claims", "kept-1.sqlite"]
    assert kept.stat().st_mode & 0o777 == 0o700


def test_a_cache_among_submissions_is_refused(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest(
        "--tfgrade=submissions", "--tfgrade-cache=submissions/alice/cache"
    )

    assert refused(result) == (
        "ERROR: the cache submissions/alice/cache: lies in the submissions; "
        "give another folder with --tfgrade-cache"
    )
    assert not (submissions / "alice" / "cache").exists()


def test_a_cache_that_others_may_write_to_is_refused(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.mkdir("cache").chmod(0o777)

    assert refused(pytester.runpytest(*GRADE)) == (
        "ERROR: the cache cache: cannot be used: everybody may write to it; "
        "give another folder with --tfgrade-cache, or off"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder away")
def test_a_cache_of_another_user_is_refused(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    os.chown(pytester.mkdir("cache"), 12345, -1)

    assert refused(pytester.runpytest(*GRADE)) == (
        "ERROR: the cache cache: cannot be used: it belongs to another user; "
        "give another folder with --tfgrade-cache, or off"
    )


def test_workers_of_xdist_recall_what_another_run_graded(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest(*GRADE, "--tfgrade-report=first")

    result = pytester.runpytest_subprocess(*GRADE, "-n2", "--tfgrade-report=second")

    result.stdout.fnmatch_lines([RECALLED])
    assert grades(pytester.path / "second") == grades(pytester.path / "first")


RUBRIC = """\
task: flat
dataset: squares
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {y: {shape: [null, 64]}}
criteria:
  - {id: file, check: file, points: 1}
  - {id: error, check: predict.metric, metric: mae, threshold: 0.1, points: 4}
"""

CONFTEST = """\
import re
import sys
from pathlib import Path

import numpy as np
from pytest_tfgrade.datasets import EvaluationDataset

def note(event, arguments):
    if event == "subprocess.Popen":
        words = " ".join(map(str, arguments[1]))
        program = re.search('"program": "(.+?)"', words)
        with Path("started").open("a") as file:
            file.write((program[1] if program else words) + "\\n")

sys.addaudithook(note)

def pytest_tfgrade_load_dataset(config, name, folder):
    image = np.random.default_rng(0).random((20, 8, 8), dtype=np.float32)
    targets = {"y": image.reshape(20, 64) + 0.05}
    return EvaluationDataset.of("squares", {"image": image}, targets)
"""


@pytest.fixture
def started(
    pytester: pytest.Pytester, make_model: MakeModel
) -> Callable[[], list[str]]:
    """Grade a model that is run; returns what the last run has started since."""
    pytester.makeconftest(CONFTEST)
    rubrics = pytester.mkdir("rubrics")
    (rubrics / "flat.yaml").write_text(RUBRIC, encoding="utf-8")
    model = make_model("a.keras", ("Flatten", {})).read_bytes()
    (pytester.mkdir("submissions") / "alice_flat.keras").write_bytes(model)

    def started() -> list[str]:
        noted = pytester.path / "started"
        if not noted.exists():
            return []
        words = noted.read_text(encoding="utf-8").splitlines()
        noted.unlink()
        return words

    return started


def test_what_is_known_starts_nothing_and_another_threshold_no_tensorflow(
    pytester: pytest.Pytester, started: Callable[[], list[str]]
) -> None:
    found = []
    for name in ("first", "same", "stricter"):
        if name == "stricter":
            changed(pytester.path / "rubrics" / "flat.yaml", "0.1,", "0.01,")
        pytester.runpytest_subprocess(*GRADE, f"--tfgrade-report={name}")
        (alice,) = grades(pytester.path / name)["submissions"]
        found.append((alice["points"], sorted(started())))

    assert found == [(5, ["keras", "reader"]), (5, []), (1, ["reader"])]
