"""Nothing that is hidden gets into what candidates read, whatever models say."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pytest_tfgrade

CANARY = "canary-in-"
"""Begins a word that stands in every text that is for graders alone."""

ROWS = 20

RUBRIC = f"""\
task: sums
title: Sums
dataset: sums
artifact: {{source: {{names: [source]}}}}
contract:
  inputs: {{x: {{shape: [null, 4], dtype: float32}}}}
  outputs: {{y: {{shape: [null, 1]}}}}
limits: {{seconds: 10}}
criteria:
  - {{id: contract, check: predict.contract, points: 1}}
  - id: error
    check: predict.metric
    metric: mae
    threshold: 0.1
    points: 2
  - id: secret
    title: The {CANARY}title
    hint: Feed the {CANARY}hint.
    visibility: hidden
    check: predict.metric
    metric: mae
    threshold: 0.0918273
    points: 2
"""

DESCRIPTION = f"""\
dataset: sums
title: Sums
source: {CANARY}description
license: CC0-1.0
files: {{hidden.npz: SHA256}}
rows: {ROWS}
inputs:
  x: {{file: hidden.npz, field: x, dtype: float32, shape: [4]}}
targets:
  y: {{file: hidden.npz, field: y, dtype: float32, shape: [1]}}
"""

SOURCE = """\
import os
import sys
import traceback

import keras
import numpy as np


@keras.saving.register_keras_serializable("handed_in")
class Spy(keras.layers.Layer):
    def call(self, x):
        seen = " ".join(f"{v:.4f}" for v in np.asarray(x).ravel())
        said = f"{seen} {os.environ} {os.getcwd()} {sys.path} {sys.argv}"
        frame = sys._getframe()
        while frame:
            said += frame.f_code.co_filename
            frame = frame.f_back
        {act}
        return keras.ops.sum(x, axis=-1, keepdims=True)

    def compute_output_shape(self, shape):
        return (shape[0], 1)
"""

ACTS = {
    "prints": "print(said); print(said, file=sys.stderr)",
    "raises": "raise ValueError(said)",
    "names": "raise type(said, (Exception,), {})(said)",
    "shaped": "return x",
    "shown": "return x[:, :1]",
    "undefined": "return x[:, :1] * float('nan')",
    "ends": "print(said, flush=True); os._exit(3)",
    "leaves": "sys.exit(said)",
}
"""What a model does with what it knows, by candidate."""

OURS = str(Path(pytest_tfgrade.__file__).parent)

REPORTS = {"terminal", "junit.xml", "pytest.xml", "grades.csv", "totals.csv"}
"""What candidates may read."""


@pytest.fixture
def course(pytester: pytest.Pytester, make_model: Callable[..., Path]) -> Path:
    """Return a course with a canary wherever something is for graders alone."""
    folder = pytester.mkdir("course")
    data = folder / "reference_data" / "sums"
    data.mkdir(parents=True)
    inputs, targets = hidden()
    np.savez(data / "hidden.npz", x=inputs, y=targets)
    sha256 = hashlib.sha256((data / "hidden.npz").read_bytes()).hexdigest()
    (data / "dataset.yaml").write_text(DESCRIPTION.replace("SHA256", sha256))
    (folder / "rubrics").mkdir()
    (folder / "rubrics" / "sums.yaml").write_text(RUBRIC)
    (folder / "pytest.ini").write_text("[pytest]\n")
    model = spying(make_model)
    for name, act in ACTS.items():
        place = folder / "submissions" / name
        place.mkdir(parents=True)
        (place / "sums.keras").write_bytes(model)
        (place / "source.py").write_text(SOURCE.replace("{act}", act))
    return folder


def hidden() -> tuple[NDArray[Any], NDArray[Any]]:
    """Return inputs and targets, no digits of which come up by chance."""
    numbers = np.random.default_rng(20)
    inputs = numbers.uniform(100, 999, (ROWS, 4)).astype(np.float32)
    return inputs, numbers.uniform(4000, 9999, (ROWS, 1)).astype(np.float32)


@pytest.fixture
def shown(course: Path) -> dict[str, str]:
    """Grade for candidates; return what they read, and what the grader reads."""
    words = ("--tfgrade=submissions", "--tfgrade-audience=candidate", "-v", "-ra")
    reports = ("--tfgrade-report=out", "--junitxml=out/pytest.xml")
    ended = subprocess.run(
        (sys.executable, "-m", "pytest", *words, *reports),
        cwd=course,
        capture_output=True,
        check=False,
        env={**os.environ, "TFGRADE_TOKEN": f"{CANARY}environment"},
        timeout=300,
    )
    assert (course / "out").is_dir(), ended.stderr.decode()
    files = {path.name: path.read_text() for path in (course / "out").iterdir()}
    return {"terminal": (ended.stdout + ended.stderr).decode(), **files}


def test_candidates_read_nothing_that_is_hidden(
    course: Path, shown: dict[str, str]
) -> None:
    grades = json.loads(shown.pop("grades.json"))

    own = re.compile(
        r"^(platform|rootdir:|cachedir:|- generated xml file:) .*$", re.MULTILINE
    )
    leaks = {name: [*found_in(own.sub("", shown[name]), course)] for name in shown}
    assert {one["id"] for one in grades["submissions"]} == ACTS.keys()
    assert leaks == {name: [] for name in REPORTS}


def test_the_grader_reads_what_a_model_said_when_it_failed(
    course: Path, shown: dict[str, str]
) -> None:
    """The same search finds what candidates do not read, so it can find."""
    found = set(found_in(shown["grades.json"], course))

    assert f"{CANARY}title" in found
    assert {f"{value:.4f}" for value in hidden()[0].ravel()[:8]} <= found


def spying(make_model: Callable[..., Path]) -> bytes:
    """Return a file with a layer that the candidate's code defines."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(make_model("spy.keras", ("Spy", {}), shape=(4,))) as made,
        zipfile.ZipFile(changed, "w") as archive,
    ):
        for name in made.namelist():
            content = made.read(name)
            if name == "config.json":
                config = json.loads(content)
                own = {"module": None, "registered_name": "handed_in>Spy"}
                config["config"]["layers"][1] |= own
                content = json.dumps(config).encode()
            archive.writestr(name, content)
    return changed.getvalue()


def found_in(text: str, course: Path) -> Iterator[str]:
    """Yield what of a text is for graders alone: canaries, paths, hidden numbers."""
    yield from re.findall(rf"{CANARY}\w+", text)
    yield from (path for path in (str(course), sys.prefix, OURS) if path in text)
    known = {f"{value:.2f}" for array in hidden() for value in array.ravel()}
    for number in re.findall(r"\d{3,}\.\d+", text):
        if f"{float(number):.2f}" in known:
            yield number
    yield from re.findall(r"0\.0918\d*", text)  # the threshold
