"""``tfgrade validate``: what a candidate can know before handing in."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from conftest import Run, Saver

RUBRIC = """\
task: fruit
title: Fruit by weight
dataset: secret-orchard
artifact: {max_size: 100 kB}
contract:
  inputs: {weight: {shape: [null, 4]}}
  outputs: {kind: {shape: [null, 3], kind: probabilities}}
criteria:
  - {id: file, check: file}
  - {id: io, check: model.io, activation: softmax, points: 1}
  - {id: contract, check: predict.contract, range: [0.25, 0.5]}
  - id: small
    check: model.params
    max: 20
    points: 2
    requires: [contract]
    hint: Use fewer units.
  - {id: sly, check: model.forbid, layers: [GRU], points: 1, visibility: hidden}
  - id: accuracy
    title: Most fruit is told apart
    check: predict.metric
    metric: accuracy
    cases: {secret-winter: 0.9, secret-summer: 0.8}
    points: 5
selftest:
  artifacts: [{file: ../secret/best.keras, points: 9}]
"""

CLEAR = """\
fruit.keras, for the task fruit (Fruit by weight)

decided without hidden data
  passed  file        fruit.keras, keras, 6 kB
  passed  io     1/1  (None, 4) -> (None, 3)
  passed  small  2/2  15 parameters, provided contract passes

not tried here: hidden data decide
  contract: The predictions have the rows, shape and kind of numbers that the task \
states.
  accuracy (5 points): Most fruit is told apart

nothing is known against this model; it was not loaded: try --load
"""

FAULTY = """\
fruit.keras, for the task fruit (Fruit by weight)

decided without hidden data
  passed  file        fruit.keras, keras, 6 kB
  failed  io     0/1  the last activation is linear, required softmax
    Change the activation of the last layer.
  passed  small  2/2  15 parameters, provided contract passes

loaded, and called once on made-up inputs
  runtime           keras3
  repairs           none
  returned          kind: float32 (None, 3), all finite
  seconds           load #, predict #
  failed  contract  48 of 48 values of 'kind' lie outside 0 to 1; probabilities are \
required
    End the model with a softmax activation, or with sigmoid if several labels of an \
example may be true.

not tried here: hidden data decide
  accuracy (5 points): Most fruit is told apart

