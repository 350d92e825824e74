"""``tfgrade inspect``: what the grader sees in a file."""

import argparse
from dataclasses import replace

from pytest_tfgrade.commands.answer import Answer
from pytest_tfgrade.commands.given_file import add_file, add_ways, require_there


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file, and what to do with it."""
    add_file(parser, help="Saved model: a file, a SavedModel folder, or a zip of one")
    add_ways(parser)


def inspect(given: argparse.Namespace) -> Answer:
    """Return what a file holds; the status is 1 if it cannot be graded.

    Raises:
        UsageError: There is no such file.
        RunnerError: The machine is at fault, or lacks what runs the model.
    """
    require_there(given.file)
    # Not above: the help of all commands loads this module.
    from pytest_tfgrade.commands.inspection import inspected  # noqa: PLC0415

    found = inspected(given.file, all_values=given.load)
    if given.load and found.facts is not None and found.refusal is None:
        from pytest_tfgrade.engine.trial import try_alone  # noqa: PLC0415

        trial = _tried(given.file, found.facts)
        found = replace(found, trial=trial, refusal=trial.refusal)
    if given.json:
        from pytest_tfgrade.commands.inspection_json import as_json  # noqa: PLC0415

        text = as_json(found)
    else:
        from pytest_tfgrade.commands.inspection_text import as_text  # noqa: PLC0415

        text = as_text(found)
    return Answer(text, status=1 if found.refusal else 0)
