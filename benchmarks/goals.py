"""What was wanted of a figure, and the file that keeps what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from machine import machine, versions

_BEFORE: Final = machine()
"""With the load average before anything was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A figure, most often a ratio within one run, and its bound."""

    what: str
    """As the table of goals calls it."""

    value: float
    """What was measured."""

    bound: float
    """What it is held against; the bound itself is good enough."""

    at_least: bool
    """Whether more is better."""

    @property
    def met(self) -> bool:
        """Whether the value is good enough; NaN never is."""
        if self.at_least:
            return self.value >= self.bound
        return self.value <= self.bound


def lines(goals: Sequence[Goal]) -> Iterator[str]:
    """Yield a line for each goal."""
    for goal in goals:
        sign = ">=" if goal.at_least else "<="
        verdict = "met" if goal.met else "missed"
        yield f"{goal.what}: {goal.value:.4g} (goal {sign} {goal.bound:g}): {verdict}"


def write(
    file: Path | None,
    benchmark: str,
    *,
    options: Mapping[str, object],
    figures: object,
    goals: Sequence[Goal],
) -> None:
    """Write what was measured as JSON, if a file is given.

    Args:
        file: Where to.
        benchmark: Name of the program, without its ending.
        options: As they were in force; paths are left out.
        figures: Whatever was measured.
        goals: What of it has a goal.
    """
    if file is None:
        return
    document = {
        "benchmark": benchmark,
        "versions": versions(),
        "machine": _BEFORE,
        "options": {
            name: value
            for name, value in options.items()
            if isinstance(value, int | float | str | list)
        },
        "goals": [
            {
                "what": goal.what,
                "value": goal.value,
                "bound": goal.bound,
                "at_least": goal.at_least,
                "met": goal.met,
            }
            for goal in goals
        ],
        "figures": figures,
    }
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
