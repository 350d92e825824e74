"""Images from a folder of class folders, in the order of their paths.

images/SHA256SUMS
images/cat/0001.png
images/dog/0001.png
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np

from pytest_tfgrade.datasets.blocks import Blocks, rows_of
from pytest_tfgrade.datasets.checksums import listed_files
from pytest_tfgrade.datasets.fields import FieldDescription
from pytest_tfgrade.datasets.hidden import Array
from pytest_tfgrade.datasets.interface import Unfit

_CHANNELS: Final = {"L": 1, "RGB": 3}
"""Channels of the Pillow modes that are read: grey and colour."""

_PIXEL: Final = np.dtype(np.uint8)


class ImageFolder:
    """The images of a folder and the classes they lie in."""

    def __init__(self, path: Path) -> None:
        """Read the list of the images.

        Raises:
            Unfit: An image does not lie in a class folder.
        """
        self._folder = path
        self._images = sorted(listed_files(path))
        for image in self._images:
            if image.count("/") != 1:
                reason = f"{image!r} does not lie in the folder of a class; move it"
                raise Unfit(reason, key="file")

    def read(self, field: FieldDescription) -> Array | Blocks:
        """Return the images, or the labels.

        Images are decoded several at a time. They are uint8 of shape
        ``(rows, height, width, 1 or 3)``, as they are stored: never resized, and never
        turned by what a camera noted. Labels are int64 of shape ``(rows,)``: the index
        of the class folder in ``classes``.

        Raises:
            Unfit: The field is neither, or a folder is not among the classes. Later,
                when images are decoded: one is not of the described shape, the first.
        """
        match field.field:
            case "image":
                shape = (len(self._images), *field.shape)
                parts = self._decoded(field.shape)
                return Blocks(dtype=_PIXEL, shape=shape, parts=parts)
            case "label":
                return self._labels(field.classes)
            case _:
                raise Unfit("a folder of images has 'image' and 'label'; name one")

    def _decoded(self, shape: tuple[int, ...]) -> Iterator[Array]:
        """Yield the images some at a time; Pillow decodes without Python's lock."""
        step = rows_of(_PIXEL, (len(self._images), *shape))
        room = np.empty((min(step, len(self._images)), *shape), _PIXEL)
        with ThreadPoolExecutor(_usable_cores(), "tfgrade-images") as pool:
            for start in range(0, len(self._images), step):
                names = self._images[start : start + step]
                block = room[: len(names)]
                into = partial(self._decode, shape=shape)
                # In order, and so is the first that raises.
                for _ in pool.map(into, names, block):
                    pass
                yield block

    def _decode(self, name: str, room: Array, *, shape: tuple[int, ...]) -> None:
        room[...] = self._image(name, shape)

    def _image(self, name: str, shape: tuple[int, ...]) -> Array:
        from PIL import Image  # noqa: PLC0415 - 0.05 s that only images need

        try:
            with Image.open(self._folder / name, formats=("PNG", "JPEG")) as image:
                pixels, mode = np.asarray(image), image.mode
        except (OSError, SyntaxError, ValueError):
            reason = f"{name!r} is not a PNG or JPEG image; replace it"
            raise Unfit(reason, key="file") from None
        if mode not in _CHANNELS:
            reason = f"{name!r} has pixels of mode {mode}; save it as grey (L) or RGB"
            raise Unfit(reason, key="shape")
        found = (*pixels.shape[:2], _CHANNELS[mode])
        if found != shape:
            reason = (
                f"{name!r} has the shape {found}, described as {shape}; correct one"
            )
            raise Unfit(reason, key="shape")
        return pixels.reshape(shape)

    def _labels(self, classes: tuple[str, ...] | None) -> Array:
        folders = [PurePosixPath(image).parts[0] for image in self._images]
        if classes is None:
            raise Unfit("has no 'classes'; add the names of the folders, in order")
        unknown = sorted(set(folders) - set(classes))
        if unknown:
            reason = f"{unknown[0]!r} is not among the classes; add or rename it"
            raise Unfit(reason, key="classes")
        index = {name: label for label, name in enumerate(classes)}
        return np.array([index[folder] for folder in folders], dtype=np.int64)


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
