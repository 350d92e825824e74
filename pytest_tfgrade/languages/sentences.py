"""Rationales and hints in another language.

They are made as English sentences wherever something is found, and kept so in
``grades.json``. A report recognises the sentence, takes its names and numbers out and
puts them into the same sentence of another language. What nobody knows, as what a
course's own checks say, stays as it is.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import Final

from pytest_tfgrade.languages import translations
from pytest_tfgrade.languages.entry import Entry, sentences
from pytest_tfgrade.languages.reading import CONTEXT, Reading, TooLongError

_MOST_KEPT: Final = 8192  # texts


class Sentences:
    """The sentences of one language."""

    def __init__(self, catalogue: NullTranslations) -> None:
        """Look all sentences up in a catalogue."""
        self._catalogue = catalogue
        entries: list[Entry] = []
        for _, english in sentences():
            translated = catalogue.pgettext(CONTEXT, english)
            if "%(" in english and translated != english:
                entries.append(Entry(english, translated))
        entries.sort(key=lambda entry: -entry.fixed)
        self._entries = entries
        self._first = {entry.first for entry in entries}
        self._last = {entry.last for entry in entries}
        self._by_words: dict[tuple[str, str], list[Entry]] = {}
        self._kept = lru_cache(_MOST_KEPT)(self._read)

    def translated(self, text: str) -> str:
        """Return a sentence in the language; as it is if nobody knows it."""
        return self._kept(text)

    def _read(self, text: str) -> str:
        try:
            put = Reading(self._catalogue, self._candidates).put(text)
        except TooLongError:
            return text
        return text if put is None else put.text

    def _candidates(self, text: str) -> Iterator[Entry]:
        """Yield the entries that may fit, by the first and the last word of a text."""
        first, last = text.partition(" ")[0], text.rpartition(" ")[2]
        words = (
            first if first in self._first else "",
            last if last in self._last else "",
        )
        if words not in self._by_words:
            self._by_words[words] = [
                entry
                for entry in self._entries
                if entry.first in {"", words[0]} and entry.last in {"", words[1]}
            ]
        return (entry for entry in self._by_words[words] if entry.longest in text)


@cache
def sentences_in(language: str) -> Sentences:
    """Return the sentences of a language, as ``zh`` or ``zh-Hans``."""
    return Sentences(translations(language))
