"""Other ways to call a model, and models of the grader's to hold it against."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.engine import Job
from pytest_tfgrade.engine.shelf import Shelf
from pytest_tfgrade.runner import Pass

if TYPE_CHECKING:
    from conftest import FakeRunner, School

Outcome = Callable[[TaskGrade], list[tuple[Any, ...]]]

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)
INFRA = "the grader could not finish this task; the score stays open"

DOUBLED = """\
  - {id: plain, check: predict.metric, metric: mae, threshold: 0.5, points: 2}
  - id: doubled
    check: predict.transform
    change: {multiply: 2}
    metric: mae
    threshold: 0.5
    points: 1
"""


@pytest.fixture
def alice(school: "School") -> "School":
    """Return a school in which alice handed in a model."""
    school.set_task(DOUBLED)
    school.hand_in("alice/line.keras")
    return school


@pytest.fixture
def runner(school: "School") -> "FakeRunner":
    """Return the school's runner, whose model is right when it is called plainly."""

    def answer(artifact: Artifact, one: Pass) -> Any:
        return TARGETS if is_plain(school.runner, one) else TARGETS + 3

    school.runner.answer_pass = answer
    return school.runner


def is_plain(runner: "FakeRunner", one: Pass) -> bool:
    """Return whether a pass is given the dataset's own inputs."""
    return one.inputs is runner.passes[0][0].inputs and not one.without


