"""``tfgrade compare``: who moved between two runs, by which criteria, and why."""

import argparse
import shutil
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_tfgrade.commands.answer import Answer
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.globs import is_chosen
from pytest_tfgrade.core.text import printable

if TYPE_CHECKING:
    from pytest_tfgrade.commands.comparison import Comparison
    from pytest_tfgrade.commands.grades_file import KnownGrades

_FORMATS: Final = ("table", "csv", "json")

_LEAST_WIDTH: Final = 80
"""Columns of a table; narrower terminals break its lines."""

_WIDTH: Final = (120, 24)
"""Columns and lines where nobody says."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take two runs, what of them to compare, and the form of the answer."""
    for name, which in (("old", "earlier"), ("new", "later")):
        parser.add_argument(
            name,
            metavar=name.upper(),
            type=Path,
            help=f"grades.json of the {which} run, or the folder of its reports",
        )
    parser.add_argument(
        "--format", choices=_FORMATS, default="table", help="(default: table)"
    )
    for name in ("candidate", "task"):
        parser.add_argument(
            f"--{name}",
            metavar="NAME",
            action="append",
            default=[],
            help=f"Compare only this {name}; a glob, and repeatable",
        )
    parser.add_argument(
        "--tolerance",
        metavar="POINTS",
        type=_points,
        default=Decimal(0),
        help="Take a difference of up to so many points, of a task or a criterion, for "
        "none (default: 0)",
    )


def compare(given: argparse.Namespace) -> Answer:
    """Return who moved; the status is 1 if anybody did.

    Raises:
        UsageError: A file is not there or not what a run writes, or a name chooses
            nothing.
    """
    # Not above: the help of all commands loads this module.
    from pytest_tfgrade.commands.comparison import Choice, compared  # noqa: PLC0415
    from pytest_tfgrade.commands.grades_file import read_grades  # noqa: PLC0415

    old, new = read_grades(given.old), read_grades(given.new)
    _require_chosen(given, (old, new))
    choice = Choice(
        candidate=partial(is_chosen, wanted=given.candidate),
        task=partial(is_chosen, wanted=given.task),
        tolerance=given.tolerance,
        whole=not given.task,
    )
    found = compared(old, new, choice)
    return Answer(_rendered(found, given.format), status=1 if found.moves else 0)


def _rendered(found: "Comparison", form: str) -> str:
    match form:
        case "csv":
            from pytest_tfgrade.commands.comparison_csv import as_csv  # noqa: PLC0415

            return as_csv(found)
        case "json":
            from pytest_tfgrade.commands.comparison_json import as_json  # noqa: PLC0415

            return as_json(found)
        case _:
            from pytest_tfgrade.commands.comparison_text import as_text  # noqa: PLC0415

            columns = shutil.get_terminal_size(_WIDTH).columns
            return as_text(found, max(columns, _LEAST_WIDTH))


def _points(text: str) -> Decimal:
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or points < 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of points; write 0 or more, as 0.5"
        )
    return points


def _require_chosen(
    given: argparse.Namespace, runs: "tuple[KnownGrades, KnownGrades]"
) -> None:
    """Raise if a name or a glob chooses nothing."""
    submissions = [submission for run in runs for submission in run.submissions]
    known = {
        "candidate": {submission.id for submission in submissions},
        "task": {task.id for submission in submissions for task in submission.tasks},
    }
    for option, names in known.items():
        for pattern in getattr(given, option):
            if not any(is_chosen(name, (pattern,)) for name in names):
                shown = printable(pattern, limit=100)
                raise UsageError(
                    f"--{option} {shown}: neither run has one; give a name as the "
                    "reports have it, or a glob"
                )
