"""``tfgrade inspect``: what the grader sees in a file."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_tfgrade.commands.answer import Answer
from pytest_tfgrade.commands.given_file import add_file, add_ways, require_there
from pytest_tfgrade.core.errors import RunnerError

if TYPE_CHECKING:
    from pytest_tfgrade.commands.inspection import Inspection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file, and what to do with it."""
    add_file(parser, help="Saved model: a file, a SavedModel folder, or a zip of one")
    add_ways(parser)


def inspect(given: argparse.Namespace) -> Answer:
    """Return what a file holds, and whether it can be graded.

    The status is 1 if it cannot, or could not be called to find out; 4 if it was not
    loaded because the machine is at fault, or lacks what runs the model.

    Raises:
        UsageError: There is no such file.
        RunnerError: The machine is at fault.
    """
    require_there(given.file)
    # Not above: the help of all commands loads this module.
    from pytest_tfgrade.commands.inspection import inspected  # noqa: PLC0415

    found = inspected(given.file, all_values=given.load, sandbox=given.sandbox)
    if given.load and found.facts is not None and found.refusal is None:
        from pytest_tfgrade.engine.trial import try_alone  # noqa: PLC0415

        trial = try_alone(given.file, found.facts, given.sandbox)
        found = replace(found, trial=trial, refusal=trial.refusal)
    if given.json:
        from pytest_tfgrade.commands.inspection_json import as_json  # noqa: PLC0415

        text = as_json(found)
    else:
        from pytest_tfgrade.commands.inspection_text import as_text  # noqa: PLC0415

        text = as_text(found)
    return Answer(text, status=_status(found))


def _status(found: "Inspection") -> int:
    if found.trial is not None and found.trial.machine_at_fault:
        return RunnerError.exit_code
    is_open = found.trial is not None and found.trial.untried is not None
    return 1 if found.refusal or is_open else 0
