"""``tfgrade report``: more reports of a run, made of its ``grades.json``."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pytest_tfgrade import writing
from pytest_tfgrade.adjusting import adjusted_anew
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.globs import is_chosen
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.visibility import STAGES, Visibility, revealed_by
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.intake.parts import one_form
from pytest_tfgrade.reports.interface import Request
from pytest_tfgrade.reports.reading import read_gradebook
from pytest_tfgrade.selection import require_known


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a run, the formats, and what they need."""
    parser.add_argument(
        "grades",
        metavar="GRADES",
        type=Path,
        help="grades.json of a run, or the folder of its reports",
    )
    parser.add_argument(
        "--format",
        metavar="NAME",
        action="append",
        required=True,
        help="The report to write, as html, cohort or canvas; repeatable",
    )
    parser.add_argument(
        "--candidate",
        metavar="NAME",
        action="append",
        default=[],
        help="Report only this submission; a glob, and repeatable",
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        type=Path,
        help="Folder to write into (default: that of GRADES)",
    )
    _add_for_candidates(parser)
    _add_files(parser)


def _add_for_candidates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang",
        metavar="TAG",
        default=DEFAULT,
        help="Language of what candidates read: en or zh (default: en)",
    )
    parser.add_argument(
        "--reveal",
        choices=[stage.value for stage in STAGES],
        help="Let reports for candidates show criteria marked after_due_date, or "
        "after_published and these (default: as the run did)",
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Take what graders and platforms wrote."""
    parser.add_argument(
        "--fill",
        metavar="FILE",
        type=Path,
        help="The platform's own export that the format canvas or moodle fills in",
    )
    parser.add_argument(
        "--column",
        metavar="TITLE",
        help="The column of that file that takes the points (default: found out)",
    )
    parser.add_argument(
        "--extensions",
        metavar="FILE",
        type=Path,
        help="CSV of candidates who may hand in later, in place of what the run had; "
        "grades.json is written anew",
    )
    parser.add_argument(
        "--overrides",
        metavar="FILE",
        type=Path,
        help="YAML of points and comments that people gave, in place of what the run "
        "had; grades.json is written anew",
    )
    parser.add_argument(
        "--metadata",
        metavar="FILE",
        type=Path,
        help="Gradescope's submission_metadata.json, for the format gradescope",
    )


def report(given: argparse.Namespace, extensions: Extensions) -> str:
    """Write the reports and say where they are.

    Raises:
        UsageError: The file is not what a run writes, or a format lacks something;
            nothing is written then.
        RunnerError: A report failed.
    """
    formats = writing.chosen(given.format, extensions.reports, "--format")
    changes = given.extensions or given.overrides
    if not changes and writing.CANONICAL not in given.format:
        del formats[writing.CANONICAL]  # it is what is read
    if given.candidate and writing.CANONICAL in formats:
        what = "--candidate: grades.json is written anew, and is of the whole run"
        raise UsageError(f"{what}; leave --candidate out, and give it afterwards")
    home = given.grades if given.grades.is_dir() else given.grades.parent
    to = given.to or home
    request = Request(
        language=writing.known_language(given.lang, "--lang"),
        fill=writing.platform_file(given.fill, "--fill"),
        column=given.column,
        metadata=writing.platform_file(given.metadata, "--metadata"),
        pages=writing.pages_among(formats, to),
    )
    gradebook = _revealing(read_gradebook(given.grades), given.reveal)
    if changes:
        gradebook = adjusted_anew(gradebook, given.extensions, given.overrides)
    gradebook = _of_some(gradebook, given.candidate)
    order = writing.Order(
        formats=formats, request=request, folder=writing.writable(to, "--to")
    )
    writing.rehearse(order, gradebook)
    writing.write_reports(gradebook, order)
    return f"wrote {order.names} to {to}\n"


def _of_some(gradebook: Gradebook, wanted: Sequence[str]) -> Gradebook:
    """Return the grades of the submissions that names or globs choose.

    Raises:
        SubmissionsError: One chooses nothing.
    """
    names = tuple(map(one_form, wanted))
    require_known("--candidate", names, (g.id for g in gradebook.grades), "submission")
    if not names:
        return gradebook
    chosen = tuple(g for g in gradebook.grades if is_chosen(g.id, names))
    return replace(gradebook, grades=chosen, planned=0)


def _revealing(gradebook: Gradebook, stage: str | None) -> Gradebook:
    """Return the grades with what candidates may see by now, if that is said."""
    if stage is None:
        return gradebook
    return replace(gradebook, revealed=revealed_by(Visibility(stage)))
