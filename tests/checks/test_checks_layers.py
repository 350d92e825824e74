"""Which layers count, where they lie and in which order data pass through them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_tfgrade.checks import Model
from pytest_tfgrade.core.facts import Layer, StoredVariable, StoredWeights

if TYPE_CHECKING:
    from conftest import Ask

MakeModel = Callable[..., Model]
Problems = Callable[..., list[tuple[str, str]]]
Texts = tuple[bool, str, str | None]

CONNECT = "Connect the layer, so that the output depends on it."


def layer(  # noqa: PLR0913 - all that a check looks at
    class_name: str,
    *inside: Layer,
    name: str | None = None,
    after: tuple[str, ...] = (),
    on_path: bool | None = True,
    module: str | None = "keras.layers",
    registered: str | None = None,
    **config: Any,
) -> Layer:
    return Layer(
        name=name or class_name.lower(),
        class_name=class_name,
        module=module,
        registered_name=registered,
        config=config,
        layers=inside,
        inbound=after,
        on_path=on_path,
    )


def stored(layer: str, *within: str) -> StoredVariable:
    return StoredVariable(
        path="any",
        layer=layer,
        within=within,
        dtype="float32",
        shape=(2,),
        sha256="0" * 64,
        nonfinite=0,
    )


# on_path


def test_a_layer_that_leads_nowhere_does_not_count(
    ask: "Ask", model: MakeModel
) -> None:
    decorated = model(layer("Dense"), layer("Conv2D", on_path=False))

    told = ask("model.layers", decorated, class_="Conv2D")

    assert told.texts == (
        False,
        "0 Conv2D layers, required >= 1; "
        "1 more not on the way from an input to an output",
        CONNECT,
    )


@pytest.mark.parametrize("on_path", [True, None])
def test_a_layer_on_the_way_counts_and_one_nobody_can_judge(
    ask: "Ask", model: MakeModel, on_path: bool | None
) -> None:
    told = ask("model.layers", model(layer("Conv2D", on_path=on_path)), class_="Conv2D")

    assert told.texts == (True, "1 Conv2D layer", None)


def test_a_rubric_can_count_layers_wherever_they_lead(
    ask: "Ask", model: MakeModel
) -> None:
    decorated = model(layer("Conv2D", on_path=False))

    told = ask("model.layers", decorated, class_="Conv2D", on_path=False)

    assert told.passed


# where


@pytest.mark.parametrize(
    ("config", "texts"),
    [
        ({"filters": 16}, (True, "1 Conv2D layer with filters >= 16", None)),
        (
            {"filters": 1},
            (
                False,
                "0 Conv2D layers with filters >= 16, required >= 1; "
                "1 more with other settings",
                "Set filters >= 16.",
            ),
        ),
    ],
)
def test_a_layer_too_small_to_matter_does_not_count(
    ask: "Ask", model: MakeModel, config: dict[str, Any], texts: Texts
) -> None:
    told = ask(
        "model.layers",
        model(layer("Conv2D", **config)),
        class_="Conv2D",
        where={"filters": ">= 16"},
    )

    assert told.texts == texts


def test_dropout_of_nothing_can_be_refused(ask: "Ask", model: MakeModel) -> None:
    told = ask(
        "model.layers",
        model(layer("Dropout", rate=0.0)),
        class_="Dropout",
        where={"rate": "> 0", "trainable": True},
    )

    assert told.texts == (
        False,
        "0 Dropout layers with rate > 0 and trainable true, required >= 1; "
        "1 more with other settings",
        "Set rate > 0 and trainable true.",
    )


# nested


def nested() -> Layer:
    return layer("Functional", layer("TimeDistributed", layer("Conv2D")))


def test_layers_inside_models_and_wrappers_count(ask: "Ask", model: MakeModel) -> None:
    told = ask("model.layers", model(nested()), class_="Conv2D")

    assert told.passed


def test_a_rubric_can_leave_out_what_is_nested(ask: "Ask", model: MakeModel) -> None:
    told = ask("model.layers", model(nested()), class_="Conv2D", nested=False)

    assert told.texts == (
        False,
        "0 Conv2D layers, required >= 1",
        "Add a Conv2D layer.",
    )


@pytest.mark.parametrize("inner", [("LSTM",), ("LSTM", "LSTM")])
def test_both_directions_of_a_wrapper_are_one_layer(
    ask: "Ask", model: MakeModel, inner: tuple[str, ...]
) -> None:
    both = layer("Bidirectional", *map(layer, inner))

    told = ask("model.layers", model(both), class_="LSTM", exact=1)

    assert told.texts == (True, "1 LSTM layer", None)


def test_two_directions_of_different_classes_are_two_layers(
    ask: "Ask", model: MakeModel
) -> None:
    both = layer("Bidirectional", layer("LSTM"), layer("GRU"))

    told = ask("model.layers", model(both), class_=["LSTM", "GRU"], exact=2)

    assert told.passed


# What a name stands for


def test_every_layer_is_no_input_no_model_and_no_operation(
    ask: "Ask", model: MakeModel
) -> None:
    padded = (
        layer("InputLayer"),
        layer("Sequential", layer("Dense")),
        layer("NotEqual", module="keras.src.ops.numpy"),
        layer("NotEqual", module=None),
        layer("TFOpLambda", module=None),
        layer("Dense", module=None),
    )

    told = ask("model.layers", model(*padded), class_="*", min_=3)

    assert told.texts == (False, "2 layers, required >= 3", "Add a layer.")


@pytest.mark.parametrize(
    "class_", ["MaxPool2D", "MaxPooling2D", "keras.layers.MaxPool2D", "Max*2D"]
)
def test_a_class_is_known_by_all_its_names(
    ask: "Ask", model: MakeModel, class_: str
) -> None:
    told = ask("model.layers", model(layer("MaxPooling2D")), class_=class_)

    assert told.passed


@pytest.mark.parametrize(
    ("class_", "passes"),
    [
        ("Dense", False),
        ("keras.layers.Dense", False),
        ("Course>Dense", True),
        ("Course>*", True),
        ("course.Dense", True),
        ("course.Conv2D", False),
        ("other.Dense", False),
    ],
)
def test_a_class_of_ones_own_does_not_pass_for_one_of_keras(
    ask: "Ask", model: MakeModel, class_: str, passes: bool
) -> None:
    own = layer("Dense", module="course.layers", registered="Course>Dense")

    told = ask("model.layers", model(own), class_=class_)

    assert told.passed is passes


# with_weights


@pytest.fixture
def partly_stored(model: MakeModel) -> Model:
    """Two dense layers and a wrapper have weights, pooling and dropout have none."""
    parts = (
        layer("Sequential", layer("Dense"), layer("Dropout"), name="base"),
        layer("MaxPooling2D"),
        layer("Bidirectional", layer("LSTM")),
        layer("Dense", name="head"),
        layer("Dense", name="dropout"),
    )
    weights = (stored("dense", "base"), stored("bidirectional"), stored("head"))
    return model(*parts, stored=StoredWeights(model=weights, optimizer=()))


@pytest.mark.parametrize(
    ("class_", "texts"),
    [
        ("*", (True, "4 layers with weights", None)),
        ("LSTM", (True, "1 LSTM layer with weights", None)),
        (
            "Dropout",
            (
                False,
                "0 Dropout layers with weights, required >= 1; 1 more without weights",
                "Use layers that learn something.",
            ),
        ),
    ],
)
def test_only_layers_that_store_something_have_weights(
    ask: "Ask", partly_stored: Model, class_: str, texts: Texts
) -> None:
    told = ask("model.layers", partly_stored, class_=class_, with_weights=True)

    assert told.texts == texts


# exact


@pytest.mark.parametrize(
    ("exact", "texts"),
    [
        (2, (True, "2 Dense layers", None)),
        (3, (False, "2 Dense layers, required exactly 3", "Add a Dense layer.")),
        (1, (False, "2 Dense layers, required exactly 1", "Use fewer Dense layers.")),
    ],
)
def test_an_exact_number_is_neither_more_nor_less(
    ask: "Ask", model: MakeModel, exact: int, texts: Texts
) -> None:
    told = ask(
        "model.layers",
        model(layer("Dense"), layer("Dense")),
        class_="Dense",
        exact=exact,
    )

    assert told.texts == texts


# order

CLASSIFIER = ("Conv2D", "MaxPooling2D", "Flatten", "Dense")


def in_line(*classes: str) -> tuple[Layer, ...]:
    names = [f"{at}_{class_name}" for at, class_name in enumerate(classes)]
    before = [(), *((name,) for name in names)]
    return tuple(
        layer(class_name, name=name, after=after)
        for class_name, name, after in zip(classes, names, before, strict=False)
    )


@pytest.mark.parametrize(
    "classes",
    [
        CLASSIFIER,
        ("Dense", "Conv2D", "Conv2D", "MaxPooling2D", "Dropout", "Flatten", "Dense"),
    ],
)
def test_layers_in_the_order_asked_for_pass(
    ask: "Ask", model: MakeModel, classes: tuple[str, ...]
) -> None:
    told = ask("model.layers", model(*in_line(*classes)), order=CLASSIFIER)

    assert told.texts == (
        True,
        "Conv2D, MaxPooling2D, Flatten, Dense in this order",
        None,
    )


@pytest.mark.parametrize(
    ("classes", "rationale"),
    [
        (
            ("Flatten", "Dense", "Conv2D", "MaxPooling2D"),
            "no Flatten layer follows Conv2D, MaxPooling2D",
        ),
        (("Conv2D", "Flatten", "Dense"), "there is no MaxPooling2D layer"),
        ((), "there is no Conv2D layer"),
    ],
)
def test_layers_in_another_order_fail(
    ask: "Ask", model: MakeModel, classes: tuple[str, ...], rationale: str
) -> None:
    told = ask("model.layers", model(*in_line(*classes)), order=CLASSIFIER)

    hint = "Use these layers in this order: Conv2D, MaxPooling2D, Flatten, Dense."
    assert told.texts == (False, rationale, hint)


def test_layers_of_two_branches_do_not_follow_each_other(
    ask: "Ask", model: MakeModel
) -> None:
    parallel = (
        layer("InputLayer", name="in"),
        layer("Conv2D", after=("in",)),
        layer("LSTM", after=("in",)),
        layer("Concatenate", after=("conv2d", "lstm")),
    )

    told = ask("model.layers", model(*parallel), order=["Conv2D", "LSTM"])

    assert told.texts == (
        False,
        "no LSTM layer follows Conv2D",
        "Use these layers in this order: Conv2D, LSTM.",
    )


@pytest.mark.parametrize(
    ("order", "passes"),
    [
        (["Embedding", "LSTM", "Dense"], True),
        (["Conv1D", "LSTM"], True),
        (["Embedding", "Conv1D", "Bidirectional"], True),
        (["LSTM", "Conv1D"], False),
        (["Dense", "Conv1D"], False),
        (["LSTM", "LSTM"], False),
    ],
)
def test_data_flow_through_nested_models_and_wrappers(
    ask: "Ask", model: MakeModel, order: list[str], passes: bool
) -> None:
    parts = (
        layer("Embedding"),
        layer(
            "Functional",
            layer("InputLayer", name="inner"),
            layer("Conv1D", after=("inner",)),
            name="base",
            after=("embedding",),
        ),
        layer("Bidirectional", layer("LSTM"), after=("base",)),
        layer("Dense", after=("bidirectional",)),
    )

    told = ask("model.layers", model(*parts), order=order)

    assert told.passed is passes


def test_a_layer_called_again_later_follows_what_comes_before_its_second_call(
    ask: "Ask", model: MakeModel
) -> None:
    shared = (
        layer("Dense", after=("in", "relu")),
        layer("InputLayer", name="in"),
        layer("ReLU", after=("dense",)),
    )

    told = ask("model.layers", model(*shared), order=["ReLU", "Dense"])

    assert told.passed


def test_count_and_order_are_asked_for_together(ask: "Ask", model: MakeModel) -> None:
    told = ask(
        "model.layers",
        model(*in_line("Conv2D", "Conv2D", "Dense")),
        class_="Conv2D",
        min_=2,
        order=["Conv2D", "Dense"],
    )

    assert told.texts == (True, "2 Conv2D layers; Conv2D, Dense in this order", None)


# model.forbid


@pytest.mark.parametrize(
    ("config", "texts"),
    [
        (
            {"units": 5000},
            (
                False,
                "the model uses Dense (dense) with units > 1000",
                "Change these settings.",
            ),
        ),
        ({"units": 1000}, (True, "no Dense layers with units > 1000", None)),
    ],
)
def test_settings_can_be_forbidden(
    ask: "Ask", model: MakeModel, config: dict[str, Any], texts: Texts
) -> None:
    told = ask(
        "model.forbid",
        model(layer("Dense", **config)),
        layers=["Dense"],
        where={"units": "> 1000"},
    )

    assert told.texts == texts


@pytest.mark.parametrize(
    "hidden",
    [
        layer("Sequential", layer("Lambda")),
        layer("TimeDistributed", layer("Sequential", layer("Lambda"))),
        layer("Lambda", on_path=False),
        layer("TFOpLambda", module=None),
    ],
    ids=["in-a-model", "in-a-wrapped-model", "off-the-path", "an-operation"],
)
def test_a_forbidden_layer_cannot_hide(
    ask: "Ask", model: MakeModel, hidden: Layer
) -> None:
    told = ask("model.forbid", model(hidden), layers=["*Lambda"])

    assert not told.passed


# What is wrong with parameters


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"class_": "Conv2D", "where": {"filters": ">= 16, < 64"}}, []),
        ({"class_": ["*Pooling?D", "Course>Gate", "course.Gate", "TFOpLambda"]}, []),
        ({"class_": "keras.ops.NotEqual"}, []),
        ({"class_": "*", "where": {"activation": {"any": ["relu", "elu"]}}}, []),
        ({"class_": "Dense", "where": {"kernel_regularizer.l2": "> 0"}}, []),
        ({"class_": "Course>Gate", "where": {"anything": 1}}, []),
        ({"order": ["Conv2D", "Dense"]}, []),
        (
            {"class_": "Conv2d"},
            [("class", "unknown layer 'Conv2d'; did you mean 'Conv2D'?")],
        ),
        (
            {"class_": "keras.layers.Dens"},
            [("class", "unknown layer 'keras.layers.Dens'; did you mean 'Dense'?")],
        ),
        (
            {"class_": "Maxpool*"},
            [("class", "unknown layer 'Maxpool*'; did you mean 'MaxPool3D'?")],
        ),
        (
            {"class_": "Q"},
            [
                (
                    "class",
                    "unknown layer 'Q'; write Package>Q if it is a course's own",
                )
            ],
        ),
        (
            {"order": ["Conv2D", "Flaten"]},
            [("order", "unknown layer 'Flaten'; did you mean 'Flatten'?")],
        ),
        (
            {"order": ["Conv2D"]},
            [("order", "names fewer than two layers; add one, or use class")],
        ),
        (
            {},
            [("check", "model.layers asks for no layer; add class or order")],
        ),
        (
            {"order": ["Conv2D", "Dense"], "where": {"units": 1}},
            [("check", "where and with_weights choose layers of a class; add class")],
        ),
        (
            {"class_": "Dense", "exact": 2, "max_": 3},
            [("exact", "says it all; remove min and max")],
        ),
        (
            {"class_": "Dense", "exact": 0},
            [("exact", "exact 0 forbids the layer; use the check model.forbid")],
        ),
        ({"class_": "Dense", "min_": -1}, [("min", "must be at least 0, got -1")]),
        (
            {"class_": "Dense", "where": {"unit": 3}},
            [("where.unit", "Dense has no setting 'unit'; did you mean 'units'?")],
        ),
        (
            {"class_": "Flatten", "where": {"units": 3}},
            [("where.units", "Flatten has no setting 'units'; remove it")],
        ),
        (
            {"class_": "Dropout", "where": {"filters": 3}},
            [
                (
                    "where.filters",
                    "Dropout has no setting 'filters'; use noise_shape or rate",
                )
            ],
        ),
        (
            {"class_": "Dense", "where": {}},
            [("where", "names no setting; write one, as {units: 16}")],
        ),
        (
            {"class_": "Dense", "where": {"units": ">= many"}},
            [("where.units", "units: 'many' is no number; write '>=' and a number")],
        ),
        (
            {"class_": "Dense", "where": {"units": "=> 16"}},
            [
                (
                    "where.units",
                    "units: '=> 16' is no comparison; write '>= 16' or a plain value",
                )
            ],
        ),
        (
            {"class_": "Dense", "where": {"units": {"min": 3}}},
            [
                (
                    "where.units",
                    "units: is a mapping; "
                    "write {any: [relu, elu]} for one of several values",
                )
            ],
        ),
    ],
)
def test_what_no_model_could_meet_is_said_when_the_rubric_is_read(
    problems: Problems, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert problems("model.layers", **parameters) == found


def test_a_misspelt_forbidden_layer_would_never_be_found(problems: Problems) -> None:
    found = problems("model.forbid", layers=["Lamda"], where={"units": 1})

    assert found == [("layers", "unknown layer 'Lamda'; did you mean 'Lambda'?")]


def test_a_setting_that_forbidden_layers_lack_is_named(problems: Problems) -> None:
    found = problems("model.forbid", layers=["Dense"], where={"filters": 1})

    names = "activation or lora_alpha or lora_rank or quantization_config or units"
    assert found == [
        ("where.filters", f"Dense has no setting 'filters'; use {names} or use_bias")
    ]
