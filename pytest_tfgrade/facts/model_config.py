"""Inputs and outputs of a saved model, from its configuration."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Tensor, TensorKind
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.activations import activation_of
from pytest_tfgrade.facts.graph import Reference, TensorShapes, calls_of, references
from pytest_tfgrade.facts.saved_objects import (
    Saved,
    class_name,
    config_of,
    dtype_of,
    inner_layers,
    input_shape_of,
    is_model,
    is_saved,
    name_of,
)
from pytest_tfgrade.facts.shapes import infer_shape


class Signature(NamedTuple):
    """What goes into a model and what comes out."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    activation: str | None
    """On the way to the last output, of the last layer that has one."""


_EMPTY: Final = Signature((), (), None)


def parse_signature(model: Saved) -> Signature:
    """Return what a serialized model takes and returns, as far as the file says."""
    parts = [_Part.of(layer) for layer in inner_layers(model)]
    if "output_layers" in config_of(model):
        return _functional(model, parts)
    return _sequential(model, parts) if parts else _EMPTY


class _Part(NamedTuple):
    """A layer of a model, with the signature of a nested model read once."""

    name: str
    saved: Saved
    inner: Signature | None

    @classmethod
    def of(cls, layer: Saved) -> "_Part":
        inner = parse_signature(layer) if is_model(layer) else None
        return cls(name_of(layer), layer, inner)

    def output_shape(self, inputs: Sequence[Shape]) -> Shape | None:
        if self.inner is None:
            return infer_shape(self.saved, inputs)
        outputs = self.inner.outputs
        return outputs[0].shape if len(outputs) == 1 else None

    def input_shape(self) -> Shape | None:
        inputs = self.inner.inputs if self.inner is not None else ()
        inner = inputs[0].shape if len(inputs) == 1 else None
        return input_shape_of(self.saved) or inner

    def input_dtype(self) -> str | None:
        if self.inner is not None:
            return self.inner.inputs[0].dtype if self.inner.inputs else None
        is_input = class_name(self.saved) == "InputLayer"
        return dtype_of(self.saved) if is_input else None

    def input_kind(self) -> TensorKind:
        """Return how an input lies in memory, as its InputLayer says."""
        config = config_of(self.saved)
        if class_name(self.saved) == "InputLayer":
            for kind in (TensorKind.RAGGED, TensorKind.SPARSE):
                if config.get(kind.value) is True:
                    return kind
        return TensorKind.DENSE

    def output_dtype(self) -> str | None:
        if self.inner is not None:
            return self.inner.outputs[0].dtype if self.inner.outputs else None
        return dtype_of(self.saved)


def _sequential(model: Saved, parts: Sequence[_Part]) -> Signature:
    first, last = parts[0], parts[-1]
    start = first.input_shape() or input_shape_of(model)
    shape = start
    for part in parts:
        known = shape if shape is not None else part.input_shape()
        shape = None if known is None else part.output_shape([known])
    return Signature(
        inputs=(
            Tensor(
                name=first.name,
                shape=start,
                dtype=first.input_dtype(),
                kind=first.input_kind(),
            ),
        ),
        outputs=(Tensor(name=last.name, shape=shape, dtype=last.output_dtype()),),
        activation=_first_activation(part.saved for part in reversed(parts)),
    )


def _functional(model: Saved, parts: Sequence[_Part]) -> Signature:
    config = config_of(model)
    named = {part.name: part for part in parts}
    shapes = _shapes(parts)
    inputs = list(references(config.get("input_layers")))
    outputs = list(references(config.get("output_layers")))
    for end in (*inputs, *outputs):
        if end.layer not in named:
            name = printable(end.layer, limit=80)
            rationale = f"the model names a layer {name!r} that it does not have"
            raise Ungradable(Code.LOAD, rationale)
    keys_in = _keys(config.get("input_layers"), len(inputs))
    keys_out = _keys(config.get("output_layers"), len(outputs))
    return Signature(
        inputs=tuple(
            Tensor(
                name=at.layer,
                shape=shapes.of(at),
                dtype=named[at.layer].input_dtype(),
                key=key,
                kind=named[at.layer].input_kind(),
            )
            for at, key in zip(inputs, keys_in, strict=True)
        ),
        outputs=tuple(
            Tensor(
                name=at.layer,
                shape=shapes.of(at),
                dtype=named[at.layer].output_dtype(),
                key=key,
            )
            for at, key in zip(outputs, keys_out, strict=True)
        ),
        activation=_first_activation(_way_back(named, outputs[-1:])),
    )


def _keys(ends: object, count: int) -> list[str | None]:
    """Return the keys of a dictionary of so many ends; none of a list of them."""
    if not isinstance(ends, dict) or len(ends) != count or is_saved(ends):
        return [None] * count
    return list(map(str, ends))


def _shapes(parts: Sequence[_Part]) -> TensorShapes:
    """Infer what the file does not say; its layers stand in the order of the flow."""
    shapes = TensorShapes(part.saved for part in parts)
    for part in parts:
        calls = calls_of(part.saved)
        if not calls:
            shapes.note(Reference(part.name, 0, 0), part.input_shape())
            continue
        inputs = [shapes.of(tensor) for tensor in calls[0]] or [None]
        if None in inputs:
            inputs = [part.input_shape()]
        known = [shape for shape in inputs if shape is not None]
        if known:
            shapes.note(Reference(part.name, 0, 0), part.output_shape(known))
    return shapes


def _way_back(parts: Mapping[str, _Part], ends: Sequence[Reference]) -> Iterator[Saved]:
    """Yield the layer of an output, the one before it, and so on to an input."""
    seen: set[str] = set()
    while ends and ends[0].layer in parts and ends[0].layer not in seen:
        layer = parts[ends[0].layer].saved
        seen.add(ends[0].layer)
        yield layer
        calls = calls_of(layer)
        ends = calls[0] if calls else []


def _first_activation(layers: Iterable[Saved]) -> str | None:
    return next(filter(None, map(activation_of, layers)), None)
