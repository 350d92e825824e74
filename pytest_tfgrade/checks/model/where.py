"""Conditions on settings: what ``where`` says in a rubric, held against a file."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any, Final

from pytest_tfgrade.checks.model.naming import (
    is_saved,
    name_of,
    plain,
    settings_of,
    unknown,
)
from pytest_tfgrade.core.keras_layers import COMMON_ENDINGS, COMMON_SETTINGS
from pytest_tfgrade.core.threshold import Direction, Threshold

_COMPARISON: Final = re.compile(r"\s*(>=|<=|!=|>|<)\s*(\S.*?)\s*")
_ANY: Final = "any"


def meets_all(where: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Return whether settings meet every condition.

    Args:
        where: Conditions by the name of the setting; ``a.b`` is the setting ``b`` of
            the object ``a``.
        settings: As saved.
    """
    return all(meets(wanted, find(settings, key)) for key, wanted in where.items())


def find(settings: Mapping[str, Any], key: str) -> object:
    """Return a setting; None if there is none.

    >>> find({"reg": {"class_name": "L2", "config": {"l2": 0.1}}}, "reg.l2")
    0.1
    """
    if key in settings:
        return settings[key]
    first, dot, rest = key.partition(".")
    inner = settings.get(first)
    return find(settings_of(inner), rest) if dot and is_saved(inner) else None


def meets(wanted: object, found: object) -> bool:
    """Return whether one setting meets its condition.

    A number equals a list of the same numbers. A name equals the class or function of
    an object, in any spelling that Keras has for it. A comparison has to hold for each
    number of a list.

    >>> meets(">= 16, < 64", 32), meets(3, [3, 3]), meets({"any": [1, "relu"]}, "relu")
    (True, True, True)
    """
    match wanted:
        case None | bool():
            return found is wanted
        case Mapping():
            return any(meets(choice, found) for choice in wanted[_ANY])
        case list() | tuple():
            return _equal_each(wanted, found)
        case str():
            return _meets_text(wanted, found)
        case int() | float() | Decimal():
            return _each_number(found, lambda number: _equals(number, wanted))
        case _:
            return False


def _meets_text(wanted: str, found: object) -> bool:
    if _is_comparison(wanted):
        return all(_compares(part, found) for part in wanted.split(","))
    name = name_of(found)
    return name is not None and fnmatchcase(plain(name), plain(wanted))


def described(where: Mapping[str, Any]) -> list[str]:
    """Write conditions for candidates.

    >>> described({"units": ">= 16", "activation": {"any": ["relu", "elu"]}})
    ['units >= 16', 'activation relu or elu']
    """
    return [f"{key} {_described(wanted)}" for key, wanted in where.items()]


def where_problems(
    where: Mapping[str, Any], known: frozenset[str] | None, *, of: str, at: str
) -> Iterator[tuple[str, str]]:
    """Find settings that no such object has, and conditions that mean nothing.

    Args:
        where: The conditions.
        known: The settings there are, common ones apart; None if unknown.
        of: Whose settings, as ``Conv2D``.
        at: The parameter that holds the conditions; a setting is ``where.units``.
    """
    if not where:
        yield at, "names no setting; write one, as {units: 16}"
    for key, wanted in where.items():
        first = key.partition(".")[0]
        common = first in COMMON_SETTINGS or first.endswith(COMMON_ENDINGS)
        if known is not None and first not in known and not common:
            text = unknown("setting", first, known).partition("; ")[2]
            way_out = text if text.startswith("did") else _choices(known)
            yield f"{at}.{key}", f"{of} has no setting {first!r}; {way_out}"
        for text in condition_problems(wanted):
            yield f"{at}.{key}", f"{key}: {text}"


def _choices(known: frozenset[str]) -> str:
    return f"use {' or '.join(sorted(known))}" if known else "remove it"


def condition_problems(wanted: object) -> Iterator[str]:
    """Find what is wrong with one condition, whatever setting it is for."""
    match wanted:
        case {"any": [_, *_] as choices, **rest} if not rest:
            for choice in choices:
                yield from condition_problems(choice)
        case Mapping():
            yield "is a mapping; write {any: [relu, elu]} for one of several values"
        case str() if wanted.lstrip()[:1] in {*"<>!="}:
            yield from _comparison_problems(wanted)


def _comparison_problems(wanted: str) -> Iterator[str]:
    for part in wanted.split(","):
        found = _COMPARISON.fullmatch(part)
        if found is None:
            yield f"{part.strip()!r} is no comparison; write '>= 16' or a plain value"
        elif found[1] != "!=" and _decimal(found[2]) is None:
            yield f"{found[2]!r} is no number; write {found[1]!r} and a number"


def _is_comparison(text: str) -> bool:
    return all(_COMPARISON.fullmatch(part) for part in text.split(","))


def _described(wanted: object) -> str:
    match wanted:
        case None:
            return "none"
        case bool():
            return str(wanted).lower()
        case Mapping():
            return " or ".join(_described(choice) for choice in wanted[_ANY])
        case list() | tuple():
            return f"[{', '.join(map(_described, wanted))}]"
        case _:
            return str(wanted)


def _compares(part: str, found: object) -> bool:
    comparison = _COMPARISON.fullmatch(part)
    if comparison is None:
        return False
    sign, text = comparison.groups()
    bound = _decimal(text)
    if sign == "!=":
        return not meets(text if bound is None else bound, found)
    if bound is None:
        return False
    return _each_number(found, lambda number: _stands(number, sign, bound))


def _stands(number: float, sign: str, bound: Decimal) -> bool:
    at_least = Threshold(bound, Direction.HIGHER_IS_BETTER).admits(number)
    at_most = Threshold(bound, Direction.LOWER_IS_BETTER).admits(number)
    match sign:
        case ">=":
            return at_least
        case "<=":
            return at_most
        case ">":
            return at_least and not at_most
        case _:
            return at_most and not at_least


def _equals(number: float, wanted: float | Decimal) -> bool:
    if isinstance(number, int) and isinstance(wanted, int):
        return number == wanted
    # Keras saves some settings rounded to 32 bits: 0.001 as 0.0010000000474974513.
    bound = Decimal(str(wanted))
    return _stands(number, ">=", bound) and _stands(number, "<=", bound)


def _equal_each(wanted: list[object] | tuple[object, ...], found: object) -> bool:
    if not isinstance(found, list | tuple):
        return bool(wanted) and all(meets(value, found) for value in wanted)
    return len(wanted) == len(found) and all(map(meets, wanted, found))


def _each_number(found: object, holds: Callable[[float], bool]) -> bool:
    values = found if isinstance(found, list | tuple) else (found,)
    return bool(values) and all(_is_number(v) and holds(v) for v in values)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
