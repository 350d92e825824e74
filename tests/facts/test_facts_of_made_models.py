"""Configurations that no library writes: old ones, broken ones, hostile ones."""

import contextlib
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.facts import read_facts
from pytest_tfgrade.facts.layers import parse_layers
from pytest_tfgrade.facts.model_config import Signature, parse_signature
from pytest_tfgrade.facts.unsafe import require_safe

JUNK = (None, True, -1, 10**40, "x", [], {}, [[1]], {"class_name": "", "config": []})

NO_MODEL = "config.json does not describe a Keras model"

Object = dict[str, Any]


def layer(name: str, **config: object) -> Object:
    return {"class_name": name, "config": {"name": name.lower(), **config}}


def sequential(*layers: Object) -> Object:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


def test_importing_the_layer_imports_no_library_of_models() -> None:
    program = (
        "import sys, pytest_tfgrade.facts;"
        "print({'tensorflow', 'keras', 'h5py', 'pytest', 'numpy'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"


def test_the_list_of_layers_that_keras_wrote_before_2_2_3_is_read() -> None:
    model = {
        "class_name": "Sequential",
        "config": [
            layer("Dense", units=4, batch_input_shape=[None, 3], activation="relu"),
            layer("Dense", units=1, activation="linear"),
        ],
    }

    assert parse_signature(model) == Signature(
        inputs=(Tensor(name="dense", shape=(None, 3), dtype=None),),
        outputs=(Tensor(name="dense", shape=(None, 1), dtype=None),),
        activation="linear",
    )


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        ("relu", "relu"),
        (None, "linear"),
        ("pkg>mish2", "mish2"),
        ({"class_name": "function", "config": "softmax_v2"}, "softmax"),
        ({"class_name": "LeakyReLU", "config": {}}, "leaky_relu"),
        ({"class_name": "Custom>Snake", "config": {}}, "Snake"),
    ],
)
def test_an_activation_counts_by_its_name(activation: object, name: str) -> None:
    model = sequential(layer("Dense", units=1, activation=activation))

    assert parse_signature(model).activation == name


def every_change(value: Any) -> Iterator[None]:
    """Put junk in every place of a JSON value, one after the other, and yield."""
    items = list(value.items() if isinstance(value, dict) else enumerate(value))
    for key, before in items:
        for junk in JUNK:
            value[key] = junk
            yield
        value[key] = before
        if isinstance(before, dict | list):
            yield from every_change(before)


@pytest.mark.parametrize(
    "file", ["keras3/text.keras", "keras3/nested.keras", "tfkeras/two_ends.keras"]
)
def test_junk_in_any_place_gives_facts_or_a_finding(file: str, models: Path) -> None:
    with zipfile.ZipFile(models / file) as archive:
        config = json.loads(archive.read("config.json"))

    for _ in every_change(config):
        for read in (require_safe, parse_signature, parse_layers):
            with contextlib.suppress(Ungradable):
                read(config)


def test_models_called_twice_at_every_level_take_no_time_that_doubles() -> None:
    model = sequential(layer("Dense", units=1, batch_input_shape=[None, 3]))
    for level in range(40):
        model = {
            "class_name": "Functional",
            "config": {
                "name": f"m{level}",
                "layers": [
                    {**layer("InputLayer", batch_shape=[None, 3]), "inbound_nodes": []},
                    {
                        **model,
                        "inbound_nodes": [[["inputlayer", 0, 0, {}]]] * 2,
                    },
                ],
                "input_layers": [["inputlayer", 0, 0]],
                "output_layers": [[model["config"]["name"], 1, 0]],
            },
        }
    start = time.perf_counter()

    signature = parse_signature(model)

    assert signature.outputs == (Tensor(name="m38", shape=(None, 1), dtype=None),)
    assert time.perf_counter() - start < 1


def test_tens_of_thousands_of_layers_are_refused(
    keras_file: Callable[..., Path], read: Callable[[Path], Facts]
) -> None:
    path = keras_file(sequential(*[layer("Dropout")] * 25_000))

    with pytest.raises(Ungradable) as caught:
        read(path)

    assert caught.value.rationale == "the model has more than 20000 layers"


@pytest.mark.parametrize(
    ("config", "rationale"),
    [
        ({}, "config.json does not describe a Keras model"),
        (
            {"class_name": 3, "config": {}},
            "config.json does not describe a Keras model",
        ),
        (
            {
                "class_name": "Functional",
                "config": {"layers": [], "output_layers": [["gone", 0, 0]]},
            },
            "the model names a layer 'gone' that it does not have",
        ),
    ],
)
def test_a_configuration_that_is_no_model_is_refused(
    config: Object,
    rationale: str,
    keras_file: Callable[..., Path],
    read: Callable[[Path], Facts],
) -> None:
    with pytest.raises(Ungradable) as caught:
        read(keras_file(config))

    assert caught.value.rationale == rationale


def test_hopeless_files_are_refused_before_any_process_is_started(
    models: Path,
) -> None:
    path = models / "lambda.keras"
    artifact = Artifact(
        path=path, name="m", format=ArtifactFormat.KERAS, sha256="", size=0
    )

    def start_a_process(_: Artifact) -> object:
        pytest.fail("the confined process was started")

    with pytest.raises(Ungradable):
        read_facts(artifact, start_a_process)
