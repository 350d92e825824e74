"""What a run recalls of earlier ones: all grades that would be the same, no others."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import DatasetError, RunnerError, Ungradable
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.isolation import Mode, Profile
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.engine import Job
from pytest_tfgrade.engine.recall import Recall, Recalled

if TYPE_CHECKING:
    from conftest import School

ALICE = Job("alice", "line")

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)

OWN_CHECK = """\
from pytest_tfgrade.api import Measured, Model

def has_layers(model: Model, *, at_least: int = 1) -> Measured:
    '''The model has layers.'''
    return Measured(rationale="it has some")
"""

OWN_CRITERION = "  - {id: own, check: 'checks:has_layers', points: 5}\n"

REFERENCE_CRITERION = """\
  - id: quick
    check: predict.latency
    reference: reference.keras
    threshold: 1000
    points: 5
"""


class Again:
    """Runs over one class, each of which knows what those before it found out."""

    def __init__(self, school: "School", folder: Path) -> None:
        self.school = school
        self.folder = folder

    def grades(self, mode: Mode = Mode.AUTO) -> tuple[dict[Job, TaskGrade], set[Job]]:
        """Return all grades, and which of them were recalled."""
        store = Store(self.folder, 1 << 20)
        jobs = self.school.jobs()
        with self.school.run(store=store, mode=mode) as run:
            run.begin(jobs)
            return {job: run.grade(job) for job in jobs}, run.recalled

    def recalled(self, mode: Mode = Mode.AUTO) -> set[Job]:
        """Grade; return what was recalled."""
        return self.grades(mode)[1]


@pytest.fixture
def again(school: "School", tmp_path: Path) -> Again:
    """Runs over a class of one, whom the first of them has graded."""
    school.hand_in("alice/line.keras")
    folder = tmp_path / "cache"
    folder.mkdir()
    again = Again(school, folder)
    again.grades()
    return again


def edited(path: Path, old: str, new: str) -> None:
    """Replace a part of a file, which has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_recalled_grade_is_the_same_and_nothing_is_started(again: Again) -> None:
    first = Again(again.school, again.folder).grades()[0]
    runner = again.school.runner
    runner.started, asked = 0, list(runner.calls)

    second, recalled = again.grades()

    assert second == first
    assert recalled == {ALICE}
    assert (runner.started, runner.calls) == (0, asked)


def test_how_a_recalled_grade_was_made_is_recalled_with_it(again: Again) -> None:
    again.school.runner.versions = {}

    store = Store(again.folder, 1 << 20)
    with again.school.run(store=store) as run:
        run.begin([ALICE])
        runtimes, sandbox = run.runtimes, run.sandbox

    assert runtimes == {"keras3": {"keras": "3.15.1"}}
    assert sandbox is Profile.FULL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("criteria:", "# a comment\ncriteria:", id="a-comment"),
        pytest.param("task: line", "task:    'line'", id="white-space-and-quotes"),
    ],
)
def test_what_says_the_same_in_other_words_changes_nothing(
    again: Again, old: str, new: str
) -> None:
    edited(again.school.rubrics / "line.yaml", old, new)

    assert again.recalled() == {ALICE}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("bands: {4: 0.5", "bands: {4: 0.25", id="a-threshold"),
        pytest.param("2: 1.5}", "3: 1.5}", id="points"),
        pytest.param("id: io,", "id: layout,", id="a-name"),
        pytest.param("metric: mae", "metric: rmse", id="a-metric"),
        pytest.param("    requires: [contract]\n", "", id="what-is-required"),
        pytest.param(
            "x: {shape: [null, 1]}",
            "x: {shape: [null, 1], dtype: float64}",
            id="the-contract",
        ),
        pytest.param(
            "criteria:", "limits: {seconds: 5}\ncriteria:", id="a-limit-of-models"
        ),
    ],
)
def test_a_change_of_a_rubric_has_its_task_graded_anew(
    again: Again, old: str, new: str
) -> None:
    edited(again.school.rubrics / "line.yaml", old, new)

    assert again.recalled() == set()


def test_a_rubric_of_another_task_does_not_matter(again: Again) -> None:
    again.school.set_task(task="curve")
    again.school.hand_in("bob/curve.keras")

    grades, recalled = again.grades()

    assert recalled == {ALICE}
    assert grades[Job("bob", "curve")].points == Decimal(5)


