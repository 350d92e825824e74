"""One sentence with placeholders: recognised in English, written in another language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_tfgrade.languages.contents import content_of

SENTENCES: Final = Path(__file__).parent / "sentences.txt"
"""Each sentence in a line of its own; a line with # says where the next ones are."""

_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
_WIDE: Final = r"[\u2e80-\u9fff\uff00-\uffef]"
_AFTER_WIDE: Final = re.compile(rf"(?<={_WIDE}) $")
_BEFORE_WIDE: Final = re.compile(rf"^ (?={_WIDE})")


class Entry:
    """An English sentence, and the same in another language.

    >>> entry = Entry("saved by Keras %(name)s", "Keras %(name)s wrote it")
    >>> entry.contents("saved by Keras 3.15"), entry.written({"name": "2.0"})
    ({'name': '3.15'}, 'Keras 2.0 wrote it')
    """

    def __init__(self, english: str, translated: str) -> None:
        """Take both apart; each placeholder stands once in each."""
        self.english = english
        *_, self.names, fixed = taken_apart(english)
        self.fixed = sum(map(len, fixed))
        self.first = fixed[0].partition(" ")[0] if " " in fixed[0] else ""
        self._longest = max(fixed, key=len)
        self._last = fixed[-1]
        self._translated = _PLACEHOLDER.split(translated)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = _PLACEHOLDER.split(self.english)
        parts[::2] = map(re.escape, parts[::2])
        for at, name in enumerate(self.names):
            parts[2 * at + 1] = f"(?P<{name}>{content_of(name).pattern})"
        return re.compile("".join(parts))

    def contents(self, text: str) -> dict[str, str] | None:
        """Return what stands for each placeholder; None if it is another sentence."""
        if self._longest not in text or not text.endswith(self._last):
            return None
        found = self._pattern.fullmatch(text)
        return found and found.groupdict()

    def written(self, contents: Mapping[str, str]) -> str:
        """Return the sentence in the other language.

        Words of a script without spaces are not parted from each other by one.
        """
        written = ""
        for at, part in enumerate(self._translated):
            more = contents[part] if at % 2 else part
            if _BEFORE_WIDE.search(more) and re.search(rf"{_WIDE}$", written):
                more = more[1:]
            if re.match(_WIDE, more):
                written = _AFTER_WIDE.sub("", written)
            written += more
        return written


def taken_apart(sentence: str) -> tuple[list[str], list[str]]:
    """Return the names of placeholders, and the fixed text around them.

    >>> taken_apart("%(number)s of %(name)s")
    (['number', 'name'], ['', ' of ', ''])
    """
    parts = _PLACEHOLDER.split(sentence)
    return parts[1::2], parts[::2]


def sentences() -> Iterator[tuple[str, str]]:
    """Yield the module that says a sentence, and the sentence, for all there are."""
    module = ""
    for line in _lines():
        if line.startswith("# "):
            module = line.removeprefix("# ")
        elif line:
            yield module, line


def _lines() -> Iterable[str]:
    return SENTENCES.read_text(encoding="utf-8").splitlines()
