"""``tfgrade doctor``: whether submissions would be isolated on this machine."""

import argparse

from pytest_tfgrade.commands.answer import Answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing but the form of the answer."""
    parser.add_argument("--json", action="store_true", help="Print JSON")


def doctor(given: argparse.Namespace) -> Answer:
    """Return what holds on this machine, what is missing, and how to get it.

    The status is 1 if submissions would not be isolated.

    Raises:
        RunnerError: The process that tries it does not work.
    """
    # Not above: the help of all commands loads this module.
    from pytest_tfgrade.commands.examination import examined  # noqa: PLC0415

    found = examined()
    if given.json:
        from pytest_tfgrade.commands.doctor_json import as_json  # noqa: PLC0415

        text = as_json(found)
    else:
        from pytest_tfgrade.commands.doctor_text import as_text  # noqa: PLC0415

        text = as_text(found)
    return Answer(text, status=0 if found.isolation.holds else 1)
