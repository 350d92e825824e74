"""Texts for people in the languages that there are catalogues for."""

import gettext
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "zh")
"""Tags of the languages; texts are written in the first."""

_DOMAIN: Final = "pytest_tfgrade"

_CATALOGUES: Final = Path(__file__).parent / "locale"


def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; what it lacks stays in English.

    Args:
        language: A tag, as ``zh`` or ``zh-Hans``; of the latter the wider is taken.
    """
    tag = language.partition("-")[0].lower()
    return gettext.translation(_DOMAIN, _CATALOGUES, languages=[tag], fallback=True)
