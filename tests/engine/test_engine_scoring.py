"""From what a check found to points, reasons and evidence."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from pytest_tfgrade.core.criterion import Measured, PublicPart
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.scale import Cases, Curve, PassMark
from pytest_tfgrade.core.threshold import Direction, Threshold
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.engine.scoring import (
    Score,
    score_cases,
    score_evidence,
    score_finding,
    score_measurement,
)

HIGHER = Direction.HIGHER_IS_BETTER
PASS = PassMark(Threshold(Decimal("0.8"), HIGHER), Decimal(5))
SPREAD = Uncertainty(n=100, standard_error=0.04, interval=(0.7, 0.9))


def accuracy(value: float, public: float | None = None) -> Measurement:
    """Return a value, of a dataset with a public part if one is given."""
    shown = None
    if public is not None:
        shown = replace(
            accuracy(public), uncertainty=replace(SPREAD, n=40), public=None
        )
    return Measurement(
        name="accuracy",
        value=value,
        direction=HIGHER,
        uncertainty=SPREAD,
        public=shown,
        hint="Train longer.",
    )


def test_evidence_earns_all_points() -> None:
    measured = Measured(rationale="2 layers", value=2.0, detail="conv, conv_1")

    assert score_evidence(measured, Decimal(3)) == Score(
        met=True,
        points=Decimal(3),
        rationale="2 layers",
        value=2.0,
        detail="conv, conv_1",
    )


def test_a_finding_earns_nothing_or_what_it_says() -> None:
    finding = CheckFailed("1 layer", hint="Add one.", value=1.0, detail="conv")
    partly = CheckFailed("1 layer", points=Decimal("0.5"))

    assert score_finding(finding) == Score(
        met=False,
        points=Decimal(0),
        rationale="1 layer",
        hint="Add one.",
        value=1.0,
        detail="conv",
    )
    assert score_finding(partly).points == Decimal("0.5")


def test_a_value_is_scored_with_all_that_is_known_of_it() -> None:
    measured = replace(accuracy(0.7899999), context="upside down", detail="row 7")

    assert score_measurement(measured, PASS) == Score(
        met=False,
        points=Decimal(0),
        rationale="accuracy 0.79 < 0.8, upside down",
        hint="Train longer.",
        value=0.79,
        detail="row 7",
        uncertainty=SPREAD,
        borderline=True,
    )


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_not_reported_as_one(value: float) -> None:
    score = score_measurement(accuracy(value), PASS)

    assert (score.met, score.points, score.value) == (False, 0, None)
    assert score.rationale == f"accuracy is {value}, required >= 0.8"


def test_points_are_of_the_final_part_and_words_of_the_public_part() -> None:
    score = score_measurement(accuracy(0.75, public=0.9), PASS)

    assert score == Score(
        met=False,
        points=Decimal(0),
        rationale="accuracy 0.9 >= 0.8 on the public part "
        "(other rows decide the points)",
        hint="Train longer.",
        value=0.75,
        detail="final part: accuracy 0.75 < 0.8",
        uncertainty=SPREAD,
        public=PublicPart(value=0.9, points=Decimal(5), n=40),
    )


def test_a_poor_public_part_costs_nothing() -> None:
    score = score_measurement(accuracy(0.85, public=0.1), PASS)

    assert (score.met, score.points) == (True, Decimal(5))
    assert score.rationale == (
        "accuracy 0.1 < 0.8 on the public part (other rows decide the points)"
    )


def test_nothing_is_rounded_up_to_all_points() -> None:
    curve = Curve({Decimal(0): Decimal("0.5"), Decimal(5): Decimal("0.9")}, HIGHER)

    score = score_measurement(accuracy(0.8995), curve)

    assert (score.met, score.points) == (False, Decimal("4.99"))


def test_a_gate_without_points_is_met_by_its_bound() -> None:
    gate = PassMark(Threshold(Decimal("0.8"), HIGHER), Decimal(0))

    met = [score_measurement(accuracy(value), gate).met for value in (0.79, 0.8)]

    assert met == [False, True]


# Cases

EASY, HARD = Threshold(Decimal("0.9"), HIGHER), Threshold(Decimal("0.6"), HIGHER)
CASES = Cases({"easy": EASY, "hard": HARD}, Decimal("1.5"))


@pytest.mark.parametrize(
    ("easy", "hard", "met", "points", "rationale"),
    [
        pytest.param(
            *(0.9, 0.6, True, "3"),
            "2 of 2 cases passed; easy: accuracy 0.9 >= 0.9, hard: accuracy 0.6 >= 0.6",
            id="all",
        ),
        pytest.param(
            *(0.9, 0.5, False, "1.5"),
            "1 of 2 cases passed; easy: accuracy 0.9 >= 0.9, hard: accuracy 0.5 < 0.6",
            id="one",
        ),
        pytest.param(
            *(0.1, math.nan, False, "0"),
            "0 of 2 cases passed; easy: accuracy 0.1 < 0.9, "
            "hard: accuracy is nan, required >= 0.6",
            id="none",
        ),
    ],
)
def test_each_case_earns_its_share(
    easy: float, hard: float, met: bool, points: str, rationale: str
) -> None:
    score = score_cases({"easy": accuracy(easy), "hard": accuracy(hard)}, CASES)

    assert (score.met, score.points, score.rationale) == (
        met,
        Decimal(points),
        rationale,
    )


def test_a_case_with_a_public_part_tells_no_more_than_that() -> None:
    easy = replace(accuracy(0.95), detail="row 7")

    score = score_cases({"easy": easy, "hard": accuracy(0.123, public=0.7)}, CASES)

    assert score == Score(
        met=False,
        points=Decimal("1.5"),
        rationale="1 of 2 cases passed; easy: accuracy 0.95 >= 0.9, "
        "hard: accuracy 0.7 >= 0.6 on the public part",
        hint="Train longer.",
        value=1.0,
        detail="row 7\nfinal part of hard: accuracy 0.123 < 0.6",
    )
