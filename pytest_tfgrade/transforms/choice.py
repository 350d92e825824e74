"""Which input a transform changes, and how a changed one takes its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pytest_tfgrade.transforms.interface import Array, NotApplicable


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of input."""

    what: str
    """What it holds, as a refusal says it."""

    fits: Callable[[Array], bool]
    """Whether an array may be of this kind."""


_SERIES = {("f", 2), ("f", 3), ("i", 3), ("u", 3)}
"""Kinds of dtype and numbers of axes; integers of two axes are ids."""

IMAGES = Kind(
    what="images (rows, height, width) or (rows, height, width, channels)",
    fits=lambda array: array.dtype.kind in "iuf" and array.ndim in {3, 4},
)
COLOURS = Kind(
    what="images (rows, height, width, channels) with several channels",
    fits=lambda array: IMAGES.fits(array) and array.ndim > 3 and array.shape[3] > 1,  # noqa: PLR2004 - axis 3
)
SERIES = Kind(
    what="series (rows, steps) of fractions or (rows, steps, channels)",
    fits=lambda array: (array.dtype.kind, array.ndim) in _SERIES,
)
TEXTS = Kind(what="texts", fits=lambda array: array.dtype.kind == "U")
IDS = Kind(
    what="ids (rows, steps)",
    fits=lambda array: array.dtype.kind in "iu" and array.ndim == 2,  # noqa: PLR2004 - axes
)
FRACTIONS = Kind(
    what="numbers that can be fractions", fits=lambda array: array.dtype.kind == "f"
)
STEPS = Kind(
    what="numbers (rows, steps, ...)",
    fits=lambda array: array.dtype.kind in "iuf" and array.ndim > 1,
)


def chosen(inputs: Mapping[str, Array], name: str | None, kind: Kind) -> str:
    """Return the name of the input that is changed.

    Args:
        inputs: By name.
        name: Which one; None is the only one of the kind. Other kinds do not matter, so
            a model of an image and a text needs no name.
        kind: What it must hold.

    Raises:
        NotApplicable: It does not, or no input does.
        ValueError: There is no such input, or several are of the kind.
    """
    if name is None:
        fitting = [each for each in inputs if kind.fits(inputs[each])]
        if not fitting:
            raise NotApplicable(f"no input holds {kind.what}")
        if len(fitting) > 1:
            text = f"each of {', '.join(fitting)} could hold {kind.what}"
            raise ValueError(f"{text}; name the input")
        return fitting[0]
    if name not in inputs:
        raise ValueError(f"there is no input {name!r}; use {' or '.join(inputs)}")
    if not kind.fits(inputs[name]):
        held = f"{inputs[name].dtype} {inputs[name].shape}"
        raise NotApplicable(f"{name!r} is {held}, which cannot be {kind.what}")
    return name


def changed(
    inputs: Mapping[str, Array],
    name: str | None,
    kind: Kind,
    change: Callable[[Array], Array],
) -> dict[str, Array]:
    """Return inputs of which one is changed.

    Args:
        inputs: By name.
        name: As ``chosen``.
        kind: As ``chosen``.
        change: Takes values, of which there are some, and returns new ones of the same
            shape. They become the dtype that the input had; whole numbers are rounded,
            and kept within its bounds.

    Raises:
        ValueError: As ``chosen``.
    """
    which = chosen(inputs, name, kind)
    old = inputs[which]
    return replaced(inputs, which, change(old) if old.size else old.copy())


def replaced(inputs: Mapping[str, Array], name: str, values: Array) -> dict[str, Array]:
    """Return inputs of which one has new values, in the dtype and class of the old."""
    result = {each: inputs[each] for each in inputs}
    old = result[name]
    if old.dtype.kind in "iu" and values.dtype.kind == "f":
        bounds = np.iinfo(old.dtype)
        values = np.clip(np.rint(values), bounds.min, bounds.max)
    result[name] = values.astype(old.dtype, copy=False).view(type(old))
    return result


def named(text: str, name: str | None) -> str:
    """Return a description, with the input that it is of if one was named.

    >>> named("turned", None), named("turned", "photo")
    ('turned', 'turned (photo)')
    """
    return text if name is None else f"{text} ({name})"