def test_calls_that_are_named_ahead_cost_no_process_of_their_own(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    grade = alice.grade()

    assert outcome(grade) == [
        ("plain", "passed", 2, None, "mae 0 <= 0.5"),
        ("doubled", "failed", 0, None, "mae 3 > 0.5, multiplied by 2"),
    ]
    assert [len(passes) for passes in runner.passes] == [2]


def test_inputs_are_changed_once_for_all_submissions(
    alice: "School", runner: "FakeRunner"
) -> None:
    for number in range(1, 5):
        alice.hand_in(f"c{number}/line.keras", alice.another_model(number))

    alice.grade_all(workers=2)

    assert len(runner.passes) == 5
    plain, doubled = ({id(p[n].inputs) for p in runner.passes} for n in (0, 1))
    assert (len(plain), len(doubled), plain & doubled) == (1, 1, set())


def test_identical_files_share_the_answers_to_all_calls(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    alice.hand_in("bob/line.keras")
    alice.hand_in("cem/line.keras")

    grades = alice.grade_all(workers=2)

    assert len(runner.passes) == 1
    assert len({tuple(outcome(grade)) for grade in grades.values()}) == 1


def test_a_model_that_fails_at_another_call_keeps_what_it_predicts_plainly(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    def answer(artifact: Artifact, one: Pass) -> Any:
        if is_plain(runner, one):
            return TARGETS
        raise Ungradable(Code.MEMORY, "it needs 9 GiB", detail="log")

    runner.answer_pass = answer

    grade = alice.grade()

    text = "the model fails when it is called in another way: E_MEMORY: it needs 9 GiB"
    assert outcome(grade) == [
        ("plain", "passed", 2, None, "mae 0 <= 0.5"),
        ("doubled", "failed", 0, None, text),
    ]
    assert grade.criteria[1].hint == Code.MEMORY.hint
    assert grade.criteria[1].detail == "log"
    assert (grade.code, grade.points) == (None, 2)


def test_a_machine_that_fails_at_another_call_opens_that_criterion_alone(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    def answer(artifact: Artifact, one: Pass) -> Any:
        if is_plain(runner, one):
            return TARGETS
        if len(runner.passes) == 1:
            raise Ungradable(Code.CRASH)  # it is asked again, alone, to say why
        raise RunnerError("no memory")

    runner.answer_pass = answer

    assert outcome(alice.grade()) == [
        ("plain", "passed", 2, None, "mae 0 <= 0.5"),
        ("doubled", "error", None, "E_INFRA", INFRA),
    ]


def test_a_prediction_of_another_call_that_is_no_number_earns_nothing(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    runner.answer_pass = lambda artifact, one: (
        TARGETS if is_plain(runner, one) else TARGETS * np.nan
    )

    assert outcome(alice.grade()) == [
        ("plain", "passed", 2, None, "mae 0 <= 0.5"),
        ("doubled", "failed", 0, None, "mae is nan, required <= 0.5, multiplied by 2"),
    ]


@dataclass(frozen=True)
class Counted:
    """A change of inputs that counts how often it is made."""

    by: float
    made = 0

    def apply(self, inputs: Any) -> Any:
        """Multiply them."""
        Counted.made += 1
        return {name: array * self.by for name, array in inputs.items()}


def test_a_shelf_changes_inputs_once_for_equal_changes(school: "School") -> None:
    (rubric,) = school.course().rubrics
    shelf = Shelf(school.rubrics, school.load)

    found = [shelf.inputs(rubric, "numbers", Counted(by)) for by in (2.0, 2.0, 3.0)]
    shelf.close()

    assert Counted.made == 2
    assert found[0] is found[1] is not found[2]


# References

SPEED = """\
  - {id: base, check: model.base, base: base.keras, points: 1}
  - {id: speed, check: predict.latency, reference: base.keras, threshold: 60, points: 1}
  - {id: error, check: predict.metric, metric: mae, threshold: 0.5, points: 2}
"""


@pytest.fixture
def base(alice: "School") -> "School":
    """Return a school whose task has a reference model."""
    (alice.rubrics / "base.keras").write_bytes(alice.another_model(9))
    alice.set_task(SPEED)
    return alice


@pytest.mark.usefixtures("runner")
def test_a_reference_is_run_once_for_all_submissions(
    base: "School", outcome: Outcome
) -> None:
    for number in range(1, 4):
        base.hand_in(f"c{number}/line.keras", base.another_model(number))

    grades = base.grade_all(workers=2)

    assert sorted(base.runner.calls) == ["base.keras", *["line.keras"] * 4]
    assert outcome(next(iter(grades.values())))[1] == (
        "speed",
        "passed",
        1,
        None,
        "latency 1 <= 60, 250 ms, the reference model 250 ms",
    )


def test_a_reference_that_fails_is_the_graders_fault_and_nobody_elses(
    base: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    def answer(artifact: Artifact, one: Pass) -> Any:
        if artifact.name == "base.keras":
            raise Ungradable(Code.CRASH)
        return TARGETS

    runner.answer_pass = answer

    grade = base.grade()

    assert outcome(grade)[1:] == [
        ("speed", "error", None, "E_INFRA", INFRA),
        ("error", "passed", 2, None, "mae 0 <= 0.5"),
    ]
    assert (grade.criteria[1].detail or "").endswith(
        f"base.keras: cannot be used as a reference: E_CRASH: {Code.CRASH.text}"
    )


@pytest.mark.usefixtures("runner")
def test_a_reference_that_is_no_model_is_the_graders_fault(
    base: "School", outcome: Outcome
) -> None:
    (base.rubrics / "base.keras").write_bytes(b"version https://git-lfs.github.com\n")

    grade = base.grade()

    assert [row[:4] for row in outcome(grade)] == [
        ("base", "error", None, "E_INFRA"),
        ("speed", "error", None, "E_INFRA"),
        ("error", "passed", 2, None),
    ]
    assert "base.keras: cannot be used as a reference: E_" in str(
        grade.criteria[0].detail
    )


@pytest.mark.usefixtures("runner")
def test_a_reference_that_is_gone_since_the_rubric_was_read_is_the_graders_fault(
    base: "School", outcome: Outcome
) -> None:
    course = base.course()
    (base.rubrics / "base.keras").unlink()

    with base.run(course=course) as run:
        grade = run.grade(Job("alice", "line"))

    assert [row[:4] for row in outcome(grade)] == [
        ("base", "error", None, "E_INFRA"),
        ("speed", "error", None, "E_INFRA"),
        ("error", "passed", 2, None),
    ]
    assert str(grade.criteria[1].detail).endswith(
        "base.keras: cannot be read: No such file or directory"
    )
