"""Files whose configuration names code: Lambdas, functions, layers that load more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edits import (
    Config,
    before_the_last,
    lambda_layer,
    python_lambda,
    saved,
    touching,
    with_config,
    with_member,
)
from rows import OK, Row, Targets

Make = Callable[[Path, Targets], None]
Layer = Callable[[Targets], Any]

WALK: Final = "the whole configuration is walked before anything is loaded"


def with_layer(layer: Layer, ending: str = "keras") -> Make:
    """Return what hands in a sound model with a serialized layer more."""

    def make(folder: Path, targets: Targets) -> None:
        path = saved(folder, ending)
        with_config(path, before_the_last(layer(targets)))

    return make


def built_in(class_name: str, **config: Any) -> Config:
    """Return a layer of Keras as Keras saves it."""
    name = config.pop("name", class_name.lower())
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "config": {"name": name, "dtype": "float32", **config},
        "registered_name": None,
    }


def function(module: str, name: str) -> Config:
    """Return a function as Keras saves it."""
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": name,
    }


def _row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Make,
    *expected: str,
    by: str = WALK,
    says: str = "",
) -> Row:
    return Row(
        id=id,
        vector=vector,
        defence=by,
        expected=frozenset(expected),
        make=make,
        says=says,
    )


# Lambdas


def _touch(targets: Targets) -> Config:
    return lambda_layer(touching(targets.marker))


def _in_time_distributed(targets: Targets) -> Config:
    inner = {"name": "inner", "layers": [_touch(targets)]}
    model = {"module": "keras", "class_name": "Sequential", "config": inner}
    return built_in("TimeDistributed", layer={**model, "registered_name": None})


def _in_bidirectional(targets: Targets) -> Config:
    return built_in("Bidirectional", layer=_touch(targets), backward_layer=None)


def _in_rnn(targets: Targets) -> Config:
    return built_in("RNN", cell=[built_in("SimpleRNNCell", units=3), _touch(targets)])


def _as_activation(targets: Targets) -> Config:
    return built_in("Activation", activation=python_lambda(touching(targets.marker)))


def _as_initializer(targets: Targets) -> Config:
    text = f"lambda shape, dtype: {touching(targets.marker)[10:]}"
    return built_in("Dense", units=64, kernel_initializer=python_lambda(text))


def _in_a_loss(folder: Path, targets: Targets) -> None:
    """Compile settings are not loaded, so a lambda there has no effect."""

    def change(config: Config) -> None:
        loss = python_lambda(touching(targets.marker))
        config["compile_config"] = {"optimizer": "adam", "loss": loss}

    with_config(saved(folder), change)


REFUSED: Final = "a Lambda layer|a Python lambda"

LAMBDAS = (
    _row(
        *("K01", "a Lambda layer in a `.keras` file"),
        with_layer(_touch),
        *("E_UNSAFE",),
        says="layer 'acts' is a Lambda layer",
    ),
    _row(
        *("K02", "a Lambda layer in a `.h5` file"),
        with_layer(_touch, "h5"),
        *("E_UNSAFE",),
        says="layer 'acts' is a Lambda layer",
    ),
    _row(
        *("K03-distributed", "a Lambda layer in a model in TimeDistributed"),
        with_layer(_in_time_distributed),
        *("E_UNSAFE",),
        says=REFUSED,
    ),
    _row(
        *("K03-bidirectional", "a Lambda layer in Bidirectional"),
        with_layer(_in_bidirectional),
        *("E_UNSAFE",),
        says=REFUSED,
    ),
    _row(
        *("K03-cell", "a Lambda layer among the cells of a recurrent layer"),
        with_layer(_in_rnn),
        *("E_UNSAFE",),
        says=REFUSED,
    ),
    _row(
        *("K03-h5", "a Lambda layer in a model in a wrapper, in a `.h5` file"),
        with_layer(_in_time_distributed, "h5"),
        *("E_UNSAFE",),
        says=REFUSED,
    ),
    _row(
        *("K03-activation", "a Python lambda as an activation"),
        with_layer(_as_activation),
        *("E_UNSAFE",),
        says=REFUSED,
    ),
    _row(
        *("K03-initializer", "a Python lambda as an initializer"),
        with_layer(_as_initializer),
        *("E_UNSAFE",),
        says=REFUSED,
    ),
    _row(
        *("K03-loss", "a Python lambda as the loss of the compile settings"),
        _in_a_loss,
        *(
            OK,
            "E_UNSAFE",
        ),
        by="a model is loaded without its compile settings",
    ),
)


# Lambdas that a course allows


def _runs(text: str) -> Layer:
    """Return a Lambda layer that runs statements with ``T`` as the targets."""

    def layer(targets: Targets) -> Config:
        names = {"marker", "secret", "labels", "socket"}
        known = {name: str(getattr(targets, name)) for name in sorted(names)}
        source = text.format(**known, port=targets.port)
        return lambda_layer(f"lambda x: (exec({source!r}), x)[1]")

    return layer


_WRITES = "open({marker!r}, 'w').close()"
_READS = "open({labels!r}, 'rb').read()"
_CONNECTS = "import socket\nsocket.create_connection(('127.0.0.1', {port})).send(b'x')"
_STARTS = "import os\nif os.system('touch {marker}'): raise PermissionError(1, 'sh')"
_QUIET = """\
for act in ({writes!r}, {reads!r}, {connects!r}):
    try:
        exec(act)
    except OSError:
        pass
    else:
        raise RuntimeError(act)
