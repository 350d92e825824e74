"""Slips of the pen that YAML takes for keys without values, in ``{...}``.

``{5:0.5}`` is the key ``5:0.5``, ``{5: 0,5}`` the keys 5 and 5, and ``{shape: (2, 3)}``
the keys ``shape`` and ``3)``.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import yaml

from pytest_tfgrade.documents.wording import shown, square_brackets

Entry = tuple[yaml.Node, yaml.Node]
"""A key and its value."""


class Slip(NamedTuple):
    """What was likely meant by some entries of a mapping."""

    mark: yaml.Mark
    """Where it stands."""

    text: str
    """What is wrong; after a semicolon, the remedy."""

    extent: int
    """How many entries it makes up."""


def slip(entries: Sequence[Entry]) -> Slip | None:
    """Return the slip at the start of the entries of a mapping; None if there is none.

    Args:
        entries: Those of a mapping in curly brackets, from one of them on.
    """
    key, value = entries[0]
    if _is_empty(value):
        found = re.fullmatch(r"([^\s:]+):([^\s:]+)", _plain(key))
        if found is None:
            return None
        text = f"there is no space after the ':'; write {found[1]}: {found[2]}"
        return Slip(key.start_mark, text, 1)
    strays = []
    for stray, nothing in entries[1:]:
        if not _is_empty(nothing) or not _plain(stray):
            break
        strays.append(stray)
    return _round_brackets(value, strays) or _decimal_comma(value, strays)


def _round_brackets(value: yaml.Node, strays: Sequence[yaml.Node]) -> Slip | None:
    words = [_plain(node) for node in (value, *strays)]
    last = next((n for n, word in enumerate(words) if word.endswith(")")), 0)
    if last == 0 or not words[0].startswith("("):
        return None
    way_out = square_brackets(", ".join(words[: last + 1]))
    text = f"a list stands in square brackets; {way_out}"
    return Slip(value.start_mark, text, last + 1)


def _decimal_comma(value: yaml.Node, strays: Sequence[yaml.Node]) -> Slip | None:
    if not strays or strays[0].start_mark.index != value.end_mark.index + 1:
        return None
    whole, part = _plain(value), _plain(strays[0])
    if not re.fullmatch(r"[+-]?\d+", whole) or not re.fullmatch(r"\d+", part):
        return None
    text = f"must be a number, got {shown(f'{whole},{part}')}; write {whole}.{part}"
    return Slip(value.start_mark, text, 2)


def _plain(node: yaml.Node) -> str:
    """Return a word or number as written without quotes; empty if it is neither."""
    is_plain = isinstance(node, yaml.ScalarNode) and not node.style
    return str(node.value) if is_plain else ""


def _is_empty(node: yaml.Node) -> bool:
    """Return whether nothing at all is written for a value."""
    is_scalar = isinstance(node, yaml.ScalarNode)
    return is_scalar and node.start_mark.index == node.end_mark.index
