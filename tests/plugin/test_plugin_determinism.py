"""The same file gets the same grade: alone, among others, in any order, many times."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

Grade = Callable[[str, dict[str, bytes], int], dict[str, str]]

RUBRIC = """\
task: digits
dataset: digits
contract:
  inputs: {image: {shape: [null, 8, 8], dtype: float32}}
  outputs: {digit: {shape: [null, 10], kind: probabilities}}
limits: {seconds: 60, memory: 2 GiB}
criteria:
  - {id: bytes, check: "checks:fingerprint", points: 1}
  - {id: steady, check: predict.contract, deterministic: true, batch_sizes: [7]}
  - {id: loss, check: predict.metric, metric: log_loss, curve: {0: 1, 5: 0.001}}
  - {id: turned, check: predict.transform, change: {rotate: 15}, metric: log_loss,
     curve: {0: 3, 1: 0.001}}
"""

CHECKS = '''\
"""A check that tells predictions apart to the last bit."""

from hashlib import sha256

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.criterion import Measured


def fingerprint(run: Evaluation) -> Measured:
    """The predictions have a fingerprint."""
    return Measured(rationale=sha256(run.predictions["digit"].tobytes()).hexdigest())
'''

COPIES = 20


@pytest.fixture
def models() -> dict[str, bytes]:
    """Return models of different architectures and scores."""
    submissions = ROOT / "examples" / "submissions"
    names = ("alice", "bob", "carol")
    return {name: (submissions / name / "digits.keras").read_bytes() for name in names}


@pytest.fixture
def grade(pytester: pytest.Pytester) -> Grade:
    """Grade files by candidate; return the criteria of each as they are written."""
    rubrics = pytester.mkdir("rubrics")
    (rubrics / "digits.yaml").write_text(RUBRIC, encoding="utf-8")
    (rubrics / "checks.py").write_text(CHECKS, encoding="utf-8")

    def graded(name: str, files: dict[str, bytes], workers: int) -> dict[str, str]:
        folder = pytester.mkdir(name)
        for candidate, content in files.items():
            (folder / f"{candidate}_digits.keras").write_bytes(content)
        pytester.runpytest_subprocess(
            *("--tfgrade", name, "--tfgrade-data", ROOT / "reference_data"),
            *("--tfgrade-report", f"{name}-out", "--tfgrade-workers", str(workers)),
        )
        out = pytester.path / f"{name}-out" / "grades.json"
        document = json.loads(out.read_text(encoding="utf-8"))
        return {s["id"]: _criteria(s["tasks"][0]) for s in document["submissions"]}

    return graded


def _criteria(task: dict[str, Any]) -> str:
    assert task["result"] == "graded"
    return json.dumps(task["criteria"])


def numbered(model: bytes, number: int) -> bytes:
    """Return the same model in a file of other bytes, so that it is run by itself."""
    return model[:-2] + bytes([2, 0]) + number.to_bytes(2, "big")


def test_a_file_gets_the_same_grade_alone_among_others_and_twenty_times(
    grade: Grade, models: dict[str, bytes]
) -> None:
    alice = models["alice"]
    copies = {f"c{number}": numbered(alice, number) for number in range(COPIES)}
    backwards = dict(zip(models, ("z", "y", "x"), strict=True))

    alone = grade("alone", {"alice": alice}, 1)
    crowd = grade("crowd", {**models, **copies}, 2)
    queue = grade("queue", {backwards[name]: models[name] for name in models}, 1)

    assert {crowd.pop(name) for name in copies} == {alone["alice"]}
    assert {name: queue[backwards[name]] for name in models} == crowd
    assert crowd["alice"] == alone["alice"]
    assert len(set(crowd.values())) == len(models)
