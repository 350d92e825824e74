"""Recognising a file by its first bytes, and naming what it is instead of a model."""

from codecs import getincrementaldecoder
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.submission import GRAPH, ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.packed import SAVE, ZIP, packed_model

_HEAD_BYTES: Final = 4096
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_TFLITE: Final = b"TFL3"
"""At byte 4: the file identifier of https://flatbuffers.dev/internals."""

_CHECKPOINT: Final = bytes.fromhex("57fb808b247547db")
"""Ends a table of LevelDB (``table/format.h``: kTableMagicNumber, little-endian)."""

_NO_MODEL: Final = "It holds numbers, not the model they belong to."


_ONNX: Final = {b"\x12", b"\x1a", b"\x22", b"\x3a", b"\x42"}
"""Fields 2, 3, 4, 7 and 8, length-delimited."""


class _Kind(NamedTuple):
    """Something a candidate hands in by mistake."""

    name: str
    matches: Callable[[bytes], bool]
    hint: str = SAVE


def _starts(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(prefixes)


def _is_onnx(head: bytes) -> bool:
    """Return whether it begins as ``ModelProto`` of https://onnx.ai/onnx/repo-docs/IR.

    First the version of the format, then one of its text fields or the graph.
    """
    first, version, second = head[:1], head[1:2], head[2:3]
    return first == b"\x08" and b"\x01" < version < b"\x40" and second in _ONNX


def _is_html(head: bytes) -> bool:
    return head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml"))


def _is_text(head: bytes) -> bool:
    try:
        text = getincrementaldecoder("utf-8")().decode(head)  # the end may be cut
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)


def _is_notebook(head: bytes) -> bool:
    is_object = head.lstrip().startswith(b"{")
    return is_object and (b'"cells"' in head or b'"nbformat"' in head)


def _is_json(head: bytes) -> bool:
    return head.lstrip().startswith(b"{") and b'"class_name"' in head


_KINDS: Final = (
    _Kind("is empty", lambda head: not head, "Upload the file again."),
    _Kind(
        "is a Git LFS pointer, not the model itself",
        _starts(b"version https://git-lfs"),
        "Run 'git lfs pull' where the model was trained, or commit it without LFS.",
    ),
    _Kind(
        "is a web page, not a model",
        _is_html,
        "Download the file itself, not the page that shows it.",
    ),
    _Kind(
        "is what macOS keeps beside a file, not the file itself",
        _starts(b"\x00\x05\x16\x07"),
        "Hand in the file whose name does not begin with '._'.",
    ),
    _Kind(
        "is a compressed archive",
        lambda head: (
            head.startswith(
                (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!")
            )
            or head[257:262] == b"ustar"
        ),
        "Unpack it and hand in the saved model itself; a SavedModel as a .zip.",
    ),
    _Kind(
        "is a Python pickle or a PyTorch file",
        lambda head: head[:1] == b"\x80" and head[1:2] in {b"\2", b"\3", b"\4", b"\5"},
    ),
    _Kind("is a NumPy array", _starts(b"\x93NUMPY"), f"{_NO_MODEL} {SAVE}"),
    _Kind("is a safetensors file", lambda head: head[8:10] == b'{"'),
    _Kind(
        "is the graph of a SavedModel, without its folder",
        _starts(b"\x08\x01\x12"),
        "Hand in the whole folder with its variables, or a zip of it.",
    ),
    _Kind("is an ONNX model", _is_onnx),
    _Kind("is a Jupyter notebook", _is_notebook),
    _Kind("is the architecture of a model as JSON, without weights", _is_json),
    _Kind("is plain text", _is_text),
)


def recognise(path: Path) -> ArtifactFormat:
    """Return how a model was saved, by the first bytes of its file.

    HDF5 counts as ``H5``, whether it holds a model or weights alone. A zip of a
    SavedModel counts as one; see ``packed_model`` for other zips.

    Raises:
        Ungradable: ``E_FORMAT`` if it is no model that can be graded; the rationale
            says what it is instead.
    """
    if path.is_dir():
        return _recognised_folder(path)
    head = _head(path)
    if head.startswith(_HDF5):
        return ArtifactFormat.H5
    if head[4:8] == _TFLITE:
        return ArtifactFormat.TFLITE
    if head.startswith(ZIP):
        return _recognised_zip(path)
    for kind in _KINDS:
        if kind.matches(head):
            raise Ungradable(Code.FORMAT, f"the file {kind.name}", hint=kind.hint)
    if _tail(path) == _CHECKPOINT:
        rationale = "the file is the index of a TensorFlow checkpoint"
        raise Ungradable(Code.FORMAT, rationale, hint=f"{_NO_MODEL} {SAVE}")
    raise Ungradable(
        Code.FORMAT,
        "the file is none of .keras, HDF5, SavedModel and TFLite",
        hint=SAVE,
        detail=f"first bytes {head[:16].hex(' ')}",
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _tail(path: Path) -> bytes:
    """Return the last 8 bytes of a file that is not empty."""
    with path.open("rb") as file:
        file.seek(-min(8, path.stat().st_size), 2)
        return file.read()


def _recognised_folder(path: Path) -> ArtifactFormat:
    if (path / GRAPH).is_file():
        return ArtifactFormat.SAVED_MODEL
    rationale = f"the folder holds no {GRAPH}, so it is no SavedModel"
    raise Ungradable(Code.FORMAT, rationale, hint=SAVE)


def _recognised_zip(path: Path) -> ArtifactFormat:
    packed = packed_model(path)
    if packed is None:
        return ArtifactFormat.KERAS
    if packed.is_folder:
        return ArtifactFormat.SAVED_MODEL
    name = printable(packed.name, limit=80)
    rationale = f"the file is a zip that holds {name!r}"
    hint = f"Unpack it and hand in {name!r} itself."
    raise Ungradable(Code.FORMAT, rationale, hint=hint)
