"""What a confined process says that a SavedModel holds, checked or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.core.facts import Tensor, TensorKind
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.hdf5 import MAX_VARIABLES, Variable
from pytest_tfgrade.facts.natural_order import natural_key
from pytest_tfgrade.facts.problems import Problem, Problems, require_none, unexpected
from pytest_tfgrade.facts.strict_json import MAX_BYTES
from pytest_tfgrade.facts.summaries import parse_described

_MAX_NAME: Final = 1000  # characters
_MAX_OPERATIONS: Final = 5001  # one is of the worker's own making
_MAX_OWNERS: Final = 20  # names around one variable
_MAX_RANK: Final = 254  # of TensorFlow
_MAX_SIZE: Final = 2**63  # of an axis

_KINDS: Final = {
    "dense": TensorKind.DENSE,
    "sparse": TensorKind.SPARSE,
    "composite": TensorKind.RAGGED,
}

_WHOLE_FOLDER: Final = (
    "Hand in the whole folder, with variables/ and assets/, for example as a .zip."
)

_PROBLEMS: Final[Problems] = {
    "missing": Problem(
        Code.FORMAT, "the SavedModel lacks its variables: {}", _WHOLE_FOLDER
    ),
    "asset": Problem(
        Code.FORMAT,
        "the SavedModel lacks a file that it needs: there is no {}",
        _WHOLE_FOLDER,
    ),
    "unreadable": Problem(Code.FORMAT, "the SavedModel is damaged or incomplete"),
    "large": Problem(Code.FORMAT, "the SavedModel holds more parts than any model has"),
    "tags": Problem(
        Code.FORMAT,
        "the SavedModel has no graph with the tag 'serve' alone; its tags: {}",
        "Save it with model.export(...) or tf.saved_model.save(...).",
    ),
    "external": Problem(
        Code.LOAD,
        "the SavedModel refers to a file outside of its folder: {}",
        "Save it again with model.export(...) and hand in that folder.",
    ),
    "bomb": Problem(
        Code.LOAD, "the SavedModel declares far larger weights than it stores"
    ),
}


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
    """The model as JSON, as Keras 2 writes it; None if there is none."""

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
            require_none(problems, _PROBLEMS)
            if len(variables) > MAX_VARIABLES or len(operations) > _MAX_OPERATIONS:
                raise unexpected("too many parts")
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
                variables=tuple(map(parse_described, variables)),
            )
        case _:
            raise unexpected(repr(type(raw)))


def _signature(raw: object) -> Signature:
    match raw:
        case {"inputs": dict(inputs), "outputs": dict(outputs)}:
            return Signature(inputs=_tensors(inputs), outputs=_tensors(outputs))
        case _:
            raise unexpected(f"signature {raw!r}")


def _tensors(raw: Mapping[Any, Any]) -> tuple[Tensor, ...]:
    names = sorted(map(_name, raw), key=natural_key)
    return tuple(_tensor(name, raw[name]) for name in names)


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
            raise unexpected(f"tensor {raw!r}")


def _shape(raw: object) -> Shape | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or len(raw) > _MAX_RANK:
        raise unexpected(f"shape {raw!r}")
    if not all(type(size) is int and -1 <= size < _MAX_SIZE for size in raw):
        raise unexpected(f"shape {raw!r}")
    return tuple(None if size < 0 else size for size in raw)


def _owner(raw: tuple[object, object]) -> tuple[str, tuple[str, ...]]:
    match raw:
        case path, list(names) if len(names) <= _MAX_OWNERS:
            return _name(path), tuple(map(_name, names))
        case _:
            raise unexpected(f"owner {raw!r}")


def _text(raw: object) -> str | None:
    if raw is None or (isinstance(raw, str) and len(raw) <= MAX_BYTES):
        return raw
    raise unexpected("a text")


def _name(raw: object) -> str:
    if isinstance(raw, str) and len(raw) <= _MAX_NAME:
        return raw
    raise unexpected(f"name {raw!r}")
