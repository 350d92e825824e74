"""Many jobs: order, threads, what is shared, and how a run ends."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import DatasetError, RunnerError, Ungradable
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.datasets.hidden import HiddenArrays
from pytest_tfgrade.engine import Job
from pytest_tfgrade.engine.answering import Answers
from pytest_tfgrade.engine.once import Once
from pytest_tfgrade.engine.predictions import PredictionStore
from pytest_tfgrade.engine.run import usable_cores
from pytest_tfgrade.runner import Predictions

if TYPE_CHECKING:
    from conftest import School

SOON = 10.0
"""Seconds; many more than anything here takes."""

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)


def answers(values: int = 1) -> Answers:
    """Return so many numbers of eight bytes."""
    arrays = {"y": np.zeros(values)}
    return Answers(predictions=Predictions(arrays=arrays, seconds={}, log=""))


@pytest.fixture
def class_of_six(school: "School") -> "School":
    """Return a school of two tasks and six candidates of every fate."""
    school.set_task(task="curve")
    for number, name in enumerate(["ann", "ben", "cem", "dan", "eva"]):
        school.hand_in(f"{name}/line.keras", school.another_model(number))
        school.hand_in(f"{name}/curve.keras", school.another_model(number % 3))
    school.hand_in("fay/line.keras", b"version https://git-lfs.github.com/spec/v1\n")

    def answer(artifact: Artifact) -> Any:
        match artifact.path.read_bytes()[-1]:
            case 1:
                return TARGETS + 1
            case 2:
                raise Ungradable(Code.CRASH)
            case 3:
                raise RunnerError("no memory")
            case _:
                return TARGETS

    school.runner.answer = answer
    return school


def test_one_worker_and_two_give_the_same_grades(class_of_six: "School") -> None:
    one = class_of_six.grade_all(workers=1)

    two = class_of_six.grade_all(workers=2)

    assert one == two
    assert {(job.submission, job.task): grade.points for job, grade in one.items()} == {
        ("ann", "curve"): 5,
        ("ann", "line"): 5,
        ("ben", "curve"): 3,
        ("ben", "line"): 3,
        ("cem", "curve"): 1,
        ("cem", "line"): 1,
        ("dan", "curve"): 5,
        ("dan", "line"): None,
        ("eva", "curve"): 3,
        ("eva", "line"): 5,
        ("fay", "curve"): 0,
        ("fay", "line"): 0,
    }


def test_the_order_of_jobs_changes_no_grade(class_of_six: "School") -> None:
    forwards = class_of_six.grade_all()
    jobs = class_of_six.jobs()[::-1]

    with class_of_six.run() as run:
        run.begin(jobs)
        backwards = {job: run.grade(job) for job in jobs}

    assert backwards == forwards


@pytest.mark.parametrize("workers", [1, 2])
def test_jobs_begin_in_the_order_in_which_they_are_given(
    school: "School", workers: int
) -> None:
    names = [f"c{number}" for number in range(6)]
    for number, name in enumerate(names):
        school.hand_in(f"{name}/line.keras", school.another_model(number))
    order: list[int] = []

    def answer(artifact: Artifact) -> Any:
        order.append(artifact.path.read_bytes()[-1])
        return TARGETS

    school.runner.answer = answer

    school.grade_all(workers)

    assert sorted(order) == [0, 1, 2, 3, 4, 5]
    assert workers > 1 or order == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("workers", [1, 2])
def test_identical_files_are_run_once_for_each_task(
    school: "School", workers: int
) -> None:
    school.set_task(task="curve")
    for name in ("ann", "ben", "cem", "dan"):
        school.hand_in(f"{name}/line.keras")
        school.hand_in(f"{name}/curve.keras")

    grades = school.grade_all(workers)

    assert {grade.points for grade in grades.values()} == {5}
    assert sorted(school.runner.calls) == ["curve.keras", "line.keras"]


def test_a_second_candidate_waits_for_the_run_of_an_identical_file(
    school: "School",
) -> None:
    school.hand_in("ann/line.keras")
    school.hand_in("ben/line.keras")
    running, go = threading.Event(), threading.Event()

    def answer(artifact: Artifact) -> Any:
        running.set()
        assert go.wait(SOON)
        return TARGETS + 1

    school.runner.answer = answer

    with school.run(workers=2) as run:
        run.begin(school.jobs())
        assert running.wait(SOON)
        go.set()
        grades = [run.grade(job) for job in school.jobs()]

    assert [grade.points for grade in grades] == [3, 3]
    assert school.runner.calls == ["line.keras"]


def test_a_fault_of_the_machine_is_not_kept_for_the_next_candidate(
    school: "School",
) -> None:
    school.hand_in("ann/line.keras")
    school.hand_in("ben/line.keras")

    def answer(artifact: Artifact) -> Any:
        if len(school.runner.calls) == 1:
            raise RunnerError("busy")
        return TARGETS

    school.runner.answer = answer

    ann, ben = school.grade_all().values()

    assert (ann.points, ben.points) == (None, 5)


def test_a_finding_is_kept_for_the_next_candidate(school: "School") -> None:
    school.hand_in("ann/line.keras")
    school.hand_in("ben/line.keras")

    def answer(artifact: Artifact) -> Any:
        raise Ungradable(Code.TIMEOUT)

    school.runner.answer = answer

    ann, ben = school.grade_all().values()

    assert ann == ben
    assert ann.code == Code.TIMEOUT
    assert school.runner.calls == ["line.keras"]


# Before the first model


def test_the_runner_starts_only_for_models_that_will_run(school: "School") -> None:
    school.set_task(task="curve")
    school.hand_in("ann/curve.keras")
    fetched: list[str] = []
    load = school.load

    def note(name: str, folder: Path) -> EvaluationDataset | None:
        fetched.append(name)
        return load(name, folder)

    school.load = note

    with school.run() as run:
        run.begin([Job("ann", "line")])
        assert (school.runner.started, fetched) == (0, [])
        run.begin([Job("ann", "curve"), Job("ann", "line")])

    assert (school.runner.started, fetched) == (1, ["numbers"])


def test_nothing_is_graded_ahead_where_others_may_be_asked(school: "School") -> None:
    school.hand_in("ann/line.keras")

    with school.run() as run:
        run.begin(school.jobs(), ahead=False)
        time.sleep(0.05)
        before = list(school.runner.calls)
        run.grade(Job("ann", "line"))

    assert (before, school.runner.calls) == ([], ["line.keras"])


def column(values: list[Any], dtype: str = "float32") -> HiddenArrays:
    return HiddenArrays({"x": np.array(values, dtype)})


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        pytest.param(
            column([["a"], ["b"]], "str_"),
            {"y": TARGETS[:2]},
            "the dataset 'numbers' holds 'x' as string, which does not fit float32; "
            "correct one",
            id="texts-for-numbers",
        ),
        pytest.param(
            column([[1j], [2j]], "complex64"),
            {"y": TARGETS[:2]},
            "the dataset 'numbers' holds 'x' as complex64, which does not fit float32; "
            "correct one",
            id="complex-numbers",
        ),
        pytest.param(
            column([[1, 2], [3, 4]]),
            {"y": TARGETS[:2]},
            "one example of 'x' in the dataset 'numbers' has the shape [2], "
            "the contract says [1]; correct one",
            id="another-shape",
        ),
        pytest.param(
            column([[[1, 2]], [[3, 4]]]),
            {"y": TARGETS[:2]},
            "one example of 'x' in the dataset 'numbers' has the shape [1, 2], "
            "the contract says [1]; correct one",
            id="another-rank",
        ),
        pytest.param(
            HiddenArrays({"z": TARGETS}),
            {"y": TARGETS},
            "the dataset 'numbers' has no input 'x'",
            id="another-name",
        ),
    ],
)
def test_a_dataset_that_does_not_fit_the_contract_stops_the_run(
    school: "School", inputs: HiddenArrays, targets: dict[str, Any], message: str
) -> None:
    school.hand_in("ann/line.keras")
    school.load = lambda name, folder: EvaluationDataset(
        name=name, rows=2, inputs=inputs, targets=HiddenArrays(targets), sha256=""
    )

    with school.run() as run, pytest.raises(DatasetError) as caught:
        run.begin(school.jobs())

    assert str(caught.value) == message
    assert school.runner.started == 0


@pytest.mark.parametrize(
    "values", [np.arange(4), np.arange(4).reshape(4, 1, 1), np.arange(4, dtype="uint8")]
)
def test_axes_of_size_1_and_kinds_of_numbers_are_fitted_to_the_contract(
    school: "School", values: np.ndarray[Any, Any]
) -> None:
    school.hand_in("ann/line.keras")
    school.load = lambda name, folder: EvaluationDataset(
        name=name,
        rows=4,
        inputs=HiddenArrays({"x": values}),
        targets=HiddenArrays({"y": TARGETS}),
        sha256="",
    )

    school.grade_all()

    (inputs,) = school.runner.inputs
    assert inputs.description[0]["dtype"] == "float32"
    assert inputs.description[0]["shape"] == [4, 1]


# How a run ends


def test_a_run_leaves_no_copy_behind(school: "School", temporary: Path) -> None:
    school.hand_in("ann/line.keras")
    school.hand_in("ben/line.keras", b"not a model")

    school.grade_all()

    assert [*temporary.iterdir(), *school.runner.staging.iterdir()] == []
    assert school.runner.closed.is_set()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_closed_in_flight_ends_at_once(
    school: "School", temporary: Path, workers: int
) -> None:
    for number in range(5):
        school.hand_in(f"c{number}/line.keras", school.another_model(number))
    running = threading.Event()

    def answer(artifact: Artifact) -> Any:
        running.set()
        assert school.runner.closed.wait(SOON)
        raise RunnerError("the runner was closed")

    school.runner.answer = answer
    with school.run(workers) as run:
        run.begin(school.jobs())
        assert running.wait(SOON)

        begun = time.perf_counter()
        run.close()
        took = time.perf_counter() - begun

    assert took < SOON / 2
    assert len(school.runner.calls) <= workers
    assert [*temporary.iterdir(), *school.runner.staging.iterdir()] == []
    assert not [t for t in threading.enumerate() if t.name.startswith("tfgrade")]


def test_a_job_that_never_began_has_no_grade(school: "School") -> None:
    for number in range(3):
        school.hand_in(f"c{number}/line.keras", school.another_model(number))
    running = threading.Event()

    def answer(artifact: Artifact) -> Any:
        running.set()
        assert school.runner.closed.wait(SOON)
        return TARGETS

    school.runner.answer = answer
    with school.run() as run:
        run.begin(school.jobs())
        assert running.wait(SOON)
        run.close()

        with pytest.raises(CancelledError):
            run.grade(Job("c2", "line"))


def test_evidence_for_tests_of_a_graders_own_shares_the_predictions(
    school: "School",
) -> None:
    school.hand_in("ann/line.keras")

    with school.run() as run:
        run.grade(Job("ann", "line"))
        evidence = run.evidence(Job("ann", "line"))
        arrays = evidence.predictions.arrays
        doubled = evidence.predict_on(school.load("numbers", Path()))
        evidence.close()

    assert np.array_equal(arrays["y"], TARGETS)
    assert np.array_equal(doubled.arrays["y"], TARGETS)
    assert school.runner.calls == ["line.keras", "line.keras"]


def test_the_workers_are_the_cores_that_may_be_used() -> None:
    assert usable_cores() >= 1


# The parts on their own


def test_a_store_runs_once_for_many_threads() -> None:
    store, calls = PredictionStore(), []

    def run() -> Answers:
        calls.append("called")
        time.sleep(0.02)
        return answers()

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: store.get(("a", "t", "d"), run), range(32)))

    assert len(calls) == 1
    assert len({id(one) for one in kept}) == 1


def test_a_store_lets_the_least_recently_used_go() -> None:
    store, calls = PredictionStore(most_bytes=16), []

    def ask(name: str) -> None:
        def run() -> Answers:
            calls.append(name)
            return answers()

        store.get((name, "t", "d"), run)

    for name in ("a", "b", "a", "c", "a", "b"):
        ask(name)

    assert calls == ["a", "b", "c", "b"]


def test_a_store_counts_the_answers_to_all_calls() -> None:
    store, calls = PredictionStore(most_bytes=20), []

    def ask(name: str) -> None:
        def run() -> Answers:
            calls.append(name)
            plain = answers()
            return replace(plain, more={Call(batch=1): plain.predictions.arrays})

        store.get((name, "t", "d"), run)

    for name in ("a", "b", "a"):
        ask(name)

    assert calls == ["a", "b", "a"]


def test_a_store_keeps_what_a_model_predicts_on_each_dataset() -> None:
    store, calls = PredictionStore(), []

    def ask(dataset: str) -> None:
        def run() -> Answers:
            calls.append(dataset)
            return answers()

        store.get(("a", "t", dataset), run)

    for dataset in ("easy", "hard", "easy"):
        ask(dataset)

    assert calls == ["easy", "hard"]


def test_predictions_larger_than_the_store_are_returned_all_the_same() -> None:
    store = PredictionStore(most_bytes=8)

    large = store.get(("a", "t", "d"), lambda: answers(1000))

    assert large.predictions.arrays["y"].size == 1000


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (Ungradable(Code.CRASH), True),
        (RunnerError("busy"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_a_store_keeps_findings_and_forgets_faults(
    error: BaseException, kept: bool
) -> None:
    store = PredictionStore()

    def fail() -> Answers:
        raise error

    with pytest.raises(type(error)):
        store.get(("a", "t", "d"), fail)

    if kept:
        with pytest.raises(type(error)):
            store.get(("a", "t", "d"), answers)
    else:
        assert store.get(("a", "t", "d"), answers).predictions.arrays["y"].size == 1


def test_a_step_is_taken_once_for_good_or_bad() -> None:
    calls: list[str] = []

    def fail() -> CriterionResult:
        calls.append("called")
        raise Ungradable(Code.SIZE)

    step: Callable[[], CriterionResult] = Once(fail)

    for _ in range(2):
        with pytest.raises(Ungradable, match="E_SIZE"):
            step()
    assert calls == ["called"]
