"""Rubrics tried on trivial predictors, and on files whose points are known."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.engine.selftest import (
    Trial,
    band_problems,
    trial_of_file,
    try_predictors,
)
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.predictors import NotApplicable

if TYPE_CHECKING:
    from conftest import School

ROWS = 60

CLASSES = """\
task: line
dataset: classes
contract:
  inputs: {x: {shape: [null, 1]}}
  outputs: {y: {shape: [null, 3], kind: probabilities}}
criteria:
"""


def classes(name: str, folder: Path) -> EvaluationDataset:
    """Return labels of which half are 0, a third 1 and a sixth 2; ``x`` tells them."""
    labels = np.repeat([0, 1, 2], [30, 20, 10])
    inputs = {"x": labels[:, None].astype(np.float32)}
    return EvaluationDataset.of(name, inputs, {"y": labels})


@pytest.fixture
def shelf(school: "School") -> Iterator[Shelf]:
    """Return a shelf with the one dataset, ``classes``."""
    found = Shelf(school.rubrics, classes)
    yield found
    found.close()


@pytest.fixture
def tried(school: "School", shelf: Shelf) -> "Tried":
    """Return what trivial predictors get by a rubric with these criteria."""

    def of_criteria(criteria: str) -> dict[str, Trial]:
        (school.rubrics / "line.yaml").write_text(CLASSES + criteria)
        (rubric,) = school.course().rubrics
        return {trial.name: trial for trial in try_predictors(rubric, shelf)}

    return of_criteria


if TYPE_CHECKING:
    from collections.abc import Callable

    Tried = Callable[[str], dict[str, Trial]]

ACCURACY = "check: predict.metric, metric: accuracy"


def test_every_predictor_that_makes_sense_is_tried_if_none_is_declared(
    tried: "Tried",
) -> None:
    trials = tried(f"  - {{id: a, {ACCURACY}, bands: {{5: 0.9, 2: 0.6}}}}\n")

    found = {t.name: (t.points, t.expected, t.problem) for t in trials.values()}
    assert found == dict.fromkeys(
        ("majority", "mean", "zeros", "uniform"), (0, 0, None)
    )


def test_a_rubric_that_a_constant_passes_is_found_out(tried: "Tried") -> None:
    trials = tried(f"  - {{id: a, {ACCURACY}, bands: {{5: 0.9, 2: 0.5}}}}\n")

    assert [trial.problem for trial in trials.values() if trial.problem] == [
        "majority earns 2 points and may earn 0; make the bounds harder, or allow it",
        "mean earns 2 points and may earn 0; make the bounds harder, or allow it",
        "zeros earns 2 points and may earn 0; make the bounds harder, or allow it",
        "uniform earns 2 points and may earn 0; make the bounds harder, or allow it",
    ]


def test_what_is_declared_is_tried_and_nothing_else(tried: "Tried") -> None:
    trials = tried(
        f"  - {{id: a, {ACCURACY}, bands: {{5: 0.9, 2: 0.5}}}}\n"
        "selftest: {predictors: {majority: 2, linear: 4.5}}\n"
    )

    assert {t.name: (t.points, t.is_as_expected) for t in trials.values()} == {
        "majority": (2, True),
        "linear": (5, False),
    }


def test_a_declared_predictor_that_makes_no_sense_is_a_mistake(tried: "Tried") -> None:
    with pytest.raises(NotApplicable):
        tried(
            f"  - {{id: a, {ACCURACY}, threshold: 0.9, points: 1}}\n"
            "selftest: {predictors: {last_value: 0}}\n"
        )


def test_what_looks_at_files_is_taken_as_met_and_earns_nothing(tried: "Tried") -> None:
    trials = tried(
        "  - {id: file, check: file, points: 3}\n"
        "  - {id: lstm, check: model.layers, class: LSTM, min: 1, points: 1}\n"
        f"  - {{id: a, {ACCURACY}, threshold: 0.5, points: 2, requires: [lstm]}}\n"
    )

    (majority, *_) = trials.values()
    assert [(c.id, c.verdict, c.points) for c in majority.criteria] == [
        ("a", Verdict.PASSED, 2)
    ]
    assert majority.points == 2


@pytest.mark.parametrize(
    ("rule", "points", "earned"),
    [
        pytest.param("sum", (3, 2), 0, id="a-sum-without-the-files-share"),
        pytest.param("max", (3, 2), 0, id="the-best-of-predictions-alone"),
        pytest.param("min", (2, 2), 0, id="the-worst-of-predictions-alone"),
        pytest.param("any", (0, 0), 0, id="any-is-not-given-by-the-file"),
        pytest.param("all", (0, 0), 0, id="all-needs-the-predictions"),
    ],
)
def test_a_group_counts_what_predictions_earn_and_not_what_files_would(
    tried: "Tried", rule: str, points: tuple[int, int], earned: int
) -> None:
    of_group = "points: 2, " if rule in {"any", "all"} else ""
    trials = tried(
        f"  - id: g\n    group: {rule}\n    {of_group.strip(', ')}\n"
        "    criteria:\n"
        f"      - {{id: file, check: file, points: {points[0]}}}\n"
        f"      - {{id: a, {ACCURACY}, threshold: 0.9, points: {points[1]}}}\n"
        "  - {id: rest, check: file, points: 1}\n"
    )

    assert {trial.points for trial in trials.values()} == {earned}


def test_a_predictor_is_called_on_changed_inputs_as_a_model_is(tried: "Tried") -> None:
    trials = tried(
        "  - {id: same, check: predict.contract, deterministic: true, points: 1}\n"
        "  - id: doubled\n"
        "    check: predict.transform\n"
        "    change: {multiply: 2}\n"
        "    metric: accuracy\n"
        "    threshold: 0.5\n"
        "    points: 1\n"
        "    requires: [same]\n"
        "selftest: {predictors: {majority: 2}}\n"
    )

    majority = trials["majority"]
    assert [(c.id, c.verdict) for c in majority.criteria] == [
        ("same", Verdict.PASSED),
        ("doubled", Verdict.PASSED),
    ]
    assert majority.problem is None


def test_a_rubric_whose_criteria_name_their_data_is_tried_as_well(
    tried: "Tried", school: "School"
) -> None:
    cases = f"  - {{id: a, {ACCURACY}, cases: {{one: 0.5, two: 0.9}}}}\n"

    trials = tried(
        f"{cases}  - {{id: c, check: predict.contract, row_order: true, dataset: one}}"
    )

    assert trials["majority"].points == 1


# Files


def graded(points: str | None, *criteria: CriterionResult) -> TaskGrade:
    """Return the grade of a file."""
    whole = CriterionResult(
        id="whole",
        check="any",
        verdict=Verdict.ERROR if points is None else Verdict.PASSED,
        points=None if points is None else Decimal(points),
        max_points=Decimal(5),
        rationale="so it is",
        detail=None if points is not None else "Traceback\nOSError: no space\n",
    )
    return TaskGrade(id="line", criteria=(whole, *criteria), max_points=Decimal(5))


MISSED = CriterionResult(
    id="accuracy",
    check="predict.metric",
    verdict=Verdict.FAILED,
    points=Decimal(0),
    max_points=Decimal(2),
    rationale="accuracy 0.79 < 0.8",
)


@pytest.mark.parametrize(
    ("grade", "due", "problem"),
    [
        (graded("5"), "5.0", None),
        (
            graded("2.50", MISSED),
            "5",
            "best.keras gets 2.5 points and must get 5 (accuracy: accuracy 0.79 < 0.8)"
            "; correct the bounds, or the points",
        ),
        (
            graded("5"),
            "4",
            "best.keras gets 5 points and must get 4; correct the bounds, or the "
            "points",
        ),
        (graded(None), "5", "best.keras has no score: OSError: no space"),
    ],
)
def test_a_file_must_get_exactly_its_points(
    grade: TaskGrade, due: str, problem: str | None
) -> None:
    trial = trial_of_file("best.keras", grade, Decimal(due))

    assert trial.problem == problem
    assert trial.is_as_expected is (problem is None)


# Bands


def trial(value: float | None, error: float | None) -> Trial:
    """Return a trial of which one criterion was measured."""
    spread = None
    if error is not None:
        spread = Uncertainty(n=100, standard_error=error, interval=(0.0, 1.0))
    result = CriterionResult(
        id="a",
        check="predict.metric",
        verdict=Verdict.PASSED,
        points=Decimal(0),
        max_points=Decimal(5),
        rationale="so it is",
        value=value,
        uncertainty=spread,
    )
    return Trial(
        name="any",
        is_predictor=True,
        criteria=(result,),
        points=Decimal(0),
        expected=Decimal(0),
    )


CLOSE = (
    "a: the bands for 3 and 5 points lie 0.1 apart, less than 3 standard errors of "
    "0.034; move them apart"
)


@pytest.mark.parametrize(
    ("trials", "problems"),
    [
        pytest.param([trial(0.85, 0.033)], [], id="three-standard-errors-are-enough"),
        pytest.param([trial(0.85, 0.034)], [CLOSE], id="less-are-not"),
        pytest.param(
            [trial(0.1, 0.01), trial(0.8, 0.034)], [CLOSE], id="the-nearest-value-tells"
        ),
        pytest.param(
            [trial(0.1, 0.034), trial(0.8, 0.01)], [], id="not-one-that-is-far-away"
        ),
        pytest.param([trial(0.85, None)], [], id="without-a-spread-nothing-is-known"),
        pytest.param([trial(None, 0.9)], [], id="nor-without-a-value"),
        pytest.param([], [], id="nor-without-a-trial"),
    ],
)
def test_bands_lie_three_standard_errors_apart(
    school: "School", trials: list[Trial], problems: list[str]
) -> None:
    bands = f"  - {{id: a, {ACCURACY}, bands: {{5: 0.9, 3: 0.8, 1: 0.5}}}}\n"
    (school.rubrics / "line.yaml").write_text(CLASSES + bands)
    (rubric,) = school.course().rubrics

    assert list(band_problems(rubric, trials)) == problems
