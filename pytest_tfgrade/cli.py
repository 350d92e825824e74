"""The command ``tfgrade``: what graders do besides running pytest."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_tfgrade import __version__
from pytest_tfgrade.core.errors import TfgradeError
from pytest_tfgrade.engine import read_course
from pytest_tfgrade.reports.score import points_text
from pytest_tfgrade.rubric import json_schema


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; errors go to standard error."""
    given = _parser().parse_args(arguments)
    try:
        text = given.run(given)
    except TfgradeError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tfgrade",
        description="Tools for people who write rubrics; "
        "grading itself is: pytest --tfgrade SUBMISSIONS",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    rubric = commands.add_parser("rubric", help="Work on rubrics")
    of_rubric = rubric.add_subparsers(required=True, metavar="COMMAND")
    check = of_rubric.add_parser(
        "check", help="Check rubrics, the exam file and the data's descriptions"
    )
    check.add_argument(
        "rubrics",
        type=Path,
        nargs="?",
        default=Path("rubrics"),
        help="Rubric, folder of rubrics, or course folder (default: rubrics)",
    )
    check.add_argument(
        "--data",
        type=Path,
        help="Folder of evaluation datasets; only their descriptions are read "
        "(default: reference_data beside the rubrics)",
    )
    check.set_defaults(run=_check)
    schema = of_rubric.add_parser(
        "schema", help="Print the JSON Schema of a rubric, for editors"
    )
    schema.set_defaults(run=_schema)
    return parser


def _check(given: argparse.Namespace) -> str:
    """Return one line for each task; TensorFlow is not needed."""
    inside = given.rubrics / "rubrics"
    rubrics = inside if inside.is_dir() else given.rubrics
    beside = rubrics.parent if rubrics.is_dir() else rubrics.parent.parent
    course = read_course(rubrics, given.data or beside / "reference_data")
    lines = [f"{course.title}: {len(course.rubrics)} tasks, all in order"]
    lines += [
        f"  {rubric.task}: {points_text(rubric.points)} points, "
        f"{len(rubric.criteria)} criteria, data {rubric.dataset or 'none'}"
        for rubric in course.rubrics
    ]
    return "\n".join(lines) + "\n"


def _schema(given: argparse.Namespace) -> str:
    return json.dumps(json_schema(), indent=2) + "\n"
