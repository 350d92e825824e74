"""Which models say the same, more than models that are as good do."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.fingerprint import AnswerPrint
from pytest_tfgrade.reports.integrity.sketches import decoded

ALIKE_WRONG: Final = 0.9
"""Share of the rows that either got wrong in which both have the same wrong class."""

FEWEST_WRONG: Final = 10
"""Rows that both got wrong, or nothing follows."""

MOST_LIKELY: Final = 0.01
"""The largest probability that counts, times the number of pairs (Bonferroni)."""

ALIKE_RANKS: Final = 0.97
"""The least correlation of ranks beyond what the class has in common."""

FEWEST_MODELS: Final = 5
"""Models that make something common."""

MOST_PAIRS: Final = 20_000
"""Of a dataset that are told."""

_SIEVE: Final = 0.8  # a bound that no pair fails which reaches ALIKE_WRONG
_MARK: Final = 255
_BLOCK: Final = 512


class Wrong(NamedTuple):
    """Wrong answers of one model, in the order in which rows are looked at."""

    rows: NDArray[np.int64]
    """Positions of the rows, increasing."""

    classes: NDArray[np.int64]
    """What was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPair:
    """Two models that say nearly the same."""

    a: int
    """Position of one of them."""

    b: int
    """Position of the other one."""

    is_identical: bool = False
    """Whether all predictions are the same to the last digit."""

    both_wrong: int | None = None
    """Rows that both got wrong, of those looked at; None if that is not told."""

    same_wrong: int | None = None
    """In how many of these both have the same wrong class."""

    either_wrong: int | None = None
    """Rows that one of them got wrong, or both."""

    expected: float | None = None
    """In how many of ``both_wrong`` two models of the class would have the same."""

    probability: float | None = None
    """Of as many or more if models err independently, times the number of pairs."""

    correlation: float | None = None
    """Of ranks, beyond what the class has in common; None if that is not told."""


def alike_answers(prints: Sequence[AnswerPrint]) -> list[AnswerPair]:
    """Return pairs of models that say nearly the same, in order.

    Models with the same predictions count once for what a class has in common.

    Args:
        prints: For one output of one dataset.
    """
    first: dict[str, int] = {}
    found: dict[tuple[int, int], AnswerPair] = {}
    for place, one in enumerate(prints):
        known = first.setdefault(one.digest, place)
        if known != place:
            found[known, place] = AnswerPair(a=known, b=place, is_identical=True)
    places = list(first.values())
    different = [prints[place] for place in places]
    for pair in (*_alike_wrong(different), *_alike_ranks(different)):
        key = places[pair.a], places[pair.b]
        found.setdefault(key, replace(pair, a=key[0], b=key[1]))
    return [found[key] for key in sorted(found)][:MOST_PAIRS]


