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
from typing import Final, NamedTuple

from pytest_tfgrade.languages import translations
from pytest_tfgrade.languages.contents import CONTENTS, Treatment, content_of
from pytest_tfgrade.languages.entry import Entry, run_on, sentences

CONTEXT: Final = "sentence"
"""In the catalogue, of rationales, hints and parts of them."""

BETWEEN_PARTS: Final = "between parts of a sentence"
"""In the catalogue, of what joins parts."""

BETWEEN_CHOICES: Final = "between names"
"""In the catalogue, of what joins names and conditions."""

SEPARATORS: Final = (", ", "; ", " and ")
CHOICES: Final = (", ", " and ", " or ")

_MOST_KEPT: Final = 8192  # texts and parts of texts
_MOST_PARTS: Final = 12
_DEEPEST: Final = 8
_SEPARATOR: Final = re.compile(f"({'|'.join(SEPARATORS)})")
_CHOICE: Final = re.compile(f"({'|'.join(CHOICES)})")
_SAME: Final = re.compile(
    "|".join(CONTENTS[kind].pattern for kind in ("comparison", "outcome", "end"))
)
"""What is the same in every language."""


class Put(NamedTuple):
    """A text that was put into another language."""

    text: str

    known: int = 0
    """Characters of the English text that are a sentence's own."""


class Sentences:
    """The sentences of one language.

    Of several ways to read a text, the one is taken in which the sentences have the
    most text of their own.
    """

    def __init__(self, catalogue: NullTranslations) -> None:
        """Look all sentences up in a catalogue."""
        self._catalogue = catalogue
        entries: list[Entry] = []
        for _, english in sentences():
            translated = catalogue.pgettext(CONTEXT, english)
            if "%(" in english and translated != english:
                entries.append(Entry(english, translated))
        entries.sort(key=lambda entry: -entry.fixed)
        self._by_first_word = {
            first: [entry for entry in entries if entry.first in {"", first}]
            for first in {"", *(entry.first for entry in entries)}
        }
        self._read = lru_cache(_MOST_KEPT)(self._put)

    def translated(self, text: str) -> str:
        """Return a sentence in the language; as it is if nobody knows it."""
        found = self._read(text, 0)
        return text if found is None else found.text

    def _put(self, text: str, depth: int) -> Put | None:
        """Put a known text into the language; None if it is not known."""
        whole = self._catalogue.pgettext(CONTEXT, text)
        if whole != text:
            return Put(whole, len(text))
        if depth > _DEEPEST:
            return None
        first = text.partition(" ")[0]
        best: Put | None = None
        for entry in self._by_first_word.get(first, self._by_first_word[""]):
            contents = entry.contents(text)
            read = contents and self._put_in(entry, contents, depth + 1)
            if read and (best is None or read.known > best.known):
                best = read
        if best is not None:
            return best
        return Put(text) if _SAME.fullmatch(text) else self._joined(text, depth + 1)

    def _put_in(self, entry: Entry, contents: dict[str, str], depth: int) -> Put | None:
        known = entry.fixed
        for name, content in contents.items():
            put = self._content(content, content_of(name).treatment, depth)
            if put is None:
                return None
            contents[name] = put.text
            known += put.known
        return Put(entry.written(contents), known)

    def _content(self, content: str, treatment: Treatment, depth: int) -> Put | None:
        """Return what becomes of a content; None if it should be known and is not."""
        match treatment:
            case Treatment.KEPT:
                return Put(content)
            case Treatment.SENTENCE:
                return self._read(content, depth)
            case Treatment.TRIED:
                return self._read(content, depth) or Put(content)
            case Treatment.LISTED:
                return self._listed(content, depth)
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
            else:
                parts[at] = self.translated(part)
        return run_on(parts, ours=1)

    def _listed(self, content: str, depth: int) -> Put:
        """Put each part into the language that is known; the longest parts first.

        What stands between two parts is kept if one of them is not known: it may be
        part of a name.
        """
        parts = _SEPARATOR.split(content)
        if len(parts) > 2 * _MOST_PARTS:
            return Put(content)
        listed: list[str] = []
        known, at, was_known = 0, 0, False
        while at < len(parts):
            found = next(self._beginning(parts, at, depth), None)
            end, put = found or (at + 1, Put(parts[at]))
            if at:
                between = parts[at - 1]
                is_ours = was_known and found is not None
                listed.append(self._between(between) if is_ours else between)
            listed.append(put.text)
            known += put.known
            at, was_known = end + 1, found is not None
        return Put(run_on(listed, ours=1), known)

    def _beginning(
        self, parts: Sequence[str], at: int, depth: int
    ) -> Iterator[tuple[int, Put]]:
        """Yield known texts that begin at a part, and where they end, longest first."""
        for end in range(len(parts), at, -2):
            found = self._read("".join(parts[at:end]), depth)
            if found is not None:
                yield end, found

    def _joined(self, text: str, depth: int) -> Put | None:
        """Put a text into the language of which every part is known."""
        parts = _SEPARATOR.split(text)
        if not 1 < len(parts) <= 2 * _MOST_PARTS:
            return None
        for end in range(1, len(parts), 2):
            head = self._read("".join(parts[:end]), depth)
            rest = head and self._read("".join(parts[end + 1 :]), depth)
            if head and rest:
                written = run_on(
                    (head.text, self._between(parts[end]), rest.text), ours=1
                )
                return Put(written, head.known + rest.known)
        return None

    def _between(self, separator: str) -> str:
        return self._catalogue.pgettext(BETWEEN_PARTS, separator)


@cache
def sentences_in(language: str) -> Sentences:
    """Return the sentences of a language, as ``zh`` or ``zh-Hans``."""
    return Sentences(translations(language))
