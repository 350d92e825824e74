"""What a confined process says that a SavedModel holds, checked or refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Tensor, TensorKind
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.hdf5 import MAX_VARIABLES, Variable, parse_variable
from pytest_tfgrade.facts.strict_json import MAX_BYTES

_MAX_NAME: Final = 1000
_MAX_OPERATIONS: Final = 5001  # one is of the worker's own making
_MAX_OWNERS: Final = 20
_MAX_RANK: Final = 254  # of TensorFlow
_MAX_SIZE: Final = 2**63

_KINDS: Final = {
    "dense": TensorKind.DENSE,
    "sparse": TensorKind.SPARSE,
    "composite": TensorKind.RAGGED,
}

_WHOLE_FOLDER: Final = (
    "Hand in the whole folder, with variables/ and assets/, for example as a .zip."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One function of a SavedModel that can be called."""

    inputs: tuple[Tensor, ...]
    """By name, numbers in names counted as numbers."""

    outputs: tuple[Tensor, ...]
    """In the same order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModelContent:
    """What a SavedModel says of itself, without any values."""

    tensorflow_version: str | None
    """The TensorFlow that saved it, printable."""

    signatures: Mapping[str, Signature]
    """By key, sorted."""

    operations: tuple[str, ...]
    """Names of operations, sorted, each once."""

    keras_metadata: str | None
    """The model as JSON, as Keras 2 writes it."""

    owners: Mapping[str, tuple[str, ...]]
    """Names of the models and layers around a variable, outermost first, by path."""

    variables: tuple[tuple[Variable, list[Any]], ...]
    """In the order of the file, with what follows if values were asked for."""


def parse_saved_model_content(raw: object) -> SavedModelContent:
    """Check what the worker's ``read_saved_model`` returned.

    Raises:
        Ungradable: ``E_PROTOCOL`` if it has another form; ``E_FORMAT`` or ``E_LOAD``
            for the first problem that it reports.
    """
    match raw:
        case {
            "tensorflow_version": version,
            "signatures": dict(signatures),
            "operations": list(operations),
            "keras_metadata": metadata,
            "owners": dict(owners),
            "variables": list(variables),
            "problems": list(problems),
        }:
            _require_whole(problems)
            if len(variables) > MAX_VARIABLES or len(operations) > _MAX_OPERATIONS:
                raise _unexpected("too many parts")
            known = _text(version)
            return SavedModelContent(
                tensorflow_version=known and printable(known, limit=40),
                signatures={
                    _name(key): _signature(signatures[key])
                    for key in sorted(signatures, key=str)
                },
                operations=tuple(sorted({_name(name) for name in operations})),
                keras_metadata=_text(metadata),
                owners=dict(map(_owner, owners.items())),
                variables=tuple(map(_variable, variables)),
            )
        case _:
            raise _unexpected(repr(type(raw)))


def _require_whole(problems: list[Any]) -> None:
    for problem in problems:
        match problem:
            case [str(kind), str(what)] if kind in _PROBLEMS:
                code, rationale, hint = _PROBLEMS[kind]
                name = printable(what, limit=120)
                detail = None if "{}" in rationale else printable(what)
                raise Ungradable(code, rationale.format(name), hint=hint, detail=detail)
            case _:
                raise _unexpected(f"problem {problem!r}")


_PROBLEMS: Final[Mapping[str, tuple[Code, str, str | None]]] = {
    "missing": (
        Code.FORMAT,
        "the SavedModel lacks its variables: {}",
        _WHOLE_FOLDER,
    ),
    "asset": (
        Code.FORMAT,
        "the SavedModel lacks a file that it needs: there is no {}",
        _WHOLE_FOLDER,
    ),
    "unreadable": (Code.FORMAT, "the SavedModel is damaged or incomplete", None),
    "large": (Code.FORMAT, "the SavedModel holds more parts than any model has", None),
    "tags": (
        Code.FORMAT,
        "the SavedModel has no graph with the tag 'serve' alone; its tags: {}",
        "Save it with model.export(...) or tf.saved_model.save(...).",
    ),
    "external": (
        Code.LOAD,
        "the SavedModel refers to a file outside of its folder: {}",
        "Save it again with model.export(...) and hand in that folder.",
    ),
    "bomb": (
        Code.LOAD,
        "the SavedModel declares far larger weights than it stores",
        None,
    ),
}
"""By the worker's word for it: code, rationale and hint."""


def _signature(raw: object) -> Signature:
    match raw:
        case {"inputs": dict(inputs), "outputs": dict(outputs)}:
            return Signature(inputs=_tensors(inputs), outputs=_tensors(outputs))
        case _:
            raise _unexpected(f"signature {raw!r}")


def _tensors(raw: Mapping[Any, Any]) -> tuple[Tensor, ...]:
    names = sorted(map(_name, raw), key=_natural)
    return tuple(_tensor(name, raw[name]) for name in names)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what to sort names by, so that ``output_2`` comes before ``output_10``."""
    parts = re.split("([0-9]+)", name)  # numbers are at odd positions
    return [(int(part), "") if at % 2 else (0, part) for at, part in enumerate(parts)]


def _tensor(name: str, raw: object) -> Tensor:
    match raw:
        case [dtype, shape, str(kind)] if kind in _KINDS:
            return Tensor(
                name=name,
                shape=_shape(shape),
                dtype=None if dtype is None else _name(dtype),
                kind=_KINDS[kind],
            )
        case _:
            raise _unexpected(f"tensor {raw!r}")


def _shape(raw: object) -> Shape | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or len(raw) > _MAX_RANK:
        raise _unexpected(f"shape {raw!r}")
    if not all(type(size) is int and -1 <= size < _MAX_SIZE for size in raw):
        raise _unexpected(f"shape {raw!r}")
    return tuple(None if size < 0 else size for size in raw)


def _variable(raw: object) -> tuple[Variable, list[Any]]:
    match raw:
        case [path, dtype, shape, *summary]:
            return parse_variable([path, dtype, shape]), summary
        case _:
            raise _unexpected(f"variable {raw!r}")


def _owner(raw: tuple[object, object]) -> tuple[str, tuple[str, ...]]:
    match raw:
        case path, list(names) if len(names) <= _MAX_OWNERS:
            return _name(path), tuple(map(_name, names))
        case _:
            raise _unexpected(f"owner {raw!r}")


def _text(raw: object) -> str | None:
    if raw is None or (isinstance(raw, str) and len(raw) <= MAX_BYTES):
        return raw
    raise _unexpected("a text")


def _name(raw: object) -> str:
    if isinstance(raw, str) and len(raw) <= _MAX_NAME:
        return raw
    raise _unexpected(f"name {raw!r}")


def _unexpected(what: str) -> Ungradable:
    detail = f"the reader returned something unexpected: {printable(what)}"
    return Ungradable(Code.PROTOCOL, detail=detail)
