"""Inputs that are sent in chunks, and lie once in the memory of a worker."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.pages import Pages
from pytest_tfgrade.runner.inputs import SharedInputs

CHUNK: Final = 16 << 20
"""Bytes of inputs that are sent at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Where some bytes belong; the same for all chunks of the same inputs but place."""

    digest: str
    """Of the inputs."""

    description: Sequence[Mapping[str, Any]]
    """As ``SharedInputs`` describes them."""

    sizes: Sequence[int]
    """Bytes of each input."""

    place: int
    """Of which input, from 0."""

    offset: int
    """Behind so many of its bytes."""

    is_last: bool
    """Whether all have come with it."""


def chunks_of(inputs: SharedInputs) -> Iterator[tuple[Chunk, bytes]]:
    """Yield all bytes of inputs, in order; at least one chunk."""
    sizes = [os.fstat(descriptor).st_size for descriptor in inputs.descriptors]
    places = [
        (place, offset)
        for place, size in enumerate(sizes)
        for offset in range(0, size or 1, CHUNK)
    ]
    for place, offset in places:
        chunk = Chunk(
            digest=inputs.digest,
            description=inputs.description,
            sizes=sizes,
            place=place,
            offset=offset,
            is_last=(place, offset) == places[-1],
        )
        yield chunk, os.pread(inputs.descriptors[place], CHUNK, offset)


class Received:
    """The inputs that a worker has got, by their digests."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._lock = threading.Lock()
        self._coming: dict[str, list[Pages]] = {}
        self._there: dict[str, SharedInputs] = {}

    def __getitem__(self, digest: str) -> SharedInputs:
        """Return inputs that have come.

        Raises:
            KeyError: They have not.
        """
        with self._lock:
            return self._there[digest]

    def take(self, chunk: Chunk, data: bytes | memoryview) -> None:
        """Add some bytes; those of an input come in order.

        Who begins anew, at the first byte of the first input, is heard.

        Raises:
            RunnerError: There is no room, or the bytes are not those that were sent.
        """
        with self._lock:
            if chunk.digest in self._there:
                return
            try:
                if not chunk.place and not chunk.offset:
                    self._forget(chunk.digest)
                    made = [Pages(size) for size in chunk.sizes]
                    self._coming[chunk.digest] = made
                self._coming[chunk.digest][chunk.place].write(data)
            except (OSError, LookupError, ValueError) as error:
                self._forget(chunk.digest)
                text = f"inputs of {sum(chunk.sizes)} bytes cannot be kept: {error}"
                raise RunnerError(text) from None
            if chunk.is_last:
                self._complete(chunk)

    def close(self) -> None:
        """Give all memory back."""
        with self._lock:
            for inputs in self._there.values():
                inputs.close()
            for digest in tuple(self._coming):
                self._forget(digest)
            self._there.clear()

    def _complete(self, chunk: Chunk) -> None:
        pages = self._coming.pop(chunk.digest)
        try:
            for one in pages:
                one.seal()
        except ValueError as error:
            raise RunnerError(f"inputs did not come whole: {error}") from None
        names = [str(item["name"]) for item in chunk.description]
        described = zip(chunk.description, pages, strict=True)
        arrays = {str(item["name"]): _array(item, one) for item, one in described}
        inputs = SharedInputs(arrays, dict(zip(names, pages, strict=True)))
        for one in pages:  # the inputs have opened them anew
            one.close()
        if inputs.digest != chunk.digest:
            inputs.close()
            raise RunnerError("inputs were changed on their way")
        self._there[chunk.digest] = inputs

    def _forget(self, digest: str) -> None:
        for pages in self._coming.pop(digest, ()):
            pages.close()


def _array(described: Mapping[str, Any], pages: Pages) -> NDArray[Any]:
    """Return a view of bytes as the array that they are."""
    is_text = described["dtype"] == "string"
    dtype = f"S{described['width']}" if is_text else described["dtype"]
    if not pages.size:
        return np.empty(described["shape"], dtype)
    return np.frombuffer(pages.view(), dtype).reshape(described["shape"])
