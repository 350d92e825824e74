"""Grades that come back from their file as they were."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.reports import FORMATS, PLAIN
from pytest_tfgrade.reports.grades_json import JsonReport
from pytest_tfgrade.reports.reading import parse_gradebook, read_gradebook

NEEDING = {"canvas", "moodle", "gradescope", "github-classroom"}
"""Formats that need a file of the platform's, or take one submission alone."""

WITHOUT_MORE = [name for name in FORMATS if name not in NEEDING]


def text_of(gradebook: Gradebook) -> str:
    [file] = JsonReport().render(gradebook, PLAIN)
    return "".join(file.text)


def files_of(name: str, gradebook: Gradebook) -> dict[str, str]:
    files = FORMATS[name].render(gradebook, PLAIN)
    return {file.name: "".join(file.text) for file in files}


def changed(gradebook: Gradebook, change: Callable[[dict[str, Any]], object]) -> str:
    tree = json.loads(text_of(gradebook))
    change(tree)
    return json.dumps(tree)


@pytest.mark.parametrize("which", ["gradebook", "rich", "hostile_gradebook"])
@pytest.mark.parametrize("name", WITHOUT_MORE)
def test_a_report_made_later_has_the_bytes_of_the_run_s_own(
    name: str, which: str, request: pytest.FixtureRequest
) -> None:
    grades = request.getfixturevalue(which)

    read = parse_gradebook(text_of(grades), "grades.json")

    # What is hostile was made printable as it was written, and is read so.
    again = parse_gradebook(text_of(read), "grades.json")
    whole = read if which == "hostile_gradebook" else grades
    assert files_of(name, again) == files_of(name, whole)


def test_blank_lines_at_the_end_of_a_detail_are_in_no_report(
    gradebook: Gradebook,
) -> None:
    def told(detail: str) -> Gradebook:
        task = gradebook.grades[0].tasks[0]
        criterion = replace(task.criteria[0], detail=detail)
        grade = replace(
            gradebook.grades[0], tasks=(replace(task, criteria=(criterion,)),)
        )
        return replace(gradebook, grades=(grade,))

    read = parse_gradebook(text_of(told("a\r\nb\n\n")), "grades.json")

    assert text_of(read) == text_of(told("a\nb"))
    assert files_of("cohort", read) == files_of("cohort", told("a\r\nb\n\n"))


def test_all_that_a_run_knows_comes_back(rich: Gradebook) -> None:
    assert parse_gradebook(text_of(rich), "grades.json") == rich


def test_an_override_of_a_whole_submission_comes_back(rich: Gradebook) -> None:
    override = Override(
        points=Decimal(3), raw=Decimal(9), by="ada", at="2026-11-22", why="by hand"
    )
    grade = replace(rich.grades[0], override=override)
    grades = replace(rich, grades=(grade,))

    read = parse_gradebook(text_of(grades), "grades.json")

    assert read == grades
    assert read.grades[0].points == Decimal(3)


def test_the_folder_of_the_reports_will_do(rich: Gradebook, tmp_path: Path) -> None:
    (tmp_path / "grades.json").write_text(text_of(rich), encoding="utf-8")

    assert read_gradebook(tmp_path) == rich


def test_points_that_were_changed_by_hand_are_refused(rich: Gradebook) -> None:
    def change(tree: dict[str, Any]) -> None:
        tree["submissions"][0]["points"] = 99
        tree["submissions"][0]["tasks"][0]["points"] = 66

    with pytest.raises(UsageError) as caught:
        parse_gradebook(changed(rich, change), "grades.json")

    remedy = "change grades by --tfgrade-overrides, which keeps who did it and why"
    assert str(caught.value).splitlines() == [
        f"grades.json: alice: says 99 points, its parts make 7.765; {remedy}",
        f"grades.json: alice: digits: says 66 points, its parts make 5.75; {remedy}",
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda tree: tree.update(schema=2),
            "grades.json: written in schema 2, this version reads 1; use the "
            "pytest-tfgrade that wrote it",
        ),
        (
            lambda tree: tree.pop("schema"),
            "grades.json: no schema says that these are grades; use the "
            "pytest-tfgrade that wrote it",
        ),
        (
            lambda tree: tree.pop("submissions"),
            "grades.json: a part is missing, or not of the kind that it should be; "
            "give the file as a run wrote it",
        ),
        (
            lambda tree: tree["submissions"].append(tree["submissions"][0]),
            "grades.json: submission 'alice' is there twice; give the file as a run "
            "wrote it",
        ),
        (
            lambda tree: tree["submissions"][0].pop("points"),
            "grades.json: alice: says no points, its parts make 7.765; change grades "
            "by --tfgrade-overrides, which keeps who did it and why",
        ),
        (
            lambda tree: tree["submissions"][0]["tasks"][0].update(max_points="many"),
            "grades.json: submissions.0.tasks.0.max_points: input should be a valid "
            "decimal; give the file as a run wrote it",
        ),
    ],
)
def test_a_file_that_no_run_wrote_is_refused(
    rich: Gradebook, change: Callable[[dict[str, Any]], object], problem: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_gradebook(changed(rich, change), "grades.json")

    assert str(caught.value) == problem


@pytest.mark.parametrize("text", ["", "[" * 100_000, "no json", '{"schema": 1'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^grades\.json: is no JSON, .+; give the"):
        parse_gradebook(text, "grades.json")
