"""``tfgrade inspect``: what it says of a file, and how it ends."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.commands.inspection import Inspection
from pytest_tfgrade.commands.inspection_text import as_text
from pytest_tfgrade.core.facts import Facts, Part, Tensor, Weights
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat

if TYPE_CHECKING:
    from conftest import Run, Saver

EXAMPLES = Path(__file__).parents[2] / "examples" / "submissions"

ADAM = {"class_name": "Adam", "config": {"learning_rate": 0.001}}

IMAGES = """\
images.keras
  format            Keras file (.keras)
  size              {size} bytes
  sha256            {sha256}
  saved by          Keras 3.15.1
  runtime           keras3, by what the file says
  model             Sequential
  inputs            in: float32 (None, 8, 8, 1)
  outputs           digit: float32 (None, 10)
  last activation   softmax
  parameters        770
  weights           3080 bytes, optimizer state 8 bytes
  values            all finite
  compiled with     Adam, learning rate 0.001; loss mse; metrics accuracy

  layer    class         settings                            parameters
  in       InputLayer    (None, 8, 8, 1)                              0
  conv     Conv2D        filters 12, kernel 3x3, same, relu         120
  pool     MaxPooling2D  pool 4x4                                     0
  flatten  Flatten                                                    0
  dropout  Dropout       rate 0.5                                     0
  digit    Dense         units 10, softmax, no bias, frozen         650
"""


@pytest.fixture
def images(saver: "Saver") -> Path:
    """Save an image classifier that was compiled and trained."""
    return saver.keras(
        "images.keras",
        saver.start(8, 8, 1),
        saver.layer(
            "Conv2D",
            "conv",
            filters=12,
            kernel_size=[3, 3],
            strides=[1, 1],
            padding="same",
            activation="relu",
            use_bias=True,
        ),
        saver.layer(
            "MaxPooling2D", "pool", pool_size=[4, 4], strides=[4, 4], padding="valid"
        ),
        saver.layer("Flatten", "flatten"),
        saver.layer("Dropout", "dropout", rate=0.5),
        saver.layer(
            "Dense",
            "digit",
            units=10,
            activation="softmax",
            use_bias=False,
            trainable=False,
        ),
        weights={
            "layers/conv2d/vars/0": np.ones((3, 3, 1, 12)),
            "layers/conv2d/vars/1": np.ones(12),
            "layers/dense/vars/0": np.ones((65, 10)),
            "optimizer/vars/0": 7,
            "optimizer/vars/1": 0.001,
        },
        compile_config={"optimizer": ADAM, "loss": "mse", "metrics": ["accuracy"]},
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_shown_as_the_grader_sees_it(run: "Run", images: Path) -> None:
    ran = run("inspect", "images.keras")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == IMAGES.format(size=images.stat().st_size, sha256=digest(images))


def test_json_holds_the_same_of_a_nested_model_of_keras_2(
    run: "Run", saver: "Saver"
) -> None:
    base = saver.model(
        saver.layer("InputLayer", "base_in", batch_shape=[None, 4]),
        saver.layer("Dense", "inner", units=3, activation="relu"),
        name="base",
    )
    path = saver.h5(
        "nested.h5",
        saver.start(4),
        base,
        saver.layer("Dense", "price", units=1, activation="linear"),
        weights={
            "model_weights/base/inner/kernel:0": np.ones((4, 3)),
            "model_weights/base/inner/bias:0": [1, 2, np.nan],
            "model_weights/price/price/kernel:0": np.ones((3, 1)),
        },
        training_config={
            "optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1}},
            "loss": {"class_name": "Huber", "config": {"delta": 1.0}},
            "metrics": [["mae"]],
        },
    )

    ran = run("inspect", "--json", "nested.h5")

    def shown(name: str, class_name: str, **more: object) -> dict[str, object]:
        whole = {"module": "keras.layers", "registered_name": None, "layers": []}
        return {"name": name, "class": class_name, **whole, **more}

    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out) == {
        "schema": 1,
        "file": "nested.h5",
        "gradable": True,
        "code": None,
        "rationale": None,
        "hint": None,
        "detail": None,
        "format": "h5",
        "bytes": path.stat().st_size,
        "sha256": digest(path),
        "runtime": "tf_keras",
        "model": {
            "keras_version": "2.15.0",
            "tensorflow_version": None,
            "class": "Sequential",
            "signature": None,
            "inputs": [
                {
                    "name": "in",
                    "shape": [None, 4],
                    "dtype": "float32",
                    "kind": "dense",
                    "quantization": None,
                }
            ],
            "outputs": [
                {
                    "name": "price",
                    "shape": [None, 1],
                    "dtype": "float32",
                    "kind": "dense",
                    "quantization": None,
                }
            ],
            "last_activation": "linear",
            "parameters": 18,
            "weights_bytes": 72,
            "optimizer_bytes": 0,
            "constants": 0,
            "constants_bytes": 0,
            "nonfinite": {"inner": 1},
            "compiled_with": {
                "optimizer": "SGD",
                "learning_rate": 0.1,
                "loss": ["Huber"],
                "metrics": ["mae"],
            },
            "operations": [],
            "holds": sorted(part.name.lower() for part in Part),
            "layers": [
                shown(
                    "in",
                    "InputLayer",
                    settings={"batch_shape": [None, 4]},
                    parameters=0,
                ),
                shown(
                    "base",
                    "Sequential",
                    module="keras",
                    settings={},
                    parameters=15,
                    layers=[
                        shown(
                            "base_in",
                            "InputLayer",
                            settings={"batch_shape": [None, 4]},
                            parameters=0,
                        ),
                        shown(
                            "inner",
                            "Dense",
                            settings={"units": 3, "activation": "relu"},
                            parameters=15,
                        ),
                    ],
                ),
                shown("price", "Dense", settings={"units": 1}, parameters=3),
            ],
            "extra": {},
        },
        "trial": None,
    }


def test_layers_inside_others_are_indented_and_nan_weights_are_told(
    run: "Run", saver: "Saver"
) -> None:
    inner = saver.layer("LSTM", "forward", units=2, return_sequences=True)
    saver.keras(
        "wrapped.keras",
        saver.start(None, 3),
        saver.layer("Bidirectional", "both_ways", merge_mode="sum", layer=inner),
        weights={
            "layers/bidirectional/forward_layer/cell/vars/0": np.full((3, 8), np.nan)
        },
    )

    ran = run("inspect", "wrapped.keras")

    assert ran.status == 0
    assert ran.out.partition("  parameters  ")[2] == (
        "      24\n"
        "  weights           96 bytes\n"
        "  values            24 NaN or infinite, in 'forward'\n"
        "  compiled with     nothing: it was saved without\n"
        "\n"
        "  layer      class          settings                   parameters\n"
        "  in         InputLayer     (None, None, 3)                     0\n"
        "  both_ways  Bidirectional  merge_mode sum                     24\n"
        "    forward  LSTM           units 2, return_sequences          24\n"
    )


LAMBDA = """\
lambda.keras
  format            Keras file (.keras)
  size              {size} bytes
  sha256            {sha256}

