"""Recognising a file by its first bytes, and naming what it is instead of a model."""

from codecs import getincrementaldecoder
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.keras_zip import CONFIG, member_names

_HEAD_BYTES: Final = 4096
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_SAVE: Final = "Save the model with model.save('name.keras') and hand in that file."


class _Kind(NamedTuple):
    """Something a candidate hands in by mistake."""

    name: str
    matches: Callable[[bytes], bool]
    hint: str = _SAVE


def _starts(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(prefixes)


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
    _Kind("is a TensorFlow Lite model", lambda head: head[4:8] == b"TFL3"),
    _Kind(
        "is a compressed archive",
        lambda head: (
            head.startswith(
                (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!")
            )
            or head[257:262] == b"ustar"
        ),
        "Unpack it and hand in the .keras or .h5 file inside.",
    ),
    _Kind(
        "is a Python pickle or a PyTorch file",
        lambda head: head[:1] == b"\x80" and head[1:2] in {b"\2", b"\3", b"\4", b"\5"},
    ),
    _Kind("is a NumPy array", _starts(b"\x93NUMPY")),
    _Kind("is a safetensors file", lambda head: head[8:10] == b'{"'),
    _Kind(
        "is the graph of a SavedModel folder",
        _starts(b"\x08\x01\x12"),
    ),
    _Kind("is a Jupyter notebook", _is_notebook),
    _Kind("is the architecture of a model as JSON, without weights", _is_json),
    _Kind("is plain text", _is_text),
)


def recognise(path: Path) -> ArtifactFormat:
    """Return how a model was saved, by the first bytes of its file.

    Raises:
        Ungradable: ``E_FORMAT`` if it is no model that can be graded; the rationale
            says what it is instead.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_HDF5):
        return ArtifactFormat.H5
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _require_keras(member_names(path))
        return ArtifactFormat.KERAS
    for kind in _KINDS:
        if kind.matches(head):
            raise Ungradable(Code.FORMAT, f"the file {kind.name}", hint=kind.hint)
    raise Ungradable(
        Code.FORMAT,
        "the file is neither HDF5 nor a .keras file",
        hint=_SAVE,
        detail=f"first bytes {head[:16].hex(' ')}",
    )


def _require_keras(names: tuple[str, ...]) -> None:
    if CONFIG in names:
        return
    own = [name for name in names if not name.startswith("__MACOSX/")]
    bases = {PurePosixPath(name).name: name for name in reversed(own)}
    detail = "members: " + ", ".join(printable(name, limit=80) for name in names[:20])

    def refused(rationale: str, hint: str) -> Ungradable:
        return Ungradable(Code.FORMAT, rationale, hint=hint, detail=detail)

    if not own:
        raise refused("the zip file is empty", "Upload the file again.")
    if "data.pkl" in bases:
        raise refused("the file is a PyTorch model", _SAVE)
    if "saved_model.pb" in bases:
        raise refused("the file is a zipped SavedModel folder", _SAVE)
    if CONFIG in bases:
        folder = printable(bases[CONFIG].rpartition("/")[0], limit=80)
        raise refused(
            f"the file is a zipped folder: {CONFIG} lies in {folder!r}",
            "Hand in the .keras file as model.save(...) wrote it; do not unpack it.",
        )
    inner = [name for name in own if name.endswith((".keras", ".h5", ".hdf5", ".zip"))]
    if inner:
        first = printable(inner[0], limit=80)
        raise refused(
            f"the file is a zip that holds {first!r}",
            f"Unpack it and hand in {first!r} itself.",
        )
    raise refused(f"the zip file has no {CONFIG}, so it is no .keras file", _SAVE)
