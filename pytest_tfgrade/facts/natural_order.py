"""The order of names in which ``output_2`` comes before ``output_10``."""

import re

NaturalKey = tuple[tuple[int, str], ...]
"""What to sort names by: pieces of text, and between them numbers by their size."""


def natural_key(name: str) -> NaturalKey:
    """Return what to sort a name by, so that numbers in it count as numbers.

    Numbers may be of any length.

    >>> sorted(["output_10", "output_2", "a"], key=natural_key)
    ['a', 'output_2', 'output_10']
    """
    pieces = re.split("([0-9]+)", name)  # numbers are at odd positions
    return tuple(
        _number_key(piece) if position % 2 else (0, piece)
        for position, piece in enumerate(pieces)
    )


def _number_key(digits: str) -> tuple[int, str]:
    bare = digits.lstrip("0")
    return len(bare), bare
