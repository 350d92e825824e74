"""The report for spreadsheets, read back as a spreadsheet reads it."""

import csv
import io

import pytest

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.text import spreadsheet_cell
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.grades_csv import HEADER, CsvReport


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
    return list(csv.DictReader(io.StringIO(CsvReport().render(gradebook))))