"""


def _quietly(targets: Targets) -> Config:
    names = {"marker": str(targets.marker), "labels": str(targets.labels)}
    acts = {
        name: text.format(**names, port=targets.port)
        for name, text in (
            *(("writes", _WRITES), ("reads", _READS)),
            *(("connects", _CONNECTS),),
        )
    }
    return lambda_layer(f"lambda x: (exec({_QUIET.format(**acts)!r}), x)[1]")


BOX: Final = "the sandbox"
POLICY: Final = ["E_POLICY"]
EARLIER: Final = ["E_POLICY", "E_LOAD"]
"""Keras builds a layer of a ``.h5`` file by calling it, and goes on if that fails."""

ALLOWED = tuple(
    Row(
        id=f"K04-{name}",
        vector=f"an allowed Lambda layer {what}",
        defence=BOX,
        expected=frozenset(codes),
        make=make,
        task="lambda",
    )
    for name, what, make, codes in (
        ("marker", "writes a file", with_layer(_runs(_WRITES)), POLICY),
        ("h5", "of a `.h5` file does so", with_layer(_runs(_WRITES), "h5"), EARLIER),
        ("labels", "reads the targets", with_layer(_runs(_READS)), POLICY),
        ("net", "connects to the machine", with_layer(_runs(_CONNECTS)), POLICY),
        ("shell", "starts a shell", with_layer(_runs(_STARTS)), POLICY),
        ("quiet", "tries all that and swallows it", with_layer(_quietly), [OK]),
    )
)


# Functions and classes that are no part of a model


def _activation(module: str, name: str) -> Make:
    named = function(module, name)
    return with_layer(lambda _: built_in("Activation", activation=named))


def _as_layer(module: str, name: str) -> Make:
    def layer(targets: Targets) -> Config:
        config = {"name": "acts", "args": ["touch", str(targets.marker)]}
        return {
            "module": module,
            "class_name": name,
            "config": config,
            "registered_name": None,
        }

    return with_layer(layer)


def _get_file(targets: Targets) -> Config:
    address = f"http://127.0.0.1:{targets.port}/x"
    config = {"fname": str(targets.marker), "origin": address}
    called = function("keras.utils", "get_file")
    return {**called, "class_name": "get_file", "config": config}


def _type_spec(targets: Targets) -> Config:
    spec = {"module": "antigravity", "class_name": "__typespec__", "spec_name": "X"}
    return built_in("Rescaling", scale={**spec, "config": [str(targets.marker)]})


def _loads_more(targets: Targets) -> Config:
    config = {"filepath": str(targets.labels), "custom_objects": None}
    called = function("keras.models", "load_model")
    return {**called, "class_name": "load_model", "config": config}


def _operation(targets: Targets) -> Config:
    return {
        "module": "keras.src.ops.core",
        "class_name": "Map",
        "config": {"name": "acts", "f": function("builtins", "exec")},
        "registered_name": None,
    }


CODE = ["E_UNSAFE"]

NAMED = (
    *(
        _row(f"K05-{id_}", f"names `{module}.{name}` {what}", make(module, name), *CODE)
        for id_, module, name, what, make in (
            ("system", "os", "system", "as an activation", _activation),
            ("posix", "posix", "system", "as an activation", _activation),
            ("exec", "builtins", "exec", "as an activation", _activation),
            ("import", "importlib", "import_module", "as an activation", _activation),
            ("popen", "subprocess", "Popen", "as a layer", _as_layer),
            ("ctypes", "ctypes", "CDLL", "as a layer", _as_layer),
            ("pickle", "pickle", "loads", "as an activation", _activation),
            ("numpy", "numpy", "load", "as an activation", _activation),
            (
                "through",
                "keras.src.utils.io_utils.os",
                "system",
                "through a module of Keras",
                _activation,
            ),
            (
                "shutil",
                "keras.src.saving.saving_lib.shutil",
                "rmtree",
                "through a module of Keras",
                _activation,
            ),
        )
    ),
    _row(
        *("K05-get-file", "names Keras' function that downloads"),
        with_layer(_get_file),
        *(*CODE,),
    ),
    _row(
        *("K05-load", "names Keras' function that loads a model from a path"),
        with_layer(_loads_more),
        *(*CODE,),
    ),
    _row(
        *("K05-typespec", "names a module to import as that of a type"),
        with_layer(_type_spec),
        *(*CODE,),
    ),
    _row(
        *("K05-operation", "gives an operation a function of Python"),
        with_layer(_operation),
        *(*CODE,),
    ),
    _row(
        *("K06", "switches off the safe mode of Keras"),
        _activation("keras.config", "enable_unsafe_deserialization"),
        *("E_UNSAFE",),
        says="safe mode",
    ),
    _row(
        *("K06-private", "does so by another name of the function"),
        _activation(
            "keras.src.saving.serialization_lib", "enable_unsafe_deserialization"
        ),
        *("E_UNSAFE",),
        says="safe mode",
    ),
    _row(
        *("K06-list", "does so by a function among its layers"),
        with_layer(lambda _: function("keras.config", "enable_unsafe_deserialization")),
        *("E_UNSAFE",),
        says="safe mode",
    ),
)


# Layers that read files


def _vocabulary(class_name: str) -> Layer:
    return lambda targets: built_in(
        class_name, vocabulary=str(targets.secret), invert=False
    )


def _saved_model_layer(targets: Targets) -> Config:
    path = str(targets.labels.parent)
    return built_in("TFSMLayer", filepath=path, call_endpoint="serve")


def _torch(targets: Targets) -> Config:
    return built_in("TorchModuleWrapper", module="gASVCgAAAAAAAACMAnNo", lazy=False)


def _renamed_asset(folder: Path, targets: Targets) -> None:
    path = saved(folder)
    layer = built_in("TextVectorization", name="../../x", vocabulary=None)
    with_config(path, before_the_last(layer))


def _path_as_name(folder: Path, targets: Targets) -> None:
    path = saved(folder)

    def change(config: Config) -> None:
        config["config"]["layers"][-1]["config"]["name"] = "../../../../tmp/x"

    with_config(path, change)


def _registered(folder: Path, targets: Targets) -> None:
    def change(config: Config) -> None:
        last = config["config"]["layers"][-1]
        name = "Course>Dense"
        last.update(module=None, registered_name=name, class_name=name)

    with_config(saved(folder), change)


def _metadata(folder: Path, targets: Targets) -> None:
    path = saved(folder)
    text = b'{"keras_version": "3.99.0\\u001b[2J", "date_saved": {"a": [1e999]}}'
    with_member(path, "metadata.json", lambda _: text)


FILES = (
    *(
        _row(
            f"K08-{class_name.lower()}",
            f"a {class_name} whose vocabulary is a path",
            with_layer(_vocabulary(class_name)),
            *("E_UNSAFE",),
            says="reads its vocabulary from a file outside the model",
        )
        for class_name in ("StringLookup", "IntegerLookup", "TextVectorization")
    ),
    _row(
        *("K08-h5", "the same in a `.h5` file"),
        with_layer(_vocabulary("StringLookup"), "h5"),
        *("E_UNSAFE",),
        says="reads its vocabulary from a file outside the model",
    ),
    _row(
        *("K09", "a layer that loads another SavedModel from a path"),
        with_layer(_saved_model_layer),
        *("E_UNSAFE",),
        says="loads another model from a path",
    ),
    _row(
        *("K09-torch", "a layer that holds a pickle"),
        with_layer(_torch),
        *("E_UNSAFE",),
        says="holds a pickle",
    ),
    _row(
        *("K14", "a layer with files of its own is named `../../x`"),
        _renamed_asset,
        *("E_UNSAFE",),
        says="name that is a path",
    ),
    _row(
        *("K14-plain", "a layer is named by a path out of the folder"),
        _path_as_name,
        *("E_UNSAFE",),
        says="name that is a path",
    ),
    _row(
        *("K15", "a layer of Keras under a registered name"),
        _registered,
        *("E_CUSTOM_OBJECT",),
        says="which the grader does not have",
    ),
    _row(
        *("K21", "a version with control characters, and numbers too large"),
        _metadata,
        *(
            "E_VERSION",
            "E_FORMAT",
            OK,
            "E_LOAD",
        ),
        by="JSON is read strictly, text shown escaped",
    ),
)

ROWS = (*LAMBDAS, *ALLOWED, *NAMED, *FILES)
