"""``predict.transform``: a metric on inputs that were changed, as a rubric says."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pydantic
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import CHECKS, Evaluation
from pytest_tfgrade.checks.predict.changes import Changes, NamedChanges, bind_changes
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.metrics.uncertainty import estimate
from pytest_tfgrade.transforms import Divide, Noise, ReverseChannels, Rotate, Scale

MakeEvaluation = Callable[..., Evaluation]
Inputs = Mapping[str, NDArray[Any]]
Predict = Callable[[NDArray[Any]], NDArray[Any]]

CONTRACT = Contract(
    inputs={"image": InputSpec(shape=(None, 8, 8), dtype="float32")},
    outputs={"digit": OutputSpec(shape=(None, 2))},
)
LABELS = np.arange(40) % 2
HINT = "Train on inputs that are changed in this way, too: data augmentation."


def images() -> NDArray[Any]:
    """Return a bright square: in the middle for 1, in the corner for 0."""
    found = np.zeros((40, 8, 8), np.float32)
    found[LABELS == 0, :4, :4] = 1
    found[LABELS == 1, 2:6, 2:6] = 1
    return found


def sturdy(batch: NDArray[Any]) -> NDArray[Any]:
    """Tell by the brightness of the middle, whatever is turned."""
    middle = batch[:, 3:5, 3:5].mean(axis=(1, 2)) > 0.6
    return np.eye(2)[middle.astype(int)]


def brittle(batch: NDArray[Any]) -> NDArray[Any]:
    """Tell by one pixel at the corner of the square."""
    return np.eye(2)[(batch[:, 2, 2] == batch[:, 5, 5]).astype(int)]


@pytest.fixture
def modelled(evaluation: MakeEvaluation) -> Callable[..., Evaluation]:
    def make(predict: Predict, **more: Any) -> Evaluation:
        def run(inputs: Inputs, call: Call) -> dict[str, NDArray[Any]]:
            return {"digit": predict(inputs["image"])}

        given = images()
        return evaluation(
            LABELS,
            predict(given),
            contract=CONTRACT,
            inputs={"image": given},
            run=run,
            **more,
        )

    return make


def test_a_sturdy_model_is_as_good_on_changed_inputs(
    measure: Callable[..., Measurement], modelled: Callable[..., Evaluation]
) -> None:
    found = measure(
        "predict.transform",
        modelled(sturdy),
        change=bind_changes({"rotate": 15}),
        metric=METRICS["accuracy"],
    )

    exact = np.eye(2)[LABELS]
    assert found == Measurement(
        name="accuracy",
        value=1.0,
        direction=Direction.HIGHER_IS_BETTER,
        uncertainty=estimate(METRICS["accuracy"], LABELS, exact, {}),
        context="turned by up to 15 degrees",
        hint=HINT,
    )


def test_a_model_that_knows_the_pixels_by_heart_is_found_out(
    measure: Callable[..., Measurement], modelled: Callable[..., Evaluation]
) -> None:
    run = modelled(brittle)
    plain = METRICS["accuracy"].function(LABELS, run.predictions["digit"])

    found = measure(
        "predict.transform",
        run,
        change=bind_changes({"noise": 0.1}),
        metric=METRICS["accuracy"],
    )

    assert plain == 1
    assert found.value < 0.6


def test_values_that_are_not_finite_earn_nothing(
    measure: Callable[..., Measurement], modelled: Callable[..., Evaluation]
) -> None:
    def dividing(batch: NDArray[Any]) -> NDArray[Any]:
        return np.where((batch < 1) & (batch > 0), np.nan, 1).mean(axis=1)[:, :2]

    found = measure(
        "predict.transform",
        modelled(dividing),
        change=bind_changes({"rotate": 15}),
        metric=METRICS["accuracy"],
    )

    assert math.isnan(found.value)
    assert (found.context, found.hint) == ("turned by up to 15 degrees", HINT)


def test_the_public_part_is_measured_apart(
    measure: Callable[..., Measurement], modelled: Callable[..., Evaluation]
) -> None:
    def knowing(batch: NDArray[Any]) -> NDArray[Any]:
        found = sturdy(batch)
        found[:10] = found[:10, ::-1]
        return found

    found = measure(
        "predict.transform",
        modelled(knowing, public=np.arange(40) < 10),
        change=bind_changes({"rotate": 15}),
        metric=METRICS["accuracy"],
    )

    assert found.public is not None
    assert (found.public.value, found.value) == (0.0, 1.0)


# How a rubric writes changes


@pytest.mark.parametrize(
    ("written", "steps"),
    [
        pytest.param({"rotate": 15}, [Rotate(degrees=15)], id="the-main-setting"),
        pytest.param(
            {"rotate": {"degrees": 15, "fill": "zero", "seed": 3}},
            [Rotate(degrees=15, fill="zero", seed=3)],
            id="settings-by-name",
        ),
        pytest.param(
            {"scale": [0.8, 1.2]}, [Scale(low=0.8, high=1.2)], id="settings-in-order"
        ),
        pytest.param("reverse_channels", [ReverseChannels()], id="a-name"),
        pytest.param({"divide": None}, [Divide()], id="no-settings"),
        pytest.param(
            {"rotate": 15, "noise": 0.1},
            [Rotate(degrees=15), Noise(sigma=0.1)],
            id="several",
        ),
        pytest.param(
            [{"noise": 0.1}, "divide", {"noise": 0.2}],
            [Noise(sigma=0.1), Divide(), Noise(sigma=0.2)],
            id="a-list",
        ),
    ],
)
def test_changes_are_written_in_several_ways(
    written: object, steps: list[object]
) -> None:
    bound = pydantic.TypeAdapter(NamedChanges).validate_python(written)

    assert bound == Changes(tuple(steps))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"rotat": 15}, "unknown change 'rotat'; did you mean 'rotate'?"),
        (
            {"rotate": {"degree": 15}},
            "rotate: unknown setting 'degree'; did you mean 'degrees'?",
        ),
        (
            {"rotate": -3},
            "rotate: degrees must be above 0 and at most 180, got -3.0",
        ),
        ({"rotate": "far"}, 'rotate: degrees must be a number, got "far"'),
        ({"shift": 1.5}, "shift: pixels must be a whole number, got 1.5"),
        (
            {"rotate": {"degrees": 5, "fill": "black"}},
            "rotate: fill must be 'edge', 'mirror' or 'zero', got \"black\"",
        ),
        ({"scale": 0.8}, "scale: 'high' is missing; add it"),
        (
            {"divide": [2, "image", 3]},
            "divide: at most 2 settings, got 3; use by, input",
        ),
        ({}, "names no change; write one, as {rotate: 15}"),
        ([], "names no change; write one, as {rotate: 15}"),
        (15, "must be a mapping of changes, got 15; write {rotate: 15}"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(written: object, text: str) -> None:
    with pytest.raises(pydantic.ValidationError) as refused:
        pydantic.TypeAdapter(NamedChanges).validate_python(written)

    assert str(refused.value.errors()[0]["ctx"]["error"]) == text


def test_changes_that_are_written_alike_are_one_call() -> None:
    first = Call(transform=bind_changes({"rotate": 15}))
    second = Call(transform=bind_changes([{"rotate": {"degrees": 15.0}}]))

    assert len({first, second}) == 1


def test_the_schema_offers_every_change_and_its_settings() -> None:
    schema = pydantic.TypeAdapter(NamedChanges).json_schema()

    one, named, several = schema["anyOf"]
    assert one["properties"]["rotate"]["anyOf"] == [
        {
            "type": "object",
            "properties": {
                "degrees": {"type": "number"},
                "fill": {"type": "string", "enum": ["edge", "mirror", "zero"]},
                "input": {"type": "string"},
                "seed": {"type": "integer"},
            },
            "required": ["degrees"],
            "additionalProperties": False,
        },
        {"type": "array"},
        {"type": "number"},
    ]
    assert "rotate" not in named["enum"]
    assert "reverse_channels" in named["enum"]
    assert several == {"type": "array", "items": {"anyOf": [one, named]}}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        pytest.param({"rotate": 15}, [], id="good"),
        pytest.param(
            {"typos": 0.1},
            [
                (
                    "change",
                    "no input holds texts; choose another change",
                )
            ],
            id="of-another-kind",
        ),
        pytest.param(
            {"rotate": {"degrees": 15, "input": "images"}},
            [("change", "there is no input 'images'; use image")],
            id="an-unknown-input",
        ),
    ],
)
def test_changes_that_the_inputs_do_not_allow_are_named(
    problems: Callable[..., list[tuple[str, str]]],
    written: object,
    found: list[tuple[str, str]],
) -> None:
    named = problems(
        "predict.transform",
        CONTRACT,
        change=bind_changes(written),
        metric=METRICS["accuracy"],
        options=None,
        output=None,
    )

    assert named == found


def test_texts_can_be_changed(
    problems: Callable[..., list[tuple[str, str]]],
) -> None:
    contract = Contract(
        inputs={"text": InputSpec(shape=(None,), dtype="string")},
        outputs=CONTRACT.outputs,
    )

    named = problems(
        "predict.transform",
        contract,
        change=bind_changes({"typos": 0.1}),
        metric=METRICS["accuracy"],
        options=None,
        output=None,
    )

    assert named == []


def test_the_call_is_named_ahead() -> None:
    change = bind_changes({"rotate": 15})

    calls = CHECKS["predict.transform"].calls({"change": change}, CONTRACT)

    assert calls == [Call(transform=change)]
