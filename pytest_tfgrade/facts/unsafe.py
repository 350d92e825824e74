"""What makes a saved model unsafe to load, found without loading it.

An early, friendly refusal: the boundary is the sandbox. The whole configuration is
walked, for Keras makes objects of whatever it finds in it, wherever that stands.
"""

import posixpath
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, NoReturn

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import SourceMissing, Ungradable
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.keras_layers import (
    KERAS_LAYERS,
    LAYER_ALIASES,
    MODEL_CLASSES,
    OPERATION_LAYERS,
)
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.references import Origin, full_name, origin_of
from pytest_tfgrade.facts.saved_objects import Saved, class_name, config_of, is_saved

_LAMBDA_HINT: Final = (
    "Use built-in layers instead: Rescaling for x * a + b, Reshape for expand_dims or "
    "squeeze, Activation for a function of Keras; or do it outside the model."
)
_KERAS_CLASSES: Final = (
    KERAS_LAYERS | {*LAYER_ALIASES} | MODEL_CLASSES | OPERATION_LAYERS
)
_BUILT_IN_HINT: Final = "Build the model of built-in layers only."
_GRAPH_HINT: Final = (
    "Hand in the SavedModel itself, or the model it was exported from; the layer keeps "
    "nothing but a path on your computer."
)
_ASSET_LAYERS: Final = frozenset(
    {"StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup"}
)
_CODE_LAYERS: Final = {
    "TFSMLayer": "which loads another model from a path",
    "TorchModuleWrapper": "which holds a pickle",
    "JaxLayer": "which holds compiled code",
    "FlaxLayer": "which holds compiled code",
}
_FILE_OPERATIONS: Final = (
    *("io.read_file", "io.write_file", "io.matching_files", "io.gfile", "io.TFRecord"),
    *("raw_ops", "py_function", "numpy_function", "data.", "train.", "saved_model"),
    *("load_library", "load_op_library", "summary", "print", "keras", "config."),
)
"""Beginnings of names of TensorFlow functions that reach beyond the model."""

