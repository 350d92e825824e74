"""Reading an HDF5 file, inside a confined process.

Runs under the interpreter of the graded course: standard library, NumPy and h5py only,
nothing of ours. Returns plain values that JSON can hold; follows no link that leaves
the file.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
from pathlib import Path
from typing import Any

import h5py

from .hdf5_values import summary_of
from .weight_sketch import prints_of

WEIGHTS = "model.weights.h5"
ATTRIBUTES = ("model_config", "training_config", "keras_version", "backend")

MAX_OBJECTS = 100_000
MAX_NAME = 1000  # characters of a path inside the file
MAX_ATTRIBUTE = 32 * 2**20  # bytes; a model of 1000 layers needs about 2 MB
BOMB_FLOOR = 64 * 2**20  # bytes; below it, what a dataset declares does no harm
BOMB_RATIO = 1000  # declared to stored; what gzip reaches on zeros


# What h5py, HDF5 and zipfile raise on damaged files; anything else is our own bug.
_UNREADABLE = (
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
)


def read_hdf5(path: str, values: bool = False) -> dict[str, Any]:
    """Return the attributes and the variables of an ``.h5`` or ``.keras`` file.

    ``variables`` holds ``[path, dtype, shape]`` for each dataset; with ``values``, all
    of which are read then, what ``summary_of`` returns follows in the same list.
    ``problems`` holds ``[kind, what]``, where kind is ``external``
    (data in another file), ``bomb`` (declares far more than it stores), ``large`` (more
    objects than any model has) or ``unreadable``. After a problem no values are read.
    ``prints`` is what ``prints_of`` returns, without ``values``: damaged values leave
    it empty and are no problem, for a model's own loader decides about them.
    """
    result: dict[str, Any] = {
        "attributes": dict.fromkeys(ATTRIBUTES),
        "variables": [],
        "prints": [],
        "problems": [],
    }
    try:
        with _opened(path) as source, h5py.File(source, "r") as file:
            result["attributes"] = {name: _text(file, name) for name in ATTRIBUTES}
            _walk(file["/"].id, result["variables"], result["problems"], values)
            if not (values or result["problems"]):
                result["prints"] = _prints(file, result["variables"])
    except _UNREADABLE as error:
        kind = type(error).__name__
        result["problems"].append(["unreadable", f"{kind}: {_plain(str(error))}"])
    return result


def _prints(file: h5py.File, variables: list[Any]) -> list[Any]:
    try:
        return prints_of([(path, file[path]) for path, _, _ in variables])
    except _UNREADABLE:
        return []


def _opened(path: str) -> io.BufferedIOBase | io.RawIOBase:
    """Open an HDF5 file, or the one inside a ``.keras`` file."""
    file = Path(path).open("rb")  # noqa: SIM115 - closed by the caller
    if file.read(2) != b"PK":
        return file
    with file, zipfile.ZipFile(file) as archive:
        member = archive.getinfo(WEIGHTS)
        if member.compress_type != zipfile.ZIP_STORED:  # somebody zipped it again
            return io.BytesIO(archive.read(member))
        file.seek(member.header_offset + 26)
        name, extra = struct.unpack("<HH", file.read(4))
        start = member.header_offset + 30 + name + extra
    return _Window(path, start, member.file_size)


class _Window(io.RawIOBase):
    """A stored zip member as a file; ``ZipExtFile`` reads all again to seek back."""

    def __init__(self, path: str, start: int, size: int) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115 - closed with the window
        self._start = start
        self._size = size
        self._at = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = max(0, base[whence] + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._at)
        wanted = max(0, min(len(buffer), self._size - self._at))
        read = self._file.readinto(memoryview(buffer)[:wanted])
        self._at += read
        return read

    def close(self) -> None:
        self._file.close()
        super().close()


def _text(file: h5py.File, name: str) -> str | None:
    """Return a text attribute; None if there is none.

    Keras and h5py write texts of any length as one variable-length string (142 kB for
    MobileNetV2), so ``model_config`` never comes in chunks, as lists of names do.
    """
    if name not in file.attrs:
        return None
    attribute = h5py.h5a.open(file.id, name.encode())
    is_text = isinstance(attribute.get_type(), h5py.h5t.TypeStringID)
    if not is_text or attribute.shape != ():
        raise ValueError(f"attribute {name} is not a text")
    if attribute.get_storage_size() > MAX_ATTRIBUTE:
        raise ValueError(f"attribute {name} is too large")
    value = file.attrs[name]
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if len(text) > MAX_ATTRIBUTE:
        raise ValueError(f"attribute {name} is too large")
    return _plain(text)


def _walk(
    root: h5py.h5g.GroupID, variables: list[Any], problems: list[Any], values: bool
) -> None:
    """Look at every object once, without recursion: groups can hold themselves."""
    groups = [(root, "")]
    seen = {h5py.h5o.get_info(root).addr}
    objects = 0
    while groups:
        group, prefix = groups.pop()
        objects += len(group)
        if objects > MAX_OBJECTS:
            problems.append(["large", f"more than {MAX_OBJECTS} objects"])
            return
        for name in group:
            path = prefix + name.decode("utf-8", "replace")
            if len(path) > MAX_NAME:
                raise ValueError(f"a name of more than {MAX_NAME} characters")
            if group.links.get_info(name).type != h5py.h5l.TYPE_HARD:
                problems.append(["external", path])  # Keras links nothing
                continue
            info = h5py.h5o.get_info(group, name)
            if info.addr in seen:
                continue
            seen.add(info.addr)
            if info.type == h5py.h5o.TYPE_GROUP:
                groups.append((h5py.h5g.open(group, name), path + "/"))
            elif info.type == h5py.h5o.TYPE_DATASET:
                dataset = h5py.h5d.open(group, name)
                variables += _look(dataset, path, problems, values)


def _look(
    dataset: h5py.h5d.DatasetID, path: str, problems: list[Any], values: bool
) -> list[Any]:
    """Return a list of what is to be said of a dataset; empty if it may not be read."""
    creation = dataset.get_create_plist()
    if creation.get_layout() == h5py.h5d.VIRTUAL or creation.get_external_count():
        problems.append(["external", path])  # asking for its shape could open files
        return []
    shape = [int(size) for size in dataset.shape or ()]
    declared = math.prod(shape) * dataset.dtype.itemsize
    stored = dataset.get_storage_size()
    if declared > BOMB_FLOOR and declared > BOMB_RATIO * stored:
        problems.append(["bomb", f"{path} declares {declared} bytes"])
    described = [path, dataset.dtype.name, shape]
    if values and not problems:
        described += summary_of(h5py.Dataset(dataset))
    return [described]


def _plain(text: str) -> str:
    """Return the text in Unicode that every encoder accepts."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
