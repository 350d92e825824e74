"""A rubric cut down to what can be asked without hidden data."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Final

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.checks.interface import Outcome
from pytest_tfgrade.checks.model.feeding import feeding_for
from pytest_tfgrade.checks.model.finite import nonfinite_layers
from pytest_tfgrade.checks.predict.contract import CONTRACT
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import CriterionResult, Measured
from pytest_tfgrade.core.errors import CheckFailed, SourceMissing, Ungradable
from pytest_tfgrade.core.facts import Facts, Part
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.engine.artifact_facts import asking_for_source
from pytest_tfgrade.engine.casts_ahead import open_casts
from pytest_tfgrade.engine.made_up_rows import made_up_check
from pytest_tfgrade.engine.trial import Returned, returned
from pytest_tfgrade.facts.unsafe import name_custom
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric

FILE: Final = "(file)"
INPUTS: Final = "(inputs)"
CALL: Final = "(call)"
"""Ids of our own criteria; no rubric can have one like them."""

TRIAL: Final = "(trial)"
"""The task in which made-up inputs are tried."""

MOST_LOOKED_AT: Final = 32 << 20
"""Bytes of weights whose values are looked at; they take about 0.1 s."""

_LOADED_BY_KERAS_2: Final = frozenset(
    {"AddLoss", "AddMetric", "CuDNNGRU", "CuDNNLSTM", "LinearModel", "WideDeepModel"}
    | {"BatchNormalizationV1", "BatchNormalizationV2", "SequenceFeatures"}
    | {"GRUV1", "GRUV2", "GRUCellV1", "GRUCellV2", "DeviceWrapper", "DropoutWrapper"}
    | {"LSTMV1", "LSTMV2", "LSTMCellV1", "LSTMCellV2", "ResidualWrapper"}
)
"""Layers that tf-keras 2.21 loads from a file, beside those that it offers."""

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

    nonfinite: str
    """Once graded: layers with NaN or infinite weights; empty if none are known."""

    returned: list[Returned]
    """Once graded: what the model returned for made-up inputs."""

    def __init__(self, rubric: Rubric, *, load: bool) -> None:
        """Divide the criteria that candidates may see.

        Args:
            rubric: What the task asks.
            load: Whether made-up inputs may be tried.
        """
        unseen = _unseen(rubric)
        self.rubric = rubric
        self.adapted = []
        self.nonfinite = ""
        self._artifact: Artifact | None = None
        self._open: tuple[str, ...] = ()
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

    def known(self) -> Rubric:
        """Return the rubric of all that is decided by the file alone.

        ``FILE`` and ``INPUTS`` come last, so that what a criterion finds is told as
        grading would tell it.
        """
        take = Check(name=FILE, needs=Needs.ARTIFACT, function=self._take)
        feed = Check(name=INPUTS, needs=Needs.FACTS, function=self._feed)
        known = [
            replace(e, requires=tuple(r for r in e.requires if r in self.decided))
            for e in self.decided.values()
        ]
        criteria = (*known, _own(FILE, take), _own(INPUTS, feed))
        return replace(self.rubric, criteria=criteria)

    def trial(self) -> Rubric:
        """Return the rubric of what is asked on made-up inputs, ``CALL`` first.

        Whether values are in a range is not: made-up inputs are unlike any that the
        model was trained on.
        """
        call = Check(name=CALL, needs=Needs.PREDICTIONS, function=self._call)
        criteria = [_own(CALL, made_up_check(call))]
        for entry in self.tried.values():
            check = made_up_check(entry.check, range_=None)
            criteria.append(
                replace(entry, check=check, dataset=None, requires=(), group=None)
            )
        return replace(
            self.rubric, task=TRIAL, dataset=_MADE_UP, criteria=tuple(criteria)
        )

    @property
    def made_up_contract(self) -> Contract:
        """The contract by which inputs are made up, once the file is known.

        Where hidden data decide on a cast, they are whole numbers, which it keeps.
        """
        contract = self.rubric.contract
        inputs = {
            name: replace(spec, dtype="int64") if name in self._open else spec
            for name, spec in contract.inputs.items()
        }
        return replace(contract, inputs=inputs)

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

    def _take(self, artifact: Artifact) -> Measured:
        """Take down which file it is."""
        self._artifact = artifact
        return Measured(rationale="the file is a model")

    def _feed(self, model: Model) -> Measured:
        """Find out how the model takes the inputs of the task."""
        if self.rubric.runs_models:
            self._require_known_layers(model.facts)
            feeding = feeding_for(model.facts, model.contract)
            self._open = tuple(open_casts(feeding, model.contract.inputs))
            said = "hidden data decide whether every value survives"
            self.adapted[:] = [*feeding.notes, *(f"{n}: {said}" for n in self._open)]
            self.nonfinite = _nonfinite(model)
        return Measured(rationale="the file can be read")

    def _require_known_layers(self, facts: Facts) -> None:
        """Raise what grading raises once no runtime knew a layer of an ``.h5`` file."""
        artifact = self._artifact
        if facts.format is not ArtifactFormat.H5 or artifact is None or artifact.source:
            return
        layers = (replace(layer, layers=()) for layer in facts.walk())
        doubtful = (la for la in layers if la.class_name not in _LOADED_BY_KERAS_2)
        found = name_custom(
            Ungradable(Code.CUSTOM_OBJECT), replace(facts, layers=tuple(doubtful))
        )
        if isinstance(found, SourceMissing):
            raise asking_for_source(found, self.rubric.artifact, artifact)

    def _call(self, run: Evaluation) -> Outcome:
        """Take down what the model returns; ask whether it is of the right kind."""
        self.returned[:] = returned(run)
        try:
            return CONTRACT.function(run)
        except CheckFailed as finding:  # whose hint depends on targets
            raise CheckFailed(finding.rationale, hint=_KIND_HINT) from None


def _nonfinite(model: Model) -> str:
    """Name the layers whose weights are not all numbers, if that is soon found out."""
    facts = model.facts
    if Part.WEIGHTS in facts.holds and facts.weights.model_bytes <= MOST_LOOKED_AT:
        with suppress(Ungradable):  # what is damaged is found where it is loaded
            return nonfinite_layers(model.weights)
    return ""


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
