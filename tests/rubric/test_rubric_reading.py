"""Rubrics and exam files that are in order become values."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.core.contract import (
    Contract,
    InputSpec,
    OutputKind,
    OutputSpec,
    Side,
    Standardize,
    WordIds,
)
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.scale import BandTable, Cases, Curve, PassMark
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.threshold import Bands, Direction, Threshold
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.documents import read_document
from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.rubric import (
    ArtifactRule,
    BoundCriterion,
    BoundGroup,
    ExamTask,
    GroupRule,
    Rubric,
    SelfTest,
    read_exam,
    read_rubric,
)
from pytest_tfgrade.rubric.model import (
    AllowedPredictor,
    ReferenceArtifact,
    SourceRule,
)
from pytest_tfgrade.rubric.schema import IfUnknown
from pytest_tfgrade.rubric.words import read_vocabulary

FEWEST_WORDS = """\
task: tiny
contract: {inputs: {x: {shape: [null, 1]}}, outputs: {y: {shape: [null, 1]}}}
criteria: [{id: file, check: file, points: 1}]
"""

EVERY_WORD = """\
task: digits
title: {en: Handwritten digits, zh: Shouxie shuzi}
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
points: 5
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
    visibility: hidden
    bonus: true
  - id: accuracy
    check: predict.metric
    dataset: digits-hard
    metric: acc
    bands: {5: 0.92, 2.5: 0.74}
    output: digit
    requires: [layers]
selftest:
  artifacts:
    - {file: known.keras, points: 4.5}
  predictors: {majority: 0, linear: {points: 1, options: {seed: 3}}}
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
        title=Localized.of("tiny"),
        dataset=None,
        artifact=ArtifactRule(
            names=("tiny",),
            formats=tuple(ArtifactFormat)[:4],  # weights alone would need a source
            max_size=50_000_000,
        ),
        contract=Contract(
            inputs={"x": InputSpec(shape=(None, 1), dtype="float32")},
            outputs={"y": OutputSpec(shape=(None, 1), kind=OutputKind.ANY)},
        ),
        limits=Limits(seconds=60.0, memory=2 << 30),
        criteria=(
            BoundCriterion(
                id="file",
                title=Localized.of(CHECKS["file"].title),
                check=CHECKS["file"],
                parameters={},
                points=Decimal(1),
            ),
        ),
        document=read_document(file),
    )


def test_a_rubric_may_say_everything(file: Path) -> None:
    file.write_text(EVERY_WORD)
    known = file.with_name("known.keras")
    known.touch()

    rubric = read_rubric(file)

    layers, _ = rubric.checked
    assert rubric == Rubric(
        task="digits",
        title=Localized({"en": "Handwritten digits", "zh": "Shouxie shuzi"}),
        description=Localized.of("What candidates are told"),
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
                title=Localized.of("Two convolutions"),
                check=CHECKS["model.layers"],
                parameters=layers.parameters,
                points=Decimal("2.5"),
                hint=Localized.of("Read chapter 3."),
                skills=("s1.07",),
                visibility=Visibility.HIDDEN,
                bonus=True,
            ),
            BoundCriterion(
                id="accuracy",
                title=Localized.of(
                    "The metric is good enough on the evaluation dataset."
                ),
                check=CHECKS["predict.metric"],
                parameters={
                    "metric": METRICS["accuracy"],
                    "options": None,
                    "output": "digit",
                },
                scale=BandTable(
                    Bands(
                        {
                            Decimal(5): Decimal("0.92"),
                            Decimal("2.5"): Decimal("0.74"),
                        },
                        Direction.HIGHER_IS_BETTER,
                    )
                ),
                points=Decimal(5),
                requires=("layers",),
                dataset="digits-hard",
            ),
        ),
        selftest=SelfTest(
            artifacts=(ReferenceArtifact(file=known, points=Decimal("4.5")),),
            predictors=(
                AllowedPredictor(name="majority", points=Decimal(0), options={}),
                AllowedPredictor(name="linear", points=Decimal(1), options={"seed": 3}),
            ),
        ),
        document=read_document(file),
    )
    assert (layers.parameters["min_"], layers.parameters["max_"]) == (2, 4)
    assert (rubric.points, rubric.datasets) == (
        Decimal(5),
        ("digits-2026", "digits-hard"),
    )


