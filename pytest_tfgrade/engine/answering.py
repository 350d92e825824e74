"""Asking the runner for what a model predicts, and saying what went wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pytest_tfgrade.checks.interface import Arrays
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Pass, Predictions, Runner


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answers:
    """What a model predicts on one evaluation dataset."""

    predictions: Predictions
    """Called plainly; finite and of the contract's shapes."""

    more: dict[Call, Arrays] = field(default_factory=dict)
    """Called in other ways; more may be asked for later."""

    failed: dict[Call, Ungradable] = field(default_factory=dict)
    """Why the model failed at a call."""

    shortest: float = 0.0
    """Seconds of the plain call, of several the shortest."""

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        # A copy: another thread may be adding to it.
        held = (self.predictions.arrays, *self.more.copy().values())
        return sum(array.nbytes for arrays in held for array in arrays.values())


def answer(
    runner: Runner,
    artifact: Artifact,
    facts: Facts,
    rubric: Rubric,
    passes: Sequence[Pass],
) -> tuple[Predictions, ...]:
    """Return what a model predicts, the plain pass first; fewer if it fails later.

    Raises:
        Ungradable: The model failed at the plain pass, or predicts NaN.
        RunnerError: The machine did.
    """
    outputs, limits = rubric.contract.outputs, rubric.limits
    try:
        done = runner.predict(artifact, passes, outputs, limits)
    except Ungradable as finding:
        ours = runner.versions.get("keras3", {}).get("keras", "")
        raise _blamed_on_version(finding, facts.keras_version, ours) from None
    _require_finite(done[0].arrays)
    return done


def more_answers(
    runner: Runner, artifact: Artifact, rubric: Rubric, passes: Sequence[Pass]
) -> tuple[list[Arrays], Ungradable | None]:
    """Return what a model predicts when it is called in other ways.

    Fewer, if it fails at one of them; then why.
    """
    found: list[Arrays] = []
    outputs, limits = rubric.contract.outputs, rubric.limits
    while len(found) < len(passes):  # after a failure, the rest raises why
        try:
            done = runner.predict(artifact, passes[len(found) :], outputs, limits)
        except Ungradable as finding:
            return found, finding.with_traceback(None)
        found += [predictions.arrays for predictions in done]
    return found, None


def _blamed_on_version(
    finding: Ungradable, theirs: str | None, ours: str
) -> Ungradable:
    """Return why a file cannot be loaded: for its Keras version, if that is likely.

    Keras 2 and 3 read few of each other's files, and an older Keras few of a newer's;
    a file of the same or an older Keras 3 fails for another reason.
    """
    if finding.code not in {Code.LOAD, Code.CUSTOM_OBJECT} or not theirs or not ours:
        return finding
    saved, here = (_major_minor(version) for version in (theirs, ours))
    if saved[0] == here[0] and saved <= here:
        return finding
    return Ungradable(
        Code.VERSION,
        f"the file was saved by Keras {printable(theirs, limit=20)}, and Keras {ours} "
        "cannot load it",
        hint=f"Save it again with Keras {ours}.",
        detail=finding.detail,
    )


def _major_minor(version: str) -> tuple[int, int]:
    """Return the numbers that decide what loads where.

    >>> _major_minor("3.15.1"), _major_minor("2.2.4-tf"), _major_minor("odd")
    ((3, 15), (2, 2), (0, 0))
    """
    found = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _require_finite(arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    for name, array in arrays.items():
        wrong = int(array.size - np.isfinite(array).sum())
        if wrong:
            text = f"{wrong} of {array.size} predicted values of {name!r}"
            raise Ungradable(Code.NONFINITE, f"{text} are NaN or infinite")
