"""How one model gets a task's inputs, by what its file declares."""

from typing import Any

import pytest

from pytest_tfgrade.checks.model.feeding import feeding_for
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec, Side, WordIds
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor, TensorKind, Weights
from pytest_tfgrade.core.setup import PLAIN, Feed, Feeding
from pytest_tfgrade.core.submission import ArtifactFormat

SHAPE_HINT = "Build the model with exactly the input shape the task states."
NAMES_HINT = "Give the model's inputs the names that the task states."

IDS = WordIds(
    words=("to", "be", "or"), length=30, padding=Side.POST, truncation=Side.POST
)
TEXT = InputSpec(shape=(None, 1), dtype="string", ids=IDS)
IMAGE = InputSpec(shape=(None, 28, 28), dtype="float32")


_UNORDERED = {ArtifactFormat.SAVED_MODEL, ArtifactFormat.TFLITE}


def facts(*inputs: Tensor, format_: ArtifactFormat = ArtifactFormat.KERAS) -> Facts:
    return Facts(
        format=format_,
        keras_version=None,
        model_class="Functional",
        layers=(),
        inputs=inputs,
        outputs=(),
        inputs_in_order=format_ not in _UNORDERED,
        outputs_in_order=format_ not in _UNORDERED,
        last_activation=None,
        weights=Weights(parameters=0, model_bytes=0, optimizer_bytes=0),
        compile_settings=None,
    )


def tensor(*shape: int | None, name: str = "in", **more: Any) -> Tensor:
    return Tensor(name=name, shape=shape, **{"dtype": "float32", **more})


def numbers(*row: int | None, dtype: str = "float32", **more: Any) -> InputSpec:
    return InputSpec(shape=(None, *row), dtype=dtype, **more)


def contract(**inputs: InputSpec) -> Contract:
    return Contract(inputs=inputs, outputs={"y": OutputSpec(shape=(None, 1))})


def saved(*inputs: Tensor) -> Facts:
    return facts(*inputs, format_=ArtifactFormat.SAVED_MODEL)


ONE_ROW = "1 row at a time, as the model declares"


def lite(*inputs: Tensor) -> Facts:
    return facts(*inputs, format_=ArtifactFormat.TFLITE)


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(facts(), id="a-subclassed-model-declares-nothing"),
        pytest.param(facts(tensor(None, 28, 28)), id="as-the-task-says"),
        pytest.param(facts(tensor(None, None, None)), id="of-any-size"),
        pytest.param(facts(Tensor(name="in", shape=None, dtype=None)), id="unknown"),
    ],
)
def test_what_the_model_wants_as_it_is_needs_no_feeding(declared: Facts) -> None:
    assert feeding_for(declared, contract(x=IMAGE)) is PLAIN


@pytest.mark.parametrize(
    ("given", "declared", "axes", "note"),
    [
        (
            numbers(28, 28),
            tensor(None, 28, 28, 1),
            (0, 1, None),
            "x: (None, 28, 28) given as (None, 28, 28, 1)",
        ),
        (
            numbers(28, 28, 1),
            tensor(None, 28, 28),
            (0, 1),
            "x: (None, 28, 28, 1) given as (None, 28, 28)",
        ),
        (
            numbers(1, 30),
            tensor(None, 30, 1),
            (1, None),
            "x: (None, 1, 30) given as (None, 30, 1)",
        ),
        (
            numbers(30),
            tensor(None, 1, None, 1),
            (None, 0, None),
            "x: (None, 30) given as (None, 1, None, 1)",
        ),
        (
            numbers(None, 1, 3),
            tensor(None, None, 3),
            (0, 2),
            "x: (None, None, 1, 3) given as (None, None, 3)",
        ),
        (numbers(1), tensor(None), (), "x: (None, 1) given as (None,)"),
        (
            numbers(1, 1, 5),
            tensor(None, 1, 5),
            (0, 2),
            "x: (None, 1, 1, 5) given as (None, 1, 5)",
        ),
    ],
)
def test_axes_of_size_1_may_be_more_or_fewer(
    given: InputSpec, declared: Tensor, axes: tuple[int | None, ...], note: str
) -> None:
    feeding = feeding_for(facts(declared), contract(x=given))

    assert feeding == Feeding(feeds={"x": Feed(axes=axes)}, notes=(note,))


