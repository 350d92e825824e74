"""Submissions, tasks and criteria as pytest shows them: ``alice::digits::accuracy``."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.score import points_text, score_text
from pytest_tfgrade.core.submission import Submission
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine import Job
from pytest_tfgrade.rubric import Rubric


@dataclass(frozen=True, slots=True)
class Grades:
    """Where items get their results from."""

    grade: Callable[[Job], TaskGrade]
    """Returns the grade of a job; waits for it."""

    show: Callable[[TaskGrade], TaskGrade]
    """Returns what may be shown of a grade to whoever reads along."""


class SubmissionNode(pytest.Collector):
    """One candidate's submission."""

    def __init__(
        self,
        *,
        rubrics: Iterable[Rubric],
        grades: Grades,
        **kwargs: Any,  # noqa: ANN401 - pytest's own
    ) -> None:
        """Collect nothing yet."""
        super().__init__(**kwargs)
        self._rubrics = tuple(rubrics)
        self._grades = grades

    def __repr__(self) -> str:
        """Return what ``--collect-only`` shows."""
        return f"<Submission {self.name}>"

    def collect(self) -> "Iterator[TaskNode]":
        """Yield a node for each task."""
        for rubric in self._rubrics:
            yield TaskNode.from_parent(
                self, name=rubric.task, rubric=rubric, grades=self._grades
            )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one criterion."""

    result: CriterionResult
    """For the grader."""

    shown: CriterionResult
    """What pytest may show of it to whoever reads along."""

    is_tolerated: bool
    """Whether it took no points away, though it did not pass."""


class TaskNode(pytest.Collector):
    """One task of a submission."""

    def __init__(self, *, rubric: Rubric, grades: Grades, **kwargs: Any) -> None:  # noqa: ANN401
        """Collect nothing yet."""
        super().__init__(**kwargs)
        self._rubric = rubric
        self._grades = grades

    @property
    def job(self) -> Job:
        """What is graded."""
        assert self.parent is not None  # noqa: S101 - for the type checker
        return Job(self.parent.name, self._rubric.task)

    @cached_property
    def grade(self) -> TaskGrade:
        """The grade; waits for it."""
        return self._grades.grade(self.job)

    @cached_property
    def code(self) -> str | None:
        """Why the artifact is ungradable, if it is."""
        return self.grade.code

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What became of each criterion, by id; waits for it."""
        seen = {result.id: result for result in self._grades.show(self.grade).criteria}
        return {
            result.id: Outcome(result, seen[result.id], self.grade.tolerates(result))
            for result in self.grade.criteria
        }

    def __repr__(self) -> str:
        """Return what ``--collect-only`` shows."""
        return f"<Task {self.name}>"

    def collect(self) -> "Iterator[CriterionItem]":
        """Yield an item for each criterion."""
        job = self.job
        for criterion in self._rubric.criteria:
            yield CriterionItem.from_parent(
                self, name=criterion.id, job=job, task_node=self
            )


class NotEarned(Exception):  # noqa: N818 - a finding, not a fault
    """A criterion did not pass."""


class NotGraded(Exception):  # noqa: N818 - shown as pytest's ERROR
    """The grader, not the submission, is at fault."""


_FINDINGS: Final = (NotEarned, NotGraded, pytest.xfail.Exception)
"""Raised for what a criterion found; of them no traceback is of interest."""


class CriterionItem(pytest.Item):
    """One criterion of one task for one submission."""

    def __init__(self, *, job: Job, task_node: TaskNode, **kwargs: Any) -> None:  # noqa: ANN401
        """Grade nothing yet."""
        super().__init__(**kwargs)
        self.job = job
        self._task = task_node
        # pytest's own looks through all parents, for every report.
        self.keywords = dict.fromkeys((job.submission, job.task, self.name), True)

    def __repr__(self) -> str:
        """Return what ``--collect-only`` shows."""
        return f"<Criterion {self.name}>"

    @property
    def task_grade(self) -> TaskGrade:
        """The grade of the whole task; waits for it."""
        return self._task.grade

    @property
    def outcome(self) -> Outcome:
        """What became of this criterion; waits for it."""
        return self._task.outcomes[self.name]

    @property
    def result(self) -> CriterionResult:
        """What the grader may know of it."""
        return self.outcome.result

    @property
    def location(self) -> tuple[str, None, str]:
        """What pytest shows as the place of the criterion."""
        # Of a name at the end of the node id, pytest shows every dot as two colons.
        return self.job.submission, None, f"{self.nodeid} "

    def setup(self) -> None:
        """Raise ``NotGraded`` where the score stays open: pytest reports an ERROR."""
        result = self.outcome.shown
        self.user_properties.extend(_properties(result, self.task_grade))
        if self._task.code is not None:
            self.user_properties.append(("tfgrade.code", printable(self._task.code)))
        if result.verdict is Verdict.ERROR:
            raise NotGraded(printable(result.rationale))

    def runtest(self) -> None:
        """Pass, skip, or raise ``NotEarned``; what took no points away is an xfail."""
        result = self.outcome.shown
        if self.outcome.is_tolerated:
            pytest.xfail(printable(result.rationale))
        match result.verdict:
            case Verdict.PASSED:
                return
            case Verdict.SKIPPED:
                pytest.skip(printable(result.rationale))
            case Verdict.FAILED | Verdict.PARTIAL | Verdict.ERROR:
                raise NotEarned(printable(result.rationale))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's own type is private
    ) -> Any:  # noqa: ANN401 - the same
        """Return rationale, points, hint and detail; no traceback of ours."""
        if not isinstance(excinfo.value, _FINDINGS):
            return super().repr_failure(excinfo, style)
        return "\n".join(map(printable, _explanation(self.outcome.shown)))

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return a place that pytest shows as the submission's name."""
        place, line, headline = self.location
        return self.config.rootpath / place, line, headline


def criterion_items(
    session: pytest.Session,
    submissions: Iterable[Submission],
    rubrics: Iterable[Rubric],
    grades: Grades,
) -> Iterator[pytest.Item]:
    """Yield an item for each criterion of each task of each submission, in order."""
    rubrics = tuple(rubrics)
    for submission in submissions:
        node = SubmissionNode.from_parent(
            session,
            name=submission.id,
            nodeid=with_visible_ends(submission.id),
            rubrics=rubrics,
            grades=grades,
        )
        yield from session.genitems(node)


def _properties(
    result: CriterionResult, grade: TaskGrade
) -> Iterator[tuple[str, object]]:
    """Yield what pytest's own ``--junitxml`` shows beside the outcome."""
    yield "tfgrade.verdict", result.verdict.value
    if result.points is not None:
        yield "tfgrade.points", points_text(result.points)
    yield "tfgrade.max_points", points_text(result.max_points)
    if result.value is not None:
        yield "tfgrade.value", f"{result.value:.6g}"
    if grade.artifact is not None:
        yield "tfgrade.sha256", printable(grade.artifact.sha256)


def _explanation(result: CriterionResult) -> Iterator[str]:
    code = f"{result.code}: " if result.code else ""
    score = score_text(result.points, result.max_points)
    worth = f" ({score} points)" if result.max_points or result.points else ""
    yield f"{code}{result.rationale}{worth}"
    if result.hint:
        yield f"hint: {result.hint}"
    if result.detail:
        yield "for the grader:"
        yield from (f"  {line}" for line in result.detail.splitlines())
