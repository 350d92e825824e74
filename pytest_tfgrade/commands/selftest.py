"""``tfgrade rubric selftest``: whether a rubric gives what is known to be due."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_tfgrade.commands import findings
from pytest_tfgrade.commands.course import add_place, course_of
from pytest_tfgrade.commands.given_file import add_sandbox
from pytest_tfgrade.commands.wording import scale_text
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import RubricError
from pytest_tfgrade.core.score import counted, measured, points_text
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.documents import suggestion
from pytest_tfgrade.engine import Course, GradingRun
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.selftest import Trial, trial_of_file, try_predictors
from pytest_tfgrade.predictors import NotApplicable
from pytest_tfgrade.reports.columns import Column, render_columns
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import Confinement, LocalRunner

WIDTH: Final = 100
"""Columns of the calibration table; wider names are cut."""

LEGEND: Final = """\
due: what a file must get exactly, and a trivial predictor at most
n: examples; se: standard error of the value
borderline: one standard error more or less would earn other points
"""


class SelfTestFailed(RubricError):  # noqa: N818 - a finding about a rubric
    """A rubric gives other points than it says."""

    exit_code = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the place of rubrics and data, and what to try."""
    add_place(parser)
    parser.add_argument(
        "--task",
        metavar="NAME",
        action="append",
        help="Try the rubric of this task only; repeatable",
    )
    parser.add_argument(
        "--no-models",
        action="store_true",
        help="Try trivial predictors only; TensorFlow is not needed",
    )
    add_sandbox(parser)


def selftest(given: argparse.Namespace, extensions: Extensions) -> str:
    """Print each task's calibration table, then say whether all is as it must be.

    Raises:
        SelfTestFailed: It is not; with every problem of every task.
        RubricError: A rubric is not in order, or has a predictor that makes no sense.
        DatasetError: Hidden data are not what they should be.
        RunnerError: There is no TensorFlow, and a model is to be tried.
    """
    course = course_of(given, extensions)
    wanted = _wanted(course, given.task or ())
    run = GradingRun(
        course,
        (),
        runner=LocalRunner(
            course.runtimes, confinement=Confinement(mode=given.sandbox)
        ),
        load_dataset=lambda name, folder: None,
        workers=1,
        extensions=extensions,
    )
    problems: list[str] = []
    try:
        for rubric in wanted:
            tried = _tried(run, rubric, models=not given.no_models)
            sys.stdout.write("\n".join(tried.lines) + "\n\n")
            sys.stdout.flush()
            problems += tried.problems
    finally:
        run.close()
    sys.stdout.write(f"{LEGEND}\n")
    if problems:
        sys.stdout.flush()
        raise SelfTestFailed("\n".join(problems))
    count = len(wanted)
    tasks = f"{count} task{'s' * (count != 1)}"
    return f"{tasks}: every score is as it must be\n"


def _wanted(course: Course, tasks: Sequence[str]) -> list[Rubric]:
    known = [rubric.task for rubric in course.rubrics]
    for task in tasks:
        if task not in known:
            what = f"no rubric has the task {task!r}"
            raise RubricError(f"--task: {what}; {suggestion(task, known)}")
    return [rubric for rubric in course.rubrics if rubric.task in (tasks or known)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What came out for one task."""

    lines: tuple[str, ...]
    """For people, the calibration table and notes."""

    problems: tuple[str, ...]
    """With their places; empty if all is as it must be."""


def _tried(run: GradingRun, rubric: Rubric, *, models: bool) -> _Tried:
    trials = []
    for known in rubric.selftest.artifacts if models else ():
        grade = run.grade_file(rubric.task, known.file)
        trials.append(trial_of_file(_shown(known.file), grade, known.points))
    if rubric.runs_models:
        try:
            trials += try_predictors(rubric, run.shelf)
        except NotApplicable as error:
            where = rubric.document.locate(("selftest", "predictors"))
            raise RubricError(f"{where}: {error}; remove it") from None
    notes = [f"  note: {text}" for text in findings.notes(rubric, trials)]
    return _Tried(
        lines=(*_lines(rubric, trials), *notes),
        problems=tuple(findings.problems(rubric, trials)),
    )


def _lines(rubric: Rubric, trials: Sequence[Trial]) -> Iterator[str]:
    heading = f"{rubric.task}: {counted(rubric.points)}"
    yield heading + ("" if trials else "; nothing to try: add selftest:")
    if not trials:
        return
    for criterion in rubric.checked:
        if criterion.scale is not None:
            metric = criterion.parameters.get("metric")
            what = getattr(metric, "name", criterion.check.name)
            yield f"  {criterion.id}: {scale_text(criterion.scale, what)}"
    rows = [row for trial in trials for row in _rows(trial)]
    headers = ("tried", "criterion", "value", "n", "se", "points", "due", "")
    names = 2
    columns = [
        Column(
            header=header,
            cells=tuple(row[place] for row in rows),
            least=8 if place < names else 1,
            right=names <= place < len(headers) - 1,
        )
        for place, header in enumerate(headers)
    ]
    yield from (f"  {line}" for line in render_columns(columns, WIDTH))


def _rows(trial: Trial) -> Iterator[tuple[str, ...]]:
    """Yield a row for the whole, with the measured values of its criteria."""
    values = [c for c in trial.criteria if c.uncertainty is not None]
    due = points_text(trial.expected)
    due = f"at most {due}" if trial.is_predictor else due
    total = "open" if trial.points is None else points_text(trial.points)
    verdict = "ok" if trial.is_as_expected else "WRONG"
    if len(values) == 1:
        mark = _borderline(values[0], before=", ")
        yield trial.name, *_measured(values[0]), total, due, verdict + mark
        return
    yield trial.name, "" if values else _failed(trial), "", "", "", total, due, verdict
    for criterion in values:
        points = "open" if criterion.points is None else points_text(criterion.points)
        yield "", *_measured(criterion), points, "", _borderline(criterion)


def _failed(trial: Trial) -> str:
    """Name the criterion that left nothing to measure."""
    failed = (c.id for c in trial.criteria if c.verdict is Verdict.FAILED)
    return next((f"{name} failed" for name in failed), "")


def _measured(criterion: CriterionResult) -> tuple[str, str, str, str]:
    known = criterion.uncertainty
    value, error = measured(criterion.value), known and known.standard_error
    return (
        criterion.id,
        "" if value is None else f"{value:.4g}",
        "" if known is None else str(known.n),
        "" if error is None else f"{error:.2g}",
    )


def _borderline(criterion: CriterionResult, before: str = "") -> str:
    return f"{before}borderline" if criterion.borderline else ""


def _shown(path: Path) -> str:
    """Return the folder and the name of a file, as its table has room for."""
    return "/".join(path.parts[-2:])
