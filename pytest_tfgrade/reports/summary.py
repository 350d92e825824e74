"""The summary of a run that a person reads in a terminal."""

from collections.abc import Iterator
from typing import Final

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.reports.line import Line, Tone, shortened, wrapped
from pytest_tfgrade.reports.notes import NOT_ISOLATED, partial_run
from pytest_tfgrade.reports.reasons import render_faults, render_losses
from pytest_tfgrade.reports.reckoned import render_changes
from pytest_tfgrade.reports.table import render_table

MOST_BORDERLINE: Final = 10
"""Borderline criteria that are named; all of them stand in ``grades.json``."""

LEAST_WIDTH: Final = 40
"""Narrower terminals get lines of this width."""


def render_summary(
    gradebook: Gradebook, width: int, *, reasons: bool = True
) -> tuple[Line, ...]:
    """Return the table of points, the reasons under it, and notes on the whole run.

    Args:
        gradebook: The grades.
        width: Columns of the terminal; less than ``LEAST_WIDTH`` counts as that.
        reasons: Whether to say why points were lost; faults of the grader are
            always told.
    """
    width = max(width, LEAST_WIDTH)
    grades = gradebook.grades
    blocks = (
        (Line(shortened(printable(gradebook.exam), width)),),
        render_table(grades, width) if grades else (Line("no submission was graded"),),
        render_faults(grades, width),
        render_losses(grades, width) if reasons else (),
        render_changes(grades, width),
        tuple(_notes(gradebook, width)),
    )
    told = [block for block in blocks if block]
    lines = (line for block in told for line in (Line(""), *block))
    return tuple(lines)[1:]


def _notes(gradebook: Gradebook, width: int) -> Iterator[Line]:
    if not gradebook.isolated:
        yield from wrapped(NOT_ISOLATED, width, tone=Tone.ERROR)
    if not gradebook.complete:
        yield from wrapped(partial_run(gradebook), width, tone=Tone.PARTIAL)
    borderline = [
        f"{with_visible_ends(grade.id)}::{task.id}::{criterion.id}"
        for grade in gradebook.grades
        for task in grade.tasks
        for criterion in task.criteria
        if criterion.borderline
    ]
    if borderline:
        text = f"within a standard error of other points ({len(borderline)}): "
        places = [printable(place) for place in borderline[:MOST_BORDERLINE]]
        more = ", ..." if len(borderline) > MOST_BORDERLINE else ""
        yield from wrapped(text + ", ".join(places) + more, width)
    if gradebook.unmatched:
        files = f"({len(gradebook.unmatched)}): {', '.join(gradebook.unmatched)}"
        text = f"files that no task asked for {files}"
        yield from wrapped(text, width, tone=Tone.PARTIAL)
