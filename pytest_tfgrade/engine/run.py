"""A run: many jobs, some of them in flight, each result there for whoever asks."""

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.grade import Origin, TaskGrade
from pytest_tfgrade.core.isolation import Mode, Profile
from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.engine.cached_runner import CachedRunner
from pytest_tfgrade.engine.chosen_file import choose, choose_source
from pytest_tfgrade.engine.course import Course
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.engine.extensions import NO_EXTENSIONS, Extensions
from pytest_tfgrade.engine.grading import grade_task
from pytest_tfgrade.engine.job import Job
from pytest_tfgrade.engine.marking import Marking
from pytest_tfgrade.engine.ordering import largest_first
from pytest_tfgrade.engine.origins import Origins
from pytest_tfgrade.engine.predictions import PredictionStore
from pytest_tfgrade.engine.recall import Recall
from pytest_tfgrade.engine.references import References
from pytest_tfgrade.engine.services import Services
from pytest_tfgrade.engine.shelf import LoadDataset, Shelf
from pytest_tfgrade.engine.watching import UNWATCHED, Watch
from pytest_tfgrade.runner import Runner

LOOK_AHEAD: Final = 100
"""Jobs whose files are read while TensorFlow loads; it takes as long as these do."""

LOOK_AHEAD_BYTES: Final = 256 << 20
"""Of copies made ahead, at most."""

MOMENT: Final = 0.2
"""Seconds after which whoever waits for a grade may do something else."""

Result = TypeVar("Result")


