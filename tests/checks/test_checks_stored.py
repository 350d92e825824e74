"""Checks of stored weights and of connections: who passes, who cheats."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.checks import Model
from pytest_tfgrade.core.facts import Layer, StoredVariable, StoredWeights

Ask = Callable[..., Any]
MakeModel = Callable[..., Model]

BASE = Path("/rubrics/base.keras")


def layer(
    name: str,
    class_name: str = "Dense",
    *,
    inbound: str = "",
    on_path: bool | None = True,
    layers: tuple[Layer, ...] = (),
    **config: Any,
) -> Layer:
    """Return a layer; ``inbound`` holds names with spaces between."""
    if class_name in {"Dense", "Conv2D"}:
        config = {"kernel_initializer": "glorot", **config}
    return Layer(
        name=name,
        class_name=class_name,
        module=None,
        registered_name=None,
        config=config,
        layers=layers,
        inbound=tuple(inbound.split()),
        on_path=on_path,
    )


def variable(
    path: str = "vars/0",
    layer: str | None = None,
    content: str = "a",
    *,
    shape: tuple[int, ...] = (10,),
    **more: Any,
) -> StoredVariable:
    """Return a variable; ``content`` stands for its values."""
    fields = {"dtype": "float32", "sha256": content * 64, "nonfinite": 0, **more}
    return StoredVariable(path=path, layer=layer, shape=shape, **fields)


def stored(*model: StoredVariable, optimizer: Any = ()) -> StoredWeights:
    return StoredWeights(model=model, optimizer=tuple(optimizer))


def counter(steps: float, path: str = "optimizer/vars/0") -> StoredVariable:
    return variable(path, shape=(), dtype="int64", values=(steps,))


@pytest.mark.parametrize(
    "path",
    [
        "optimizer/vars/0",
        "_optimizer/vars/0",
        "optimizer/inner_optimizer/vars/0",
        "optimizer_weights/adam_2/iteration",
        "optimizer_weights/iteration:0",
        "optimizer_weights/Adam/iter:0",
        "optimizer_weights/training/Adam/iterations:0",
        "optimizer/iter/.ATTRIBUTES/VARIABLE_VALUE",
        "optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE",
    ],
)
def test_steps_of_the_optimizer_show_training(
    path: str, model: MakeModel, ask: Ask
) -> None:
    subject = model(stored=stored(optimizer=[counter(120, path)]))

    said = ask("model.trained", subject, min_=100)

    assert (said.texts, said.value) == ((True, "trained for 120 steps", None), 120)


@pytest.mark.parametrize(
    ("optimizer", "rationale"),
    [
        pytest.param(
            [], "the file holds no optimizer state", id="saved-without-the-optimizer"
        ),
        pytest.param(
            [counter(0)],
            "trained for 0 steps, required >= 1",
            id="compiled-and-never-fitted",
        ),
        pytest.param(
            [counter(900, "layers/sequential/optimizer/vars/0"), counter(0)],
            "trained for 0 steps, required >= 1",
            id="only-the-base-was-trained",
        ),
        pytest.param(
            [counter(float("nan"))], "trained for 0 steps, required >= 1", id="nan"
        ),
        pytest.param(
            [variable("optimizer/vars/2", shape=())],
            "trained for 0 steps, required >= 1",
            id="no-counter",
        ),
    ],
)
def test_a_model_that_was_not_trained_does_not_pass_as_trained(
    optimizer: list[StoredVariable], rationale: str, model: MakeModel, ask: Ask
) -> None:
    said = ask("model.trained", model(stored=stored(optimizer=optimizer)))

    assert (said.passed, said.rationale) == (False, rationale)


@pytest.mark.parametrize(("zeros", "passed"), [(9, True), (10, False)])
def test_averages_of_gradients_that_are_all_zero_show_no_training(
    zeros: int, passed: bool, model: MakeModel, ask: Ask
) -> None:
    slot = variable("optimizer/vars/2", zeros=zeros)
    subject = model(stored=stored(variable(), optimizer=[counter(7), slot]))

    said = ask("model.trained", subject, slots=True)

    assert said.passed is passed


def test_a_learning_rate_is_no_average_of_gradients(model: MakeModel, ask: Ask) -> None:
    rate = variable("optimizer/vars/1", shape=())
    scale = variable("layers/dense/vars/1", shape=())
    subject = model(stored=stored(scale, optimizer=[counter(7), rate]))

    said = ask("model.trained", subject, slots=True)

    assert said.texts == (
        False,
        "the optimizer holds no averages of gradients",
        "Train with an optimizer that keeps some, as Adam.",
    )


def test_finite_weights_pass(model: MakeModel, ask: Ask) -> None:
    subject = model(
        stored=stored(variable(), optimizer=[variable("optimizer/vars/2", nonfinite=3)])
    )

    said = ask("model.finite", subject)

    assert said.texts == (True, "all weights are finite", None)


def test_weights_that_are_no_numbers_are_named_by_their_layers(
    model: MakeModel, ask: Ask
) -> None:
    broken = [variable(layer=name, nonfinite=2) for name in "abcd"]
    subject = model(
        stored=stored(variable(layer="fine"), variable("odd/0", nonfinite=1), *broken)
    )

    said = ask("model.finite", subject)

    assert (said.texts, said.value) == (
        (
            False,
            "9 weights are NaN or infinite, in 'odd/0', 'a', 'b' and 2 more",
            "Train with a smaller learning rate or with clipping (clipnorm).",
        ),
        9,
    )


@pytest.fixture
def on_base(model: MakeModel) -> MakeModel:
    """Return a model of two layers in ``net`` and a head, beside a base of the two."""
    reference = model(
        stored=stored(
            variable("layers/conv2d/vars/0", "c1", "a", shape=(60,)),
            variable("layers/conv2d_1/vars/0", "c2", "b", shape=(40,)),
        )
    )

    def make(
        first: str = "a",
        second: str = "b",
        *,
        on_path: bool | None = True,
        frozen: bool = False,
        **settings: Any,
    ) -> Model:
        inner = tuple(
            layer(name, "Conv2D", on_path=on_path, **settings) for name in ("x", "y")
        )
        net = layer(
            "net", "Functional", layers=inner, on_path=on_path, trainable=not frozen
        )
        within = ("net",)
        return model(
            net,
            layer("head"),
            references={BASE: reference},
            stored=stored(
                variable("v/0", "x", first, shape=(60,), within=within),
                variable("v/1", "y", second, shape=(40,), within=within),
                variable("v/2", "head", "c"),
            ),
        )

    return make


def test_a_model_that_keeps_the_base_is_built_on_it(
    on_base: MakeModel, ask: Ask
) -> None:
    said = ask("model.base", on_base(), base=BASE)

    assert (said.texts, said.value) == ((True, "100% of the base kept", None), 1)


def test_a_model_trained_from_scratch_is_not_built_on_the_base(
    on_base: MakeModel, ask: Ask
) -> None:
    said = ask("model.base", on_base("d", "e"), base=BASE)

    assert said.texts == (
        False,
        "0% of the base kept, required >= 90%",
        "Build on the given base with its weights, and keep them as they are.",
    )


def test_a_base_off_the_path_is_decoration(on_base: MakeModel, ask: Ask) -> None:
    said = ask("model.base", on_base(on_path=False), base=BASE)

    assert (said.passed, said.rationale, said.value) == (
        False,
        "the base is in the file, but not between the model's input and output",
        0,
    )


def test_weights_that_no_layer_holds_are_decoration(model: MakeModel, ask: Ask) -> None:
    reference = model(stored=stored(variable()))
    subject = model(
        layer("head"), references={BASE: reference}, stored=stored(variable("x/0"))
    )

    said = ask("model.base", subject, base=BASE)

    assert (said.passed, said.value) == (False, 0)


def test_where_nobody_can_say_what_is_used_the_base_counts(
    on_base: MakeModel, ask: Ask
) -> None:
    said = ask("model.base", on_base(on_path=None), base=BASE)

    assert said.passed


@pytest.mark.parametrize(
    ("shared", "passed"),
    [
        pytest.param("0.6", True, id="the-bound-itself-passes"),
        pytest.param("0.61", False, id="above-it"),
    ],
)
def test_a_share_of_the_base_is_counted_in_parameters(
    shared: str, passed: bool, on_base: MakeModel, ask: Ask
) -> None:
    said = ask("model.base", on_base("a", "e"), base=BASE, shared=Decimal(shared))

    assert (said.passed, said.value) == (passed, 0.6)


def test_one_array_of_the_base_counts_once(model: MakeModel, ask: Ask) -> None:
    reference = model(stored=stored(variable("v/0"), variable("v/1")))
    twice = variable("v/0", "one")
    subject = model(layer("one"), references={BASE: reference}, stored=stored(twice))

    said = ask("model.base", subject, base=BASE)

    assert (said.passed, said.value) == (False, 0.5)


@pytest.mark.parametrize(
    "settings", [{"frozen": True}, {"trainable": False}], ids=["around", "own"]
)
def test_layers_are_frozen_by_themselves_or_by_the_model_around_them(
    settings: dict[str, bool], on_base: MakeModel, ask: Ask
) -> None:
    said = ask("model.base", on_base(**settings), base=BASE, frozen=True)

    assert said.passed


def test_a_base_that_could_have_been_trained_is_not_frozen(
    on_base: MakeModel, ask: Ask
) -> None:
    said = ask("model.base", on_base(), base=BASE, frozen=True)

    assert said.texts == (
        False,
        "layers of the base are not frozen: 'x', 'y'",
        "Set base.trainable = False before you compile the model.",
    )


@pytest.mark.parametrize(("second", "passed"), [("e", True), ("b", False)])
def test_fine_tuning_changes_a_part_of_the_base(
    second: str, passed: bool, on_base: MakeModel, ask: Ask
) -> None:
    said = ask(
        "model.base",
        on_base("a", second),
        base=BASE,
        shared=Decimal("0.5"),
        changed=Decimal("0.4"),
    )

    assert said.passed is passed
    assert passed or said.rationale == "100% of the base kept, required <= 60%"


def test_a_base_without_weights_is_the_graders_fault(
    model: MakeModel, ask: Ask
) -> None:
    subject = model(references={BASE: model()})

    with pytest.raises(ValueError, match="the base holds no weights"):
        ask("model.base", subject, base=BASE)


ResidualLayers = tuple[Layer, ...]

IDENTITY = (
    layer("in", "InputLayer"),
    layer("a", inbound="in"),
    layer("relu", "ReLU", inbound="a"),
    layer("b", inbound="relu"),
    layer("add", "Add", inbound="a b"),
)
PROJECTED = (
    layer("in", "InputLayer"),
    layer("a", "Conv2D", inbound="in"),
    layer("b", "Conv2D", inbound="a"),
    layer("norm", "BatchNormalization", inbound="b"),
    layer("short", "Conv2D", inbound="in"),
    layer("add", "Add", inbound="norm short"),
)
POOLED = (
    layer("in", "InputLayer"),
    layer("a", "Conv2D", inbound="in"),
    layer("pool", "MaxPooling2D", inbound="in"),
    layer("add", "Add", inbound="a pool"),
)
U_NET = (
    layer("in", "InputLayer"),
    layer("a", "Conv2D", inbound="in"),
    layer("b", "Conv2D", inbound="a"),
    layer("join", "Concatenate", inbound="a b"),
)
OPERATOR = (
    *IDENTITY[:-1],
    layer("plus", "TFOpLambda", inbound="a b", function="__operators__.add"),
)
DECORATION = (*IDENTITY[:-1], layer("add", "Add", inbound="a b", on_path=False))
PARALLEL = (
    layer("in", "InputLayer"),
    layer("a", inbound="in"),
    layer("b", inbound="in"),
    layer("add", "Add", inbound="a b"),
)
DOUBLED = (
    layer("in", "InputLayer"),
    layer("a", inbound="in"),
    layer("add", "Add", inbound="a"),
)
WITHOUT_WEIGHTS = (
    layer("in", "InputLayer"),
    layer("relu", "ReLU", inbound="in"),
    layer("norm", "BatchNormalization", inbound="relu"),
    layer("add", "Add", inbound="in norm"),
)


@pytest.mark.parametrize(
    ("layers", "parameters"),
    [
        pytest.param(IDENTITY, {"projection": False}, id="identity"),
        pytest.param(OPERATOR, {}, id="an-operator"),
        pytest.param(PROJECTED, {}, id="a-1x1-convolution-on-the-shortcut"),
        pytest.param(POOLED, {}, id="pooling-on-the-shortcut"),
        pytest.param(U_NET, {"concatenate": True}, id="u-net"),
        pytest.param(
            (layer("net", "Functional", layers=IDENTITY),), {}, id="in-a-nested-model"
        ),
    ],
)
def test_a_tensor_added_to_what_was_made_of_it_is_a_skip_connection(
    layers: ResidualLayers, parameters: dict[str, Any], model: MakeModel, ask: Ask
) -> None:
    said = ask("model.residual", model(*layers), **parameters)

    assert (said.texts, said.value) == ((True, "1 skip connection", None), 1)


@pytest.mark.parametrize(
    ("layers", "parameters"),
    [
        pytest.param((layer("a"), layer("b", inbound="a")), {}, id="a-plain-chain"),
        pytest.param(DECORATION, {}, id="off-the-path"),
        pytest.param(PARALLEL, {}, id="two-branches"),
        pytest.param(DOUBLED, {}, id="a-tensor-added-to-itself"),
        pytest.param(WITHOUT_WEIGHTS, {}, id="around-nothing-that-learns"),
        pytest.param(U_NET, {}, id="joined-not-added"),
        pytest.param(
            PROJECTED, {"projection": False}, id="projected-where-that-is-not-asked"
        ),
        pytest.param(
            tuple(
                layer(one.name, one.class_name, on_path=None, **one.config)
                for one in IDENTITY
            ),
            {},
            id="a-custom-class",
        ),
    ],
)
def test_what_only_looks_like_a_skip_connection_does_not_count(
    layers: ResidualLayers, parameters: dict[str, Any], model: MakeModel, ask: Ask
) -> None:
    said = ask("model.residual", model(*layers), **parameters)

    assert said.texts == (
        False,
        "0 skip connections, required >= 1",
        "Join the input of a block with its output by Add.",
    )


def test_skip_connections_are_counted(model: MakeModel, ask: Ask) -> None:
    block = (
        layer("c", inbound="add"),
        layer("again", "Add", inbound="add c"),
    )

    said = ask("model.residual", model(*IDENTITY, *block), min_=3)

    assert (said.rationale, said.value) == ("2 skip connections, required >= 3", 2)


@pytest.mark.parametrize(
    ("check", "parameters", "expected"),
    [
        ("model.trained", {"min_": 1}, []),
        (
            "model.trained",
            {"min_": 0},
            [("min", "min 0 asks for no training; write 1 or more")],
        ),
        ("model.residual", {"min_": 2}, []),
        (
            "model.residual",
            {"min_": 0},
            [("min", "min 0 is met by any model; write 1 or more")],
        ),
        ("model.base", {"shared": Decimal("0.9"), "changed": Decimal("0.1")}, []),
        (
            "model.base",
            {"shared": Decimal(90), "changed": Decimal(0)},
            [("shared", "shared 90 is no share; write more than 0, at most 1")],
        ),
        (
            "model.base",
            {"shared": Decimal("0.9"), "changed": Decimal("0.2")},
            [("changed", "changed 0.2 leaves no model that can pass; write 0 to 0.1")],
        ),
    ],
)
def test_parameters_that_make_no_sense_are_found_when_the_rubric_is_read(
    check: str,
    parameters: dict[str, Any],
    expected: list[tuple[str, str]],
    problems: Callable[..., list[tuple[str, str]]],
) -> None:
    assert problems(check, **parameters) == expected
