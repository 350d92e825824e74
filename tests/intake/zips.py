"""Zips as platforms, candidates and their enemies make them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

NOON = (2025, 1, 31, 12, 0, 0)


def zipped(
    files: Mapping[str, bytes],
    *,
    times: Mapping[str, tuple[int, ...]] | None = None,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """Return a zip; names that end with ``/`` are folders."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            time = (times or {}).get(name, NOON)
            info = zipfile.ZipInfo(name, time)  # type: ignore[arg-type]
            info.compress_type = method
            archive.writestr(info, text)
    return content.getvalue()


def named(*names: str) -> dict[str, bytes]:
    """Return files that hold their own names."""
    return {name: name.encode() for name in names}


def put(path: Path, content: bytes) -> Path:
    """Write a file, and the folders that lead to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
