"""How much a file stores, by the names of its variables."""

import math
import re
from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

from pytest_tfgrade.core.facts import Weights
from pytest_tfgrade.facts.hdf5 import Variable

_OPTIMIZER: Final = re.compile(
    r"^optimizer_weights/|^(?!model_weights/)(?:.*/)?_?optimizer/"
)
"""In a ``.keras`` file a nested model may have an optimizer of its own; in an ``.h5``
file the second part of a path is the name of a layer, which can be anything."""

_STATE: Final = re.compile(
    r"^(?:_?metrics|_?loss|compile_metrics|_?compiled?_metrics|loss_tracker)/"
    r"|(?:^|/)_?(?:seed_generator|random_generator)/"
)
"""What Keras saves along and ``count_params`` leaves out: running means of metrics,
and the state of random numbers of layers as Dropout."""


class Part(Enum):
    """What a stored variable is for."""

    MODEL = auto()
    OPTIMIZER = auto()
    STATE = auto()  # of metrics and random numbers


def part_of(path: str) -> Part:
    """Return what a variable is for, by its path in the file."""
    if _OPTIMIZER.search(path):
        return Part.OPTIMIZER
    return Part.STATE if _STATE.search(path) else Part.MODEL


def count_weights(variables: Iterable[Variable]) -> Weights:
    """Add up what a file stores; ``parameters`` equals ``Model.count_params``."""
    parameters = model_bytes = optimizer_bytes = 0
    for variable in variables:
        numbers = math.prod(variable.shape)
        size = numbers * item_bytes(variable.dtype)
        match part_of(variable.path):
            case Part.OPTIMIZER:
                optimizer_bytes += size
            case Part.MODEL:
                parameters += numbers
                model_bytes += size
            case Part.STATE:
                pass
    return Weights(
        parameters=parameters, model_bytes=model_bytes, optimizer_bytes=optimizer_bytes
    )


def item_bytes(dtype: str) -> int:
    """Return the size of one number; 0 for texts and other objects.

    >>> item_bytes("float32"), item_bytes("bool"), item_bytes("object")
    (4, 1, 0)
    """
    bits = re.search(r"(\d{1,4})$", dtype)
    if bits is not None:
        return int(bits[1]) // 8
    return 1 if dtype == "bool" else 0
