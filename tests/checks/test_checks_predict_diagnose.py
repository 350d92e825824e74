"""``predict.diagnose``: what a misunderstanding may have cost; never scores."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.checks.predict.readings import input_readings
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.metrics import METRICS

if TYPE_CHECKING:
    from conftest import Ask

MakeEvaluation = Callable[..., Evaluation]
Array = NDArray[Any]
Predict = Callable[[Array], Array]

LABELS = np.arange(30) % 3


def contract(
    classes: int = 3, dtype: str = "float32", kind: OutputKind = OutputKind.ANY
) -> Contract:
    return Contract(
        inputs={"image": InputSpec(shape=(None, 8, 8, 3), dtype=dtype)},
        outputs={"digit": OutputSpec(shape=(None, classes), kind=kind)},
    )


def images() -> Array:
    """Return a bright row of one colour: red, green or blue, at 1, 3 or 5."""
    found = np.zeros((30, 8, 8, 3), np.float32)
    for row, label in enumerate(LABELS):
        found[row, 2 * label + 1, :, label] = 200
    return found


def of_colour(batch: Array) -> Array:
    """Tell by the colour; of shares of 1, as it was trained on."""
    return np.minimum(batch, 1).sum(axis=(1, 2))


def of_column(batch: Array) -> Array:
    """Tell by the place, for which it takes the width for the height."""
    return batch.sum(axis=(1, 3))[:, 1:6:2] / 1600


@pytest.fixture
def modelled(evaluation: MakeEvaluation) -> Callable[..., Evaluation]:
    def make(predict: Predict, given: Array | None = None, **more: Any) -> Evaluation:
        given = images() if given is None else given

        def run(inputs: Mapping[str, Array], call: Call) -> dict[str, Array]:
            return {"digit": predict(inputs["image"])}

        settings = {"contract": contract(), "run": run} | more
        return evaluation(LABELS, predict(given), inputs={"image": given}, **settings)

    return make


def diagnosed(ask: "Ask", run: Evaluation, **parameters: Any) -> str:
    defaults = {"metric": METRICS["accuracy"], "threshold": Decimal("0.9")}
    told = ask("predict.diagnose", run, **defaults | parameters)
    assert told.passed
    assert told.value is None
    return told.rationale if told.hint is None else f"{told.rationale}; {told.hint}"


# Inputs


def test_a_good_model_is_not_diagnosed(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    text = diagnosed(ask, modelled(of_colour, run=None))

    assert text == "accuracy 1 as given"


def test_a_model_that_wants_inputs_divided_is_told(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def saturating(batch: Array) -> Array:
        return np.where(batch.max() > 1, 1.0, of_colour(batch))

    text = diagnosed(ask, modelled(saturating))

    assert text == (
        "accuracy 0.3333 as given, 1 divided by 255; "
        "Put the division into the model, as a Rescaling layer."
    )


def test_a_model_that_wants_inputs_multiplied_is_told(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def of_bytes(batch: Array) -> Array:
        return (batch > 100).sum(axis=(1, 2))

    text = diagnosed(ask, modelled(of_bytes, images() / 255))

    assert text == (
        "accuracy 0.3333 as given, 1 multiplied by 255; "
        "Leave out the division by 255; the inputs are scaled already."
    )


@pytest.mark.parametrize(
    ("stated", "calls"), [((0, 255), ["divided"]), ((-1, 1), ["multiplied"])]
)
def test_a_stated_range_leaves_one_scale_to_try(
    stated: tuple[float, float], calls: list[str]
) -> None:
    spec = InputSpec(shape=(None, 8, 8), dtype="float32", range=stated)
    asked = Contract(inputs={"image": spec}, outputs={})

    readings = input_readings(asked, {"image": images()[..., 0]})

    tried = [reading.name for reading in readings if reading.name.endswith("by 255")]
    assert tried == [f"{call} by 255" for call in calls]


def test_a_model_of_another_order_of_channels_is_told(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def of_blue_first(batch: Array) -> Array:
        return of_colour(batch[..., ::-1])

    text = diagnosed(ask, modelled(of_blue_first))

    assert text == (
        "accuracy 0.3333 as given, 1 with the channels reversed; "
        "Train on the order of channels that the task states."
    )


def test_a_model_that_exchanges_height_and_width_is_told(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    text = diagnosed(ask, modelled(of_column))

    assert text == (
        "accuracy 0.3333 as given, 1 with rows and columns exchanged; "
        "Train on images with the height before the width."
    )


def test_whole_numbers_are_not_divided(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    asked: list[Any] = []

    def run(inputs: Mapping[str, Array], call: Call) -> dict[str, Array]:
        asked.append(call.transform.then)
        return {"digit": np.zeros((30, 3))}

    def nothing(batch: Array) -> Array:
        return np.zeros((30, 3))

    bytes_ = images().astype(np.uint8)
    diagnosed(ask, modelled(nothing, bytes_, contract=contract(dtype="uint8"), run=run))

    assert [change.describe() for change in asked] == [
        "with the channels reversed (image)",
        "with axes 1 and 2 swapped (image)",
    ]


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param(np.array(["text"] * 30), id="texts"),
        pytest.param(np.zeros((30, 12)), id="a-table"),
        pytest.param(np.zeros((30, 12, 1)), id="a-series"),
    ],
)
def test_what_is_no_image_is_left_as_it_is(
    ask: "Ask", evaluation: MakeEvaluation, inputs: Array
) -> None:
    given = evaluation(
        LABELS,
        np.eye(3)[np.zeros(30, int)],
        contract=contract(),
        inputs={"image": inputs},
    )

    text = diagnosed(ask, given)

    assert text == "accuracy 0.3333 as given; no other reading is much better"


def test_one_of_several_inputs_is_named(ask: "Ask", evaluation: MakeEvaluation) -> None:
    def run(inputs: Mapping[str, Array], call: Call) -> dict[str, Array]:
        bright = inputs["image"].max() > 1
        return {"digit": np.where(bright, 1.0, of_colour(inputs["image"]))}

    task = contract()
    inputs = {"image": images(), "age": np.zeros(30)}
    given = evaluation(
        LABELS,
        np.ones((30, 3)),
        contract=Contract(
            inputs={**task.inputs, "age": InputSpec(shape=(None,), dtype="float32")},
            outputs=task.outputs,
        ),
        inputs=inputs,
        run=run,
    )

    text = diagnosed(ask, given)

    assert text == (
        "accuracy 0.3333 as given, 1 with 'image' divided by 255; "
        "Put the division into the model, as a Rescaling layer."
    )


def test_a_model_that_fails_on_other_inputs_is_read_by_its_predictions(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def run(inputs: Mapping[str, Array], call: Call) -> dict[str, Array]:
        raise Ungradable(Code.CRASH)

    def shifted(batch: Array) -> Array:
        return np.roll(of_colour(batch), 1, axis=1)

    text = diagnosed(ask, modelled(shifted, run=run))

    assert text.startswith("accuracy 0 as given, 1 with each label one lower; ")


# Predictions


def predicted(
    evaluation: MakeEvaluation, targets: Array, predictions: Array, **more: Any
) -> Evaluation:
    """Return an evaluation with no input that could be an image."""
    inputs = {"image": np.zeros((len(targets), 2))}
    settings = {"contract": contract(predictions.shape[-1])} | more
    return evaluation(targets, predictions, inputs=inputs, **settings)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        pytest.param([2, 0, 1], "with each label one lower", id="counted-from-1"),
        pytest.param(
            [1, 2, 0], "with each label one higher", id="counted-from-minus-1"
        ),
    ],
)
def test_labels_that_are_counted_otherwise_are_told(
    ask: "Ask", evaluation: MakeEvaluation, order: list[int], told: str
) -> None:
    run = predicted(evaluation, LABELS, np.eye(3)[LABELS][:, order])

    text = diagnosed(ask, run)

    assert text == (
        f"accuracy 0 as given, 1 {told}; Count the labels from 0, as the task does."
    )


@pytest.mark.parametrize("one_hot", [False, True])
def test_labels_in_another_order_are_told(
    ask: "Ask", evaluation: MakeEvaluation, one_hot: bool
) -> None:
    labels = np.arange(40) % 5
    guesses = np.eye(5)[labels][:, [3, 1, 4, 0, 2]]
    guesses[:5] = np.eye(5)[0]
    targets = np.eye(5)[labels] if one_hot else labels
    run = predicted(evaluation, targets, guesses)

    text = diagnosed(ask, run)

    assert text == (
        "accuracy 0.2 as given, 0.9 with the labels in another order; "
        "Train on the labels in the order that the task states."
    )


@pytest.mark.parametrize(("classes", "told"), [(500, True), (501, False)])
def test_the_order_of_too_many_labels_is_not_searched_for(
    ask: "Ask", evaluation: MakeEvaluation, classes: int, told: bool
) -> None:
    labels = np.arange(100)
    run = predicted(evaluation, labels, np.eye(classes)[(labels + 50) % 100])

    text = diagnosed(ask, run)

    assert ("in another order" in text) is told


def test_two_classes_that_are_exchanged_are_told(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    flags = np.arange(20) % 2
    run = predicted(evaluation, flags, 0.9 - 0.8 * flags[:, None])

    text = diagnosed(ask, run)

    assert text == (
        "accuracy 0 as given, 1 with the two classes exchanged; "
        "Train on the labels in the order that the task states."
    )


@pytest.mark.parametrize("classes", [1, 2])
def test_logits_are_told(ask: "Ask", evaluation: MakeEvaluation, classes: int) -> None:
    flags = np.arange(20) % 2
    logits = 8 * (2 * flags[:, None] - 1) * (np.array([[-1, 1]]) if classes > 1 else 1)
    activation = "softmax" if classes > 1 else "sigmoid"
    run = predicted(
        evaluation,
        flags,
        logits.astype(np.float32),
        contract=contract(classes, kind=OutputKind.PROBABILITIES),
    )

    text = diagnosed(ask, run, metric=METRICS["log_loss"], threshold=Decimal("0.3"))

    given, sign, rest = text.partition(" taken as logits")
    assert given.startswith("log_loss ")
    assert (sign, rest) == (
        " taken as logits",
        f"; End the model with a {activation} activation.",
    )


def test_numbers_are_not_read_as_labels(ask: "Ask", evaluation: MakeEvaluation) -> None:
    numbers = np.linspace(0, 5, 40).reshape(20, 2)
    run = predicted(evaluation, numbers, numbers + 3)

    text = diagnosed(ask, run, metric=METRICS["mae"], threshold=Decimal("0.5"))

    assert text == "mae 3 as given; no other reading is much better"


def test_a_random_model_is_not_explained_away(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(1000) % 10
    run = predicted(evaluation, labels, generator.random((1000, 10)))

    text = diagnosed(ask, run)

    assert text.endswith(" as given (256 examples); no other reading is much better")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(0.5, True, id="half-the-way"),
        pytest.param(0.51, False, id="less-than-half-the-way"),
    ],
)
def test_a_reading_must_be_much_better(
    ask: "Ask", modelled: Callable[..., Evaluation], error: float, told: bool
) -> None:
    def run(inputs: Mapping[str, Array], call: Call) -> dict[str, Array]:
        divided = call.transform.then.describe() == "divided by 255 (image)"
        return {"digit": LABELS + (error if divided else 1.0)}

    def off(batch: Array) -> Array:
        return LABELS + 1.0

    text = diagnosed(
        ask,
        modelled(off, run=run),
        metric=METRICS["mae"],
        threshold=Decimal(0),
    )

    assert ("divided by 255" in text) is told


def test_the_sample_is_spread_over_the_dataset(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    labels = np.repeat(np.arange(4), 250)
    run = predicted(evaluation, labels, np.roll(np.eye(4)[labels], 1, axis=1))

    text = diagnosed(ask, run, metric=METRICS["balanced_accuracy"])

    assert text == (
        "balanced_accuracy 0 as given, 1 with each label one lower (256 examples); "
        "Count the labels from 0, as the task does."
    )


def test_where_there_is_a_public_part_it_alone_is_diagnosed(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    labels = np.repeat(np.arange(4), 250)
    public = np.arange(1000) % 10 == 0
    guesses = np.where(public, (labels + 1) % 4, labels)
    run = predicted(evaluation, labels, np.eye(4)[guesses], public=public)

    text = diagnosed(ask, run)

    assert text == (
        "accuracy 0 as given, 1 with each label one lower, on the public part; "
        "Count the labels from 0, as the task does."
    )


def test_a_sample_of_a_large_public_part_is_diagnosed(
    ask: "Ask", modelled: Callable[..., Evaluation], evaluation: MakeEvaluation
) -> None:
    given = np.concatenate([images()] * 20)
    labels = np.tile(LABELS, 20)
    public = np.arange(600) < 300
    asked: list[int] = []

    def of_blue_first(batch: Array) -> Array:
        return of_colour(batch[..., ::-1])

    def run(inputs: Mapping[str, Array], call: Call) -> dict[str, Array]:
        asked.append(len(inputs["image"]))
        return {"digit": of_blue_first(inputs["image"])}

    plain = np.where(public[:, None], of_blue_first(given), np.eye(3)[labels])
    text = diagnosed(
        ask,
        evaluation(
            labels,
            plain,
            contract=contract(),
            inputs={"image": given},
            run=run,
            public=public,
        ),
    )

    assert text.endswith(
        " with the channels reversed (256 examples of the public part); "
        "Train on the order of channels that the task states."
    )
    assert set(asked) == {256}


def test_a_good_public_part_is_not_diagnosed(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    public = np.arange(30) < 15
    guesses = np.where(public, LABELS, (LABELS + 1) % 3)
    run = predicted(evaluation, LABELS, np.eye(3)[guesses], public=public)

    text = diagnosed(ask, run)

    assert text == "accuracy 1 as given, on the public part"


def test_logits_of_several_labels_are_told(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    flags = np.stack([np.arange(20) % 2, np.arange(20) % 3 > 0], axis=1)
    run = predicted(
        evaluation,
        flags,
        8.0 * (2 * flags - 1),
        contract=contract(2, kind=OutputKind.PROBABILITIES),
    )

    text = diagnosed(
        ask, run, metric=METRICS["binary_crossentropy"], threshold=Decimal("0.3")
    )

    assert text.startswith("binary_crossentropy ")
    assert text.endswith(" taken as logits; End the model with a sigmoid activation.")


def test_an_option_that_is_wrong_is_named(
    problems: Callable[..., list[tuple[str, str]]],
) -> None:
    named = problems(
        "predict.diagnose",
        contract(),
        metric=METRICS["accuracy"],
        threshold=Decimal("0.9"),
        options={"k": 5},
        output=None,
    )

    assert named == [("options", "accuracy has no option 'k'; it has none")]
