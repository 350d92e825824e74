"""``tfgrade rubric selftest``: whether a rubric gives what is known to be due."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_tfgrade.commands.course import course_of
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import RubricError
from pytest_tfgrade.engine import Course, GradingRun
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.selftest import (
    Trial,
    band_problems,
    trial_of_file,
    try_predictors,
)
from pytest_tfgrade.predictors import NotApplicable
from pytest_tfgrade.reports.columns import Column, render_columns
from pytest_tfgrade.reports.score import measured, points_text
from pytest_tfgrade.rubric import Rubric
from pytest_tfgrade.runner import LocalRunner

WIDTH = 100
"""Columns of the calibration table; wider names are cut."""


class SelfTestFailed(RubricError):
    """A rubric gives other points than it says."""

    exit_code = 1


def selftest(given: argparse.Namespace, extensions: Extensions) -> str:
    """Print each task's calibration table, then say whether all is as it must be.

    Raises:
        SelfTestFailed: It is not; with every problem of every task.
    """
    course = course_of(given, extensions)
    wanted = given.task or [rubric.task for rubric in course.rubrics]
    unknown = sorted(set(wanted) - {rubric.task for rubric in course.rubrics})
    if unknown:
        known = ", ".join(rubric.task for rubric in course.rubrics)
        raise RubricError(f"no rubric has the task {unknown[0]!r}; there are {known}")
    run = GradingRun(
        course,
        (),
        runner=LocalRunner(),
        load_dataset=lambda name, folder: None,
        workers=1,
        extensions=extensions,
    )
    problems: list[str] = []
    try:
        for rubric in course.rubrics:
            if rubric.task in wanted:
                tried = _tried(run, rubric, course)
                sys.stdout.write("\n".join(tried.lines) + "\n\n")
                sys.stdout.flush()
                problems += tried.problems
    finally:
        run.close()
    if problems:
        raise SelfTestFailed("\n".join(problems))
    return f"{len(wanted)} tasks: every score is as it must be\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What came out for one task."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]


def _tried(run: GradingRun, rubric: Rubric, course: Course) -> _Tried:
    trials = [
        trial_of_file(_shown(known.file), run.grade_file(rubric.task, known.file), known.points)
        for known in rubric.selftest.artifacts
    ]
    if rubric.runs_models:
        try:
            trials += try_predictors(rubric, run.shelf)
        except NotApplicable as error:
            where = rubric.document.locate(("selftest", "predictors"))
            raise RubricError(f"{where}: {error}; remove it") from None
    found = [trial.problem for trial in trials if trial.problem]
    found += band_problems(rubric, trials)
    where = rubric.document.path
    return _Tried(
        lines=tuple(_table(rubric, trials)),
        problems=tuple(f"{where}: {problem}" for problem in found),
    )


def _table(rubric: Rubric, trials: Sequence[Trial]) -> Iterator[str]:
    heading = f"{rubric.task}: {points_text(rubric.points)} points"
    yield heading + ("" if trials else "; nothing to try: add selftest:")
    if not trials:
        return
    rows = [row for trial in trials for row in _rows(trial)]
    headers = ("tried", "criterion", "value", "n", "se", "points", "due", "")
    columns = [
        Column(
            header=header,
            cells=tuple(row[place] for row in rows),
            least=8 if place < 2 else 1,  # noqa: PLR2004 - the two columns of names
            right=place > 1,
        )
        for place, header in enumerate(headers)
    ]
    yield from (f"  {line}" for line in render_columns(columns, WIDTH))


def _rows(trial: Trial) -> Iterator[tuple[str, ...]]:
    """Yield a row for the whole, with the measured values of its criteria."""
    values = [c for c in trial.criteria if c.uncertainty is not None]
    due = points_text(trial.expected)
    total = "open" if trial.points is None else points_text(trial.points)
    verdict = "ok" if trial.is_as_expected else "WRONG"
    whole = (total, f"<= {due}" if trial.is_predictor else due, verdict)
    if len(values) == 1:
        yield trial.name, *_measured(values[0]), *whole
        return
    yield trial.name, "", "", "", "", *whole
    for criterion in values:
        points = "open" if criterion.points is None else points_text(criterion.points)
        yield "", *_measured(criterion), points, "", ""


def _measured(criterion: CriterionResult) -> tuple[str, str, str, str]:
    known = criterion.uncertainty
    value, error = measured(criterion.value), known and known.standard_error
    return (
        criterion.id,
        "" if value is None else f"{value:.4g}",
        "" if known is None else str(known.n),
        "" if error is None else f"{error:.2g}",
    )


def _shown(path: Path) -> str:
    """Return the folder and the name of a file, as its table has room for."""
    return "/".join(path.parts[-2:])
