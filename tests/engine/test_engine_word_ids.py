"""Texts as the ids of words, against what Keras makes of the same texts."""

import json
import string
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.contract import Side, Standardize, WordIds
from pytest_tfgrade.engine.word_ids import ids_of

WORDS = ("to", "be", "or", "not", "don't", "dont", "été", "ÉTÉ", "TO", "a-b", "ab", ".")
TEXTS = [
    "",
    "   ",
    "to be or not to be",
    "To Be, OR not... to-be!",
    "don't dont DON'T",
    "été ÉTÉ Été",
    "a-b ab A-B",
    "to\tbe\nor\vnot\fto\rbe",
    "to\u00a0be\u2003or",
    "to be . or",
    f"be {string.punctuation} be",
    "to unknown be",
]


SPEC = WordIds(words=WORDS, length=5, padding=Side.POST, truncation=Side.POST)


@pytest.fixture(scope="module")
def of_keras(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[int]]]:
    """Return the ids that Keras gives, by what was asked."""
    folder = tmp_path_factory.mktemp("keras-ids")
    texts, ids = folder / "texts.json", folder / "ids.json"
    texts.write_text(json.dumps({"words": WORDS, "texts": TEXTS}), encoding="utf-8")
    program = Path(__file__).parent / "save_keras_ids.py"
    subprocess.run(
        [sys.executable, str(program), str(texts), str(ids)],
        check=True,
        capture_output=True,
    )
    found: dict[str, list[list[int]]] = json.loads(ids.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("how", Standardize)
def test_ids_are_those_of_text_vectorization(
    of_keras: dict[str, list[list[int]]], how: Standardize
) -> None:
    ids = ids_of(np.array(TEXTS)[:, None], replace(SPEC, standardize=how))

    assert ids.tolist() == of_keras[f"TextVectorization {how}"]


@pytest.mark.parametrize("padding", Side)
@pytest.mark.parametrize("truncation", Side)
def test_ids_are_those_of_a_tokenizer_and_padded_sequences(
    of_keras: dict[str, list[list[int]]], padding: Side, truncation: Side
) -> None:
    only_spaces = [
        row for row, text in enumerate(TEXTS) if text == " ".join(text.split())
    ]
    texts = np.array(TEXTS)[only_spaces]

    how = replace(
        SPEC,
        standardize=Standardize.NONE,
        padding=padding,
        truncation=truncation,
    )
    ids = ids_of(texts, how)

    expected = np.array(of_keras[f"Tokenizer {padding} {truncation}"])[only_spaces]
    assert ids.tolist() == expected.tolist()


def test_ids_may_begin_anywhere() -> None:
    ids = ids_of(np.array(["to be or else"]), replace(SPEC, first=10, unknown=7, pad=9))

    assert ids.dtype == np.int32
    assert ids.tolist() == [[10, 11, 12, 7, 9]]


def test_no_texts_have_no_ids() -> None:
    assert ids_of(np.empty((0, 1), "U3"), SPEC).shape == (0, 5)
