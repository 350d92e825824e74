"""What an exam file says of lateness."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.commands.exam_keys import EXAM_KEYS
from pytest_tfgrade.core.reckoning import LateRule, Taken
from pytest_tfgrade.core.submission import Clock
from pytest_tfgrade.rubric import read_exam
from pytest_tfgrade.rubric.lateness import LatePart

DUE = datetime(2025, 1, 31, 22, 59, tzinfo=UTC)
DAY = timedelta(days=1)
BANDS = ((timedelta(0), Decimal("0.1")), (DAY, Decimal("0.25")))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("bands: {1 day: 25%, 0: 10%}", LateRule(due=DUE, steps=BANDS)),
        ("bands: {0 min: 0.1, 24 h: 0.25}", LateRule(due=DUE, steps=BANDS)),
        (
            "{curve: {0 s: 10 %, 1 d: 25.0%}, grace: 1 h 30 min, of: possible}",
            LateRule(
                due=DUE,
                steps=BANDS,
                is_linear=True,
                grace=timedelta(minutes=90),
                taken=Taken.POSSIBLE,
            ),
        ),
        (
            "{bands: {0: 10%, 1 day: 25%}, clock: zip}",
            LateRule(due=DUE, steps=BANDS, clock=Clock.ZIP),
        ),
    ],
)
def test_an_exam_says_what_lateness_costs(
    tmp_path: Path, text: str, rule: LateRule
) -> None:
    exam = tmp_path / "exam.yaml"
    part = text if text.startswith("{") else f"{{{text}}}"
    exam.write_text(
        "exam: Sample exam\ntasks: [digits]\n"
        f"due: 2025-01-31 23:59 Europe/Berlin\nlate: {part}\n"
    )

    assert read_exam(exam).late == rule


def test_without_late_lateness_costs_nothing(tmp_path: Path) -> None:
    exam = tmp_path / "exam.yaml"
    exam.write_text("exam: Sample exam\ntasks: [digits]\ndue: 2025-01-31T23:59Z\n")

    assert read_exam(exam).late is None


def test_the_page_of_late_has_all_its_keys() -> None:
    page = next(page for page in EXAM_KEYS if page.name == "late")

    assert {each.name for each in page.parameters} == {*LatePart.model_fields}
