"""Catalogues hold what is said today, and say it in the other language."""

# ruff: noqa: RUF001 - Chinese has marks of its own

import re
from collections import Counter
from gettext import NullTranslations
from types import ModuleType

from babel.messages import Catalog
from babel.messages import Message as BabelMessage

from pytest_tfgrade.languages import LANGUAGES, translations
from pytest_tfgrade.languages.contents import CONTENTS
from pytest_tfgrade.languages.entry import sentences, taken_apart
from pytest_tfgrade.languages.reading import CONTEXT

CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f\u2192]")
SAME_IN_CHINESE = {"a SavedModel"}
"""The name of a format."""

PLACEHOLDER = re.compile(r"%\(\w+\)s")
FIXED_NUMBER = re.compile(r"\d+")
CODE = re.compile(r"'[^']*'|[\w.]+\([\w=., \[\]'/>|-]*\)|\b\w+_\w+\b")
"""What is quoted, calls, and names in snake case."""


def texts(message: BabelMessage) -> tuple[str, ...]:
    """Return what a message is in English: one text, or singular and plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translated(message: BabelMessage) -> tuple[str, ...]:
    """Return what a message is in the other language, in each of its forms."""
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ())


def said(catalog: Catalog) -> dict[object, object]:
    """Return what a catalogue says, by context and English text."""
    return {(m.context, m.id): m.string for m in catalog if m.id}


def test_the_chinese_catalogue_has_the_texts_of_today(
    catalogues: ModuleType, chinese: Catalog
) -> None:
    today = catalogues.catalogue("zh")

    assert said(chinese) == said(today), "run: python docs/catalogues.py"


def test_the_template_has_the_texts_of_today(catalogues: ModuleType) -> None:
    with catalogues.TEMPLATE.open("rb") as file:
        found = catalogues.read_po(file)

    assert set(said(found)) == set(said(catalogues.template())), (
        "run: python docs/catalogues.py"
    )


def test_the_compiled_catalogue_says_what_the_written_one_does(
    chinese: Catalog,
) -> None:
    compiled = translations("zh")

    found = {
        (message.context, message.id): looked_up(compiled, message)
        for message in chinese
        if message.id
    }

    wanted = {(m.context, m.id): translated(m)[0] for m in chinese if m.id}
    assert found == wanted, "run: python docs/catalogues.py"


def looked_up(compiled: NullTranslations, message: BabelMessage) -> str:
    """Return what a program is given for a message."""
    if message.context is not None:
        return compiled.pgettext(message.context, texts(message)[0])
    if len(texts(message)) > 1:
        return compiled.ngettext(*texts(message)[:2], 2)
    return compiled.gettext(texts(message)[0])


def test_the_same_texts_give_the_same_bytes(catalogues: ModuleType) -> None:
    first, second = dict(catalogues.files()), dict(catalogues.files())

    assert first == second


def test_there_is_a_catalogue_for_each_language_but_english(
    catalogues: ModuleType,
) -> None:
    found = {path.parents[1].name for path in catalogues.LOCALE.rglob("*.mo")}

    assert {"en", *found} == set(LANGUAGES)


def test_everything_is_translated(chinese: Catalog) -> None:
    missing = [
        message.id
        for message in chinese
        if message.id and not all(translated(message) or ("",))
    ]

    assert missing == []


def test_every_translation_is_chinese(chinese: Catalog) -> None:
    not_chinese = [
        (message.id, text)
        for message in chinese
        if message.id
        for text in translated(message)
        if not CHINESE.search(PLACEHOLDER.sub("", text))
        and message.id not in SAME_IN_CHINESE
    ]

    assert not_chinese == []


def test_placeholders_are_the_same_and_each_stands_once(chinese: Catalog) -> None:
    wrong = [
        (message.id, text)
        for message in chinese
        if message.id
        for text in translated(message)
        if Counter(PLACEHOLDER.findall(text))
        != Counter(PLACEHOLDER.findall(texts(message)[-1]))
    ]

    assert wrong == []


def test_fixed_numbers_and_code_are_the_same(chinese: Catalog) -> None:
    wrong = []
    for message in chinese:
        for text in translated(message) if message.id else ():
            english = PLACEHOLDER.sub("", texts(message)[-1])
            other = PLACEHOLDER.sub("", text)
            for pattern in (FIXED_NUMBER, CODE):
                if Counter(pattern.findall(english)) != Counter(pattern.findall(other)):
                    wrong.append((english, other))

    assert wrong == []


def test_chinese_sentences_have_full_width_marks(chinese: Catalog) -> None:
    wrong = [
        text
        for message in chinese
        if message.id
        for text in translated(message)
        if re.search(r"[\u4e00-\u9fff] ?[,;:?!](?:\s|$)|[\u4e00-\u9fff]\.$", text)
    ]

    assert wrong == []


def test_hints_end_with_a_full_stop_and_rationales_do_not(chinese: Catalog) -> None:
    wrong = [
        (message.id, text)
        for message in chinese
        if message.id and message.context == CONTEXT
        for text in translated(message)
        if (text[-1] in "。？") is not (texts(message)[0][-1] in ".?")
    ]

    assert wrong == []


def test_sentences_have_known_placeholders_and_nothing_else_to_fill_in() -> None:
    wrong = []
    for _, sentence in sentences():
        names, fixed = taken_apart(sentence)
        is_known = {name.partition("_")[0] for name in names} <= set(CONTENTS)
        is_plain = not any("%" in part or "{" in part for part in fixed)
        if not (is_known and is_plain and len(set(names)) == len(names)):
            wrong.append(sentence)

    assert wrong == []


def test_no_sentence_is_listed_twice() -> None:
    listed = Counter(sentence for _, sentence in sentences())

    assert [sentence for sentence, count in listed.items() if count > 1] == []


def test_a_wider_tag_is_taken_and_an_unknown_language_stays_english() -> None:
    assert translations("zh-Hans").gettext("passed") == "通过"
    assert translations("tlh").gettext("passed") == "passed"
