"""Single values of a rubric: how each is written, and what is said of a wrong one."""

import math
import re
from collections.abc import Callable, Collection
from decimal import Decimal
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
)

from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.documents import no_boolean, shown
from pytest_tfgrade.metrics import METRICS, Metric
from pytest_tfgrade.rubric.vocabulary import Place
from pytest_tfgrade.rubric.words import read_vocabulary

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


_MOST_BYTES: Final = 1 << 40
"""No machine here has more, and the kernel takes no limit above its own."""


def _bytes(least: str, example: str) -> Callable[[object], int]:
    """Return a reader of sizes that refuses what is too small or large to be meant."""
    fewest = _parsed_bytes(least) or 0

    def read(size: object) -> int:
        parsed = _parsed_bytes(size)
        if parsed is None:
            text = f"must be a number and a unit, as {example}, got {shown(size)}"
            raise ValueError(text)
        if parsed < fewest:
            text = f"must be at least {least}, got {shown(size)}"
            raise ValueError(f"{text}; write it as {example}")
        if parsed > _MOST_BYTES:
            raise ValueError(f"must be at most 1 TiB, got {shown(size)}")
        return parsed

    return read


_BYTES_SCHEMA: Final = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": f"^{_BYTES}$"}, {"type": "integer"}]}
)

FileSize = Annotated[int, BeforeValidator(_bytes("1 kB", "5 MB")), _BYTES_SCHEMA]
"""Bytes of a file: ``5 MB``."""

Memory = Annotated[int, BeforeValidator(_bytes("256 MiB", "2 GiB")), _BYTES_SCHEMA]
"""Bytes of memory: ``2 GiB``; TensorFlow itself needs some."""


def _place(info: ValidationInfo) -> Place:
    """Return what a rubric is read with."""
    place: Place = (info.context or {}).get("place", Place())
    return place


def _find_metric(name: object, info: ValidationInfo) -> Metric:
    place = _place(info)
    return place.vocabulary.metric(name, place.folder)


OWN_NAME: Final = {"type": "string", "pattern": "^[A-Za-z_][\\w.]*:[A-Za-z_]\\w*$"}
"""JSON Schema of the name of a course's own code, ``module:name``."""

NamedMetric = Annotated[
    Metric,
    PlainValidator(_find_metric),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "enum": sorted(METRICS)}, OWN_NAME]},
    ),
]
"""A metric by its name, by one that Keras or scikit-learn uses, or a course's own."""


def _find_file(name: object, info: ValidationInfo) -> Path:
    if not isinstance(name, str) or not name:
        raise ValueError(f"must be the path of a file, got {shown(name)}")
    place = _place(info)
    path = place.folder / name
    if not (place.files_elsewhere or path.is_file()):
        what = "is no file" if path.exists() else "is not there"
        raise ValueError(f"{path} {what}; write its path relative to the rubric")
    return path


NamedFile = Annotated[
    Path, BeforeValidator(_find_file), WithJsonSchema({"type": "string"})
]
"""A file of the grader's, relative to the rubric."""


def _python(path: Path) -> Path:
    if path.suffix == ".py":
        return path
    raise ValueError(f"must be a file of Python code, got {path.name!r}; name a .py")


NamedSource = Annotated[NamedFile, AfterValidator(_python)]
"""Python code of the grader's, relative to the rubric."""


def path_problem(name: str, endings: Collection[str]) -> str | None:
    """Say why no file inside a candidate's folder can bear a name without its ending.

    Args:
        name: As written.
        endings: What such files end in, in lower case.
    """
    path = PurePosixPath(name)
    if "\\" in name:
        way_out = name.replace("\\", "/")
        return f"folders are divided by '/', got {name!r}; write {way_out}"
    if not path.parts or str(path) != name or path.is_absolute() or ".." in path.parts:
        what = f"must be a path inside the candidate's folder, got {name!r}"
        return f"{what}; write it as models/digits"
    if path.suffix.lower() in endings:
        return f"a name has no ending here, got {name!r}; write {path.with_suffix('')}"
    return None


def _source_name(name: str) -> str:
    problem = path_problem(name, [".py"])
    if problem:
        raise ValueError(problem)
    return name


SourceName = Annotated[str, AfterValidator(_source_name)]
"""A Python file of the candidate's, without its ending."""


def _source_as_keys(value: object) -> object:
    """Refuse a file that stands alone, for it says not whose it is."""
    if not isinstance(value, str):
        return value
    name = value.removesuffix(".py")
    raise ValueError(
        f"must be a mapping of keys to values, got {shown(value)}; write "
        f"{shown({'names': [name]})}, or {shown({'file': value})} for the course's own"
    )


SOURCE_AS_KEYS: Final = BeforeValidator(_source_as_keys)
"""Says how to write a source for which only a file is given."""


def _function_name(name: str) -> str:
    if name.isidentifier() and not iskeyword(name):
        return name
    raise ValueError(f"must be the name of a function, got {name!r}; as build_model")


FunctionName = Annotated[str, AfterValidator(_function_name)]
"""Of a function of Python."""


def _find_words(name: object, info: ValidationInfo) -> tuple[str, ...]:
    return read_vocabulary(_find_file(name, info))


NamedVocabulary = Annotated[
    tuple[str, ...],
    BeforeValidator(_find_words),
    WithJsonSchema({"type": "string"}),
]
"""The words in a file of the grader's, relative to the rubric."""


_TAG: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"


def _localized(value: object) -> Localized:
    if isinstance(value, str):
        return Localized.of(value)
    if isinstance(value, dict) and value:
        wrong = [tag for tag in value if not re.fullmatch(_TAG, str(tag))]
        if wrong:
            what = f"{shown(wrong[0])} is no language"
            quoted = ", and 'no' in quotes" if wrong[0] is False else ""
            raise ValueError(f"{what}; write tags as en or zh-Hans{quoted}")
        if all(isinstance(text, str) for text in value.values()):
            return Localized(dict(value))
        what = f"must be text in every language, got {shown(value)}"
        raise ValueError(f"{what}; put each text in quotes")
    what = f"must be text, or texts by language, got {shown(value)}"
    way_out = "" if isinstance(value, dict | list) else "; put it in quotes"
    raise ValueError(what + way_out)


Text = Annotated[
    Localized,
    BeforeValidator(_localized),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        }
    ),
]
"""A text, or a mapping from languages to texts."""


_NUMBER: Final = {"type": "number"}

Number = Annotated[Decimal, BeforeValidator(no_boolean), WithJsonSchema(_NUMBER)]
"""An exact decimal; true and false are none."""

Points = Annotated[Number, Field(ge=0), WithJsonSchema({**_NUMBER, "minimum": 0})]
"""An exact decimal, not below 0."""

Whole = Annotated[int, BeforeValidator(no_boolean)]
"""A whole number."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false; 1 and 0 are neither."""


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise ValueError(f"must be a finite number, got {shown(value)}")


Real = Annotated[float, BeforeValidator(no_boolean), AfterValidator(_finite)]
"""A number; NaN and infinity are none."""
