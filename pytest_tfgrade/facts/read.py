"""From an artifact to the facts about it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import SourceMissing, Ungradable
from pytest_tfgrade.core.facts import Facts, Part, StoredWeights
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.constants import count_constants
from pytest_tfgrade.facts.hdf5 import Hdf5Content, parse_hdf5_content
from pytest_tfgrade.facts.keras_metadata import training_settings
from pytest_tfgrade.facts.keras_zip import read_keras_zip
from pytest_tfgrade.facts.layer_parameters import layer_parameters
from pytest_tfgrade.facts.layers import parse_layers
from pytest_tfgrade.facts.model_config import parse_signature
from pytest_tfgrade.facts.owners import Owners
from pytest_tfgrade.facts.prints import weight_print
from pytest_tfgrade.facts.saved_model import (
    parse_saved_model_facts,
    parse_saved_model_weights,
)
from pytest_tfgrade.facts.saved_objects import (
    Saved,
    class_name,
    config_of,
    inner_layers,
    is_model,
    is_saved,
    name_of,
)
from pytest_tfgrade.facts.stored import ReadValues, read_hdf5_weights
from pytest_tfgrade.facts.strict_json import parse_json_object
from pytest_tfgrade.facts.tflite import parse_tflite_facts
from pytest_tfgrade.facts.unsafe import require_safe
from pytest_tfgrade.facts.weights import Part as VariablePart
from pytest_tfgrade.facts.weights import count_weights, part_of

ReadFile = Callable[[Artifact], object]
"""Has a confined process read an artifact; returns claims about it."""


def read_facts(
    artifact: Artifact,
    read: ReadFile,
    *,
    signature: str | None = None,
    allow_lambda: bool = False,
) -> Facts:
    """Read what a file says about its model, without running it.

    Args:
        artifact: The staged copy.
        read: Called once, and only if what can be read before is in order.
        signature: Of a SavedModel or TFLite file: what is to be called; None leaves it
            to the file.
        allow_lambda: Let Lambda layers pass; the sandbox then is all there is.

    Raises:
        Ungradable: If the file is damaged, holds no whole model or is unsafe to load.
    """
    said: list[object] = []

    def noted(artifact: Artifact) -> object:
        said.append(read(artifact))
        return said[-1]

    facts = _read(artifact, noted, signature, allow_lambda)
    return replace(facts, weight_print=weight_print(said[-1], artifact.format))


def _read(
    artifact: Artifact, read: ReadFile, signature: str | None, allow_lambda: bool
) -> Facts:
    """Return what a file says, but for what tells its weights from others."""
    match artifact.format:
        case ArtifactFormat.KERAS:
            return _read_keras(artifact, read, allow_lambda)
        case ArtifactFormat.H5 | ArtifactFormat.WEIGHTS:
            return _read_hdf5(artifact, read, allow_lambda)
        case ArtifactFormat.SAVED_MODEL:
            return parse_saved_model_facts(read(artifact), signature=signature)
        case ArtifactFormat.TFLITE:
            return parse_tflite_facts(read(artifact), signature=signature)


def read_stored_weights(
    artifact: Artifact, read: ReadValues, facts: Facts
) -> StoredWeights:
    """Go through all values that a file stores.

    Args:
        artifact: The staged copy.
        read: Called once, with ``values=True``.
        facts: What ``read_facts`` returned for the same artifact.

    Raises:
        Ungradable: ``E_FORMAT`` if the data are damaged; ``E_LOAD`` if they lie in
            other files; ``E_PROTOCOL`` if the process answers in another form.
        ValueError: The format holds no weights that could be told apart.
    """
    if Part.WEIGHTS not in facts.holds:
        raise ValueError(f"a {facts.format} file does not hold {Part.WEIGHTS}")
    if facts.format is ArtifactFormat.SAVED_MODEL:
        return parse_saved_model_weights(read(artifact, values=True), facts)
    return read_hdf5_weights(artifact, read, facts)


def _read_keras(artifact: Artifact, read: ReadFile, allow_lambda: bool) -> Facts:
    saved = read_keras_zip(artifact.path)
    model = _require_model(saved.config, "config.json")
    _require_safe(artifact, model, allow_lambda)
    version = saved.metadata.get("keras_version")
    settings = model.get("compile_config")
    return _facts(
        artifact.format,
        model,
        content=parse_hdf5_content(read(artifact)),
        version=version if isinstance(version, str) else None,
        settings=settings if isinstance(settings, dict) else None,
    )


def _read_hdf5(artifact: Artifact, read: ReadFile, allow_lambda: bool) -> Facts:
    content = parse_hdf5_content(read(artifact))
    if content.model_config is None:
        return _of_weights(artifact, content)
    config = parse_json_object(content.model_config, "model_config")
    model = _require_model(config, "model_config")
    _require_safe(artifact, model, allow_lambda)
    _require_vocabularies(model)
    return _facts(
        ArtifactFormat.H5,
        model,
        content=content,
        version=content.keras_version,
        settings=_training_settings(content.training_config),
    )


def _require_safe(artifact: Artifact, model: Saved, allow_lambda: bool) -> None:
    """Refuse what a file could do; code that comes with it may define its classes."""
    require_safe(
        model, allow_lambda=allow_lambda, allow_custom=artifact.source is not None
    )


_WITH_VOCABULARY: Final = frozenset(
    {"TextVectorization", "StringLookup", "IntegerLookup"}
)


def _require_vocabularies(model: Saved) -> None:
    """Refuse a file that lacks a vocabulary, for HDF5 holds what ``adapt`` found not.

    Keras writes it all the same, and the model then fails when it is called.
    """
    for layer in inner_layers(model):
        if is_model(layer):
            _require_vocabularies(layer)
        lacks = config_of(layer).get("vocabulary") is None
        if class_name(layer) in _WITH_VOCABULARY and lacks:
            name = printable(name_of(layer), limit=80)
            raise Ungradable(
                Code.FORMAT,
                f"the .h5 file does not hold the vocabulary of the layer {name!r}",
                hint="Save the model as .keras, which does.",
            )


def _of_weights(artifact: Artifact, content: Hdf5Content) -> Facts:
    """Return the facts of weights; code that comes with them builds their model."""
    if not content.variables or artifact.source is None:
        raise _without_model(content)
    version = () if content.keras_version is None else (Part.VERSION,)
    return Facts(
        format=ArtifactFormat.WEIGHTS,
        keras_version=_version(content.keras_version),
        model_class="weights",
        layers=(),
        inputs=(),
        outputs=(),
        last_activation=None,
        weights=count_weights(content.variables),
        compile_settings=None,
        holds=frozenset({Part.WEIGHTS, *version}),
    )


def _facts(
    form: ArtifactFormat,
    model: Saved,
    *,
    content: Hdf5Content,
    version: str | None,
    settings: Mapping[str, Any] | None,
) -> Facts:
    signature = parse_signature(model)
    layers = parse_layers(model)
    numbers, size = count_constants(model)
    stored = count_weights(content.variables)
    weights = replace(stored, constants=numbers, constant_bytes=size)
    owners = Owners(layers, form)
    facts = Facts(
        format=form,
        keras_version=_version(version),
        model_class=_model_class(model),
        layers=layers,
        inputs=signature.inputs,
        outputs=signature.outputs,
        last_activation=signature.activation,
        weights=weights,
        compile_settings=settings or None,
        holds=frozenset(Part) - (_NO_ENDS if not signature.outputs else frozenset()),
        layer_parameters=layer_parameters(
            (variable, owners.of(variable.path))
            for variable in content.variables
            if part_of(variable.path) is VariablePart.MODEL
        ),
    )
    _require_built(facts)
    return facts


_NO_ENDS: Final = frozenset({Part.ENDS})
"""What a class of a candidate's own, which says nothing of them, lacks."""


