"""First guesses for a rubric, from a dataset's description and its data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import numpy as np

from pytest_tfgrade.core.contract import OutputKind, OutputSpec, Shape
from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.core.threshold import Bands
from pytest_tfgrade.datasets import ArrayDescription, EvaluationDataset
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.metrics import METRICS, Metric, estimate
from pytest_tfgrade.predictors import PREDICTORS, NotApplicable, predict

_MOST_CLASSES: Final = 1000
"""Whole numbers above are rather counts than labels."""

_MOST_CLASSES_OF_PIXELS: Final = 100
"""Whole numbers above are rather grey levels than labels."""

_PLANE: Final = 2
"""Axes of a picture without channels."""

SEASONAL: Final = "seasonal_naive"
"""The predictor whose period is looked for."""

_LONGEST_SEASON: Final = 400
"""Steps; longer ones are not tried."""

_CLEARLY: Final = 0.95
"""Share of another error; of many periods, one is a little better by chance."""

_LEAST_SIDE: Final = 4
"""Pixels; less is rather a step of a series with some flags."""

_PICTURE: Final = 4
"""Axes of probabilities for each pixel: rows, height, width, classes."""

_WAYS: Final = (
    {5: 0.85, 3: 0.6, 1: 0.3},
    {5: 0.8, 2: 0.4},
    {5: 0.6},
)
"""Points, and how far on the way from the best trivial predictor to perfection."""

_DISTANCE: Final = 3
"""Standard errors between bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What may be asked of one output."""

    name: str
    """Of the output and of the target."""

    spec: OutputSpec
    """What the contract may say."""

    metric: Metric
    """A measure that fits."""

    options: Mapping[str, float]
    """Of the metric."""

    period: int | None
    """Of the best seasonal naive forecast; None if the last value is as good."""

    trivial: Mapping[str, float]
    """What trivial predictors reach, by name; those that make sense."""

    best_trivial: str
    """The best constant or naive one of them."""

    error: float
    """Standard error near the bounds; 0 if it is not known."""

    bounds: Mapping[Decimal, Decimal]
    """Bands above the best trivial predictor."""

    @property
    def learned(self) -> Decimal:
        """What the linear model earns, which learned something; 0 if there is none."""
        if "linear" not in self.trivial:
            return Decimal(0)
        bands = Bands(self.bounds, self.metric.direction)
        return bands.points(self.trivial["linear"])


def draft_output(
    name: str, part: ArrayDescription, dataset: EvaluationDataset
) -> Draft:
    """Return a guess at what to ask of an output.

    Raises:
        DatasetError: A trivial predictor is perfect, so there is nothing to learn; or
            no metric fits the targets.
    """
    try:
        return _drafted(name, part, dataset)
    except (ValueError, MemoryError) as error:
        what = f"{dataset.name}: no metric fits {name!r}"
        text = f"{what}: {str(error) or 'it takes too much memory'}"
        raise DatasetError(f"{text}; correct the data, or write the rubric") from None


def _drafted(name: str, part: ArrayDescription, dataset: EvaluationDataset) -> Draft:
    targets = dataset.targets[name]
    spec = _guessed_spec(part, targets, dataset)
    predicted = dict(_predictions(dataset, targets, spec))
    period = None
    if "last_value" in predicted and targets.ndim > 1:
        period = _best_period(dataset, name, spec)
    if period is not None:
        predicted[SEASONAL] = _seasonal(dataset, name, spec, period)
    if dataset.public is not None:  # as in grading, the other rows decide
        predicted = {key: array[~dataset.public] for key, array in predicted.items()}
        targets = targets[~dataset.public]
    metric, options, found = _fitting_metric(spec, targets, predicted)
    fixed = [predictor for predictor in found if predictor != "linear"]
    better: Callable[..., str] = max if metric.direction == ">=" else min
    best = better(fixed, key=found.__getitem__)
    near = [
        estimate(metric, targets, predicted[p], options)
        for p in {best, "linear"}
        if p in predicted
    ]
    error = max((each.standard_error for each in near if each), default=0.0)
    perfect = 0.0 if metric.best is None else metric.best
    if found[best] == perfect:
        what = f"the trivial predictor {best} is perfect on {name!r}"
        raise DatasetError(f"{dataset.name}: {what}; use data with something to learn")
    return Draft(
        name=name,
        spec=spec,
        metric=metric,
        options=options,
        period=period,
        trivial=found,
        best_trivial=best,
        error=error,
        bounds=_bounds(found[best], perfect, error),
    )


def _guessed_spec(
    part: ArrayDescription, targets: Array, dataset: EvaluationDataset
) -> OutputSpec:
    """Guess whether targets are classes, flags or numbers, and what predicts them."""
    axes: tuple[int, ...] = tuple(part.shape)
    shape: Shape = (None, *axes) if axes else (None, 1)
    places = axes[:-1] if axes[-1:] == (1,) else axes
    flags = bool(np.isin(targets, (0, 1)).all())
    if flags and axes and axes[-1] > 1 and (targets.sum(axis=-1) == 1).all():
        return OutputSpec(shape=shape, kind=OutputKind.PROBABILITIES)  # one-hot
    if flags and part.classes is None and _is_picture(places, dataset):
        return OutputSpec(shape=(None, *places, 1), kind=OutputKind.PROBABILITIES)
    if targets.dtype.kind not in "biu":
        return OutputSpec(shape=shape)
    if part.classes is None and flags:
        single = not axes or axes[-1] == 1
        kind = OutputKind.PROBABILITIES if single else OutputKind.ANY
        return OutputSpec(shape=shape, kind=kind)
    greatest = part.range[1] if part.range else targets.max()
    classes = len(part.classes or ()) or int(greatest) + 1
    most = _MOST_CLASSES if len(places) < _PLANE else _MOST_CLASSES_OF_PIXELS
    if targets.min() < 0 or (classes > most and part.classes is None):
        return OutputSpec(shape=shape)
    kind = OutputKind.PROBABILITIES
    return OutputSpec(shape=(None, *places, classes), kind=kind)


def _is_picture(places: tuple[int, ...], dataset: EvaluationDataset) -> bool:
    """Return whether targets have a value for each pixel of a picture."""
    if len(places) != _PLANE or min(places) < _LEAST_SIDE:
        return False
    inputs = dataset.inputs.values()
    return any(a.shape[1:3] == places or a.ndim == _PICTURE for a in inputs)


def _predictions(
    dataset: EvaluationDataset, targets: Array, spec: OutputSpec
) -> Iterator[tuple[str, Array]]:
    steps = max(
        (array.shape[1] for array in dataset.inputs.values() if array.ndim > 1),
        default=1,
    )
    for name, predictor in PREDICTORS.items():
        if not predictor.required_options and (steps > 1 or name != "last_value"):
            try:
                yield name, predict(predictor, dataset.inputs, targets, spec)
            except NotApplicable:
                continue


def _fitting_metric(
    spec: OutputSpec, targets: Array, predicted: Mapping[str, Array]
) -> tuple[Metric, Mapping[str, Any], Mapping[str, float]]:
    """Return the first metric that has a value for every predictor, and the values.

    Raises:
        ValueError: There is none; the text is that of the last.
    """
    failed = ValueError("they are of no known kind")
    for metric, options in _likely_metrics(spec, targets, predicted):
        try:
            values = {
                name: metric.function(targets, predictions, **options)
                for name, predictions in predicted.items()
            }
        except ValueError as error:
            failed = error
            continue
        return metric, options, values
    raise failed


def _likely_metrics(
    spec: OutputSpec, targets: Array, predicted: Mapping[str, Array]
) -> Iterator[tuple[Metric, Mapping[str, Any]]]:
    """Yield metrics and their options, the one that says most of such targets first."""
    if spec.kind is OutputKind.PROBABILITIES:
        if len(spec.shape) == _PICTURE:
            yield METRICS["binary_iou" if spec.shape[-1] == 1 else "iou"], {}
        yield METRICS["accuracy"], {}
        return
    if "uniform" in predicted:  # it makes sense of labels alone: here, several flags
        yield METRICS["multilabel_f1"], {"average": "macro"}
        yield METRICS["binary_crossentropy"], {}
    mae = METRICS["mae"]
    naive = predicted.get(SEASONAL, predicted.get("last_value"))
    if naive is not None:
        scale = mae.function(targets, naive)
        constant = mae.function(targets, predicted["median"])
        if 0 < scale < constant:  # so it is a forecast, and no table
            yield METRICS["mase"], {"scale": float(f"{scale:.4g}")}
    yield mae, {}


def _best_period(dataset: EvaluationDataset, name: str, spec: OutputSpec) -> int | None:
    """Return the period whose repetition has the least mean absolute error.

    In place of several seasons, one that does nearly as well; None if that is a single
    step, the last value.
    """
    rows = slice(None) if dataset.public is None else ~dataset.public
    targets = dataset.targets[name][rows]
    errors: dict[int, float] = {}
    for period in range(1, _LONGEST_SEASON + 1):
        try:
            naive = _seasonal(dataset, name, spec, period)
        except NotApplicable:  # the series is no longer
            break
        errors[period] = METRICS["mae"].function(targets, naive[rows])
    best = min(errors, key=errors.__getitem__)
    parts = [period for period in errors if best % period == 0]
    season = next(p for p in parts if _CLEARLY * errors[p] <= errors[best])
    return season if season > 1 else None


def _seasonal(
    dataset: EvaluationDataset, name: str, spec: OutputSpec, period: int
) -> Array:
    targets = dataset.targets[name]
    return predict(SEASONAL, dataset.inputs, targets, spec, period=period)


def _bounds(trivial: float, perfect: float, error: float) -> dict[Decimal, Decimal]:
    """Return bands on the way from a trivial value to the perfect one.

    There are fewer where chance would decide between them.
    """
    length = abs(perfect - trivial)
    ways = next((w for w in _WAYS if _gap(w) * length >= _DISTANCE * error), _WAYS[-1])
    values = {p: trivial + way * (perfect - trivial) for p, way in ways.items()}
    rounded = [_rounded(values, digits) for digits in range(2, 8)]
    clear = (
        bounds
        for bounds in rounded
        if len({*map(float, bounds.values()), trivial, perfect}) == len(bounds) + 2
    )
    return next(clear, rounded[-1])


def _gap(ways: Mapping[int, float]) -> float:
    return min(a - b for a, b in pairwise([*ways.values(), 0.0]))


def _rounded(values: Mapping[int, float], digits: int) -> dict[Decimal, Decimal]:
    """Return points and bounds of so many significant digits."""
    return {
        Decimal(points): _plain(Decimal(f"{value:.{digits}g}"))
        for points, value in values.items()
    }


def _plain(number: Decimal) -> Decimal:
    """Return a number that is written without an exponent."""
    return Decimal(f"{number:f}")