def test_numbers_stay_the_decimals_that_were_written(file: Path) -> None:
    file.with_name("known.keras").touch()
    file.write_text(
        EVERY_WORD.replace("0.92", "0.9200").replace("2.5: 0.74", "1: 1e-3")
    )
    file.write_text(file.read_text().replace("points: 5", "points: 5.00"))

    accuracy = read_rubric(file).checked[1]

    assert isinstance(accuracy.scale, BandTable)
    assert str(accuracy.scale.bands.bounds) == (
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


def test_an_exam_may_say_everything(file: Path) -> None:
    file.write_text(
        """\
exam: {en: Winter}
tasks:
  - text
  - {task: digits, weight: 1.5, minimum: 2}
pass_mark: 0.60
defaults:
  artifact: {formats: [h5], max_size: 1 MB}
  limits: {seconds: 5}
candidates: "^(?P<candidate>[^_]+)_"
"""
    )

    exam = read_exam(file)

    assert exam.title == Localized({"en": "Winter"})
    assert exam.tasks == (
        ExamTask(task="text", weight=Decimal(1), minimum=Decimal(0)),
        ExamTask(task="digits", weight=Decimal("1.5"), minimum=Decimal(2)),
    )
    assert exam.pass_mark == Decimal("0.6")
    assert exam.candidates == re.compile("^(?P<candidate>[^_]+)_")


def test_a_rubric_inherits_from_its_exam_what_it_does_not_say(
    file: Path, tmp_path: Path
) -> None:
    exam = tmp_path / "exam.yaml"
    exam.write_text(
        "exam: Winter\ntasks: [tiny]\n"
        "defaults: {artifact: {formats: [h5], max_size: 1 MB}, limits: {seconds: 5}}\n"
    )
    file.write_text(f"{FEWEST_WORDS}artifact: {{max_size: 2 MB}}\n")

    rubric = read_rubric(file, defaults=read_exam(exam).defaults)

    assert rubric.artifact == ArtifactRule(
        names=("tiny",), formats=(ArtifactFormat.H5,), max_size=2_000_000
    )
    assert rubric.limits == Limits(seconds=5)


CONTRACT_AND_SOURCE = """\
task: words
artifact:
  source: {names: [model, code/model], builds: make}
  signature: score
  allow_lambda: true
contract:
  inputs:
    text:
      shape: [null]
      dtype: string
      ids:
        vocabulary: words.json
        length: 3
        padding: pre
        truncation: post
        pad: 9
        unknown: 0
        first: 1
        standardize: none
    image: {shape: [null, 8, 8], range: [0, 1], exact: true}
  outputs: {y: {shape: [null, 1], last_step: true}}
criteria:
  - {id: kind, check: model.kind, kind: Functional, points: 1, if_unknown: fail}
"""


def test_a_contract_and_a_source_may_say_everything(file: Path) -> None:
    file.write_text(CONTRACT_AND_SOURCE)
    file.with_name("words.json").write_text('["été", "[", "c"]', encoding="utf-8")

    rubric = read_rubric(file)

    assert rubric.artifact == ArtifactRule(
        names=("words",),
        formats=tuple(ArtifactFormat),
        max_size=50_000_000,
        source=SourceRule(names=("model", "code/model"), file=None, builds="make"),
        signature="score",
        allow_lambda=True,
    )
    assert rubric.contract == Contract(
        inputs={
            "text": InputSpec(
                shape=(None,),
                dtype="string",
                ids=WordIds(
                    words=("été", "[", "c"),
                    length=3,
                    padding=Side.PRE,
                    truncation=Side.POST,
                    pad=9,
                    unknown=0,
                    first=1,
                    standardize=Standardize.NONE,
                ),
            ),
            "image": InputSpec(
                shape=(None, 8, 8), dtype="float32", exact=True, range=(0, 1)
            ),
        },
        outputs={"y": OutputSpec(shape=(None, 1), last_step=True)},
    )
    assert [c.if_unknown for c in rubric.checked] == [IfUnknown.FAIL]


@pytest.mark.parametrize(
    "content", ["\ufeffto\r\nbe\r\n", "to\nbe", '["to", "be"]'], ids=ascii
)
def test_a_vocabulary_is_read_as_editors_write_it(file: Path, content: str) -> None:
    path = file.with_suffix(".json" if content.startswith("[") else ".txt")
    path.write_bytes(content.encode())

    assert read_vocabulary(path) == ("to", "be")


def test_a_source_of_the_exam_lies_beside_the_exam(file: Path, tmp_path: Path) -> None:
    (tmp_path / "layers.py").touch()
    exam = tmp_path / "exam.yaml"
    exam.write_text(
        "exam: Winter\ntasks: [tiny]\n"
        "defaults: {artifact: {source: {file: layers.py}}}\n"
    )
    file.write_text(FEWEST_WORDS)

    rubric = read_rubric(file, defaults=read_exam(exam).defaults)

    assert (rubric.artifact.source, rubric.artifact.formats) == (
        SourceRule(names=(), file=tmp_path / "layers.py", builds="build_model"),
        tuple(ArtifactFormat),
    )


@pytest.mark.parametrize("share", ["0", "1"])
def test_a_pass_mark_may_be_nothing_or_everything(file: Path, share: str) -> None:
    file.write_text(f"exam: Winter\ntasks: [text]\npass_mark: {share}\n")

    assert read_exam(file).pass_mark == Decimal(share)


def test_an_exam_without_a_pass_mark_has_no_rule(file: Path) -> None:
    file.write_text("exam: Winter\ntasks: [text]\n")

    assert read_exam(file).pass_mark is None


# Scales, groups, bonus and penalty

SCALES = """\
task: digits
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {digit: {shape: [null, 10], kind: probabilities}}
criteria:
  - {id: mark, check: predict.metric, metric: mae, threshold: 0.5, points: 2,
     dataset: easy}
  - {id: line, check: predict.metric, metric: mae, curve: {0: 4, 2.5: 1}, dataset: easy}
  - {id: each, check: predict.metric, metric: mae, cases: {easy: 1, hard: 3}}
  - {id: share, check: predict.metric, metric: mae, cases: {easy: 1, hard: 3},
     points: 5}
  - {id: cost, check: file, penalty: 1.5}
  - {id: more, check: file, points: 1, bonus: true}
"""


def test_every_scale_is_bound_with_its_points(file: Path) -> None:
    file.write_text(SCALES)

    rubric = read_rubric(file)

    lower = Direction.LOWER_IS_BETTER
    bounds = {
        "easy": Threshold(Decimal(1), lower),
        "hard": Threshold(Decimal(3), lower),
    }
    assert {c.id: (c.scale, c.points, c.penalty) for c in rubric.checked} == {
        "mark": (PassMark(Threshold(Decimal("0.5"), lower), Decimal(2)), 2, 0),
        "line": (
            Curve({Decimal(0): Decimal(4), Decimal("2.5"): Decimal(1)}, lower),
            Decimal("2.5"),
            0,
        ),
        "each": (Cases(bounds, Decimal(1)), 2, 0),
        "share": (Cases(bounds, Decimal("2.5")), 5, 0),
        "cost": (None, 0, Decimal("1.5")),
        "more": (None, 1, 0),
    }
    assert (rubric.points, rubric.dataset) == (Decimal("11.5"), None)
    assert rubric.datasets == ("easy", "hard")


GROUPS = """\
task: digits
criteria:
  - {id: first, check: file}
  - id: both
    group: sum
    title: Two of them
    points: 1.5
    requires: [first]
    visibility: after_published
    criteria:
      - {id: one, check: file, points: 1}
      - {id: two, check: file, points: 1, requires: [one]}
  - {id: worst, group: min, criteria: [{id: a, check: file, points: 2}]}
  - {id: best, group: max, points: 3, bonus: true, criteria: [
      {id: b, check: file, points: 3}, {id: c, check: file, points: 2}]}
  - {id: any, group: any, points: 4, criteria: [{id: d, check: file}]}
  - {id: all, group: all, criteria: [{id: e, check: file}]}
"""


def test_groups_stand_after_their_members_and_have_the_points(file: Path) -> None:
    file.write_text(GROUPS)

    rubric = read_rubric(file)

    assert [entry.id for entry in rubric.criteria] == [
        *("first", "one", "two", "both", "a", "worst", "b", "c", "best"),
        *("d", "any", "e", "all"),
    ]
    assert rubric.criteria[3] == BoundGroup(
        id="both",
        title=Localized.of("Two of them"),
        points=Decimal("1.5"),
        requires=("first",),
        visibility=Visibility.AFTER_PUBLISHED,
        rule=GroupRule.SUM,
        members=("one", "two"),
    )
    assert {e.id: (e.requires, e.group) for e in rubric.criteria[1:3]} == {
        "one": (("first",), "both"),
        "two": (("first", "one"), "both"),
    }
    points = {g.id: g.points for g in rubric.criteria if isinstance(g, BoundGroup)}
    assert points == {"both": Decimal("1.5"), "worst": 2, "best": 3, "any": 4, "all": 0}
    assert rubric.points == Decimal("7.5")
