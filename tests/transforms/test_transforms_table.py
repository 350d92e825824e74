"""What all transforms have in common."""

import dataclasses
import hashlib
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from pytest_tfgrade.transforms import (
    TRANSFORMS,
    Brightness,
    CaseChange,
    ChangeFuture,
    Divide,
    DropIds,
    FirstRows,
    FlipLeftRight,
    Multiply,
    Noise,
    NotApplicable,
    PermuteInput,
    PermuteRows,
    ReverseChannels,
    ReverseRows,
    Rotate,
    Scale,
    SeriesNoise,
    SeriesScale,
    SeriesShift,
    Shift,
    SwapAxes,
    Transform,
    Typos,
    WordDrop,
)
from pytest_tfgrade.transforms.interface import Array

RNG = np.random.Generator(np.random.PCG64(3))
INPUTS: dict[str, Array] = {
    "image": RNG.integers(0, 256, (30, 8, 8, 3), dtype=np.uint8),
    "series": RNG.normal(size=(30, 6)).astype(np.float32),
    "text": np.array([["Some cats"], ["sleep all day"], [""]] * 10),
    "ids": RNG.integers(1, 30, (30, 7), dtype=np.int32),
}
"""One input of each kind."""

ALL = [
    pytest.param(Rotate(degrees=15), "turned by up to 15 degrees", id="rotate"),
    pytest.param(Shift(pixels=1), "shifted by up to 1 pixel", id="shift"),
    pytest.param(Scale(low=0.5, high=2), "scaled by 0.5 to 2", id="scale"),
    pytest.param(FlipLeftRight(), "flipped left to right", id="flip"),
    pytest.param(
        FlipLeftRight(share=0.5), "flipped left to right, 50 % of them", id="flip-some"
    ),
    pytest.param(Noise(sigma=9.5), "with noise of standard deviation 9.5", id="noise"),
    pytest.param(
        Brightness(low=0.5, high=1.5, input="image"),
        "with 0.5 to 1.5 times the brightness (image)",
        id="brightness",
    ),
    pytest.param(SeriesShift(steps=3), "shifted by up to 3 steps", id="series-shift"),
    pytest.param(
        SeriesScale(low=0.9, high=1.1), "multiplied by 0.9 to 1.1", id="series-scale"
    ),
    pytest.param(
        SeriesNoise(sigma=0.1),
        "with noise of 0.1 standard deviations",
        id="series-noise",
    ),
    pytest.param(Typos(rate=0.5), "with typos in 50 % of letters", id="typos"),
    pytest.param(CaseChange(), "in capital letters", id="upper"),
    pytest.param(CaseChange(to="lower"), "in small letters", id="lower"),
    pytest.param(
        CaseChange(to="swap"), "with capital and small letters exchanged", id="swap"
    ),
    pytest.param(WordDrop(rate=0.7), "with 70 % of words left out", id="word-drop"),
    pytest.param(
        DropIds(rate=0.05, seed=1), "with 5 % of ids replaced by 0", id="drop-ids"
    ),
    pytest.param(Divide(), "divided by 255", id="divide"),
    pytest.param(Multiply(by=2.5), "multiplied by 2.5", id="multiply"),
    pytest.param(ReverseChannels(), "with the channels reversed", id="channels"),
    pytest.param(
        SwapAxes(input="image"), "with axes 1 and 2 swapped (image)", id="axes"
    ),
    pytest.param(PermuteRows(), "with the rows in another order", id="permute-rows"),
    pytest.param(ReverseRows(), "with the rows in reverse order", id="reverse-rows"),
    pytest.param(FirstRows(count=30), "of the first 30 rows alone", id="first-rows"),
    pytest.param(FirstRows(count=1), "of the first row alone", id="first-row"),
    pytest.param(
        PermuteInput(input="text"),
        "with the values of text from other rows",
        id="input",
    ),
    pytest.param(
        ChangeFuture(start=4, input="ids"),
        "with other values from step 4 on (ids)",
        id="future",
    ),
    pytest.param(
        ChangeFuture(input="ids"),
        "with other values from some step on (ids)",
        id="future-of-each",
    ),
]


class Marked(np.ndarray[Any, np.dtype[Any]]):
    """Stands for the class of hidden arrays."""


def marked_inputs() -> dict[str, Array]:
    copies: dict[str, Array] = {
        name: array.copy().view(Marked) for name, array in INPUTS.items()
    }
    for array in copies.values():
        array.setflags(write=False)
    return copies


def content(inputs: dict[str, Array]) -> str:
    whole = hashlib.sha256()
    for name, array in inputs.items():
        whole.update(f"{name} {array.dtype.str} {array.shape}".encode())
        whole.update(array.tobytes())
    return whole.hexdigest()


