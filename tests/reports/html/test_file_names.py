"""Names of files for submissions, whatever their ids hold."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.reports.html.file_names import safe_file_name

HASHED = r"[0-9a-f]{20}"


@pytest.mark.parametrize("id_", ["alice", "alice_digits-2.v1", "7", "a.b"])
def test_a_plain_id_is_its_own_name(id_: str) -> None:
    assert safe_file_name(id_) == id_


@pytest.mark.parametrize(
    ("id_", "begins"),
    [
        ("Alice", "alice-"),
        ("../../etc/passwd", "etc-passwd-"),
        ("alice\\bob:c", "alice-bob-c-"),
        ("模型", "submission-"),
        ("", "submission-"),
        ("Ann Müller", "ann-m-ller-"),
        pytest.param("con", "con-", id="a-device-on-windows"),
        pytest.param("aux.html", "aux.html-", id="a-device-with-an-ending"),
        pytest.param("a" * 300, "a" * 80 + "-", id="a-long-id-is-cut"),
        pytest.param("\ud800", "submission-", id="a-lone-surrogate"),
    ],
)
def test_what_cannot_stay_is_replaced_and_a_hash_tells_it(
    id_: str, begins: str
) -> None:
    assert re.fullmatch(re.escape(begins) + HASHED, safe_file_name(id_))


def test_an_id_that_looks_like_a_name_with_a_hash_gets_one_of_its_own() -> None:
    assert safe_file_name(safe_file_name("Alice")) != safe_file_name("Alice")


ids = st.text(
    st.one_of(st.sampled_from("aAbB-_./%\u00df\u017fK "), st.characters()), max_size=200
)


@given(ids, ids)
def test_different_ids_have_different_names_also_without_case(a: str, b: str) -> None:
    same = safe_file_name(a).casefold() == safe_file_name(b).casefold()

    assert same is (a == b)


@given(ids)
def test_a_name_is_short_ascii_and_no_path(id_: str) -> None:
    name = f"{safe_file_name(id_)}.html"

    assert re.fullmatch(r"[a-z0-9_][a-z0-9_.-]{0,118}", name)
    assert unicodedata.normalize("NFD", name) == name
