"""A sentence with placeholders: recognised in English, written in another language."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_tfgrade.languages.contents import content_of

SENTENCES: Final = Path(__file__).parent / "sentences.txt"
"""Each sentence in a line of its own; a line with # says where the next ones are."""

_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
_WIDE: Final = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")


class Entry:
    """An English sentence, and the same in another language.

    >>> entry = Entry("saved by Keras %(name)s", "Keras %(name)s wrote it")
    >>> entry.contents("saved by Keras 3.15"), entry.written({"name": "2.0"})
    ({'name': '3.15'}, 'Keras 2.0 wrote it')
    """

    def __init__(self, english: str, translated: str) -> None:
        """Take both apart; each placeholder stands once in each."""
        self.english = english
        self.names, fixed = taken_apart(english)
        self.fixed: Final = sum(map(len, fixed))
        """Characters that are not a placeholder's."""
        self.longest: Final = max(fixed, key=len)
        """The longest part between placeholders."""
        self.first: Final = fixed[0].partition(" ")[0] if " " in fixed[0] else ""
        """The word that every such text begins with; empty: not always the same."""
        self.last: Final = fixed[-1].rpartition(" ")[2] if " " in fixed[-1] else ""
        """The word that every such text ends with; empty: not always the same."""
        self._translated = list(enumerate(_PLACEHOLDER.split(translated)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = _PLACEHOLDER.split(self.english)
        parts[::2] = map(re.escape, parts[::2])
        for at, name in enumerate(self.names):
            parts[2 * at + 1] = f"(?P<{name}>{content_of(name).pattern})"
        return re.compile("".join(parts))

    def contents(self, text: str) -> dict[str, str] | None:
        """Return what stands for each placeholder; None if it is another sentence."""
        found = self._pattern.fullmatch(text)
        return found and found.groupdict()

    def written(self, contents: Mapping[str, str]) -> str:
        """Return the sentence in the other language."""
        parts = [contents[part] if at % 2 else part for at, part in self._translated]
        return run_on(parts)


def run_on(parts: Sequence[str], *, ours: int = 0) -> str:
    """Join parts of a sentence; no blank of ours parts words of a script without any.

    >>> run_on(["有 ", "权重", " 的 ", "Dense", " 层"])
    '有权重的 Dense 层'

    Args:
        parts: In order, ours and others in turn.
        ours: 0 if the first one is ours, 1 if the second one is.
    """
    written = list(parts)
    for at in range(ours, len(parts), 2):
        part = parts[at]
        before, after = "".join(parts[at - 1 : at]), "".join(parts[at + 1 : at + 2])
        if _WIDE.match(before[-1:]) and _WIDE.match(part[1:2]):
            part = part.removeprefix(" ")
        if _WIDE.match(after) and _WIDE.match(part[-2:-1]):
            part = part.removesuffix(" ")
        written[at] = part
    return "".join(written)


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
