"""What the whole language makes of one submission: points, gates, groups, checks."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_tfgrade.core.criterion import PublicPart
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.datasets.hidden import HiddenArrays
from pytest_tfgrade.engine import GradingRun, Job
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.runner import Pass

if TYPE_CHECKING:
    from conftest import FakeRunner, School

Outcome = Callable[[TaskGrade], list[tuple[Any, ...]]]

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)
INFRA = "the grader could not finish this task; the score stays open"

MAE = "check: predict.metric, metric: mae"


@pytest.fixture
def alice(school: "School") -> "School":
    """Return a school in which alice handed in a model."""
    school.hand_in("alice/line.keras")
    return school


@pytest.fixture
def runner(school: "School") -> "FakeRunner":
    """Return the school's runner, whose model is always one unit off."""
    school.runner.answer = lambda artifact: TARGETS + 1
    return school.runner


def points(grade: TaskGrade) -> dict[str, tuple[str, float | None]]:
    """Return verdicts and points by criterion."""
    return {
        c.id: (c.verdict.value, None if c.points is None else float(c.points))
        for c in grade.criteria
    }


@pytest.mark.usefixtures("runner")
def test_a_bonus_comes_on_top_and_a_penalty_is_taken_off(alice: "School") -> None:
    alice.set_task(
        "  - {id: file, check: file, points: 2}\n"
        "  - {id: extra, check: file, points: 0.5, bonus: true}\n"
        f"  - {{id: near, {MAE}, threshold: 0.1, penalty: 1.25}}\n"
        f"  - {{id: far, {MAE}, threshold: 9, penalty: 1}}\n"
        "  - {id: lstm, check: model.layers, class: LSTM, min: 1, penalty: 0.25}\n"
    )

    grade = alice.grade()

    assert points(grade) == {
        "file": ("passed", 2),
        "extra": ("passed", 0.5),
        "near": ("failed", -1.25),
        "far": ("passed", 0),
        "lstm": ("failed", -0.25),
    }
    assert (grade.points, grade.max_points) == (Decimal(1), Decimal(2))


@pytest.mark.usefixtures("runner")
def test_penalties_never_cost_more_than_the_task_earns(alice: "School") -> None:
    alice.set_task(
        "  - {id: file, check: file, points: 1}\n"
        f"  - {{id: near, {MAE}, threshold: 0.1, penalty: 5}}\n"
    )

    assert alice.grade().points == 0


def test_nobody_pays_for_what_was_not_checked(alice: "School") -> None:
    alice.hand_in("bob/lines.keras")
    alice.set_task(
        "  - {id: file, check: file, points: 1}\n"
        f"  - {{id: near, {MAE}, threshold: 0.1, penalty: 5}}\n"
        f"  - {{id: gated, {MAE}, threshold: 0.1, penalty: 5, requires: [file]}}\n"
    )

    grade = alice.grade("bob")

    assert points(grade) == {
        "file": ("failed", 0),
        "near": ("skipped", 0),
        "gated": ("skipped", 0),
    }


@pytest.mark.usefixtures("runner")
def test_a_curve_gives_hundredths(alice: "School", outcome: Outcome) -> None:
    alice.set_task(f"  - {{id: error, {MAE}, curve: {{0: 4, 5: 0.1}}}}\n")

    grade = alice.grade()

    assert outcome(grade) == [("error", "partial", 3.85, None, "mae 1 > 0.1")]
    assert grade.max_points == 5


