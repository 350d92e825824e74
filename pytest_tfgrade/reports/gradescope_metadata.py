"""``submission_metadata.json``: what Gradescope says of a submission to be graded."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.interface import PlatformFile

_MOST_PROBLEMS: Final = 5


class _Part(BaseModel):
    """Reads what is known; Gradescope may add more at any time."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Assignment(_Part):
    """What was to be handed in."""

    due_date: datetime | None = None
    """With a time zone; of this student, if Gradescope has another for them."""


class Attempt(_Part):
    """Something that was handed in before."""

    score: Decimal | None = None
    """What it got; None if it has none."""


class Metadata(_Part):
    """All that is used of it."""

    created_at: datetime | None = None
    """When it was handed in."""

    assignment: Assignment = Assignment()
    """What was to be handed in."""

    previous_submissions: tuple[Attempt, ...] = ()
    """What the same students handed in before."""

    @property
    def attempt(self) -> int:
        """Which one this is, counted from 1."""
        return len(self.previous_submissions) + 1

    @property
    def best_before(self) -> Decimal | None:
        """The highest score of those before; None if none has one."""
        scores = (attempt.score for attempt in self.previous_submissions)
        return max((score for score in scores if score is not None), default=None)


def read_metadata(file: PlatformFile) -> Metadata:
    """Read what Gradescope says.

    Raises:
        UsageError: It is not what Gradescope writes; with what is wrong.
    """
    try:
        return Metadata.model_validate_json(file.text.removeprefix("\ufeff"))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        found = [_problem(problem["loc"], problem["msg"]) for problem in problems]
        what = "; ".join(found[:_MOST_PROBLEMS])
        remedy = "give the submission_metadata.json of Gradescope"
        raise UsageError(f"{file.name}: {printable(what)}; {remedy}") from None


def _problem(where: tuple[int | str, ...], what: str) -> str:
    place = ".".join(map(str, where))
    return f"{place}: {what}" if place else what
