"""Resource bounds of one model process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one model may use; a rubric can say otherwise."""

    seconds: float = 60.0
    """Wall clock from birth to the last prediction, and CPU time."""

    memory: int = 2 << 30
    """Bytes of address space beyond what TensorFlow itself has mapped."""
