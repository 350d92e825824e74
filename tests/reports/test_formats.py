"""What holds for every report format."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports import FORMATS, PLAIN

GOLDEN = Path(__file__).parent / "golden"


def text_of(name: str, gradebook: Gradebook) -> str:
    files = FORMATS[name].render(gradebook, PLAIN)
    return "".join(part for file in files for part in file.text)


def test_the_formats_and_their_file_names_are_fixed() -> None:
    names = {name: format_.file_name for name, format_ in FORMATS.items()}

    assert names == {
        "json": "grades.json",
        "csv": "grades.csv",
        "totals": "totals.csv",
        "junit": "junit.xml",
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_report_is_as_it_was_read_and_approved(
    name: str, gradebook: Gradebook
) -> None:
    approved = (GOLDEN / FORMATS[name].file_name).read_text(encoding="utf-8")

    text = text_of(name, gradebook)

    assert text == approved


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_grades_give_the_same_text_whatever_order_mappings_have(
    name: str, gradebook: Gradebook
) -> None:
    runtimes = {
        "keras3": {"keras": "3.15.1", "tensorflow": "2.21.0"},
        "keras2": {"tf-keras": "2.21.0"},
    }
    one = replace(gradebook, runtimes=runtimes)
    other = _with_mappings_reversed(one)

    texts = {text_of(name, grades) for grades in (one, one, other)}

    assert len(texts) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_in_a_report_can_steer_a_terminal(
    name: str, hostile_gradebook: Gradebook
) -> None:
    text = text_of(name, hostile_gradebook)

    lines = text.split("\n")
    assert [line for line in lines if printable(line, limit=10**6) != line] == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_report_shows_that_models_were_not_isolated(
    name: str, gradebook: Gradebook
) -> None:
    isolated = text_of(name, gradebook)
    not_isolated = text_of(name, replace(gradebook, isolated=False))

    marks = {
        "json": '"isolated": false',
        "csv": ",no,yes,",
        "totals": ",yes,no,",
        "junit": "NOT ISOLATED:",
    }
    assert marks[name] not in isolated
    assert marks[name] in not_isolated


@pytest.mark.parametrize("name", ["csv", "junit"])
def test_what_only_the_grader_may_see_stays_out_of_what_candidates_see(
    name: str, gradebook: Gradebook
) -> None:
    text = text_of(name, gradebook)

    assert "OSError" not in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "csv",
            "submission,task,criterion,check,verdict,points,max_points,value,code,"
            "rationale,hint,isolated,complete,title,group,bonus,n,standard_error,"
            "borderline\n",
        ),
        (
            "junit",
            '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="x" tests="0" '
            'failures="0" errors="0" skipped="0" time="0.000" />\n',
        ),
        (
            "json",
            '{\n  "schema": 1,\n  "exam": "x",\n  "pass_mark": null,\n'
            '  "isolated": true,\n'
            '  "sandbox": null,\n  "complete": true,\n'
            '  "planned": 0,\n  "revealed": [],\n'
            '  "tool": {\n    "version": "1",\n    "runtimes": {}\n  },\n'
            '  "course": {},\n  "tasks": {},\n  "submissions": [],\n'
            '  "unmatched": [],\n  "notices": []\n}\n',
        ),
    ],
)
def test_a_run_without_submissions_still_has_a_report(name: str, expected: str) -> None:
    empty = Gradebook(exam="x", grades=(), isolated=True, version="1")

    assert text_of(name, empty) == expected


def _with_mappings_reversed(gradebook: Gradebook) -> Gradebook:
    runtimes = {
        name: dict(reversed(list(versions.items())))
        for name, versions in reversed(list(gradebook.runtimes.items()))
    }
    grades = tuple(_with_seconds_reversed(grade) for grade in gradebook.grades)
    return replace(gradebook, runtimes=runtimes, grades=grades)


def _with_seconds_reversed(grade: Grade) -> Grade:
    tasks = (
        replace(task, seconds=dict(reversed(list(task.seconds.items()))))
        for task in grade.tasks
    )
    return replace(grade, tasks=tuple(tasks))
