"""How candidates hand in: whose a file is, what counts, and when it is due."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from pytest_tfgrade.core.times import WRITTEN_AS, read_moment
from pytest_tfgrade.documents import Strict, closest, shown

CANDIDATE: Final = "candidate"
"""The group of the pattern that is a candidate's identity."""


class Platform(StrEnum):
    """What names of a download are like."""

    MOODLE = "moodle"
    CANVAS = "canvas"
    GRADESCOPE = "gradescope"
    GITHUB_CLASSROOM = "github-classroom"


class Duplicates(StrEnum):
    """Which counts, if a candidate handed in more than once for a task."""

    LATEST = "latest"
    FIRST = "first"
    REFUSE = "refuse"  # none: the task has E_FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class HandingIn:
    """What an exam file says of handing in; the defaults are those without one."""

    pattern: re.Pattern[str] | None = None
    """Finds a candidate's identity in the name of a folder or file."""

    platform: Platform | None = None
    """What the names are like; None: found out, where they leave no doubt."""

    assignment: str | None = None
    """What names of GitHub Classroom begin with; None: found out."""

    duplicates: Duplicates | None = None
    """Which counts; None: the latest, where it is sure that one person is meant."""

    due: datetime | None = None
    """With a time zone; None: what the platform says of lateness."""


DEFAULT: Final = HandingIn()


def read_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern with a group for the candidate.

    Raises:
        ValueError: It is none.
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        what = f"is no regular expression, got {shown(text)}"
        raise ValueError(f"{what}; {error}") from None
    if CANDIDATE in pattern.groupindex:
        return pattern
    if meant := closest(text.casefold(), list(Platform)):
        what = f"is neither a platform nor a pattern, got {shown(text)}"
        raise ValueError(f"{what}; did you mean {meant!r}?")
    what = f"must have a group named {CANDIDATE}, got {shown(text)}"
    remedy = f"write it as ^(?P<{CANDIDATE}>[^_]+)_"
    if text.isidentifier():
        remedy += f", or one of {', '.join(Platform)}"
    raise ValueError(f"{what}; {remedy}")


class PlatformPart(Strict):
    """``candidates``, if more is to be said than the name of a platform."""

    platform: Platform
    assignment: str | None = Field(
        default=None,
        min_length=1,
        description="Of github-classroom: what the names of repositories begin with",
    )


def _due(value: object) -> datetime | None:
    """Return a time with a zone, from what YAML makes of one or from text."""
    if value is None:
        return None
    if isinstance(value, str):
        return read_moment(value)
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value
        what = f"has no time zone, got {value:%Y-%m-%d %H:%M:%S}"
        raise ValueError(f"{what}; write it {WRITTEN_AS}")
    what = "has no time of day" if isinstance(value, date) else "must be a time"
    raise ValueError(f"{what}, got {_written(value)}; write it {WRITTEN_AS}")


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else shown(value)


Due = Annotated[
    datetime | None,
    PlainValidator(_due),
    WithJsonSchema({"type": "string"}),
]
"""A point in time: with a zone, for courses have candidates in several."""


def _platform(value: object) -> object:
    """Take the name of a platform alone for one of which nothing else is said."""
    if isinstance(value, str) and value in list(Platform):
        return {"platform": value}
    return value


Candidates = Annotated[str | PlatformPart, BeforeValidator(_platform)]
"""A platform by name, a platform and more, or a regular expression."""


def handing_in(
    candidates: str | PlatformPart | None,
    duplicates: Duplicates | None,
    due: datetime | None,
) -> HandingIn:
    """Return what the keys of an exam file say together.

    Raises:
        ValueError: ``candidates`` is no pattern, or its keys do not go together.
    """
    if isinstance(candidates, PlatformPart):
        platform, assignment = candidates.platform, candidates.assignment
        if assignment and platform is not Platform.GITHUB_CLASSROOM:
            text = f"'assignment' means nothing with {platform.value}; remove it"
            raise ValueError(text)
        return HandingIn(
            platform=platform, assignment=assignment, duplicates=duplicates, due=due
        )
    pattern = None if candidates is None else read_pattern(candidates)
    return HandingIn(pattern=pattern, duplicates=duplicates, due=due)
