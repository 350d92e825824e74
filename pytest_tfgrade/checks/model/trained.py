"""``model.trained``: whether a file shows that its model was trained."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs, reads_weights
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import StoredVariable, StoredWeights

_COUNTER: Final = re.compile(
    r"^_?optimizer/(?:inner_optimizer/)?vars/0$"
    r"|^optimizer_weights/(?:.*/)?iter(?:ations?)?(?::0)?$"
    r"|^optimizer/(?:iter|_iterations)/\.ATTRIBUTES/VARIABLE_VALUE$"
)
"""Where Keras counts steps: first of the variables in a ``.keras`` file, by name in an
``.h5`` file or a SavedModel. An optimizer that a nested model was saved with does not
count."""


def trained(model: Model, *, min_: int = 1, slots: bool = False) -> Measured:
    """The optimizer's state shows that the model was trained.

    A file without that state cannot show it, so it fails: one never compiled,
    converted, exported, or an ``.h5`` file saved with ``include_optimizer=False``. In a
    ``.keras`` file the optimizers of ``tf.keras.optimizers.legacy`` leave none either.

    Args:
        model: The facts and the stored values of the optimizer.
        min_: The fewest training steps; each batch of each epoch is one.
        slots: Whether the optimizer must also hold momentum or other averages, not all
            of them zero. Plain SGD holds none, so it never passes then.
    """
    stored = model.weights
    if not stored.optimizer:
        hint = "Save the model that was trained, as it is: model.save(path)."
        raise CheckFailed("the file holds no optimizer state", hint=hint)
    steps = _steps(stored)
    if steps < min_:
        rationale = f"trained for {steps} steps, required >= {min_}"
        hint = "Save after model.fit(...), without compiling again in between."
        raise CheckFailed(rationale, hint=hint, value=steps)
    if slots and not _has_slots(stored):
        rationale = "the optimizer holds no averages of gradients"
        hint = "Train with an optimizer that keeps some, as Adam."
        raise CheckFailed(rationale, hint=hint, value=steps)
    return Measured(rationale=f"trained for {steps} steps", value=steps)


def _steps(stored: StoredWeights) -> int:
    """Return the largest count: an optimizer around another counts less."""
    counts = [
        int(number)
        for variable in stored.optimizer
        if _COUNTER.search(variable.path) and _size(variable) == 1
        for number in variable.values or ()
        if math.isfinite(number)
    ]
    return max(counts, default=0)


def _has_slots(stored: StoredWeights) -> bool:
    shapes = {variable.shape for variable in stored.model} - {()}
    return any(
        variable.shape in shapes and variable.zeros < _size(variable)
        for variable in stored.optimizer
    )


def _size(variable: StoredVariable) -> int:
    return math.prod(variable.shape)


def _problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    if parameters["min_"] < 1:
        yield "min", f"min {parameters['min_']} asks for no training; write 1 or more"


TRAINED: Final = Check(
    name="model.trained",
    needs=Needs.FACTS,
    function=trained,
    problems=_problems,
    reads=reads_weights,
)
