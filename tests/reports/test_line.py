"""Texts that fit the columns of a terminal."""

import pytest

from pytest_tfgrade.reports.line import (
    Line,
    Tone,
    display_width,
    shortened,
    squeezed,
    wrapped,
)

TEXTS = [
    "plain words " * 9,
    "x" * 300,
    "模型 名字" * 20,
    "a模" * 60,
    "模" * 60,
    "e\u0301" * 90,
    "",
]


@pytest.mark.parametrize(
    ("text", "columns"), [("model", 5), ("模型", 4), ("e\u0301te\u0301", 3), ("", 0)]
)
def test_width_is_counted_in_columns(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [1, 2, 7, 40, 79])
def test_a_shortened_text_never_takes_more_columns(text: str, width: int) -> None:
    cut = shortened(text, width)

    assert display_width(cut) <= width
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [1, 2, 4, 7, 40, 79])
def test_a_squeezed_text_never_takes_more_columns(text: str, width: int) -> None:
    begin, _, end = (squeezed(text, width)).partition("…")

    assert display_width(squeezed(text, width)) <= width
    assert text.startswith(begin)
    assert text.endswith(end)


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert shortened("模型", 4) == "模型"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [20, 39, 40, 80])
def test_wrapped_lines_never_take_more_columns(text: str, width: int) -> None:
    lines = wrapped(text, width, indent="  ", end=" [12]")

    assert max(display_width(line.text) for line in lines) <= width
    assert lines[-1].text.endswith("[12]")


def test_lines_after_the_first_stand_further_in_and_have_the_same_tone() -> None:
    lines = wrapped("one two three four", 12, indent="  ", tone=Tone.BAD)

    assert lines == (
        Line("  one two", Tone.BAD),
        Line("    three", Tone.BAD),
        Line("    four", Tone.BAD),
    )


def test_a_wrapped_text_is_printable() -> None:
    [line] = wrapped("a\x1b[2J\nb\0c\u202e", 80)

    assert line.text == "a\\x1b[2J\\nb\\x00c\\u202e"
