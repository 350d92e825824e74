"""Texts by language."""

import pytest

from pytest_tfgrade.core.localized import Localized

ENGLISH_AND_CHINESE = Localized({"en": "digits", "zh": "shuzi"})


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        pytest.param(Localized.of("digits"), "zh", "digits", id="one-for-all"),
        pytest.param(ENGLISH_AND_CHINESE, "zh", "shuzi", id="the-language-itself"),
        pytest.param(ENGLISH_AND_CHINESE, "zh-Hans", "shuzi", id="a-wider-one"),
        pytest.param(ENGLISH_AND_CHINESE, "fr", "digits", id="english-for-others"),
        pytest.param(
            Localized({"zh": "shuzi", "de": "Ziffern"}), "fr", "shuzi", id="the-first"
        ),
        pytest.param(
            Localized({"zh-Hans": "shuzi", "en": "digits"}),
            "zh",
            "digits",
            id="a-narrower-one-is-not-taken",
        ),
    ],
)
def test_a_text_is_found_in_the_language_or_the_next_best(
    text: Localized, language: str, found: str
) -> None:
    assert text.text(language) == found


def test_without_a_language_english_is_taken() -> None:
    assert ENGLISH_AND_CHINESE.text() == "digits"
