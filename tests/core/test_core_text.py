"""Text from outside, fit for a terminal and for a node id."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.text import identifier, printable, with_visible_ends

NAMES = st.text(st.characters(exclude_categories=()))  # surrogates: bytes not UTF-8
STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Jürgen 木村 😀", "Jürgen 木村 😀"),
        ("a b", "a b"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\r\nb\t\0", r"a\r\nb\t\x00"),
        ("\u202egnp", r"\u202egnp"),
        ("\u2028", r"\u2028"),
        ("\udcff", r"\udcff"),
        ("\U000e0001", r"\U000e0001"),
        ("al\u200bice\u3164", r"al\u200bice\u3164"),
        ("\x9b31m", r"\x9b31m"),
        ("::set-output name=x::1", r"\x3a:set-output name=x::1"),
        ("so: ::add-mask::a", r"so: \x3a:add-mask::a"),
        ("##[error]", r"\x23#[error]"),
        ("x##vso[task.setvariable]", r"x\x23#vso[task.setvariable]"),
        ("##teamcity[x]", r"\x23#teamcity[x]"),
        ("alice::digits", "alice::digits"),
        ("shape [::2], ## C", "shape [::2], ## C"),
    ],
)
def test_what_could_steer_a_terminal_becomes_an_escape(text: str, safe: str) -> None:
    assert printable(text) == safe


def test_a_long_text_is_cut() -> None:
    assert printable("x" * 11, limit=10) == "xxxxxxx..."
    assert printable("x" * 10, limit=10) == "x" * 10
    assert printable("\n" * 10, limit=10) == r"\n\n\n\..."


@given(NAMES)
def test_printable_text_is_one_line_without_steering_characters(text: str) -> None:
    safe = printable(text)

    assert not STEERING & {unicodedata.category(character) for character in safe}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("alice", "alice"),
        ("Ödön 木村", "Ödön 木村"),
        ("a::b", "a%3A%3Ab"),
        ("100%", "100%25"),
        ("\x1b[31m", "%1B[31m"),
        ("a\nb", "a%0Ab"),
        ("\udcff", "%FF"),
        ("\u202e", "%E2%80%AE"),
        ("-rf", "-rf"),
        (" a b ", " a b "),
        ("alice\ufe0f", "alice%EF%B8%8F"),
        ("##vso[x]", "%23#vso[x]"),
    ],
)
def test_a_name_becomes_part_of_a_node_id(name: str, safe: str) -> None:
    assert identifier(name) == safe


@given(
    st.text(st.characters(exclude_categories=("Cs",)))
    | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))
)
def test_an_identifier_has_no_colon_and_can_be_read_back(name: str) -> None:
    safe = identifier(name)

    assert ":" not in safe
    assert not STEERING & {unicodedata.category(character) for character in safe}
    assert read_back(safe) == name.encode("utf-8", "surrogateescape")
    assert read_back(with_visible_ends(safe)) == read_back(safe)


@pytest.mark.parametrize(
    ("id_", "shown"),
    [
        ("alice", "alice"),
        (" a  b ", "%20a  b%20"),
        ("  ", "%20%20"),
        ("", ""),
    ],
)
def test_blanks_at_the_ends_of_an_id_are_shown(id_: str, shown: str) -> None:
    assert with_visible_ends(id_) == shown


def read_back(safe: str) -> bytes:
    """Undo the escapes; that it can be done shows that no two names become one."""
    head, *rest = safe.split("%")
    return head.encode() + b"".join(
        bytes.fromhex(part[:2]) + part[2:].encode() for part in rest
    )
