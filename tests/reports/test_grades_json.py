"""The canonical report, read back as a program reads it."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports import PLAIN
from pytest_tfgrade.reports.grades_json import JsonReport

LEVELS = 3  # submission, task and criterion


def text_of(gradebook: Gradebook) -> str:
    [file] = JsonReport().render(gradebook, PLAIN)
    return "".join(file.text)


@pytest.mark.parametrize(
    ("points", "written"),
    [("5.0", "5"), ("21.50", "21.5"), ("0.00", "0"), ("1E+2", "100"), ("0.1", "0.1")],
)
def test_points_are_written_without_noise(points: str, written: str) -> None:
    text = text_of(_one_criterion(points=Decimal(points)))

    assert text.count(f'"points": {written},\n') == LEVELS


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(0.1 + 0.2, "0.3", id="float-noise-is-rounded-away"),
        pytest.param(0.87123456, "0.871235", id="six-digits-stay"),
        pytest.param(1.0, "1", id="whole-numbers-have-no-fraction"),
        pytest.param(-0.0, "0", id="zero-has-no-sign"),
        pytest.param(1e300, "1e+300", id="huge-numbers-stay-short"),
        pytest.param(float("nan"), "null", id="nan-is-no-value"),
        pytest.param(float("-inf"), "null", id="infinity-is-no-value"),
        pytest.param(None, "null", id="nothing-was-measured"),
    ],
)
def test_measured_values_have_six_digits_and_are_finite(
    value: float | None, written: str
) -> None:
    text = text_of(_one_criterion(value=value))

    assert f'"value": {written},\n' in text


def test_two_runs_differ_in_nothing_but_times(gradebook: Gradebook) -> None:
    first = text_of(_timed(gradebook, 0.0401)).splitlines()
    second = text_of(_timed(gradebook, 7.9876)).splitlines()

    differing = {
        (one.strip(), other.strip())
        for one, other in zip(first, second, strict=True)
        if one != other
    }
    assert differing == {('"load": 0.04', '"load": 7.988')}


def test_the_grader_reads_the_detail_line_by_line() -> None:
    detail = "Traceback:\n  \x1b[31mred\u202e\r\nOSError: no space\n"

    criterion = _read(_one_criterion(detail=detail))

    assert criterion["detail"] == (
        "Traceback:\n  \\x1b[31mred\\u202e\nOSError: no space"
    )


def test_a_criterion_without_detail_has_no_such_key() -> None:
    criterion = _read(_one_criterion())

    assert list(criterion) == [
        "id",
        "title",
        "check",
        "verdict",
        "points",
        "max_points",
        "group",
        "bonus",
        "value",
        "rationale",
        "hint",
        "visibility",
        "skills",
    ]


def test_text_beyond_ascii_is_written_as_it_is() -> None:
    text = text_of(_one_criterion(rationale="Größe 模型 אב"))

    assert '"rationale": "Größe 模型 אב"' in text


def test_hostile_text_comes_back_printable_and_changes_no_structure(
    hostile_gradebook: Gradebook, hostile: str
) -> None:
    document = json.loads(text_of(hostile_gradebook))

    safe = printable(hostile)
    [submission] = document["submissions"]
    [task] = submission["tasks"]
    assert document["exam"] == document["tool"]["version"] == safe
    assert document["tool"]["runtimes"] == {safe: {safe: safe}}
    assert document["unmatched"] == [safe]
    assert submission["id"] == task["id"] == task["code"] == safe
    assert task["artifact"] == {
        "path": safe,
        "format": safe,
        "sha256": safe,
        "bytes": 1,
        "source": safe,
    }
    assert task["run"] == {"runtime": safe, "repairs": [safe], "adapted": [safe]}
    assert [criterion["verdict"] for criterion in task["criteria"]] == list(Verdict)
    assert {criterion["skills"][0] for criterion in task["criteria"]} == {safe}


def test_a_partial_run_says_so(gradebook: Gradebook) -> None:
    alice, bob = gradebook.grades
    cut = replace(bob.tasks[0], criteria=bob.tasks[0].criteria[:1], planned=9)
    grades = (alice, replace(bob, tasks=(cut,)))

    document = json.loads(text_of(replace(gradebook, grades=grades)))

    assert document["complete"] is False
    assert document["submissions"][1]["passed"] is None


def _one_criterion(**changes: Any) -> Gradebook:
    criterion = CriterionResult(
        id="accuracy",
        check="predict.metric",
        verdict=Verdict.PASSED,
        points=Decimal(1),
        max_points=Decimal(200),
        rationale="good",
    )
    changed = replace(criterion, **changes)

    task = TaskGrade(id="digits", criteria=(changed,), max_points=Decimal(200))
    grade = Grade(id="alice", tasks=(task,), pass_mark=None)
    return Gradebook(exam="x", grades=(grade,), isolated=True, version="1")


def _read(gradebook: Gradebook) -> dict[str, Any]:
    document = json.loads(text_of(gradebook))
    criterion: dict[str, Any] = document["submissions"][0]["tasks"][0]["criteria"][0]
    return criterion


def _timed(gradebook: Gradebook, seconds: float) -> Gradebook:
    grade = gradebook.grades[0]
    task = replace(grade.tasks[0], seconds={"load": seconds})
    return replace(gradebook, grades=(replace(grade, tasks=(task,)),))
