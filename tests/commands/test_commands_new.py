"""``tfgrade rubric new``: from described data to a rubric that passes its checks."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Run

MakeDataset = Callable[..., None]

FRUIT = """\
# yaml-language-server: $schema=rubric.schema.json
# Begun by: tfgrade rubric new fruit
# What each word means: tfgrade rubric explain NAME
task: fruit
title: 'Fruit: by weight'
description: >-
  Say here what the candidate is to do, and what the public data are.
dataset: fruit
artifact:
  names: [fruit]  # in the candidate's folder, without the ending
  formats: [keras, h5]  # or savedmodel, tflite; weights with a source
  max_size: 20 MB
contract:
  inputs:
    weight: {shape: [null, 1], dtype: float32}  # grams; 0 to 500
  outputs:
    kind: {shape: [null, 3], kind: probabilities}  # in this order: cherry, apple, melon
limits: {seconds: 60, memory: 2 GiB}
criteria:
  # Without points these only gate what names them in `requires`, or inform.
  - {id: file, check: file}
  - {id: shapes, check: model.io}
  - {id: contract, check: predict.contract}
  - id: accuracy
    check: predict.metric
    metric: accuracy
    # CALIBRATE: a first guess, points: bound. The best predictor that learns nothing,
    # majority, has 0.375. Train a good and a weak model, put them under selftest, and
    # move the bounds. They should lie three standard errors apart, here 0.1.
    bands: {5: 0.91, 3: 0.75, 1: 0.56}
    requires: [contract]
selftest:
  # artifacts:  # your own models, and the points that each must get
  #   - {file: references/fruit_good.keras, points: 5}
  predictors:  # the most points that each may earn
    majority: 0
    mean: 0
    zeros: 0
    uniform: 0
    linear: 5  # it learns what is easy
