"""A class of thousands, with real models: nobody is left out, whatever is handed in."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

MakeModel = Callable[..., Path]

CANDIDATES: Final = 2000
BROKEN: Final = 10
"""Every tenth is."""

RUBRIC: Final = """\
task: flat
dataset: squares
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {y: {shape: [null, 64]}}
criteria:
  - {id: file, check: file, points: 1}
  - {id: error, check: predict.metric, metric: mae, threshold: 0.1, points: 4}
"""

CONFTEST: Final = """\
import numpy as np
from pytest_tfgrade.datasets import EvaluationDataset

def pytest_tfgrade_load_dataset(config, name, folder):
    image = np.random.default_rng(0).random((20, 8, 8), dtype=np.float32)
    targets = {"y": image.reshape(20, 64)}
    return EvaluationDataset.of("squares", {"image": image}, targets)
"""


@pytest.fixture
def class_of_thousands(pytester: pytest.Pytester, make_model: MakeModel) -> Path:
    """Three models that work, and five files that do not; of few contents each."""
    pytester.makeconftest(CONFTEST)
    rubrics = pytester.mkdir("rubrics")
    (rubrics / "flat.yaml").write_text(RUBRIC, encoding="utf-8")
    flatten: tuple[str, dict[str, Any]] = ("Flatten", {})
    good = [
        make_model("good.keras", ("Flatten", {"name": name})).read_bytes()
        for name in ("one", "two", "three")
    ]
    broken = [
        b"",
        good[0][:-40],
        b"version https://git-lfs.github.com/spec/v1\n",
        make_model("unknown.keras", flatten, ("NoSuchLayer", {})).read_bytes(),
        make_model("wide.keras", flatten, ("RepeatVector", {"n": 2})).read_bytes(),
    ]
    folder = pytester.mkdir("submissions")
    for number in range(CANDIDATES):
        is_broken = number % BROKEN == 0
        contents = broken if is_broken else good
        content = contents[number // BROKEN % len(contents)]
        (folder / f"c{number:04}_flat.keras").write_bytes(content)
    return folder


def test_two_thousand_of_whom_every_tenth_is_broken_are_two_thousand_rows(
    pytester: pytest.Pytester, class_of_thousands: Path
) -> None:
    result = pytester.runpytest_subprocess(
        *("--tfgrade=submissions", "--tfgrade-report=out"),
        *("-q", "--tb=no", "-p", "no:cacheprovider"),
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    out = pytester.path / "out"
    with (out / "totals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["submission"] for row in rows] == [
        f"c{number:04}" for number in range(CANDIDATES)
    ]
    graded = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    codes = Counter(
        (submission["tasks"][0]["code"], submission["points"])
        for submission in graded["submissions"]
    )
    assert codes == {
        (None, 5): 1800,
        ("E_FORMAT", 0): 120,
        ("E_CUSTOM_OBJECT", 1): 40,
        ("E_OUTPUT_SHAPE", 1): 40,
    }
