"""What trying a rubric found: problems that fail it, and notes that do not."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.documents.document import KeyPath
from pytest_tfgrade.engine.selftest import Trial, band_problems
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric
from pytest_tfgrade.rubric.criteria import written

_CONTRACT: Final = "predict.contract"
"""Predictors are made to keep the contract: one that none keeps is a mistake."""


def problems(rubric: Rubric, trials: Sequence[Trial]) -> list[str]:
    """Return what is wrong, each with its place; what concerns several only once."""
    path = rubric.document.path
    found = [_broken(rubric, trial) or _other(rubric, trial) for trial in trials]
    found += [f"{path}: {text}" for text in band_problems(rubric, trials)]
    found += [
        f"{_place(rubric, gate.id)}: {_untried(gate, criterion)}; correct the contract"
        for gate, criterion in _gated(rubric, trials)
        if gate.check == _CONTRACT
    ]
    return list(dict.fromkeys(text for text in found if text))


def notes(rubric: Rubric, trials: Sequence[Trial]) -> list[str]:
    """Return what a grader should know of a rubric that is as it must be."""
    return [
        _untried(gate, criterion)
        for gate, criterion in _gated(rubric, trials)
        if gate.check != _CONTRACT
    ]


def _other(rubric: Rubric, trial: Trial) -> str | None:
    """Say that points are not what they must be."""
    text = trial.problem
    return None if text is None else f"{rubric.document.path}: {text}"


def _broken(rubric: Rubric, trial: Trial) -> str | None:
    """Say what a metric or check says that these data do not fit, at its place."""
    errors = (c for c in trial.criteria if c.verdict is Verdict.ERROR)
    result = next(errors, None)
    criterion = next((c for c in rubric.checked if result and c.id == result.id), None)
    if result is None or criterion is None:
        return None
    detail = (result.detail or "").strip()
    metric = getattr(criterion.parameters.get("metric"), "name", None)
    place = _place(rubric, criterion.id, "metric" if metric else "check")
    what = metric or criterion.check.name
    last = detail.rpartition("\n")[2]
    if said := re.fullmatch(r"(?:\w+\.)*ValueError: (.+)", last):
        remedy = "correct the criterion, or the data"
        return f"{place}: {what} does not fit the data: {said[1]}; {remedy}"
    if not trial.is_predictor:
        return None
    crashed = detail.startswith("Traceback")
    return f"{place}: " + (f"{what} fails: {last}; correct it" if crashed else last)


def _place(rubric: Rubric, id_: str, key: str = "check") -> str:
    at: KeyPath = next(
        entry.at for entry in written(rubric.document) if entry.value["id"] == id_
    )
    return str(rubric.document.locate((*at, key)))


def _untried(gate: CriterionResult, criterion: BoundCriterion) -> str:
    what = f"no predictor got past {gate.id!r} ({gate.rationale})"
    return f"{what}; the bounds of {criterion.id!r} were not tried"


def _gated(
    rubric: Rubric, trials: Sequence[Trial]
) -> Iterator[tuple[CriterionResult, BoundCriterion]]:
    """Yield criteria with bounds that no predictor came to, each after its gate.

    The gate is what became of it for the first of them.
    """
    tried = [
        {result.id: result for result in trial.criteria}
        for trial in trials
        if trial.is_predictor
    ]
    for criterion in rubric.checked:
        asked = [found for found in tried if criterion.id in found]
        verdicts = {found[criterion.id].verdict for found in asked}
        if criterion.scale is not None and verdicts == {Verdict.SKIPPED}:
            yield _gate(criterion, asked[0], rubric), criterion


def _gate(
    criterion: BoundCriterion, found: dict[str, CriterionResult], rubric: Rubric
) -> CriterionResult:
    """Return what became of the first criterion or group that stopped a predictor."""
    entries = {entry.id: entry for entry in rubric.criteria}
    at = found[criterion.id]
    while at.verdict is Verdict.SKIPPED:
        entry = entries[at.id]
        members = entry.members if isinstance(entry, BoundGroup) else ()
        before = [found[name] for name in (*entry.requires, *members) if name in found]
        stopped = (each for each in before if each.verdict is not Verdict.PASSED)
        # Else predictions are ungradable, as the first that met them says.
        ungradable = (each for each in found.values() if each.code)
        at = next(chain(stopped, ungradable))
    return at
