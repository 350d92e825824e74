"""Models, predictions and one way to ask a check."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import CHECKS, Evaluation, Model
from pytest_tfgrade.checks.interface import Usage
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Facts, Layer, StoredWeights, Tensor, Weights
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat

CONTRACT = Contract(
    inputs={"image": InputSpec(shape=(None, 8, 8), dtype="float32")},
    outputs={"digit": OutputSpec(shape=(None, 3), kind=OutputKind.PROBABILITIES)},
)


NOTHING_STORED = StoredWeights(model=(), optimizer=())


class Told:
    """What a check has to say, whatever the outcome."""

    def __init__(self, said: Measured | CheckFailed) -> None:
        self.passed = isinstance(said, Measured)
        self.rationale = said.rationale
        self.value = said.value
        self.hint = said.hint
        self.detail = said.detail
        self.points = None if isinstance(said, Measured) else said.points

    def __repr__(self) -> str:
        return f"Told({self.texts})"

    @property
    def texts(self) -> tuple[bool, str, str | None]:
        """Outcome, rationale and hint."""
        return self.passed, self.rationale, self.hint


Ask = Callable[..., Told]


@pytest.fixture
def ask() -> Ask:
    """Ask a check by its name."""

    def ask_check(
        name: str, subject: Artifact | Model | Evaluation, **parameters: Any
    ) -> Told:
        try:
            said = CHECKS[name].function(subject, **parameters)
        except CheckFailed as finding:
            return Told(finding)
        assert isinstance(said, Measured), f"{name} measures: use the fixture measure"
        return Told(said)

    return ask_check


@pytest.fixture
def measure() -> Callable[..., Measurement]:
    """Return what a check that measures says."""

    def measured(name: str, subject: Evaluation, **parameters: Any) -> Measurement:
        said = CHECKS[name].function(subject, **parameters)
        assert isinstance(said, Measurement)
        return said

    return measured


@pytest.fixture
def problems() -> Callable[..., list[tuple[str, str]]]:
    """Return what a check finds wrong with parameters; those left out have defaults."""

    def find(
        name: str, contract: Contract = CONTRACT, **parameters: Any
    ) -> list[tuple[str, str]]:
        signature = inspect.signature(CHECKS[name].function)
        defaults = {
            parameter.name: parameter.default
            for parameter in signature.parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        return list(CHECKS[name].problems({**defaults, **parameters}, contract))

    return find


@pytest.fixture
def artifact() -> Artifact:
    """Return a staged copy that no check opens."""
    return Artifact(
        path=Path("/nowhere"),
        name="work/digits.keras",
        format=ArtifactFormat.KERAS,
        sha256="0" * 64,
        size=1_234_567,
    )


def tensor(shape: tuple[int | None, ...] | None, dtype: str | None = None) -> Tensor:
    """Return an input or output."""
    return Tensor(name="tensor", shape=shape, dtype=dtype)


@pytest.fixture
def model() -> Callable[..., Model]:
    """Return a model as a check sees it, good unless told otherwise."""

    def make(
        *layers: Layer,
        contract: Contract = CONTRACT,
        stored: StoredWeights = NOTHING_STORED,
        references: Mapping[Path, Model] | None = None,
        **facts: Any,
    ) -> Model:
        said: dict[str, Any] = {
            "format": ArtifactFormat.KERAS,
            "keras_version": "3.15.1",
            "model_class": "Sequential",
            "layers": layers,
            "inputs": (tensor((None, 8, 8), "float32"),),
            "outputs": (tensor((None, 3)),),
            "last_activation": "softmax",
            "weights": Weights(parameters=100, model_bytes=400, optimizer_bytes=0),
            "compile_settings": None,
        }
        return Model(
            facts=Facts(**said | facts),
            contract=contract,
            read_weights=lambda: stored,
            open_reference=(references or {}).__getitem__,
        )

    return make


@pytest.fixture
def evaluation(model: Callable[..., Model]) -> Callable[..., Evaluation]:
    """Return targets and predictions, by default of the one output ``digit``.

    ``run`` stands for the submitted model: it takes inputs and a call, and returns
    outputs. ``others`` are evaluations on other datasets, by name; ``references`` those
    of models of the grader's, by path.
    """

    def make(  # noqa: PLR0913 - all that a check can look at
        targets: Any = None,
        predictions: Any = None,
        *,
        contract: Contract = CONTRACT,
        inputs: Mapping[str, NDArray[Any]] | None = None,
        run: Callable[[Mapping[str, NDArray[Any]], Call], Mapping[str, Any]]
        | None = None,
        public: NDArray[Any] | None = None,
        usage: Usage | None = None,
        others: Mapping[str, Evaluation] | None = None,
        references: Mapping[Path, Evaluation] | None = None,
        facts: Mapping[str, Any] | None = None,
        **outputs: tuple[NDArray[Any], NDArray[Any]],
    ) -> Evaluation:
        if not outputs:
            outputs = {"digit": (np.asarray(targets), np.asarray(predictions))}
        given = inputs or {}

        def ask(calls: Sequence[Call]) -> list[Mapping[str, NDArray[Any]]]:
            assert run is not None, "the check calls the model; give run"
            return [
                run(c.transform.apply(given) if c.transform else given, c)
                for c in calls
            ]

        return Evaluation(
            dataset="digits",
            model=model(contract=contract, **facts or {}),
            inputs=given,
            targets={name: true for name, (true, _) in outputs.items()},
            predictions={name: found for name, (_, found) in outputs.items()},
            public=public,
            usage=usage or Usage(seconds=0.1, memory=1 << 20),
            ask=ask,
            switch=(others or {}).__getitem__,
            refer=(references or {}).__getitem__,
        )

    return make
