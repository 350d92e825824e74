"""What lateness costs: ``late`` of the exam file."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field, PlainValidator, WithJsonSchema

from pytest_tfgrade.core.reckoning import LateRule, Taken
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.submission import Clock
from pytest_tfgrade.core.times import duration_text, read_duration
from pytest_tfgrade.documents import Document, Problem, Strict, shown
from pytest_tfgrade.documents.document import KeyPath

_KEYS: Final = ("bands", "curve")
"""How lateness becomes a share."""


def _duration(value: object) -> timedelta:
    """Return a length of time; 0 alone needs no unit."""
    if value == 0 and not isinstance(value, bool):
        return timedelta(0)
    return read_duration(value if isinstance(value, str) else shown(value))


Duration = Annotated[
    timedelta, PlainValidator(_duration), WithJsonSchema({"type": "string"})
]
"""A length of time: ``15 min``, ``1 day 12 h``."""


def _share(value: object) -> Decimal:
    """Return a share, from ``10%`` or from 0.1."""
    written = value.strip() if isinstance(value, str) else shown(value)
    number, sign, rest = written.partition("%")
    try:
        share = Decimal(number.strip())
    except ArithmeticError:
        share = Decimal("NaN")
    if rest or not share.is_finite() or isinstance(value, bool):
        raise ValueError(f"must be a share, as 10%, got {shown(value)}")
    if type(value) is int and value == 1:
        raise ValueError("may be a hundredth or all, got 1; write 1% or 100%")
    share = share / 100 if sign else share
    if 0 <= share <= 1:
        return share
    what = f"is a share, from 0% to 100%, got {shown(value)}"
    way_out = f"; write {number.strip()}%" if not sign and 1 < share <= 100 else ""  # noqa: PLR2004 - percent
    raise ValueError(what + way_out)


Share = Annotated[
    Decimal,
    PlainValidator(_share),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]}),
]
"""A share of points: ``10%``, or 0.1."""


class LatePart(Strict):
    """``late``: what it costs to hand in after the due date."""

    grace: Duration = Field(
        default=timedelta(0), description="How much later still counts as in time"
    )
    bands: Mapping[Duration, Share] | None = Field(
        default=None, description="The share lost by whoever came later than that"
    )
    curve: Mapping[Duration, Share] | None = Field(
        default=None, description="The same, on straight lines between"
    )
    of: Taken = Field(
        default=Taken.EARNED, description="What it is a share of: earned or possible"
    )
    clock: Clock = Field(
        default=Clock.PLATFORM,
        description="The least to be trusted that a penalty may hang on: platform, zip "
        "or file",
    )


def late_rule(part: LatePart, due: datetime) -> LateRule:
    """Return the rule that a part says, in which ``late_problems`` found nothing."""
    table = part.bands or part.curve or {}
    return LateRule(
        due=due.astimezone(UTC),
        grace=part.grace,
        steps=tuple(sorted(table.items())),
        is_linear=part.curve is not None,
        taken=part.of,
        clock=part.clock,
    )


def late_problems(
    document: Document, part: LatePart, due: datetime | None
) -> Iterator[Problem]:
    """Yield what is wrong between the keys of a part, and with the due date."""
    if due is None:
        what = "nobody is late without a due date; add due: 2025-01-31 23:59 "
        place = document.locate(("late",), at_key=True)
        yield Problem(place, f"{what}Europe/Berlin, or remove late")
    given = [key for key in _KEYS if getattr(part, key) is not None]
    if not given:
        text = "'late' needs 'bands' or 'curve'; add one"
        yield Problem(document.locate(("late",), at_key=True), text)
    for key in given[1:]:
        text = f"{given[0]} and {key} exclude each other; remove one"
        yield Problem(document.locate(("late", key), at_key=True), text)
    for key in given:
        yield from _table_problems(document, ("late", key), getattr(part, key))


def _table_problems(
    document: Document, at: KeyPath, table: Mapping[timedelta, Decimal]
) -> Iterator[Problem]:
    key, where = at[-1], document.locate(at, at_key=True)
    if key == "curve" and len(table) < 2:  # noqa: PLR2004 - a line has two ends
        text = "a curve has two ends or more; write it as {0: 0%, 7 days: 100%}"
        yield Problem(where, text)
    elif not any(table.values()):
        text = "lateness costs nothing by it; write a share above 0%, or remove late"
        yield Problem(where, text)
    names: dict[timedelta, str | int] = {}
    for written in document.at(at):
        time = _duration(written)
        if time in names:
            text = f"{shown(written)} is {shown(names[time])}, which stands here, too"
            place = document.locate((*at, written), at_key=True)
            yield Problem(place, f"{text}; remove one")
        names.setdefault(time, written)
    for (_, less), (then, more) in pairwise(sorted(table.items())):
        if more < less:
            what = f"later than {duration_text(then)} costs {_percent(more)}, less than"
            text = f"{what} the {_percent(less)} before; nobody may gain by being later"
            yield Problem(document.locate((*at, names[then])), text)


def _percent(share: Decimal) -> str:
    return f"{points_text(share * 100)}%"
