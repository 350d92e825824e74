"""The examples of the reference: each is a criterion, and says what a check says."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import CHECKS, Evaluation, Model
from pytest_tfgrade.checks.interface import Usage
from pytest_tfgrade.commands.examples import EXAMPLES
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import (
    Facts,
    Layer,
    StoredVariable,
    StoredWeights,
    Tensor,
    Weights,
)
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.scale import Cases
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.engine.scoring import score_measurement
from pytest_tfgrade.rubric import BoundCriterion, read_rubric

Arrays = Mapping[str, NDArray[Any]]

IMAGES = Contract(
    inputs={"image": InputSpec(shape=(None, 8, 8), dtype="float32")},
    outputs={"digit": OutputSpec(shape=(None, 2), kind=OutputKind.PROBABILITIES)},
)
IMAGES_AND_SIZES = Contract(
    inputs={**IMAGES.inputs, "size": InputSpec(shape=(None, 1), dtype="float32")},
    outputs=IMAGES.outputs,
)
SERIES = Contract(
    inputs={"series": InputSpec(shape=(None, 4), dtype="float32")},
    outputs={"next": OutputSpec(shape=(None, 4))},
)
CONTRACTS: Final = {"predict.future": SERIES, "predict.inputs_used": IMAGES_AND_SIZES}

LABELS = np.arange(6) % 2
RIGHT = np.eye(2)[LABELS]
CONSTANT = np.tile([1.0, 0.0], (6, 1))
PICTURES = np.arange(6 * 64, dtype=np.float32).reshape(6, 8, 8)


def read_criterion(name: str, folder: Path) -> BoundCriterion:
    """Return the criterion of an example, read as part of a rubric."""
    contract = CONTRACTS.get(name, IMAGES)
    for reference in ("base.keras", "reference.keras"):
        (folder / reference).touch()
    ends = "".join(
        f"  {end}:\n"
        + "".join(
            f"    {key}: {{shape: {list(spec.shape)}".replace("None", "null") + "}\n"
            for key, spec in specs.items()
        )
        for end, specs in (("inputs", contract.inputs), ("outputs", contract.outputs))
    )
    path = folder / "rubric.yaml"
    path.write_text(
        f"task: any\ndataset: any\ncontract:\n{ends}criteria:\n{EXAMPLES[name].yaml}"
        "- {id: worth-something, check: file, points: 1}\n"
    )
    found = read_rubric(path).checked[0]
    assert found.check is CHECKS[name]
    return found


def test_every_check_has_an_example() -> None:
    assert EXAMPLES.keys() == CHECKS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_criterion(name: str, tmp_path: Path) -> None:
    criterion = read_criterion(name, tmp_path)

    assert criterion.kind == name


def layer(name: str, class_name: str = "Dense", **more: Any) -> Layer:
    settings: dict[str, Any] = {
        "module": "keras.layers",
        "registered_name": None,
        "config": {},
    }
    return Layer(name=name, class_name=class_name, **settings | more)


def model(
    *layers: Layer,
    stored: tuple[StoredVariable, ...] = (),
    optimizer: tuple[StoredVariable, ...] = (),
    references: Mapping[str, Model] | None = None,
    **facts: Any,
) -> Model:
    said: dict[str, Any] = {
        "format": ArtifactFormat.KERAS,
        "keras_version": "3.15.1",
        "model_class": "Functional",
        "layers": layers,
        "inputs": (Tensor(name="image", shape=(None, 8, 8), dtype="float32"),),
        "outputs": (Tensor(name="digit", shape=(None, 2), dtype="float32"),),
        "last_activation": "softmax",
        "weights": Weights(parameters=100, model_bytes=400, optimizer_bytes=0),
        "compile_settings": None,
    }
    return Model(
        facts=Facts(**said | facts),
        contract=IMAGES,
        read_weights=lambda: StoredWeights(model=stored, optimizer=optimizer),
        open_reference=lambda path: (references or {})[path.name],
    )


def variable(content: str = "a", **more: Any) -> StoredVariable:
    settings: dict[str, Any] = {
        "path": "vars/0",
        "layer": "dense",
        "dtype": "float32",
        "shape": (10,),
        "sha256": content * 64,
        "nonfinite": 0,
    }
    return StoredVariable(**settings | more)


def evaluation(  # noqa: PLR0913 - all that a check can look at
    predict: Callable[[Arrays, Call], Arrays],
    targets: Arrays,
    inputs: Arrays,
    *,
    contract: Contract = IMAGES,
    subject: Model | None = None,
    usage: Usage | None = None,
    reference: Usage | None = None,
) -> Evaluation:
    given = subject or model()
    plain = Call()

    def ask(calls: Any) -> list[Arrays]:
        return [
            predict(c.transform.apply(inputs) if c.transform else inputs, c)
            for c in calls
        ]

    def refer(path: Path) -> Evaluation:
        assert reference is not None
        return evaluation(predict, targets, inputs, usage=reference)

    return Evaluation(
        dataset="any",
        model=Model(
            facts=given.facts,
            contract=contract,
            read_weights=given.read_weights,
            open_reference=given.open_reference,
        ),
        inputs=inputs,
        targets=targets,
        predictions=predict(inputs, plain),
        public=None,
        usage=usage or Usage(seconds=0.1, memory=1 << 20),
        ask=ask,
        switch=pytest.fail,
        refer=refer,
    )


def guessing(**more: Any) -> Evaluation:
    """Return a model that predicts one class whatever it is given."""

    def predict(inputs: Arrays, call: Call) -> Arrays:
        return {"digit": CONSTANT[: len(inputs["image"])]}

    return evaluation(predict, {"digit": LABELS}, {"image": PICTURES}, **more)


def not_normalised() -> Evaluation:
    def predict(inputs: Arrays, call: Call) -> Arrays:
        return {"digit": np.full((6, 2), 0.9)}

    return evaluation(predict, {"digit": LABELS}, {"image": PICTURES})


def decorated() -> Evaluation:
    """Return a model whose convolution changes nothing."""

    def predict(inputs: Arrays, call: Call) -> Arrays:
        return {"digit": RIGHT}

    shown = model(
        layer("decoration", "Conv2D", on_path=True), layer("digit", on_path=True)
    )
    targets = {"digit": LABELS}
    return evaluation(predict, targets, {"image": PICTURES}, subject=shown)


def seeing_the_future() -> Evaluation:
    """Return a model that predicts of each step the mean of all."""

    def predict(inputs: Arrays, call: Call) -> Arrays:
        series = inputs["series"]
        return {"next": np.repeat(series.mean(axis=1, keepdims=True), 4, axis=1)}

    series = np.arange(24, dtype=np.float32).reshape(6, 4)
    return evaluation(predict, {"next": series}, {"series": series}, contract=SERIES)


def blind_to_sizes() -> Evaluation:
    """Return a model that looks at one of two inputs."""

    def predict(inputs: Arrays, call: Call) -> Arrays:
        brightness = inputs["image"].mean(axis=(1, 2))
        return {"digit": np.stack([brightness, -brightness], axis=1)}

    inputs = {"image": PICTURES, "size": np.arange(6, dtype=np.float32)[:, None]}
    return evaluation(predict, {"digit": LABELS}, inputs, contract=IMAGES_AND_SIZES)


def trained_on_shares() -> Evaluation:
    """Return a model that needs its inputs divided by 255."""
    pictures = np.zeros((6, 8, 8), np.float32)
    pictures[LABELS == 1] = 200

    def predict(inputs: Arrays, call: Call) -> Arrays:
        bright = inputs["image"].mean(axis=(1, 2))
        saturated = inputs["image"].max() > 1
        return {"digit": np.eye(2)[np.where(saturated, 0, bright > 0.5).astype(int)]}

    return evaluation(predict, {"digit": LABELS}, {"image": pictures})


CONVOLUTION = {"config": {"filters": 16}, "on_path": True}

COMPILED = {
    "optimizer": {
        "module": "keras.optimizers",
        "class_name": "SGD",
        "config": {"learning_rate": 0.01},
    },
    "loss": "categorical_crossentropy",
}

CHEATS: Final[Mapping[str, Callable[[], Any]]] = {
    "model.meta": lambda: model(keras_version="2.15.0"),
    "model.kind": lambda: model(model_class="Sequential"),
    "model.layers": lambda: model(
        layer("a", "Conv2D", **CONVOLUTION),
        layer("b", "Conv2D", **CONVOLUTION | {"on_path": False}),
    ),
    "model.forbid": lambda: model(layer("memory", "LSTM")),
    "model.io": lambda: model(last_activation="linear"),
    "model.params": lambda: model(
        weights=Weights(parameters=250_000, model_bytes=10**6, optimizer_bytes=0)
    ),
    "model.compile": lambda: model(compile_settings=COMPILED),
    "model.trained": lambda: model(
        optimizer=(
            variable(path="optimizer/vars/0", layer=None, shape=(), values=(0.0,)),
        )
    ),
    "model.base": lambda: model(
        layer("dense"),
        stored=(variable("b"),),
        references={"base.keras": model(stored=(variable("a"),))},
    ),
    "model.finite": lambda: model(stored=(variable(nonfinite=12),)),
    "model.residual": lambda: model(layer("dense", on_path=True)),
    "predict.contract": not_normalised,
    "predict.metric": guessing,
    "predict.baseline": guessing,
    "predict.transform": guessing,
    "predict.ablate": decorated,
    "predict.future": seeing_the_future,
    "predict.inputs_used": blind_to_sizes,
    "predict.latency": lambda: guessing(
        usage=Usage(seconds=0.9, memory=0), reference=Usage(seconds=0.2, memory=0)
    ),
    "predict.memory": lambda: guessing(
        usage=Usage(seconds=1, memory=256 << 20),
        reference=Usage(seconds=1, memory=64 << 20),
    ),
    "predict.diagnose": trained_on_shares,
}
"""A model that must not meet the example, by the name of the check."""


def said_of(criterion: BoundCriterion, subject: Any) -> str:
    """Return the rationale of a criterion, as a report has it."""
    try:
        said = criterion.check.function(subject, **criterion.parameters)
    except CheckFailed as finding:
        return finding.rationale
    if isinstance(said, Measurement):
        assert criterion.scale is not None
        assert not isinstance(criterion.scale, Cases)
        score = score_measurement(said, criterion.scale)
        assert not score.met
        return score.rationale
    assert isinstance(said, Measured)
    assert criterion.check.informs, "the model passes"
    return said.rationale


@pytest.mark.parametrize("name", CHEATS)
def test_a_sample_is_what_a_model_that_cheats_reads(name: str, tmp_path: Path) -> None:
    criterion = read_criterion(name, tmp_path)

    rationale = said_of(criterion, CHEATS[name]())

    assert rationale == EXAMPLES[name].sample


def test_the_sample_of_a_file_is_the_text_of_a_code() -> None:
    assert EXAMPLES["file"].sample == Code.MISSING.text


def test_every_other_sample_is_tried() -> None:
    assert CHEATS.keys() == EXAMPLES.keys() - {"file"}
