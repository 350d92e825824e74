"""A trivial predictor in the place of a submission's model."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pytest_tfgrade.checks import Evaluation, Model, Needs, Subject
from pytest_tfgrade.checks.interface import Arrays, Usage
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.errors import TfgradeError
from pytest_tfgrade.core.facts import Facts, StoredWeights, Weights
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.predictors import NotApplicable, predict
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.rubric.model import AllowedPredictor

_NO_FACTS: Final = Facts(
    format=ArtifactFormat.KERAS,
    keras_version=None,
    model_class="trivial predictor",
    layers=(),
    inputs=(),
    outputs=(),
    last_activation=None,
    weights=Weights(parameters=0, model_bytes=0, optimizer_bytes=0),
    compile_settings=None,
)


def _rows(arrays: Arrays) -> int:
    return len(next(iter(arrays.values())))


def _is_constant(arrays: Arrays) -> bool:
    """Return whether every example gets the same prediction."""
    return all((array == array[:1]).all() for array in arrays.values())


CANNOT_TELL: Final = "a predictor that was fitted to all examples"
"""Why; also how its results are known."""


class CannotTell(TfgradeError):  # noqa: N818 - a finding, not a fault
    """A predictor cannot be asked how it reacts to some of its examples."""


class PredictorEvidence:
    """Stands for a submission whose model is a trivial predictor."""

    def __init__(self, rubric: Rubric, shelf: Shelf, allowed: AllowedPredictor) -> None:
        """Predict nothing yet."""
        self._rubric = rubric
        self._shelf = shelf
        self._allowed = allowed
        self._known: dict[str, Arrays] = {}
        self.unanswered = False
        """Whether a check asked what only a model can answer."""

    def subject(self, needs: Needs, dataset: str | None = None) -> Subject | None:
        """Return what a check of predictions may look at; nothing for others."""
        return self.evaluation(dataset) if needs is Needs.PREDICTIONS else None

    def evaluation(self, dataset: str | None = None) -> Evaluation:
        """Return the predictor's predictions on a dataset."""
        name = dataset or self._rubric.dataset or ""
        inputs = self._shelf.arrays(self._rubric, name)
        targets = self._shelf.targets(self._rubric, name)

        plain = self._plain(name)

        def ask(calls: Sequence[Call]) -> list[Arrays]:
            changed = [
                c.transform.apply(inputs) if c.transform else inputs for c in calls
            ]
            if _is_constant(plain):
                counts = [_rows(given) for given in changed]
                return [{k: a[:count] for k, a in plain.items()} for count in counts]
            if any(_rows(given) != _rows(inputs) for given in changed):
                self.unanswered = True
                raise CannotTell(CANNOT_TELL)
            return [self._predictions(given, targets) for given in changed]

        def no_reference(path: Any) -> Any:  # noqa: ANN401 - never called
            raise NotApplicable(f"a trivial predictor is not held against {path}")

        return Evaluation(
            dataset=name,
            model=Model(
                facts=_NO_FACTS,
                contract=self._rubric.contract,
                read_weights=lambda: StoredWeights(model=(), optimizer=()),
                open_reference=no_reference,
            ),
            inputs=inputs,
            targets=targets,
            predictions=plain,
            public=self._shelf.dataset(name).public,
            usage=Usage(seconds=0.0, memory=None),
            ask=ask,
            switch=self.evaluation,
            refer=no_reference,
        )

    def _plain(self, dataset: str) -> Arrays:
        if dataset not in self._known:
            inputs = self._shelf.arrays(self._rubric, dataset)
            targets = self._shelf.targets(self._rubric, dataset)
            self._known[dataset] = self._predictions(inputs, targets)
        return self._known[dataset]

    def _predictions(self, inputs: Arrays, targets: Arrays) -> Mapping[str, Any]:
        """Return what the predictor says of each output.

        Of several outputs, those that it makes no sense for get their mean.
        """
        rows = _rows(inputs)
        outputs = self._rubric.contract.outputs
        applicable: dict[str, Any] = {}
        for name, spec in outputs.items():
            try:
                applicable[name] = predict(
                    self._allowed.name,
                    inputs,
                    targets[name][:rows],
                    spec,
                    **self._allowed.options,
                )
            except NotApplicable:
                if len(outputs) == 1:
                    raise
        if not applicable:
            text = f"{self._allowed.name} makes no sense for any output"
            raise NotApplicable(f"{text}; use mean or zeros")
        return {
            name: applicable[name]
            if name in applicable
            else predict("mean", inputs, targets[name][:rows], spec)
            for name, spec in outputs.items()
        }
