"""What is known of one artifact: found out step by step, each step at most once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial

from pytest_tfgrade.checks import Evaluation, Model, Needs, Subject
from pytest_tfgrade.checks.interface import Arrays, Usage
from pytest_tfgrade.checks.model.feeding import feeding_for, ids_instead
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import RunRecord
from pytest_tfgrade.core.errors import (
    CheckFailed,
    SourceMissing,
    Ungradable,
)
from pytest_tfgrade.core.facts import Facts, StoredWeights
from pytest_tfgrade.core.setup import Feeding, Setup
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat, HandedIn
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.engine.answering import Answers, Case, answer, more_answers
from pytest_tfgrade.engine.artifact_facts import (
    accepted_facts_of,
    asking_for_source,
    facts_of,
    naming_layers,
)
from pytest_tfgrade.engine.copying import hashed
from pytest_tfgrade.engine.kept_answers import OF_THE_MOMENT
from pytest_tfgrade.engine.lossless import require_lossless
from pytest_tfgrade.engine.once import Once
from pytest_tfgrade.engine.services import Services
from pytest_tfgrade.engine.shelf import contract_inputs, with_ids
from pytest_tfgrade.engine.staging import staged
from pytest_tfgrade.facts import read_stored_weights
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Pass, Predictions, SharedInputs


class Evidence:
    """One artifact, as one task looks at it.

    Each property is a step that needs the ones above it. A step that finds the artifact
    at fault raises ``Ungradable``, and raises the same again when asked again.
    """

    def __init__(
        self,
        find: Callable[[], HandedIn],
        rubric: Rubric,
        services: Services,
        *,
        find_source: Callable[[], HandedIn | None] = lambda: None,
    ) -> None:
        """Look at nothing yet.

        Args:
            find: Returns the file, or raises ``Ungradable``.
            rubric: What the task asks.
            services: What all jobs of the run share.
            find_source: Returns the code that was handed in with it, if any.
        """
        self._find = find
        self._find_source = find_source
        self._rubric = rubric
        self._services = services
        self._copies = ExitStack()
        self._artifact = Once(self._stage)
        self._facts = Once(self._read)
        self._weights = Once(self._read_weights)
        self._feeding = Once(self._feed)
        self._answers: dict[str, Once[Answers]] = {}
        self._run_record: RunRecord | None = None
        self._was_unsure = False
        self.seconds: dict[str, float] = {}
        """Of ``load`` and ``predict``, once there are predictions."""

    @property
    def artifact(self) -> Artifact:
        """A private copy of the file, its format known and accepted."""
        return self._artifact()

    @property
    def is_there(self) -> bool:
        """Whether there is an artifact that can be looked at."""
        try:
            return bool(self.artifact)
        except Exception:  # raised again where it is asked for
            return False

    @property
    def identity(self) -> tuple[object, ...] | None:
        """What tells this artifact from others; None if it cannot be looked at.

        A copy tells, if there is one; else it is made only if nothing else can tell.
        """
        rule = self._rubric.artifact
        with suppress(Exception):  # raised again where the artifact is asked for
            if rule.source is None and not self._artifact.is_taken:
                file = self._find()
                whole = hashed(file, rule.max_size)
                if whole is not None:
                    return file.name, whole.sha256, whole.size, None, None
            artifact = self.artifact
            source = artifact.source
            code = source and (source.name, source.sha256, source.builds)
            known = artifact.name, artifact.sha256, artifact.size
            return *known, code, artifact.source_fault
        return None

    @property
    def was_unsure(self) -> bool:
        """Whether something failed that might not fail on another day."""
        return self._was_unsure

    @property
    def format(self) -> ArtifactFormat:
        """How the model was saved, as exactly as it is known."""
        try:
            return self.facts.format
        except KeyboardInterrupt:
            raise
        except BaseException:  # a plug-in's reader of facts may even call sys.exit
            return self.artifact.format

    @property
    def facts(self) -> Facts:
        """What the file says, read without running it."""
        return self._facts()

    @property
    def feeding(self) -> Feeding:
        """How the model wants the inputs of the task."""
        return self._feeding()

    @property
    def run(self) -> RunRecord | None:
        """How the model was run; None if it was not."""
        return self._run_record

    @property
    def model(self) -> Model:
        """What checks of facts may look at."""
        return Model(
            facts=self.facts,
            contract=self._rubric.contract,
            read_weights=self._weights,
            open_reference=partial(self._services.references.model, self._rubric),
        )

    @property
    def predictions(self) -> Predictions:
        """What the model returned for the hidden inputs: of the right shape, finite."""
        return self._answered(self._rubric.dataset or "").predictions

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What is known of each dataset that was predicted; nothing is run."""
        found = []
        for name, step in self._answers.items():
            if step.is_taken:
                with suppress(Exception):  # it was raised where it was asked for
                    found.append(self.evaluation(name))
        return tuple(found)

    @property
    def facts_read(self) -> Facts | None:
        """What the file says; None if it was not read."""
        with suppress(Exception):  # it was raised where it was asked for
            return self._facts() if self._facts.is_taken else None
        return None

    def classes(self, dataset: str) -> Mapping[str, Sequence[str]]:
        """Return the names of classes that a dataset tells, by target."""
        return self._services.shelf.dataset(dataset).classes

    def note(self, text: str) -> None:
        """Tell the grader what went wrong that no point depends on."""
        self._was_unsure = True
        self._services.faults.append(text)

    def evaluation(self, dataset: str | None = None) -> Evaluation:
        """Return what checks of predictions may look at.

        Args:
            dataset: The evaluation dataset; None is the rubric's own.
        """
        name = dataset or self._rubric.dataset or ""
        answers = self._answered(name)  # first: without them no data are read
        shelf, rubric = self._services.shelf, self._rubric
        return Evaluation(
            dataset=name,
            model=self.model,
            inputs=shelf.arrays(rubric, name),
            targets=shelf.targets(rubric, name),
            predictions=answers.predictions.arrays,
            public=shelf.dataset(name).public,
            usage=Usage(
                seconds=answers.shortest,
                memory=answers.predictions.memory,
            ),
            ask=partial(self._ask, name),
            switch=self._elsewhere,
            refer=partial(self._services.references.evaluation, rubric, name),
        )

    def predict_on(self, dataset: EvaluationDataset) -> Predictions:
        """Return predictions for inputs other than the rubric's own; not kept."""
        arrays = contract_inputs(dataset, self._rubric)
        require_lossless(arrays, self._rubric.contract.inputs, self.feeding)
        with SharedInputs(with_ids(arrays, self._rubric, self.feeding)) as inputs:
            return self._answer([Pass(inputs=inputs)], self.feeding)[0][0]

    def subject(self, needs: Needs, dataset: str | None = None) -> Subject:
        """Return what a check may look at.

        Raises:
            Ungradable: The artifact is at fault.
            RunnerError: The machine is.
        """
        match needs:
            case Needs.ARTIFACT:
                return self.artifact
            case Needs.FACTS:
                return self.model
            case Needs.PREDICTIONS:
                return self.evaluation(dataset)

    def close(self) -> None:
        """Remove the copy."""
        self._copies.close()

    def _stage(self) -> Artifact:
        rule, runner = self._rubric.artifact, self._services.runner
        source, fault = None, None
        try:
            source = self._find_source()
        except Ungradable as finding:  # the model may do without
            fault = finding.rationale
        copy = staged(
            self._find(),
            rule,
            self._services.staging,
            source=source,
            explain_size=lambda artifact: facts_of(artifact, rule, runner).weights,
        )
        artifact = self._copies.enter_context(copy)
        return artifact if fault is None else replace(artifact, source_fault=fault)

    def _read(self) -> Facts:
        rule = self._rubric.artifact
        facts = accepted_facts_of(self.artifact, rule, self._services.runner)
        readers = self._services.facts_readers
        extra = {name: read(self.artifact) for name, read in readers.items()}
        return replace(facts, extra=extra)

    def _read_weights(self) -> StoredWeights:
        return read_stored_weights(
            self.artifact, self._services.runner.read, self.facts
        )

    def _feed(self) -> Feeding:
        return feeding_for(self.facts, self._rubric.contract)

    def _answered(self, dataset: str) -> Answers:
        step = self._answers.setdefault(dataset, Once(partial(self._predict, dataset)))
        try:
            return step()
        except Ungradable as finding:  # perhaps of another's evidence of this model
            self._was_unsure |= finding.code in OF_THE_MOMENT
            raise

    def _predict(self, dataset: str) -> Answers:
        self._services.shelf.require_lossless(self._rubric, dataset, self.feeding)
        key = self.artifact.identity, self._rubric.task, dataset
        answers = self._services.store.get(key, partial(self._run, dataset))
        self._run_record = RunRecord(
            runtime=answers.predictions.runtime,
            repairs=answers.predictions.repairs,
            adapted=answers.setup.feeding.notes,
        )
        for step, seconds in answers.predictions.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds
        return answers

    def _run(self, dataset: str) -> Answers:
        """Run a model; texts as ids, if it declares nothing and takes no texts."""
        try:
            return self._run_fed(dataset, self.feeding)
        except Ungradable as finding:
            other = ids_instead(self.facts, self._rubric.contract)
            if other is None or finding.code not in {Code.LOAD, Code.INPUT_SHAPE}:
                raise
            with suppress(Ungradable):
                return self._run_fed(dataset, other)
            raise

    def _run_fed(self, dataset: str, feeding: Feeding) -> Answers:
        passes = {Call(): self._pass(dataset, Call(), feeding)}
        for call in self._rubric.calls(dataset):
            with suppress(Exception):  # raised again where it is asked for
                passes[call] = self._pass(dataset, call, feeding)
        with self._services.gate.passed(alone=self._rubric.times_models):
            done, setup = self._answer(list(passes.values()), feeding)
        answered = list(zip(passes, done, strict=False))  # fewer, if the model failed
        times = (p.seconds.get("predict", 0.0) for c, p in answered if c.is_plain)
        return Answers(
            predictions=done[0],
            more={call: found.arrays for call, found in answered[1:]},
            shortest=min(times),
            setup=setup,
        )

    @property
    def _case(self) -> Case:
        return Case(
            artifact=replace(self.artifact, format=self.facts.format),
            facts=self.facts,
            rubric=self._rubric,
            feeding=self.feeding,
        )

    def _answer(
        self, passes: Sequence[Pass], feeding: Feeding
    ) -> tuple[tuple[Predictions, ...], Setup]:
        case = replace(self._case, feeding=feeding)
        try:
            return answer(self._services.runner, case, passes)
        except SourceMissing as finding:
            rule = self._rubric.artifact
            raise asking_for_source(finding, rule, self.artifact) from None
        except Ungradable as finding:
            self._was_unsure |= finding.code in OF_THE_MOMENT
            if finding.code is Code.NONFINITE:
                raise naming_layers(finding, self._weights) from None
            raise

    def _pass(self, dataset: str, call: Call, feeding: Feeding) -> Pass:
        as_ids = frozenset(n for n, feed in feeding.feeds.items() if feed.as_ids)
        inputs = self._services.shelf.inputs(
            self._rubric, dataset, call.transform, as_ids
        )
        rule, is_measured = self._rubric.artifact, self._rubric.measures_cost
        # What is compared is measured on one core; code may trace each part anew.
        is_whole = is_measured or rule.allow_lambda or rule.source is not None
        return Pass(
            inputs=inputs,
            batch=call.batch,
            without=call.without,
            mixed=call.mixed,
            kind=replace(call, repeat=0),
            at_once=1 if is_whole else self._services.idle_cores(),
            is_measured=is_measured,
        )

    def _elsewhere(self, dataset: str) -> Evaluation:
        """Return the evaluation on another dataset for a check that asks for it."""
        try:
            return self.evaluation(dataset)
        except Ungradable as finding:
            text = f"the model fails on the dataset {dataset!r}: {finding}"
            raise CheckFailed(text, hint=finding.hint, detail=finding.detail) from None

    def _ask(self, dataset: str, calls: Sequence[Call]) -> list[Arrays]:
        """Return what the model predicts in other ways, asking for what is missing."""
        answers = self._answered(dataset)
        known, failed = answers.more, answers.failed
        missing = [call for call in dict.fromkeys(calls) if call not in known]
        if missing and not any(call in failed for call in missing):
            feeding = answers.setup.feeding
            passes = [self._pass(dataset, call, feeding) for call in missing]
            with self._services.gate.passed(alone=self._rubric.times_models):
                found, finding = more_answers(
                    self._services.runner, self._case, passes, answers.setup
                )
            known.update(zip(missing, found, strict=False))
            if finding is not None:
                failed[missing[len(found)]] = finding
        for call in missing:
            if call in failed:
                self._was_unsure |= failed[call].code in OF_THE_MOMENT
                raise _failed_otherwise(failed[call])
        return [known[call] for call in calls]


def _failed_otherwise(finding: Ungradable) -> CheckFailed:
    text = f"the model fails when it is called in another way: {finding}"
    return CheckFailed(text, hint=finding.hint, detail=finding.detail)
