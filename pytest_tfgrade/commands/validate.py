"""``tfgrade validate``: a model tried before it is handed in, without hidden data."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pytest_tfgrade.commands.answer import Answer
from pytest_tfgrade.commands.given_file import add_file, add_ways, require_there
from pytest_tfgrade.commands.preflight_text import as_json, as_text
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.documents import suggestion
from pytest_tfgrade.engine import Course, read_course
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.file_names import matches, stems
from pytest_tfgrade.engine.preflight import preflight
from pytest_tfgrade.engine.trial import NOWHERE
from pytest_tfgrade.rubric import Rubric

_DEEPEST = 8
"""Folders of a path that may be part of an artifact's name."""


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
        help="Python code that would be handed in with it",
    )
    add_ways(parser)


def validate(given: argparse.Namespace, extensions: Extensions) -> Answer:
    """Return what is known of a file; the status is 1 if it speaks against it.

    Raises:
        UsageError: There is no such file, or it is open which task is meant.
        RubricError: With every problem of every rubric and of the exam.
        RunnerError: The machine is at fault, or lacks what runs the model.
    """
    require_there(given.file)
    course = _course(given.rubric, extensions)
    rubric = _rubric(given, course)
    if given.source is not None:
        _require_source(given.source, rubric)
    found = preflight(
        course,
        rubric,
        given.file,
        source=given.source,
        load=given.load,
        extensions=extensions,
    )
    render = as_json if given.json else as_text
    text = render(printable(str(given.file)), found)
    return Answer(text, status=0 if found.is_clear else 1)


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


def _require_source(path: Path, rubric: Rubric) -> None:
    """Raise ``UsageError`` if there is no such file, or the task takes no code."""
    require_there(path)
    if rubric.artifact.source is None:
        what = f"the task {rubric.task!r} takes no code"
        raise UsageError(f"--source: {what}; leave it out")


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
    borne = _borne_by(given.file, course.rubrics)
    if len(borne) == 1:
        return borne[0]
    what = f"{printable(str(given.file))}: its name does not say which task it is for"
    raise UsageError(f"{what}; add --task {'|'.join(by_task)}")


def _borne_by(path: Path, rubrics: Sequence[Rubric]) -> list[Rubric]:
    """Return the rubrics whose artifact a file is called, whoever handed it in.

    The name may be that of a path in the candidate's folder, as ``category2/mymodel``,
    or have the candidate's before it, as ``ada_digits``.
    """
    parts = path.absolute().parts
    depths = range(1, min(_DEEPEST, len(parts)) + 1)
    names = ["/".join(parts[-depth:]) for depth in depths]
    names += [path.name[at + 1 :] for at, sign in enumerate(path.name) if sign == "_"]
    bare = {stem for name in names for stem in stems(name, is_folder=path.is_dir())}
    return [
        rubric
        for rubric in rubrics
        if any(matches(stem, rubric.artifact.names) for stem in bare)
    ]
