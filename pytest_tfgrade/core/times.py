"""Points in time and lengths of time, as people write them in files."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WRITTEN_AS: Final = "as 2025-01-31T23:59+01:00 or 2025-01-31 23:59 Europe/Berlin"
"""How a point in time is written."""

_ZONED: Final = re.compile(r"(?P<time>.*\d)\s+(?P<zone>[A-Za-z_]+/[A-Za-z_/+-]+)")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

_YEARS: Final = range(1970, 9000)
"""Of which a moment may be: later ones cannot be put off, nor told in all zones."""

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
}
"""Seconds of each."""

_PART: Final = re.compile(r"\s*(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]+)")

_DAY_AT_LEAST: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=3660)


def read_moment(text: str) -> datetime:
    """Return a point in time: with a zone, for courses have candidates in several.

    A time that clocks tell twice, or pass over, is the later of the two it may be.

    >>> read_moment("2025-01-31 23:59 +01:00").isoformat()
    '2025-01-31T23:59:00+01:00'

    Raises:
        ValueError: It is none; the text says what to write.
    """
    found = _ZONED.fullmatch(text.strip())
    try:
        written = found["time"] if found else text.strip()
        time = _time(written)
        if found:
            return _latest(time.replace(tzinfo=ZoneInfo(found["zone"])))
    except (ZoneInfoNotFoundError, OSError):
        what = f"names a time zone that is not known here, got {text!r}"
        raise ValueError(f"{what}; write it as 2025-01-31T23:59+01:00") from None
    except ValueError:
        what = f"must be a time, got {text!r}; write it {WRITTEN_AS}"
        raise ValueError(what) from None
    if time.tzinfo is not None:
        return time
    if _DAY.fullmatch(written):
        raise ValueError(f"has no time of day, got {written}; write it {WRITTEN_AS}")
    what = f"has no time zone, got {time:%Y-%m-%d %H:%M:%S}"
    raise ValueError(f"{what}; write it {WRITTEN_AS}")


def _time(text: str) -> datetime:
    """Return what is written, with a zone or without.

    Raises:
        ValueError: It is no time, or of no year that can be reckoned with.
    """
    time = datetime.fromisoformat(re.sub(r"(?<=\d) (?=[+-])", "", text))
    if time.year not in _YEARS:
        raise ValueError(time.year)
    return time


def _latest(time: datetime) -> datetime:
    """Return the later of two, where clocks are put back and tell a time twice."""
    return max(time, time.replace(fold=1), key=datetime.timestamp)


def read_duration(text: str) -> timedelta:
    """Return a length of time: numbers with units.

    >>> read_duration("15 min"), read_duration("1 day 12h")
    (datetime.timedelta(seconds=900), datetime.timedelta(days=1, seconds=43200))

    Raises:
        ValueError: It is none; the text says what to write.
    """
    seconds, end = Decimal(0), 0
    while found := _PART.match(text, end):
        unit = _UNITS.get(found["unit"].lower())
        if unit is None:
            what = f"unknown unit {found['unit']!r}, got {text!r}"
            raise ValueError(f"{what}; write s, min, h, days or weeks")
        seconds, end = seconds + Decimal(found["count"]) * unit, found.end()
    if not end or text[end:].strip():
        raise ValueError(f"must be a number and a unit, as 15 min, got {text!r}")
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"must be at most ten years, got {text!r}")
    return timedelta(microseconds=int(seconds * 1_000_000))


def duration_text(length: timedelta) -> str:
    """Write a length of time, with the largest units that say it.

    From a day on to minutes, rounded up, for below that nobody looks.

    >>> duration_text(timedelta(days=1, hours=3)), duration_text(timedelta(seconds=90))
    ('1 day 3 h', '1 min 30 s')
    >>> duration_text(timedelta(days=2, seconds=1)), duration_text(timedelta(0))
    ('2 days 1 min', '0 s')
    """
    step = timedelta(minutes=1) if length >= _DAY_AT_LEAST else timedelta(seconds=1)
    seconds = -(-length // step) * int(step.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{days} {'day' if days == 1 else 'days'}"] if days else []
    named = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    parts += [f"{count} {unit}" for count, unit in named if count]
    return " ".join(parts) or "0 s"
