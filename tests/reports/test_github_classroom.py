"""Points for GitHub Classroom, read back as its reporter and the website read them."""

import base64
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.github_classroom import GithubClassroomReport
from pytest_tfgrade.reports.interface import PLAIN, Destination

TEXT = {"type": "string", "maxLength": 500}

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "status", "max_score", "tests"],
    "properties": {
        "version": {"const": 3},
        "status": {"enum": ["pass", "fail", "error"]},
        "message": {"type": "string"},
        "max_score": {"type": "integer", "minimum": 0},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [
                    *("name", "status", "message", "test_code", "task_id"),
                    *("filename", "line_no", "duration", "score"),
                ],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "status": {"enum": ["pass", "fail", "error"]},
                    "message": TEXT,
                    "output": TEXT,
                    "test_code": {"type": "string"},
                    "task_id": {"type": "integer"},
                    "filename": {"type": "string"},
                    "line_no": {"type": "integer"},
                    "duration": {"type": "number"},
                    "score": {"type": "integer"},
                },
            },
        },
    },
}
"""What a runner of Classroom hands to its reporter; whole points, as said by us."""


def reported(result: dict[str, Any]) -> tuple[int, int] | None:
    """Return the points that Classroom's reporter tells the website, if any.

    It leaves out runners without points, and is silent if there are no points at all.
    """
    if not result["max_score"]:
        return None
    return sum(test["score"] for test in result["tests"]), result["max_score"]


def noticed(log: str) -> tuple[int, int] | None:
    """Return the points that the website takes from the notices of a run."""
    found = re.findall(r"^::notice title=Autograding report::(.*)$", log, re.MULTILINE)
    if not found:
        return None
    [points] = map(json.loads, found)
    total, most = points["totalPoints"], points["maxPoints"]
    line = f"::notice title=Autograding complete::Points {total}/{most}\n"
    assert line in log
    return total, most


def test_each_file_goes_where_github_looks_for_it(rich: Gradebook) -> None:
    places = {file.name: file.destination for file in _render(rich)}

    assert places == {
        "github-classroom/result.json": Destination.NOWHERE,
        "github-classroom/output.txt": Destination.GITHUB_OUTPUT,
        "github-classroom/notices.txt": Destination.LOG,
    }


def test_the_output_is_one_line_that_holds_the_result(rich: Gradebook) -> None:
    result, output, _ = ("".join(file.text) for file in _render(rich))

    match = re.fullmatch(r"result=([A-Za-z0-9+/=]+)\n", output)
    assert match
    assert base64.b64decode(match[1]).decode() == result
    assert "\n" not in result


def test_points_after_lateness_and_by_hand_reach_the_website_both_ways(
    rich: Gradebook,
) -> None:
    by_hand = Override(points=Decimal(9), comment="On paper.", by="", at="", why="")
    given = replace(rich, grades=(replace(rich.grades[0], override=by_hand),))

    late, late_log = _read(rich)
    result, log = _read(given)

    assert reported(late) == noticed(late_log) == (8, 21)
    assert reported(result) == noticed(log) == (9, 21)
    assert [test["name"] for test in result["tests"]][-2:] == [
        "late",
        "changed by hand",
    ]
    assert result["tests"][-1]["message"] == "On paper."


def test_while_a_score_is_open_no_points_are_told(gradebook: Gradebook) -> None:
    bob = replace(gradebook, grades=gradebook.grades[1:])

    result, log = _read(bob)

    assert reported(result) is noticed(log) is None
    assert result["status"] == "error"
    assert [test["status"] for test in result["tests"]] == [
        *("fail", "fail", "pass", "error")
    ]
    assert {test["score"] for test in result["tests"]} == {0}
    assert log == (
        "::warning title=tfgrade::the grader could not finish: no points are told to "
        "GitHub Classroom\n"
    )


