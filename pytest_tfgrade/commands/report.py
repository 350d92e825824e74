"""``tfgrade report``: more reports of a run, made of its ``grades.json``."""

import argparse
from dataclasses import replace
from pathlib import Path

from pytest_tfgrade import writing
from pytest_tfgrade.adjusting import adjusted_anew
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.visibility import STAGES, Visibility, revealed_by
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.reports.interface import Request
from pytest_tfgrade.reports.reading import read_gradebook


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
        "--to",
        metavar="DIR",
        type=Path,
        help="Folder to write into (default: that of GRADES)",
    )
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
    request = Request(
        language=writing.known_language(given.lang, "--lang"),
        fill=writing.platform_file(given.fill, "--fill"),
        column=given.column,
        metadata=writing.platform_file(given.metadata, "--metadata"),
    )
    gradebook = _revealing(read_gradebook(given.grades), given.reveal)
    if changes:
        gradebook = adjusted_anew(gradebook, given.extensions, given.overrides)
    home = given.grades if given.grades.is_dir() else given.grades.parent
    to = given.to or home
    order = writing.Order(
        formats=formats, request=request, folder=writing.writable(to, "--to")
    )
    writing.rehearse(order, gradebook)
    writing.write_reports(gradebook, order)
    return f"wrote {order.names} to {to}\n"


def _revealing(gradebook: Gradebook, stage: str | None) -> Gradebook:
    """Return the grades with what candidates may see by now, if that is said."""
    if stage is None:
        return gradebook
    return replace(gradebook, revealed=revealed_by(Visibility(stage)))
