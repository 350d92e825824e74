"""The vocabulary that a task publishes: the words of a file, in order."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_tfgrade.documents import shown

_SPACE: Final = re.compile(r"[ \t\n\v\f\r]")
"""Where a text is split, so that no word can hold it."""

_OF_KERAS: Final = frozenset({"", "[UNK]"})
"""What ``TextVectorization.get_vocabulary`` begins with, one or both."""


def read_vocabulary(path: Path) -> tuple[str, ...]:
    """Return the words of a file: one in each line, or of ``.json`` a list.

    Raises:
        ValueError: It holds none, or something else; the text says what and where.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"{path} is not UTF-8 text at byte {error.start}"
        raise ValueError(f"{what}; save it as UTF-8") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if path.suffix.lower() == ".json":
        words = _of_list(path, text)
    else:
        words = text.removesuffix("\n").split("\n") if text else []
    problem = next(_problems(words), None)
    if problem:
        raise ValueError(f"{path}: {problem}")
    return tuple(words)


def _of_list(path: Path, text: str) -> list[str]:
    try:
        words = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}; correct it") from None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return words
    raise ValueError(f"{path} is no list of texts; write the words as one, in order")


def _problems(words: Sequence[str]) -> Iterator[str]:
    if not words:
        yield "it holds no word; write one in each line"
    places: dict[str, int] = {}
    for place, word in enumerate(words, start=1):
        which = f"word {place}"
        if place == 1 and word in _OF_KERAS:
            what = f"{which} is {word!r}, as in the list of a TextVectorization layer"
            yield f"{what}; begin with the first real word"
        elif not word:
            yield f"{which} is empty; leave it out"
        elif _SPACE.search(word):
            yield f"{which} holds white space, {shown(word)}; write one in each line"
        elif word in places:
            yield f"{which} is {shown(word)}, as is word {places[word]}; remove one"
        places.setdefault(word, place)
