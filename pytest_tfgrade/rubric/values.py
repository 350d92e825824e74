"""Single values of a rubric: how each is written, and what is said of a wrong one."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    TypeAdapter,
    WithJsonSchema,
)

from pytest_tfgrade.documents import shown, suggestion
from pytest_tfgrade.metrics import METRICS, Metric

_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}"


def _word(text: str) -> str:
    if re.fullmatch(_WORD, text):
        return text
    what = (
        "must begin with a letter or digit and go on with up to 59 letters, digits, "
        f"'_', '.' or '-', got {shown(text)}"
    )
    better = re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-_.")[:60]
    raise ValueError(f"{what}; write {better}" if better else what)


Word = Annotated[
    str,
    AfterValidator(_word),
    WithJsonSchema({"type": "string", "pattern": f"^{_WORD}$"}),
]
"""An identifier: letters, digits, ``_``, ``.`` and ``-``."""


def _axis(size: object) -> object:
    if size is None or (type(size) is int and size > 0):
        return size
    raise ValueError(f"must be a whole number above 0 or null, got {shown(size)}")


Size = Annotated[
    int | None,
    BeforeValidator(_axis),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}),
]
"""Of one axis; null is any size."""


def _batch_first(shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    if shape[:1] == (None,):
        return shape
    whole = shown([None, *shape])
    raise ValueError(f"the first axis counts examples; begin with null, as {whole}")


Shape = Annotated[tuple[Size, ...], AfterValidator(_batch_first)]
"""Of an input or output, the batch axis first."""

_BYTES: Final = r"\d*\.?\d+ ?[A-Za-z]*"
_PARSED: Final = TypeAdapter(ByteSize)


def _parsed_bytes(size: object) -> int | None:
    written = size if isinstance(size, str) else shown(size)
    if not re.fullmatch(_BYTES, written):
        return None
    try:
        return int(_PARSED.validate_python(size))
    except ValueError:
        return None  # there is no such unit


def _bytes(least: str, example: str) -> Callable[[object], int]:
    """Return a reader of sizes that refuses what is too small to be meant."""
    fewest = _parsed_bytes(least) or 0

    def read(size: object) -> int:
        parsed = _parsed_bytes(size)
        if parsed is None:
            text = f"must be a number and a unit, as {example}, got {shown(size)}"
            raise ValueError(text)
        if parsed < fewest:
            text = f"must be at least {least}, got {shown(size)}"
            raise ValueError(f"{text}; write it as {example}")
        return parsed

    return read


_BYTES_SCHEMA: Final = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": f"^{_BYTES}$"}, {"type": "integer"}]}
)

FileSize = Annotated[int, BeforeValidator(_bytes("1 kB", "5 MB")), _BYTES_SCHEMA]
"""Bytes of a file: ``5 MB``."""

Memory = Annotated[int, BeforeValidator(_bytes("256 MiB", "2 GiB")), _BYTES_SCHEMA]
"""Bytes of memory: ``2 GiB``; TensorFlow itself needs some."""


def _find_metric(name: object) -> object:
    if isinstance(name, str) and name in METRICS:
        return METRICS[name]
    close = get_close_matches(str(name), METRICS, n=1)
    names = close or sorted({metric.name for metric in METRICS.values()})
    raise ValueError(f"unknown metric {shown(name)}; {suggestion(str(name), names)}")


NamedMetric = Annotated[
    Metric,
    BeforeValidator(_find_metric),
    WithJsonSchema({"type": "string", "enum": sorted(METRICS)}),
]
"""A metric by its name, or by one that Keras or scikit-learn uses."""
