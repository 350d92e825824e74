"""``predict.ablate``: a layer that the predictions depend on."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec
from pytest_tfgrade.core.facts import Layer, Tensor
from pytest_tfgrade.metrics import METRICS

if TYPE_CHECKING:
    from conftest import Ask

MakeEvaluation = Callable[..., Evaluation]
Batch = NDArray[np.float64]
Weights = Mapping[str, float]

CONTRACT = Contract(
    inputs={"x": InputSpec(shape=(None,), dtype="float64")},
    outputs={"y": OutputSpec(shape=(None,))},
)
INPUTS = np.linspace(0, 1, 11)


def layer(name: str, class_name: str = "LSTM", **more: Any) -> Layer:
    settings = {"module": "keras.layers", "registered_name": None, "config": {}}
    return Layer(name=name, class_name=class_name, **settings | more)


@pytest.fixture
def summing(evaluation: MakeEvaluation) -> Callable[..., Evaluation]:
    """Return a model that adds up what its layers make of ``x``; perfect plainly."""

    def make(weights: Weights, *layers: Layer, last: str = "out") -> Evaluation:
        def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
            left = [w for name, w in weights.items() if name != call.without]
            return {"y": inputs["x"] * sum(left) / (call.without != last)}

        found = layers or tuple(layer(name) for name in weights)
        shown = Tensor(name=last, shape=None, dtype=None)
        plain = INPUTS * sum(weights.values())
        return evaluation(
            contract=CONTRACT,
            inputs={"x": INPUTS},
            run=run,
            facts={"layers": found, "outputs": (shown,)},
            y=(plain, plain),
        )

    return make


def asked(ask: "Ask", run: Evaluation, **parameters: Any) -> Any:
    defaults: dict[str, Any] = {"layer": "LSTM", "metric": METRICS["mae"]}
    return ask("predict.ablate", run, **defaults | parameters)


def test_a_layer_that_matters_passes(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    told = asked(ask, summing({"lstm": 1.0}))

    assert told.texts == (
        True,
        "mae 0, 0.5 without 'lstm': worse by 0.5, required 0.05",
        None,
    )


def test_a_decorative_layer_is_found_out(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    run = summing({"lstm": 0.0, "dense": 1.0}, layer("lstm"), layer("dense", "Dense"))

    told = asked(ask, run)

    assert told.texts == (
        False,
        "mae 0, 0 without 'lstm': no worse, required 0.05",
        "Let the predictions depend on what a LSTM layer computes, and train it.",
    )


@pytest.mark.parametrize(
    ("weight", "texts"),
    [
        pytest.param(
            0.1,
            (True, "mae 0, 0.05 without 'lstm': worse by 0.05, required 0.05"),
            id="the-bound-itself-passes",
        ),
        pytest.param(
            0.0999,
            (False, "mae 0, 0.04995 without 'lstm': worse by 0.04995, required 0.05"),
            id="too-little",
        ),
    ],
)
def test_the_metric_must_get_worse_by_enough(
    ask: "Ask",
    summing: Callable[..., Evaluation],
    weight: float,
    texts: tuple[bool, str],
) -> None:
    told = asked(ask, summing({"lstm": weight}))

    assert told.texts[:2] == texts


@pytest.fixture
def gated(evaluation: MakeEvaluation) -> Callable[..., Evaluation]:
    """Return a model that multiplies ``x`` by a gate; rows come sorted, as classes."""

    def make(gate: Callable[[Batch], Batch], rows: int = 512) -> Evaluation:
        x = np.repeat([1.0, 2.0], rows // 2)

        def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
            found = gate(inputs["x"])
            if call.without == "gate":
                found = np.zeros_like(found)
            if call.mixed == "gate":
                found = np.roll(found, 1)
            return {"y": inputs["x"] * found}

        plain = x * gate(x)
        return evaluation(
            contract=CONTRACT,
            inputs={"x": x},
            run=run,
            facts={"layers": (layer("gate"),), "outputs": ()},
            y=(plain, plain),
        )

    return make


def test_a_gate_that_is_always_1_does_nothing_though_no_model_does_without_it(
    ask: "Ask", gated: Callable[..., Evaluation]
) -> None:
    run = gated(np.ones_like)

    told = [asked(ask, run, by=by).texts for by in ("zeros", "rows")]

    assert told == [
        (
            True,
            "mae 0, 1.5 without 'gate': worse by 1.5, required 0.05 (256 examples)",
            None,
        ),
        (
            False,
            "mae 0, 0 with 'gate' of other examples: no worse, required 0.05 "
            "(256 examples)",
            "Let the predictions depend on what a LSTM layer computes of each example, "
            "and train it.",
        ),
    ]


def test_a_gate_that_tells_examples_apart_matters_though_rows_are_sorted(
    ask: "Ask", gated: Callable[..., Evaluation]
) -> None:
    told = asked(ask, gated(np.sqrt), by="rows", drop=Decimal("0.2"))

    assert told.passed
    assert told.rationale.startswith("mae 0, 0.")
    assert " with 'gate' of other examples: worse by 0." in told.rationale


def test_rows_that_cannot_be_exchanged_are_the_graders_fault(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    one = np.ones(1)
    given = evaluation(
        contract=CONTRACT,
        inputs={"x": one},
        facts={"layers": (layer("gate"),), "outputs": ()},
        y=(one, one),
    )

    with pytest.raises(ValueError, match="one row only; nothing can be exchanged"):
        asked(ask, given, by="rows")


def test_one_of_several_layers_is_enough(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    told = asked(ask, summing({"lstm": 0.0, "lstm_1": 1.0, "lstm_2": 0.5}))

    assert told.texts == (
        True,
        "mae 0, 0.5 without 'lstm_1': worse by 0.5, required 0.05; 3 layers tried",
        None,
    )


def test_each_of_several_layers_can_be_required(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    run = summing({"lstm": 0.02, "lstm_1": 1.0, "lstm_2": 0.5})

    told = asked(ask, run, all_=True)

    assert told.texts == (
        False,
        "mae 0, 0.01 without 'lstm': worse by 0.01, required 0.05; 3 layers tried",
        "Let the predictions depend on what every LSTM layer computes, and train it.",
    )


def test_of_many_layers_some_are_tried(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    run = summing({f"lstm_{n}": float(n == 5) for n in range(10)})

    told = asked(ask, run, most=4)

    assert told.rationale == (
        "mae 0, 0.5 without 'lstm_5': worse by 0.5, required 0.05; 4 of 10 layers tried"
    )


def test_a_layer_that_makes_it_better_by_its_absence_fails(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
        return {"y": inputs["x"]}

    given = evaluation(
        contract=CONTRACT,
        inputs={"x": INPUTS},
        run=run,
        facts={"layers": (layer("lstm"),), "outputs": ()},
        y=(INPUTS, INPUTS + 1),
    )

    told = asked(ask, given)

    assert told.rationale == "mae 1, 0 without 'lstm': better by 1, required 0.05"


def test_the_last_layer_is_left_aside_if_there_are_others(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    run = summing(
        {"hidden": 0.0, "out": 1.0}, layer("hidden", "Dense"), layer("out", "Dense")
    )

    told = asked(ask, run, layer="Dense")

    assert told.rationale == "mae 0, 0 without 'hidden': no worse, required 0.05"


def test_predictions_that_are_not_finite_any_more_are_worse(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        told = asked(ask, summing({"out": 1.0}))

    assert told.texts == (
        True,
        "mae 0, no number without 'out': useless, required 0.05",
        None,
    )


def test_probabilities_that_are_none_any_more_are_worse(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    labels = np.arange(10) % 2

    def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
        return {"y": np.zeros((10, 2))}

    given = evaluation(
        contract=CONTRACT,
        inputs={"x": np.zeros(10)},
        run=run,
        facts={"layers": (layer("dense", "Dense"),), "outputs": ()},
        y=(labels, np.eye(2)[labels]),
    )

    told = asked(ask, given, layer="Dense", metric=METRICS["log_loss"])

    assert told.passed
    assert told.rationale.endswith(
        ", no number without 'dense': useless, required 0.05"
    )


@pytest.mark.parametrize("pattern", ["LSTM", "LS*", "lstm_a", "lstm*", "*"])
def test_a_layer_is_named_by_its_class_or_its_name(
    ask: "Ask", summing: Callable[..., Evaluation], pattern: str
) -> None:
    told = asked(ask, summing({"lstm_a": 1.0}), layer=pattern)

    assert told.passed


def test_a_layer_inside_a_nested_model_counts(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    nested = layer("inner", "Functional", layers=(layer("lstm"), layer("d", "Dense")))

    told = asked(ask, summing({"lstm": 1.0}, nested))

    assert told.rationale == "mae 0, 0.5 without 'lstm': worse by 0.5, required 0.05"


def test_a_wrapper_stands_for_the_layer_inside_it(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    directions = (layer("forward_lstm"), layer("backward_lstm"))
    wrapper = layer("both", "Bidirectional", layers=directions)

    told = asked(ask, summing({"both": 1.0}, wrapper))

    assert told.rationale == "mae 0, 0.5 without 'both': worse by 0.5, required 0.05"


def test_a_layer_cannot_borrow_the_name_of_one_that_matters(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    decorative = layer("first", "Functional", layers=(layer("shared"),))
    real = layer("second", "Functional", layers=(layer("shared", "Dense"),))

    told = asked(ask, summing({"shared": 1.0}, decorative, real))

    assert told.texts == (
        False,
        "'shared' is the name of several layers of the model",
        "Give each layer a name of its own.",
    )


def test_a_class_of_the_candidates_own_is_none_of_keras(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    own = layer("lstm", registered_name="Mine>LSTM", module=None)

    told = asked(ask, summing({"lstm": 1.0}, own))

    assert told.rationale == "the model has no LSTM layer"


def test_the_declaration_of_an_input_is_left_aside(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    run = summing({"x": 1.0, "lstm": 0.0}, layer("x", "InputLayer"), layer("lstm"))

    told = asked(ask, run, layer="*")

    assert told.rationale == "mae 0, 0 without 'lstm': no worse, required 0.05"


@pytest.mark.parametrize(
    ("layers", "texts"),
    [
        (
            (layer("dense", "Dense"),),
            (False, "the model has no LSTM layer", "Add a LSTM layer."),
        ),
        (
            (layer("lstm", on_path=False), layer("dense", "Dense", on_path=True)),
            (
                False,
                "no LSTM layer lies between the input and the output",
                "Let the output depend on a LSTM layer.",
            ),
        ),
    ],
)
def test_a_model_without_such_a_layer_fails(
    ask: "Ask",
    summing: Callable[..., Evaluation],
    layers: tuple[Layer, ...],
    texts: tuple[bool, str, str],
) -> None:
    told = asked(ask, summing({"dense": 1.0}, *layers))

    assert told.texts == texts


def test_a_name_cannot_steer_a_terminal(
    ask: "Ask", summing: Callable[..., Evaluation]
) -> None:
    name = "\x1b[31m" + "x" * 200

    told = asked(ask, summing({name: 1.0}))

    assert told.rationale == (
        "mae 0, 0.5 without '\\x1b[31m" + "x" * 68 + "...: worse by 0.5, required 0.05"
    )


def test_many_examples_are_tried_on_some(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    inputs = np.linspace(0, 1, 1001)

    def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
        return {"y": np.zeros(len(inputs["x"]))}

    given = evaluation(
        contract=CONTRACT,
        inputs={"x": inputs},
        run=run,
        facts={"layers": (layer("lstm"),), "outputs": ()},
        y=(np.ones(1001), np.ones(1001)),
    )

    told = asked(ask, given)

    assert told.rationale == (
        "mae 0, 1 without 'lstm': worse by 1, required 0.05 (256 examples)"
    )


@pytest.mark.parametrize(
    ("public", "passed", "end"),
    [
        pytest.param(
            300,
            True,
            " required 0.05 (256 examples of the public part)",
            id="some-of-the-public-rows",
        ),
        pytest.param(
            4, True, " required 0.05, on the public part", id="all-of-few-public-rows"
        ),
        pytest.param(
            4,
            False,
            "no worse, required 0.05, on the public part",
            id="what-matters-to-final-rows-only",
        ),
    ],
)
def test_where_there_is_a_public_part_it_alone_is_tried(
    ask: "Ask",
    evaluation: MakeEvaluation,
    public: int,
    passed: bool,
    end: str,
) -> None:
    x = np.arange(1.0, 1001)
    is_public = np.arange(1000) % 3 < 1
    is_public &= np.cumsum(is_public) <= public
    gates = np.where(is_public, np.sqrt(x) if passed else 0.0, 1e6)
    asked_of: list[Batch] = []

    def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
        rows = inputs["x"].astype(int) - 1
        asked_of.append(is_public[rows])
        found = gates[rows] if call.mixed else np.zeros(len(rows))
        return {"y": inputs["x"] + np.roll(found, 1)}

    given = evaluation(
        contract=CONTRACT,
        inputs={"x": x},
        run=run,
        facts={"layers": (layer("gate"),), "outputs": ()},
        public=is_public,
        y=(x + gates, x + gates),
    )

    told = [asked(ask, given, by=by) for by in ("zeros", "rows")]

    assert np.concatenate(asked_of).all()
    assert [one.passed for one in told] == [passed] * 2
    assert [one.rationale.endswith(end) for one in told] == [True] * 2


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"layer": "", "drop": Decimal(0), "most": 0},
            [
                ("layer", "names no layer; write a class, as Conv2D"),
                ("drop", "must be above 0, got 0"),
                ("most", "must be at least 1, got 0"),
            ],
            id="everything",
        ),
        pytest.param({"layer": "my_layer*"}, [], id="a-name"),
        pytest.param(
            {"layer": "Lstm"},
            [("layer", "unknown layer 'Lstm'; did you mean 'LSTM'?")],
            id="an-unknown-layer",
        ),
        pytest.param(
            {"output": "z"},
            [("output", "no output 'z' in the contract; use y")],
            id="an-unknown-output",
        ),
    ],
)
def test_what_cannot_be_tried_is_named(
    problems: Callable[..., list[tuple[str, str]]],
    given: dict[str, Any],
    found: list[tuple[str, str]],
) -> None:
    nothing = {
        "layer": "LSTM",
        "metric": METRICS["mae"],
        "drop": Decimal("0.05"),
        "by": "zeros",
        "options": None,
        "output": None,
        "all_": False,
        "most": 8,
    }

    named = problems("predict.ablate", CONTRACT, **nothing | given)

    assert named == found
