"""What a candidate is told of a submission, in a few lines of HTML, for Moodle.

Moodle keeps feedback as HTML and runs filters over it that make links of addresses and
formulas of ``$$``; it reads CSV files with PHP, for which a backslash spares a quote.
So everything but letters, digits and harmless signs is written as its number.
"""

import gettext
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.reckoning import gives_points
from pytest_tfgrade.core.score import points_text, score_text
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict

_HARMLESS: Final = frozenset(" ,.()/%_!?*#")
"""Signs that no HTML, filter of Moodle's or spreadsheet takes for anything else."""

_BEGINS_FORMULA: Final = frozenset("=+-@")
"""Where a cell begins, as one may after a semicolon; in full width, too."""


def feedback(grade: Grade, words: gettext.NullTranslations) -> str:
    """Return HTML without line breaks, quotes or backslashes.

    Args:
        grade: What the candidate may see of it.
        words: Into which language.
    """
    return "".join(_parts(grade, words))


def as_html(text: str) -> str:
    """Return text that is shown as it is, wherever it ends up.

    >>> as_html("accuracy 0.79 < 0.82"), as_html('=1+1 "www.x.org"')
    ('accuracy 0.79 &#60; 0.82', '&#61;1&#43;1 &#34;www&#46;x.org&#34;')
    """
    written = ""
    shown = printable(text)
    for place, sign in enumerate(shown):
        after = shown[place + 1 : place + 2]
        harmless = _is_harmless(sign, before=written, after=after)
        written += sign if harmless else f"&#{ord(sign)};"
    return written


def _is_harmless(sign: str, *, before: str, after: str) -> bool:
    plain = unicodedata.normalize("NFKC", sign)
    if plain in _BEGINS_FORMULA:
        return plain == "-" and before.strip() != "" and before.rstrip()[-1] != ";"
    if sign == ":":
        return after == " "  # else it could be of an address, or a smiley
    if sign == "." and before[-3:].lower() == "www":
        return False
    return not sign.isascii() or sign.isalnum() or sign in _HARMLESS


def _parts(grade: Grade, words: gettext.NullTranslations) -> Iterator[str]:
    _ = words.gettext
    total = _("Total: %(earned)s of %(possible)s points")
    yield f"<p>{as_html(_score(total, grade.points, grade.max_points))}</p>"
    said = grade.override
    if grade.penalty_points and not gives_points(said):
        lost = _("Lost for lateness: %(points)s points")
        yield f"<p>{as_html(lost % {'points': points_text(grade.penalty_points)})}</p>"
    if said is not None and said.comment:
        yield f"<p>{as_html(said.comment)}</p>"
    for task in grade.tasks:
        yield from _task(task, words)


def _task(task: TaskGrade, words: gettext.NullTranslations) -> Iterator[str]:
    score = score_text(task.points, task.max_points)
    yield f"<p><b>{as_html(task.title or task.id)} ({as_html(score)})</b></p>"
    if task.override is not None and task.override.comment:
        yield f"<p>{as_html(task.override.comment)}</p>"
    told = [_criterion(c) for c in task.criteria if _is_told(c)]
    if told:
        yield f"<ul>{''.join(f'<li>{text}</li>' for text in told)}</ul>"
    elif task.criteria:
        yield f"<p>{as_html(words.gettext('Nothing was lost.'))}</p>"


def _is_told(criterion: CriterionResult) -> bool:
    said = criterion.override is not None and criterion.override.comment
    return bool(said) or criterion.verdict is not Verdict.PASSED


def _criterion(criterion: CriterionResult) -> str:
    score = score_text(criterion.points, criterion.max_points)
    worth = criterion.max_points or criterion.points
    name = criterion.title or criterion.id
    said = criterion.override.comment if criterion.override is not None else ""
    head = f"{name} ({score})" if worth and criterion.group is None else name
    return "<br>".join(
        as_html(text)
        for text in (head, criterion.rationale, criterion.hint, said)
        if text
    )


def _score(text: str, points: Decimal | None, possible: Decimal) -> str:
    earned = "-" if points is None else points_text(points)
    return text % {"earned": earned, "possible": points_text(possible)}
