"""Grades from results as they come in."""

from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.isolation import Profile
from pytest_tfgrade.core.submission import Submission
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine import read_course
from pytest_tfgrade.ledger import Entry, Ledger, Making
from pytest_tfgrade.reports import FORMATS, PLAIN
from pytest_tfgrade.reports.reading import parse_gradebook


def text_of(name: str, ledger: Ledger) -> str:
    [file] = FORMATS[name].render(ledger.gradebook(), PLAIN)
    return "".join(file.text)


@pytest.fixture
def ledger(course: Path) -> Ledger:
    """Return what knows one criterion, of a model that ran."""
    found = read_course(course / "rubrics", course / "data")
    ledger = Ledger(found, [Submission(id="alice", found={})])
    result = CriterionResult(
        id="file",
        check="file",
        verdict=Verdict.PASSED,
        points=Decimal(1),
        max_points=Decimal(1),
        rationale="a file",
    )
    making = Making(
        artifact=None,
        seconds={"predict": 0.0004, "load": 0.0004},
        run=None,
        runtimes={},
        sandbox=Profile.FULL,
        origin=None,
        recalled=False,
        portrait=None,
    )
    ledger.note(Entry(submission="alice", task="flat", result=result, making=making))
    return ledger


def test_times_add_up_to_the_same_in_a_run_and_in_reports_made_later(
    ledger: Ledger,
) -> None:
    later = parse_gradebook(text_of("json", ledger), "grades.json")

    [file] = FORMATS["junit"].render(later, PLAIN)
    assert "".join(file.text) == text_of("junit", ledger)