class GradingRun:
    """Grades jobs in the order they are given, several at a time."""

    def __init__(  # noqa: PLR0913 - what a run is made of
        self,
        course: Course,
        submissions: Iterable[Submission],
        *,
        runner: Runner,
        load_dataset: LoadDataset,
        workers: int | None = None,
        extensions: Extensions = NO_EXTENSIONS,
        store: Store | None = None,
        mode: Mode = Mode.AUTO,
        watch: Watch = UNWATCHED,
    ) -> None:
        """Start nothing yet.

        Args:
            course: Rubrics and data.
            submissions: Who handed in what.
            runner: Runs models; closed with the run.
            load_dataset: Asked first for each dataset.
            workers: Models in flight; default: the cores this process may use.
            extensions: What plug-ins add.
            store: What earlier runs found out; closed with the run.
            mode: How the runner was asked to isolate models.
            watch: Told how far the run has come.
        """
        self._submissions = {submission.id: submission for submission in submissions}
        self._rubrics = {rubric.task: rubric for rubric in course.rubrics}
        self._store = store
        self._watch = watch
        asked = CachedRunner(runner, store, mode) if store else runner
        self._references = References(
            lambda references: Services(
                runner=asked,
                shelf=Shelf(course.data, load_dataset, extensions.loaders),
                store=PredictionStore(),
                staging=runner.staging,
                references=references,
                facts_readers=extensions.facts_readers,
                idle_cores=self._idle_cores,
            )
        )
        self._services = self._references.services
        self._marking = Marking(
            self._services, Recall(store, mode), Origins(self.shelf, extensions)
        )
        self._looks: dict[Job, Future[Evidence]] = {}
        self._staged_bytes = 0
        self._workers = workers or usable_cores()
        self._pool = ThreadPoolExecutor(self._workers, "tfgrade")
        self._lock = threading.Lock()
        self._left = 0
        self.recalled: set[Job] = set()
        """What an earlier run had graded."""
        self._futures: dict[Job, Future[TaskGrade]] = {}

    @property
    def shelf(self) -> Shelf:
        """The evaluation datasets of this run."""
        return self._services.shelf

    @property
    def runtimes(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that ran models."""
        return self._marking.runtimes

    @property
    def sandbox(self) -> Profile:
        """How models are isolated."""
        return self._marking.sandbox

    @property
    def notices(self) -> Sequence[str]:
        """What the grader should know: of machines, and of what could not be shown."""
        faults = Counter(self._services.faults)
        told = (
            f"{text} ({number} times)" if number > 1 else text
            for text, number in sorted(faults.items())
        )
        return (*self._services.runner.notices, *told)

    def origin(self, task: str) -> Origin:
        """Return what a task is graded by."""
        return self._marking.origin(self._rubrics[task])

    def begin(self, jobs: Iterable[Job], *, ahead: bool = True) -> None:
        """Read the data that jobs need, then grade them in the background.

        What earlier runs have graded is recalled; up to the first job that they have
        not, nothing is started.

        Args:
            jobs: In the order in which their grades will be asked for.
            ahead: Whether to grade before being asked; False where others may be
                asked in this process' place.

        Raises:
            DatasetError: Hidden data are not what they should be.
            RunnerError: There is no TensorFlow, and a job needs it; or no thread.
        """
        jobs = tuple(dict.fromkeys(jobs))
        self._watch.began(len(jobs))
        if ahead and self._store is not None:
            self._fetch(jobs)
            jobs = self._without_recalled(jobs)
        if not jobs:
            return
        runs_models = self.check(jobs)
        if ahead:
            if runs_models:
                self._services.runner.start()
            jobs = largest_first(jobs, self._submissions)
            for job in jobs[:LOOK_AHEAD] if runs_models else ():
                if job not in self._looks:
                    self._looks[job] = self._in_background(self._look, job)
            for job in jobs:
                self._future(job)

    def check(self, jobs: Iterable[Job]) -> bool:
        """Read the data that jobs need; return whether any of them runs a model.

        Raises:
            DatasetError: Hidden data are not what they should be.
            RunnerError: There is no TensorFlow, and a job needs it.
        """
        jobs = tuple(jobs)
        self._services.runner.require_isolated()
        runs_models = any(self._runs_a_model(job) for job in jobs)
        if runs_models:
            self._services.runner.require_available()
        self._fetch(jobs)
        return runs_models

    def grade(self, job: Job, meanwhile: Callable[[], None] | None = None) -> TaskGrade:
        """Return the grade of a job; waits for it.

        Args:
            job: What is asked for.
            meanwhile: Called now and then while it is waited for.
        """
        future = self._future(job)
        while meanwhile is not None and not future.done():
            meanwhile()
            wait([future], timeout=MOMENT)
        return future.result()

    def evidence(self, job: Job) -> Evidence:
        """Return the evidence of a job for tests of a grader's own; close it."""
        submission, rubric = self._submissions[job.submission], self._rubrics[job.task]
        return Evidence(
            partial(choose, submission, rubric),
            rubric,
            self._services,
            find_source=partial(choose_source, submission, rubric),
        )

    def grade_file(self, task: str, path: Path) -> TaskGrade:
        """Grade a file of the grader's own, as if it had been handed in.

        Raises:
            DatasetError: Hidden data are not what they should be.
            RunnerError: There is no TensorFlow, and the task needs it.
        """
        rubric = self._rubrics[task]
        if rubric.runs_models:
            self._services.runner.require_available()
            self.shelf.fetch([rubric])
            self._services.runner.start()
        file = HandedIn(name=path.name, path=path)
        return grade_task(rubric, Evidence(lambda: file, rubric, self._services))

    def _look(self, job: Job) -> Evidence:
        """Read what a file says while TensorFlow is being loaded."""
        evidence = self.evidence(job)
        if self._staged_bytes < LOOK_AHEAD_BYTES:
            with contextlib.suppress(BaseException):  # raised again where it is graded
                self._staged_bytes += evidence.artifact.size
                _ = evidence.facts
        return evidence

    def _grade(self, job: Job) -> TaskGrade:
        rubric = self._rubrics[job.task]
        look = self._looks.pop(job, None)  # ahead in the queue, so at least begun
        evidence = look.result() if look else self.evidence(job)
        known = self._marking.recalled(rubric, evidence)
        if known is not None:
            evidence.close()
            self._note_recalled(job)
            return known
        self._watch.started(job)
        start = self._services.runner.start if rubric.runs_models else _nothing
        try:
            return self._marking.graded(rubric, evidence, before=start)
        finally:
            self._watch.finished(job, recalled=False)

    def _without_recalled(self, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
        """Recall grades up to the first that is not known; return the jobs from it."""
        for place, job in enumerate(jobs):
            evidence = self.evidence(job)
            grade = self._marking.recalled(self._rubrics[job.task], evidence)
            if grade is None:
                if evidence.is_there:
                    self._looks[job] = Future()
                    self._looks[job].set_result(evidence)
                    return jobs[place:]
                self._future(job)
                continue
            evidence.close()
            self._futures[job] = Future()
            self._futures[job].set_result(grade)
            self._note_recalled(job)
        return ()

    def _note_recalled(self, job: Job) -> None:
        self.recalled.add(job)
        self._watch.finished(job, recalled=True)

    def _fetch(self, jobs: Iterable[Job]) -> None:
        """Read the data of tasks for which there are models to run."""
        needed = {job.task for job in jobs if self._runs_a_model(job)}
        self.shelf.fetch(
            self._rubrics[task] for task in self._rubrics if task in needed
        )

    def close(self) -> None:
        """Give up what is in flight, end all processes, remove all folders."""
        for future in self._futures.values():
            future.cancel()
        if self._store is not None:
            self._store.stop_waiting()
        self._services.runner.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._references.close()
        self.shelf.close()
        if self._store is not None:
            self._store.close()
        self._services.runner.close()  # its folder: something was still copied into it

    def _runs_a_model(self, job: Job) -> bool:
        found = self._submissions[job.submission].found.get(job.task)
        return bool(found) and self._rubrics[job.task].runs_models

    def _idle_cores(self) -> int:
        """Return how many cores there are for each model that is left, itself too."""
        with self._lock:
            return max(1, self._workers // max(self._left, 1))

    def _future(self, job: Job) -> Future[TaskGrade]:
        if job not in self._futures:
            with self._lock:
                self._left += 1
            self._futures[job] = self._in_background(self._grade, job)
            self._futures[job].add_done_callback(self._count_down)
        return self._futures[job]

    def _count_down(self, done: Future[TaskGrade]) -> None:
        with self._lock:
            self._left -= 1

    def _in_background(self, work: Callable[[Job], Result], job: Job) -> Future[Result]:
        try:
            return self._pool.submit(work, job)
        except RuntimeError as error:  # the user may have no more threads
            raise RunnerError(f"models cannot be graded: {error}") from None


def _nothing() -> None:
    """Do nothing."""


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
