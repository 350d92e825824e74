"""Rubrics and exam files that are in order become values."""

from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputKind, OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.documents import read_document
from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.rubric import (
    ArtifactRule,
    BoundCriterion,
    Exam,
    Rubric,
    read_exam,
    read_rubric,
)

FEWEST_WORDS = """\
task: tiny
contract: {inputs: {x: {shape: [null, 1]}}, outputs: {y: {shape: [null, 1]}}}
criteria: [{id: file, check: file, points: 1}]
"""

EVERY_WORD = """\
task: digits
title: Handwritten digits
description: What candidates are told
dataset: digits-2026
artifact:
  names: [digits, category2/mymodel]
  formats: [h5]
  max_size: 5 MB
contract:
  inputs: {image: {shape: [null, 8, 8], dtype: uint8}}
  outputs: {digit: {shape: [null, 10], kind: probabilities}}
limits: {seconds: 1.5, memory: 1 GiB}
points: 7.5
criteria:
  - id: layers
    title: Two convolutions
    check: model.layers
    class: [Conv2D, DepthwiseConv2D]
    min: 2
    max: 4
    points: 2.5
    hint: Read chapter 3.
    skills: [s1.07]
  - id: accuracy
    check: predict.metric
    metric: acc
    bands: {5: 0.92, 2.5: 0.74}
    output: digit
    requires: [layers]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where to write."""
    return tmp_path / "file.yaml"


def test_a_rubric_of_few_words_has_defaults_for_the_rest(file: Path) -> None:
    file.write_text(FEWEST_WORDS)

    rubric = read_rubric(file)

    assert rubric == Rubric(
        task="tiny",
        title="tiny",
        dataset=None,
        artifact=ArtifactRule(
            names=("tiny",), formats=tuple(ArtifactFormat), max_size=50_000_000
        ),
        contract=Contract(
            inputs={"x": InputSpec(shape=(None, 1), dtype="float32")},
            outputs={"y": OutputSpec(shape=(None, 1), kind=OutputKind.ANY)},
        ),
        limits=Limits(seconds=60.0, memory=2 << 30),
        criteria=(
            BoundCriterion(
                id="file",
                title="One saved model of an accepted format and size was handed in.",
                check=CHECKS["file"],
                parameters={},
                points=Decimal(1),
                requires=(),
                hint=None,
                skills=(),
            ),
        ),
        document=read_document(file),
    )


def test_a_rubric_may_say_everything(file: Path) -> None:
    file.write_text(EVERY_WORD)

    rubric = read_rubric(file)

    assert rubric == Rubric(
        task="digits",
        title="Handwritten digits",
        dataset="digits-2026",
        artifact=ArtifactRule(
            names=("digits", "category2/mymodel"),
            formats=(ArtifactFormat.H5,),
            max_size=5_000_000,
        ),
        contract=Contract(
            inputs={"image": InputSpec(shape=(None, 8, 8), dtype="uint8")},
            outputs={
                "digit": OutputSpec(shape=(None, 10), kind=OutputKind.PROBABILITIES)
            },
        ),
        limits=Limits(seconds=1.5, memory=1 << 30),
        criteria=(
            BoundCriterion(
                id="layers",
                title="Two convolutions",
                check=CHECKS["model.layers"],
                parameters={
                    "class_": ["Conv2D", "DepthwiseConv2D"],
                    "min_": 2,
                    "max_": 4,
                },
                points=Decimal("2.5"),
                requires=(),
                hint="Read chapter 3.",
                skills=("s1.07",),
            ),
            BoundCriterion(
                id="accuracy",
                title="The metric meets its threshold, or a band, on the evaluation "
                "dataset.",
                check=CHECKS["predict.metric"],
                parameters={
                    "metric": METRICS["accuracy"],
                    "threshold": None,
                    "bands": {
                        Decimal(5): Decimal("0.92"),
                        Decimal("2.5"): Decimal("0.74"),
                    },
                    "options": None,
                    "output": "digit",
                },
                points=Decimal(5),
                requires=("layers",),
                hint=None,
                skills=(),
            ),
        ),
        document=read_document(file),
    )
    assert rubric.points == Decimal("7.5")


def test_numbers_stay_the_decimals_that_were_written(file: Path) -> None:
    file.write_text(
        EVERY_WORD.replace("0.92", "0.9200").replace("2.5: 0.74", "1: 1e-3")
    )
    file.write_text(file.read_text().replace("7.5", "7.50"))

    accuracy = read_rubric(file).criteria[1]

    assert str(accuracy.parameters["bands"]) == (
        "{Decimal('5'): Decimal('0.92'), Decimal('1'): Decimal('0.001')}"
    )


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1 kB", 1000),
        ("1024", 1024),
        ("1.5MB", 1_500_000),
        ("2 MiB", 2 << 20),
        ("'.5 GB'", 500_000_000),
    ],
)
def test_a_size_has_a_unit_or_is_in_bytes(file: Path, written: str, size: int) -> None:
    file.write_text(f"{FEWEST_WORDS}artifact: {{max_size: {written}}}\n")

    assert read_rubric(file).artifact.max_size == size


def test_an_exam_has_an_order_and_a_pass_mark(file: Path) -> None:
    file.write_text("exam: Winter\ntasks: [text, digits]\npass_mark: 0.60\n")

    assert read_exam(file) == Exam(
        title="Winter",
        tasks=("text", "digits"),
        pass_mark=Decimal("0.6"),
        document=read_document(file),
    )


@pytest.mark.parametrize("share", ["0", "1"])
def test_a_pass_mark_may_be_nothing_or_everything(file: Path, share: str) -> None:
    file.write_text(f"exam: Winter\ntasks: [text]\npass_mark: {share}\n")

    assert read_exam(file).pass_mark == Decimal(share)


def test_an_exam_without_a_pass_mark_has_no_rule(file: Path) -> None:
    file.write_text("exam: Winter\ntasks: [text]\n")

    assert read_exam(file).pass_mark is None
