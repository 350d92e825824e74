"""What a metric is: a pure function over arrays, and which way is better."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from pytest_tfgrade.core.threshold import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A measure of predictions against targets.

    >>> def bias(y_true, y_pred, *, weight=1.0):
    ...     '''Mean difference.'''
    >>> metric = Metric(
    ...     name="bias", function=bias, direction=Direction.LOWER_IS_BETTER
    ... )
    >>> metric.title, metric.options, metric.required_options
    ('Mean difference', ('weight',), ())
    """

    name: str
    """As rubrics and reports write it."""

    function: Callable[..., float]
    """``(y_true, y_pred, **options) -> float``; ValueError where it has no value."""

    direction: Direction
    """Which values are better."""

    aliases: tuple[str, ...] = ()
    """Other names that rubrics may use: those of Keras and scikit-learn."""

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

    def _parameters(self) -> list[inspect.Parameter]:
        parameters = inspect.signature(self.function).parameters.values()
        return [p for p in parameters if p.kind is p.KEYWORD_ONLY]
