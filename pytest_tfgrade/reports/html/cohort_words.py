"""Addresses, numbers and sizes as the pages of a cohort write them."""

from datetime import UTC, datetime

from pytest_tfgrade.reports.cohort.places import Place
from pytest_tfgrade.reports.html.file_names import safe_file_name

_STEP = 1024


def address(submission: str) -> str:
    """Return the file of a submission's page, in the folder ``submissions``.

    >>> address("anna")
    'anna.html'
    """
    return f"{safe_file_name(submission)}.html"


def anchor(task: str) -> str:
    """Return where a task begins on the page of a submission.

    >>> anchor("digits")
    'task-digits'
    """
    return f"task-{safe_file_name(task)}"


def link(place: Place) -> str:
    """Return how the page of the cohort refers to a place.

    >>> link(Place("anna", "digits"))
    'submissions/anna.html#task-digits'
    """
    where = "" if place.task is None else f"#{anchor(place.task)}"
    return f"submissions/{address(place.submission)}{where}"


def fixed(value: float, digits: int) -> str:
    """Write a number with so many decimals.

    >>> fixed(2 / 3, 2), fixed(-0.001, 2)
    ('0.67', '0.00')
    """
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def moment(at: datetime) -> str:
    """Write a point in time, in UTC.

    >>> moment(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    '2026-11-22 09:30 UTC'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def share(part: int, whole: int) -> str:
    r"""Write a part of a number as a percentage; nothing of nothing.

    >>> share(2, 3), share(0, 0)
    ('67\xa0%', '')
    """
    return f"{100 * part / whole:.0f}\N{NO-BREAK SPACE}%" if whole else ""


def size(number: int) -> str:
    """Write a number of bytes for people.

    >>> size(999), size(2048), size(3 * 1024**3)
    ('999 bytes', '2.0 KiB', '3.0 GiB')
    """
    if number < _STEP:
        return f"{number} bytes"
    power = min((number.bit_length() - 1) // 10, 4)
    return f"{number / _STEP**power:.1f} {('KiB', 'MiB', 'GiB', 'TiB')[power - 1]}"
