"""Results as they come in, from this process or from pytest-xdist's workers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from pytest_tfgrade import __version__
from pytest_tfgrade.core.criterion import (
    ArtifactRecord,
    CriterionResult,
    RunRecord,
)
from pytest_tfgrade.core.grade import Grade, Gradebook, Origin, TakenIn, TaskGrade
from pytest_tfgrade.core.isolation import Profile
from pytest_tfgrade.core.portrait import NO_PORTRAIT, Portrait
from pytest_tfgrade.core.submission import Submission
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.engine import Course, GradingRun, Job
from pytest_tfgrade.engine.outlining import outline_of

_ATTRIBUTE: Final = "tfgrade"
"""Of a test report: plain values, for xdist sends reports between processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How the grade of a task was made."""

    artifact: ArtifactRecord | None
    """The artifact; None if there is none or it could not be read."""

    seconds: Mapping[str, float]
    """Of ``load`` and ``predict``, as far as they were reached."""

    run: RunRecord | None
    """How the model was run; None if it was not."""

    runtimes: Mapping[str, Mapping[str, str]]
    """Versions of the libraries that ran models so far, by runtime."""

    sandbox: Profile
    """How models were isolated, the least of all so far."""

    origin: Origin | None
    """What the task is graded by; None if there is no artifact."""

    recalled: bool
    """Whether an earlier run graded it."""

    portrait: Portrait | None
    """What can be shown of the model; None where another entry has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of one criterion, and how that was found out."""

    submission: str
    """The id of the submission."""

    task: str
    """The task."""

    result: CriterionResult
    """What became of the criterion."""

    making: Making
    """The same for all criteria of the task."""


_ENTRY: Final = TypeAdapter(Entry)


def making_of(job: Job, grade: TaskGrade, run: GradingRun) -> Making:
    """Return how a grade was made; the same for all criteria of a task."""
    return Making(
        artifact=grade.artifact,
        seconds=grade.seconds,
        run=grade.run,
        runtimes=run.runtimes,
        sandbox=run.sandbox,
        origin=run.origin(grade.id) if grade.artifact else None,
        recalled=job in run.recalled,
        portrait=grade.portrait,
    )


def attach(report: pytest.TestReport, entry: Entry) -> None:
    """Let a report carry what became of its item to xdist's controller."""
    setattr(report, _ATTRIBUTE, _ENTRY.dump_python(entry, mode="json"))


class Ledger:
    """Collects entries, and makes a gradebook of them in the order of the exam."""

    def __init__(
        self,
        course: Course,
        submissions: Iterable[Submission],
        revealed: frozenset[Visibility] = frozenset(),
        notices: tuple[str, ...] = (),
    ) -> None:
        """Hold nothing yet.

        Args:
            course: What is graded.
            submissions: Who handed in what.
            revealed: What candidates may see by now.
            notices: What was decided as submissions were taken in.
        """
        self._course = course
        self._revealed = revealed
        self.notices = notices
        self._submissions = tuple(submissions)
        self._entries: dict[tuple[Job, str], Entry] = {}

    def take(self, report: pytest.TestReport) -> None:
        """Keep what a report carries, if it carries anything."""
        plain: dict[str, Any] | None = getattr(report, _ATTRIBUTE, None)
        if plain is not None:
            self.note(_ENTRY.validate_python(plain))

    @property
    def recalled(self) -> int:
        """How many tasks an earlier run had graded."""
        entries = self._entries.items()
        return len({job for (job, _), entry in entries if entry.making.recalled})

    def note(self, entry: Entry) -> None:
        """Keep what became of a criterion."""
        job = Job(entry.submission, entry.task)
        self._entries[job, entry.result.id] = entry

    def gradebook(self) -> Gradebook:
        """Return the grades of all that came in; tasks without any are left out."""
        grades = (self._grade(submission) for submission in self._submissions)
        makings = {id(e.making): (e.task, e.making) for e in self._entries.values()}
        runtimes = {
            name: versions
            for _, making in makings.values()
            for name, versions in making.runtimes.items()
        }
        sandboxes = {making.sandbox for _, making in makings.values()}
        origins = {task: m.origin for task, m in makings.values() if m.origin}
        rubrics = self._course.rubrics
        return Gradebook(
            exam=self._course.title,
            grades=tuple(grade for grade in grades if grade.tasks),
            planned=len(self._submissions) * self._criteria_of_one(),
            isolated=all(profile.isolated for profile in sandboxes),
            sandbox=next((p for p in reversed(Profile) if p in sandboxes), None),
            version=__version__,
            runtimes=runtimes,
            course={
                rubric.task: origins[rubric.task]
                for rubric in rubrics
                if rubric.task in origins
            },
            revealed=self._revealed,
            notices=self.notices,
            pass_mark=self._course.pass_mark,
            unmatched=tuple(
                f"{submission.id}/{name}"
                for submission in self._submissions
                for name in submission.others
            ),
            titles=self._course.titles,
            outlines={rubric.task: outline_of(rubric) for rubric in rubrics},
        )

    def nothing_graded(self) -> Gradebook:
        """Return all submissions, nothing of them graded."""
        grades = tuple(
            Grade(
                id=submission.id,
                tasks=(),
                pass_mark=self._course.pass_mark,
                whole=False,
                taken_in=_taken_in(submission),
            )
            for submission in self._submissions
        )
        return replace(self.gradebook(), grades=grades)

    def _criteria_of_one(self) -> int:
        return sum(len(rubric.criteria) for rubric in self._course.rubrics)

    def _grade(self, submission: Submission) -> Grade:
        jobs = [Job(submission.id, rubric.task) for rubric in self._course.rubrics]
        tasks = [self._task_grade(job) for job in jobs]
        graded = tuple(task for task in tasks if task.criteria)
        return Grade(
            id=submission.id,
            tasks=graded,
            pass_mark=self._course.pass_mark,
            whole=len(graded) == len(tasks),
            taken_in=_taken_in(submission),
        )

    def _task_grade(self, job: Job) -> TaskGrade:
        rubric = next(r for r in self._course.rubrics if r.task == job.task)
        keys = [(job, criterion.id) for criterion in rubric.criteria]
        entries = [self._entries[key] for key in keys if key in self._entries]
        last = entries[-1].making if entries else None
        portraits = (entry.making.portrait for entry in entries)
        return TaskGrade(
            id=job.task,
            criteria=tuple(entry.result for entry in entries),
            planned=len(rubric.criteria),
            title=rubric.title.text(),
            weight=self._course.tasks[job.task].weight,
            minimum=self._course.tasks[job.task].minimum,
            max_points=rubric.points,
            artifact=last.artifact if last else None,
            seconds=_as_written(last.seconds) if last else {},
            run=last.run if last else None,
            portrait=next(filter(None, portraits), NO_PORTRAIT),
        )


def _as_written(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return times as ``grades.json`` has them: sums of them are the same later."""
    return {step: round(time, 3) for step, time in sorted(seconds.items())}


def _taken_in(submission: Submission) -> TakenIn:
    return TakenIn(
        people=submission.people,
        on_roster=submission.on_roster,
        handed_in=submission.handed_in,
        late=submission.late,
        set_aside=submission.set_aside,
    )
