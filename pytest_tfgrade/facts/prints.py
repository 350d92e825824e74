"""What tells the weights of a file from those of others, from what a reader says."""

import base64
import binascii
import hashlib
import math
import re
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from pytest_tfgrade.core.fingerprint import (
    ORDERED,
    ORDERED_OF_VECTOR,
    SORTED,
    SORTED_OF_VECTOR,
    WeightPrint,
)
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.checkpoint_paths import parts_of
from pytest_tfgrade.facts.hdf5 import Variable, parse_variable
from pytest_tfgrade.facts.problems import unexpected
from pytest_tfgrade.facts.weights import Part, part_of

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_DIGITS: Final = 16  # of a digest that are kept
_LARGEST: Final = 65_000.0  # of float16


Numbers = tuple[float, ...]


class _Print(NamedTuple):
    """What is said of one variable of the model."""

    shape: tuple[int, ...]
    digest: str
    is_initial: bool | None
    sketch: Numbers | None


def weight_print(raw: object, form: ArtifactFormat) -> WeightPrint | None:
    """Return what tells the weights of a file from others.

    Args:
        raw: What the reader said of the whole file, of which facts were made.
        form: The format of the file.

    Returns:
        None if there are no weights, or they were not looked at.

    Raises:
        Ungradable: ``E_PROTOCOL`` if the part about them has another form.
    """
    match raw:
        case {"prints": list(prints), "constants": list(variables)}:
            told = _told(prints, variables, lambda known: [Part.MODEL] * len(known))
        case {"prints": list(prints), "variables": list(variables)}:
            told = _told(prints, variables, _PARTS.get(form, _parts))
        case _:
            return None
    return _pooled(list(told))


def _parts(variables: Sequence[Variable]) -> list[Part]:
    return [part_of(variable.path) for variable in variables]


_PARTS: Final = {ArtifactFormat.SAVED_MODEL: parts_of}


def _told(
    prints: Iterable[object],
    variables: Iterable[object],
    parts_of: Callable[[Sequence[Variable]], list[Part]],
) -> Iterator[_Print]:
    """Yield what is said of each variable of the model, of one that has numbers."""
    known = [parse_variable(variable) for variable in variables]
    parts = parts_of(known)
    for one in prints:
        match one:
            case [int(index), str(digest), None | bool() as is_initial, sketch] if (
                0 <= index < len(known) and _SHA256.fullmatch(digest)
            ):
                shape = known[index].shape
                if parts[index] is Part.MODEL and 0 not in shape:
                    yield _Print(shape, digest, is_initial, _sketch(sketch, shape))
            case _:
                raise unexpected(f"print {one!r}")


def _sketch(raw: object, shape: tuple[int, ...]) -> Numbers | None:
    """Return a sketch as numbers, as many as one of this shape has."""
    if raw is None:
        return None
    size = ORDERED_OF_VECTOR + SORTED_OF_VECTOR if len(shape) == 1 else ORDERED + SORTED
    try:
        data = base64.b64decode(raw if isinstance(raw, str) else b"?", validate=True)
    except binascii.Error:
        data = b""
    if len(data) != 4 * size:
        raise unexpected("the sketch of a variable")
    numbers = struct.unpack(f"<{size}f", data)
    return tuple(number if math.isfinite(number) else 0.0 for number in numbers)


def _pooled(prints: Sequence[_Print]) -> WeightPrint | None:
    """Return all prints as one, in which no order is left."""
    if not prints:
        return None
    total = sum(math.prod(one.shape) for one in prints)
    sketches: dict[tuple[int, ...], list[Numbers]] = defaultdict(list)
    count: dict[tuple[int, ...], int] = defaultdict(int)
    for one in prints:
        if one.sketch is not None:
            sketches[one.shape].append(one.sketch)
            count[one.shape] += math.prod(one.shape)
    shapes = sorted(count, key=lambda shape: (len(shape) == 1, -count[shape], shape))
    vectors = [one.is_initial for one in prints if one.is_initial is not None]
    return WeightPrint(
        digest=_digest(f"{one.shape}{one.digest}" for one in prints),
        layout=_digest(str(one.shape) for one in prints),
        is_initial=all(vectors) if vectors else None,
        shapes=tuple(shapes),
        shares=tuple(round(count[shape] / total, 4) for shape in shapes),
        sketch=_packed(_sum(sketches[shape]) for shape in shapes),
    )


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:_DIGITS]


def _sum(sketches: Iterable[Numbers]) -> Numbers:
    """Add sketches up so that their order makes no difference to the last digit."""
    return tuple(math.fsum(numbers) for numbers in zip(*sketches, strict=True))


def _packed(sketches: Iterable[Numbers]) -> str:
    numbers = [number for sketch in sketches for number in sketch]
    bounded = (max(-_LARGEST, min(_LARGEST, number)) for number in numbers)
    return base64.b64encode(struct.pack(f"<{len(numbers)}e", *bounded)).decode()
