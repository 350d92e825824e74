"""Calling a model as if one of its layers computed something else, or nothing."""

import contextlib
import hashlib
from typing import Any, Callable, Iterator  # noqa: UP035 - Python 3.9

_METHODS = ("call", "quantized_call")
"""What ``Layer.__call__`` runs; wrappers as ``TimeDistributed`` run it themselves."""


class UnknownLayerError(LookupError):
    """A model has no layer of the name that was asked for."""


@contextlib.contextmanager
def without_layer(tf: Any, model: Any, digest: "str | None") -> Iterator[None]:
    """Let every call of a layer return zeros of the shapes it would return.

    The layer runs all the same, so a model that cannot be called fails as ever.

    Args:
        tf: TensorFlow.
        model: What Keras loaded; as it was before when this ends.
        digest: The SHA-256 of the layer's name, in hexadecimal; all layers of that
            name are meant, in nested models and wrappers too. None changes nothing.

    Raises:
        UnknownLayerError: No layer that can be called has this name.
    """

    def zeros_like(value: Any) -> Any:
        return None if value is None else tf.zeros_like(value)

    layers = [] if digest is None else _layers_named(model, digest)
    with _wrapped(layers, lambda call: _changed(tf, call, zeros_like)):
        yield


@contextlib.contextmanager
def mixed_layer(tf: Any, model: Any, digest: "str | None") -> Iterator[None]:
    """Let every call of a layer return for each row what belongs to the row before.

    The first row gets what belongs to the last. Where the first axis of an output holds
    several places for each row, as of series that were joined to one, those of a row
    stay together; an output that has no such axis stays as it is.

    Args:
        tf: TensorFlow.
        model: What Keras loaded; as it was before when this ends.
        digest: As of ``without_layer``.

    Raises:
        UnknownLayerError: No layer that can be called has this name.
    """
    rows: Any = None

    def noting_rows(call: "Callable[..., Any]") -> "Callable[..., Any]":
        def noted(inputs: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal rows
            rows = tf.shape(tf.nest.flatten(inputs)[0])[0]
            return call(inputs, *args, **kwargs)

        return noted

    def of_row_before(value: Any) -> Any:
        if not tf.is_tensor(value) or value.shape.rank == 0:
            return value
        count = tf.shape(value)[0]
        places = tf.where(count % rows == 0, count // rows, 0)
        return tf.gather(value, tf.roll(tf.range(count), places, 0))

    layers = [] if digest is None else _layers_named(model, digest)
    with (
        _wrapped([model] if layers else [], noting_rows),
        _wrapped(layers, lambda call: _changed(tf, call, of_row_before)),
    ):
        yield


def _layers_named(model: Any, digest: str) -> "list[Any]":
    """Return the layers and operations of a name, wherever they sit."""
    layers = model._flatten_layers(include_self=False, recursive=True)
    found = {
        id(one): one
        for layer in (model, *layers)
        for one in (layer, *getattr(layer, "operations", ()))
        if one is not model
        and _digest(one.name) == digest
        and type(one).__name__ != "InputLayer"  # a model does not call it
    }
    if not found:
        raise UnknownLayerError("the loaded model has no layer of that name")
    return list(found.values())


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


@contextlib.contextmanager
def _wrapped(
    layers: "list[Any]", wrap: "Callable[[Callable[..., Any]], Callable[..., Any]]"
) -> Iterator[None]:
    """Replace what layers run when they are called, for as long as this lasts."""
    changed = [
        (layer, method)
        for layer in layers
        for method in _METHODS
        if hasattr(layer, method)
    ]
    for layer, method in changed:  # past Keras' own way, which would track what is set
        object.__setattr__(layer, method, wrap(getattr(layer, method)))
    try:
        yield
    finally:
        for layer, method in changed:
            object.__delattr__(layer, method)


def _changed(
    tf: Any, call: "Callable[..., Any]", change: "Callable[[Any], Any]"
) -> "Callable[..., Any]":
    """Return a call that changes each value of what it would return."""

    def changed(*args: Any, **kwargs: Any) -> Any:
        return tf.nest.map_structure(change, call(*args, **kwargs))

    return changed
