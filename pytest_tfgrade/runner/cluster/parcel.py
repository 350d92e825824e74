"""An artifact as bytes, and made a file or folder again on another machine."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_tfgrade.core.submission import Artifact, ArtifactFormat, Source


def wrap(artifact: Artifact) -> tuple[dict[str, Any], list[bytes]]:
    """Return what tells of an artifact, and the bytes of its files.

    Where it lies on this machine is no part of it.
    """
    files = _files(artifact.path)
    contents = [path.read_bytes() for path in files]
    source = artifact.source
    if source is not None:
        contents.append(source.path.read_bytes())
    told = {
        "name": artifact.name,
        "format": artifact.format.value,
        "sha256": artifact.sha256,
        "size": artifact.size,
        "file": artifact.path.name,
        "is_folder": artifact.path.is_dir(),
        "files": [str(path.relative_to(artifact.path)) for path in files],
        "source": None if source is None else _told(source),
    }
    return told, contents


def unwrap(
    told: Mapping[str, Any], contents: Sequence[memoryview], folder: Path
) -> Artifact:
    """Write an artifact into an empty folder of ours, and return it."""
    path = folder / told["file"]
    if told["is_folder"]:
        path.mkdir()
    for name, content in zip(told["files"], contents, strict=False):  # then the source
        _write(path / name, content)
    source = None
    if told["source"] is not None:
        code = folder / "code" / told["source"]["file"]
        _write(code, contents[-1])
        rest = {k: v for k, v in told["source"].items() if k != "file"}
        source = Source(path=code, **rest)
    return Artifact(
        path=path,
        name=told["name"],
        format=ArtifactFormat(told["format"]),
        sha256=told["sha256"],
        size=told["size"],
        source=source,
    )


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(inner for inner in path.rglob("*") if inner.is_file())


def _told(source: Source) -> dict[str, str]:
    told = asdict(source)
    told["file"] = told.pop("path").name
    return told


def _write(path: Path, content: memoryview) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)