def test_a_changed_threshold_runs_no_model_again(again: Again) -> None:
    asked = list(again.school.runner.calls)
    again.school.runner.started = 0
    edited(again.school.rubrics / "line.yaml", "bands: {4: 0.5", "bands: {4: 0.25")

    grades, recalled = again.grades()

    assert not recalled
    assert grades[ALICE].points == Decimal(5)
    assert again.school.runner.calls == asked
    assert again.school.runner.started == 0


def test_what_the_exam_says_of_limits_counts(again: Again) -> None:
    exam = again.school.rubrics / "exam.yaml"
    exam.write_text("exam: Lines\ntasks: [line]\n")
    assert again.recalled() == {ALICE}
    edited(exam, "tasks:", "defaults: {limits: {seconds: 7}}\ntasks:")

    assert again.recalled() == set()


def test_what_a_task_weighs_in_the_exam_is_no_part_of_its_grade(again: Again) -> None:
    exam = again.school.rubrics / "exam.yaml"
    exam.write_text("exam: Lines\ntasks: [{task: line, weight: 3}]\npass_mark: 0.1\n")

    assert again.recalled() == {ALICE}


def test_an_own_check_is_known_by_its_code(again: Again) -> None:
    again.school.set_task(OWN_CRITERION)
    code = again.school.rubrics / "checks.py"
    code.write_text(OWN_CHECK)
    again.grades()
    assert again.recalled() == {ALICE}
    edited(code, "it has some", "it has a few")

    assert again.recalled() == set()


def test_code_beside_an_own_check_counts_as_well(again: Again) -> None:
    again.school.set_task(OWN_CRITERION)
    (again.school.rubrics / "checks.py").write_text(OWN_CHECK)
    again.grades()
    (again.school.rubrics / "constants.py").write_text("MOST = 3\n")

    assert again.recalled() == set()


def test_python_beside_a_rubric_that_uses_none_does_not_count(again: Again) -> None:
    (again.school.rubrics / "notes.py").write_text("MOST = 3\n")

    assert again.recalled() == {ALICE}


def test_a_file_that_a_rubric_names_is_known_by_its_content(again: Again) -> None:
    again.school.set_task(REFERENCE_CRITERION)
    reference = again.school.rubrics / "reference.keras"
    reference.write_bytes(again.school.model)
    again.grades()
    assert again.recalled() == {ALICE}
    reference.write_bytes(again.school.another_model(1))

    assert again.recalled() == set()


def test_other_hidden_data_have_a_task_graded_anew(again: Again) -> None:
    plain = again.school.load
    split = np.array([True, True, False, False])

    def other(**changes: Any) -> Callable[[str, Path], EvaluationDataset | None]:
        return lambda name, folder: _changed(plain(name, folder), changes)

    again.school.load = other(sha256="1" * 64)
    values = again.recalled()
    again.school.load = other(public=split)
    first_split = again.recalled()
    again.school.load = other(public=~split)
    other_split = again.recalled()

    assert [values, first_split, other_split] == [set(), set(), set()]


def _changed(
    dataset: EvaluationDataset | None, changes: dict[str, Any]
) -> EvaluationDataset:
    assert dataset is not None
    return replace(dataset, **changes)


def test_hidden_data_that_are_gone_are_missed_even_so(again: Again) -> None:
    again.school.load = lambda name, folder: None

    with pytest.raises(DatasetError, match="numbers"):
        again.recalled()


def test_a_model_is_known_by_its_bytes_and_not_by_whose_it_is(again: Again) -> None:
    again.school.hand_in("bob/line.keras")
    again.school.hand_in("carol/line.keras", again.school.another_model(1))

    assert again.recalled() == {ALICE, Job("bob", "line")}


def test_a_model_of_another_name_is_another(again: Again) -> None:
    # Reports and findings say the name.
    (again.school.submissions / "alice" / "line.keras").rename(
        again.school.submissions / "alice" / "Line.keras"
    )

    assert again.recalled() == set()


def test_what_was_graded_without_isolation_is_not_taken_for_isolated(
    again: Again,
) -> None:
    modes = (Mode.OFF, Mode.OFF, Mode.AUTO)

    assert [again.recalled(mode) for mode in modes] == [set(), {ALICE}, {ALICE}]