"""


def test_a_rubric_is_written_for_described_data(run: "Run", fruit: Path) -> None:
    ran = run("rubric", "new", "fruit")

    assert ran.err == ""
    assert ran.out == (
        "wrote rubrics/fruit.yaml; next:\n"
        "  say in it what the task is, and move the bounds marked CALIBRATE\n"
        "  tfgrade rubric schema > rubrics/rubric.schema.json  # for editors\n"
        "  tfgrade rubric check && tfgrade rubric selftest --no-models\n"
    )
    assert Path("rubrics/fruit.yaml").read_text() == FRUIT


def test_what_is_written_is_in_order(run: "Run", fruit: Path) -> None:
    run("rubric", "new", "fruit")

    ran = run("rubric", "check")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "rubrics: 1 task, all in order\n  fruit: 5 points, 4 criteria, data fruit\n"
    )


def test_no_trivial_predictor_earns_what_it_may_not(run: "Run", fruit: Path) -> None:
    run("rubric", "new", "fruit")

    ran = run("rubric", "selftest", "--no-models")

    assert (ran.status, ran.err) == (0, "")


def test_an_exam_beside_it_is_to_name_the_task(run: "Run", fruit: Path) -> None:
    Path("rubrics").mkdir()
    Path("rubrics/exam.yaml").write_text("exam: any\ntasks: [other]\n")
    Path("rubrics/rubric.schema.json").touch()

    ran = run("rubric", "new", "fruit")

    assert ran.out == (
        "wrote rubrics/fruit.yaml; next:\n"
        "  say in it what the task is, and move the bounds marked CALIBRATE\n"
        "  add fruit to tasks in rubrics/exam.yaml\n"
        "  tfgrade rubric check && tfgrade rubric selftest --no-models\n"
    )


def test_nothing_is_overwritten(run: "Run", fruit: Path) -> None:
    Path("mine.yaml").write_text("task: mine\n")

    ran = run("rubric", "new", "fruit", "--output", "mine.yaml")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "mine.yaml: is there already; remove it, or choose another place with "
        "--output\n"
    )
    assert Path("mine.yaml").read_text() == "task: mine\n"


@pytest.mark.parametrize("data", ["reference_data/fruit", "reference_data"])
def test_data_are_given_by_their_folder_or_the_one_around_it(
    run: "Run", fruit: Path, data: str
) -> None:
    Path("elsewhere").mkdir()

    ran = run("rubric", "new", "fruit", "--data", data, "--output", "elsewhere/a.yaml")

    assert (ran.status, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["pears"],
            "reference_data/pears: there is no dataset.yaml; describe the hidden data "
            "first, or give their --data\n",
        ),
        (
            ["dried fruit"],
            "the name of a task must begin with a letter or digit and go on with up to "
            "59 letters, digits, '_', '.' or '-', got 'dried fruit'; write "
            "dried-fruit\n",
        ),
        (
            ["fruit", "--output", "fruit"],
            "fruit: a rubric is YAML; call it fruit.yaml\n",
        ),
    ],
)
def test_what_cannot_be_written_says_why(
    run: "Run", fruit: Path, words: list[str], text: str
) -> None:
    ran = run("rubric", "new", *words)

    assert (ran.status, ran.out, ran.err) == (2, "", text)


def test_a_name_that_yaml_reads_as_something_else_is_quoted(
    run: "Run", fruit: Path
) -> None:
    run("rubric", "new", "2026", "--data", "reference_data/fruit")

    ran = run("rubric", "explain", "rubrics/2026.yaml")

    assert ran.out.startswith("Fruit: by weight (2026): 5 points\n")


GENERATOR = np.random.default_rng(0)
PICTURES = GENERATOR.random((80, 6, 6), np.float32)
MASKS = PICTURES > 0.7
LABELS = np.arange(80) % 4
WALK = np.cumsum(GENERATOR.normal(size=(80, 12)), axis=1).astype(np.float32)


def series(*, steps: int) -> np.ndarray[Any, Any]:
    return WALK[:, -1:] + GENERATOR.normal(size=(80, steps), scale=0.3)


@pytest.mark.parametrize(
    ("inputs", "targets", "shape", "kind", "metric"),
    [
        pytest.param(
            PICTURES, LABELS, [None, 4], "probabilities", "accuracy", id="classes"
        ),
        pytest.param(
            PICTURES, LABELS % 2, [None, 1], "probabilities", "accuracy", id="yes-or-no"
        ),
        pytest.param(
            PICTURES,
            np.eye(4, dtype=np.float32)[LABELS],
            [None, 4],
            "probabilities",
            "accuracy",
            id="one-hot",
        ),
        pytest.param(
            PICTURES,
            np.stack([LABELS % 2, LABELS // 2, LABELS < 3], axis=1).astype(np.int64),
            [None, 3],
            None,
            "multilabel_f1",
            id="several-labels",
        ),
        pytest.param(
            PICTURES,
            (PICTURES * 3).astype(np.int64),
            [None, 6, 6, 3],
            "probabilities",
            "iou",
            id="a-class-for-each-pixel",
        ),
        pytest.param(
            PICTURES[..., None],
            MASKS.astype(np.int64),
            [None, 6, 6, 1],
            "probabilities",
            "binary_iou",
            id="a-mask",
        ),
        pytest.param(
            PICTURES,
            MASKS,
            [None, 6, 6, 1],
            "probabilities",
            "binary_iou",
            id="a-mask-of-bool",
        ),
        pytest.param(
            PICTURES[..., None],
            MASKS[..., None].astype(np.float32),
            [None, 6, 6, 1],
            "probabilities",
            "binary_iou",
            id="a-mask-of-fractions",
        ),
        pytest.param(
            np.repeat(np.repeat(PICTURES, 2, axis=1), 2, axis=2)[..., None],
            MASKS.astype(np.uint8),
            [None, 6, 6, 1],
            "probabilities",
            "binary_iou",
            id="a-mask-smaller-than-its-picture",
        ),
        pytest.param(
            PICTURES[..., None],
            np.stack([MASKS, PICTURES > 0.4], axis=-1).astype(np.uint8),
            [None, 6, 6, 2],
            None,
            "binary_crossentropy",
            id="two-masks-that-overlap",
        ),
        pytest.param(
            PICTURES[..., None],
            np.stack([MASKS, ~MASKS], axis=-1).astype(np.uint8),
            [None, 6, 6, 2],
            "probabilities",
            "iou",
            id="one-hot-masks",
        ),
        pytest.param(
            WALK[..., None],
            np.stack([WALK > 0, WALK > 1], axis=-1).astype(np.int64),
            [None, 12, 2],
            None,
            "binary_crossentropy",
            id="flags-at-each-step",
        ),
        pytest.param(
            PICTURES[..., None],
            (PICTURES * 255).astype(np.uint8),
            [None, 6, 6],
            None,
            "mae",
            id="grey-levels",
        ),
        pytest.param(
            PICTURES,
            PICTURES.mean(axis=(1, 2)),
            [None, 1],
            None,
            "mae",
            id="a-number",
        ),
        pytest.param(
            WALK[..., None], series(steps=3), [None, 3], None, "mase", id="a-forecast"
        ),
        pytest.param(
            PICTURES, LABELS - 2, [None, 1], None, "mae", id="whole-numbers-below-0"
        ),
    ],
)
def test_the_contract_and_the_metric_follow_from_the_data(  # noqa: PLR0913 - a row
    run: "Run",
    dataset: MakeDataset,
    *,
    inputs: np.ndarray[Any, Any],
    targets: np.ndarray[Any, Any],
    shape: list[int | None],
    kind: str | None,
    metric: str,
) -> None:
    dataset("guessed", inputs, targets)

    written = run("rubric", "new", "guessed")

    assert written.err == ""
    rubric = yaml.safe_load(Path("rubrics/guessed.yaml").read_text())
    output = rubric["contract"]["outputs"]["y"]
    assert (output["shape"], output.get("kind")) == (shape, kind)
    assert rubric["criteria"][-1]["metric"] == metric
    assert run("rubric", "selftest", "--no-models").err == ""


def test_data_with_nothing_to_learn_are_refused(
    run: "Run", dataset: MakeDataset
) -> None:
    dataset("constant", PICTURES, np.full(80, 7.5, np.float32))

    ran = run("rubric", "new", "constant")

    assert (ran.status, ran.out) == (3, "")
    assert ran.err == (
        "constant: the trivial predictor mean is perfect on 'y'; use data with "
        "something to learn\n"
    )


def test_data_that_no_metric_fits_are_refused(run: "Run", dataset: MakeDataset) -> None:
    name = "colours"
    dataset(name, PICTURES, np.array(["red", "blue"] * 40))
    path = Path(f"reference_data/{name}/dataset.yaml")
    path.write_text(path.read_text().replace("<U4", "string"))

    ran = run("rubric", "new", name)

    assert (ran.status, ran.out) == (3, "")
    assert ran.err == (
        "colours: no metric fits 'y': targets of dtype <U4 are not real numbers; "
        "correct the data, or write the rubric\n"
    )


WAVE = 3 * np.sin(2 * np.pi * np.arange(36) / 6) + np.round(WALK[:, :1], 2)


def test_the_scale_of_a_series_with_seasons_is_that_of_one_season(
    run: "Run", dataset: MakeDataset
) -> None:
    noisy = WAVE + GENERATOR.normal(size=WAVE.shape, scale=0.1)
    dataset("wave", noisy[:, :30, None], noisy[:, 30:])

    run("rubric", "new", "wave")

    rubric = yaml.safe_load(Path("rubrics/wave.yaml").read_text())
    assert rubric["selftest"]["predictors"]["seasonal_naive"] == {
        "points": 0,
        "options": {"period": 6},
    }
    tried = run("rubric", "selftest", "--no-models")
    assert tried.err == ""
    row = next(r for r in tried.out.splitlines() if "seasonal_naive" in r)
    assert row.split()[:3] == ["seasonal_naive", "mase", "1"]
    assert "\n    # The mae of seasonal_naive with the best period, 6: 1.0" in (
        Path("rubrics/wave.yaml").read_text()
    )


def test_the_scale_is_of_the_rows_that_decide(run: "Run", dataset: MakeDataset) -> None:
    targets = series(steps=3)
    targets[:40] += 0.5  # so that a part has another error than the whole
    dataset("walk", WALK[..., None], targets)
    path = Path("reference_data/walk/dataset.yaml")
    path.write_text(path.read_text() + "public: 30\n")

    run("rubric", "new", "walk")

    tried = run("rubric", "selftest", "--no-models")
    row = next(r for r in tried.out.splitlines() if "last_value" in r)
    assert row.split()[:4] == ["last_value", "mase", "1", "50"]


def test_classes_that_do_not_occur_follow_from_the_range(
    run: "Run", dataset: MakeDataset
) -> None:
    dataset("letters", PICTURES, LABELS, range="[0, 25]")

    run("rubric", "new", "letters")

    rubric = yaml.safe_load(Path("rubrics/letters.yaml").read_text())
    assert rubric["contract"]["outputs"]["y"]["shape"] == [None, 26]


def test_a_model_of_texts_is_not_asked_for_as_h5(
    run: "Run", dataset: MakeDataset
) -> None:
    texts = np.array([f"{word} thing" for word in ("hot", "cold")] * 40)
    dataset("weather", texts, np.tile([0, 1], 40), classes="[hot, cold]")
    path = Path("reference_data/weather/dataset.yaml")
    path.write_text(path.read_text().replace("<U10", "string"))

    ran = run("rubric", "new", "weather")

    written = Path("rubrics/weather.yaml").read_text()
    assert ran.err == ""
    assert "  formats: [keras, savedmodel]  # or tflite; .h5 holds no vocab" in written
    assert run("rubric", "check").err == ""
