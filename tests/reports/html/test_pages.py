"""What templates may show, and how it is made harmless."""

from decimal import Decimal

import jinja2
import pytest

from pytest_tfgrade.reports.html.pages import _without_controls, environment, page


def shown(template: str, **values: object) -> str:
    return environment("en").from_string(template).render(values)


def test_texts_are_made_printable_and_quoted() -> None:
    hostile = "<b a='\"'>\x1b\u202e\n"

    assert shown("{{ text }}", text=hostile) == (
        "&lt;b a=&#39;&#34;&#39;&gt;\\x1b\\u202e\\n"
    )


def test_so_are_values_within_words() -> None:
    words = '{{ _("takes %(names)s", names=name) }}'

    assert shown(words, name="<\x1b>") == "takes &lt;\\x1b&gt;"


def test_so_are_texts_that_are_joined() -> None:
    joined = '{{ [_("own"), text] | join(" · ") }}'

    assert shown(joined, text="<\x1b>") == "own · &lt;\\x1b&gt;"


def test_whatever_comes_past_that_is_escaped_at_the_end() -> None:
    parts = page("marks.svg", "en")
    hostile = "a\ud800\x1b\u202e\u00a0模型\n"

    assert "".join(parts).startswith('<svg class="marks">')
    assert _without_controls(hostile) == "a\\ud800\\x1b\\u202e\u00a0模型\n"


def test_a_percent_sign_of_ours_is_written_twice() -> None:
    assert shown('{{ _("%(share)s %% of it", share=5) }}') == "5 % of it"


def test_lines_keep_their_breaks_and_nothing_else() -> None:
    assert shown("{{ text | lines }}", text="a <\r\n\tb") == "a &lt;\\r\n\\tb"


@pytest.mark.parametrize("value", [None, 0.1 + 0.2, Decimal("5.00")])
def test_what_has_to_be_written_by_a_filter_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="use a filter"):
        shown("{{ value }}", value=value)


def test_a_name_that_is_nowhere_is_refused() -> None:
    with pytest.raises(jinja2.UndefinedError):
        shown("{{ nowhere }}")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ none | points }}", "open"),
        ("{{ half | points }}", "0.5"),
        ("{{ half | lost }}", "-0.5"),
        ("{{ none | lost }}", "open"),
        ("{{ half | score(two) }}", "0.5/2"),
        ("{{ none | score(two) }}", "open/2"),
        ("{{ (-half) | score(two) }}", "-0.5"),
        ("{{ half | percent }}", "50"),
        ("{{ 1234567 | grouped }}", "1,234,567"),
        ("{{ 0.1 | measured }}", "0.1"),
        ('{{ ngettext("%(number)s point", "%(number)s points", half) }}', "0.5 points"),
        ('{{ ngettext("%(number)s point", "%(number)s points", 1) }}', "1 point"),
    ],
)
def test_numbers_are_written_without_noise(template: str, text: str) -> None:
    assert shown(template, half=Decimal("0.50"), two=Decimal("2.0")) == text
