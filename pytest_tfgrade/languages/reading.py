"""Reading one English text: which sentences it is made of, in another language."""

import re
from collections.abc import Iterator, Sequence
from gettext import NullTranslations
from typing import Final, NamedTuple, Protocol

from pytest_tfgrade.languages.contents import CONTENTS, Treatment, content_of
from pytest_tfgrade.languages.entry import Entry, run_on

CONTEXT: Final = "sentence"
"""In the catalogue, of rationales, hints and parts of them."""

BETWEEN_PARTS: Final = "between parts of a sentence"
"""In the catalogue, of what joins parts."""

BETWEEN_CHOICES: Final = "between names"
"""In the catalogue, of what joins names and conditions."""

SEPARATORS: Final = (", ", "; ", " and ")
CHOICES: Final = (", ", " and ", " or ")

MOST_LOOKED_UP: Final = 2000
"""Parts of one text; a candidate's names may be made to have many."""

DEEPEST: Final = 20
"""Sentences within sentences."""

_MOST_PARTS: Final = 12  # of a list
_SEPARATOR: Final = re.compile(f"({'|'.join(SEPARATORS)})")
_CHOICE: Final = re.compile(f"({'|'.join(CHOICES)})")
_SAME: Final = re.compile(
    "|".join(CONTENTS[kind].pattern for kind in ("comparison", "outcome", "end"))
)
"""What is the same in every language."""


class TooLongError(Exception):
    """A text has too many parts to be read."""


class Put(NamedTuple):
    """A text that was put into another language."""

    text: str

    known: int = 0
    """Characters of the English text that are a sentence's own."""


class Candidates(Protocol):
    """Tells which entries may fit a text."""

    def __call__(self, text: str) -> Iterator[Entry]:
        """Yield them, those with the most fixed text first."""
        ...


class Reading:
    """What is found out of one text, and of the parts of it.

    Of several ways to read a text, the one is taken in which sentences have the most
    text of their own.
    """

    def __init__(self, catalogue: NullTranslations, candidates: Candidates) -> None:
        """Read nothing yet."""
        self._catalogue = catalogue
        self._candidates = candidates
        self._found: dict[str, Put | None] = {}
        self._depth = 0

    def put(self, text: str) -> Put | None:
        """Put a text, or a part of it, into the language; None if it is not known.

        Raises:
            TooLongError: It has too many parts.
        """
        if text not in self._found:
            if len(self._found) >= MOST_LOOKED_UP or self._depth > DEEPEST:
                raise TooLongError
            self._depth += 1
            self._found[text] = self._put(text)
            self._depth -= 1
        return self._found[text]

    def _put(self, text: str) -> Put | None:
        whole = self._catalogue.pgettext(CONTEXT, text)
        if whole != text:
            return Put(whole, len(text))
        if _SAME.fullmatch(text):
            return Put(text, 1)
        best: Put | None = None
        for entry in self._candidates(text):
            contents = entry.contents(text)
            put = contents and self._put_in(entry, contents)
            if put and (best is None or put.known > best.known):
                best = put
        return best or self._joined(text)

    def _put_in(self, entry: Entry, contents: dict[str, str]) -> Put | None:
        known = entry.fixed
        for name, content in contents.items():
            put = self._content(content, content_of(name).treatment)
            if put is None:
                return None
            contents[name] = put.text
            known += put.known
        return Put(entry.written(contents), known)

    def _content(self, content: str, treatment: Treatment) -> Put | None:
        """Return what becomes of a content; None if it should be known and is not."""
        match treatment:
            case Treatment.KEPT:
                return Put(content)
            case Treatment.SENTENCE:
                return self.put(content)
            case Treatment.TRIED:
                return self.put(content) or Put(content)
            case Treatment.LISTED:
                return self._listed(content)
            case Treatment.CHOSEN:
                return Put(self._chosen(content))
            case Treatment.SHAPED:
                unknown = self._catalogue.pgettext(CONTEXT, "unknown")
                return Put(content.replace("unknown", unknown))

    def _chosen(self, content: str) -> str:
        parts = [content] if "[" in content else _CHOICE.split(content)
        for at, part in enumerate(parts):
            if at % 2:
                parts[at] = self._catalogue.pgettext(BETWEEN_CHOICES, part)
            elif (put := self.put(part)) is not None:
                parts[at] = put.text
        return run_on(parts, ours=1)

    def _listed(self, content: str) -> Put:
        """Put each part into the language that is known.

        What stands between two parts is kept if one of them is not known: it may be
        part of a name.
        """
        parts = _SEPARATOR.split(content)
        if len(parts) > 2 * _MOST_PARTS:
            return Put(content)
        listed: list[str] = []
        known, was_known = 0, False
        for at, end in self._divided(parts):
            text = "".join(parts[at:end])
            put = self.put(text)
            if at:
                between, is_ours = parts[at - 1], was_known and put is not None
                listed.append(self._between(between) if is_ours else between)
            listed.append(put.text if put else text)
            known += put.known if put else 0
            was_known = put is not None
        return Put(run_on(listed, ours=1), known)

    def _divided(self, parts: Sequence[str]) -> list[tuple[int, int]]:
        """Return where texts begin and end in a list, so that most of it is known."""
        best: dict[int, tuple[int, list[tuple[int, int]]]] = {len(parts) + 1: (0, [])}
        for at in range(len(parts) - 1, -1, -2):
            ways = []
            for end in range(at + 1, len(parts) + 1, 2):
                put = self.put("".join(parts[at:end]))
                if put or end == at + 1:
                    known, rest = best[end + 1]
                    ways.append((known + (put.known if put else 0), [(at, end), *rest]))
            best[at] = max(ways, key=lambda way: way[0])
        return best[0][1]

    def _joined(self, text: str) -> Put | None:
        """Put a text into the language of which every part is known."""
        parts = _SEPARATOR.split(text)
        if not 1 < len(parts) <= 2 * _MOST_PARTS:
            return None
        for end in range(1, len(parts), 2):
            head = self.put("".join(parts[:end]))
            rest = head and self.put("".join(parts[end + 1 :]))
            if head and rest:
                between = self._between(parts[end])
                written = run_on((head.text, between, rest.text), ours=1)
                return Put(written, head.known + rest.known)
        return None

    def _between(self, separator: str) -> str:
        return self._catalogue.pgettext(BETWEEN_PARTS, separator)
