"""The pictures of a task: what there is to see of predictions that were made anyway.

They are made from what metrics see: numbers become labels as they do for a metric.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.portrait import (
    Confusion,
    ErrorDistribution,
    Forecast,
    Picture,
    Rows,
)
from pytest_tfgrade.engine.output_kinds import Kind, kind_of
from pytest_tfgrade.engine.pictures import (
    Caption,
    confusion,
    error_distribution,
    forecast,
)
from pytest_tfgrade.metrics.arrays import classes_of, label_pair, paired
from pytest_tfgrade.rubric import Rubric

ROOM: Final = 5000
"""Characters of all pictures of a task."""

MOST_SHOWN: Final = 200
"""Predictions of a forecast; there are as many targets."""

_FEWEST_SHOWN: Final = 20
"""Predictions for which there must be room, so that a forecast says something."""

_LONGEST_NUMBER: Final = 10
"""Characters with six digits, a point, signs and a comma, exponents aside."""

LARGEST: Final = 1 << 22
"""Predicted numbers of an output; to go through more would take too long."""

_AXES_OF_SERIES: Final = 3
"""Rows, steps, and one of size 1."""

Classes: TypeAlias = Mapping[str, Sequence[str]]
"""Names of the classes of each output, as far as they are told."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Seen:
    """Some rows of an output, as metrics see them."""

    caption: Caption
    true: NDArray[Any]
    found: NDArray[Any]
    classes: int = 0
    """Of labels; 0 of numbers."""

    names: Sequence[str] = ()
    """Of classes."""

    steps: int = 0
    """Of a horizon, or 1; 0 where numbers do not follow one another."""

    def counted(self) -> Confusion | ErrorDistribution | None:
        """Return the picture in which every row counts."""
        if self.classes:
            return confusion(
                self.caption, self.true, self.found, self.classes, self.names
            )
        return error_distribution(self.caption, self.true, self.found)

    def first(self, rows: int) -> Forecast:
        """Return the picture that shows the first rows one by one."""
        true, found = self.true[:rows], self.found[:rows]
        return forecast(self.caption, true, found, steps=self.steps)


def pictures_of(
    rubric: Rubric,
    evaluations: Iterable[Evaluation],
    classes: Callable[[str], Classes],
) -> tuple[Picture, ...]:
    """Return the pictures of a task, those of public and of final rows apart.

    Pictures in which every row counts go first; forecasts share the room that is left.

    Args:
        rubric: Of the task.
        evaluations: Its datasets, as far as there are predictions.
        classes: Returns the names that the description of a dataset tells.
    """
    seen = [
        part
        for evaluation in evaluations
        for part in _seen(rubric, evaluation, classes(evaluation.dataset))
    ]
    left = ROOM
    counted: list[Picture] = []
    for picture in (part.counted() for part in seen):
        if picture is not None and (needed := _characters_of(picture)) <= left:
            counted.append(picture)
            left -= needed
    lines = [part for part in seen if part.steps]
    numbers = left // (2 * _LONGEST_NUMBER * max(len(lines), 1))
    if numbers < _FEWEST_SHOWN:
        return tuple(counted)
    each = min(numbers, MOST_SHOWN)
    shown = (part.first(each // part.steps) for part in lines if part.steps <= each)
    return (*counted, *shown)


def _characters_of(picture: Confusion | ErrorDistribution) -> int:
    """Return how many characters the numbers of a picture take, and its labels."""
    if isinstance(picture, Confusion):
        shown = chain(picture.labels, *picture.counts)
    else:
        shown = chain(picture.edges, picture.counts)
    return sum(len(str(each)) + 1 for each in shown)


def _seen(rubric: Rubric, evaluation: Evaluation, classes: Classes) -> Iterator[_Seen]:
    """Yield what metrics see of each output that they can make something of."""
    for output in evaluation.contract.outputs:
        targets = np.asarray(evaluation.targets[output])
        predictions = np.asarray(evaluation.predictions[output])
        if predictions.size > LARGEST:
            continue
        names = classes.get(output, ())
        kind = kind_of(rubric, evaluation, output, are_named=bool(names))
        try:
            true, found = _as_metrics_see(kind, targets, predictions)
        except ValueError:  # it is something else; metrics say so, where they are asked
            continue
        for rows, mask in _parts(evaluation.public):
            yield _Seen(
                caption=Caption(evaluation.dataset, output, rows),
                true=true[mask],
                found=found[mask],
                classes=classes_of(predictions) if kind is Kind.CLASSES else 0,
                names=names,
                steps=_steps(kind, predictions),
            )


def _as_metrics_see(
    kind: Kind, targets: NDArray[Any], predictions: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return targets and predictions as labels, or as numbers, of one shape.

    Raises:
        ValueError: They are neither.
    """
    match kind:
        case Kind.CLASSES:
            return label_pair(targets, predictions)
        case Kind.SERIES | Kind.NUMBERS:
            return paired(targets, predictions)
        case Kind.OTHER:
            raise ValueError("there is no picture of this kind")


def _steps(kind: Kind, predictions: NDArray[Any]) -> int:
    """Return how many numbers of a row follow one another; 0 if none can be shown.

    What several numbers of a row mean is not known, but for steps of a horizon: those
    that a metric of forecasts looks at, or those of a model of sequences.
    """
    per_row = predictions.size // len(predictions)
    if kind not in {Kind.SERIES, Kind.NUMBERS} or per_row == 1:
        return int(kind in {Kind.SERIES, Kind.NUMBERS})
    is_sequence = predictions.ndim == _AXES_OF_SERIES and predictions.shape[-1] == 1
    is_horizon = kind is Kind.SERIES and predictions.shape[1] == per_row
    return per_row if is_sequence or is_horizon else 0


def _parts(
    public: NDArray[Any] | None,
) -> Iterator[tuple[Rows, NDArray[np.bool_] | slice]]:
    if public is None:
        yield Rows.ALL, slice(None)
        return
    yield Rows.PUBLIC, public
    yield Rows.FINAL, np.logical_not(public)
