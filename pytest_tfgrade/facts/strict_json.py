"""JSON from a submission, with limits."""

import json
from collections import Counter
from typing import Any, Final, NoReturn

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable

MAX_DEPTH: Final = 200
"""Levels of nesting; a model inside a model inside a wrapper needs about 20."""

MAX_BYTES: Final = 8 * 2**20
"""Of one JSON text; EfficientNetB7 needs less than 2 MB.

Parsed, ``{"":0},`` takes 33 times as much.
"""

MAX_VALUES: Final = 1_000_000
"""Of one JSON text; EfficientNetB7 has 50 thousand."""

MAX_GROUPS: Final = 120_000
"""Lists and objects of one JSON text; NASNetLarge has 20 thousand."""

MAX_DIGITS: Final = 20
"""Of one whole number; a seed has as many. Python writes none of more than 4300."""


class _StrictError(ValueError):
    """Something valid elsewhere that no saved model holds."""


def parse_json_object(text: bytes | str, place: str) -> dict[str, Any]:
    """Read a JSON object as Keras writes it.

    Args:
        text: The JSON text, in UTF-8 if bytes.
        place: Where it stands in the file, for messages.

    Raises:
        Ungradable: ``E_FORMAT`` if it is no JSON object; ``E_LOAD`` if it is one that
            Keras never writes: nested too deep, of too many values, with a key twice or
            with NaN.
    """
    if len(text) > MAX_BYTES:
        rationale = f"{place} is larger than {MAX_BYTES // 2**20} MiB"
        raise Ungradable(Code.FORMAT, rationale)
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        _require_few_values(decoded)
        value = json.loads(
            decoded,
            object_pairs_hook=_unique_keys,
            parse_int=_whole,
            parse_constant=_refuse_constant,
        )
    except RecursionError:
        raise _too_deep(place) from None
    except _StrictError as error:
        raise Ungradable(Code.LOAD, f"{place} {error}") from None
    except ValueError as error:  # also bytes that are not UTF-8
        raise Ungradable(
            Code.FORMAT, f"{place} is not valid JSON", detail=printable(str(error))
        ) from None
    if not isinstance(value, dict):
        raise Ungradable(Code.FORMAT, f"{place} is not a JSON object")
    _require_shallow(value, place)
    return value


def _require_few_values(text: str) -> None:
    # Before each value stands one of these; those in strings count, too.
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        raise _StrictError(f"holds more than {MAX_VALUES} values")
    if sum(map(text.count, "[{")) > MAX_GROUPS:
        raise _StrictError(f"holds more than {MAX_GROUPS} lists and objects")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise _StrictError(f"has the key {printable(twice, limit=80)!r} twice")
    return unique


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _StrictError(f"holds a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _refuse_constant(constant: str) -> NoReturn:
    raise _StrictError(f"holds {constant}, which is not JSON")


def _require_shallow(value: object, place: str) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise _too_deep(place)


def _too_deep(place: str) -> Ungradable:
    rationale = f"{place} is nested more than {MAX_DEPTH} levels deep"
    return Ungradable(Code.LOAD, rationale)
