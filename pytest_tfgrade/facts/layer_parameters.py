"""How many numbers the weights of each layer have."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from pytest_tfgrade.facts.hdf5 import Variable
from pytest_tfgrade.facts.owners import Address


def layer_parameters(
    owned: Iterable[tuple[Variable, Address]],
) -> Mapping[Address, int] | None:
    """Add up the numbers of each layer; those of layers inside it are not its own.

    Args:
        owned: Weights, and the names that lead to their layer, outermost first.

    Returns:
        Sums of the layers that have weights; None if a weight is of no known layer, for
        then a layer without weights cannot be told from one whose weights these are.
    """
    counts: Counter[Address] = Counter()
    for variable, address in owned:
        if not address:
            return None
        counts[address] += math.prod(variable.shape)
    return counts
