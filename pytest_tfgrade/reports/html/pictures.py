"""Pictures of predictions as charts and tables."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_tfgrade.core.portrait import Confusion, ErrorDistribution, Forecast
from pytest_tfgrade.reports.html.charts import histogram, lines

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_CLASSES: Final = 30
"""Of a confusion matrix that are shown; more cannot be read."""

_SHADES: Final = 9
"""Steps of darkness besides none; the page's style knows them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How often examples of one class were taken for one class."""

    count: int
    """How often."""

    shade: int
    """How large its share of the class is, from 0 to 9."""

    right: bool
    """Whether that is right."""


def shaded(picture: Confusion) -> list[tuple[str, list[Cell]]]:
    """Return the rows of a confusion matrix, each with its class; the first classes."""
    return [
        (
            label,
            [
                Cell(count, _shade(count, sum(counts)), at == place)
                for place, count in enumerate(counts[:MOST_CLASSES])
            ],
        )
        for at, (label, counts) in enumerate(
            zip(picture.labels, picture.counts, strict=True)
        )
    ][:MOST_CLASSES]


def _shade(count: int, of: int) -> int:
    return math.ceil(count / of * _SHADES) if of else 0


def drawn_forecast(picture: Forecast, label: str) -> "Markup | None":
    """Return the lines; None if there is nothing to draw.

    Args:
        picture: Truth and predictions.
        label: What a reader hears who does not see it.
    """
    if not any(map(math.isfinite, (*picture.truth, *picture.predicted))):
        return None
    return lines((picture.truth, picture.predicted), label=label)


def drawn_errors(picture: ErrorDistribution, label: str) -> "Markup | None":
    """Return the bars; None if there is nothing to draw."""
    edges = picture.edges
    if not all(map(math.isfinite, edges)) or not any(picture.counts):
        return None
    if not 0 < edges[-1] - edges[0] < math.inf:
        return None
    return histogram(edges, picture.counts, label=label)
