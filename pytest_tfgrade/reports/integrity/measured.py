"""How often findings were wrong where it was known: ``docs/figures/integrity.json``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.reports.integrity.finding import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was found among models that were trained apart from each other."""

    pairs: int
    """Pairs of them; of what is said of one, models."""

    alarms: int
    """How many of them were told all the same."""


PAIRS: Final = 11_100
MODELS: Final = 300

MEASURED: Final[Mapping[Kind, Measured]] = {
    Kind.IDENTICAL_FILES: Measured(pairs=PAIRS, alarms=0),
    Kind.IDENTICAL_WEIGHTS: Measured(pairs=PAIRS, alarms=0),
    Kind.SHARED_WEIGHTS: Measured(pairs=PAIRS, alarms=0),
    Kind.SIMILAR_WEIGHTS: Measured(pairs=PAIRS, alarms=0),
    Kind.REORDERED_WEIGHTS: Measured(pairs=PAIRS, alarms=0),
    Kind.ALIKE_ANSWERS: Measured(pairs=PAIRS, alarms=0),
    Kind.UNTRAINED: Measured(pairs=MODELS, alarms=0),
    Kind.CONSTANT: Measured(pairs=MODELS, alarms=0),
}
"""By kind. A test holds them against the file."""
