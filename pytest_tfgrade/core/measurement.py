"""A number that a check measured, and how sure it is."""

from dataclasses import dataclass

from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A number that a criterion's scale turns into points."""

    name: str
    """What was measured, as the rationale says it: ``accuracy``."""

    value: float
    """The number; NaN and infinity earn nothing."""

    direction: Direction
    """Which values are better."""

    uncertainty: Uncertainty | None = None
    """Examples, standard error and interval; None where there is none."""

    public: "Measurement | None" = None
    """The same of the public part, if the dataset has one; then this is the final."""

    context: str | None = None
    """What else the candidate has to know of the number: "turned by 15 degrees"."""

    hint: str | None = None
    """What a candidate who loses points can try."""

    detail: str | None = None
    """What only the grader may see."""
