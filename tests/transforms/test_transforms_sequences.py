"""Series, texts and ids: what becomes of known ones."""

import re

import numpy as np
import pytest

from pytest_tfgrade.transforms import (
    CaseChange,
    DropIds,
    NotApplicable,
    SeriesNoise,
    SeriesScale,
    SeriesShift,
    Transform,
    Typos,
    WordDrop,
)
from pytest_tfgrade.transforms.interface import Array
from pytest_tfgrade.transforms.texts import Case


def draws(seed: int, word: str) -> np.random.Generator:
    """Return the generator that a transform is documented to use."""
    return np.random.Generator(np.random.PCG64([seed, *word.encode()]))


def apply(transform: Transform, array: Array) -> Array:
    return transform.apply({"x": array})["x"]


def test_a_shifted_series_repeats_its_ends() -> None:
    series = np.tile(np.arange(10.0, 15.0), (40, 1))

    shifted = apply(SeriesShift(steps=2, seed=4), series)

    later = draws(4, "series_shift").integers(-2, 3, (40, 1))
    expected = np.clip(series - later, 10, 14)
    assert shifted.tolist() == expected.tolist()
    assert set(later[:, 0].tolist()) == {-2, -1, 0, 1, 2}


def test_all_channels_of_a_series_are_shifted_alike() -> None:
    series = np.random.Generator(np.random.PCG64(0)).normal(size=(9, 8, 1))

    shifted = apply(SeriesShift(steps=3), np.concatenate([series, -series], axis=2))

    assert shifted[..., 0].tolist() == (-shifted[..., 1]).tolist()


def test_a_series_is_multiplied_by_one_factor() -> None:
    series = np.ones((30, 4, 2), np.float32)

    scaled = apply(SeriesScale(low=0.5, high=1.5), series)

    factors = draws(0, "series_scale").uniform(0.5, 1.5, 30).astype(np.float32)
    assert (scaled == factors[:, None, None]).all()


def test_noise_of_a_series_is_measured_in_the_spread_of_its_channel() -> None:
    series = np.random.Generator(np.random.PCG64(0)).normal(size=(50, 40, 3))
    series *= [1, 100, 0]

    noisy = apply(SeriesNoise(sigma=0.5), series)

    spread = (noisy - series).std(axis=(0, 1))
    assert spread == pytest.approx([0.5, 50, 0], rel=0.05)


def test_about_as_many_letters_are_mistyped_as_asked_for() -> None:
    texts = np.array(["Zebras eat 3 kg of grass, every day!"] * 500)

    typed = apply(Typos(rate=0.1), texts)

    letters = re.sub("[^A-Za-z]", "", texts[0])
    missing = 500 * len(letters) - sum(len(re.findall("[A-Za-z]", t)) for t in typed)
    assert missing / (500 * len(letters)) == pytest.approx(0.1 / 3, rel=0.2)
    assert {re.sub("[A-Za-z ]", "", text) for text in typed} == {"3,!"}


def test_letters_of_any_alphabet_are_replaced_by_their_own() -> None:
    texts = np.array([["δέκα ζέβρες τρέχουν"]] * 50)

    typed = apply(Typos(rate=1), texts)

    assert typed.shape == (50, 1)
    assert set("".join(typed.ravel())) <= set(texts[0, 0])
    assert len(set(typed.ravel().tolist())) > 40


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("upper", ["OLD MAN", "GROß"]),
        ("lower", ["old man", "groß"]),
        ("swap", ["oLD mAN", "GROß"]),
    ],
)
def test_letters_change_their_case_if_there_is_one_letter_for_it(
    to: Case, expected: list[str]
) -> None:
    texts = np.array(["Old Man", "groß"], "<U7")

    changed = apply(CaseChange(to=to), texts)

    assert changed.tolist() == expected


def test_words_are_left_out_in_order_and_one_stays() -> None:
    texts = np.array(["one  two three four five six", "alone", "  "] * 100)

    left = apply(WordDrop(rate=0.5), texts)

    words = ["one", "two", "three", "four", "five", "six"]
    for text in left[::3]:
        kept = text.split()
        assert kept == [word for word in words if word in kept]
    assert set(left[1::3].tolist()) == {"alone"}
    assert set(left[2::3].tolist()) == {"  "}
    assert 250 < sum(len(text.split()) for text in left[::3]) < 350


def test_of_all_words_left_out_one_stays() -> None:
    left = apply(WordDrop(rate=1), np.array(["one two three"] * 50))

    assert set(left.tolist()) == {"one", "two", "three"}


def test_a_text_that_loses_no_word_keeps_its_spaces() -> None:
    texts = np.array(["one  two\tthree"] * 100)

    left = apply(WordDrop(rate=0.2), texts)

    assert set(map(len, left)) > {len(texts[0])}
    assert all(text == texts[0] for text in left if len(text.split()) == 3)


def test_ids_are_replaced_where_they_stand() -> None:
    ids = np.full((100, 20), 7, np.uint8)

    left = apply(DropIds(rate=0.25, fill=1, seed=2), ids)

    dropped = draws(2, "drop_ids").random((100, 20)) < 0.25
    assert left.tolist() == np.where(dropped, 1, 7).tolist()


def test_an_id_that_the_dtype_cannot_hold_is_refused() -> None:
    ids = np.full((2, 3), 7, np.uint8)

    with pytest.raises(NotApplicable, match=r"^ids of dtype uint8 cannot be 256$"):
        apply(DropIds(rate=1, fill=256), ids)
