"""What becomes of criteria, rule by rule."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord
from pytest_tfgrade.core.errors import RunnerError, Ungradable, Unloadable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.engine import GradingRun, Job

if TYPE_CHECKING:
    from conftest import FakeRunner, School

Outcome = Callable[[TaskGrade], list[tuple[Any, ...]]]

ANY_WIDTH = "y: {shape: [null, null]}"

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)
INFRA = "the grader could not finish this task; the score stays open"


@pytest.fixture
def runner(school: "School") -> "FakeRunner":
    """Return the school's runner."""
    return school.runner


@pytest.fixture
def alice(school: "School") -> "School":
    """Return a school in which alice handed in a model."""
    school.hand_in("alice/line.keras")
    return school


def raises(error: Exception) -> Callable[[Artifact], Any]:
    """Return an answer that never comes."""

    def answer(artifact: Artifact) -> Any:
        raise error

    return answer


def test_a_good_model_earns_everything(alice: "School", outcome: Outcome) -> None:
    grade = alice.grade()

    assert outcome(grade) == [
        ("file", "passed", 0, None, alice.says),
        ("io", "passed", 1, None, "(None, 1) -> (None, 1)"),
        ("contract", "passed", 0, None, "predictions of shape (4, 1), all finite"),
        ("error", "passed", 4, None, "mae 0 <= 0.5"),
    ]
    assert (grade.result, grade.points, grade.max_points) == (TaskResult.GRADED, 5, 5)
    assert grade.seconds == {"load": 0.5, "predict": 0.25}


def test_a_grade_names_the_artifact_as_it_was_handed_in(alice: "School") -> None:
    alice.hand_in("alice/line.keras", alice.another_model(7))

    record = alice.grade().artifact

    assert record is not None
    assert record == ArtifactRecord(
        path="line.keras",
        format="keras",
        sha256=record.sha256,
        bytes=len(alice.another_model(7)),
    )


