"""Random choices that depend on a seed alone."""

import numpy as np
from numpy.typing import NDArray


def generator(seed: int, word: str) -> np.random.Generator:
    """Return a new generator for one kind of choice.

    The word keeps kinds apart: with one seed, the examples that are turned furthest are
    not those that are shifted furthest.

    >>> def drawn(seed, word):
    ...     return generator(seed, word).integers(1000, size=9).tolist()
    >>> drawn(7, "scale") == drawn(7, "scale"), drawn(7, "scale") == drawn(7, "shift")
    (True, False)
    """
    return np.random.Generator(np.random.PCG64([seed, *word.encode()]))


def other_rows(rows: int, choices: np.random.Generator) -> NDArray[np.int64]:
    """Return another row for each row, no row twice; there must be at least two.

    >>> found = other_rows(100, generator(0, "doctest"))
    >>> len(set(found)), any(found == range(100))
    (100, False)
    """
    ring = choices.permutation(rows)
    others = np.empty(rows, np.int64)
    others[ring] = np.roll(ring, -1)
    return others
