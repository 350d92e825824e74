"""Templates filled with grades; every text from outside is made harmless here."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.portrait import ErrorDistribution, Forecast
from pytest_tfgrade.core.score import measured, points_text
from pytest_tfgrade.core.text import printable, printable_lines, with_visible_ends
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.html.layers import drawn_layers
from pytest_tfgrade.reports.html.pictures import (
    MOST_CLASSES,
    drawn_errors,
    drawn_forecast,
    shaded,
)
from pytest_tfgrade.reports.html.scales import drawn_scale, rounded, value_text
from pytest_tfgrade.reports.reckoned import late_text

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES: Final = Path(__file__).parent / "templates"

_BLANKS: Final = "\n\u00a0\u3000"
"""Stay in pages besides what is printable: line ends, and blanks of some languages."""

_CHUNK: Final = 64
"""Pieces of a template that are written together."""


def page(template: str, language: str, **values: object) -> Iterator[str]:
    """Yield a page in parts, made as they are asked for.

    Args:
        template: File name of the template.
        language: Of its words; a tag, as ``zh``.
        values: What the template names.
    """
    made = environment(language).get_template(template)
    stream = made.stream(values)
    stream.enable_buffering(_CHUNK)
    yield from map(_without_controls, stream)


@cache
def environment(language: str) -> "Environment":
    """Return the templates in a language.

    What ``{{ }}`` shows is a text or a whole number. Texts are made printable and
    quoted; None, floats and decimals are a mistake of the template: it takes a filter.

    ======================================  =========================================
    ``_("%(n)s of %(all)s", n=, all=)``     a text in the language; values are quoted
    ``ngettext("%(number)s point", ...)``   the same, by ``number``, its third argument
    ``x | points``                          as short as they are exact; "open" for None
    ``x | lost``                            the same, with a minus sign
    ``x | score(most)``                     ``2/4``
    ``x | percent``                         ``50``, of a share
    ``x | finite``                          whether there is a value to be shown
    ``x | measured``                        a measured value with six digits
    ``x | rounded``                         the same with four
    ``x | value_text(scale)``               the same, on its side of each bound
    ``x | grouped``                         ``12,345``
    ``x | coordinate``                      a number in a drawing
    ``text | lines``                        printable, with its line breaks
    ``id | ends``                           blanks at the ends of an id can be seen
    ======================================  =========================================
    """
    import jinja2  # noqa: PLC0415 - an idle plugin loads nothing heavy

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    words = translations(language)

    def translated(message: str, **values: object) -> "Markup":
        return _filled(words.gettext(message), values)

    def counted(
        one: str, many: str, number: int | Decimal, **values: object
    ) -> "Markup":
        message = words.ngettext(one, many, 1 if number == 1 else 2)
        return _filled(message, {"number": points_text(Decimal(number)), **values})

    def points(earned: Decimal | None) -> str:
        return words.gettext("open") if earned is None else points_text(earned)

    def score(earned: Decimal | None, most: Decimal) -> str:
        costs = earned is not None and earned < 0
        return points(earned) if costs else f"{points(earned)}/{points_text(most)}"

    made.globals.update(
        _=translated, ngettext=counted, language=language, most_classes=MOST_CLASSES
    )
    made.filters.update(
        _FILTERS,
        points=points,
        late=lambda time: late_text(time, words),
        lost=lambda earned: points(None if earned is None else -earned),
        score=score,
    )
    return made


def _without_controls(part: str) -> str:
    """Escape what no page may hold, should a text have come past ``_shown``."""
    if part.replace("\n", "").isprintable():
        return part
    return "".join(
        character
        if character.isprintable() or character in _BLANKS
        else character.encode("unicode_escape").decode("ascii")
        for character in part
    )


def _filled(message: str, values: Mapping[str, object]) -> "Markup":
    """Put values into a message of ours: ``%(name)s``; ``%%`` is a percent sign."""
    from markupsafe import Markup  # noqa: PLC0415

    shown = {name: _shown(value) for name, value in values.items()}
    return Markup(message) % shown  # noqa: S704 - a catalogue is ours


def _shown(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
    """Make a text printable; refuse what has to be written by a filter first."""
    from markupsafe import Markup  # noqa: PLC0415

    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return printable(value)
    if value is None or isinstance(value, float | Decimal):
        message = f"a page shows {value!r}; use a filter"
        raise TypeError(message)
    return value


def _joined(values: Iterable[object], between: str = "") -> "Markup":
    """Join texts: the usual filter would quote them, but not make them printable."""
    from markupsafe import Markup  # noqa: PLC0415

    return Markup(between).join(map(_shown, values))  # noqa: S704 - of a template


def _lines(text: str) -> "Markup":
    from markupsafe import escape  # noqa: PLC0415

    return escape(printable_lines(text))


def _drawing(picture: Forecast | ErrorDistribution, label: str) -> "Markup | None":
    match picture:
        case Forecast():
            return drawn_forecast(picture, label)
        case ErrorDistribution():
            return drawn_errors(picture, label)


def _listed(task: TaskGrade) -> list[tuple[CriterionResult, list[CriterionResult]]]:
    """Return each criterion with the members of the group that it is."""
    homes = {criterion.id for criterion in task.criteria if criterion.group is None}
    members: dict[str | None, list[CriterionResult]] = {}
    for criterion in task.criteria:
        home = criterion.group if criterion.group in homes else None
        members.setdefault(home, []).append(criterion)
    alone = members.get(None, ())
    return [(criterion, members.get(criterion.id, [])) for criterion in alone]


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "coordinate": lambda number: f"{number:g}",
    "drawing": _drawing,
    "drawn_layers": drawn_layers,
    "drawn_scale": drawn_scale,
    "ends": with_visible_ends,
    "join": _joined,
    "finite": lambda number: number is not None and isfinite(number),
    "grouped": lambda number: f"{number:,}",
    "lines": _lines,
    "listed": _listed,
    "measured": lambda number: str(measured(number)),
    "percent": lambda share: points_text(share * 100),
    "rounded": rounded,
    "shaded": shaded,
    "value_text": value_text,
}
