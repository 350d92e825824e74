"""The shipped exam: every example candidate gets what its maker intended."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXPECTED = yaml.safe_load((ROOT / "examples/submissions.expected.yaml").read_text())
CASES = [(name, task) for name, tasks in EXPECTED.items() for task in tasks]

Run = tuple[Path, list[str]]


def run(report: Path, *arguments: str) -> Run:
    """Grade the examples in a process of their own, and say what it imported."""
    code = (
        "import sys, pytest; status = pytest.main(sys.argv[1:]); "
        "print('imported', {'tensorflow', 'keras', 'h5py'} & set(sys.modules)); "
        "print('status', int(status))"
    )
    command = [sys.executable, "-c", code, "--tfgrade", "examples/submissions"]
    done = subprocess.run(
        [*command, "--tfgrade-report", str(report), *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    return report, done.stdout.splitlines()


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Run:
    report = tmp_path_factory.mktemp("two") / "out"
    return run(report, "--tfgrade-workers", "2", "-q", "examples/custom_tests")


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("one") / "out", "--tfgrade-workers", "1", "-q")


@pytest.fixture(scope="module")
def grades(two_workers: Run) -> dict[str, dict[str, Any]]:
    text = (two_workers[0] / "grades.json").read_text(encoding="utf-8")
    return {
        submission["id"]: submission for submission in json.loads(text)["submissions"]
    }


def test_every_candidate_and_no_other_is_graded(
    grades: dict[str, dict[str, Any]],
) -> None:
    assert list(grades) == sorted(EXPECTED)
    assert all(
        [task["id"] for task in grade["tasks"]]
        == ["linear", "digits", "images", "text", "series"]
        for grade in grades.values()
    )


@pytest.mark.parametrize(("candidate", "task"), CASES)
def test_a_task_gets_what_its_maker_intended(
    grades: dict[str, dict[str, Any]], candidate: str, task: str
) -> None:
    graded = next(t for t in grades[candidate]["tasks"] if t["id"] == task)

    got = {key: graded[key] for key in ("result", "code", "points")}

    assert got == {"code": None, **EXPECTED[candidate][task]}


def test_only_the_candidate_with_all_points_passes(
    grades: dict[str, dict[str, Any]],
) -> None:
    assert [name for name, grade in grades.items() if grade["passed"]] == ["alice"]


def test_every_lost_point_has_a_reason_and_a_way_out(
    grades: dict[str, dict[str, Any]],
) -> None:
    for grade in grades.values():
        for task in grade["tasks"]:
            losing = [c for c in task["criteria"] if c["points"] < c["max_points"]]
            assert all(criterion["rationale"] for criterion in losing)
            if losing:
                assert any(criterion["hint"] for criterion in task["criteria"])


def test_grades_show_what_a_model_predicted_and_what_it_is_made_of(
    grades: dict[str, dict[str, Any]],
) -> None:
    portraits = {t["id"]: t["portrait"] for t in grades["bob"]["tasks"]}

    shown = {
        task: [picture["kind"] for picture in portrait["pictures"]]
        for task, portrait in portraits.items()
    }
    digits, series = portraits["digits"], portraits["series"]
    (confusion,), (_, forecast) = digits["pictures"], series["pictures"]
    assert shown == {
        "linear": ["errors", "forecast"],
        "digits": ["confusion"],
        "images": ["confusion"],
        "text": ["confusion"],
        "series": ["errors", "forecast"],
    }
    assert confusion["labels"][:3] == ["zero", "one", "two"]
    assert sum(map(sum, confusion["counts"])) == 500
    assert (forecast["steps"], len(forecast["predicted"])) == (12, 192)
    assert [layer["kind"] for layer in digits["architecture"]["layers"]] == [
        *("InputLayer", "Rescaling", "Flatten", "Dense", "Dense"),
    ]


def test_one_worker_and_two_write_the_same_bytes_times_aside(
    one_worker: Run, two_workers: Run
) -> None:
    for name in ("grades.json", "grades.csv", "junit.xml"):
        one, two = (
            "\n".join(_without_times((run[0] / name).read_text(encoding="utf-8")))
            for run in (one_worker, two_workers)
        )
        assert one == two, name


def test_the_pytest_process_never_imports_tensorflow(
    one_worker: Run, two_workers: Run
) -> None:
    for _, lines in (one_worker, two_workers):
        assert lines[-2:] == ["imported set()", "status 1"]


def test_a_graders_own_tests_run_once_for_every_submission(two_workers: Run) -> None:
    verdicts = [line for line in two_workers[1] if "test_own_questions.py" in line]

    own = [line for line in verdicts if line.startswith("FAILED")]
    assert len(own) >= 1
    assert any("test_every_digit_is_predicted_at_least_once[heidi]" in o for o in own)
    assert not any("[alice]" in line for line in own)


def test_the_readme_shows_the_table_as_it_is(one_worker: Run) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(readme) if line.startswith("submission  "))

    shown = readme[first : first + 1 + len(EXPECTED)]

    lines = one_worker[1]
    assert lines[lines.index(shown[0]) :][: len(shown)] == shown


def _without_times(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not re.match(r' *"(load|predict)": ', line):
            yield re.sub(r' time="[^"]*"', "", line)
