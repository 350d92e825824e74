"""Texts as the ids of words, as a task publishes them."""

import re
import string
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.contract import Side, Standardize, WordIds

_WORD: Final = re.compile(r"[^ \t\n\v\f\r]+")
"""What stands between ASCII white space, at which TensorFlow splits."""

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""``tf.strings.lower`` leaves letters beyond ASCII as they are."""

_LOWER_AND_STRIP: Final = _LOWER | str.maketrans("", "", string.punctuation)
"""Keras leaves out the punctuation of ASCII, apostrophes too, and puts nothing there.

https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/
"""


def ids_of(texts: NDArray[Any], ids: WordIds) -> NDArray[np.int32]:
    """Return the ids of the words of texts, ``(rows, ids.length)``.

    A text is standardized, split at white space and cut or filled to the length. This
    is what ``TextVectorization`` of Keras does with the same vocabulary, and
    ``pad_sequences`` after a ``Tokenizer`` without filters of its own.

    Args:
        texts: Of dtype ``str_``, ``(rows,)`` or ``(rows, 1)``.
        ids: The vocabulary, and how texts become ids.
    """
    known = {word: ids.first + place for place, word in enumerate(ids.words)}
    made = np.full((len(texts), ids.length), ids.pad, np.int32)
    standardize = _standardizing(ids.standardize)
    for row, text in zip(made, texts.reshape(-1).tolist(), strict=True):
        found = [known.get(w, ids.unknown) for w in _WORD.findall(standardize(text))]
        kept = _cut(found, ids)
        start = ids.length - len(kept) if ids.padding is Side.PRE else 0
        row[start : start + len(kept)] = kept
    return made


def _cut(found: list[int], ids: WordIds) -> list[int]:
    """Return as many ids as there is room for."""
    return found[: ids.length] if ids.truncation is Side.POST else found[-ids.length :]


def _standardizing(how: Standardize) -> Callable[[str], str]:
    match how:
        case Standardize.NONE:
            return str
        case Standardize.LOWER:
            return lambda text: text.translate(_LOWER)
        case Standardize.LOWER_AND_STRIP_PUNCTUATION:
            return lambda text: text.translate(_LOWER_AND_STRIP)
