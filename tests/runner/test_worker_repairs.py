"""Models of another era, loaded by both libraries; see ``tests/keras2``.

Each library is started once and loads all files, with repairs and without.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import pytest

from pytest_tfgrade.runner.worker.repair_names import REPAIRS
from pytest_tfgrade.runner.worker.saved_settings import SavedSettings, read_settings

FILES = Path(__file__).parents[1] / "keras2" / "files"

COMPILED_2_2 = ("lr", "string_loss", "string_metric")

DONE_FOR_KERAS_3: dict[str, tuple[str, ...]] = {
    "axes_early.3_0.h5": ("axis",),
    "axes_early.3_0.keras": (),
    "cnn.2_2.h5": ("batch_input_shape", "initializer_dtype", *COMPILED_2_2),
    "cnn.h5": ("reduction",),
    "cnn.keras": ("axis", "batch_input_shape", "reduction", "string_metric"),
    "conv_lstm.h5": ("time_major", "reduction"),
    "conv_lstm.keras": (
        *("time_major", "batch_input_shape", "reduction", "string_metric"),
    ),
    "conv_lstm_2d.h5": ("time_major", "hard_sigmoid"),
    "custom_layer.h5": (),
    "custom_layer.keras": (),
    "dense.2_2.h5": ("batch_input_shape", "initializer_dtype", *COMPILED_2_2),
    "dense.h5": ("string_loss",),
    "dense.keras": ("batch_input_shape", "string_loss", "string_metric"),
    "depthwise.h5": ("groups", "kernel_settings"),
    "depthwise.keras": ("groups", "kernel_settings"),
    "depthwise_1d.h5": ("groups", "kernel_settings"),
    "discretization.h5": ("trainable",),
    "frozen_base.2_2.h5": (
        *("batch_input_shape", "initializer_dtype", "single_output", *COMPILED_2_2),
    ),
    "frozen_base.h5": ("groups", "axis", "single_output"),
    "frozen_base.keras": ("groups", "axis", "module", "single_output"),
    "frozen_base_called.h5": ("groups", "single_output", "node_index", "trainable"),
    "gru.h5": ("time_major",),
    "gru.keras": ("time_major", "batch_input_shape"),
    "hard_sigmoid.2_2.h5": (
        *("time_major", "batch_input_shape", "hard_sigmoid", "initializer_dtype"),
        *("module", *COMPILED_2_2),
    ),
    "hard_sigmoid.h5": ("time_major", "hard_sigmoid"),
    "hard_sigmoid.keras": ("time_major", "batch_input_shape", "hard_sigmoid"),
    "mixed_precision.h5": ("dtype",),
    "modern.h5": (),
    "modern.keras": (),
    "nested_models.h5": ("axis", "single_output", "node_index"),
    "normalization.h5": (),
    "normalization.keras": ("batch_input_shape",),
    "normalization_early.3_0.h5": ("axis",),
    "normalization_early.3_0.keras": (),
    "normalization_whole.h5": ("axis",),
    "stateful.2_2.h5": (
        *("time_major", "batch_input_shape", "initializer_dtype", *COMPILED_2_2),
    ),
    "stateful.h5": ("time_major",),
    "text_lstm.h5": ("time_major",),
    "text_lstm.keras": ("time_major", "batch_input_shape"),
    "text_vectorization.keras": ("batch_input_shape",),
    "two_in_two_out.2_2.h5": ("time_major", "initializer_dtype", *COMPILED_2_2),
    "two_in_two_out.h5": ("time_major",),
    "two_in_two_out.keras": ("time_major", "module"),
}
"""What is done to each file, and to two that Keras 3 has just saved."""

ONLY_FOR_KERAS_2 = ("time_major.h5",)
ONLY_FOR_KERAS_3 = tuple(name for name in DONE_FOR_KERAS_3 if ".3_0." in name)
WITHOUT_A_LAYER = ("lr", "reduction", "string_loss", "string_metric")

Results = dict[str, Any]


def load_all(library: str, folder: Path) -> Results:
    """Load all files with a library in a process of its own."""
    legacy = {"TF_USE_LEGACY_KERAS": "1"} if library == "tf_keras" else {}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(
        [sys.executable, str(FILES.parent / "load_files.py"), library, str(folder)],
        env={**os.environ, **quiet, **legacy},
        capture_output=True,
        check=True,
        timeout=240,
    )
    results: Results = json.loads((folder / "results.json").read_text("utf-8"))
    return results


@pytest.fixture(scope="module")
def keras_3(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return load_all("keras", tmp_path_factory.mktemp("keras"))


@pytest.fixture(scope="module")
def tf_keras(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return load_all("tf_keras", tmp_path_factory.mktemp("tf_keras"))


def test_every_file_is_loaded_by_both(keras_3: Results, tf_keras: Results) -> None:
    names = {path.name for path in FILES.iterdir() if path.suffix in {".h5", ".keras"}}

    expected = {*DONE_FOR_KERAS_3, *ONLY_FOR_KERAS_2}

    assert names | {"modern.h5", "modern.keras"} == expected
    assert keras_3["files"].keys() == tf_keras["files"].keys() == expected


@pytest.mark.parametrize("name", DONE_FOR_KERAS_3)
def test_keras_3_predicts_as_the_library_that_saved(
    name: str, keras_3: Results
) -> None:
    result = keras_3["files"][name]

    assert result.get("error") is None
    assert result["difference"] <= 1e-6
    assert tuple(result["repairs"]) == DONE_FOR_KERAS_3[name]


@pytest.mark.parametrize(
    "name", [name for name in DONE_FOR_KERAS_3 if name not in ONLY_FOR_KERAS_3]
)
def test_tf_keras_predicts_as_the_library_that_saved(
    name: str, tf_keras: Results
) -> None:
    result = tf_keras["files"][name]

    assert result.get("error") is None
    assert result["difference"] <= 1e-6
    assert result["repairs"] == (["lr"] if ".2_2." in name else [])


@pytest.mark.parametrize(
    "name",
    [name for name, done in DONE_FOR_KERAS_3.items() if {*done} - {*WITHOUT_A_LAYER}],
)
def test_without_its_repairs_a_file_fails_or_predicts_otherwise(
    name: str, keras_3: Results
) -> None:
    plain = keras_3["files"][name]["plain"]

    assert "error" in plain or plain["difference"] > 1e-3


def test_every_repair_has_a_file_that_needs_it() -> None:
    assert {name for done in DONE_FOR_KERAS_3.values() for name in done} == {*REPAIRS}


def test_series_that_begin_with_the_steps_are_left_to_the_library_that_knows_them(
    keras_3: Results, tf_keras: Results
) -> None:
    by_keras_3 = keras_3["files"]["time_major.h5"]
    by_tf_keras = tf_keras["files"]["time_major.h5"]

    assert by_keras_3["repairs"] == ["single_output"]
    assert "{'time_major': True}" in by_keras_3["error"]
    assert by_tf_keras["difference"] <= 1e-6


@pytest.mark.parametrize("name", ONLY_FOR_KERAS_3)
def test_tf_keras_cannot_read_what_an_early_keras_3_saved(
    name: str, tf_keras: Results
) -> None:
    assert "error" in tf_keras["files"][name]


def test_the_classes_of_a_library_are_as_before(
    keras_3: Results, tf_keras: Results
) -> None:
    assert (keras_3["restored"], tf_keras["restored"]) == (True, True)


def test_what_a_file_says_is_read_from_both_formats() -> None:
    of_h5 = read_settings(str(FILES / "dense.h5"), "h5")
    of_keras = read_settings(str(FILES / "dense.keras"), "keras")

    assert of_h5.model["class_name"] == of_keras.model["class_name"] == "Sequential"
    assert of_h5.training["loss"] == of_keras.training["loss"]


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x05\x06" + bytes(18)])
@pytest.mark.parametrize("form", ["h5", "keras", "savedmodel", "tflite", "weights"])
def test_a_file_that_says_nothing_is_left_to_the_library(
    tmp_path: Path, content: bytes, form: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert read_settings(str(path), form) == SavedSettings(None, {})


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\xff"])
def test_settings_that_are_no_json_are_left_to_the_library(
    tmp_path: Path, text: str
) -> None:
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs.create("model_config", text)
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", text.encode("latin-1"))

    for form in ("h5", "keras"):
        settings = read_settings(str(tmp_path / f"model.{form}"), form)
        assert settings == SavedSettings(None, {})


def test_settings_of_another_kind_are_taken_as_they_are(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = "[1]"
        file.attrs["training_config"] = '"adam"'

    settings = read_settings(str(tmp_path / "model.h5"), "h5")

    assert settings == SavedSettings([1], {})
