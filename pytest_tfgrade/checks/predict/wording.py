"""Words for a name that is none of those a rubric may write."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Describe an unknown name, and the way out.

    >>> unknown("predictor", "majorty", ["majority", "mean"])
    "unknown predictor 'majorty'; did you mean 'majority'?"
    >>> unknown("predictor", 5, ["majority", "mean"])
    "unknown predictor 5; use 'majority' or 'mean'"
    """
    names = sorted(known)
    close = get_close_matches(str(name), names, n=1)
    way_out = f"did you mean {close[0]!r}?" if close else f"use {_any_of(names)}"
    return f"unknown {kind} {name!r}; {way_out}"


def _any_of(names: list[str]) -> str:
    *others, last = [repr(name) for name in names]
    return f"{', '.join(others)} or {last}" if others else last
