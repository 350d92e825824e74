"""``model.params``: how large a model is."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed


def params(
    model: Model, *, min_: int | None = None, max_: int | None = None
) -> Measured:
    """The number of the model's parameters lies within bounds.

    Args:
        model: The facts; every stored weight counts, optimizer state does not.
        min_: The fewest parameters.
        max_: The most parameters.
    """
    count = model.facts.weights.parameters
    if min_ is not None and count < min_:
        rationale = f"{count} parameters, required >= {min_}"
        raise CheckFailed(rationale, hint="Use a larger model.", value=count)
    if max_ is not None and count > max_:
        rationale = f"{count} parameters, required <= {max_}"
        raise CheckFailed(rationale, hint="Use a smaller model.", value=count)
    return Measured(rationale=f"{count} parameters", value=count)


def _problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    lowest, highest = parameters["min_"], parameters["max_"]
    if lowest is None and highest is None:
        yield "check", "model.params needs a bound; add min or max"
    elif lowest is not None and highest is not None and highest < lowest:
        yield "max", f"max {highest} is below min {lowest}; no model can pass"


PARAMS: Final = Check(
    name="model.params", needs=Needs.FACTS, function=params, problems=_problems
)
