"""A rubric cut down to what can be asked without hidden data."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.checks.interface import Outcome
from pytest_tfgrade.checks.model.feeding import feeding_for
from pytest_tfgrade.checks.predict.contract import CONTRACT
from pytest_tfgrade.core.criterion import CriterionResult, Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.engine.made_up_rows import made_up_check
from pytest_tfgrade.engine.trial import Returned, returned
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric

INPUTS: Final = "(inputs)"
CALL: Final = "(call)"
"""Ids of our own criteria; no rubric can have one like them."""

_MADE_UP: Final = "made-up inputs"

_KIND_HINT: Final = (
    "End the model with a softmax activation, or with sigmoid if several labels of an "
    "example may be true."
)

Entry = BoundCriterion | BoundGroup
"""What a rubric lists under ``criteria``."""


class PreflightPlan:
    """What of a rubric can be asked here, and what has to wait."""

    rubric: Rubric
    """The whole of it."""

    shown: list[Entry]
    """Criteria and groups that candidates may see, in the rubric's order."""

    decided: dict[str, Entry]
    """Of these, by id, what needs no hidden data."""

    tried: dict[str, BoundCriterion]
    """Of the others, by id, what made-up inputs may speak against."""

    adapted: list[str]
    """Once graded: what would be adapted between the task's inputs and the model's."""

    returned: list[Returned]
    """Once graded: what the model returned for made-up inputs."""

    def __init__(self, rubric: Rubric, *, load: bool) -> None:
        """Divide the criteria that candidates may see.

        Args:
            rubric: What the task asks.
            load: Whether made-up inputs may be tried.
        """
        unseen = _unseen(rubric)
        self._load = load
        self.rubric = rubric
        self.adapted = []
        self.returned = []
        self.shown = [entry for entry in rubric.criteria if entry.id not in unseen]
        self.decided = {}
        for entry in self.shown:  # the members of a group stand before it
            if self._needs_no_data(entry):
                self.decided[entry.id] = entry
        self.tried = {
            entry.id: entry
            for entry in self.shown
            if load and isinstance(entry, BoundCriterion) and entry.check is CONTRACT
        }

    def cut_down(self) -> Rubric:
        """Return the rubric that is graded in place of the whole.

        It begins with ``INPUTS``. If made-up inputs are tried, ``CALL`` follows what is
        decided, and what is tried comes last.
        """
        feed = Check(name=INPUTS, needs=Needs.FACTS, function=self._feed)
        known = [
            replace(e, requires=tuple(r for r in e.requires if r in self.decided))
            for e in self.decided.values()
        ]
        criteria = (_own(INPUTS, feed), *known, *self._calls())
        return replace(self.rubric, dataset=_MADE_UP, criteria=criteria)

    def provided(self, entry: Entry) -> tuple[str, ...]:
        """Return the ids that a criterion requires and that are not decided here."""
        shown = {other.id for other in self.shown}
        return tuple(
            id_ for id_ in entry.requires if id_ in shown and id_ not in self.decided
        )

    def hinted(
        self, result: CriterionResult, call: CriterionResult | None
    ) -> CriterionResult:
        """Return a result on made-up inputs, with a hint that needs no targets.

        Args:
            result: Of one that was tried.
            call: That of ``CALL``, whose hint is taken if both say the same.
        """
        own = self.tried[result.id].hint
        if own is None and call is not None and result.rationale == call.rationale:
            return replace(result, hint=call.hint)
        return result

    def _needs_no_data(self, entry: Entry) -> bool:
        if isinstance(entry, BoundGroup):
            return all(member in self.decided for member in entry.members)
        return entry.check.needs is not Needs.PREDICTIONS

    def _calls(self) -> Iterator[BoundCriterion]:
        """Yield what is asked on made-up inputs; whether values are in a range is not.

        Made-up inputs are unlike any that the model was trained on.
        """
        if not self._load:
            return
        call = Check(name=CALL, needs=Needs.PREDICTIONS, function=self._call)
        yield _own(CALL, made_up_check(call))
        for entry in self.tried.values():
            check = made_up_check(entry.check, range_=None)
            yield replace(entry, check=check, dataset=None, requires=(), group=None)

    def _feed(self, model: Model) -> Measured:
        """Find out how the model takes the inputs of the task."""
        if self.rubric.runs_models:
            self.adapted[:] = feeding_for(model.facts, model.contract).notes
        return Measured(rationale="the file can be read")

    def _call(self, run: Evaluation) -> Outcome:
        """Take down what the model returns; ask whether it is of the right kind."""
        self.returned[:] = returned(run)
        try:
            return CONTRACT.function(run)
        except CheckFailed as finding:  # whose hint depends on targets
            raise CheckFailed(finding.rationale, hint=_KIND_HINT) from None


def _own(id_: str, check: Check) -> BoundCriterion:
    return BoundCriterion(
        id=id_,
        title=Localized.of(check.name),
        points=Decimal(0),
        check=check,
        parameters={},
    )


def _unseen(rubric: Rubric) -> set[str]:
    """Return what candidates may not see: as reports have it, and groups around it."""
    hidden = {e.id for e in rubric.criteria if e.visibility is not Visibility.VISIBLE}
    inner = {e.id for e in rubric.criteria if e.id in hidden or e.group in hidden}
    return inner | {e.group for e in rubric.criteria if e.id in inner and e.group}
