"""What tells a model from others, from what was found out as it was graded.

Reports compare these prints over a class. No metric, and no point, depends on them.
"""

import base64
import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.fingerprint import AnswerPrint, Fingerprint
from pytest_tfgrade.engine.output_kinds import Kind, kind_of
from pytest_tfgrade.metrics.arrays import classes_of, label_pair, paired
from pytest_tfgrade.rubric import Rubric

MOST_OUTPUTS: Final = 2
MOST_WRONG: Final = 128
"""Pairs of bytes that tell wrong answers."""

MOST_ROWS: Final = 4096
"""Rows that wrong answers are sought in; positions, if rows have several."""

MOST_NUMBERS: Final = 1 << 20
"""Predicted numbers that are looked at."""

RANKED: Final = 160
"""Predictions that are ranked."""

_FEWEST_RANKED: Final = 32
_NEARLY_CONSTANT: Final = 1e-3  # times the spread of the targets
_ON: Final = 255  # goes on by so many rows; no class has this byte
_DIGITS: Final = 16
_LEAST: Final = 1e-30  # probability, so that it has a logarithm

Classes = Mapping[str, Sequence[str]]
"""Names of the classes of each output, as far as they are told."""


def fingerprint_of(
    rubric: Rubric,
    facts: Facts | None,
    evaluations: Iterable[Evaluation],
    classes: Callable[[str], Classes],
) -> Fingerprint | None:
    """Return what tells a model from others; None if nothing does.

    Args:
        rubric: Of the task.
        facts: Of the file; None if it could not be read.
        evaluations: Its datasets, as far as there are predictions; the first counts.
        classes: Returns the names that the description of a dataset tells.
    """
    weights = facts.weight_print if facts else None
    first = next(iter(evaluations), None)
    answers = () if first is None else _answers(rubric, first, classes(first.dataset))
    if weights is None and not answers:
        return None
    return Fingerprint(weights=weights, answers=tuple(answers))


def _answers(
    rubric: Rubric, evaluation: Evaluation, classes: Classes
) -> Iterator[AnswerPrint]:
    for output in list(evaluation.contract.outputs)[:MOST_OUTPUTS]:
        targets = np.asarray(evaluation.targets[output])
        predictions = np.asarray(evaluation.predictions[output])
        are_named = bool(classes.get(output))
        kind = kind_of(rubric, evaluation, output, are_named=are_named)
        yield answer_print(evaluation.dataset, output, kind, targets, predictions)


@np.errstate(all="ignore")  # of very large numbers, all the same to a print
def answer_print(
    dataset: str,
    output: str,
    kind: Kind,
    targets: NDArray[Any],
    predictions: NDArray[Any],
) -> AnswerPrint:
    """Return what tells the predictions for one output from others.

    Args:
        dataset: The evaluation dataset.
        output: The output of the contract.
        kind: What its numbers are.
        targets: ``(n, ...)``.
        predictions: ``(n, ...)``, finite.
    """
    digest = hashlib.sha256(np.ascontiguousarray(predictions).data).hexdigest()
    each = max(predictions.size // max(len(predictions), 1), 1)
    most = max(min(MOST_ROWS, MOST_NUMBERS // each), 1)
    rows = np.sort(_spread(len(predictions), most))
    true, found = targets[rows], predictions[rows]
    wrong, merits, is_constant = b"", None, _is_constant(true, found)
    try:
        if kind is Kind.CLASSES:
            labels, said = label_pair(true, found)
            wrong = _wrong(labels.reshape(-1), said.reshape(-1))
            merits = _margins(labels.reshape(-1), found)
            is_constant = _says_one_thing(labels, said)
        elif kind is not Kind.OTHER:
            expected, numbers = paired(true, found)
            merits = (numbers - expected).reshape(-1)
    except ValueError:  # metrics say so, where they are asked
        pass
    return AnswerPrint(
        dataset=dataset,
        output=output,
        digest=digest[:_DIGITS],
        is_constant=is_constant,
        wrong=base64.b64encode(wrong).decode(),
        ranks=_ranks(merits),
    )


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Return positions below ``count``, at most so many, spread over all of them.

    >>> _spread(10, 4).tolist()
    [0, 7, 4, 1]
    """
    step = max(round(count * 0.618), 1)  # of the golden ratio: no two are near
    while math.gcd(step, max(count, 1)) > 1:
        step += 1
    places: NDArray[np.int64] = np.arange(min(count, most)) * step
    return places % max(count, 1)


def _says_one_thing(labels: NDArray[Any], said: NDArray[Any]) -> bool:
    return bool((said == said.flat[0]).all() and (labels != labels.flat[0]).any())


def _is_constant(true: NDArray[Any], found: NDArray[Any]) -> bool:
    """Return whether numbers hardly change from row to row, though targets do."""
    if len(found) <= 1 or true.dtype.kind not in "biuf":
        return False
    wanted = float(true.astype(np.float64).std(axis=0).max())
    return (
        float(found.astype(np.float64).std(axis=0).max()) <= _NEARLY_CONSTANT * wanted
    )


def _wrong(labels: NDArray[np.int64], said: NDArray[np.int64]) -> bytes:
    """Return which labels are wrong, and what is said, as ``AnswerPrint`` has it."""
    order = _spread(len(labels), MOST_ROWS)
    labels, said = labels[order], said[order]
    told = bytearray()
    last = -1
    for place in np.flatnonzero(labels != said)[:MOST_WRONG].tolist():
        gap = place - last
        while gap >= _ON:
            told += bytes((_ON, _ON))
            gap -= _ON
        told += bytes((gap, int(said[place]) % _ON))
        last = place
    return bytes(told[: 2 * MOST_WRONG])


def _margins(labels: NDArray[np.int64], scores: NDArray[Any]) -> NDArray[np.float64]:
    """Return how far the score of the right class is above the best of the others."""
    scores = scores.astype(np.float64)
    if scores.ndim == 1 or scores.shape[-1] == 1:
        scores = scores.reshape(-1)
        return np.where(labels == 1, scores, -scores)
    scores = scores.reshape(-1, classes_of(scores))
    if scores.min() >= 0:  # probabilities: so near to 0 and 1 only logarithms differ
        scores = np.log(np.maximum(scores, _LEAST))
    at = np.arange(len(labels))
    right = scores[at, labels]
    scores[at, labels] = -np.inf
    margins: NDArray[np.float64] = right - scores.max(axis=1)
    return margins


def _ranks(merits: NDArray[np.float64] | None) -> str:
    """Return the ranks of some of the numbers, from 0 to 255; equal ones have one."""
    if merits is None or len(merits) < _FEWEST_RANKED:
        return ""
    some = merits[_spread(len(merits), RANKED)]
    _, place, count = np.unique(some, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count + 1) / 2)[place]
    told = np.round(ranks * (_ON / (len(some) - 1))).astype(np.uint8)
    return base64.b64encode(told.tobytes()).decode()
