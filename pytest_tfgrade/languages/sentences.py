"""Rationales and hints in another language.

They are made as English sentences wherever something is found, and kept so in
``grades.json``. A report recognises the sentence, takes its names and numbers out and
puts them into the same sentence of another language. What nobody knows, as what a
course's own checks say, stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import Final

from pytest_tfgrade.languages.contents import CONTENTS, Treatment, content_of
from pytest_tfgrade.languages.entry import Entry, sentences
from pytest_tfgrade.languages import translations

CONTEXT: Final = "sentence"
"""In the catalogue, of rationales, hints and parts of them."""

BETWEEN_PARTS: Final = "between parts of a sentence"
"""In the catalogue, of what joins parts."""

BETWEEN_CHOICES: Final = "between names"
"""In the catalogue, of what joins names and conditions."""

SEPARATORS: Final = (", ", "; ", " and ")
CHOICES: Final = (" and ", " or ")

_MOST_KEPT: Final = 4096
_MOST_PARTS: Final = 12
_DEEPEST: Final = 8
_SEPARATOR: Final = re.compile(f"({'|'.join(SEPARATORS)})")
_CHOICE: Final = re.compile(f"({'|'.join(CHOICES)})")
_COMPARISON: Final = re.compile(CONTENTS["comparison"].pattern)


class Sentences:
    """The sentences of one language.

    Of several entries that fit, the one with the most fixed text is taken.
    """

    def __init__(self, catalogue: NullTranslations) -> None:
        """Look all sentences up in a catalogue."""
        self._catalogue = catalogue
        entries: list[Entry] = []
        for _, english in sentences():
            translated = catalogue.pgettext(CONTEXT, english)
            if "%(" in english and translated != english:
                entries.append(Entry(english, translated))
        self._entries = sorted(entries, key=lambda entry: -entry.fixed)
        self._by_first_word = {
            first: [entry for entry in self._entries if entry.first in {"", first}]
            for first in {entry.first for entry in entries}
        }
        self._kept = lru_cache(_MOST_KEPT)(self._found)

    def translated(self, text: str) -> str:
        """Return a sentence in the language; as it is if nobody knows it."""
        found = self._kept(text, 0)
        return text if found is None else found

    def _found(self, text: str, depth: int) -> str | None:
        """Return a sentence in the language, or what is the same in all; else None."""
        whole = self._catalogue.pgettext(CONTEXT, text)
        if whole != text:
            return whole
        if depth > _DEEPEST:
            return None
        first = text.partition(" ")[0]
        candidates = self._by_first_word.get(first) or self._by_first_word.get("", ())
        for entry in candidates:
            contents = entry.contents(text)
            if contents is None:
                continue
            written = self._written(entry, contents, depth + 1)
            if written is not None:
                return written
        if _COMPARISON.fullmatch(text):
            return text
        return self._joined(text, depth + 1)

    def _written(
        self, entry: Entry, contents: dict[str, str], depth: int
    ) -> str | None:
        for name, content in contents.items():
            put = self._put(content, content_of(name).treatment, depth)
            if put is None:
                return None
            contents[name] = put
        return entry.written(contents)

    def _put(self, content: str, treatment: Treatment, depth: int) -> str | None:
        """Return what becomes of a content; None if it should be known and is not."""
        match treatment:
            case Treatment.KEPT:
                return content
            case Treatment.SENTENCE:
                return self._kept(content, depth)
            case Treatment.TRIED:
                return self._kept(content, depth) or content
            case Treatment.LISTED:
                return self._listed(content, depth)
            case Treatment.CHOSEN:
                return self._chosen(content)
            case Treatment.SHAPED:
                unknown = self._catalogue.pgettext(CONTEXT, "unknown")
                return content.replace("unknown", unknown)

    def _chosen(self, content: str) -> str:
        parts = _CHOICE.split(content)
        for at, part in enumerate(parts):
            context = BETWEEN_CHOICES if at % 2 else CONTEXT
            parts[at] = self._catalogue.pgettext(context, part)
        return "".join(parts)

    def _listed(self, content: str, depth: int) -> str:
        """Put each part into the language that is known; the longest parts first."""
        parts = _SEPARATOR.split(content)
        if len(parts) > 2 * _MOST_PARTS:
            return content
        listed, at = "", 0
        while at < len(parts):
            end, put = next(self._known(parts, at, depth), (at + 1, parts[at]))
            listed += put
            if end < len(parts):
                listed += self._between(parts[end])
            at = end + 1
        return listed

    def _joined(self, text: str, depth: int) -> str | None:
        """Return a text of which every part is known, put into the language."""
        parts = _SEPARATOR.split(text)
        if not 1 < len(parts) <= 2 * _MOST_PARTS:
            return None
        first = parts[0]
        for end in range(1, len(parts), 2):
            head = self._kept(first, depth)
            rest = head and self._kept("".join(parts[end + 1 :]), depth)
            if head and rest:
                return head + self._between(parts[end]) + rest
            first += parts[end] + parts[end + 1]
        return None

    def _known(
        self, parts: Sequence[str], at: int, depth: int
    ) -> Iterator[tuple[int, str]]:
        """Yield where a known text that begins at a part ends, and it; longest first."""
        for end in range(len(parts), at, -2):
            found = self._kept("".join(parts[at:end]), depth)
            if found is not None:
                yield end, found

    def _between(self, separator: str) -> str:
        return self._catalogue.pgettext(BETWEEN_PARTS, separator)


@cache
def sentences_in(language: str) -> Sentences:
    """Return the sentences of a language, as ``zh`` or ``zh-Hans``."""
    return Sentences(translations(language))
