"""A report: the points of every task as a table in Markdown, for candidates to read."""

import re

from pytest_tfgrade.api import Grade, Gradebook, for_candidates, printable, score_text


class MarkdownReport:
    """``grades.md``: a row for each submission, a column for each task."""

    file_name = "grades.md"

    def render(self, gradebook: Gradebook) -> str:
        """Return the table under the exam's title."""
        grades = for_candidates(gradebook).grades
        tasks = list(dict.fromkeys(task.id for grade in grades for task in grade.tasks))
        rows = [
            ["submission", *map(escaped, tasks), "total"],
            ["---", *["--:"] * len(tasks), "--:"],
            *(_row(grade, tasks) for grade in grades),
        ]
        lines = [f"# {escaped(gradebook.exam)}", ""]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        if not gradebook.isolated:
            lines += ["", "NOT ISOLATED: models ran without the whole sandbox."]
        return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is; candidates choose their names.

    >>> print(escaped("<b>|*anna*"))
    \<b\>\|\*anna\*
    """
    return re.sub(r"([!-,./:-@\[-`{-~])", r"\\\1", printable(text))


def _row(grade: Grade, tasks: list[str]) -> list[str]:
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
