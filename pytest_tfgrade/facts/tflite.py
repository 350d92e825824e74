"""What a confined process says that a TensorFlow Lite file holds.

What comes back is a claim: here it becomes facts, or the artifact is ungradable.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Part, Tensor, Weights
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.ends_in_order import in_order
from pytest_tfgrade.facts.graph_operations import require_harmless_operations
from pytest_tfgrade.facts.natural_order import natural_key
from pytest_tfgrade.facts.problems import Problem, Problems, require_none, unexpected

DEFAULT_SIGNATURE: Final = "serving_default"
"""What is called where a file has several signatures and the task names none."""

_MAX_TENSORS: Final = 1000  # of one signature
_MAX_SIGNATURES: Final = 1000
_MAX_OPERATORS: Final = 5000
_MAX_RANK: Final = 32
_MAX_SIZE: Final = 2**31  # of an axis: the file has 32-bit numbers
_MAX_COUNT: Final = 2**63  # of numbers or bytes
_MAX_TEXT: Final = 10_000  # characters
_MOST_NAMED: Final = 10  # signatures in a rationale

_FLEX: Final = "Flex"
"""What the names of TensorFlow's own operators start with in a TFLite file."""

_CONVERT: Final = "Convert a model that computes from its inputs alone."

_OF_A_FOLDER: Final = frozenset(
    """
    Save SaveV2 SaveSlices Restore RestoreV2 RestoreSlice MergeV2Checkpoints
    InitializeTableFromTextFile InitializeTableFromTextFileV2
    """.split()  # noqa: SIM905
)
"""What reads and writes the files of a SavedModel; a TFLite file has none."""

_Ends = tuple[tuple[Tensor, ...], tuple[Tensor, ...]]
"""What a model takes, and what it returns."""

_PROBLEMS: Final[Problems] = {
    "bomb": Problem(
        Code.LOAD, "the file declares far larger tensors than a model can use"
    ),
    "external": Problem(
        Code.LOAD,
        "the file keeps data in another file",
        "Convert the model into one file.",
    ),
    "large": Problem(Code.FORMAT, "the file holds more parts than any model has"),
    "unreadable": Problem(
        Code.FORMAT,
        "the TFLite file is damaged or incomplete",
        "Convert the model again and check that the upload is complete.",
    ),
}


def parse_tflite_facts(raw: object, *, signature: str | None = None) -> Facts:
    """Check what the worker's ``read_tflite`` returned, and return it as facts.

    Tensors have the names of the signature and inputs the order of the graph, which is
    the model's own; outputs are in the order of their names, ``output_2`` before
    ``output_10``. Without a signature they are the first graph's, as it has them.

    Args:
        raw: The claim.
        signature: What to call; None: ``serving_default``, or the only signature.

    Raises:
        Ungradable: ``E_PROTOCOL`` if the claim has another form; ``E_FORMAT`` if the
            file cannot be read or lacks the signature; ``E_LOAD`` if it needs files or
            Python code, or more memory than there is.
    """
    match raw:
        case {
            "inputs": list(inputs),
            "outputs": list(outputs),
            "operators": list(operators),
            "signatures": dict(signatures),
            "parameters": [int(count), int(size)],
            "problems": list(problems),
        }:
            require_none(problems, _PROBLEMS)
            operations = _parse_operators(operators)
            require_harmless_operators(operations)
            key = _chosen(signatures, signature)
            if key is not None:
                ends = _parse_signature(signatures[key])
            else:
                ends = _parse_tensors(inputs), _parse_tensors(outputs)
            return _facts(ends, _weights(count, size), key, operations)
        case _:
            raise unexpected(repr(type(raw)))


def _facts(
    ends: _Ends, weights: Weights, key: str | None, operations: tuple[str, ...]
) -> Facts:
    taken, returned = ends
    return Facts(
        format=ArtifactFormat.TFLITE,
        keras_version=None,
        model_class="TFLite",
        layers=(),
        inputs=taken,
        outputs=returned,
        inputs_in_order=key is None or in_order(taken)[1],
        outputs_in_order=key is None or in_order(returned)[1],
        last_activation=None,
        weights=weights,
        compile_settings=None,
        holds=frozenset({Part.ENDS}),  # numbers of a graph are not the model's
        signature=key,
        operations=operations,
    )