def test_a_person_may_close_an_open_score(gradebook: Gradebook) -> None:
    by_hand = Override(points=Decimal(7), by="", at="", why="")
    bob = replace(gradebook.grades[1], override=by_hand)

    result, log = _read(replace(gradebook, grades=(bob,)))

    assert reported(result) == noticed(log) == (7, 10)


@given(
    points=st.lists(st.decimals("0", "9", places=2), max_size=9),
    weight=st.sampled_from([Decimal(1), Decimal("1.5"), Decimal("0.33")]),
)
def test_whole_points_add_up_to_the_rounded_total(
    points: list[Decimal], weight: Decimal
) -> None:
    criteria = tuple(
        CriterionResult(
            id=f"c{place}",
            check="x",
            verdict=Verdict.PARTIAL,
            points=earned,
            max_points=Decimal(9),
            rationale="so it is",
        )
        for place, earned in enumerate(points)
    )
    most = Decimal(9 * len(points) + 4)
    task = TaskGrade(id="t", criteria=criteria, max_points=most, weight=weight)
    grade = Grade(id="a", tasks=(task,), pass_mark=None)
    book = Gradebook(exam="x", grades=(grade,), isolated=True, version="1")

    result, log = _read(book)

    assert reported(result) == noticed(log)
    told = sum(test["score"] for test in result["tests"])
    assert abs(told - weight * sum(points)) <= Decimal("0.5")
    for test, earned in zip(result["tests"], points, strict=True):
        assert abs(test["score"] - weight * earned) < 1
        assert test["message"].startswith(f"{earned.normalize():f}/9 points: ")


def test_a_task_is_not_told_below_zero(rich: Gradebook) -> None:
    grade = rich.grades[0]
    penalty = grade.tasks[0].criteria[-1]
    task = replace(grade.tasks[0], criteria=(penalty,))
    grades = (replace(grade, tasks=(task,), penalty=None),)

    result, log = _read(replace(rich, grades=grades))

    assert [test["name"] for test in result["tests"]] == [
        "digits::too-many-layers",
        "digits::no less than 0",
    ]
    assert reported(result) == noticed(log) == (0, 21)


def test_every_result_says_that_models_were_not_isolated(rich: Gradebook) -> None:
    result, log = _read(replace(rich, isolated=False))

    assert result["message"].startswith("NOT ISOLATED: ")
    assert log.startswith("::warning title=tfgrade::NOT ISOLATED: ")
    assert reported(result) == noticed(log) == (8, 21)


def test_hostile_texts_are_cut_and_stay_in_their_place(
    hostile_gradebook: Gradebook,
) -> None:
    result, log = _read(hostile_gradebook)

    assert len(result["tests"]) == 5
    texts = [test[key] for test in result["tests"] for key in ("name", "message")]
    lines = [line for text in texts for line in text.splitlines()]
    assert len(lines) == len(texts)
    assert not [line for line in lines if line.lstrip().startswith(("::", "##["))]
    assert log.count("\n") == 1


@pytest.mark.parametrize("number", [0, 2, 300])
def test_any_other_number_of_submissions_is_refused_before_anything_is_written(
    gradebook: Gradebook, number: int
) -> None:
    grades = (gradebook.grades[0],) * number
    files = GithubClassroomReport().render(replace(gradebook, grades=grades), PLAIN)

    with pytest.raises(UsageError) as raised:
        next(files)

    assert str(raised.value) == (
        f"the report github-classroom: takes one submission, got {number}; choose "
        "one by --tfgrade-candidate (tfgrade report: --candidate)"
    )


def _render(gradebook: Gradebook) -> list[Any]:
    return list(GithubClassroomReport().render(gradebook, PLAIN))


def _read(gradebook: Gradebook) -> tuple[dict[str, Any], str]:
    """Return the result as the reporter reads it, once it has proved valid; the log."""
    _, output, log = ("".join(file.text) for file in _render(gradebook))
    encoded = output.removeprefix("result=")
    result = json.loads(base64.b64decode(encoded))
    jsonschema.validate(result, SCHEMA)
    return result, log