def test_a_band_earns_a_part(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    runner.answer = lambda artifact: TARGETS + 1

    grade = alice.grade()

    assert outcome(grade)[-1] == ("error", "partial", 2, None, "mae 1 > 0.5")
    assert grade.points == Decimal(3)


def test_a_missing_artifact_fails_once_and_skips_the_rest(
    alice: "School", outcome: Outcome
) -> None:
    alice.hand_in("bob/lines.keras")

    grade = alice.grade("bob")

    skipped = "not checked: E_MISSING, as said above"
    missing = "no model was handed in for this task"
    assert outcome(grade) == [
        ("file", "failed", 0, "E_MISSING", missing),
        ("io", "skipped", 0, None, skipped),
        ("contract", "skipped", 0, None, skipped),
        ("error", "skipped", 0, None, "needs contract, which did not pass"),
    ]
    assert grade.criteria[0].hint == (
        "Hand in line.keras, line.h5, the SavedModel folder line or line.tflite. "
        "lines.keras: did you mean line.keras?"
    )
    assert (grade.result, grade.points, grade.artifact) == (
        TaskResult.UNGRADABLE,
        0,
        None,
    )


def test_an_artifact_that_cannot_be_read_keeps_what_was_earned_before(
    alice: "School", outcome: Outcome
) -> None:
    alice.hand_in("alice/line.keras", alice.model.replace(b"Sequential", b"Seqwential"))

    grade = alice.grade()

    assert [row[:4] for row in outcome(grade)] == [
        ("file", "passed", 0, None),
        ("io", "failed", 0, "E_FORMAT"),
        ("contract", "skipped", 0, None),
        ("error", "skipped", 0, None),
    ]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_predictions_that_are_no_numbers_are_ungradable(
    alice: "School", runner: "FakeRunner", outcome: Outcome, wrong: float
) -> None:
    runner.answer = lambda artifact: np.where(TARGETS > 4, wrong, TARGETS)

    grade = alice.grade()

    text = "2 of 4 predicted values of 'y' are NaN or infinite"
    assert outcome(grade)[1:] == [
        ("io", "passed", 1, None, "(None, 1) -> (None, 1)"),
        ("contract", "failed", 0, "E_NONFINITE", text),
        ("error", "skipped", 0, None, "needs contract, which did not pass"),
    ]
    assert grade.criteria[2].hint == Code.NONFINITE.hint


def test_a_model_of_other_inputs_is_never_run(
    alice: "School", make_model: Callable[..., Any], outcome: Outcome
) -> None:
    other = make_model("other.keras", ("Dense", {"units": 1}), shape=(3,))
    alice.hand_in("alice/line.keras", other.read_bytes())

    grade = alice.grade()

    text = "the model takes inputs of shape (None, 3), the task gives (None, 1)"
    assert outcome(grade)[1:] == [
        ("io", "failed", 0, None, text),
        ("contract", "failed", 0, "E_INPUT_SHAPE", text),
        ("error", "skipped", 0, None, "needs contract, which did not pass"),
    ]
    assert alice.runner.calls == []


def test_two_findings_are_both_told(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    alice.set_task(
        "  - {id: first, check: predict.contract, points: 1}\n"
        "  - {id: second, check: predict.contract}\n"
        "  - {id: file, check: file, points: 1}\n"
    )
    runner.answer = raises(Ungradable(Code.TIMEOUT, "it took 31 s", detail="log"))

    grade = alice.grade()

    assert outcome(grade) == [
        ("first", "failed", 0, "E_TIMEOUT", "it took 31 s"),
        ("second", "skipped", 0, None, "not checked: E_TIMEOUT, as said above"),
        ("file", "passed", 1, None, alice.says),
    ]
    assert grade.criteria[0].detail == "log"
    assert runner.calls == ["line.keras"]


def test_what_is_required_must_pass_not_only_in_part(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    alice.set_task(
        "  - {id: size, check: model.params, min: 9}\n"
        "  - {id: error, check: predict.metric, metric: mae, bands: {4: 0.5, 2: 1.5}}\n"
        "  - {id: both, check: file, points: 1, requires: [size, error]}\n"
        "  - {id: after, check: file, points: 1, requires: [both]}\n"
    )
    runner.answer = lambda artifact: TARGETS + 1

    grade = alice.grade()

    assert outcome(grade) == [
        ("size", "failed", 0, None, "1 parameters, required >= 9"),
        ("error", "partial", 2, None, "mae 1 > 0.5"),
        ("both", "skipped", 0, None, "needs size and error, which did not pass"),
        ("after", "skipped", 0, None, "needs both, which did not pass"),
    ]


def test_a_fault_of_the_machine_leaves_the_score_open(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    runner.answer = raises(RunnerError("the zygote is gone: ENOMEM"))

    grade = alice.grade()

    assert outcome(grade) == [
        ("file", "passed", 0, None, alice.says),
        ("io", "passed", 1, None, "(None, 1) -> (None, 1)"),
        (
            *("contract", "error", 0, "E_INFRA"),
            "the grader could not check this; no points hang on it",
        ),
        ("error", "error", None, "E_INFRA", INFRA),
    ]
    assert (grade.result, grade.points) == (TaskResult.ERROR, None)
    assert grade.criteria[3].detail == "it needs contract, which has no verdict"
    assert grade.criteria[2].detail == "the zygote is gone: ENOMEM"
    assert grade.criteria[2].hint == Code.INFRA.hint


def test_a_check_that_raises_is_the_graders_fault(
    alice: "School", outcome: Outcome
) -> None:
    def broken(subject: Artifact) -> None:
        raise ZeroDivisionError("secret 42")

    course = alice.course()
    (rubric,) = course.rubrics
    check = replace(CHECKS["file"], function=broken)
    first = replace(rubric.criteria[0], check=check, points=Decimal(2))
    bad = replace(rubric, criteria=(first, rubric.criteria[1]))
    run = GradingRun(
        replace(course, rubrics=(bad,)),
        alice.found(),
        runner=alice.runner,
        load_dataset=alice.load,
    )

    grade = run.grade(Job("alice", "line"))
    run.close()

    assert outcome(grade) == [
        ("file", "error", None, "E_INFRA", INFRA),
        ("io", "passed", 1, None, "(None, 1) -> (None, 1)"),
    ]
    detail = grade.criteria[0].detail or ""
    assert detail.startswith("Traceback")
    assert detail.endswith("ZeroDivisionError: secret 42\n")


def test_targets_that_fit_no_model_are_the_graders_fault(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    """The contract was enforced, so no model could have another shape."""
    runner.answer = lambda artifact: np.zeros((4, 2), np.float32)

    grade = alice.grade()

    assert outcome(grade)[-1] == ("error", "error", None, "E_INFRA", INFRA)
    assert grade.criteria[-1].detail == (
        "numbers: targets of shape (4, 1) and predictions of shape (4, 2) cannot be "
        "compared; correct the data or the contract"
    )


def test_a_shape_that_the_contract_left_open_is_the_models_fault(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    rubric = alice.rubrics / "line.yaml"
    rubric.write_text(rubric.read_text().replace("y: {shape: [null, 1]}", ANY_WIDTH))
    runner.answer = lambda artifact: np.zeros((4, 2), np.float32)

    grade = alice.grade()

    text = "targets of shape (4, 1) and predictions of shape (4, 2) cannot be compared"
    assert outcome(grade)[-1] == ("error", "failed", 0, "E_OUTPUT_SHAPE", text)


def test_the_hint_of_a_rubric_replaces_that_of_the_check(
    alice: "School", runner: "FakeRunner"
) -> None:
    alice.set_task(
        "  - {id: error, check: predict.metric, metric: mae, threshold: 1, points: 1, "
        "hint: Read chapter 3., skills: [s1, s2]}\n"
    )
    runner.answer = lambda artifact: TARGETS + 2

    (result,) = alice.grade().criteria

    assert result.hint == "Read chapter 3."
    assert result.skills == ("s1", "s2")
    assert result.value == 2


def test_the_hint_of_a_code_stays_where_the_artifact_is_at_fault(
    alice: "School", runner: "FakeRunner"
) -> None:
    alice.set_task(
        "  - {id: c, check: predict.contract, points: 1, hint: Chapter 3.}\n"
    )
    runner.answer = raises(Ungradable(Code.MEMORY))

    (result,) = alice.grade().criteria

    assert (result.rationale, result.hint) == (Code.MEMORY.text, Code.MEMORY.hint)


# Evidence is found once


def test_a_model_is_run_once_however_many_criteria_ask(
    alice: "School", runner: "FakeRunner"
) -> None:
    criteria = (f"  - {{id: c{n}, check: predict.contract}}\n" for n in range(5))
    alice.set_task("".join(criteria) + "  - {id: f, check: file, points: 1}\n")

    grade = alice.grade()

    assert len(grade.criteria) == 6
    assert runner.calls == ["line.keras"]


def test_the_copy_of_an_artifact_lives_as_long_as_its_grading(
    alice: "School", runner: "FakeRunner"
) -> None:
    seen: list[tuple[bytes, Artifact]] = []

    def answer(artifact: Artifact) -> Any:
        seen.append((artifact.path.read_bytes(), artifact))
        return TARGETS

    runner.answer = answer

    with alice.run() as run:
        run.grade(Job("alice", "line"))
        ((content, artifact),) = seen
        left = artifact.path.exists()

    assert content == alice.model
    assert artifact.path.suffix == ".keras"
    assert alice.submissions not in artifact.path.parents
    assert not left


def test_a_runner_is_given_inputs_and_no_targets(
    alice: "School", runner: "FakeRunner"
) -> None:
    alice.grade()

    (inputs,) = runner.inputs
    assert inputs.description == (
        {"name": "x", "dtype": "float32", "shape": [4, 1], "width": 4},
    )


def texts(grade: TaskGrade) -> Iterator[str]:
    """Yield all that a candidate may see."""
    for result in grade.criteria:
        yield result.rationale
        yield result.hint or ""


def test_no_traceback_reaches_a_candidate(
    alice: "School", runner: "FakeRunner"
) -> None:
    runner.answer = raises(OSError("/secret/place"))

    grade = alice.grade()

    assert grade.points is None
    assert not any("secret" in text or "Trace" in text for text in texts(grade))


@pytest.mark.parametrize(
    ("saved_by", "code", "rationale"),
    [
        pytest.param(
            "2.15.0",
            "E_VERSION",
            "the file was saved by Keras 2.15.0, and Keras 3.15.1 cannot load it",
            id="keras-2",
        ),
        pytest.param(
            "3.16.0",
            "E_VERSION",
            "the file was saved by Keras 3.16.0, and Keras 3.15.1 cannot load it",
            id="newer",
        ),
        pytest.param("3.4.1", "E_LOAD", Code.LOAD.text, id="older-is-no-excuse"),
        pytest.param("3.15.9", "E_LOAD", Code.LOAD.text, id="the-same"),
        pytest.param("odd", "E_VERSION", None, id="no-version-keras-ever-had"),
    ],
)
def test_what_cannot_be_loaded_is_blamed_on_its_version_if_that_is_likely(
    alice: "School",
    runner: "FakeRunner",
    saved_by: str,
    code: str,
    rationale: str | None,
) -> None:
    def refuse(artifact: object) -> object:
        raise Unloadable(Code.LOAD)

    runner.answer = refuse
    alice.hand_in("alice/line.keras", _saved_by(alice.model, saved_by))

    failed = next(c for c in alice.grade().criteria if c.code)

    assert failed.code == code
    assert rationale in {failed.rationale, None}


def _saved_by(model: bytes, version: str) -> bytes:
    """Return a ``.keras`` file with another version in its metadata."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(model)) as old,
        zipfile.ZipFile(changed, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps({"keras_version": version}).encode()
            new.writestr(name, content)
    return changed.getvalue()
