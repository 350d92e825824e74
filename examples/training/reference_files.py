"""Write evaluation datasets: the same content always gives the same bytes.

Each function writes one kind of file that the grader's dataset loaders read.
None of the formats holds a time stamp; NumPy dates the members of an ``.npz`` to
1980-01-01.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array: TypeAlias = NDArray[Any]


def sha256(path: Path) -> str:
    """Return the checksum of a file, as ``sha256sum`` prints it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_npz(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays, compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **dict(arrays))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table with a header row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_json_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        json.dumps(record, ensure_ascii=False, separators=(", ", ": "))
        for record in records
    )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_image_folder(
    folder: Path, images: Array, labels: Array, classes: Sequence[str]
) -> Path:
    """Write grey images as PNG into one folder for each class.

    Args:
        folder: where the folders of the classes go.
        images: (n, height, width), dtype uint8.
        labels: (n,), indices into ``classes``.
        classes: the folders' names.

    Returns:
        The list of checksums that was written beside the folders.
    """
    for name in classes:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for old in (folder / name).glob("*.png"):
            old.unlink()
    lines = []
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        relative = f"{classes[label]}/{number:04d}.png"
        Image.fromarray(image).save(folder / relative, optimize=True)
        lines.append(f"{sha256(folder / relative)}  {relative}\n")
    sums = folder / "SHA256SUMS"
    sums.write_text("".join(sorted(lines, key=lambda line: line[66:])), "utf-8")
    return sums


def refresh_checksums(folder: Path) -> None:
    """Put the checksums of the files into ``dataset.yaml``, which is written by hand.

    Args:
        folder: the dataset's folder; each line ``  NAME: CHECKSUM`` is refreshed.
    """

    def refreshed(match: re.Match[str]) -> str:
        return f"  {match['name']}: {sha256(folder / match['name'])}"

    path = folder / "dataset.yaml"
    line = re.compile(r"^  (?P<name>\S+): [0-9a-f]{64}$", re.MULTILINE)
    path.write_text(line.sub(refreshed, path.read_text("utf-8")), "utf-8")
