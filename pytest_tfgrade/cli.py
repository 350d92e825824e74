"""The command ``tfgrade``: what graders do besides running pytest."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from pytest_tfgrade import __version__
from pytest_tfgrade.commands.answer import Answer
from pytest_tfgrade.core.errors import TfgradeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command; its module is loaded only if it is the one called."""

    words: tuple[str, ...]
    """What is written after ``tfgrade``."""

    module: str
    """In ``commands``; has ``add_arguments``, and a function of its own name."""

    help: str
    """One phrase, without a final period."""

    more: str = ""
    """What its own help adds; sentences."""

    extends: bool = True
    """Whether it is given what plug-ins add; loading them takes 0.4 s."""

    passes_on: bool = False
    """Whether arguments that it does not know are for pytest, as ``passed_on``."""


COMMANDS: Final = (
    Command(words=("init",), module="init", help="Write a working course"),
    Command(
        words=("grade",),
        module="grade",
        help="Grade submissions with pytest, which reads nothing of theirs as its own",
        more="Everything else is for pytest, as -x or --junitxml=FILE, and stands "
        "after SUBMISSIONS; -p cacheprovider brings --lf back. Places of tests are "
        "looked for in the course. The exit status is pytest's; 2 for a mistake in the "
        "call.",
        extends=False,
        passes_on=True,
    ),
    Command(
        words=("inspect",),
        module="inspect",
        help="Show what the grader sees in a saved model",
        more="The exit status is 0; 1 if the file cannot be graded or, with --load, "
        "cannot be called; 2 for a mistake in the call; 4 if the machine is at fault "
        "or lacks what loads the model.",
        extends=False,
    ),
    Command(
        words=("validate",),
        module="validate",
        help="Try a saved model on all of a rubric that needs no hidden data",
        more="Code that the rubric asks for is taken from beside FILE. The exit "
        "status is 0 if nothing is known against the model, 1 if something is; 2 for "
        "a mistake in the call or the rubric; 4 if the machine is at fault or, with "
        "--load, lacks what loads the model.",
    ),
    Command(
        words=("doctor",),
        module="doctor",
        help="Try whether submissions would be isolated on this machine",
        more="A throw-away process, confined as models are, tries all that no model "
        "may do; TensorFlow is not started. The exit status is 0 if submissions would "
        "be isolated, 1 if not; 2 for a mistake in the call; 4 if it cannot be tried.",
        extends=False,
    ),
    Command(
        words=("report",),
        module="report",
        help="Write more reports of a run, made of its grades.json",
        more="They are what the run itself would have written with --tfgrade-format. "
        "The exit status is 0; 2 for a mistake in the call, or a file that is not what "
        "a run writes; 4 if a report failed.",
    ),
    Command(
        words=("compare",),
        module="compare",
        help="Show whose grades moved between two runs, by which criteria, and why",
        more="The exit status is 0 if nobody moved, 1 if somebody did; 2 for a mistake "
        "in the call, or a file that is not what a run writes.",
        extends=False,
    ),
    Command(
        words=("rubric", "check"),
        module="check",
        help="Check rubrics, the exam file and the data's descriptions",
        more="The data themselves are not read: tfgrade rubric selftest does that.",
    ),
    Command(
        words=("rubric", "new"), module="new", help="Write a rubric for hidden data"
    ),
    Command(
        words=("rubric", "explain"),
        module="explain",
        help="Explain a rubric, or a name that rubrics use",
    ),
    Command(
        words=("rubric", "selftest"),
        module="selftest",
        help="Try rubrics on models and trivial predictors whose points are known",
    ),
    Command(
        words=("rubric", "schema"),
        module="schema",
        help="Print the JSON Schema of a rubric, for editors",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; errors go to standard error."""
    written = sys.argv[1:] if arguments is None else list(arguments)
    given = _parsed(written)
    try:
        answer = _run(given)
    except TfgradeError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130  # as shells report SIGINT
    except BrokenPipeError:  # whoever read the output has read enough
        return 0
    sys.stdout.write(answer.text)
    return answer.status


def _run(given: argparse.Namespace) -> Answer:
    if given.extends:
        from pytest_tfgrade.extending import installed  # noqa: PLC0415 - --help is light

        found: str | Answer = given.run(given, installed())
    else:
        found = given.run(given)
    return Answer(found) if isinstance(found, str) else found


def _parsed(written: Sequence[str]) -> argparse.Namespace:
    parser = _parser(written)
    if not any(c.passes_on and _is_called(c, written) for c in COMMANDS):
        return parser.parse_args(written)
    end = written.index("--") if "--" in written else len(written)
    given, unknown = parser.parse_known_args(written[:end])
    given.passed_on = [*unknown, *written[end + 1 :]]
    return given


def _is_called(command: Command, written: Sequence[str]) -> bool:
    called = tuple(word for word in written if not word.startswith("-"))
    return called[: len(command.words)] == command.words


def _parser(written: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser that knows the arguments of the command that is called."""
    parser = argparse.ArgumentParser(
        prog="tfgrade",
        description="Tools for people who write rubrics or hand in models; "
        "to grade with pytest itself: pytest --tfgrade=SUBMISSIONS",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    groups: dict[str, Any] = {}
    for command in COMMANDS:
        *around, name = command.words
        among = commands
        for group in around:
            if group not in groups:
                within = commands.add_parser(group, help="Work on rubrics")
                groups[group] = within.add_subparsers(required=True, metavar="COMMAND")
            among = groups[group]
        description = (
            f"{command.help}. {command.more}" if command.more else command.help
        )
        own = among.add_parser(
            name,
            help=command.help,
            description=description,
            allow_abbrev=not command.passes_on,
        )
        if _is_called(command, written):
            module = import_module(f"pytest_tfgrade.commands.{command.module}")
            module.add_arguments(own)
            run = getattr(module, command.module)
            own.set_defaults(run=run, extends=command.extends)
    return parser


if __name__ == "__main__":
    sys.exit(main())
