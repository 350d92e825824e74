"""Whether loss, last activation and form of the targets fit together.

Only what is certainly wrong is found: what trains badly or not at all, whatever the
data are. Unknown losses and activations are taken to fit.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pytest_tfgrade.checks.model.compile_settings import canonical
from pytest_tfgrade.checks.model.naming import is_saved, name_of, settings_of
from pytest_tfgrade.core.contract import OutputKind

_OVER_CLASSES: Final = frozenset(
    {
        *("categorical_crossentropy", "sparse_categorical_crossentropy"),
        "categorical_focal_crossentropy",
    }
)
_EACH_ALONE: Final = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})
_OF_NUMBERS: Final = frozenset(
    {
        *("mean_squared_error", "mean_absolute_error", "huber", "log_cosh"),
        *("mean_absolute_percentage_error", "mean_squared_logarithmic_error"),
    }
)
_LOGITS: Final = frozenset(
    {
        *("linear", "relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "gelu"),
        *("silu", "tanh", "softplus", "softsign", "exponential", "log_softmax"),
    }
)


class Conflict(NamedTuple):
    """Two settings that do not fit together."""

    rationale: str
    hint: str


class _End(NamedTuple):
    """All that decides whether settings of one output fit."""

    loss: str
    from_logits: bool
    activation: str | None
    units: int | None
    kind: OutputKind


def find_conflict(
    loss: object, *, activation: str | None, units: int | None, kind: OutputKind
) -> Conflict | None:
    """Return what is certainly wrong about the end of a model; None if nothing is.

    Args:
        loss: As saved.
        activation: Whose values the output has; None if that is not certain.
        units: Size of the output's last axis; None if unknown.
        kind: What the task says of the output.
    """
    logits = is_saved(loss) and settings_of(loss).get("from_logits") is True
    name = canonical(name_of(loss) or "unknown")
    end = _End(name, logits, activation, units, kind)
    found = (conflict for rule in _RULES for conflict in rule(end))
    return next(found, None)


def _softmax_of_one(end: _End) -> Iterator[Conflict]:
    if end.activation == "softmax" and end.units == 1:
        yield Conflict(
            "softmax over 1 unit is always 1",
            "Use sigmoid with 1 unit, or softmax with a unit for each class.",
        )


def _classes_in_one(end: _End) -> Iterator[Conflict]:
    if end.loss in _OVER_CLASSES and end.units == 1:
        yield Conflict(
            f"{end.loss} compares classes, and the output has 1 unit",
            "Use binary_crossentropy, or a unit for each class.",
        )


def _twice(end: _End) -> Iterator[Conflict]:
    if end.from_logits and end.activation in {"softmax", "sigmoid"}:
        yield Conflict(
            f"{end.loss} with from_logits=True applies {end.activation} once more",
            f"Leave out from_logits=True, or the {end.activation} activation.",
        )


def _not_at_all(end: _End) -> Iterator[Conflict]:
    needs = end.loss in _OVER_CLASSES | _EACH_ALONE | {"kl_divergence"}
    if needs and not end.from_logits and end.activation in _LOGITS:
        own = "sigmoid" if end.loss in _EACH_ALONE else "softmax"
        logits = "" if end.loss == "kl_divergence" else ", or set from_logits=True"
        yield Conflict(
            f"{end.loss} needs probabilities, and the last activation is "
            f"{end.activation}",
            f"End the model with {own}{logits}.",
        )


def _each_alone_over_classes(end: _End) -> Iterator[Conflict]:
    # With two classes it is the same as categorical_crossentropy.
    several = end.units is not None and end.units > 2  # noqa: PLR2004
    if end.loss in _EACH_ALONE and end.activation == "softmax" and several:
        yield Conflict(
            f"{end.loss} takes each unit alone, and softmax is over {end.units}",
            "Use categorical_crossentropy for one class of several, or sigmoid for "
            "several at once.",
        )


def _numbers_as_classes(end: _End) -> Iterator[Conflict]:
    # The squared error of probabilities is the Brier score.
    wanted = end.kind is OutputKind.PROBABILITIES
    if end.loss in _OF_NUMBERS and end.activation == "softmax" and not wanted:
        yield Conflict(
            f"{end.loss} is for plain numbers, and softmax makes them sum to 1",
            "End the model with a linear activation.",
        )


_RULES: Final[tuple[Callable[[_End], Iterator[Conflict]], ...]] = (
    _softmax_of_one,
    _classes_in_one,
    _twice,
    _not_at_all,
    _each_alone_over_classes,
    _numbers_as_classes,
)
