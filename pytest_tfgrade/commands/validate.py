"""``tfgrade validate``: a model tried before it is handed in, without hidden data."""

import argparse
from pathlib import Path

from pytest_tfgrade.commands.answer import Answer
from pytest_tfgrade.commands.given_file import add_file, add_ways, require_there
from pytest_tfgrade.commands.preflight_text import as_json, as_text
from pytest_tfgrade.core.errors import RunnerError, UsageError
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.documents import suggestion
from pytest_tfgrade.engine import Course, read_course
from pytest_tfgrade.engine.as_handed_in import bears_name, code_beside
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.preflight import Preflight, preflight
from pytest_tfgrade.engine.trial import NOWHERE
from pytest_tfgrade.rubric import Rubric


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file, the rubric, and what to do."""
    add_file(
        parser,
        help="What would be handed in: a file, a SavedModel folder, or a zip of one",
    )
    parser.add_argument(
        "--rubric",
        metavar="R",
        type=Path,
        required=True,
        help="Rubric, folder of rubrics, or course folder; hidden data are not needed",
    )
    parser.add_argument(
        "--task",
        metavar="NAME",
        help="Which of several tasks (default: the one whose artifact FILE is called)",
    )
    parser.add_argument(
        "--source",
        metavar="FILE.py",
        type=Path,
        help="Python code that would be handed in with it (default: the file beside "
        "FILE that the rubric names, if there is one)",
    )
    add_ways(parser)


def validate(given: argparse.Namespace, extensions: Extensions) -> Answer:
    """Return what is known of a file, and whether it speaks against it.

    The status is 1 if something does; else 4 if the model was to be loaded, and the
    machine is at fault or lacks what runs it.

    Raises:
        UsageError: There is no such file, or it is open which task is meant.
        RubricError: With every problem of every rubric and of the exam.
        RunnerError: The machine is at fault.
    """
    require_there(given.file)
    course = _course(given.rubric, extensions)
    rubric = _rubric(given, course)
    found = preflight(
        course,
        rubric,
        given.file,
        sources=_sources(given, rubric),
        load=given.load,
        sandbox=given.sandbox,
        extensions=extensions,
    )
    render = as_json if given.json else as_text
    return Answer(render(printable(str(given.file)), found), status=_status(found))


def _status(found: Preflight) -> int:
    if not found.is_clear:
        return 1
    is_open = found.trial is not None and found.trial.machine_at_fault
    return RunnerError.exit_code if is_open else 0


def _course(path: Path, extensions: Extensions) -> Course:
    """Read rubrics without the hidden data and files that a candidate does not have."""
    inside = path / "rubrics"
    return read_course(
        inside if inside.is_dir() else path,
        NOWHERE,
        data_from_hook=True,
        files_elsewhere=True,
        extensions=extensions,
    )


def _sources(given: argparse.Namespace, rubric: Rubric) -> tuple[Path, ...]:
    """Return the code that goes with the file: what is given, else what lies beside it.

    Raises:
        UsageError: What is given is not there, or the task takes no code.
    """
    if given.source is None:
        return code_beside(given.file, rubric.artifact)
    if rubric.artifact.source is None:
        what = f"the task {rubric.task!r} takes no code"
        raise UsageError(f"--source: {what}; leave it out")
    if not given.source.is_file():
        name = printable(str(given.source))
        what = "is no file" if given.source.exists() else "there is no such file"
        raise UsageError(f"--source: {name}: {what}; give the path of a Python file")
    return (given.source,)


def _rubric(given: argparse.Namespace, course: Course) -> Rubric:
    """Return the rubric of the task that is named, or that the file is for.

    Raises:
        UsageError: There is no such task, or the file's name fits none or several.
    """
    by_task = {rubric.task: rubric for rubric in course.rubrics}
    if given.task is not None:
        if given.task not in by_task:
            what = f"no rubric has the task {given.task!r}"
            raise UsageError(f"--task: {what}; {suggestion(given.task, by_task)}")
        return by_task[given.task]
    if len(course.rubrics) == 1:
        return course.rubrics[0]
    borne = [r for r in course.rubrics if bears_name(given.file, r.artifact)]
    if len(borne) == 1:
        return borne[0]
    what = f"{printable(str(given.file))}: its name does not say which task it is for"
    raise UsageError(f"{what}; add --task {'|'.join(by_task)}")
