"""A report: the points of every task as a table in Markdown, for candidates to read."""

import re
from collections.abc import Iterator

from pytest_tfgrade.api import (
    Audience,
    Grade,
    Gradebook,
    ReportFile,
    Request,
    for_candidates,
    printable,
    score_text,
)


class MarksReport:
    """``marks.md``: a row for each submission, a column for each task."""

    file_name = "marks.md"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the table under the exam's title; there is nothing to ask of it."""
        del request
        text = (f"{line}\n" for line in _lines(for_candidates(gradebook)))
        yield ReportFile(name=self.file_name, text=text)


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is; candidates choose their names.

    >>> print(escaped("<b>|*anna*"))
    \<b\>\|\*anna\*
    """
    return re.sub(r"([!-,./:-@\[-`{-~])", r"\\\1", printable(text))


def _lines(gradebook: Gradebook) -> Iterator[str]:
    """Yield line by line, so that a large class does not lie in memory as text."""
    grades = gradebook.grades
    tasks = list(dict.fromkeys(task.id for grade in grades for task in grade.tasks))
    yield f"# {escaped(gradebook.exam)}"
    yield ""
    yield _row(["submission", *map(escaped, tasks), "total"])
    yield _row(["---", *["--:"] * len(tasks), "--:"])
    for grade in grades:
        yield _row(_cells(grade, tasks))
    if not gradebook.isolated:
        yield ""
        yield "NOT ISOLATED: models ran without the whole sandbox."


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(grade: Grade, tasks: list[str]) -> list[str]:
    scores = {
        task.id: task.code or score_text(task.points, task.max_points)
        for task in grade.tasks
    }
    total = score_text(grade.points, grade.max_points)
    return [
        escaped(grade.id),
        *(scores.get(task, "-") for task in tasks),
        total,
    ]
