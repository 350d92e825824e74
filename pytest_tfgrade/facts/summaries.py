"""What the reader says of one variable and its values, checked."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from pytest_tfgrade.core.facts import StoredVariable
from pytest_tfgrade.facts.hdf5 import Variable, parse_variable
from pytest_tfgrade.facts.problems import unexpected

MAX_VALUES: Final = 16
"""Numbers of a variable whose values are kept."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def parse_described(raw: object) -> tuple[Variable, list[Any]]:
    """Return a variable, and what follows it: a summary, if values were asked for.

    Args:
        raw: ``[path, dtype, shape, ...]``.

    Raises:
        Ungradable: ``E_PROTOCOL`` if it has another form.
    """
    match raw:
        case [path, dtype, shape, *summary]:
            return parse_variable([path, dtype, shape]), summary
        case _:
            raise unexpected(f"variable {raw!r}")


def stored_variables(
    variable: Variable, summary: list[Any], owner: tuple[str, ...]
) -> Iterator[StoredVariable]:
    """Yield a variable with its summary; nothing if it holds no numbers.

    Args:
        variable: What was read of it before.
        summary: ``[sha256, not finite, zeros, values]``, as the reader sends it; the
            second and third are counts, values are None for more than ``MAX_VALUES``.
        owner: Names of the models around its layer and of the layer, if any is known.

    Raises:
        Ungradable: ``E_PROTOCOL`` if the summary has another form.
    """
    size = math.prod(variable.shape)
    match summary:
        case [None, 0, 0, None]:
            return
        case [str(sha256), int(nonfinite), int(zeros), values] if (
            _SHA256.fullmatch(sha256)
            and 0 <= nonfinite <= size
            and 0 <= zeros <= size - nonfinite
        ):
            yield StoredVariable(
                path=variable.path,
                layer=owner[-1] if owner else None,
                within=owner[:-1],
                dtype=variable.dtype,
                shape=variable.shape,
                sha256=sha256,
                nonfinite=nonfinite,
                zeros=zeros,
                values=_values(values, size),
            )
        case _:
            raise unexpected(f"summary {summary!r}")


def _values(raw: object, size: int) -> tuple[float, ...] | None:
    if raw is None:
        return None
    if isinstance(raw, list) and len(raw) == size <= MAX_VALUES:
        try:
            return tuple(float(_number(value)) for value in raw)
        except OverflowError:  # an integer that no variable can hold
            pass
    raise unexpected(f"values {raw!r}")


def _number(value: object) -> float:
    if isinstance(value, int | float):  # bool too: there are variables of them
        return value
    raise unexpected(f"value {value!r}")