known against this model: io, contract
"""


@pytest.fixture
def rubric(tmp_path: Path) -> Path:
    """Write a rubric as a candidate gets it: without data and without models."""
    path = tmp_path / "rubrics" / "fruit.yaml"
    path.parent.mkdir()
    path.write_text(RUBRIC)
    return path


def dense(saver: "Saver", name: str = "fruit.keras", **settings: Any) -> Path:
    """Save a model of four inputs and, by default, three probabilities."""
    shape = settings.pop("shape", (4,))
    start = saver.start(*shape)
    flat = [saver.layer("Flatten", "flat")] if len(shape) > 1 else []
    layer = saver.layer("Dense", "kind", **{"activation": "softmax", **settings})
    weights = {
        "layers/dense/vars/0": np.full((4, settings["units"]), 2.0),
        "layers/dense/vars/1": np.full(settings["units"], 2.0),
    }
    return saver.keras(name, start, *flat, layer, weights=weights)


def test_all_that_needs_no_data_is_decided(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    dense(saver, units=3)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == CLEAR


def test_what_is_wrong_comes_with_its_hint_and_a_loaded_model_is_called(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    dense(saver, units=3, activation="linear")

    ran = run("validate", "fruit.keras", "--rubric", str(rubric), "--load")

    assert (ran.status, ran.err) == (1, "")
    assert re.sub(r"\d+\.\d\d\b", "#", ran.out) == FAULTY


def test_json_holds_the_same(run: "Run", saver: "Saver", rubric: Path) -> None:
    path = dense(saver, units=5)

    ran = run("validate", "fruit.keras", "--rubric", str(rubric), "--json")

    told = json.loads(ran.out)
    assert (ran.status, ran.err) == (1, "")
    assert told.pop("sha256") is not None
    assert told == {
        "schema": 1,
        "file": "fruit.keras",
        "task": "fruit",
        "clear": False,
        "gradable": True,
        "code": None,
        "rationale": None,
        "hint": None,
        "detail": None,
        "findings": [],
        "format": "keras",
        "bytes": path.stat().st_size,
        "source": None,
        "decided": [
            {
                "id": "file",
                "title": "One saved model of an accepted format and size was handed "
                "in.",
                "verdict": "passed",
                "points": 0,
                "max_points": 0,
                "code": None,
                "rationale": "fruit.keras, keras, 6 kB",
                "hint": None,
                "provided": [],
                "against": False,
            },
            {
                "id": "io",
                "title": "The file declares the inputs and outputs that the task asks "
                "for.",
                "verdict": "failed",
                "points": 0,
                "max_points": 1,
                "code": None,
                "rationale": "the output has shape (None, 5), required (None, 3)",
                "hint": "Check the number of units of the last layer and its output "
                "rank.",
                "provided": [],
                "against": True,
            },
            {
                "id": "small",
                "title": "The number of the model's parameters lies within bounds.",
                "verdict": "failed",
                "points": 0,
                "max_points": 2,
                "code": None,
                "rationale": "25 parameters, required <= 20",
                "hint": "Use fewer units.",
                "provided": ["contract"],
                "against": True,
            },
        ],
        "adapted": [],
        "trial": None,
        "predictions": None,
        "tried": [],
        "waiting": [
            {
                "id": "contract",
                "title": "The predictions have the rows, shape and kind of numbers "
                "that the task states.",
                "max_points": 0,
            },
            {
                "id": "accuracy",
                "title": "Most fruit is told apart",
                "max_points": 5,
            },
        ],
    }


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_nothing_hidden_is_told(
    run: "Run", saver: "Saver", rubric: Path, options: tuple[str, ...]
) -> None:
    dense(saver, units=3)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", *options)

    assert not re.search(r"sly|GRU|secret|0\.9|0\.8", ran.out)


def test_a_file_that_is_no_model_is_refused_with_the_way_out(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    (tmp_path / "fruit.keras").write_text("version https://git-lfs.github.com/\n")

    ran = run("validate", "fruit.keras", "--rubric", "rubrics")

    assert (ran.status, ran.err) == (1, "")
    assert ran.out == (
        "fruit.keras, for the task fruit (Fruit by weight)\n\n"
        "cannot be graded: E_FORMAT\n"
        "  reason            the file is a Git LFS pointer, not the model itself\n"
        "  hint              Run 'git lfs pull' where the model was trained, or commit "
        "it without LFS.\n\n"
        "this model cannot be graded as it is\n"
    )


def test_a_file_that_is_too_large_is_refused(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    dense(saver, units=30_000)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", "--json")

    assert (ran.status, json.loads(ran.out)["code"]) == (1, "E_SIZE")


def test_another_input_shape_is_told_with_both_sides(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    dense(saver, units=3, shape=(2, 2))

    told = json.loads(run("validate", "fruit.keras", "--rubric", "rubrics/fruit.yaml",
                          "--json").out)  # fmt: skip

    assert (told["clear"], told["code"]) == (False, "E_INPUT_SHAPE")
    assert "(None, 2, 2)" in told["rationale"]
    assert "(None, 4)" in told["rationale"]


def test_what_would_be_adapted_is_told(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    dense(saver, units=3, shape=(4, 1))

    ran = run("validate", "fruit.keras", "--rubric", "rubrics")

    assert ran.status == 0
    assert (
        "\n\nadapted between the task's inputs and the model's\n"
        "  weight: (None, 4) given as (None, 4, 1)\n\n"
    ) in ran.out


def test_a_group_counts_if_its_members_are_known_and_waits_if_not(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    head = RUBRIC.partition("criteria:")[0]
    lstm = "{id: %s, check: model.layers, class: LSTM}"
    rubric.write_text(
        f"{head}criteria:\n"
        "  - id: known\n    group: any\n    points: 2\n    criteria:\n"
        f"      - {lstm % 'a'}\n"
        "      - {id: b, check: model.layers, class: Dense}\n"
        "  - id: open\n    group: any\n    points: 2\n    criteria:\n"
        f"      - {lstm % 'c'}\n"
        "      - {id: d, check: predict.contract}\n"
        "  - id: covered\n    group: any\n    points: 2\n    criteria:\n"
        f"      - {lstm % 'e'}\n"
        "      - {id: f, check: file, visibility: hidden}\n"
    )
    dense(saver, units=3)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", "--json")

    told = json.loads(ran.out)
    assert ran.status == 0
    assert [(each["id"], each["verdict"], each["against"]) for each in told["decided"]
            ] == [
        ("a", "failed", False),
        ("b", "passed", False),
        ("known", "passed", False),
        ("c", "failed", False),
        ("e", "failed", False),
    ]  # fmt: skip
    assert [each["id"] for each in told["waiting"]] == ["d", "open"]


def test_a_base_model_that_is_not_here_leaves_its_criterion_open(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    rubric.write_text(
        f"{RUBRIC}".replace(
            "  - {id: file, check: file}\n",
            "  - {id: base, check: model.base, base: ../secret/base.keras}\n",
        )
    )
    dense(saver, units=3)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", "--json")

    told = json.loads(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert [each["id"] for each in told["decided"]] == ["io", "small"]
    assert [each["id"] for each in told["waiting"]] == ["base", "contract", "accuracy"]


@pytest.fixture
def course(rubric: Path) -> Path:
    """Add a second rubric, for vegetables."""
    text = RUBRIC.replace("task: fruit", "task: greens")
    path = rubric.with_name("greens.yaml")
    path.write_text(text.replace("artifact: {", "artifact: {names: [cat5/mymodel], "))
    return rubric.parents[1]


@pytest.mark.parametrize(
    ("file", "task"),
    [
        ("fruit.keras", "fruit"),
        ("alice_Fruit.keras", "fruit"),
        ("cat5/mymodel.keras", "greens"),
    ],
)
def test_the_name_of_the_file_says_which_task_is_meant(
    run: "Run", saver: "Saver", course: Path, file: str, task: str
) -> None:
    dense(saver, name=file, units=3)

    ran = run("validate", file, "--rubric", str(course), "--json")

    assert json.loads(ran.out)["task"] == task


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["model.keras", "--rubric", "rubrics"],
            "model.keras: its name does not say which task it is for; add --task "
            "fruit|greens",
        ),
        (
            ["model.keras", "--rubric", "rubrics", "--task", "friut"],
            "--task: no rubric has the task 'friut'; did you mean 'fruit'?",
        ),
        (
            ["other.keras", "--rubric", "rubrics"],
            "other.keras: there is no such file; give the path of a saved model",
        ),
        (
            ["model.keras", "--rubric", "nowhere"],
            "nowhere: there are no rubrics; give the place of a rubric or of a folder "
            "of them",
        ),
        (
            ["model.keras", "--rubric", "broken.yaml"],
            "broken.yaml:1:1: is empty; write the keys it needs",
        ),
        (
            ["model.keras", "--rubric", "rubrics", "--task", "fruit", "--source", "."],
            "--source: the task 'fruit' takes no code; leave it out",
        ),
    ],
    ids=["no-task", "slip", "no-file", "no-rubric", "broken", "source"],
)
def test_a_mistake_in_calling_it_is_told_with_the_way_out(
    run: "Run", saver: "Saver", course: Path, words: list[str], message: str
) -> None:
    dense(saver, name="model.keras", units=3)
    (course / "broken.yaml").write_text("")

    ran = run("validate", *words)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"{message}\n"


def test_a_rubric_must_be_named(run: "Run", saver: "Saver") -> None:
    dense(saver, units=3)

    ran = run("validate", "fruit.keras")

    assert ran.status == 2
    assert ran.err.endswith("error: the following arguments are required: --rubric\n")


def test_names_in_a_file_cannot_steer_a_terminal(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    hostile = "\x1b[31mred\u202e\nnothing is known against this model"
    dense(saver, units=3, activation=hostile)

    texts = [
        run("validate", "fruit.keras", "--rubric", "rubrics", *options).out
        for options in ((), ("--json",))
    ]

    for text in texts:
        assert all(line.isprintable() for line in text.split("\n"))
        assert "nothing is known against this model" not in text.splitlines()


def test_nobody_looks_for_tensorflow_unless_it_is_asked_for(
    saver: "Saver", rubric: Path
) -> None:
    path = dense(saver, units=3)
    code = (
        "import sys\n"
        "class Guard:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'tensorflow', 'keras', 'tf_keras'}:\n"
        "            raise AssertionError(f'looked for {name}')\n"
        "sys.meta_path.insert(0, Guard())\n"
        "from pytest_tfgrade.cli import main\n"
        f"print(main(['validate', {str(path)!r}, '--rubric', {str(rubric)!r}]))\n"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert shown.stdout.splitlines()[-1] == "0"


def test_a_name_that_is_not_accepted_is_told_with_those_that_are(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    rubric.write_text(
        RUBRIC.replace("artifact: {", "artifact: {names: [fruit, cat5/mymodel], ")
    )
    dense(saver, name="mymodel.keras", units=3)

    ran = run("validate", "mymodel.keras", "--rubric", str(rubric))

    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith(
        "mymodel.keras, for the task fruit (Fruit by weight)\n\n"
        "against this model\n"
        "  E_MISSING  this name is not accepted\n"
        "    Hand it in as fruit.keras or cat5/mymodel.keras.\n\n"
        "decided without hidden data\n"
    )
    assert ran.out.endswith("\n\nknown against this model: its name\n")


def test_the_tail_of_a_path_is_a_name(
    run: "Run", saver: "Saver", rubric: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rubric.write_text(
        RUBRIC.replace("artifact: {", "artifact: {names: [cat5/mymodel], ")
    )
    folder = dense(saver, name="cat5/mymodel.keras", units=3).parent
    monkeypatch.chdir(folder)

    ran = run("validate", "mymodel.keras", "--rubric", str(rubric), "--json")

    assert (ran.status, json.loads(ran.out)["findings"]) == (0, [])


def test_one_rubric_has_the_defaults_of_the_exam_file_beside_it(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    rubric.write_text(RUBRIC.replace("artifact: {max_size: 100 kB}\n", ""))
    rubric.with_name("exam.yaml").write_text(
        "exam: Autumn\ntasks: [fruit]\ndefaults: {artifact: {formats: [h5]}}\n"
    )
    dense(saver, units=3)

    told = json.loads(
        run("validate", "fruit.keras", "--rubric", str(rubric), "--json").out
    )

    assert told["rationale"] == "fruit.keras is a .keras file, the task takes .h5"


def test_problems_of_the_exam_file_beside_a_rubric_are_told(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    rubric.with_name("exam.yaml").write_text("exam: Autumn\n")
    dense(saver, units=3)

    ran = run("validate", "fruit.keras", "--rubric", str(rubric))

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"{rubric.with_name('exam.yaml')}:1:1: the key 'tasks' is missing; add it\n"
    )


def h5(saver: "Saver", *layers: dict[str, Any], bias: float = 2.0) -> Path:
    """Save an HDF5 file of layers, the last of which makes three numbers."""
    return saver.h5(
        "fruit.h5",
        saver.start(4),
        *layers,
        saver.layer("Dense", "kind", units=3, activation="softmax"),
        weights={
            "model_weights/kind/kind/kernel:0": np.ones((4, 3)),
            "model_weights/kind/kind/bias:0": [bias, 1, 1],
        },
        training_config={},
    )


def test_a_layer_that_keras_lacks_is_told_of_an_h5_file_without_loading(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    h5(saver, saver.layer("Squeeze2", "own"))

    told = json.loads(run("validate", "fruit.h5", "--rubric", "rubrics", "--json").out)

    assert (told["clear"], told["gradable"]) == (False, False)
    assert (told["code"], told["rationale"]) == (
        "E_CUSTOM_OBJECT",
        "the model needs 'Squeeze2' (layer 'own'), which the grader does not have",
    )
    assert told["waiting"] == []


def test_a_layer_of_old_that_tf_keras_loads_is_none_that_it_lacks(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    h5(saver, saver.layer("BatchNormalizationV1", "norm"))

    ran = run("validate", "fruit.h5", "--rubric", "rubrics")

    assert ran.status == 0


def test_weights_that_are_no_numbers_are_told_without_loading(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    h5(saver, bias=np.nan)

    ran = run("validate", "fruit.h5", "--rubric", "rubrics")

    assert (ran.status, ran.err) == (1, "")
    assert (
        "\n\nagainst this model\n"
        "  E_NONFINITE  weights of 'kind' are NaN or infinite, and so is what is "
        "computed with them\n"
        "    Lower the learning rate and check the training data for NaN.\n\n"
    ) in ran.out
    assert ran.out.endswith("known against this model: its weights\n")


def test_the_file_that_cannot_be_graded_has_the_verdict_that_grading_gives(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    (tmp_path / "fruit.keras").write_text("<html>")

    told = json.loads(
        run("validate", "fruit.keras", "--rubric", "rubrics", "--json").out
    )

    assert [
        (each["id"], each["verdict"], each["code"]) for each in told["decided"]
    ] == [
        ("file", "failed", "E_FORMAT"),
        ("io", "skipped", None),
        ("small", "skipped", None),
    ]
    assert told["waiting"] == []


def test_a_folder_without_a_graph_is_no_savedmodel(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    (tmp_path / "fruit" / "variables").mkdir(parents=True)

    told = json.loads(run("validate", "fruit", "--rubric", "rubrics", "--json").out)

    assert (told["code"], told["rationale"]) == (
        "E_FORMAT",
        "the folder fruit has no saved_model.pb",
    )


@pytest.fixture
def without_tensorflow(rubric: Path, tmp_path: Path) -> Path:
    """Name a Python as the only runtime that has the standard library alone."""
    python = tmp_path / "bare-python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    rubric.with_name("exam.yaml").write_text(
        "exam: Autumn\ntasks: [fruit]\nruntimes: {old: ../bare-python}\n"
    )
    return python


def test_where_the_runtime_is_missing_the_rest_is_told(
    run: "Run", saver: "Saver", rubric: Path, without_tensorflow: Path
) -> None:
    dense(saver, units=3)
    words = ["validate", "fruit.keras", "--rubric", str(rubric), "--load"]

    ran = run(*words)
    told = json.loads(run(*words, "--json").out)

    decided = CLEAR.rpartition("not tried here")[0]
    assert (ran.status, ran.err) == (4, "")
    assert ran.out.startswith(f"{decided}not loaded and called: the runtime 'old': ")
    assert ran.out.endswith(
        "nothing is known against this model; it could not be loaded here\n"
    )
    assert f"{without_tensorflow.name} has no tensorflow" in told["trial"]["untried"]
    assert [each["id"] for each in told["waiting"]] == ["contract", "accuracy"]


def test_what_is_known_against_a_model_counts_more_than_a_missing_runtime(
    run: "Run", saver: "Saver", rubric: Path, without_tensorflow: Path
) -> None:
    dense(saver, units=5)

    ran = run("validate", "fruit.keras", "--rubric", str(rubric), "--load")

    assert ran.status == 1


SOURCE = RUBRIC.replace("artifact: {", "artifact: {source: {names: [model]}, ")


def test_code_beside_the_file_goes_with_it(
    run: "Run", saver: "Saver", rubric: Path, tmp_path: Path
) -> None:
    rubric.write_text(SOURCE)
    h5(saver, saver.layer("Squeeze2", "own"))
    (tmp_path / "Model.py").write_text("")

    ran = run("validate", "fruit.h5", "--rubric", str(rubric))
    told = json.loads(run("validate", "fruit.h5", "--rubric", "rubrics", "--json").out)

    assert ran.status == 0
    assert ran.out.startswith(
        "fruit.h5 with Model.py, for the task fruit (Fruit by weight)\n"
    )
    assert told["source"] == "Model.py"


def test_code_lies_where_the_rubric_says_seen_from_the_candidates_folder(
    run: "Run", saver: "Saver", rubric: Path, tmp_path: Path
) -> None:
    named = "artifact: {names: [cat5/mymodel], source: {names: [code/layers]}, "
    rubric.write_text(RUBRIC.replace("artifact: {", named))
    dense(saver, name="cat5/mymodel.keras", units=3)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "layers.py").write_text("")

    ran = run("validate", "cat5/mymodel.keras", "--rubric", str(rubric), "--json")

    assert json.loads(ran.out)["source"] == "layers.py"


def test_code_of_a_candidate_is_told_by_the_name_in_both_files(
    run: "Run", saver: "Saver", rubric: Path, tmp_path: Path
) -> None:
    rubric.write_text(SOURCE)
    dense(saver, name="ada_fruit.keras", units=3)
    for name in ("ada_model.py", "bob_model.py"):
        (tmp_path / name).write_text("")

    ran = run("validate", "ada_fruit.keras", "--rubric", str(rubric), "--json")

    assert json.loads(ran.out)["source"] == "ada_model.py"


def test_code_that_is_named_and_missing_is_a_mistake_of_the_caller(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    rubric.write_text(SOURCE)
    dense(saver, units=3)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", "--source", "nope.py")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "--source: nope.py: there is no such file; give the path of a Python file\n"
    )


TOO_LARGE = "numbers that int8 cannot hold (uint8)"
NO_FLAGS = "numbers other than 0 and 1 (float32)"

CASTS = [
    ("dtype: float32", "int32", "left open"),
    ("dtype: float32, range: [0, 1]", "bool", "left open"),
    ("dtype: int64", "int32", "left open"),
    ("dtype: int64", "float32", "left open"),
    ("dtype: float64", "float32", "kept"),
    ("dtype: int64, range: [0, 255]", "float32", "kept"),
    ("dtype: uint8, range: [0, 1]", "bool", "kept"),
    ("dtype: uint8, range: [0, 255]", "int8", TOO_LARGE),
    ("dtype: float32, range: [0, 255]", "bool", NO_FLAGS),
]


@pytest.mark.parametrize("cast", CASTS, ids=lambda cast: f"{cast[0]} to {cast[1]}")
def test_a_cast_is_decided_by_the_stated_range_or_left_to_hidden_data(
    run: "Run", saver: "Saver", rubric: Path, cast: tuple[str, str, str]
) -> None:
    given, taken, text = cast
    rubric.write_text(RUBRIC.replace("[null, 4]", f"[null, 4], {given}"))
    whole_numbers(saver, taken)

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", "--json")

    told = json.loads(ran.out)
    left_open = "weight: hidden data decide whether every value survives"
    refused = f"the model takes {taken} inputs for 'weight', the task gives {text}"
    decided = text in {"left open", "kept"}
    assert told["rationale"] == (None if decided else refused)
    assert (left_open in told["adapted"]) is (text == "left open")


def whole_numbers(saver: "Saver", dtype: str) -> None:
    """Save a model that declares its input of a dtype."""
    start = saver.layer("InputLayer", "in", batch_shape=[None, 4], dtype=dtype)
    layer = saver.layer("Dense", "kind", activation="softmax", units=3)
    weights = {
        "layers/dense/vars/0": np.ones((4, 3)),
        "layers/dense/vars/1": np.ones(3),
    }
    saver.keras("fruit.keras", start, layer, weights=weights)


def test_made_up_inputs_leave_a_cast_to_hidden_data(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    given = "[null, 4], dtype: float32, range: [0, 1]"
    rubric.write_text(RUBRIC.replace("[null, 4]", given))
    whole_numbers(saver, "int32")

    ran = run("validate", "fruit.keras", "--rubric", "rubrics", "--load")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.count("weight: float32 given as int32") == 1
    assert ran.out.endswith(
        "  passed  contract  predictions of shape (16, 3), all finite\n\n"
        "not tried here: hidden data decide\n"
        "  accuracy (5 points): Most fruit is told apart\n\n"
        "nothing is known against this model\n"
    )


def test_what_a_model_raises_is_told_on_its_own_machine(
    run: "Run", saver: "Saver", rubric: Path
) -> None:
    dense(saver, units=3, kernel_initializer="of my own")
    words = ["validate", "fruit.keras", "--rubric", "rubrics", "--load"]

    ran = run(*words)
    told = json.loads(run(*words, "--json").out)

    said = "Could not interpret initializer identifier: of my own"
    assert ran.status == 1
    assert re.search(f"^  raised +{said}$", ran.out, re.MULTILINE)
    assert told["detail"].rpartition(": ")[0].endswith(said.rpartition(": ")[0])
