"""Models that come with code, or that are fed in another way than they say."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Tasks = dict[str, dict[str, Any]]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def grades(
    tmp_path_factory: pytest.TempPathFactory, describe: Callable[..., None]
) -> Tasks:
    """Return what became of each candidate's one task."""
    folder = tmp_path_factory.mktemp("special")
    maker = [sys.executable, str(HERE / "make_special.py"), str(folder)]
    subprocess.run(maker, capture_output=True, check=True)
    with np.load(folder / "native.npz") as stored:
        native = dict(stored)
    for task in ("flat", "image", "words"):
        inputs = {"x": native[f"input:{task}"]}
        targets = {"y": native[f"output:{task}"]}
        describe(folder, task, task, inputs, targets)
    write_ids(folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    options = ["--tfgrade=submissions", "--tfgrade-report=out"]
    subprocess.run([*command, *options], cwd=folder, check=False, capture_output=True)
    document = json.loads((folder / "out" / "grades.json").read_text())
    return {
        submission["id"]: task
        for submission in document["submissions"]
        for task in submission["tasks"]
        if task["artifact"] is not None
    }


def write_ids(folder: Path) -> None:
    """Let the task of texts publish a vocabulary."""
    rubric = folder / "rubrics" / "words.yaml"
    text = rubric.read_text()
    ids = "{vocabulary: words.txt, length: 2, padding: post, truncation: post}"
    rubric.write_text(text.replace("dtype: string", f"dtype: string\n      ids: {ids}"))
    (folder / "rubrics" / "words.txt").write_text("a\nthe\ndog\ncat\n")


@pytest.mark.parametrize(
    ("candidate", "adapted"),
    [
        pytest.param("needless", [], id="code-that-is-not-needed-is-not-run"),
        pytest.param("needless_h5", [], id="nor-beside-an-h5-file"),
        pytest.param("weights", [], id="weights-and-what-builds-their-model"),
        pytest.param(
            "channels_first",
            ["channels_first: computed with oneDNN, as this processor does"],
            id="what-only-onednn-computes",
        ),
        pytest.param(
            "ids",
            ["x: texts given as ids of words"],
            id="ids-where-the-file-says-nothing",
        ),
    ],
)
def test_an_honest_model_has_its_own_predictions(
    candidate: str, adapted: list[str], grades: Tasks
) -> None:
    task = grades[candidate]

    assert task["code"] is None, task["criteria"]
    assert task["points"] == 1
    assert task["run"]["adapted"] == adapted


def test_a_registered_name_finds_a_class_that_is_only_defined(grades: Tasks) -> None:
    assert (grades["registered"]["code"], grades["registered"]["points"]) == (None, 0)


@pytest.mark.parametrize(
    ("candidate", "rationale"),
    [
        ("no_model", "the function that builds the model returned something else"),
        (
            "no_input",
            "the function that builds the model returned one without weights",
        ),
        (
            "no_builder",
            "the source code has no function of the name that the task asks for",
        ),
        (
            "other_weights",
            "the weights do not belong to the model that the source code builds",
        ),
        (
            "small_table",
            "the model looks up a number that its table does not have",
        ),
    ],
)
def test_a_failure_that_is_known_is_told(
    candidate: str, rationale: str, grades: Tasks
) -> None:
    task = grades[candidate]

    told = next(c["rationale"] for c in task["criteria"])
    assert (task["code"], told) == ("E_LOAD", rationale)


def test_no_candidate_is_left_out(grades: Tasks) -> None:
    maker = (HERE / "make_special.py").read_text()

    assert len(grades) == maker.count('hand_in("')
