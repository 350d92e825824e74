"""Facts of a SavedModel folder, from what a confined process read of it.

Unlike in a ``.keras`` file, what runs is the graph; the configuration that Keras 2
writes beside it is for those who go on training. It is taken at its word.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import (
    Facts,
    Part,
    StoredVariable,
    StoredWeights,
    Weights,
)
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.checkpoint_paths import CheckpointOwners, parts_of
from pytest_tfgrade.facts.ends_in_order import in_order
from pytest_tfgrade.facts.graph_operations import require_harmless_operations
from pytest_tfgrade.facts.hdf5 import Variable
from pytest_tfgrade.facts.keras_metadata import KerasModel, parse_keras_metadata
from pytest_tfgrade.facts.layer_parameters import layer_parameters
from pytest_tfgrade.facts.owners import Address
from pytest_tfgrade.facts.saved_model_content import (
    SavedModelContent,
    parse_saved_model_content,
)
from pytest_tfgrade.facts.summaries import stored_variables
from pytest_tfgrade.facts.weights import Part as VariablePart
from pytest_tfgrade.facts.weights import item_bytes

DEFAULT_SIGNATURES: Final = ("serving_default", "serve")
"""What is called if a task names no signature, first one first."""

MODEL_CLASS: Final = "SavedModel"
"""Of a model of which nothing but its graph is known."""

_MOST_NAMED: Final = 5


def parse_saved_model_facts(raw: object, *, signature: str | None = None) -> Facts:
    """Return the facts of a SavedModel.

    Args:
        raw: What the worker's ``read_saved_model`` returned.
        signature: The one to call; None: the usual one, or the only one there is.

    Raises:
        Ungradable: ``E_FORMAT`` if the folder is damaged, incomplete or has no such
            signature; ``E_POLICY`` or ``E_LOAD`` for operations that do more than
            compute; ``E_PROTOCOL`` if the worker's answer has another form.
    """
    content = parse_saved_model_content(raw)
    require_harmless_operations(content.operations)
    key = _chosen(tuple(content.signatures), signature)
    keras = parse_keras_metadata(content.keras_metadata)
    variables = [variable for variable, _ in content.variables]
    weights = _weights(variables)
    ends = content.signatures[key]
    inputs, inputs_in_order = in_order(ends.inputs, keras.inputs if keras else ())
    outputs, outputs_in_order = in_order(ends.outputs, keras.outputs if keras else ())
    return Facts(
        format=ArtifactFormat.SAVED_MODEL,
        keras_version=keras.keras_version if keras else None,
        model_class=keras.model_class if keras else MODEL_CLASS,
        layers=keras.layers if keras else (),
        inputs=inputs,
        outputs=outputs,
        inputs_in_order=inputs_in_order,
        outputs_in_order=outputs_in_order,
        last_activation=keras.last_activation if keras else None,
        weights=weights,
        compile_settings=keras.compile_settings if keras else None,
        holds=frozenset(_held(weights, keras)),
        layer_parameters=_layer_parameters(variables, keras, content),
        tensorflow_version=content.tensorflow_version,
        signature=key,
        operations=content.operations,
    )


def _layer_parameters(
    variables: Sequence[Variable], keras: KerasModel | None, content: SavedModelContent
) -> Mapping[Address, int] | None:
    if keras is None:
        return None
    owners = CheckpointOwners(keras.layers, content.owners)
    return layer_parameters(
        (variable, owners.of(variable.path))
        for part, variable in zip(parts_of(variables), variables, strict=True)
        if part is VariablePart.MODEL and "float" in variable.dtype
    )


def parse_saved_model_weights(raw: object, facts: Facts) -> StoredWeights:
    """Return what a SavedModel stores of each variable.

    Args:
        raw: What ``read_saved_model`` returned with ``values=True``.
        facts: Those of the same folder.

    Raises:
        Ungradable: As ``parse_saved_model_facts``, signatures and operations apart.
    """
    content = parse_saved_model_content(raw)
    owners = CheckpointOwners(facts.layers, content.owners)
    parts = parts_of([variable for variable, _ in content.variables])
    model: list[StoredVariable] = []
    optimizer: list[StoredVariable] = []
    for part, (variable, summary) in zip(parts, content.variables, strict=True):
        match part:
            case VariablePart.MODEL:
                owner = owners.of(variable.path)
                model.extend(stored_variables(variable, summary, owner))
            case VariablePart.OPTIMIZER:
                optimizer.extend(stored_variables(variable, summary, ()))
            case VariablePart.STATE:
                pass
    return StoredWeights(model=tuple(model), optimizer=tuple(optimizer))


def _chosen(keys: tuple[str, ...], wanted: str | None) -> str:
    """Return the key of the signature to call."""
    usual = DEFAULT_SIGNATURES if wanted is None else (wanted,)
    found = next((key for key in usual if key in keys), None)
    if found is None and wanted is None and len(keys) == 1:
        found = keys[0]
    if found is not None:
        return found
    if not keys:
        raise Ungradable(
            Code.FORMAT,
            "the SavedModel has no signature, so nothing in it can be called",
            hint="Save it with model.export(...), or give signatures= to "
            "tf.saved_model.save(...).",
        )
    listed = ", ".join(printable(repr(key), limit=80) for key in keys[:_MOST_NAMED])
    more = ", ..." if len(keys) > _MOST_NAMED else ""
    name = printable(repr(usual[0]), limit=80)
    raise Ungradable(
        Code.FORMAT,
        f"the SavedModel has no signature {name}; it has {listed}{more}",
        hint=f"Save it with a signature of the name {name}.",
    )


def _held(weights: Weights, keras: KerasModel | None) -> Iterable[Part]:
    """Yield what the folder holds, beyond the graph that every one has."""
    yield Part.ENDS
    if keras:
        yield Part.LAYERS
        if keras.keras_version is not None:
            yield Part.VERSION
        if keras.compile_settings is not None:
            yield Part.COMPILE
    if weights.model_bytes:  # else its numbers are constants of the graph
        yield Part.WEIGHTS


def _weights(variables: list[Variable]) -> Weights:
    """Add up what is stored; as parameters count real numbers alone."""
    parameters = 0
    sizes = dict.fromkeys(VariablePart, 0)
    for part, variable in zip(parts_of(variables), variables, strict=True):
        numbers = math.prod(variable.shape)
        sizes[part] += numbers * item_bytes(variable.dtype)
        if part is VariablePart.MODEL and "float" in variable.dtype:
            parameters += numbers
    return Weights(
        parameters=parameters,
        model_bytes=sizes[VariablePart.MODEL],
        optimizer_bytes=sizes[VariablePart.OPTIMIZER],
    )