@pytest.mark.parametrize(("transform", "description"), ALL)
def test_a_transform_describes_itself(transform: Transform, description: str) -> None:
    assert transform.describe() == description


@pytest.mark.parametrize(("transform", "description"), ALL)
def test_equal_descriptions_are_equal_and_make_equal_bytes(
    transform: Transform, description: str
) -> None:
    fields = dataclasses.asdict(transform)  # type: ignore[call-overload]
    twin = type(transform)(**fields)

    first, second = transform.apply(marked_inputs()), twin.apply(marked_inputs())

    assert (twin, hash(twin)) == (transform, hash(transform))
    assert content(first) == content(second)


@pytest.mark.parametrize(("transform", "description"), ALL)
def test_the_inputs_given_are_left_as_they_are(
    transform: Transform, description: str
) -> None:
    inputs = marked_inputs()

    result = transform.apply(inputs)

    assert content(inputs) == content(INPUTS)
    changed = [name for name in inputs if result[name] is not inputs[name]]
    assert changed
    assert not any(np.shares_memory(result[name], inputs[name]) for name in changed)


@pytest.mark.parametrize(("transform", "description"), ALL)
def test_names_shapes_dtypes_and_classes_stay(
    transform: Transform, description: str
) -> None:
    def form(inputs: dict[str, Array]) -> list[object]:
        return [(n, a.shape[1:], a.dtype, type(a)) for n, a in inputs.items()]

    inputs = marked_inputs()

    result = transform.apply(inputs)

    assert form(result) == form(inputs)


@pytest.mark.parametrize(("transform", "description"), ALL)
def test_something_is_changed_and_not_twice_alike(
    transform: Transform, description: str
) -> None:
    result = transform.apply(marked_inputs())

    same = isinstance(transform, FirstRows) and transform.count == 30
    assert (content(result) == content(INPUTS)) is same
    if "seed" in dataclasses.asdict(transform) and transform != FlipLeftRight():  # type: ignore[call-overload]
        other = dataclasses.replace(transform, seed=99)  # type: ignore[type-var]
        assert content(other.apply(marked_inputs())) != content(result)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_table_has_the_names_of_the_classes(name: str) -> None:
    words = re.findall("[A-Z][a-z]*", TRANSFORMS[name].__name__)

    assert name == "_".join(words).lower()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_after_what_rubrics_may_name_rows_are_still_those_of_the_targets(
    name: str,
) -> None:
    assert not hasattr(TRANSFORMS[name], "order")


def test_pydantic_can_bind_a_transform_from_its_fields() -> None:
    written = {"degrees": 20, "fill": "zero", "input": "image", "seed": 4}

    bound = TypeAdapter(Rotate).validate_python(written)

    assert bound == Rotate(degrees=20, fill="zero", input="image", seed=4)


