"""The order of a signature's inputs and outputs, which have names alone."""

import re
from collections.abc import Sequence
from typing import Final

from pytest_tfgrade.core.facts import Tensor

_NUMBERED: Final = re.compile(r"output_\d+")
"""What Keras 3, and ``export`` of Keras 2, call outputs: by their positions."""


def in_order(
    tensors: tuple[Tensor, ...], names: Sequence[str] = ()
) -> tuple[tuple[Tensor, ...], bool]:
    """Return the ends of a signature, and whether their order is that of the model.

    Args:
        tensors: In natural order of their names.
        names: Of the same ends in the order of the model, if anything says so.
    """
    by_name = {tensor.name: tensor for tensor in tensors}
    if len(names) == len(by_name) and set(names) == set(by_name):
        return tuple(by_name[name] for name in names), True
    numbered = all(_NUMBERED.fullmatch(tensor.name) for tensor in tensors)
    return tensors, len(tensors) <= 1 or numbered
