"""Configurations that would run code or read files, and honest ones beside them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Layer, Weights
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.unsafe import name_custom, require_safe

Object = dict[str, Any]
FactsOf = Callable[..., Facts]


def saved(
    class_name: str, module: str | None = "keras.layers", /, **config: object
) -> Object:
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": class_name.lower(), **config},
        "registered_name": None,
    }


def function(module: str, name: str) -> Object:
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": name,
    }


def model(*layers: Object, **more: object) -> Object:
    return {**saved("Sequential", "keras", layers=list(layers)), **more}


def without_modules(value: Object) -> Object:
    """Return an object as an ``.h5`` file holds it."""
    text = json.dumps(value)
    plain: Object = json.loads(
        text,
        object_hook=lambda found: {
            key: item
            for key, item in found.items()
            if key not in {"module", "registered_name"}
        },
    )
    return plain


def refusal(config: Object) -> tuple[Code, str]:
    with pytest.raises(Ungradable) as caught:
        require_safe(config)
    return caught.value.code, caught.value.rationale


LAMBDA = saved("Lambda", function={"class_name": "__lambda__", "config": {"code": ""}})


@pytest.mark.parametrize(
    "layer",
    [
        LAMBDA,
        saved("TimeDistributed", layer=LAMBDA),
        saved("TimeDistributed", layer=model(saved("Dense"), LAMBDA)),
        saved("Bidirectional", backward_layer=LAMBDA),
        saved("Dense", kernel_initializer=LAMBDA),
        saved("Dense", anything=[{"deep": [LAMBDA]}]),
        {**saved("Dense"), "build_config": {"x": LAMBDA}},
        {**saved("Dense"), "inbound_nodes": [{"args": [LAMBDA], "kwargs": {}}]},
    ],
)
def test_a_lambda_layer_is_found_wherever_it_stands(layer: Object) -> None:
    expected = (
        Code.UNSAFE,
        "layer 'lambda' is a Lambda layer, which holds Python code",
    )

    assert refusal(model(layer)) == expected
    assert refusal(without_modules(model(layer))) == expected


@pytest.mark.parametrize(
    ("layer", "rationale"),
    [
        (
            saved("Dense", activation={"class_name": "__lambda__", "config": {}}),
            "layer 'dense' holds a Python lambda",
        ),
        (
            saved("Dense", activation=function("os", "system")),
            "layer 'dense' names os.system, which is no part of a Keras model",
        ),
        (
            saved("Popen", "subprocess", args=["touch", "x"]),
            "layer 'popen' names subprocess.Popen, which is no part of a Keras model",
        ),
        (
            saved("Dense", activation=function("builtins", "eval")),
            "layer 'dense' names builtins.eval, which is no part of a Keras model",
        ),
        (
            saved("Dense", activation=function("keras.utils", "get_file")),
            "layer 'dense' names keras.utils.get_file, which is no part of a Keras "
            "model",
        ),
        (
            saved("load_model", "keras.models", filepath="/x"),
            "layer 'load_model' names keras.models.load_model, which is no part of a "
            "Keras model",
        ),
        (
            saved("Dense", x=function("keras.config", "enable_unsafe_deserialization")),
            "layer 'dense' switches off the safe mode of Keras",
        ),
        (
            saved("Dense", activation="keras.config.enable_unsafe_deserialization"),
            "layer 'dense' switches off the safe mode of Keras",
        ),
        (
            saved("Dense", activation=function("keras.losses", "deserialize")),
            "layer 'dense' names keras.losses.deserialize, which is no part of a Keras "
            "model",
        ),
        (
            saved("TFSMLayer", filepath="/other/model"),
            "layer 'tfsmlayer' is a TFSMLayer, which loads another model from a path",
        ),
        (
            saved("TorchModuleWrapper", module="gASV"),
            "layer 'torchmodulewrapper' is a TorchModuleWrapper, which holds a pickle",
        ),
        (
            saved("StringLookup", vocabulary="/home/grader/secret.txt"),
            "layer 'stringlookup' reads its vocabulary from a file outside the model",
        ),
        (
            saved("TextVectorization", name="../../x"),
            "layer '../../x' has a name that is a path",
        ),
        (
            saved("Dense", name="../x"),
            "layer '../x' has a name that is a path",
        ),
        (
            saved("TFOpLambda", "keras.src.layers", function="io.read_file"),
            "layer 'tfoplambda' calls tf.io.read_file, which reaches beyond the model",
        ),
        (
            saved("TensorFlowOpLayer", node_def="name: 'x'\nop: 'ReadFile'"),
            "layer 'tensorflowoplayer' holds an operation that reads or writes files",
        ),
        (
            saved("Dense", name="\x1b[31mred", activation=function("os", "system")),
            "layer '\\\\x1b[31mred' names os.system, which is no part of a Keras model",
        ),
    ],
    ids=lambda value: value["class_name"] if isinstance(value, dict) else None,
)
def test_what_could_run_code_or_read_files_is_refused(
    layer: Object, rationale: str
) -> None:
    assert refusal(model(layer)) == (Code.UNSAFE, rationale)


def test_a_type_description_that_imports_a_module_is_refused() -> None:
    spec = {
        "class_name": "__typespec__",
        "spec_name": "system",
        "module": "os",
        "registered_name": None,
        "config": [],
    }

    assert refusal(model(saved("Dense", spec=spec))) == (
        Code.UNSAFE,
        "layer 'dense' names os.__typespec__, which is no part of a Keras model",
    )


@pytest.mark.parametrize(
    ("layer", "needs"),
    [
        (saved("Gate", None), "'Gate' (layer 'gate')"),
        (saved("Gate", "my_layers"), "'my_layers.Gate' (layer 'gate')"),
        (
            {**saved("Gate", None), "registered_name": "Custom>Gate"},
            "'Custom>Gate' (layer 'gate')",
        ),
        (
            {**saved("Dense"), "registered_name": "course>Attention"},
            "'course>Attention' (layer 'dense')",
        ),
        (
            saved("Dense", activation=function("builtins", "pkg>mish2")),
            "'pkg>mish2' (layer 'dense')",
        ),
        (saved("Dense", activation="pkg>mish2"), "'pkg>mish2' (layer 'dense')"),
        (
            {"class_name": "Custom>Gate", "config": {"name": "g"}},
            "'Custom>Gate' (layer 'g')",
        ),
    ],
)
def test_what_the_grader_does_not_have_is_named(layer: Object, needs: str) -> None:
    assert refusal(model(layer)) == (
        Code.CUSTOM_OBJECT,
        f"the model needs {needs}, which the grader does not have",
    )


def test_a_function_of_tensorflow_gets_the_name_to_write_instead() -> None:
    layer = saved("Dense", activation=function("builtins", "softmax_v2"))

    with pytest.raises(Ungradable) as caught:
        require_safe(model(layer))

    assert caught.value.hint == (
        "Write activation='softmax' instead of activation=tf.nn.softmax."
    )


@pytest.mark.parametrize(
    "layer",
    [
        saved("Dense", activation=function("keras.activations", "relu")),
        {
            **saved("Functional", "keras.src.models.functional"),
            "registered_name": "Functional",
        },
        {**saved("NotEqual", "keras.src.ops.numpy"), "registered_name": "NotEqual"},
        saved("Functional", "tf_keras.src.engine.functional"),
        saved("TFOpLambda", "tf_keras.src.layers.core.tf_op_layer", function="nn.relu"),
        saved("TFOpLambda", "keras.src.layers", function="io.decode_jpeg"),
        saved("Dense", dtype=saved("DTypePolicy", "keras")),
        saved("Conv2D", name="block1/conv"),
        saved("TextVectorization", vocabulary=["a", "b"]),
        saved("CustomScaleLayer", "keras.src.applications.inception_resnet_v2"),
        {"class_name": "Custom>CustomScaleLayer", "config": {"name": "scale"}},
        {"class_name": "Gate", "config": {"name": "unknown-to-us-in-an-h5-file"}},
        {"class_name": "Dense", "module": "keras.layers", "config": None},
    ],
)
def test_honest_models_pass(layer: Object) -> None:
    require_safe(model(layer))


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": {"class_name": "__lambda__", "config": {"code": ""}}},
        {"loss": function("builtins", "my_loss")},
        {"loss": {**saved("MyLoss", None), "registered_name": "pkg>MyLoss"}},
        {"metrics": [saved("F1Score", "tensorflow_addons.metrics")]},
    ],
)
def test_a_loss_of_ones_own_does_no_harm(settings: Object) -> None:
    require_safe(model(saved("Dense"), compile_config=settings))


def test_a_loss_that_names_a_function_of_python_is_refused() -> None:
    settings = {"loss": function("os", "system")}

    code, rationale = refusal(model(saved("Dense"), compile_config=settings))

    assert (code, rationale) == (
        Code.UNSAFE,
        "the model names os.system, which is no part of a Keras model",
    )


def test_the_loss_of_a_model_inside_is_loaded_and_so_it_counts() -> None:
    inner = model(saved("Dense"), compile_config={"loss": function("builtins", "own")})

    assert refusal(model(inner))[0] is Code.CUSTOM_OBJECT


def test_a_course_can_let_lambda_layers_pass_but_nothing_else() -> None:
    require_safe(model(LAMBDA), allow_lambda=True)

    with pytest.raises(Ungradable, match=r"os\.system"):
        require_safe(
            model(LAMBDA, saved("Dense", activation=function("os", "system"))),
            allow_lambda=True,
        )


def test_code_that_comes_with_a_model_may_define_classes_but_nothing_else() -> None:
    own = saved("Doubled", "my_layers")
    require_safe(model(own), allow_custom=True)

    with pytest.raises(Ungradable, match=r"os\.system"):
        require_safe(
            model(own, saved("Dense", activation=function("os", "system"))),
            allow_custom=True,
        )


def test_layers_that_no_runtime_knew_are_named(facts_of: FactsOf) -> None:
    facts = facts_of("Flatten", "Doubled", "Doubled2\x1b")
    unknown = Ungradable(Code.CUSTOM_OBJECT, detail="Unknown layer: 'Doubled'")

    named = name_custom(unknown, facts)

    assert (named.code, named.rationale, named.detail) == (
        Code.CUSTOM_OBJECT,
        r"the model needs 'Doubled' (layer 'doubled'), 'Doubled2\\x1b' "
        r"(layer 'doubled2\\x1b'), which the grader does not have",
        "Unknown layer: 'Doubled'",
    )


def test_a_finding_of_another_kind_or_without_such_a_layer_stays(
    facts_of: FactsOf,
) -> None:
    unknown = Ungradable(Code.CUSTOM_OBJECT)
    crashed = Ungradable(Code.CRASH)

    found = [
        name_custom(unknown, facts_of("Flatten", "MaxPool2D")),
        name_custom(crashed, facts_of("Doubled")),
    ]

    assert found == [unknown, crashed]


@pytest.fixture
def facts_of() -> FactsOf:
    """Make facts of a file with layers of these classes."""

    def facts(*classes: str) -> Facts:
        layers = tuple(
            Layer(
                name=name.lower(),
                class_name=name,
                module=None,
                registered_name=None,
                config={},
            )
            for name in classes
        )
        return Facts(
            format=ArtifactFormat.H5,
            keras_version=None,
            model_class="Sequential",
            layers=layers,
            inputs=(),
            outputs=(),
            last_activation=None,
            weights=Weights(parameters=1, model_bytes=4, optimizer_bytes=0),
            compile_settings=None,
        )

    return facts
