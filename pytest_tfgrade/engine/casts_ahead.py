"""Whether casts keep every value, as far as a contract tells without hidden data."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from pytest_tfgrade.core.contract import InputSpec
from pytest_tfgrade.core.setup import Feeding
from pytest_tfgrade.engine.lossless import casts, loss_of, lossy


def open_casts(feeding: Feeding, inputs: Mapping[str, InputSpec]) -> Iterator[str]:
    """Yield the inputs of which hidden data decide whether a cast keeps their values.

    Args:
        feeding: How a model gets the inputs.
        inputs: The contract's.

    Raises:
        Ungradable: ``E_DTYPE``: the range that the contract states goes beyond what the
            model's dtype can hold.
    """
    for name, dtype in casts(feeding):
        spec = inputs[name]
        if _is_safe(spec.dtype, dtype):
            continue
        if spec.range is None:
            yield name
            continue
        loss = loss_of(_ends(spec.range), dtype)
        if loss is not None:
            raise lossy(name, spec, dtype, loss)
        if spec.dtype.startswith("float"):
            yield name


def _is_safe(given: str, taken: str) -> bool:
    """Return whether a dtype keeps all values of another; Keras has float32 for all."""
    return np.can_cast(given, taken, casting="safe") or (
        given.startswith("float") and taken == "float32"
    )


def _ends(within: tuple[float, float]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the least and the largest whole number of a range, as int64."""
    return np.array([math.ceil(within[0]), math.floor(within[1])], np.int64)
