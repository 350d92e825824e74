"""What must not change predictions: asking twice, the size of batches, other rows."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Arrays, Evaluation
from pytest_tfgrade.checks.predict.difference import difference
from pytest_tfgrade.checks.predict.sample import Sample, sampled_predictions
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.transforms import ReverseRows

MOST_ROWS: Final = 64
"""Of each call; in batches of one they are slow."""

TWICE: Final = tuple(
    Call(transform=Sample(rows=MOST_ROWS), repeat=turn) for turn in (1, 2)
)
"""The same rows, asked for twice."""

REVERSED: Final = Call(transform=Sample(rows=MOST_ROWS, then=ReverseRows()))
"""The same rows, the last one first."""

_ALONE_HINT: Final = (
    "Let the model predict each example by itself: no layer called with training=True, "
    "no statistics of the batch, no state kept between calls."
)
_RANDOM_HINT: Final = (
    "Let the model draw no random numbers when it predicts: no layer called with "
    "training=True."
)


def in_batches(sizes: Sequence[int]) -> list[Call]:
    """Return a call for each size of batches."""
    return [Call(transform=Sample(rows=MOST_ROWS), batch=size) for size in sizes]


def require_deterministic(run: Evaluation) -> None:
    """Do nothing if a model that is asked twice answers the same, to the last bit.

    Raises:
        CheckFailed: It answers otherwise.
    """
    first, second = run.answers(TWICE)
    _require_same("asked twice", first, second, 0, _RANDOM_HINT)


def require_any_batches(
    run: Evaluation, sizes: Sequence[int], tolerance: float
) -> None:
    """Do nothing if predictions do not depend on how many rows are given at a time.

    Raises:
        CheckFailed: With the first size that gives others than the plain predictions.
    """
    plain = sampled_predictions(run, MOST_ROWS)
    for size, answer in zip(sizes, run.answers(in_batches(sizes)), strict=True):
        _require_same(f"in batches of {size}", plain, answer, tolerance, _ALONE_HINT)


def require_any_order(run: Evaluation, tolerance: float) -> None:
    """Do nothing if predictions do not depend on the order of the rows.

    Raises:
        CheckFailed: They do.
    """
    plain = sampled_predictions(run, MOST_ROWS)
    (turned,) = run.answers([REVERSED])
    answer = {name: array[::-1] for name, array in turned.items()}
    _require_same("in another order", plain, answer, tolerance, _ALONE_HINT)


def _require_same(
    how: str, plain: Arrays, answer: Arrays, tolerance: float, hint: str
) -> None:
    for name, before in plain.items():
        found = difference(before, answer[name], tolerance)
        if found.count:
            raise CheckFailed(
                f"{how}, {found.text_of(name)}",
                hint=hint,
                detail=_rows_text(found.changed),
            )


def _rows_text(changed: NDArray[np.bool_]) -> str:
    rows: list[Any] = np.flatnonzero(changed).tolist()
    return f"rows {listed(rows)} of the {changed.size} that were tried"


def listed(values: Sequence[object]) -> str:
    """Write ``1, 7 and 32``."""
    *others, last = [str(value) for value in values]
    return f"{', '.join(others)} and {last}" if others else last
