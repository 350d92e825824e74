"""``grades.json``: everything that is known, for programs and for other reports."""

import json
from collections.abc import Iterator
from typing import Any, Final

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.grades_tree import head, portrait_tree, submission, tail
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request

_APART: Final = "\0"
"""Begins what stands for a portrait until it is put in; no printable text has it."""


class JsonReport:
    """The whole gradebook, ``detail`` included: for graders, not for candidates."""

    file_name = "grades.json"
    audience = Audience.GRADER

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the grades as JSON; only times differ between equal runs."""
        del request  # it holds all languages, and is nobody's template
        yield ReportFile(name=self.file_name, text=_text(gradebook))


def _text(gradebook: Gradebook) -> Iterator[str]:
    """Yield the file, one submission after the other."""
    opening = _written(head(gradebook)).removesuffix("\n}")
    closing = _written(tail(gradebook)).removeprefix("{\n")
    yield f'{opening},\n  "submissions": ['
    comma = ""
    for grade in gradebook.grades:
        yield f"{comma}\n    " + _submission_text(grade).replace("\n", "\n    ")
        comma = ","
    end = "\n  ]" if gradebook.grades else "]"
    yield f"{end},\n{closing}\n"


def _submission_text(grade: Grade) -> str:
    """Write a submission; each portrait in one line, for it holds many numbers."""
    tree = _printable(submission(grade))
    dense: dict[str, str] = {}
    for task, entry in zip(grade.tasks, tree["tasks"], strict=True):
        portrait = portrait_tree(task.portrait)
        if portrait:
            entry["portrait"] = place = f"{_APART}{len(dense)}"
            dense[json.dumps(place)] = _dumped(_printable(portrait))
    text = _dumped(tree, indent=2)
    for place, line in dense.items():
        text = text.replace(place, line)
    return text


def _written(tree: dict[str, Any]) -> str:
    return _dumped(_printable(tree), indent=2)


def _dumped(tree: dict[str, Any], indent: int | None = None) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=indent, allow_nan=False)


def _printable(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Make every text of a tree printable; a tuple of lines becomes one text."""
    match node:
        case str():
            return printable(node)
        case tuple():
            return "\n".join(printable(line) for line in node)
        case list():
            return [_printable(item) for item in node]
        case dict():
            return {printable(key): _printable(item) for key, item in node.items()}
        case _:
            return node
