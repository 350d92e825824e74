"""How far a measured value may lie from that of all possible examples."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What so few examples leave open about a metric.

    It says what other hidden examples of the same kind would have given, if the
    examples are independent. Windows that overlap in one series are not: for them the
    true uncertainty is larger.
    """

    n: int
    """Examples that were measured."""

    standard_error: float
    """Of the value, in its unit."""

    interval: tuple[float, float]
    """The lower and upper end of the 95 % interval, in the unit of the value."""