@pytest.mark.parametrize(
    ("given", "declared", "text"),
    [
        pytest.param(
            IMAGE,
            tensor(None, 784),
            "the model takes inputs of shape (None, 784), the task gives "
            "(None, 28, 28)",
            id="flattened",
        ),
        pytest.param(
            IMAGE,
            tensor(None, 28, 28, None),
            "the model takes inputs of shape (None, 28, 28, None), the task gives "
            "(None, 28, 28)",
            id="any-size-is-not-size-1",
        ),
        pytest.param(
            IMAGE,
            tensor(),
            "the model takes inputs of shape (), the task gives (None, 28, 28)",
            id="no-axis-of-examples",
        ),
        pytest.param(
            numbers(28, 28, exact=True),
            tensor(None, 28, 28, 1),
            "the model takes inputs of shape (None, 28, 28, 1), the task gives "
            "(None, 28, 28)",
            id="exactly-so",
        ),
    ],
)
def test_another_shape_is_told_with_both_sides(
    given: InputSpec, declared: Tensor, text: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        feeding_for(facts(declared), contract(x=given))

    assert (str(caught.value), caught.value.hint) == (
        f"E_INPUT_SHAPE: {text}",
        SHAPE_HINT,
    )


def test_a_fixed_batch_is_how_many_rows_the_model_gets() -> None:
    declared = facts(tensor(32, 28, 28, 1))

    feeding = feeding_for(declared, contract(x=IMAGE))

    assert feeding == Feeding(
        feeds={"x": Feed(axes=(0, 1, None))},
        batch=32,
        notes=(
            "x: (None, 28, 28) given as (32, 28, 28, 1)",
            "32 rows at a time, as the model declares",
        ),
    )


def test_two_inputs_with_other_fixed_batches_fit_no_data() -> None:
    declared = facts(tensor(32, 5, name="a"), tensor(16, 5, name="b"))

    with pytest.raises(Ungradable) as caught:
        feeding_for(declared, contract(a=numbers(5), b=numbers(5)))

    assert (str(caught.value), caught.value.hint) == (
        "E_INPUT_SHAPE: the model takes 16 and 32 rows of its inputs at a time",
        "Declare the inputs without a batch size.",
    )


def test_a_batch_of_no_rows_is_none() -> None:
    with pytest.raises(Ungradable, match="0 rows"):
        feeding_for(facts(tensor(0, 28, 28)), contract(x=IMAGE))


def test_the_fixed_batch_of_a_tflite_file_is_noted_and_left_to_what_runs_it() -> None:
    feeding = feeding_for(lite(tensor(1, 28, 28)), contract(x=IMAGE))

    assert feeding == Feeding(feeds={"x": Feed(key="in")}, notes=(ONE_ROW,))


def test_numbers_are_cast_to_what_the_model_declares() -> None:
    feeding = feeding_for(facts(tensor(None, 5, dtype="int32")), contract(x=numbers(5)))

    assert feeding == Feeding(
        feeds={"x": Feed(dtype="int32")}, notes=("x: float32 given as int32",)
    )


@pytest.mark.parametrize(
    ("given", "dtype", "text", "hint"),
    [
        pytest.param(
            numbers(5, exact=True),
            "float64",
            "the model takes float64 inputs, the task gives float32",
            "Declare the input with dtype='float32'.",
            id="exactly-so",
        ),
        pytest.param(
            numbers(5),
            "bfloat16",
            "the model takes bfloat16 inputs, the task gives float32",
            "Declare the input with dtype='float32'.",
            id="a-dtype-that-data-do-not-have",
        ),
        pytest.param(
            numbers(5),
            "string",
            "the model takes string inputs, the task gives float32",
            "Build the model for these inputs.",
            id="texts-for-numbers",
        ),
        pytest.param(
            numbers(5, dtype="string"),
            "int32",
            "the model takes int32 inputs, the task gives string",
            "Build the model for these inputs.",
            id="numbers-for-texts-without-ids",
        ),
        pytest.param(
            numbers(5),
            "odd\x1b[31m",
            "the model takes odd\\x1b[31m inputs, the task gives float32",
            "Declare the input with dtype='float32'.",
            id="a-hostile-name",
        ),
    ],
)
def test_another_dtype_is_told_with_both_sides(
    given: InputSpec, dtype: str, text: str, hint: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        feeding_for(facts(tensor(None, 5, dtype=dtype)), contract(x=given))

    assert (str(caught.value), caught.value.hint) == (f"E_DTYPE: {text}", hint)


@pytest.mark.parametrize(
    ("declared", "feed", "notes"),
    [
        (
            tensor(None, 30, dtype="int32"),
            Feed(as_ids=True),
            ("x: texts given as ids of words",),
        ),
        (
            tensor(None, None, dtype="float32"),
            Feed(as_ids=True, dtype="float32"),
            ("x: texts given as ids of words", "x: ids given as float32"),
        ),
        (
            tensor(None, 30, 1, dtype="int32"),
            Feed(as_ids=True, axes=(0, None)),
            (
                "x: texts given as ids of words",
                "x: (None, 30) given as (None, 30, 1)",
            ),
        ),
        (
            tensor(None, dtype="string"),
            Feed(axes=()),
            ("x: (None, 1) given as (None,)",),
        ),
    ],
)
def test_a_task_with_a_vocabulary_takes_texts_and_ids(
    declared: Tensor, feed: Feed, notes: tuple[str, ...]
) -> None:
    feeding = feeding_for(facts(declared), contract(x=TEXT))

    assert feeding == Feeding(feeds={"x": feed}, notes=notes)


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        (
            tensor(None, 40, dtype="int32"),
            "E_INPUT_SHAPE: the model takes inputs of shape (None, 40), the task gives "
            "ids of shape (None, 30)",
        ),
        (
            tensor(None, 30, dtype="bool"),
            "E_DTYPE: the model takes bool inputs, the task gives string",
        ),
        (
            tensor(None, 30, dtype="int8", quantization=(0.5, 3)),
            "E_DTYPE: the model takes int8 ids, which cannot tell all words apart",
        ),
    ],
)
def test_ids_that_the_model_cannot_take_are_refused(
    declared: Tensor, text: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        feeding_for(facts(declared), contract(x=TEXT))

    assert str(caught.value) == text


@pytest.mark.parametrize(("words", "fits"), [(126, True), (127, False)])
def test_a_small_dtype_has_room_for_a_small_vocabulary(words: int, fits: bool) -> None:
    ids = WordIds(
        words=tuple(map(str, range(words))),
        length=30,
        padding=Side.PRE,
        truncation=Side.PRE,
    )
    spec = InputSpec(shape=(None, 1), dtype="string", ids=ids)
    declared = facts(tensor(None, 30, dtype="int8"))

    try:
        feeding_for(declared, contract(x=spec))
        taken = True
    except Ungradable:
        taken = False

    assert taken is fits  # 2 + 125 is the largest int8


def test_real_numbers_are_quantized_by_the_scale_of_the_file() -> None:
    declared = lite(tensor(1, 5, dtype="uint8", quantization=(0.5, 128)))

    feeding = feeding_for(declared, contract(x=numbers(5)))

    assert feeding == Feeding(
        feeds={"x": Feed(key="in", dtype="uint8", quantization=(0.5, 128))},
        notes=("x: quantized by the file's own scale", ONE_ROW),
    )


def test_a_task_of_integers_gives_them_to_a_quantized_model_as_they_are() -> None:
    declared = lite(tensor(1, 5, dtype="uint8", quantization=(0.5, 128)))

    feeding = feeding_for(declared, contract(x=numbers(5, dtype="uint8")))

    assert feeding == Feeding(feeds={"x": Feed(key="in")}, notes=(ONE_ROW,))


@pytest.mark.parametrize("kind", [TensorKind.RAGGED, TensorKind.SPARSE])
def test_ragged_and_sparse_inputs_are_refused(kind: TensorKind) -> None:
    declared = facts(tensor(None, 28, 28, kind=kind))

    with pytest.raises(Ungradable) as caught:
        feeding_for(declared, contract(x=IMAGE))

    assert (str(caught.value), caught.value.hint) == (
        f"E_INPUT_SHAPE: the model takes {kind} inputs for 'x', the task gives dense "
        "arrays",
        f"Begin the model with Input((28, 28)), without {kind}=True; inside, a layer "
        "may turn it into what the others want.",
    )


TWO = contract(num=numbers(6), seq=numbers(12))


def test_a_saved_model_gets_its_inputs_by_their_names() -> None:
    declared = saved(tensor(None, 12, name="seq"), tensor(None, 6, name="num"))

    feeding = feeding_for(declared, TWO)

    assert feeding == Feeding(feeds={"num": Feed(key="num"), "seq": Feed(key="seq")})


def test_names_of_tensors_are_the_models_behind_what_tensorflow_adds() -> None:
    declared = lite(
        tensor(None, 12, name="serving_default_seq:0"),
        tensor(None, 6, name="serving_default_num:0"),
    )

    feeding = feeding_for(declared, TWO)

    assert feeding == Feeding(
        feeds={
            "num": Feed(key="serving_default_num:0"),
            "seq": Feed(key="serving_default_seq:0"),
        }
    )


def test_without_names_the_only_way_in_which_shapes_fit_is_taken() -> None:
    declared = saved(tensor(None, 12, 1, name="args_0"), tensor(None, 6, name="args_1"))

    feeding = feeding_for(declared, TWO)

    assert feeding == Feeding(
        feeds={
            "num": Feed(key="args_1"),
            "seq": Feed(key="args_0", axes=(0, None)),
        },
        notes=(
            "inputs by position or shape: num is 'args_1', seq is 'args_0'",
            "seq: (None, 12) given as (None, 12, 1)",
        ),
    )


def test_what_fits_without_a_cast_comes_first() -> None:
    declared = saved(
        tensor(None, 6, name="a", dtype="int32"), tensor(None, 6, name="b")
    )
    both = contract(num=numbers(6), ids=numbers(6, dtype="int32"))

    feeding = feeding_for(declared, both)

    assert {name: feed.key for name, feed in feeding.feeds.items()} == {
        "num": "b",
        "ids": "a",
    }


@pytest.mark.parametrize(
    ("declared", "theirs"),
    [
        (
            saved(tensor(None, None, name="a"), tensor(None, None, name="b\n")),
            "'a' (None, None) and 'b\\n' (None, None)",
        ),
        (
            lite(tensor(1, 3, name="a"), tensor(1, 6, name="b")),
            "'a' (1, 3) and 'b' (1, 6)",
        ),
    ],
    ids=["two-ways", "no-way"],
)
def test_inputs_that_nobody_can_tell_apart_are_named_on_both_sides(
    declared: Facts, theirs: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        feeding_for(declared, TWO)

    assert (str(caught.value), caught.value.hint) == (
        f"E_INPUT_SHAPE: the model takes {theirs}, the task gives 'num' (None, 6) and "
        "'seq' (None, 12); neither names nor shapes tell which is which",
        NAMES_HINT,
    )


def test_inputs_of_keras_files_are_known_by_position() -> None:
    declared = facts(tensor(None, 6, name="a"), tensor(None, 12, 1, name="b"))

    feeding = feeding_for(declared, TWO)

    assert feeding == Feeding(
        feeds={"num": Feed(key="a"), "seq": Feed(key="b", axes=(0, None))},
        notes=(
            "inputs by position or shape: num is 'a', seq is 'b'",
            "seq: (None, 12) given as (None, 12, 1)",
        ),
    )


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            contract(x=IMAGE),
            "E_DTYPE: the model takes string inputs, the task gives float32",
        ),
        (TWO, "E_INPUT_SHAPE: the model takes 1 inputs, the task gives 2"),
    ],
)
def test_an_estimator_that_takes_examples_is_to_be_exported_anew(
    given: Contract, text: str
) -> None:
    declared = saved(tensor(None, name="examples", dtype="string"))

    with pytest.raises(Ungradable) as caught:
        feeding_for(declared, given)

    assert (str(caught.value), caught.value.hint) == (
        text,
        "Export the Estimator with build_raw_serving_input_receiver_fn.",
    )
