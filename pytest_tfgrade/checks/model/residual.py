"""``model.residual``: whether a model has skip connections."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Model, Needs, reads_layers
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Layer

_KERNELS: Final = frozenset(
    {
        *("kernel_initializer", "depthwise_initializer", "pointwise_initializer"),
        *("recurrent_initializer", "embeddings_initializer"),
    }
)
"""Settings of layers that learn more than a scale and an offset."""

_ADDING: Final = frozenset({"__operators__.add", "math.add", "math.add_n"})
_JOINING: Final = frozenset({"concat"})
"""Functions of TensorFlow, as a ``TFOpLambda`` of Keras 2 names them."""

_MOST_INPUTS: Final = 16
"""Of one layer that are looked at, each with each."""


def residual(
    model: Model,
    *,
    min_: int = 1,
    concatenate: bool = False,
    projection: bool = True,
) -> Measured:
    """The model has skip connections, as a residual network.

    A skip connection is an addition of a tensor and what layers with weights made of
    the same tensor. Only additions between input and output count, those of nested
    models too; normalization alone is no layer with weights here.

    Args:
        model: The facts; how a model of a custom class is connected is not known.
        min_: The fewest skip connections.
        concatenate: Whether ``Concatenate`` counts like ``Add``, as in a U-Net.
        projection: Whether an addition counts whose shortcut adapts the size on its
            way, by pooling or one layer with weights, fewer than the other way has.
    """
    count = 0
    for layers in _models(model.facts.layers):
        ways = _Ways(layers)
        for layer in layers:
            if layer.on_path is not True:
                continue
            if _is(layer, "Add", _ADDING):
                count += ways.skips(layer, projection=projection)
            elif concatenate and _is(layer, "Concatenate", _JOINING):
                count += ways.skips(layer, projection=False)
    noun = "skip connection" if count == 1 else "skip connections"
    if count < min_:
        other = " or Concatenate" if concatenate else ""
        raise CheckFailed(
            f"{count} {noun}, required >= {min_}",
            hint=f"Join the input of a block with its output by Add{other}.",
            value=count,
        )
    return Measured(rationale=f"{count} {noun}", value=count)


class _Ways:
    """What each layer of a model is made of, as sets of layers in the bits of an int.

    Keras saves layers in an order in which what comes first is made first.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._bit = {layer.name: 1 << at for at, layer in enumerate(layers)}
        self._made: dict[str, tuple[int, int, int]] = {}
        self._plain: dict[str, tuple[int, int]] = {}
        for layer in layers:
            self._follow(layer, has_kernel=_has_kernel(layer))

    def _follow(self, layer: Layer, *, has_kernel: bool) -> None:
        """Note from which layers a way leads here, by the kernels on it.

        ``_made`` holds those with at least 0, 1 and 2 kernels on the way, ``_plain``
        those with none and with at most one.
        """
        any_, one, two = self._bit[layer.name], 0, 0
        none, single = self._bit[layer.name], self._bit[layer.name]
        for name in layer.inbound:
            before = self._made.get(name, (0, 0, 0))
            plain = self._plain.get(name, (0, 0))
            any_ |= before[0]
            one |= before[0 if has_kernel else 1]
            two |= before[1 if has_kernel else 2]
            none |= 0 if has_kernel else plain[0]
            single |= plain[0 if has_kernel else 1]
        self._made[layer.name] = any_, one, two
        self._plain[layer.name] = none, single

    def skips(self, merge: Layer, *, projection: bool) -> bool:
        """Return whether a layer joins a tensor with what was made of it."""
        known = [name for name in merge.inbound if name in self._made][:_MOST_INPUTS]
        return any(
            self._is_skip(short, long, projection=projection)
            for short in known
            for long in known
            if short != long
        )

    def _is_skip(self, short: str, long: str, *, projection: bool) -> bool:
        _, one, two = self._made[long]
        if self._bit[short] & one:
            return True
        none, single = self._plain[short]
        return projection and bool(none & one or single & two)


def _models(layers: Sequence[Layer]) -> Iterator[Sequence[Layer]]:
    """Yield the layers of the model and of every model inside it."""
    waiting = [layers]
    while waiting:
        group = waiting.pop()
        yield group
        waiting.extend(layer.layers for layer in group if layer.layers)


def _has_kernel(layer: Layer) -> bool:
    return any(not _KERNELS.isdisjoint(inner.config) for inner in layer.walk())


def _is(layer: Layer, class_name: str, functions: frozenset[str]) -> bool:
    if layer.class_name == "TFOpLambda":
        return layer.config.get("function") in functions
    return layer.class_name == class_name and layer.registered_name is None


def _problems(
    parameters: Mapping[str, Any],
    contract: Contract,
) -> Iterator[tuple[str, str]]:
    if parameters["min_"] < 1:
        yield "min", f"min {parameters['min_']} is met by any model; write 1 or more"


RESIDUAL: Final = Check(
    name="model.residual",
    needs=Needs.FACTS,
    function=residual,
    problems=_problems,
    reads=reads_layers,
)