def test_pydantic_passes_on_what_is_wrong() -> None:
    with pytest.raises(
        ValidationError, match="degrees must be above 0 and at most 180, got -3"
    ):
        TypeAdapter(Rotate).validate_python({"degrees": -3})


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (Rotate, {"degrees": 181}, "degrees must be above 0 and at most 180, got 181"),
        (
            Rotate,
            {"degrees": float("nan")},
            "degrees must be above 0 and at most 180, got nan",
        ),
        (
            Rotate,
            {"degrees": 1, "fill": "black"},
            "fill must be edge or mirror or zero, got 'black'",
        ),
        (
            Rotate,
            {"degrees": 1, "seed": -1},
            "seed must be a whole number of 0 or more",
        ),
        (Shift, {"pixels": 0}, "pixels must be a whole number of 1 or more, got 0"),
        (Shift, {"pixels": 1.5}, "pixels must be a whole number of 1 or more, got 1.5"),
        (
            Shift,
            {"pixels": 1, "seed": True},
            "seed must be a whole number of 0 or more",
        ),
        (Scale, {"low": 0, "high": 1}, "low must be above 0, got 0"),
        (Scale, {"low": 2, "high": 1}, "low must be at most high, got 2 and 1"),
        (Scale, {"low": 1, "high": float("inf")}, "high must be above 0, got inf"),
        (Noise, {"sigma": 0}, "sigma must be above 0, got 0"),
        (Brightness, {"low": -1, "high": 1}, "low must be above 0, got -1"),
        (
            FlipLeftRight,
            {"share": 1.1},
            "share must be above 0 and at most 1, got 1.1",
        ),
        (SeriesShift, {"steps": 0}, "steps must be a whole number of 1 or more, got 0"),
        (SeriesScale, {"low": 2, "high": 1}, "low must be at most high, got 2 and 1"),
        (SeriesNoise, {"sigma": -0.1}, "sigma must be above 0, got -0.1"),
        (Typos, {"rate": 2}, "rate must be above 0 and at most 1, got 2"),
        (WordDrop, {"rate": 0}, "rate must be above 0 and at most 1, got 0"),
        (DropIds, {"rate": 1, "fill": -1}, "fill must be a whole number of 0 or more"),
        (CaseChange, {"to": "title"}, "to must be upper or lower or swap, got 'title'"),
        (Divide, {"by": 0}, "by must be above 0, got 0"),
        (Multiply, {"by": -1}, "by must be above 0, got -1"),
        (SwapAxes, {"a": 0}, "a must be a whole number of 1 or more, got 0"),
        (SwapAxes, {"a": 2}, "a and b must differ, got 2 twice"),
        (FirstRows, {"count": 0}, "count must be a whole number of 1 or more, got 0"),
        (
            ChangeFuture,
            {"start": 0},
            "start must be a whole number of 1 or more, got 0",
        ),
        (PermuteRows, {"seed": -1}, "seed must be a whole number of 0 or more, got -1"),
        (
            PermuteInput,
            {"input": "x", "seed": -1},
            "seed must be a whole number of 0 or",
        ),
    ],
)
def test_values_that_make_no_sense_are_refused(
    kind: type[Transform], fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        kind(**fields)


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (Rotate(degrees=1), "no input holds images (rows, height, width) or (rows, "),
        (
            ReverseChannels(),
            "no input holds images (rows, height, width, channels) with",
        ),
        (SeriesShift(steps=1), "no input holds series (rows, steps) of fractions or "),
        (Typos(rate=1), "no input holds texts"),
        (DropIds(rate=1), "no input holds ids (rows, steps)"),
        (Divide(), "no input holds numbers that can be fractions"),
        (
            Rotate(degrees=1, input="x"),
            "'x' is int64 (3, 1, 1, 1, 1), which cannot be images (rows, height, ",
        ),
        (
            SwapAxes(a=4, b=5),
            "'x' of shape (3, 1, 1, 1, 1) has no axes 4 and 5 of one size",
        ),
        (ChangeFuture(start=1), "'x' has 1 steps, none from step 1 on, from 0"),
        (ChangeFuture(), "'x' has 1 steps, none from step 1 on, from 0"),
    ],
)
def test_inputs_of_another_kind_are_refused(transform: Transform, message: str) -> None:
    inputs = {"x": np.zeros((3, 1, 1, 1, 1), np.int64)}

    with pytest.raises(NotApplicable, match=f"^{re.escape(message)}"):
        transform.apply(inputs)


@pytest.mark.parametrize("transform", [PermuteInput(input="x"), ChangeFuture(start=1)])
def test_nothing_can_be_exchanged_with_one_row(transform: Transform) -> None:
    with pytest.raises(
        NotApplicable, match=r"^there is one row only; nothing can be exchanged$"
    ):
        transform.apply({"x": np.zeros((1, 4))})


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (
            Rotate(degrees=1),
            "each of left, right could hold images (rows, height, width) or (rows, "
            "height, width, channels); name the input",
        ),
        (Rotate(degrees=1, input="middle"), "there is no input 'middle'; use left or "),
        (PermuteInput(input="middle"), "there is no input 'middle'; use left or right"),
    ],
)
def test_which_input_is_meant_must_be_clear(transform: Transform, message: str) -> None:
    inputs = {"left": np.zeros((2, 3, 3)), "right": np.zeros((2, 3, 3))}

    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        transform.apply(inputs)


def test_of_several_inputs_only_the_named_one_is_changed() -> None:
    inputs = {"left": np.eye(3)[None], "right": np.eye(3)[None]}

    result = FlipLeftRight(input="right").apply(inputs)

    assert result["left"] is inputs["left"]
    assert result["right"].tolist() == [[[0, 0, 1], [0, 1, 0], [1, 0, 0]]]


@pytest.mark.parametrize(("transform", "description"), ALL)
def test_no_row_is_an_error_of_its_own(transform: Transform, description: str) -> None:
    none = {name: array[:0] for name, array in INPUTS.items()}

    if isinstance(transform, PermuteInput | ChangeFuture):
        with pytest.raises(NotApplicable):
            transform.apply(none)
    else:
        result = transform.apply(none)
        assert {name: a.shape for name, a in result.items()} == {
            name: a.shape for name, a in none.items()
        }


def test_importing_the_transforms_does_not_import_scipy() -> None:
    code = "import sys, pytest_tfgrade.transforms; print('scipy' in sys.modules)"

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout == "False\n"


def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import numpy as np; from pytest_tfgrade.transforms import Rotate, Typos; "
        "images = np.arange(5 * 64.).reshape(5, 8, 8); "
        "texts = np.array(['ab cd'] * 5); "
        "made = Rotate(degrees=30).apply({'x': images})['x'].tobytes(); "
        "typed = Typos(rate=0.5).apply({'x': texts})['x'].tolist(); "
        "print(made.hex(), typed)"
    )

    shown = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(shown) == 1
