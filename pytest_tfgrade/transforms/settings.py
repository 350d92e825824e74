"""Whether the fields of a transform make sense; each refusal names the field."""

import math


def require_above_0(name: str, value: float, *, at_most: float = math.inf) -> None:
    """Refuse a number that is not above 0, or above another bound.

    >>> require_above_0("degrees", -3, at_most=180)
    Traceback (most recent call last):
    ValueError: degrees must be above 0 and at most 180, got -3

    Raises:
        ValueError: It is not, or it is infinite or NaN.
    """
    if not (math.isfinite(value) and 0 < value <= at_most):
        upper = f" and at most {at_most:g}" if at_most < math.inf else ""
        raise ValueError(f"{name} must be above 0{upper}, got {value!r}")


def require_whole(name: str, value: int, *, least: int) -> None:
    """Refuse what is not a whole number of at least so much.

    >>> require_whole("pixels", 0, least=1)
    Traceback (most recent call last):
    ValueError: pixels must be a whole number of 1 or more, got 0

    Raises:
        ValueError: It is not.
    """
    if type(value) is not int or value < least:
        what = f"a whole number of {least} or more"
        raise ValueError(f"{name} must be {what}, got {value!r}")


def require_range(low: float, high: float) -> None:
    """Refuse a range that begins at 0 or below, or ends before it begins.

    >>> require_range(1.2, 0.8)
    Traceback (most recent call last):
    ValueError: low must be at most high, got 1.2 and 0.8

    Raises:
        ValueError: It does.
    """
    require_above_0("low", low)
    require_above_0("high", high)
    if low > high:
        raise ValueError(f"low must be at most high, got {low!r} and {high!r}")


def require_word(name: str, value: str, words: tuple[str, ...]) -> None:
    """Refuse a word that is not one of some.

    >>> require_word("fill", "black", ("edge", "zero"))
    Traceback (most recent call last):
    ValueError: fill must be edge or zero, got 'black'

    Raises:
        ValueError: It is not.
    """
    if value not in words:
        raise ValueError(f"{name} must be {' or '.join(words)}, got {value!r}")
