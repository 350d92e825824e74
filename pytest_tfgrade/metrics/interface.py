"""What a metric is: a pure function over arrays, and which way is better."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike, NDArray

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics.options import rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A measure of predictions against targets.

    >>> def bias(y_true, y_pred, *, weight: float = 1.0):
    ...     '''Mean difference.'''
    >>> metric = Metric(
    ...     name="bias", function=bias, direction=Direction.LOWER_IS_BETTER
    ... )
    >>> metric.title, metric.options, metric.required_options
    ('Mean difference', ('weight',), ())
    >>> list(metric.option_problems({"weight": True}))
    ['weight must be a number, got True']
    """

    name: str
    """As rubrics and reports write it."""

    function: Callable[..., float]
    """``(y_true, y_pred, **options) -> float``; ValueError where it has no value."""

    direction: Direction
    """Which values are better."""

    aliases: tuple[str, ...] = ()
    """Other names that rubrics may use: those of Keras and scikit-learn."""

    best: float | None = None
    """The value of perfect predictions; None if that is not known."""

    examples: Callable[..., NDArray[Any]] | None = None
    """``(y_true, y_pred, **options) -> (n,) or (n, k)``: what each example adds.

    The mean over the examples, passed through ``finish``, is the metric. So its
    uncertainty can be told without calling the function for each resample.
    """

    finish: Callable[..., NDArray[Any]] | None = None
    """``(means, **options) -> values``: means of ``r`` resamples to ``(r,)``.

    NaN where the metric has no value. None leaves the means as they are.
    """

    resampled: bool = True
    """False where resampling says nothing: of an extreme value."""

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, **options: object
    ) -> float:
        """Return the value of the function."""
        return self.function(y_true, y_pred, **options)

    @property
    def title(self) -> str:
        """The first line of the function's docstring, without the period."""
        text = inspect.getdoc(self.function) or self.name
        return text.partition("\n")[0].removesuffix(".")

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options: the function's keyword-only parameters."""
        return tuple(parameter.name for parameter in self._parameters())

    @property
    def required_options(self) -> tuple[str, ...]:
        """Names of the options that have no default."""
        return tuple(
            parameter.name
            for parameter in self._parameters()
            if parameter.default is parameter.empty
        )

    def option_problems(self, options: Mapping[str, object]) -> Iterator[str]:
        """Yield what is wrong with the values of known options, without any data."""
        rules = rules_of(self.function)
        for name, value in options.items():
            if name in rules and name in self.options:
                problem = rules[name].problem(name, value)
                if problem:
                    yield problem

    def _parameters(self) -> list[inspect.Parameter]:
        parameters = inspect.signature(self.function).parameters.values()
        return [p for p in parameters if p.kind is p.KEYWORD_ONLY]


def metric(
    *, direction: Direction, name: str | None = None, aliases: tuple[str, ...] = ()
) -> Callable[[Callable[..., float]], Metric]:
    """Make a metric of a course's own function, under the function's name or another.

    >>> @metric(direction=Direction.LOWER_IS_BETTER)
    ... def bias(y_true, y_pred):
    ...     '''Mean difference.'''
    ...     return sum(y_pred) / len(y_pred) - sum(y_true) / len(y_true)
    >>> bias.name, bias([1, 2, 3], [2, 2, 5])
    ('bias', 1.0)
    """

    def decorate(function: Callable[..., float]) -> Metric:
        return Metric(
            name=name or function.__name__,
            function=function,
            direction=direction,
            aliases=aliases,
        )

    return decorate
