"""Texts that a rubric may give in several languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ANY: Final = ""
"""The language of a text that is given in one only."""

DEFAULT: Final = "en"
"""The language that is taken where nobody asks for another."""


@dataclass(frozen=True, slots=True)
class Localized:
    """One text, by language.

    >>> Localized({"en": "Digits", "zh": "Shuzi"}).text("zh")
    'Shuzi'
    >>> Localized({"zh": "Shuzi"}).text()
    'Shuzi'
    """

    texts: Mapping[str, str]
    """By language tag, as ``en`` or ``zh-Hans``; never empty."""

    @classmethod
    def of(cls, text: str) -> "Localized":
        """Return a text that is the same in every language."""
        return cls({ANY: text})

    def text(self, language: str = DEFAULT) -> str:
        """Return the text in a language, else in a wider one, English, or the first."""
        for tag in (language, language.partition("-")[0], DEFAULT):
            if tag in self.texts:
                return self.texts[tag]
        return next(iter(self.texts.values()))
