"""Assignments for graders of notebooks: load a model, predict, compare.

The code in them is what ``naive.py`` does for one file.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ASSIGNMENT: Final = "digits"
BOUND: Final = 0.2
"""The accuracy to be reached; every model of ``make_models.py`` reaches it."""

GRADING: Final = """\
import keras, numpy
data = numpy.load({hidden!r})
model = keras.models.load_model({model!r})
predictions = model.predict(data["image"], verbose=0)
accuracy = float(numpy.mean(predictions.argmax(axis=1) == data["digit"]))
"""

Cell = dict[str, Any]


def grading(model: Path | str, hidden: Path) -> str:
    """Return the code that finds a model's accuracy."""
    return GRADING.format(model=str(model), hidden=str(hidden))


def cell(name: str, source: str, metadata: Mapping[str, Any] | None = None) -> Cell:
    """Return a cell of code."""
    return {
        "id": name,
        "cell_type": "code",
        "execution_count": None,
        "metadata": dict(metadata or {}),
        "outputs": [],
        "source": source,
    }


def write_notebook(file: Path, cells: Sequence[Cell]) -> Path:
    """Write a notebook for a kernel of Python."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook), encoding="utf-8")
    return file


def nbgrader_course(folder: Path, files: Sequence[Path], hidden: Path) -> None:
    """Lay out a course of nbgrader: the source, and what was submitted."""
    told = {"locked": False, "schema_version": 3, "task": False}
    solution = {**told, "grade": False, "grade_id": "answer", "solution": True}
    test = {**told, "grade": True, "grade_id": "test", "solution": False}
    test |= {"locked": True, "points": 5}
    source = f"{grading('digits.keras', hidden)}assert accuracy >= {BOUND}\n"
    cells = [
        cell("answer", "MODEL = 'digits.keras'", {"nbgrader": solution}),
        cell("test", source, {"nbgrader": test}),
    ]
    original = folder / "source" / ASSIGNMENT / "digits.ipynb"
    write_notebook(original, cells)
    for file in files:
        place = folder / "submitted" / file.parent.name / ASSIGNMENT
        place.mkdir(parents=True)
        shutil.copyfile(original, place / original.name)
        shutil.copyfile(file, place / "digits.keras")
    text = f"c = get_config()\nc.CourseDirectory.root = {str(folder)!r}\n"
    (folder / "nbgrader_config.py").write_text(text, encoding="utf-8")


OTTER_TEST: Final = f"""\
OK_FORMAT = True
test = {{
    "name": "accuracy",
    "points": 5,
    "suites": [{{
        "cases": [{{
            "code": ">>> accuracy >= {BOUND}\\nTrue", "hidden": False, "locked": False
        }}],
        "scored": True, "setup": "", "teardown": "", "type": "doctest",
    }}],
}}
"""
"""A test as otter-grader reads it."""


def otter_assignment(
    folder: Path, files: Sequence[Path], hidden: Path
) -> Sequence[Path]:
    """Lay out tests of otter-grader; return a notebook for each submission."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    (tests / "accuracy.py").write_text(OTTER_TEST, encoding="utf-8")
    return [
        write_notebook(
            folder / f"{file.parent.name}.ipynb",
            [cell("answer", grading(file, hidden))],
        )
        for file in files
    ]
