"""The page of a whole cohort: what to look at first, points, and a table of all."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.times import duration_text
from pytest_tfgrade.reports.cohort.distributions import Distribution
from pytest_tfgrade.reports.cohort.overview import cohort_of
from pytest_tfgrade.reports.cohort.places import Place
from pytest_tfgrade.reports.cohort.separation import ENOUGH, FEWEST, WELL
from pytest_tfgrade.reports.html.charts import bars
from pytest_tfgrade.reports.html.cohort_table import NOTES, rendered, table_of
from pytest_tfgrade.reports.html.cohort_words import fixed, link, moment, share, size
from pytest_tfgrade.reports.html.pages import TEMPLATES, page
from pytest_tfgrade.reports.notes import NOT_ISOLATED, partial_run

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_LISTED: Final = 10
"""Entries of a list; the table has the others."""

_FEW: Final = 5
"""Places that are told beside others in one cell."""


def index_page(gradebook: Gradebook) -> Iterator[str]:
    """Yield the page in parts."""
    from markupsafe import Markup  # noqa: PLC0415 - an idle plugin loads nothing heavy

    cohort = cohort_of(gradebook)
    table = table_of(cohort)
    script = (TEMPLATES / "cohort.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    yield from page(
        "cohort_index.html",
        DEFAULT,
        gradebook=gradebook,
        cohort=cohort,
        found=cohort.findings,
        table=table,
        rows=rendered(table, cohort.standings),
        partial=partial_run(gradebook),
        script=Markup(script),  # noqa: S704 - our own
        script_hash=f"sha256-{digest}",
        code_index=table.codes.index,
        **_WORDS,
    )


def _chart(points: Distribution, name: str) -> "Markup":
    told = ", ".join(f"{bar.label}: {bar.count}" for bar in points.bars if bar.count)
    return bars(
        [bar.label for bar in points.bars],
        [bar.count for bar in points.bars],
        label=f"How many submissions have how many points of {name}; {told}",
    )


def _meaning(code: str) -> str:
    return next((known.text for known in Code if known == code), "")


_WORDS: Final[Mapping[str, Any]] = {
    "at": Place,
    "chart": _chart,
    "duration": duration_text,
    "enough": str(ENOUGH),
    "few": _FEW,
    "fewest": FEWEST,
    "fixed": fixed,
    "link": link,
    "meaning": _meaning,
    "moment": moment,
    "most_listed": MOST_LISTED,
    "not_isolated": NOT_ISOLATED,
    "notes": NOTES,
    "share": share,
    "size": size,
    "well": str(WELL),
}
"""What the template names beside the grades."""
