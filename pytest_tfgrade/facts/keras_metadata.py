"""What Keras 2 and tf-keras write about a model beside its graph, in a SavedModel.

``keras_metadata.pb`` holds a JSON text for each object; that of the model has its
configuration as an ``.h5`` file has it, and its compile settings
(``keras/saving/legacy/saved_model/model_serialization.py``). Tuples and shapes are
marked as such there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.layers import parse_layers
from pytest_tfgrade.facts.model_config import parse_signature
from pytest_tfgrade.facts.saved_objects import Saved, class_name, is_model, is_saved
from pytest_tfgrade.facts.strict_json import parse_json_object

_SEQUENCES: Final = frozenset({"__tuple__", "TensorShape"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KerasModel:
    """A model as Keras describes it."""

    keras_version: str | None
    """The Keras that saved it, printable; None where it does not say."""

    model_class: str
    """``Sequential``, ``Functional`` or the name of a custom class."""

    layers: tuple[Layer, ...]
    """In order; at least one."""

    last_activation: str | None
    """On the way to the last output."""

    inputs: tuple[str, ...]
    """Names of the input layers, in the order of the model."""

    outputs: tuple[str, ...]
    """Names of the layers that end in an output, in the order of the model."""

    compile_settings: Mapping[str, Any] | None
    """Under the names Keras 3 uses; None if nothing is said of them."""


def parse_keras_metadata(text: str | None) -> KerasModel | None:
    """Return what the JSON of the model says; None unless all of it is in order.

    A model of a class of the candidate's own often has no configuration.
    """
    if text is None:
        return None
    try:
        metadata = _plain_object(parse_json_object(text, "keras_metadata.pb"))
        model: Saved = metadata
        if is_saved(metadata.get("model_config")):
            model = metadata["model_config"]
        return _parsed(model, metadata) if is_model(model) else None
    except Ungradable:
        return None


def training_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``training_config`` of Keras 2 under the names Keras 3 uses."""
    settings = dict(settings)
    optimizer = settings.pop("optimizer_config", None)
    if is_saved(optimizer):  # Keras 2 registers its own optimizers as Custom>Adam
        optimizer = {**optimizer, "class_name": class_name(optimizer)}
    return {"optimizer": optimizer, **settings}


def _parsed(model: Saved, metadata: Mapping[str, Any]) -> KerasModel | None:
    layers = parse_layers(model)
    if not layers:
        return None
    name = class_name(model)
    said = metadata.get("keras_version")
    version = printable(said, limit=40) if isinstance(said, str) else None
    settings = metadata.get("training_config")
    known = training_settings(settings) if isinstance(settings, dict) else None
    signature = parse_signature(model)
    return KerasModel(
        keras_version=version,
        model_class="Functional" if name == "Model" else name,
        layers=layers,
        last_activation=signature.activation,
        inputs=tuple(tensor.name for tensor in signature.inputs),
        outputs=tuple(tensor.name for tensor in signature.outputs),
        compile_settings=known,
    )


def _plain_object(value: Mapping[str, object]) -> dict[str, Any]:
    return {key: _plain(item) for key, item in value.items()}


def _plain(value: object) -> object:
    """Return the JSON value with lists in place of what marks tuples and shapes."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") in _SEQUENCES and isinstance(value.get("items"), list):
        return _plain(value["items"])
    return _plain_object(value)