_MARKERS: Final = frozenset(
    {
        *("__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__lambda__"),
        *("__ellipsis__", "__slice__"),
    }
)
_GRAPH_OPERATIONS: Final = ("ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "Print")


class _Place(NamedTuple):
    """A serialized object and the layer it belongs to."""

    saved: Saved
    layer: str
    where: str
    """``layer 'dense'``, for messages."""


def require_safe(
    model: Saved, *, allow_lambda: bool = False, allow_custom: bool = False
) -> None:
    """Raise if a serialized model names code that is no part of Keras.

    Compile settings of the model itself are looked at less strictly, for a model is
    loaded without them: a candidate's own loss does no harm there.

    Args:
        model: The model as a serialized object.
        allow_lambda: Let Lambda layers pass; they still run in the sandbox.
        allow_custom: Let classes and functions pass that the grader lacks; code that
            comes with the model may define them.

    Raises:
        Ungradable: ``E_UNSAFE`` for what could run code or read files,
            ``E_CUSTOM_OBJECT`` for classes and functions that the grader lacks.
    """
    compiled = model.get("compile_config")
    loaded = {key: value for key, value in model.items() if key != "compile_config"}
    places = list(_places(loaded))
    for place in places:
        if not (allow_lambda and class_name(place.saved) in {"Lambda", "__lambda__"}):
            for look in _LOOKS:
                look(place)
    for place in _places(compiled):
        _require_known_origin(place)
    if not allow_custom:
        _require_no_custom(places)


def name_custom(finding: Ungradable, facts: Facts) -> Ungradable:
    """Return a finding of ``E_CUSTOM_OBJECT`` with the layers that Keras lacks.

    An ``.h5`` file does not say where a class comes from, so that the names are looked
    at only after no runtime knew one of them. Findings of other codes stay as they are.
    """
    lacking = {
        printable(
            layer.class_name, limit=80
        ): f"layer {printable(layer.name, limit=80)!r}"
        for layer in facts.walk()
        if layer.class_name not in _KERAS_CLASSES
    }
    if finding.code is not Code.CUSTOM_OBJECT or not lacking:
        return finding
    named = _custom_finding(lacking)
    named.detail = finding.detail
    return named


def _places(value: object) -> Iterator[_Place]:
    """Yield every serialized object, outermost first."""
    stack: list[tuple[object, str, str]] = [(value, "", "the model")]
    while stack:
        item, layer, where = stack.pop()
        if isinstance(item, str) and item.endswith("enable_unsafe_deserialization"):
            _refuse(f"{where} switches off the safe mode of Keras")
        if isinstance(item, dict):
            if is_saved(item):
                name = config_of(item).get("name", item.get("name"))
                if isinstance(name, str):
                    layer, where = name, f"layer {printable(name, limit=80)!r}"
                yield _Place(item, layer, where)
            stack.extend((child, layer, where) for child in reversed(item.values()))
        elif isinstance(item, list):
            stack.extend((child, layer, where) for child in reversed(item))


def _require_no_lambda(place: _Place) -> None:
    name = class_name(place.saved)
    if name == "Lambda":
        rationale = f"{place.where} is a Lambda layer, which holds Python code"
        raise Ungradable(Code.UNSAFE, rationale, hint=_LAMBDA_HINT)
    if name == "__lambda__":
        rationale = f"{place.where} holds a Python lambda"
        raise Ungradable(Code.UNSAFE, rationale, hint=_LAMBDA_HINT)


def _require_no_code(place: _Place) -> None:
    name = class_name(place.saved)
    if name in _CODE_LAYERS:
        rationale = f"{place.where} is a {name}, {_CODE_LAYERS[name]}"
        _refuse(rationale, _GRAPH_HINT if name == "TFSMLayer" else _BUILT_IN_HINT)
    if name in {"TFOpLambda", "SlicingOpLambda"}:
        function = str(config_of(place.saved).get("function"))
        if function.removeprefix("compat.v1.").startswith(_FILE_OPERATIONS):
            what = printable(function, limit=80)
            _refuse(f"{place.where} calls tf.{what}, which reaches beyond the model")
    if name == "TensorFlowOpLayer":
        node = str(config_of(place.saved).get("node_def"))
        if any(operation in node for operation in _GRAPH_OPERATIONS):
            _refuse(f"{place.where} holds an operation that reads or writes files")


def _require_known_origin(place: _Place) -> None:
    if _is_marker(place.saved) or origin_of(place.saved) is not Origin.FOREIGN:
        return
    name = printable(full_name(place.saved), limit=80)
    _refuse(f"{place.where} names {name}, which is no part of a Keras model")


def _require_own_assets(place: _Place) -> None:
    if class_name(place.saved) not in _ASSET_LAYERS:
        parts = place.layer.replace("\\", "/").split("/")
        if ".." in parts or posixpath.isabs(place.layer):
            _refuse(f"{place.where} has a name that is a path")
        return
    if "/" in place.layer or "\\" in place.layer or ".." in place.layer:
        _refuse(f"{place.where} has a name that is a path")
    if isinstance(config_of(place.saved).get("vocabulary"), str):
        raise Ungradable(
            Code.UNSAFE,
            f"{place.where} reads its vocabulary from a file outside the model",
            hint="Give the vocabulary as a list, or call adapt(...), and save again.",
        )


_LOOKS: Final[tuple[Callable[[_Place], None], ...]] = (
    _require_no_lambda,
    _require_no_code,
    _require_known_origin,
    _require_own_assets,
)


def _require_no_custom(places: list[_Place]) -> None:
    custom: dict[str, str] = {}
    for place in places:
        for name in _custom_names(place.saved):
            custom.setdefault(printable(name, limit=80), place.where)
    if custom:
        raise _custom_finding(custom)


def _custom_finding(custom: dict[str, str]) -> Ungradable:
    """Say which classes and functions the grader lacks, and where they stand."""
    listed = ", ".join(f"{name!r} ({where})" for name, where in [*custom.items()][:5])
    return SourceMissing(
        Code.CUSTOM_OBJECT,
        f"the model needs {listed}, which the grader does not have",
        hint=_custom_hint(custom),
    )


def _custom_names(saved: Saved) -> Iterator[str]:
    if not _is_marker(saved) and origin_of(saved) is Origin.CUSTOM:
        yield full_name(saved)
    for key, value in config_of(saved).items():
        # Registered functions stand by name in an .h5 file.
        if key.endswith("activation") and isinstance(value, str) and ">" in value:
            yield value


def _custom_hint(names: dict[str, Any]) -> str | None:
    if "softmax_v2" in names:
        return "Write activation='softmax' instead of activation=tf.nn.softmax."
    if "swish" in names or "silu" in names:
        return "Write activation='swish' instead of activation=tf.nn.swish."
    return None


def _is_marker(saved: Saved) -> bool:
    """Return whether an object is a value of Keras' own notation, as a tensor."""
    if saved["class_name"] == "__typespec__":  # the one that imports a module
        module = str(saved.get("module")).partition(".")[0]
        return module in {"tensorflow", "keras", "tf_keras"}
    return saved["class_name"] in _MARKERS


def _refuse(rationale: str, hint: str = _BUILT_IN_HINT) -> NoReturn:
    raise Ungradable(Code.UNSAFE, rationale, hint=hint)
