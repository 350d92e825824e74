"""``tfgrade rubric new``: a rubric for hidden data, to be completed."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pytest_tfgrade.commands.skeleton import MARK, skeleton
from pytest_tfgrade.core.errors import DatasetError, UsageError
from pytest_tfgrade.datasets import load_dataset, read_description
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.rubric.exam import FILE_NAME
from pytest_tfgrade.rubric.values import Word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the name of the task and places."""
    parser.add_argument("task", metavar="TASK", help="The task's identifier")
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        type=Path,
        help="Folder with the dataset.yaml of the hidden data "
        "(default: reference_data/TASK)",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="Where to write it (default: rubrics/TASK.yaml)",
    )


def new(given: argparse.Namespace, extensions: Extensions) -> str:
    """Write a rubric for a described dataset and say what to do next.

    The data are read and trivial predictors tried on them, so that the first bounds lie
    above what needs no learning.

    Raises:
        UsageError: The name is none, there is a rubric already, or no dataset.
        DatasetError: The dataset is not in order.
    """
    task = _task(given.task)
    output: Path = given.output or Path("rubrics") / f"{task}.yaml"
    if output.exists():
        text = "is there already; remove it, or choose another place with --output"
        raise UsageError(f"{output}: {text}")
    if output.suffix not in {".yaml", ".yml"}:
        raise UsageError(f"{output}: a rubric is YAML; call it {output.name}.yaml")
    folder = _folder(given.data or Path("reference_data") / task, task)
    description = read_description(folder, loaders=extensions.loaders)
    try:
        dataset = load_dataset(folder, loaders=extensions.loaders)
    except OSError as error:
        where = error.filename or folder
        raise DatasetError(f"{where}: cannot be read: {error.strerror}") from None
    text = skeleton(task, description, dataset)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        where = error.filename or output
        raise UsageError(f"{where}: cannot be written: {error.strerror}") from None
    return "\n".join(_next_steps(output, task)) + "\n"


def _next_steps(output: Path, task: str) -> Iterator[str]:
    yield f"wrote {output}; next:"
    yield f"  say in it what the task is, and move the bounds marked {MARK}"
    exam, schema = output.with_name(FILE_NAME), output.with_name("rubric.schema.json")
    if exam.is_file():
        yield f"  add {task} to tasks in {exam}"
    if not schema.is_file():
        yield f"  tfgrade rubric schema > {schema}  # for editors"
    yield "  tfgrade rubric check && tfgrade rubric selftest --no-models"


def _task(name: str) -> str:
    try:
        word: str = TypeAdapter(Word).validate_python(name)
    except ValidationError as error:
        text = error.errors()[0]["ctx"]["error"]
        raise UsageError(f"the name of a task {text}") from None
    return word


def _folder(folder: Path, task: str) -> Path:
    """Return the folder of a dataset, which may be given by the folder around it."""
    for place in (folder, folder / task):
        if (place / "dataset.yaml").is_file():
            return place
    what = f"{folder}: there is no dataset.yaml"
    raise UsageError(f"{what}; describe the hidden data first, or give their --data")
