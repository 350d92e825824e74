"""What the worker says of the values of one variable, checked."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from pytest_tfgrade.core.facts import StoredVariable
from pytest_tfgrade.facts.hdf5 import Variable, unexpected

MAX_VALUES: Final = 16
"""Numbers of a variable whose values are kept."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def stored_variables(
    variable: Variable, summary: list[Any], owner: tuple[str, ...]
) -> Iterator[StoredVariable]:
    """Yield a variable with its summary; nothing if it holds no numbers.

    Args:
        variable: What was read of it before.
        summary: ``[sha256, not finite, zeros, values]``, as the worker sends it.
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