def test_other_libraries_have_everything_graded_anew(again: Again) -> None:
    newer = KnownRuntime(
        name="keras3",
        python="python",
        keras="3.16.0",
        libraries=(("keras", "3.16.0"),),
    )
    again.school.runner.runtimes = [newer]

    assert again.recalled() == set()


@pytest.mark.parametrize(
    "fault",
    [
        *(Ungradable(code) for code in (Code.TIMEOUT, Code.MEMORY, Code.CRASH)),
        RunnerError("the disk is full"),
    ],
    ids=["timeout", "memory", "crash", "machine"],
)
def test_what_may_have_been_the_machine_is_graded_again(
    again: Again, fault: Exception
) -> None:
    def fails(artifact: Artifact) -> NDArray[Any]:
        raise fault

    again.school.hand_in("alice/line.keras", again.school.another_model(1))
    again.school.runner.answer = fails
    worse, _ = again.grades()
    again.school.runner.answer = lambda artifact: TARGETS

    better, recalled = again.grades()

    assert worse[ALICE].points in {Decimal(1), None}
    assert better[ALICE].points == Decimal(5)
    assert not recalled


def test_a_finding_about_a_model_is_recalled(again: Again) -> None:
    def fails(artifact: Artifact) -> NDArray[Any]:
        raise Ungradable(Code.OUTPUT_SHAPE, "y is wider")

    again.school.hand_in("alice/line.keras", again.school.another_model(1))
    again.school.runner.answer = fails
    first, _ = again.grades()

    second, recalled = again.grades()

    assert recalled == {ALICE}
    assert second == first
    assert second[ALICE].code == "E_OUTPUT_SHAPE"


def test_who_handed_in_nothing_is_no_recalled_grade(again: Again) -> None:
    again.school.set_task(task="curve")

    grades, recalled = again.grades()

    assert recalled == {ALICE}
    assert grades[Job("alice", "curve")].code == "E_MISSING"


def a_grade() -> Recalled:
    """Return a grade of no criteria."""
    grade = TaskGrade(id="line", criteria=(), max_points=Decimal("2.5"))
    return Recalled(grade=grade, runtimes={"keras3": {}}, sandbox=Profile.FULL)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store(tmp_path, 1 << 20)
    yield opened
    opened.close()


def test_a_grade_comes_back_as_it_was_kept(store: Store) -> None:
    recall = Recall(store, Mode.AUTO)
    recall.keep("key", a_grade())

    assert recall.get("key") == a_grade()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"value": float("inf")}, id="an-infinite-value"),
        pytest.param({"value": float("nan")}, id="no-number"),
        pytest.param({"rationale": "\ud800"}, id="half-a-character"),
    ],
)
def test_a_grade_that_would_come_back_as_another_is_not_kept(
    store: Store, changes: dict[str, Any]
) -> None:
    result = CriterionResult(
        id="own",
        check="checks:own",
        verdict=Verdict.FAILED,
        points=Decimal(0),
        max_points=Decimal(1),
        rationale="it is too large",
    )
    criteria = (replace(result, **changes),)
    recall = Recall(store, Mode.AUTO)

    recall.keep(
        "key", replace(a_grade(), grade=replace(a_grade().grade, criteria=criteria))
    )

    assert recall.get("key") is None


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no zlib", id="not-compressed"),
        pytest.param(zlib.compress(b'{"grade":'), id="half-a-grade"),
        pytest.param(zlib.compress(b'{"grade": {}}'), id="another-form"),
    ],
)
def test_a_damaged_value_is_no_grade(store: Store, kept: bytes) -> None:
    store.put("key", kept)

    assert Recall(store, Mode.AUTO).get("key") is None


def test_without_a_store_nothing_is_kept() -> None:
    recall = Recall(None, Mode.AUTO)
    recall.keep("key", a_grade())

    assert (recall.keeps, recall.get("key")) == (False, None)


def test_the_least_isolation_of_all_grades_counts(again: Again) -> None:
    again.school.hand_in("bob/line.keras", again.school.another_model(1))
    again.school.runner.profile = Profile.LIMITS

    store = Store(again.folder, 1 << 20)
    with again.school.run(store=store) as run:
        jobs = again.school.jobs()
        run.begin(jobs)
        for job in jobs:
            run.grade(job)
        sandbox = run.sandbox

    assert sandbox is Profile.LIMITS
