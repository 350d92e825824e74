"""The report for spreadsheets, read back as a spreadsheet reads it."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.text import spreadsheet_cell
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.grades_csv import HEADER, CsvReport
from pytest_tfgrade.reports.interface import PLAIN


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('=HYPERLINK("http://evil")', '\'=HYPERLINK("http://evil")'),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        pytest.param("\t=1", "\\t=1", id="a-tab-in-front-is-escaped"),
        pytest.param("\r=1", "\\r=1", id="a-return-in-front-is-escaped"),
        pytest.param("  =1+1", "'  =1+1", id="blanks-in-front-do-not-help"),
        pytest.param("\uff1d1+1", "'\uff1d1+1", id="full-width-signs-are-signs"),
        pytest.param("a;=1+1", "a;'=1+1", id="a-semicolon-ends-no-cell"),
        pytest.param("a; +1", "a; '+1", id="nor-does-one-with-a-blank"),
        pytest.param("-", "'-", id="a-lone-sign-is-no-number"),
        pytest.param("-\u0663", "'-\u0663", id="only-ascii-digits-are-numbers"),
    ],
)
def test_what_could_be_a_formula_is_shown_as_text(content: str, shown: str) -> None:
    assert spreadsheet_cell(content) == shown


@pytest.mark.parametrize("content", ["-5", "-0.5", "1e-05", "-1e+20", "0.87", ""])
def test_plain_numbers_stay_numbers(content: str) -> None:
    assert spreadsheet_cell(content) == content


@pytest.mark.parametrize("content", ["alice", "a=b", "a-b", "it's", "Größe 模型"])
def test_ordinary_text_stays_as_it_is(content: str) -> None:
    assert spreadsheet_cell(content) == content


def test_an_open_score_is_an_empty_cell(gradebook: Gradebook) -> None:
    rows = _read(gradebook)

    opened = [row for row in rows if row["verdict"] == Verdict.ERROR]
    assert [(row["points"], row["max_points"]) for row in opened] == [("", "4")]


def test_the_points_of_a_submission_add_up(gradebook: Gradebook) -> None:
    rows = _read(gradebook)

    points = sum(float(row["points"]) for row in rows if row["submission"] == "alice")
    assert points == float(gradebook.grades[0].points or 0)


def test_points_that_a_person_gave_stand_beside_those_of_the_machine(
    gradebook: Gradebook,
) -> None:
    said = Override(
        points=Decimal(3),
        raw=Decimal("2.50"),
        comment="Nearly there.",
        by="Prof",
        at="2026-05-05",
        why="a secret",
    )
    alice = gradebook.grades[0]
    shape, accuracy = alice.tasks[0].criteria
    changed = replace(accuracy, points=Decimal(3), override=said)
    task = replace(alice.tasks[0], criteria=(shape, changed))

    rows = _read(replace(gradebook, grades=(replace(alice, tasks=(task,)),)))

    names = ("points", "raw", "override", "comment")
    assert [[row[name] for name in names] for row in rows] == [
        ["1", "1", "", ""],
        ["3", "2.5", "3", "Nearly there."],
    ]
    assert "a secret" not in str(rows)


def test_columns_are_only_added_at_the_end() -> None:
    assert HEADER[:8] == (
        *("submission", "task", "criterion", "check", "verdict"),
        *("points", "max_points", "value"),
    )
    assert HEADER[8:] == (
        *("code", "rationale", "hint", "isolated", "complete", "title", "group"),
        *("bonus", "n", "standard_error", "borderline", "raw", "override", "comment"),
    )


def test_hostile_text_neither_computes_nor_breaks_out_of_its_cell(
    hostile_gradebook: Gradebook,
) -> None:
    rows = _read(hostile_gradebook)

    assert [row["verdict"] for row in rows] == list(Verdict)
    assert {len(row) for row in rows} == {len(HEADER)}
    assert {text[0] for row in rows for text in row.values() if text} <= set(
        "'01efnpsy"
    )
    assert {row["submission"][:11] for row in rows} == {"'=HYPERLINK"}


def _read(gradebook: Gradebook) -> list[dict[str, str]]:
    (file,) = CsvReport().render(gradebook, PLAIN)
    return list(csv.DictReader(io.StringIO("".join(file.text))))
