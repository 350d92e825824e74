"""Inputs of any kind as the columns of one table, for linear models.

Nothing here sees a target. The rows of each block of columns have a length of about 1,
so that one strength of regularisation suits pixels, measures and words alike.
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, TypeAlias

import numpy as np

from pytest_tfgrade.predictors.interface import Array, NotApplicable

Table: TypeAlias = Any
"""``(rows, columns)`` float64: an array, or a sparse matrix of compressed rows."""

_MOST_COLUMNS: Final = 16_384
"""Of one input as numbers; of more, so many are used, evenly spread."""

_WITH_IDS: Final = 2
"""Axes of an input that may hold ids: ``(rows, T)``."""


def as_table(inputs: Mapping[str, Array]) -> Table:
    """Return one row of features for each example.

    Texts become TF-IDF weights of their words, pairs of words, and runs of 2 to 4
    characters. Integers ``(rows, T)`` may be ids or measures and become both: a bag of
    the ids, and numbers. All other inputs become numbers: flattened, each with mean 0
    and standard deviation 1.

    Raises:
        NotApplicable: There is no word in all the texts of an input, or a number is NaN
            or infinite.
    """
    from scipy import sparse  # type: ignore[import-untyped]  # noqa: PLC0415 - 0.2 s

    blocks = [block for name in inputs for block in _blocks(name, inputs[name])]
    if all(isinstance(block, np.ndarray) for block in blocks):
        return np.hstack(blocks)
    return sparse.hstack(blocks, format="csr", dtype=np.float64)


def at_places(inputs: Mapping[str, Array], axes: tuple[int, ...]) -> Table:
    """Return one row of features for each place of each example.

    Args:
        inputs: The first one that has these places is used.
        axes: ``(rows, *places)``.

    Raises:
        NotApplicable: No numeric input has these places.
    """
    for name in inputs:
        array = inputs[name]
        if array.dtype.kind in "biuf" and array.shape[: len(axes)] == axes:
            return as_table({name: array.reshape(math.prod(axes), -1)})
    text = f"labels are at places {axes[1:]} of each example"
    raise NotApplicable(f"{text}, and no input has these")


def _blocks(name: str, array: Array) -> Iterator[Table]:
    if array.dtype.kind not in "biuf":
        yield from _texts(name, array)
        return
    if not np.isfinite(array).all():
        raise NotApplicable(f"{name!r} holds NaN or infinite values")
    yield _standardised(array)
    if array.dtype.kind in "iu" and array.ndim == _WITH_IDS:
        yield _bag(array)


def _standardised(array: Array) -> Table:
    """Return numbers flattened; a column that never changes becomes 0."""
    flat = array.reshape(len(array), -1)
    if flat.shape[1] > _MOST_COLUMNS:
        flat = flat[:, np.linspace(0, flat.shape[1] - 1, _MOST_COLUMNS).astype(int)]
    flat = flat.astype(np.float64)
    flat -= flat.mean(axis=0)
    spread = flat.std(axis=0)
    flat /= np.where(spread > 0, spread, 1) * np.sqrt(flat.shape[1])
    return flat


def _bag(ids: Array) -> Table:
    """Return how often each id occurs in each row, rows of length 1."""
    from scipy import sparse  # noqa: PLC0415 - 0.2 s
    from sklearn.preprocessing import normalize  # noqa: PLC0415 - 0.9 s

    known, columns = np.unique(ids, return_inverse=True)
    rows = np.repeat(np.arange(len(ids)), ids.shape[1])
    cells = np.ones(ids.size), (rows, columns.reshape(-1))
    counts = sparse.coo_matrix(cells, shape=(len(ids), len(known)))
    return normalize(counts.tocsr())


def _texts(name: str, array: Array) -> Iterator[Table]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - 0.9 s

    texts = [" ".join(row) for row in array.reshape(len(array), -1).astype(str)]
    if not any(character.isalnum() for text in texts for character in text):
        raise NotApplicable(f"there is no word in the texts of {name!r}")
    words = TfidfVectorizer(analyzer=_words_and_pairs, sublinear_tf=True)
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    yield words.fit_transform(texts)
    yield runs.fit_transform(texts)


def _words_and_pairs(text: str) -> list[str]:
    """Return a text's words and pairs of neighbouring words, in small letters.

    >>> _words_and_pairs("Man bites dog")
    ['man', 'bites', 'dog', 'man bites', 'bites dog']
    """
    words = re.findall(r"\w+", text.lower())
    return words + [" ".join(pair) for pair in pairwise(words)]
