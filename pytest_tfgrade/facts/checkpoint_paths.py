"""What the variables of a TensorFlow checkpoint are for, by their paths.

An object-based checkpoint (TensorFlow 2) names a variable by the attributes that lead
to it: ``layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE``. One of Estimators and
TensorFlow 1 has the name of the variable, ``dense/kernel``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.facts.hdf5 import Variable
from pytest_tfgrade.facts.saved_objects import MODEL_CLASSES
from pytest_tfgrade.facts.weights import Part, part_of

VALUE: Final = "/.ATTRIBUTES/VARIABLE_VALUE"
"""Ends the path of a variable."""

_ATTRIBUTE: Final = "/.ATTRIBUTES/"  # tables have others: table-keys, table-values

_HELD_BY_OPTIMIZER: Final = re.compile(
    r"(?:^|/)_?optimizer/(?:.*/)?_trainable_variables/\d+/"
)
"""Weights of the model that Keras 3 reaches through its optimizer first."""

# A slot is so called in TensorFlow 2, all else in TensorFlow 1 and by Estimators.
_OPTIMIZER: Final = re.compile(
    r"/\.OPTIMIZER_SLOT/|^(?:training/|global_step$)"
    r"|(?:^|/)beta[12]_power(?:_\d+)?$"
    r"|/(?:Adam|Momentum|RMSProp|Adagrad|Adadelta|Ftrl)(?:_\d+)?(?:/part_\d+)?$"
)
_STATE: Final = re.compile(
    r"^(?:_CHECKPOINTABLE_OBJECT_GRAPH|save_counter/|keras_api/)"
)

_EXPORTED: Final = re.compile(r"variables/\d+/")
_COPY: Final = re.compile(r"_all_variables/\d+/")
"""What the functions of an export use, a second time: see ``_copies``."""


def parts_of(variables: Sequence[Variable]) -> list[Part]:
    """Return what each variable is for; a second copy of a weight counts as state."""
    parts = [_part_of(variable.path) for variable in variables]
    for at in _copies(variables):
        parts[at] = Part.STATE
    return parts


def _part_of(path: str) -> Part:
    if _ATTRIBUTE in path and not path.endswith(VALUE):
        return Part.STATE
    if _STATE.search(path):
        return Part.STATE
    if _HELD_BY_OPTIMIZER.search(path):
        return Part.MODEL
    return Part.OPTIMIZER if _OPTIMIZER.search(path) else part_of(path)


def _copies(variables: Sequence[Variable]) -> Iterable[int]:
    """Yield the positions of what ``model.export`` of Keras 3 writes a second time.

    It keeps the variables of the model and, apart from them, those that its functions
    use: the same ones, in another order.
    """
    exported = Counter(
        (variable.dtype, variable.shape)
        for variable in variables
        if _EXPORTED.match(variable.path)
    )
    for at, variable in enumerate(variables):
        kind = (variable.dtype, variable.shape)
        if _COPY.match(variable.path) and exported[kind]:
            exported[kind] -= 1
            yield at


class CheckpointOwners:
    """The layers of a model, to be found by paths in its checkpoint."""

    def __init__(
        self, layers: Sequence[Layer], owners: Mapping[str, Sequence[str]]
    ) -> None:
        """Take the outermost layers, and names around variables by their paths."""
        self._owners = owners
        self._inside: dict[tuple[str, ...], dict[str, Layer]] = {(): _by_name(layers)}

    def of(self, path: str) -> tuple[str, ...]:
        """Return the names from the outermost model down to the layer; () if unknown.

        A name inside of a layer that has no such layer is that of a part, as a cell.
        """
        address: tuple[str, ...] = ()
        layer: Layer | None = None
        for name in self._owners.get(path, ()):
            found = self._inside[address].get(name)
            if found is not None:
                layer, address = found, (*address, name)
                self._inside.setdefault(address, _by_name(layer.layers))
        while (
            layer and len(layer.layers) == 1 and layer.class_name not in MODEL_CLASSES
        ):
            layer = layer.layers[0]  # tf-keras names no layer that is wrapped
            address = (*address, layer.name)
        return address


def _by_name(layers: Sequence[Layer]) -> dict[str, Layer]:
    return {layer.name: layer for layer in reversed(layers)}
