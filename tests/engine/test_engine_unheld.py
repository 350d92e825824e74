"""Criteria that look at what the format of a file does not hold."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_tfgrade.checks import Model, Needs
from pytest_tfgrade.checks.interface import Evaluation
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Part, StoredWeights, Tensor, Weights
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.engine.grading import grade_criteria
from pytest_tfgrade.rubric import Rubric, read_rubric

RUBRIC = """\
task: made
dataset: made
{artifact}contract:
  inputs: {{x: {{shape: [null, 5]}}}}
  outputs: {{y: {{shape: [null, 1]}}}}
criteria:
"""

CONTRACT = Contract(
    inputs={"x": InputSpec(shape=(None, 5), dtype="float32")},
    outputs={"y": OutputSpec(shape=(None, 1))},
)

MakeRubric = Callable[..., Rubric]


class File:
    """A file of which some facts are known, in the place of evidence."""

    def __init__(
        self,
        *holds: Part,
        format_: ArtifactFormat = ArtifactFormat.SAVED_MODEL,
        fault: Ungradable | None = None,
    ) -> None:
        self.fault = fault
        self.facts = Facts(
            format=format_,
            keras_version=None,
            model_class="SavedModel",
            layers=(),
            inputs=(Tensor(name="x", shape=(None, 5), dtype="float32"),),
            outputs=(Tensor(name="y", shape=(None, 1), dtype="float32"),),
            last_activation=None,
            weights=Weights(parameters=7, model_bytes=28, optimizer_bytes=0),
            compile_settings=None,
            holds=frozenset(holds),
        )

    def subject(
        self, needs: Needs, dataset: str | None = None
    ) -> Artifact | Model | Evaluation | None:
        if self.fault is not None and needs is Needs.PREDICTIONS:
            raise self.fault
        return Model(
            facts=self.facts,
            contract=CONTRACT,
            read_weights=lambda: StoredWeights(model=(), optimizer=()),
            open_reference=lambda path: pytest.fail("nobody asks"),
        )


@pytest.fixture
def rubric(tmp_path: Path) -> MakeRubric:
    """Make a rubric of some criteria."""

    def make(*criteria: str, artifact: str = "") -> Rubric:
        file = tmp_path / "made.yaml"
        lines = "".join(f"  - {{{criterion}}}\n" for criterion in criteria)
        file.write_text(RUBRIC.format(artifact=artifact) + lines)
        return read_rubric(file)

    return make


Said = list[tuple[str, float | None, str, str | None]]


def said(rubric: Rubric, file: File) -> Said:
    """Return what becomes of each criterion."""
    return [
        (result.verdict.value, float(result.points or 0), result.rationale, result.hint)
        for result in grade_criteria(rubric, file)
    ]


DENSE = "id: dense, check: model.layers, class: Dense, points: 2"


def test_what_the_format_does_not_hold_is_skipped_with_the_way_out(
    rubric: MakeRubric,
) -> None:
    grade = said(rubric(DENSE), File(Part.WEIGHTS))

    hint = "Hand in the model as .keras or .h5."
    assert grade == [("skipped", 0, "this SavedModel does not hold layers", hint)]


def test_it_fails_if_the_rubric_says_so(rubric: MakeRubric) -> None:
    grade = said(
        rubric(f"{DENSE}, if_unknown: fail"), File(format_=ArtifactFormat.TFLITE)
    )

    hint = "Hand in the model as .keras or .h5."
    assert grade == [("failed", 0, "a .tflite file does not hold layers", hint)]


def test_failing_costs_what_the_rubric_says(rubric: MakeRubric) -> None:
    strict = rubric(
        "id: io, check: model.io, points: 3",
        "id: small, check: model.params, max: 9, penalty: 2, if_unknown: fail",
    )

    grade = said(strict, File(Part.ENDS, format_=ArtifactFormat.TFLITE))

    assert [entry[:3] for entry in grade] == [
        ("passed", 3, "(None, 5) -> (None, 1)"),
        ("failed", -2, "a .tflite file does not hold weights"),
    ]


@pytest.mark.parametrize(
    ("formats", "hint"),
    [
        ("[savedmodel, h5]", "Hand in the model as .h5."),
        ("[savedmodel, tflite]", None),
    ],
)
def test_the_way_out_is_a_format_that_the_task_accepts(
    rubric: MakeRubric, formats: str, hint: str | None
) -> None:
    made = rubric(DENSE, artifact=f"artifact: {{formats: {formats}}}\n")

    grade = said(made, File(Part.WEIGHTS))

    assert [entry[3] for entry in grade] == [hint]


def test_what_is_held_is_checked(rubric: MakeRubric) -> None:
    grade = said(
        rubric("id: small, check: model.params, max: 9, points: 1"), File(Part.WEIGHTS)
    )

    assert grade == [("passed", 1, "7 parameters", None)]


@pytest.mark.parametrize(
    ("criterion", "missing"),
    [
        ("check: model.io", "inputs and outputs"),
        ("check: model.io, last: Dense", "inputs and outputs and layers"),
        ("check: model.io, activation: softmax", "inputs and outputs and layers"),
        ("check: model.kind, kind: Sequential", "layers"),
        ("check: model.forbid, layers: [Lambda]", "layers"),
        ("check: model.residual", "layers"),
        ("check: model.compile, loss: mse", "compile settings"),
        ("check: model.compile, agree: true", "compile settings and layers"),
        ("check: model.params, max: 9", "weights"),
        ("check: model.params, trainable_max: 9", "layers and weights"),
        ("check: model.trained", "weights"),
        ("check: model.finite", "weights"),
        ("check: model.meta, keras: '>=2'", "a version of Keras"),
        (
            "check: predict.ablate, layer: Dense, metric: mae, drop: 1",
            "calls of layers and layers",
        ),
    ],
)
def test_each_check_says_what_it_looks_at(
    rubric: MakeRubric, criterion: str, missing: str | None
) -> None:
    (verdict, _, rationale, _), _ = said(
        rubric(f"id: it, {criterion}", "id: other, check: model.io, points: 1"), File()
    )

    told = f"this SavedModel does not hold {missing}"
    assert (verdict == "skipped", rationale == told) == (bool(missing), bool(missing))


def test_what_makes_a_file_ungradable_is_told_first(rubric: MakeRubric) -> None:
    asks = (
        "id: it, check: predict.ablate, layer: Dense, metric: mae, drop: 1, points: 1"
    )

    grade = said(rubric(asks), File(fault=Ungradable(Code.LOAD, "it is broken")))

    assert grade == [("failed", 0, "it is broken", Code.LOAD.hint)]


def test_what_requires_a_skipped_criterion_is_skipped(rubric: MakeRubric) -> None:
    grade = said(
        rubric(DENSE, "id: io, check: model.io, points: 1, requires: [dense]"), File()
    )

    assert grade[1][:3] == ("skipped", 0, "needs dense, which did not pass")
