"""What a confined process says that an HDF5 file holds.

The trusted side never opens HDF5 itself. What comes back is a claim: here it becomes a
checked value, or the artifact is ungradable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.facts.problems import Problem, Problems, require_none, unexpected

MAX_VARIABLES: Final = 100_000
_MAX_RANK: Final = 32  # of HDF5
_MAX_SIZE: Final = 2**63
_MAX_TEXT: Final = 32 * 2**20

PROBLEMS: Final[Problems] = {
    "external": Problem(
        Code.LOAD,
        "the file refers to external data in {!r}",
        "Save it again with model.save(...) and hand in that file.",
    ),
    "bomb": Problem(Code.LOAD, "the file declares far larger weights than it stores"),
    "large": Problem(Code.FORMAT, "the file holds more parts than any model has"),
    "unreadable": Problem(Code.FORMAT, "the HDF5 data are damaged or incomplete"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One array that a file stores."""

    path: str
    """Groups and name, with slashes."""

    dtype: str
    """A NumPy dtype name."""

    shape: tuple[int, ...]
    """Sizes of each axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5Content:
    """The attributes and variables of an HDF5 file, without any values."""

    model_config: str | None
    """The model as JSON; None in a file of weights only."""

    training_config: str | None
    """The compile settings as JSON; None if the model was not compiled."""

    keras_version: str | None
    """The Keras that saved the file; None where it does not say."""

    variables: tuple[Variable, ...]
    """In no particular order."""


def parse_hdf5_content(raw: object) -> Hdf5Content:
    """Check what the worker's ``read_hdf5`` returned.

    Raises:
        Ungradable: ``E_PROTOCOL`` if it has another form; ``E_FORMAT`` if the file
            cannot be read; ``E_LOAD`` if its data lie in other files or it declares far
            more than it stores.
    """
    match raw:
        case {
            "attributes": dict(attributes),
            "variables": list(variables),
            "problems": list(problems),
        }:
            require_none(problems, PROBLEMS)
            if len(variables) > MAX_VARIABLES:
                raise unexpected("too many variables")
            return Hdf5Content(
                model_config=_text(attributes, "model_config"),
                training_config=_text(attributes, "training_config"),
                keras_version=_text(attributes, "keras_version"),
                variables=tuple(map(parse_variable, variables)),
            )
        case _:
            raise unexpected(repr(type(raw)))


def _text(attributes: Mapping[Any, Any], name: str) -> str | None:
    value = attributes.get(name)
    if value is None or (isinstance(value, str) and len(value) <= _MAX_TEXT):
        return value
    raise unexpected(f"attribute {name}")


def parse_variable(raw: object) -> Variable:
    """Return a variable of ``[path, dtype, shape]``.

    Raises:
        Ungradable: ``E_PROTOCOL`` if it has another form.
    """
    match raw:
        case [str(path), str(dtype), list(shape)] if len(shape) <= _MAX_RANK:
            if all(type(size) is int and 0 <= size < _MAX_SIZE for size in shape):
                return Variable(path=path, dtype=dtype, shape=tuple(shape))
    raise unexpected(f"variable {raw!r}")