cannot be graded: E_UNSAFE
  reason            {reason}
  hint              {hint}
"""


def test_a_lambda_layer_is_refused_by_name(run: "Run", saver: "Saver") -> None:
    path = saver.keras(
        "lambda.keras", saver.start(4), saver.layer("Lambda", "twice", function="x")
    )

    ran = run("inspect", "lambda.keras")
    told = json.loads(run("inspect", "lambda.keras", "--json").out)

    assert (ran.status, ran.err) == (1, "")
    assert "'twice'" in told["rationale"]
    assert ran.out == LAMBDA.format(
        size=path.stat().st_size,
        sha256=digest(path),
        reason=told["rationale"],
        hint=told["hint"],
    )
    assert (told["gradable"], told["code"], told["model"]) == (False, "E_UNSAFE", None)


def test_a_git_lfs_pointer_is_called_so(run: "Run", tmp_path: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    (tmp_path / "digits.h5").write_text(text)

    ran = run("inspect", "digits.h5")

    assert (ran.status, ran.err) == (1, "")
    assert ran.out == (
        "digits.h5\n\n"
        "cannot be graded: E_FORMAT\n"
        "  reason            the file is a Git LFS pointer, not the model itself\n"
        "  hint              Run 'git lfs pull' where the model was trained, or commit "
        "it without LFS.\n"
    )


def test_a_folder_that_is_no_model_cannot_be_graded(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()

    ran = run("inspect", "alice")

    assert (ran.status, ran.err) == (1, "")
    assert ran.out == (
        "alice\n\n"
        "cannot be graded: E_FORMAT\n"
        "  reason            the folder alice has no saved_model.pb\n"
        "  hint              Hand in the folder as model.export(...) wrote it, or the "
        "file that model.save(...) wrote.\n"
    )


def test_a_file_that_is_not_there_is_a_mistake_of_the_caller(run: "Run") -> None:
    ran = run("inspect", "digits.keras")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "digits.keras: there is no such file; give the path of a saved model\n"
    )


def test_a_zip_of_one_file_is_looked_into(
    run: "Run", images: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.write(images, "digits.keras")

    plain = run("inspect", "images.keras").out.splitlines()
    ran = run("inspect", "packed.zip")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[4:] == plain[4:]


def test_names_in_a_file_cannot_steer_a_terminal(run: "Run", saver: "Saver") -> None:
    hostile = "\x1b[31mred\u202e\nexit 0"
    saver.keras(
        "hostile.keras",
        saver.layer("InputLayer", hostile, batch_shape=[None, 4]),
        saver.layer("Dense", hostile, units=10**18, activation=hostile),
        weights={f"layers/dense/{hostile.replace('/', '')}": [np.nan]},
        compile_config={"optimizer": hostile, "loss": {hostile: hostile}},
    )

    ran = [run("inspect", "hostile.keras"), run("inspect", "hostile.keras", "--json")]

    assert [each.status for each in ran] == [0, 0]
    for each in ran:
        assert all(line.isprintable() for line in each.out.split("\n"))
        assert "x1b[31mred" in each.out


def test_the_values_of_a_large_file_are_left_alone(run: "Run", saver: "Saver") -> None:
    saver.keras(
        "large.keras",
        saver.start(3000),
        saver.layer("Dense", "wide", units=3000),
        weights={"layers/dense/vars/0": np.full((3000, 3000), np.nan)},
    )

    ran = run("inspect", "large.keras")

    assert ran.status == 0
    assert (
        "  values            not looked at, which takes a while; --load does\n"
        in ran.out
    )


def test_nothing_heavy_is_loaded_and_nobody_looks_for_tensorflow(images: Path) -> None:
    code = (
        "import sys\n"
        "class Guard:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'tensorflow', 'keras', 'tf_keras'}:\n"
        "            raise AssertionError(f'looked for {name}')\n"
        "sys.meta_path.insert(0, Guard())\n"
        "from pytest_tfgrade.cli import main\n"
        f"status = main(['inspect', {str(images)!r}])\n"
        "heavy = {'pydantic', 'yaml', 'pytest', 'sklearn', 'scipy', 'h5py'}\n"
        "print(status, sorted(heavy & set(sys.modules)))\n"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert shown.stdout.splitlines()[-1] == "0 []"


LOADED = """\
loaded, and called once on made-up inputs
  runtime           keras3
  repairs           none
  returned          dense: float32 (None, 1), all finite
  seconds           load #, predict #
