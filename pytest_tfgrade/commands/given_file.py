"""The saved model that a command is given, and the ways to look at it."""

import argparse
from pathlib import Path

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.text import printable


def add_file(parser: argparse.ArgumentParser, *, help: str) -> None:  # noqa: A002 - argparse's word
    """Take ``FILE``, a path."""
    parser.add_argument("file", metavar="FILE", type=Path, help=help)


def add_ways(parser: argparse.ArgumentParser) -> None:
    """Take ``--json`` and ``--load``, both off by default, and ``--sandbox``."""
    parser.add_argument("--json", action="store_true", help="Print JSON")
    parser.add_argument(
        "--load",
        action="store_true",
        help="Load the model too, and call it once on made-up inputs; this takes "
        "TensorFlow and a few seconds",
    )
    add_sandbox(parser)


def add_sandbox(parser: argparse.ArgumentParser) -> None:
    """Take ``--sandbox``, by default ``auto``."""
    parser.add_argument(
        "--sandbox",
        type=Mode,
        choices=list(Mode),
        default=Mode.AUTO,
        help="auto isolates models, or stops where that cannot be had; limits and off "
        "do without, for models that you trust (default: auto)",
    )


def require_there(path: Path) -> None:
    """Do nothing if there is a file or folder, or a link that leads nowhere.

    Raises:
        UsageError: There is none, or nobody may look.
    """
    what = "there is no such file"
    try:
        if path.exists() or path.is_symlink():
            return
    except OSError as error:  # a folder that is closed to us, a name that is too long
        what = f"cannot be looked at: {error.strerror}"
    name = printable(str(path))
    raise UsageError(f"{name}: {what}; give the path of a saved model")
