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

nothing is known against this model
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
  contract: The predictions have the rows, shape and kind of numbers that the task \
states.
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

    before, _, after = CLEAR.partition("decided")
    waiting = after.partition("\n\n")[2].rpartition("\n\n")[0]
    assert (ran.status, ran.err) == (1, "")
    assert ran.out == (
        f"{before}"
        "cannot be graded: E_FORMAT\n"
        "  reason            the file is a Git LFS pointer, not the model itself\n"
        "  hint              Run 'git lfs pull' where the model was trained, or commit "
        "it without LFS.\n\n"
        f"{waiting}\n\n"
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
