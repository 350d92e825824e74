"""Compile settings in the forms that Keras 3 and Keras 2 save."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_tfgrade.checks import Model
from pytest_tfgrade.core.contract import Contract, OutputKind, OutputSpec
from pytest_tfgrade.core.facts import Layer, Tensor

if TYPE_CHECKING:
    from conftest import Ask

MakeModel = Callable[..., Model]
Problems = Callable[..., list[tuple[str, str]]]
Texts = tuple[bool, str, str | None]

TWO = Contract(
    inputs={},
    outputs={
        "kind": OutputSpec(shape=(None, 3), kind=OutputKind.PROBABILITIES),
        "price": OutputSpec(shape=(None, 1)),
    },
)


def saved(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


ADAM = saved("Adam", learning_rate=0.0010000000474974513, clipnorm=None)
CLIPPED = saved("SGD", learning_rate=0.05, momentum=0.9, clipvalue=0.5)
DECAY = saved("CosineDecay", initial_learning_rate=0.01, decay_steps=100)
SCHEDULED = saved("Adam", learning_rate=DECAY)
CROSSENTROPY = "sparse_categorical_crossentropy"


def compiled(model: MakeModel, optimizer: Any = ADAM, **settings: Any) -> Model:
    said = {"optimizer": optimizer, "loss": CROSSENTROPY, "metrics": None}
    return model(compile_settings=said | settings)


def two_ends(model: MakeModel, **settings: Any) -> Model:
    kind = Tensor(name="kind", shape=(None, 3), dtype="float32")
    price = Tensor(name="price", shape=(None, 1), dtype="float32")
    return model(
        contract=TWO,
        outputs=(kind, price),
        compile_settings={"optimizer": ADAM, **settings},
    )


@pytest.mark.parametrize("settings", [None, {}, {"optimizer": None, "loss": "mse"}])
def test_a_model_that_was_not_compiled_fails(
    ask: "Ask", model: MakeModel, settings: dict[str, Any] | None
) -> None:
    told = ask("model.compile", model(compile_settings=settings))

    assert told.texts == (
        False,
        "the model was saved without compile settings",
        "Call model.compile(...) and fit(...), then save the whole model.",
    )


def test_a_compiled_model_says_with_what(ask: "Ask", model: MakeModel) -> None:
    told = ask("model.compile", compiled(model))

    assert told.texts == (
        True,
        "compiled with Adam, sparse_categorical_crossentropy",
        None,
    )


# optimizer


@pytest.mark.parametrize(
    "optimizer",
    [
        ADAM,
        "adam",
        saved("Custom>Adam", learning_rate=0.001),
        saved("LossScaleOptimizer", inner_optimizer=ADAM),
        saved("Adam", lr=0.001),
    ],
    ids=["object", "name", "keras-2", "mixed-precision", "before-keras-2.3"],
)
@pytest.mark.parametrize("asked", ["Adam", "adam", ["SGD", "Adam"], "Ada*"])
def test_an_optimizer_is_known_in_every_form(
    ask: "Ask", model: MakeModel, optimizer: Any, asked: str | list[str]
) -> None:
    told = ask(
        "model.compile",
        compiled(model, optimizer),
        optimizer=asked,
        optimizer_config={"learning_rate": 0.001},
    )

    assert told.passed


@pytest.mark.parametrize(
    ("optimizer", "parameters", "texts"),
    [
        (
            CLIPPED,
            {"optimizer": ["Adam", "AdamW"]},
            (
                "the optimizer is SGD, required Adam or AdamW",
                "Compile the model with Adam or AdamW.",
            ),
        ),
        (
            CLIPPED,
            {"optimizer_config": {"learning_rate": "<= 0.01"}},
            (
                "learning_rate of the optimizer is 0.05, required <= 0.01",
                "Set learning_rate of the optimizer.",
            ),
        ),
        (
            "sgd",
            {"optimizer_config": {"momentum": "> 0"}},
            (
                "momentum of the optimizer is not set, required > 0",
                "Set momentum of the optimizer.",
            ),
        ),
        (
            SCHEDULED,
            {"optimizer_config": {"learning_rate": "< 0.01"}},
            (
                "learning_rate of the optimizer is 0.01, required < 0.01",
                "Set learning_rate of the optimizer.",
            ),
        ),
        (
            saved("Mine\n"),
            {"optimizer": "Adam"},
            (r"the optimizer is Mine\n, required Adam", "Compile the model with Adam."),
        ),
    ],
)
def test_another_optimizer_or_setting_fails(
    ask: "Ask",
    model: MakeModel,
    optimizer: Any,
    parameters: dict[str, Any],
    texts: tuple[str, str],
) -> None:
    told = ask("model.compile", compiled(model, optimizer), **parameters)

    assert told.texts == (False, *texts)


@pytest.mark.parametrize(
    ("optimizer", "rate"), [("sgd", 0.01), ("rmsprop", 0.001), ("lion", 0.0001)]
)
def test_an_optimizer_without_settings_has_its_own_rate(
    ask: "Ask", model: MakeModel, optimizer: str, rate: float
) -> None:
    told = ask(
        "model.compile",
        compiled(model, optimizer),
        optimizer_config={"learning_rate": rate},
    )

    assert told.passed


# schedule

SCHEDULE = "Give the optimizer a schedule of keras.optimizers.schedules."


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        (SCHEDULED, True),
        (SCHEDULED, "CosineDecay"),
        (SCHEDULED, ["ExponentialDecay", "Cosine*"]),
        (ADAM, False),
        ("adam", False),
    ],
)
def test_the_schedule_asked_for_passes(
    ask: "Ask", model: MakeModel, optimizer: Any, schedule: Any
) -> None:
    told = ask("model.compile", compiled(model, optimizer), schedule=schedule)

    assert told.passed


@pytest.mark.parametrize(
    ("optimizer", "schedule", "texts"),
    [
        (
            ADAM,
            True,
            ("the learning rate is constant, required a schedule", SCHEDULE),
        ),
        (
            ADAM,
            "CosineDecay",
            ("the learning rate is constant, required CosineDecay", SCHEDULE),
        ),
        (
            SCHEDULED,
            "ExponentialDecay",
            (
                "the learning rate follows CosineDecay, required ExponentialDecay",
                SCHEDULE,
            ),
        ),
        (
            SCHEDULED,
            False,
            (
                "the learning rate follows CosineDecay, required a constant one",
                "Give the optimizer a number.",
            ),
        ),
    ],
)
def test_another_schedule_fails(
    ask: "Ask",
    model: MakeModel,
    optimizer: Any,
    schedule: Any,
    texts: tuple[str, str],
) -> None:
    told = ask("model.compile", compiled(model, optimizer), schedule=schedule)

    assert told.texts == (False, *texts)


# clipping


@pytest.mark.parametrize(
    ("optimizer", "clipping", "texts"),
    [
        (CLIPPED, True, (True, "compiled with SGD, " + CROSSENTROPY, None)),
        (ADAM, False, (True, "compiled with Adam, " + CROSSENTROPY, None)),
        (
            ADAM,
            True,
            (
                False,
                "gradients are not clipped",
                "Set clipnorm or clipvalue of the optimizer.",
            ),
        ),
        (
            CLIPPED,
            False,
            (False, "gradients are clipped: clipvalue", "Leave out clipvalue."),
        ),
    ],
)
def test_clipping_is_a_setting_of_the_optimizer(
    ask: "Ask", model: MakeModel, optimizer: Any, clipping: bool, texts: Texts
) -> None:
    told = ask("model.compile", compiled(model, optimizer), clipping=clipping)

    assert told.texts == texts


# loss


@pytest.mark.parametrize(
    "loss",
    [
        *("mse", "MSE", "mean_squared_error", "MeanSquaredError"),
        saved("MeanSquaredError", name="any", reduction="auto"),
        saved("function") | {"config": "mean_squared_error"},
        saved("LossFunctionWrapper", fn="mean_squared_error"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("asked", ["mse", "MeanSquaredError", ["mae", "*_error"]])
def test_a_loss_is_known_in_every_form(
    ask: "Ask", model: MakeModel, loss: Any, asked: str | list[str]
) -> None:
    told = ask("model.compile", compiled(model, loss=loss), loss=asked)

    assert told.texts == (True, "compiled with Adam, mean_squared_error", None)


@pytest.mark.parametrize(
    ("loss", "rationale"),
    [
        ("mae", "the loss is mean_absolute_error, required mse or huber"),
        ("own\x1b[2J", r"the loss is own\x1b[2J, required mse or huber"),
        (None, "there is no loss, required mse or huber"),
    ],
)
def test_another_loss_fails(
    ask: "Ask", model: MakeModel, loss: str | None, rationale: str
) -> None:
    told = ask("model.compile", compiled(model, loss=loss), loss=["mse", "huber"])

    assert told.texts == (False, rationale, "Compile the model with loss='mse'.")


@pytest.mark.parametrize(
    "loss",
    [
        {"kind": "categorical_crossentropy", "price": "mse"},
        ["categorical_crossentropy", "mse"],
        {"kind": saved("CategoricalCrossentropy"), "price": saved("MeanSquaredError")},
    ],
    ids=["by-name", "in-order", "objects"],
)
def test_each_output_has_a_loss_of_its_own(
    ask: "Ask", model: MakeModel, loss: Any
) -> None:
    wanted = {"kind": "CategoricalCrossentropy", "price": ["mae", "mse"]}

    told = ask("model.compile", two_ends(model, loss=loss), losses=wanted)

    assert told.texts == (
        True,
        "compiled with Adam, categorical_crossentropy, mean_squared_error",
        None,
    )


@pytest.mark.parametrize(
    ("loss", "rationale"),
    [
        ("mse", "the loss of 'kind' is mean_squared_error, required *_crossentropy"),
        ({"price": "mse"}, "there is no loss of 'kind', required *_crossentropy"),
    ],
)
def test_an_output_with_another_loss_is_named(
    ask: "Ask", model: MakeModel, loss: Any, rationale: str
) -> None:
    told = ask(
        "model.compile", two_ends(model, loss=loss), losses={"kind": "*_crossentropy"}
    )

    hint = "Compile the model with loss='*_crossentropy' for it."
    assert told.texts == (False, rationale, hint)


@pytest.mark.parametrize(
    ("weights", "texts"),
    [
        ({"price": 0.5}, (True, "compiled with Adam, mean_squared_error", None)),
        ([1.0, 0.5], (True, "compiled with Adam, mean_squared_error", None)),
        (
            None,
            (
                False,
                "the loss weight of 'price' is 1, required > 0, < 1",
                "Set loss_weights in model.compile(...).",
            ),
        ),
        (
            {"price": 0.0},
            (
                False,
                "the loss weight of 'price' is 0, required > 0, < 1",
                "Set loss_weights in model.compile(...).",
            ),
        ),
    ],
)
def test_an_output_that_does_not_count_in_training_is_found(
    ask: "Ask", model: MakeModel, weights: Any, texts: Texts
) -> None:
    trained = two_ends(model, loss="mse", loss_weights=weights)

    told = ask("model.compile", trained, loss_weights={"price": "> 0, < 1"})

    assert told.texts == texts


# metrics


@pytest.mark.parametrize(
    "metrics",
    [
        ["accuracy", "mae"],
        [["acc"], ["mean_absolute_error"]],
        {"kind": ["accuracy"], "price": "mae"},
        [saved("SparseCategoricalAccuracy", name="acc"), saved("MeanAbsoluteError")],
        [
            [
                saved("MeanMetricWrapper", name="accuracy", fn="binary_accuracy"),
                saved("MeanMetricWrapper", name="price_mae", fn="mean_absolute_error"),
            ]
        ],
    ],
    ids=["names", "for-each-output", "by-output", "objects", "keras-2"],
)
def test_metrics_are_known_in_every_form(
    ask: "Ask", model: MakeModel, metrics: Any
) -> None:
    told = ask(
        "model.compile", compiled(model, metrics=metrics), metrics=["accuracy", "mae"]
    )

    assert told.passed


@pytest.mark.parametrize(
    ("metrics", "rationale"),
    [
        (["mae"], "compiled with mean_absolute_error, required AUC"),
        (None, "compiled with no metric, required AUC"),
    ],
)
def test_a_missing_metric_is_named(
    ask: "Ask", model: MakeModel, metrics: Any, rationale: str
) -> None:
    told = ask("model.compile", compiled(model, metrics=metrics), metrics=["AUC"])

    assert told.texts == (False, rationale, "Compile the model with metrics=['AUC'].")


# agree


def ending(
    model: MakeModel,
    loss: Any,
    activation: str | None,
    units: int,
    *,
    kind: OutputKind = OutputKind.ANY,
) -> Model:
    """Return a model with a last layer of some units and an activation."""
    last = Layer(
        name="last",
        class_name="Dense",
        module="keras.layers",
        registered_name=None,
        config={"units": units, "activation": activation},
    )
    asked = Contract(
        inputs={}, outputs={"y": OutputSpec(shape=(None, units), kind=kind)}
    )
    return model(
        last,
        contract=asked,
        outputs=(Tensor(name="last", shape=(None, units), dtype=None),),
        last_activation=activation,
        compile_settings={"optimizer": ADAM, "loss": loss},
    )


def from_logits(class_name: str) -> dict[str, Any]:
    return saved(class_name, from_logits=True)


@pytest.mark.parametrize(
    ("loss", "activation", "units"),
    [
        (CROSSENTROPY, "softmax", 10),
        ("categorical_crossentropy", "softmax", 2),
        (from_logits("SparseCategoricalCrossentropy"), "linear", 10),
        (from_logits("BinaryCrossentropy"), None, 1),
        ("binary_crossentropy", "sigmoid", 1),
        ("binary_crossentropy", "sigmoid", 5),
        ("binary_crossentropy", "softmax", 2),
        ("kl_divergence", "softmax", 5),
        ("mse", "linear", 1),
        ("mse", "sigmoid", 1),
        ("mae", "relu", 24),
        ("own_loss", "linear", 3),
        (CROSSENTROPY, "own_activation", 3),
    ],
)
def test_settings_that_belong_together_agree(
    ask: "Ask", model: MakeModel, loss: Any, activation: str | None, units: int
) -> None:
    told = ask("model.compile", ending(model, loss, activation, units), agree=True)

    assert told.passed


@pytest.mark.parametrize(
    ("end", "texts"),
    [
        (
            (from_logits("SparseCategoricalCrossentropy"), "softmax", 10),
            (
                "sparse_categorical_crossentropy with from_logits=True "
                "applies softmax once more",
                "Leave out from_logits=True, or the softmax activation.",
            ),
        ),
        (
            (from_logits("BinaryCrossentropy"), "sigmoid", 1),
            (
                "binary_crossentropy with from_logits=True applies sigmoid once more",
                "Leave out from_logits=True, or the sigmoid activation.",
            ),
        ),
        (
            (CROSSENTROPY, None, 10),
            (
                "sparse_categorical_crossentropy needs probabilities, "
                "and the last activation is linear",
                "End the model with softmax, or set from_logits=True.",
            ),
        ),
        (
            (saved("BinaryCrossentropy", from_logits=False), "relu", 1),
            (
                "binary_crossentropy needs probabilities, and the "
                "last activation is relu",
                "End the model with sigmoid, or set from_logits=True.",
            ),
        ),
        (
            ("kld", "tanh", 4),
            (
                "kl_divergence needs probabilities, and the last activation is tanh",
                "End the model with softmax.",
            ),
        ),
        (
            ("binary_crossentropy", "softmax", 1),
            (
                "softmax over 1 unit is always 1",
                "Use sigmoid with 1 unit, or softmax with a unit for each class.",
            ),
        ),
        (
            ("categorical_crossentropy", "sigmoid", 1),
            (
                "categorical_crossentropy compares classes, and the output has 1 unit",
                "Use binary_crossentropy, or a unit for each class.",
            ),
        ),
        (
            ("binary_crossentropy", "softmax", 10),
            (
                "binary_crossentropy takes each unit alone, and softmax is over 10",
                "Use categorical_crossentropy for one class of several, or sigmoid for "
                "several at once.",
            ),
        ),
        (
            ("mse", "softmax", 24),
            (
                "mean_squared_error is for plain numbers,"
                " and softmax makes them sum to 1",
                "End the model with a linear activation.",
            ),
        ),
        (
            (None, "softmax", 10),
            ("the model was compiled without a loss", "Compile the model with a loss."),
        ),
    ],
)
def test_settings_that_cannot_belong_together_are_told_apart(
    ask: "Ask",
    model: MakeModel,
    end: tuple[Any, str | None, int],
    texts: tuple[str, str],
) -> None:
    ended = ending(model, *end)

    told = ask("model.compile", ended, agree=True)

    assert told.texts == (False, *texts)
    assert ask("model.compile", ended).passed


def test_the_squared_error_of_probabilities_is_a_score_of_its_own(
    ask: "Ask", model: MakeModel
) -> None:
    brier = ending(model, "mse", "softmax", 3, kind=OutputKind.PROBABILITIES)

    told = ask("model.compile", brier, agree=True)

    assert told.passed


def test_the_output_that_does_not_agree_is_named(ask: "Ask", model: MakeModel) -> None:
    told = ask(
        "model.compile",
        two_ends(model, loss={"kind": "mae", "price": CROSSENTROPY}),
        agree=True,
    )

    assert told.texts == (
        False,
        "'price': sparse_categorical_crossentropy compares classes, "
        "and the output has 1 unit",
        "Use binary_crossentropy, or a unit for each class.",
    )


@pytest.mark.parametrize(
    ("between", "passes"), [("Flatten", False), ("Rescaling", True)]
)
def test_only_what_is_certain_is_held_against_a_model(
    ask: "Ask", model: MakeModel, between: str, passes: bool
) -> None:
    dense, last = (
        Layer(
            name=name,
            class_name=class_name,
            module="keras.layers",
            registered_name=None,
            config=config,
            inbound=after,
        )
        for name, class_name, config, after in (
            ("dense", "Dense", {"activation": "linear"}, ()),
            ("last", between, {}, ("dense",)),
        )
    )
    ended = model(
        dense,
        last,
        outputs=(Tensor(name="last", shape=(None, 3), dtype=None),),
        last_activation="linear",
        compile_settings={"optimizer": ADAM, "loss": CROSSENTROPY},
    )

    told = ask("model.compile", ended, agree=True)

    assert told.passed is passes


# What is wrong with parameters


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        (
            {
                "optimizer": ["adam", "SGD"],
                "optimizer_config": {"momentum": "> 0", "learning_rate": "<= 0.01"},
                "schedule": "CosineDecay",
                "loss": "mse",
                "losses": {"kind": "*_crossentropy", "price": ["mae", "Course>own"]},
                "loss_weights": {"price": "> 0"},
                "metrics": ["acc", "AUC", "huber", "r2_score"],
            },
            [],
        ),
        ({"schedule": True}, []),
        (
            {"optimizer": "Adamm"},
            [("optimizer", "unknown optimizer 'Adamm'; did you mean 'Adam'?")],
        ),
        (
            {"optimizer": []},
            [("optimizer", "names no optimizer; write one, or leave optimizer out")],
        ),
        (
            {"optimizer": "Adam", "optimizer_config": {"momentum": 0.9}},
            [
                (
                    "optimizer_config.momentum",
                    "Adam has no setting 'momentum'; did you mean 'ema_momentum'?",
                )
            ],
        ),
        (
            {"optimizer_config": {"learning_rat": 0.9}},
            [
                (
                    "optimizer_config.learning_rat",
                    "an optimizer has no setting 'learning_rat'; "
                    "did you mean 'learning_rate'?",
                )
            ],
        ),
        (
            {"schedule": "CosinDecay"},
            [
                (
                    "schedule",
                    "unknown schedule 'CosinDecay'; did you mean 'CosineDecay'?",
                )
            ],
        ),
        (
            {"loss": "mean_square_error"},
            [
                (
                    "loss",
                    "unknown loss 'mean_square_error'; "
                    "did you mean 'MeanSquaredError'?",
                )
            ],
        ),
        (
            {"losses": {"prize": "mse"}},
            [("losses", "no output 'prize' in the contract; use kind or price")],
        ),
        (
            {"loss_weights": {"prize": "> much"}},
            [
                (
                    "loss_weights",
                    "no output 'prize' in the contract; use kind or price",
                ),
                (
                    "loss_weights",
                    "prize: 'much' is no number; write '>' and a number",
                ),
            ],
        ),
        (
            {"metrics": ["accurracy"]},
            [("metrics", "unknown metric 'accurracy'; did you mean 'Accuracy'?")],
        ),
    ],
)
def test_settings_that_keras_does_not_have_are_said_when_the_rubric_is_read(
    problems: Problems, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert problems("model.compile", contract=TWO, **parameters) == found
