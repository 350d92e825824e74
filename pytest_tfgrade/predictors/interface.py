"""What a trivial predictor is, and what its options may be."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


class NotApplicable(ValueError):  # noqa: N818 - a finding, not a fault
    """A predictor makes no sense for these inputs, targets or this output."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Marks a whole number's least value, as in ``Annotated[int, AtLeast(1)]``."""

    bound: int


Period: TypeAlias = Annotated[int, AtLeast(1)]
"""Steps of a season."""

Position: TypeAlias = Annotated[int, AtLeast(0)]
"""An index that counts from 0."""

Seed: TypeAlias = Annotated[int, AtLeast(0)]
"""Decides every random choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """What a model would predict that learned nothing, or next to nothing.

    >>> def everything(examples, *, channel: Position, input: str | None = None):
    ...     '''All of it.'''
    >>> predictor = Predictor(name="everything", function=everything)
    >>> predictor.title, predictor.options, predictor.required_options
    ('All of it', ('channel', 'input'), ('channel',))
    """

    name: str
    """As rubrics and reports write it."""

    function: Callable[..., Array]
    """``(examples, **options) -> predictions`` of the shape ``examples.shape``.

    It takes an ``Examples``, returns float64, and gives the same bytes for the same
    arrays and options; NotApplicable where it makes no sense.
    """

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
        """Yield what is wrong with options, whatever the arrays are.

        >>> def forecast(examples, *, period: Period, channel: Position = 0): ...
        >>> predictor = Predictor(name="forecast", function=forecast)
        >>> for problem in predictor.option_problems({"channel": -1, "step": 2}):
        ...     print(problem)
        forecast needs the option 'period'; add it to options
        forecast has no option 'step'; use period or channel
        channel must be a whole number of 0 or more, got -1
        """
        for name in self.required_options:
            if name not in options:
                yield f"{self.name} needs the option {name!r}; add it to options"
        known = self.options
        use = f"use {' or '.join(known)}" if known else "it has none"
        for name in options:
            if name not in known:
                yield f"{self.name} has no option {name!r}; {use}"
        hints = get_type_hints(self.function, include_extras=True)
        for name in known:
            if name in options and name in hints:
                yield from _misfit(name, options[name], hints[name])

    def _parameters(self) -> list[inspect.Parameter]:
        parameters = inspect.signature(self.function).parameters.values()
        return [p for p in parameters if p.kind is p.KEYWORD_ONLY]


def _misfit(name: str, value: object, hint: Any) -> Iterator[str]:  # noqa: ANN401 - a type
    """Yield how a value is not what an annotation of this package asks for."""
    if get_origin(hint) is Annotated:
        _, mark = get_args(hint)
        if type(value) is not int or value < mark.bound:
            what = f"a whole number of {mark.bound} or more"
            yield f"{name} must be {what}, got {value!r}"
    elif hint == str | None and not isinstance(value, str | None):
        yield f"{name} must be a name, got {value!r}"
