"""Calling a model as if one of its layers returned nothing but zeros."""

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
    layers = [] if digest is None else _layers_named(model, digest)
    changed = [
        (layer, method)
        for layer in layers
        for method in _METHODS
        if hasattr(layer, method)
    ]
    for layer, method in changed:  # past Keras' own way, which would track what is set
        object.__setattr__(layer, method, _zeroed(tf, getattr(layer, method)))
    try:
        yield
    finally:
        for layer, method in changed:
            object.__delattr__(layer, method)


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


def _zeroed(tf: Any, call: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return a call that returns zeros in place of what it would return."""

    def zeros_like(value: Any) -> Any:
        return None if value is None else tf.zeros_like(value)

    def zeros(*args: Any, **kwargs: Any) -> Any:
        return tf.nest.map_structure(zeros_like, call(*args, **kwargs))

    return zeros
