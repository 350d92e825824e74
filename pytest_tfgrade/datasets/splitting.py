"""Which rows of a dataset are public, and which are final."""

import numpy as np
from numpy.typing import NDArray


def public_rows(rows: int, public: float) -> int:
    """Return how many rows are public: so many, or this share to the nearest row.

    >>> public_rows(500, 150), public_rows(500, 0.3), public_rows(3, 0.1)
    (150, 150, 0)
    """
    return public if isinstance(public, int) else round(public * rows)


def public_mask(rows: int, public: int, seed: int) -> NDArray[np.bool_]:
    """Return a mask over rows that is true for the public ones.

    Which rows they are depends on the three numbers alone, never on the data or on
    NumPy's version. More public rows keep those that fewer would have chosen.

    Args:
        rows: Of the dataset.
        public: How many of them are public.
        seed: From 0 to 2**32 - 1.

    Returns:
        Shape ``(rows,)``.

    >>> public_mask(6, 2, seed=0)
    array([False, False,  True, False, False,  True])
    """
    # The one generator whose numbers NumPy promises never to change (its NEP 19).
    frozen_stream = np.random.RandomState(seed)
    mask = np.zeros(rows, dtype=np.bool_)
    mask[frozen_stream.permutation(rows)[:public]] = True
    return mask