def test_a_curve_has_all_points_at_its_end_alone(
    alice: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    alice.set_task(f"  - {{id: error, {MAE}, curve: {{0: 4, 5: 0.999}}}}\n")
    runner.answer = lambda artifact: TARGETS + 1

    found = [("error", "partial", 4.99, None, "mae 1 > 0.999")]
    assert outcome(alice.grade()) == found


# Groups


@pytest.mark.usefixtures("runner")
def test_members_stand_before_their_group_which_has_the_points(
    alice: "School", outcome: Outcome
) -> None:
    alice.set_task(
        "  - id: best\n"
        "    group: max\n"
        "    criteria:\n"
        f"      - {{id: strict, {MAE}, threshold: 0.1, points: 4}}\n"
        f"      - {{id: mild, {MAE}, threshold: 2, points: 3}}\n"
        "  - {id: after, check: file, points: 1, requires: [best]}\n"
        "  - {id: gated, check: file, points: 1, requires: [mild]}\n"
    )

    grade = alice.grade()

    assert outcome(grade) == [
        ("strict", "failed", 0, None, "mae 1 > 0.1"),
        ("mild", "passed", 3, None, "mae 1 <= 2"),
        ("best", "partial", 3, None, "the highest: strict 0/4, mild 3/3"),
        ("after", "skipped", 0, None, "needs best, which did not pass"),
        ("gated", "passed", 1, None, alice.says),
    ]
    assert [c.group for c in grade.criteria] == ["best", "best", None, None, None]
    assert grade.criteria[2].check == "group.max"
    assert (grade.points, grade.max_points) == (Decimal(4), Decimal(6))


@pytest.mark.usefixtures("runner")
def test_a_gate_of_which_any_member_opens_it(alice: "School") -> None:
    alice.set_task(
        "  - id: gate\n"
        "    group: any\n"
        "    criteria:\n"
        f"      - {{id: strict, {MAE}, threshold: 0.1}}\n"
        f"      - {{id: mild, {MAE}, threshold: 2}}\n"
        "  - {id: after, check: file, points: 1, requires: [gate]}\n"
    )

    assert points(alice.grade()) == {
        "strict": ("failed", 0),
        "mild": ("passed", 0),
        "gate": ("passed", 0),
        "after": ("passed", 1),
    }


@pytest.mark.usefixtures("runner")
def test_members_wait_for_what_their_group_requires(
    alice: "School", outcome: Outcome
) -> None:
    alice.set_task(
        f"  - {{id: near, {MAE}, threshold: 0.1}}\n"
        "  - {id: lstm, check: model.layers, class: LSTM, min: 1}\n"
        "  - id: both\n"
        "    group: sum\n"
        "    requires: [near]\n"
        "    criteria:\n"
        "      - {id: one, check: file, points: 1}\n"
        "      - {id: two, check: file, points: 1, requires: [lstm]}\n"
    )

    assert outcome(alice.grade())[2:] == [
        ("one", "skipped", 0, None, "needs near, which did not pass"),
        ("two", "skipped", 0, None, "needs near and lstm, which did not pass"),
        ("both", "skipped", 0, None, "needs near, which did not pass"),
    ]


def test_a_group_of_an_ungradable_artifact_fails_with_its_member(
    alice: "School", outcome: Outcome
) -> None:
    alice.hand_in("bob/lines.keras")
    alice.set_task(
        "  - id: both\n"
        "    group: sum\n"
        "    criteria:\n"
        "      - {id: one, check: file, points: 1}\n"
        "      - {id: two, check: file, points: 1}\n"
    )

    grade = alice.grade("bob")

    missing = "no model was handed in for this task"
    assert outcome(grade) == [
        ("one", "failed", 0, "E_MISSING", missing),
        ("two", "skipped", 0, None, "not checked: E_MISSING, as said above"),
        ("both", "failed", 0, None, "sum: one 0/1, two 0/1"),
    ]
    assert (grade.result, grade.code) == (TaskResult.UNGRADABLE, "E_MISSING")


# Datasets of a criterion's own


def offset(by: float) -> HiddenArrays:
    """Return the targets of an evaluation dataset, moved."""
    return HiddenArrays({"y": TARGETS + by})


@pytest.fixture
def three_datasets(alice: "School") -> "School":
    """Let the model's error be 1 on numbers, 0 on easy and 4 on hard."""
    load = alice.load

    def named(name: str, folder: Path) -> EvaluationDataset | None:
        moved = {"easy": 1.0, "hard": -3.0}.get(name, 0.0)
        found = load(name, folder)
        assert found is not None
        return EvaluationDataset(
            name=name,
            rows=4,
            inputs=found.inputs,
            targets=offset(moved),
            sha256=name,
            public=np.array([True, False, False, False]) if name == "split" else None,
        )

    alice.load = named
    return alice


@pytest.mark.usefixtures("runner")
def test_each_case_has_a_dataset_of_its_own_and_a_run_for_itself(
    three_datasets: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    three_datasets.set_task(
        f"  - {{id: error, {MAE}, cases: {{easy: 0.5, numbers: 1, hard: 1}}}}\n"
        f"  - {{id: again, {MAE}, dataset: hard, threshold: 5, points: 1}}\n"
    )

    grade = three_datasets.grade()

    assert outcome(grade) == [
        (
            *("error", "partial", 2, None),
            "2 of 3 cases passed; easy: mae 0 <= 0.5, numbers: mae 1 <= 1, "
            "hard: mae 4 > 1",
        ),
        ("again", "passed", 1, None, "mae 4 <= 5"),
    ]
    assert grade.max_points == 4
    assert len(runner.calls) == 3
    assert grade.seconds == {"load": 1.5, "predict": 0.75}


def test_a_case_that_cannot_be_asked_did_not_pass_and_the_others_count(
    three_datasets: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    three_datasets.set_task(
        f"  - {{id: error, {MAE}, cases: {{numbers: 1, hard: 9}}}}\n"
    )

    def answer(artifact: Artifact, one: Pass) -> Any:
        hard = one.inputs is not runner.passes[0][0].inputs
        return TARGETS + (np.nan if hard else 1)

    runner.answer_pass = answer

    grade = three_datasets.grade()

    assert outcome(grade) == [
        (
            *("error", "partial", 1, None),
            "1 of 2 cases passed; numbers: mae 1 <= 1, "
            "hard: 4 of 4 predicted values of 'y' are NaN or infinite",
        )
    ]
    assert grade.result is TaskResult.GRADED


def test_whoever_fails_on_data_of_its_own_pays_the_penalty(
    three_datasets: "School", runner: "FakeRunner"
) -> None:
    three_datasets.set_task(
        f"  - {{id: error, {MAE}, threshold: 1, points: 4}}\n"
        f"  - {{id: hard, {MAE}, dataset: hard, threshold: 1, penalty: 2}}\n"
    )

    def answer(artifact: Artifact, one: Pass) -> Any:
        hard = one.inputs is not runner.passes[0][0].inputs
        return TARGETS + (np.nan if hard else 1)

    runner.answer_pass = answer

    grade = three_datasets.grade()

    assert points(grade) == {"error": ("passed", 4), "hard": ("failed", -2)}
    assert grade.points == 2


@pytest.mark.usefixtures("runner")
def test_a_rubric_whose_criteria_name_their_data_needs_no_dataset(
    three_datasets: "School",
) -> None:
    three_datasets.set_task(f"  - {{id: error, {MAE}, cases: {{easy: 0.5}}}}\n")
    rubric = three_datasets.rubrics / "line.yaml"
    rubric.write_text(rubric.read_text().replace("dataset: numbers\n", ""))

    assert three_datasets.grade().points == 1


def test_a_candidate_reads_of_the_public_part_and_is_scored_by_the_final(
    three_datasets: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    three_datasets.set_task(
        f"  - {{id: error, {MAE}, dataset: split, bands: {{3: 0.5, 1: 5}}}}\n"
    )
    runner.answer = lambda artifact: TARGETS + np.array([[0], [3], [1], [2]])

    grade = three_datasets.grade()

    (result,) = grade.criteria
    assert outcome(grade) == [
        (
            "error",
            "partial",
            1,
            None,
            "mae 0 <= 0.5 on the public part (other rows decide the points)",
        )
    ]
    assert (result.value, result.detail) == (2, "final part: mae 2 > 0.5")
    assert result.public == PublicPart(value=0, points=Decimal(3), n=None)


# Checks of a course's own that misbehave


CHECKS = """\
import sys
from decimal import Decimal
import numpy as np
import pytest
from pytest_tfgrade.checks import Evaluation, Model
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed, Ungradable

def nothing(model: Model):
    '''It returns nothing.'''

def number(run: Evaluation):
    return 0.5

def skips(model: Model):
    pytest.skip("not today")

def exits(model: Model):
    sys.exit("secret")

def recurses(model: Model):
    return recurses(model)

def refuses(model: Model):
    raise Ungradable(Code.POLICY, "the model is too old")

def looks(run: Evaluation):
    return Measured(rationale=f"{len(run.targets['y'])} rows", value=4.0)

def generous(model: Model):
    raise CheckFailed("almost", points=Decimal(30))

def vague(model: Model):
    raise CheckFailed("almost", points=Decimal("NaN"))

def silent(model: Model):
    return Measured(rationale=None)

def closes(model: Model):
    raise GeneratorExit

def talks(model: Model):
    raise CheckFailed("r" * 10**6, hint="h" * 1001)

def talks_of_the_file(model: Model):
    raise Ungradable(Code.POLICY, "r" * 10**6, hint="h" * 1001)

def partly(model: Model):
    raise CheckFailed("a third", points=Decimal(1) / 3, value=np.float32(0.5))
"""


@pytest.mark.parametrize(
    ("check", "last_line"),
    [
        (
            "nothing",
            "TypeError: checks:nothing returned NoneType, not Measured; "
            "correct the check",
        ),
        (
            "number",
            "TypeError: checks:number returned float, not Measured; correct the check",
        ),
        ("skips", "Skipped: not today"),
        ("exits", "SystemExit: secret"),
        ("recurses", "RecursionError: maximum recursion depth exceeded"),
        (
            "generous",
            "ValueError: checks:generous gave 30 of 1 points; correct the check",
        ),
        ("vague", "ValueError: checks:vague gave NaN of 1 points; correct the check"),
        ("silent", "TypeError: checks:silent gave texts that are none; correct it"),
        ("closes", "GeneratorExit"),
    ],
)
@pytest.mark.usefixtures("runner")
def test_a_check_that_misbehaves_is_the_graders_fault_and_the_run_goes_on(
    alice: "School", outcome: Outcome, check: str, last_line: str
) -> None:
    (alice.rubrics / "checks.py").write_text(CHECKS)
    alice.set_task(
        f"  - {{id: own, check: 'checks:{check}', points: 1}}\n"
        "  - {id: file, check: file, points: 1}\n"
    )

    grade = alice.grade()

    assert outcome(grade) == [
        ("own", "error", None, "E_INFRA", INFRA),
        ("file", "passed", 1, None, alice.says),
    ]
    assert (grade.criteria[0].detail or "").splitlines()[-1].endswith(last_line)


@pytest.mark.usefixtures("runner")
def test_a_check_of_the_course_may_look_and_may_refuse(
    alice: "School", outcome: Outcome
) -> None:
    (alice.rubrics / "checks.py").write_text(CHECKS)
    alice.set_task(
        "  - {id: looks, check: 'checks:looks', points: 1}\n"
        "  - {id: refuses, check: 'checks:refuses', points: 1}\n"
    )

    assert outcome(alice.grade()) == [
        ("looks", "passed", 1, None, "4 rows"),
        ("refuses", "failed", 0, "E_POLICY", "the model is too old"),
    ]


@pytest.mark.parametrize("check", ["talks", "talks_of_the_file"])
@pytest.mark.usefixtures("runner")
def test_what_candidates_are_told_is_cut(alice: "School", check: str) -> None:
    (alice.rubrics / "checks.py").write_text(CHECKS)
    alice.set_task(f"  - {{id: own, check: 'checks:{check}', points: 1}}\n")

    (own,) = alice.grade().criteria

    assert (own.rationale, own.hint) == ("r" * 999 + "…", "h" * 999 + "…")


def test_a_reader_of_facts_that_exits_ends_no_run(
    alice: "School", outcome: Outcome
) -> None:
    def exits(artifact: Artifact) -> dict[str, Any]:
        raise SystemExit("from a plug-in")

    alice.set_task(
        "  - {id: file, check: file, points: 1}\n"
        f"  - {{id: error, {MAE}, threshold: 0.1, points: 1}}\n"
    )
    run = GradingRun(
        alice.course(),
        alice.found(),
        runner=alice.runner,
        load_dataset=alice.load,
        extensions=Extensions(facts_readers={"exits": exits}),
    )

    run.begin([Job("alice", "line")])
    grade = run.grade(Job("alice", "line"))
    run.close()

    assert outcome(grade) == [
        ("file", "passed", 1, None, alice.says),
        ("error", "error", None, "E_INFRA", INFRA),
    ]


# What a rubric says of a criterion


@pytest.mark.usefixtures("runner")
def test_a_result_carries_what_the_rubric_says_of_its_criterion(
    alice: "School",
) -> None:
    alice.set_task(
        f"  - {{id: error, {MAE}, threshold: 0.1, points: 1, bonus: true, "
        "title: {en: Close enough, de: Nah genug}, hint: {de: Mehr, en: More.}, "
        "visibility: after_due_date, skills: [s1]}\n"
        "  - {id: file, check: file, points: 1}\n"
    )

    result = alice.grade().criteria[0]

    assert (result.title, result.hint, result.bonus) == ("Close enough", "More.", True)
    assert (result.visibility, result.skills) == (Visibility.AFTER_DUE_DATE, ("s1",))


@pytest.mark.usefixtures("runner")
def test_a_part_that_a_check_gives_has_hundredths_and_a_plain_value(
    alice: "School",
) -> None:
    (alice.rubrics / "checks.py").write_text(CHECKS)
    alice.set_task("  - {id: own, check: 'checks:partly', points: 1}\n")

    (result,) = alice.grade().criteria

    assert (result.points, result.value) == (Decimal("0.34"), 0.5)
    assert type(result.value) is float


ELSEWHERE = """\
from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.core.criterion import Measured

def both(run: Evaluation):
    return Measured(rationale=f"{len(run.on('hard').targets['y'])} rows")
"""


def test_a_model_that_fails_on_another_dataset_is_at_fault_itself(
    three_datasets: "School", runner: "FakeRunner", outcome: Outcome
) -> None:
    (three_datasets.rubrics / "checks.py").write_text(ELSEWHERE)
    three_datasets.set_task("  - {id: both, check: 'checks:both', points: 1}\n")

    def answer(artifact: Artifact, one: Pass) -> Any:
        hard = one.inputs is not runner.passes[0][0].inputs
        return TARGETS + (np.nan if hard else 1)

    runner.answer_pass = answer

    assert outcome(three_datasets.grade()) == [
        (
            *("both", "failed", 0, None),
            "the model fails on the dataset 'hard': E_NONFINITE: 4 of 4 predicted "
            "values of 'y' are NaN or infinite",
        )
    ]