def _version(version: str | None) -> str | None:
    return None if version is None else printable(version, limit=40)


def _require_model(config: Saved, place: str) -> Saved:
    if not is_saved(config):
        raise Ungradable(Code.FORMAT, f"{place} does not describe a Keras model")
    return config


def _model_class(model: Saved) -> str:
    name = class_name(model)
    return "Functional" if name == "Model" else name  # Model was its name until 2.2


def _training_settings(text: str | None) -> dict[str, Any] | None:
    """Return the compile settings of an ``.h5`` file under the names Keras 3 uses."""
    if text is None:
        return None
    return training_settings(parse_json_object(text, "training_config"))


def _without_model(content: Hdf5Content) -> Ungradable:
    if content.variables:
        return SourceMissing(
            Code.FORMAT,
            "the file holds weights only, without the model they belong to",
            hint="Save with model.save('name.keras'), not with save_weights(...).",
        )
    return Ungradable(
        Code.FORMAT, "the HDF5 file holds no Keras model (no model_config)"
    )


_BUILT_WITH_WEIGHTS = frozenset(
    {"Dense", "Embedding", "LSTM", "GRU", "SimpleRNN", "Conv1D", "Conv2D", "Conv3D"}
)


def _require_built(facts: Facts) -> None:
    """Refuse a model that was saved before its weights were made.

    Keras would load it and make up random weights with the first call.
    """
    if facts.weights.parameters:
        return
    if any(layer.class_name in _BUILT_WITH_WEIGHTS for layer in facts.walk()):
        raise Ungradable(
            Code.FORMAT,
            "the model was saved before it was built, so the file holds no weights",
            hint="Start the model with an Input layer, or fit it, before saving.",
        )