def require_harmless_operators(operators: Sequence[str]) -> None:
    """Let nothing pass that reaches beyond the model.

    Only operators of TensorFlow itself can. Not every interpreter has them: that of
    TensorFlow 2.15 does, that of 2.21 does not.

    Raises:
        Ungradable: ``E_LOAD``, with the operator's name.
    """
    names = [name[len(_FLEX) :] for name in operators if name.startswith(_FLEX)]
    try:
        require_harmless_operations(names)
    except Ungradable as finding:
        raise Ungradable(Code.LOAD, finding.rationale, hint=_CONVERT) from finding
    for name in names:
        if name in _OF_A_FOLDER:
            rationale = f"the model reads or writes files ({name})"
            raise Ungradable(Code.LOAD, rationale, hint=_CONVERT)


def _parse_operators(raw: list[Any]) -> tuple[str, ...]:
    if len(raw) > _MAX_OPERATORS or not all(map(_is_text, raw)):
        raise unexpected("operators")
    return tuple(printable(name, limit=100) for name in raw)


def _chosen(signatures: Mapping[Any, Any], wanted: str | None) -> str | None:
    """Return the key of the signature to call; None: the first graph as it is."""
    if len(signatures) > _MAX_SIGNATURES or not all(map(_is_text, signatures)):
        raise unexpected("signatures")
    if wanted is not None and wanted not in signatures:
        raise _without_signature(wanted, list(signatures))
    if wanted is None and DEFAULT_SIGNATURE in signatures:
        return DEFAULT_SIGNATURE
    if wanted is None and len(signatures) == 1:
        (wanted,) = signatures
    return wanted


def _without_signature(wanted: str, there: list[str]) -> Ungradable:
    names = ", ".join(repr(printable(name, limit=40)) for name in there[:_MOST_NAMED])
    if len(there) > _MOST_NAMED:
        names += ", ..."
    has = f"it has {names}" if there else "it has no signatures"
    return Ungradable(
        Code.FORMAT,
        f"the TFLite file lacks the signature {printable(wanted, limit=40)!r}; {has}",
        hint="Convert a SavedModel with that signature (signature_keys=[...]).",
    )


def _parse_signature(raw: object) -> _Ends:
    """Return what a signature takes and returns, under the names it gives."""
    match raw:
        case {"inputs": dict(inputs), "outputs": dict(outputs)}:
            taken = _parse_tensors(list(inputs.values()), list(inputs))
            names = sorted(outputs, key=natural_key)
            return taken, _parse_tensors([outputs[name] for name in names], names)
        case _:
            raise unexpected("a signature")


def _parse_tensors(
    raw: list[Any], names: Sequence[str] | None = None
) -> tuple[Tensor, ...]:
    """Return tensors under their own names, or under those given."""
    if len(raw) > _MAX_TENSORS:
        raise unexpected("too many tensors")
    own = tuple(map(_parse_tensor, raw))
    return own if names is None else tuple(map(_renamed, own, names))


def _renamed(tensor: Tensor, name: str) -> Tensor:
    if not _is_text(name):
        raise unexpected("the name of a tensor")
    return replace(tensor, name=name)


def _parse_tensor(raw: object) -> Tensor:
    match raw:
        case [str(name), str(dtype), shape, signature, quantization] if (
            len(name) <= _MAX_TEXT and len(dtype) <= _MAX_TEXT
        ):
            return Tensor(
                name=name,
                shape=_parse_shape(shape if signature is None else signature),
                dtype=printable(dtype, limit=40),
                quantization=_parse_quantization(quantization),
            )
        case _:
            raise unexpected(f"tensor {raw!r}")


def _parse_shape(raw: object) -> Shape | None:
    match raw:
        case None:
            return None
        case list(sizes) if len(sizes) <= _MAX_RANK and all(map(_is_size, sizes)):
            return tuple(None if size == -1 else size for size in sizes)
        case _:
            raise unexpected(f"shape {raw!r}")


def _is_size(raw: object) -> bool:
    return type(raw) is int and -1 <= raw < _MAX_SIZE


def _parse_quantization(raw: object) -> tuple[float, int] | None:
    match raw:
        case None:
            return None
        case [float(scale), int(zero)] if (
            math.isfinite(scale) and scale > 0 and -_MAX_COUNT <= zero < _MAX_COUNT
        ):
            return scale, int(zero)
        case _:
            raise unexpected(f"quantization {raw!r}")


def _weights(count: int, size: int) -> Weights:
    if not (0 <= count < _MAX_COUNT and 0 <= size < _MAX_COUNT):
        raise unexpected("parameters")
    return Weights(parameters=int(count), model_bytes=int(size), optimizer_bytes=0)


def _is_text(raw: object) -> bool:
    return isinstance(raw, str) and len(raw) <= _MAX_TEXT
