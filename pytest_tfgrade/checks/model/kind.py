"""``model.kind``: in which of Keras' ways a model was built."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from pytest_tfgrade.checks.interface import Check, Model, Needs, reads_layers
from pytest_tfgrade.checks.model.naming import listed
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.text import printable

Kind = Literal["Sequential", "Functional", "custom"]
"""How a model was built; custom is a class of the candidate's own."""

_HINTS: Final[Mapping[str, str]] = {
    "Sequential": "Build the model as keras.Sequential([...]).",
    "Functional": "Build the model as keras.Model(inputs, outputs).",
    "custom": "Build the model as a class of your own that derives from keras.Model.",
}


def kind(model: Model, *, kind: Kind | Sequence[Kind]) -> Measured:
    """The model was built in the required way.

    Args:
        model: The facts.
        kind: ``Sequential``, ``Functional`` or ``custom`` (a class of the candidate's
            own), or several of which any will do.
    """
    allowed = listed(kind)
    found = model.facts.model_class
    own = found if found in _HINTS else "custom"
    named = found if found == own else f"custom ({printable(found, limit=80)})"
    if own not in allowed:
        rationale = f"the model is {named}, required {' or '.join(allowed)}"
        raise CheckFailed(rationale, hint=_HINTS[allowed[0]])
    return Measured(rationale=f"the model is {named}")


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    allowed = listed(parameters["kind"])
    if not allowed:
        yield "kind", "names no kind; write one, as Functional"
    elif set(allowed) == set(_HINTS):
        yield "kind", "names every kind, so any model passes; remove the criterion"


KIND: Final = Check(
    name="model.kind",
    needs=Needs.FACTS,
    function=kind,
    problems=_problems,
    reads=reads_layers,
)