"""


def test_a_model_that_is_loaded_is_called_as_well(run: "Run") -> None:
    path = str(EXAMPLES / "alice" / "linear.keras")

    plain = run("inspect", path)
    ran = run("inspect", path, "--load")

    assert (ran.status, ran.err) == (0, "")
    assert re.sub(r"\d+\.\d\d\b", "#", ran.out.removeprefix(plain.out)) == f"\n{LOADED}"


def test_a_model_that_returns_nan_cannot_be_graded(run: "Run") -> None:
    ran = run("inspect", str(EXAMPLES / "erin" / "digits.keras"), "--load", "--json")

    told = json.loads(ran.out)
    assert ran.status == 1
    assert (told["gradable"], told["code"]) == (False, "E_NONFINITE")
    assert told["model"]["nonfinite"] is not None


def test_a_model_that_does_not_say_what_it_takes_is_not_called(
    run: "Run", saver: "Saver"
) -> None:
    saver.keras(
        "open.keras",
        saver.layer("Dense", "dense", units=2),
        weights={"layers/dense/vars/0": np.ones((3, 2))},
    )

    ran = run("inspect", "open.keras", "--load")
    told = json.loads(run("inspect", "open.keras", "--load", "--json").out)

    assert (ran.status, ran.err) == (1, "")
    assert told["gradable"] is None
    assert ran.out.split("\n\n")[-1] == (
        "not loaded and called: the file does not declare the shape of the input "
        "'dense'\n"
        "  tfgrade validate --load tries it on inputs such as a task has\n"
    )


def test_the_numbers_of_a_tflite_file_are_constants() -> None:
    tensor = Tensor(name="in", shape=(None, 4), dtype="float32")
    facts = Facts(
        format=ArtifactFormat.TFLITE,
        keras_version=None,
        model_class="TFLite",
        layers=(),
        inputs=(tensor,),
        outputs=(tensor,),
        last_activation=None,
        weights=Weights(parameters=1300, model_bytes=5200, optimizer_bytes=0),
        compile_settings=None,
        holds=frozenset({Part.ENDS}),
    )
    artifact = Artifact(
        path=Path("artifact.tflite"),
        name="digits.tflite",
        format=ArtifactFormat.TFLITE,
        sha256="00",
        size=6000,
    )

    shown = as_text(Inspection(name="digits.tflite", artifact=artifact, facts=facts))

    assert shown == (
        "digits.tflite\n"
        "  format            TensorFlow Lite file (.tflite)\n"
        "  size              6000 bytes\n"
        "  sha256            00\n"
        "  saved by          unknown\n"
        "  model             TFLite\n"
        "  inputs            in: float32 (None, 4)\n"
        "  outputs           in: float32 (None, 4)\n"
        "  last activation   unknown\n"
        "  constants         1300, 5200 bytes\n"
        "  compiled with     unknown\n"
    )
