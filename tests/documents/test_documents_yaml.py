"""YAML that cannot be read: whole messages, each with its place."""

from pathlib import Path

import pytest

from pytest_tfgrade.documents import Invalid, Location, read_document


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where to write; messages name it by its relative path."""
    monkeypatch.chdir(tmp_path)
    return Path("rubric.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "title: [a\nb: 1\n",
            "rubric.yaml:2:2: ',' or ']' is missing before this; "
            "the bracket opens at 1:8",
            id="open-bracket",
        ),
        pytest.param(
            "title: a\n  b: c\n",
            "rubric.yaml:2:4: ':' cannot stand here; put a text that holds ': ' in "
            "quotes, or correct the indentation",
            id="indentation",
        ),
        pytest.param(
            "a: 1\n\n# said of it:\ntitle of it\n\nb: 2\n",
            "rubric.yaml:4:1: there is no ':' after this key; write key: value",
            id="a-line-without-a-colon",
        ),
        pytest.param(
            "title of it\nb: 2\n",
            "rubric.yaml:1:1: there is no ':' after this key; write key: value",
            id="a-first-line-without-a-colon",
        ),
        pytest.param(
            "a:\n  - one\n    b: 2\n",
            "rubric.yaml:2:5: there is no ':' after this key; write key: value",
            id="an-item-without-a-colon",
        ),
        pytest.param(
            "title:of it\nb: 2\n",
            "rubric.yaml:1:1: there is no space after the ':' of this key; write key: "
            "value",
            id="a-first-line-without-a-space",
        ),
        pytest.param(
            "title: one\n  and more\n  b: 2\n",
            "rubric.yaml:3:4: ':' cannot stand here; put a text that holds ': ' in "
            "quotes, or correct the indentation",
            id="a-colon-in-the-third-line-of-a-text",
        ),
        pytest.param(
            "a: {5:0.5, 3:'x', b:c}\n",
            "rubric.yaml:1:5: there is no space after the ':'; write 5: 0.5\n"
            "rubric.yaml:1:12: there is no space after the ':'; write 3: 'x'\n"
            "rubric.yaml:1:19: there is no space after the ':'; write b: c",
            id="no-spaces-in-brackets",
        ),
        pytest.param(
            "a: {5: 0,9, 3: -1,05}\n",
            "rubric.yaml:1:8: must be a number, got '0,9'; write 0.9\n"
            "rubric.yaml:1:16: must be a number, got '-1,05'; write -1.05",
            id="decimal-commas",
        ),
        pytest.param(
            "a: {shape: (None, 8, 8), b: (1,)}\n",
            "rubric.yaml:1:12: a list stands in square brackets; write [null, 8, 8]\n"
            "rubric.yaml:1:29: a list stands in square brackets; write [1]",
            id="round-brackets",
        ),
        pytest.param(
            "title: 'a\n",
            "rubric.yaml:1:8: this quote is not closed; add one at the end of the text",
            id="open-quote",
        ),
        pytest.param(
            "a: 1\n\tb: 2\n",
            "rubric.yaml:2:1: a tab stands here; indent with spaces",
            id="tab",
        ),
        pytest.param(
            "a: 1\n---\nb: 2\n",
            "rubric.yaml:2:1: a second document begins here; "
            "write one for each file, without '---'",
            id="two-documents",
        ),
        pytest.param(
            "a: *b\n",
            "rubric.yaml:1:4: '*' begins a reference to an '&' anchor, and there is "
            "none; put a text that begins with '*' in quotes",
            id="unknown-alias",
        ),
        pytest.param(
            "a: &b [*b]\n",
            "rubric.yaml:1:4: an alias cannot hold itself",
            id="alias-of-itself",
        ),
        pytest.param(
            "a: 1\nb: x\x07\n",
            "rubric.yaml:2:5: holds the character '\\x07'; remove it",
            id="control-character",
        ),
        pytest.param(
            "", "rubric.yaml:1:1: is empty; write the keys it needs", id="empty"
        ),
        pytest.param(
            "# later\n",
            "rubric.yaml:1:1: is empty; write the keys it needs",
            id="only-a-comment",
        ),
        pytest.param(
            "? [a, b]\n: 1\n", "rubric.yaml:1:3: a key must be a single word", id="list"
        ),
        pytest.param(
            "a: !new x\n",
            "rubric.yaml:1:4: '!' begins a tag; "
            "put a text that begins with '!' in quotes",
            id="unknown-tag",
        ),
        pytest.param(
            "a: !!python/object/apply:os.system [ls]\n"
            "b: !!python/object/apply:os.system ls\n",
            "rubric.yaml:2:4: '!' begins a tag; "
            "put a text that begins with '!' in quotes",
            id="tag-of-python",
        ),
        pytest.param(
            "%FOO\n",
            "rubric.yaml:2:1: is not YAML: expected '<document start>', "
            "but found '<stream end>'",
            id="a-mistake-that-nobody-makes",
        ),
        pytest.param(
            "a: 2020-13-45\n",
            "rubric.yaml:1:4: cannot be read as a value: month must be in 1..12",
            id="no-such-date",
        ),
        pytest.param(
            "a: 1\nb:\n- {c: 1, d: 2, c: 3}\na: 2\n",
            "rubric.yaml:3:16: the key 'c' stands here a second time; remove one\n"
            "rubric.yaml:4:1: the key 'a' stands here a second time; remove one",
            id="keys-twice",
        ),
    ],
)
def test_text_that_is_not_yaml_is_refused(file: Path, text: str, message: str) -> None:
    file.write_text(text)

    with pytest.raises(Invalid) as caught:
        read_document(file)

    assert str(caught.value) == message


def test_bytes_that_are_not_utf_8_are_refused(file: Path) -> None:
    file.write_bytes(b"title: caf\xe9\n")

    with pytest.raises(Invalid) as caught:
        read_document(file)

    assert str(caught.value) == (
        "rubric.yaml:1:1: is not UTF-8 text at byte 10; save it as UTF-8"
    )


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(Invalid) as caught:
        read_document(file)

    assert str(caught.value) == (
        "rubric.yaml:1:1: cannot be read: No such file or directory"
    )


def test_values_are_plain_and_know_their_places(file: Path) -> None:
    file.write_text("a: 1\nb:\n  - x\n  - {c: yes, d: 1.5}\ne: &e [null]\nf: *e\n")

    document = read_document(file)

    assert document.value == {
        "a": 1,
        "b": ["x", {"c": True, "d": 1.5}],
        "e": [None],
        "f": [None],
    }
    assert document.locate(("b", 1, "d")) == Location(file, 4, 17)
    assert document.locate(("b", 1, "d"), at_key=True) == Location(file, 4, 14)
    assert document.locate(("b", 1, "missing")) == Location(file, 4, 5)
    assert document.locate(("b", 1, "missing"), at_key=True) == Location(file, 4, 5)
    assert document.locate(("missing", "too")) == Location(file, 1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: {b, c}\n", {"a": {"b": None, "c": None}}),
        ("a: {b: 1, 5, c: (d)}\n", {"a": {"b": 1, 5: None, "c": "(d)"}}),
        ("a: {'5:0': , b: 1}\n", {"a": {"5:0": None, "b": 1}}),
        ("a: {b: http://c.d, e: f:g}\n", {"a": {"b": "http://c.d", "e": "f:g"}}),
        ("a: [1,5, 2,5]\n", {"a": [1, 5, 2, 5]}),
    ],
)
def test_what_is_no_slip_is_taken_as_written(
    file: Path, text: str, value: object
) -> None:
    file.write_text(text)

    document = read_document(file)

    assert document.value == value
