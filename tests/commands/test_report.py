"""``tfgrade report``: reports made later."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports import FORMATS, PLAIN
from pytest_tfgrade.reports.reading import read_gradebook

Run = Callable[..., Any]


def text_of(name: str, gradebook: Gradebook) -> str:
    [file] = FORMATS[name].render(gradebook, PLAIN)
    return "".join(file.text)


@pytest.fixture
def book(tmp_path: Path) -> Gradebook:
    """Write grades, of a criterion that is hidden until the due date; return them."""
    result = CriterionResult(
        id="size",
        title="The model is small",
        check="model.params",
        verdict=Verdict.FAILED,
        points=Decimal(0),
        max_points=Decimal(2),
        rationale="15 parameters, required <= 9",
        visibility=Visibility.AFTER_DUE_DATE,
    )
    task = TaskGrade(id="digits", criteria=(result,), max_points=Decimal(2))
    grade = Grade(id="alice", tasks=(task,), pass_mark=None)
    book = Gradebook(exam="E", grades=(grade,), isolated=True, version="1")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "grades.json").write_text(text_of("json", book))
    return book


def test_a_report_is_written_beside_the_grades(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    ran = run("report", "out/grades.json", "--format=csv", "--format", "junit")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "wrote grades.csv, junit.xml to out\n"
    assert (tmp_path / "out" / "grades.csv").read_text() == text_of("csv", book)


def test_grades_json_itself_stays_as_it_is(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    before = (tmp_path / "out" / "grades.json").stat().st_mtime_ns

    run("report", "out", "--format=csv")

    assert (tmp_path / "out" / "grades.json").stat().st_mtime_ns == before


def test_a_file_that_cannot_be_written_takes_no_other_report_along(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    """A folder stands where the file would; it holds for root, too."""
    (tmp_path / "out" / "grades.csv").mkdir()

    ran = run("report", "out", "--format=csv", "--format=junit")

    assert (ran.status, ran.out) == (4, "")
    assert ran.err.startswith("the report 'csv' was not written: ")
    assert (tmp_path / "out" / "junit.xml").read_text() == text_of("junit", book)


def test_another_folder_is_made(run: Run, book: Gradebook, tmp_path: Path) -> None:
    ran = run("report", "out", "--format=csv", "--to=deep/in")

    assert ran.out == "wrote grades.csv to deep/in\n"
    assert [path.name for path in (tmp_path / "deep/in").iterdir()] == ["grades.csv"]


def test_what_is_hidden_for_now_is_revealed_later(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    run("report", "out", "--format=csv")
    hidden = (tmp_path / "out" / "grades.csv").read_text()

    run("report", "out", "--format=csv", "--reveal=after_due_date")

    shown = (tmp_path / "out" / "grades.csv").read_text()
    revealed = frozenset({Visibility.AFTER_DUE_DATE})
    assert hidden == text_of("csv", book)
    assert shown == text_of("csv", replace(book, revealed=revealed))
    assert "required <= 9" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["nowhere", "--format=csv"],
            "nowhere: there is no such file; give grades.json of a run, or the folder "
            "of its reports",
        ),
        (
            ["out", "--format=csv", "--candidate=alcie"],
            "--candidate alcie: no such submission; did you mean 'alice'?",
        ),
        (
            ["out", "--format=json", "--candidate=alice"],
            "--candidate: grades.json is written anew, and is of the whole run; leave "
            "--candidate out, and give it afterwards",
        ),
        (
            ["out", "--format=cvs"],
            "--format cvs: no such report; did you mean 'csv'?",
        ),
        (
            ["out", "--format=html", "--lang=?"],
            "--lang ?: is no language; write a tag, as en or zh",
        ),
        (
            ["out", "--format=csv", "--to=out/grades.json"],
            "--to out/grades.json: cannot be written to; File exists",
        ),
        (
            ["out", "--format=canvas", "--fill=image.png"],
            "--fill image.png: byte 1 is no UTF-8; export it again, as CSV in UTF-8",
        ),
    ],
)
def test_a_mistake_in_the_call_is_told(
    run: Run, book: Gradebook, tmp_path: Path, words: list[str], message: str
) -> None:
    (tmp_path / "image.png").write_bytes(b"\x89PNG")

    ran = run("report", *words)

    assert (ran.status, ran.out, ran.err) == (2, "", f"{message}\n")


def test_one_candidate_can_be_reported_alone(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    bob = replace(book.grades[0], id="bob")
    both = replace(book, grades=(*book.grades, bob))
    (tmp_path / "out" / "grades.json").write_text(text_of("json", both))

    run("report", "out", "--format=csv", "--candidate=b*")

    alone = replace(both, grades=(bob,))
    assert (tmp_path / "out" / "grades.csv").read_text() == text_of("csv", alone)


OVERRIDES = """\
- submission: alice
  task: digits
  criterion: size
  points: 1.5
  comment: Nearly.
  by: ada
  at: 2026-11-22
  why: the bound was announced as 20
"""


def test_points_that_a_person_gives_later_are_in_grades_json_and_all_else(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    (tmp_path / "overrides.yaml").write_text(OVERRIDES)

    ran = run("report", "out", "--format=csv", "--overrides=overrides.yaml")

    assert ran.out == "wrote grades.json, grades.csv to out\n"
    read = read_gradebook(tmp_path / "out")
    [criterion] = read.grades[0].tasks[0].criteria
    assert (criterion.raw, criterion.points) == (Decimal(0), Decimal("1.5"))
    assert (tmp_path / "out" / "grades.csv").read_text() == text_of("csv", read)


def test_an_override_that_is_withdrawn_leaves_the_machine_s_points(
    run: Run, book: Gradebook, tmp_path: Path
) -> None:
    (tmp_path / "overrides.yaml").write_text(OVERRIDES)
    run("report", "out", "--format=csv", "--overrides=overrides.yaml")
    (tmp_path / "overrides.yaml").write_text("[]\n")

    run("report", "out", "--format=csv", "--overrides=overrides.yaml")

    written = (tmp_path / "out" / "grades.json").read_text()
    assert written == text_of("json", book)