def decoded_wrong(one: AnswerPrint) -> Wrong:
    """Return the wrong answers of a print.

    >>> import base64
    >>> told = base64.b64encode(bytes([1, 3, 255, 255, 2, 0])).decode()
    >>> rows, classes = decoded_wrong(
    ...     AnswerPrint(
    ...         dataset="d", output="y", digest="", is_constant=False, wrong=told
    ...     )
    ... )
    >>> rows.tolist(), classes.tolist()
    ([0, 257], [3, 0])
    """
    data = decoded(one.wrong)
    pairs = np.frombuffer(data[: len(data) // 2 * 2], np.uint8).reshape(-1, 2)
    rows = np.cumsum(pairs[:, 0], dtype=np.int64) - 1
    told = (pairs != _MARK).any(axis=1)
    return Wrong(rows[told], pairs[told, 1].astype(np.int64))


def _alike_wrong(prints: Sequence[AnswerPrint]) -> Iterator[AnswerPair]:
    wrong = [decoded_wrong(one) for one in prints]
    chances = _chances(wrong)
    pairs = math.comb(len(wrong), 2)
    for a, b in _with_common_answers(wrong):
        pair = _compared(wrong[a], wrong[b], chances, pairs)
        if pair is not None:
            yield replace(pair, a=a, b=b)


def _compared(
    first: Wrong, second: Wrong, chances: dict[int, float], pairs: int
) -> AnswerPair | None:
    """Return a pair if it has more wrong answers in common than it could by chance."""
    end = min(_end(first), _end(second))  # behind it one of them was not looked at
    one = {row: said for row, said in _told(first) if row < end}
    other = {row: said for row, said in _told(second) if row < end}
    both = [row for row in one if row in other]
    same = sum(one[row] == other[row] for row in both)
    either = len(one) + len(other) - len(both)
    if len(both) < FEWEST_WRONG or same < ALIKE_WRONG * either:
        return None
    expected = [chances[row] for row in both]
    probability = min(1.0, pairs * _at_least(same, expected))
    if probability > MOST_LIKELY:
        return None
    return AnswerPair(
        a=0,
        b=1,
        both_wrong=len(both),
        same_wrong=same,
        either_wrong=either,
        expected=sum(expected),
        probability=probability,
    )


def _end(wrong: Wrong) -> int:
    """Return behind which row no wrong answers are told, though there may be some."""
    return int(wrong.rows[-1]) + 1 if len(wrong.rows) else 0


def _chances(wrong: Sequence[Wrong]) -> dict[int, float]:
    """Return by row how likely two models that get it wrong have the same wrong class.

    One pair that has is added, so that no row makes a likeness impossible.
    """
    told: dict[int, Counter[int]] = defaultdict(Counter)
    for one in wrong:
        for row, said in _told(one):
            told[row][said] += 1
    return {
        row: (sum(map(_pairs, counts.values())) + 1) / (_pairs(counts.total()) + 1)
        for row, counts in told.items()
    }


def _pairs(count: int) -> int:
    return count * (count - 1)


def _at_least(count: int, chances: Sequence[float]) -> float:
    """Return how likely so many of independent events happen, or more.

    >>> round(_at_least(2, [0.5, 0.5]), 2), round(_at_least(1, [0.5, 0.5]), 2)
    (0.25, 0.75)
    """
    spread = np.ones(1)
    for chance in chances:
        spread = np.convolve(spread, (1 - chance, chance))
    return float(spread[count:].sum())


def _told(wrong: Wrong) -> list[tuple[int, int]]:
    """Return rows and what was said there."""
    return list(zip(wrong.rows.tolist(), wrong.classes.tolist(), strict=True))


def _with_common_answers(wrong: Sequence[Wrong]) -> list[tuple[int, int]]:
    """Return pairs that may share most of their wrong answers.

    Who shares that many with another shares one of his rarest ones, so only models that
    do are compared (prefix filtering: Chaudhuri, Ganti and Kaushik, A primitive
    operator for similarity joins in data cleaning, 2006).
    """
    answers = [_told(one) for one in wrong]
    count = Counter(answer for each in answers for answer in each)
    holders: dict[tuple[int, int], list[int]] = defaultdict(list)
    found: set[tuple[int, int]] = set()
    for place, each in enumerate(answers):
        if len(each) < FEWEST_WRONG:
            continue
        rarest = sorted(each, key=lambda answer: (count[answer], answer))
        for answer in rarest[: len(each) - math.ceil(_SIEVE * len(each)) + 1]:
            if len(found) < MOST_PAIRS:
                found.update((other, place) for other in holders[answer])
            holders[answer].append(place)
    return sorted(found)


def _alike_ranks(prints: Sequence[AnswerPrint]) -> Iterator[AnswerPair]:
    """Yield pairs that do better than others in the same rows, and worse likewise."""
    places, ranks = _ranks(prints)
    if len(places) < FEWEST_MODELS:
        return
    own = ranks - ranks.mean(axis=0)
    norms = np.linalg.norm(own, axis=1, keepdims=True)
    own = (own / np.where(norms > 0, norms, 1)).astype(np.float32)
    for start in range(0, len(own), _BLOCK):
        products = own[start : start + _BLOCK] @ own[start:].T
        near = np.argwhere(products >= ALIKE_RANKS)
        for row, column in near[:MOST_PAIRS].tolist():
            if row < column:
                yield AnswerPair(
                    a=places[start + row],
                    b=places[start + column],
                    correlation=min(float(products[row, column]), 1.0),
                )


def _ranks(prints: Sequence[AnswerPrint]) -> tuple[list[int], NDArray[np.float64]]:
    """Return positions of models that have ranks, and the ranks as normal scores."""
    told = [decoded(one.ranks) for one in prints]
    sizes = Counter(map(len, told))
    del sizes[0]
    size = max(sizes, key=lambda size: (sizes[size], size), default=0)
    places = [place for place, data in enumerate(told) if size and len(data) == size]
    ranks = [np.frombuffer(told[place], np.uint8) for place in places]
    return places, _SCORES[np.array(ranks, np.int64).reshape(len(places), size)]


def _normal_scores() -> NDArray[np.float64]:
    """Return for ranks 0..255 where a standard normal variable has as many below."""
    from statistics import NormalDist  # noqa: PLC0415

    normal = NormalDist()
    return np.array([normal.inv_cdf((rank + 0.5) / 256) for rank in range(256)])


_SCORES: Final = _normal_scores()
