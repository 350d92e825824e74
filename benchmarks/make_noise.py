"""Submissions, and hidden data of any size, to measure memory with."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

SIDE: Final = 64
ROW: Final = SIDE * SIDE * 3 * 4
"""Bytes of one example as children see it: float32 of shape (64, 64, 3)."""

BLOCK: Final = 512
"""Rows made at a time."""

DATASET: Final = """\
dataset: colours
title: Noise
source: made up
license: CC0-1.0
files: {{{file}: {sha256}, colours.npz: {targets}}}
rows: {rows}
inputs:
  image: {{file: {file}, field: {field}, dtype: {dtype}, shape: [64, 64, 3]}}
targets:
  colour: {{file: colours.npz, field: colour, dtype: int64, shape: []}}
"""

FORMS: Final = {
    "float32 .npy": ("float32", ".npy"),
    "float32 .npz": ("float32", ".npz"),
    "float32 .npz, packed": ("float32", "packed .npz"),
    "uint8 .npz to float32": ("uint8", ".npz"),
    "uint8 .npz to float32, packed": ("uint8", "packed .npz"),
}
"""How inputs lie on disk: dtype, and kind of file."""


def make_model(path: Path) -> None:
    """Write a small model; a program of its own imports TensorFlow for it."""
    import keras  # noqa: PLC0415

    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.save(path)


def make_submissions(folder: Path, model: Path, count: int) -> None:
    """Copy a model that often; each copy has other bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(count):
        path = folder / f"student-{number:05d}" / "colours.keras"
        path.parent.mkdir(parents=True)
        shutil.copyfile(model, path)
        with zipfile.ZipFile(path, "a") as file:
            file.comment = f"{number}".encode()


def make_data(folder: Path, rows: int, form: str) -> None:
    """Write a dataset of noise, some rows at a time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    dtype, kind = FORMS[form]
    rng = np.random.default_rng(0)
    plain = folder / "images.npy"
    images = np.lib.format.open_memmap(
        plain, "w+", np.dtype(dtype), (rows, SIDE, SIDE, 3)
    )
    for start in range(0, rows, BLOCK):
        # Noise of bytes packs a little as float32, and takes no time to make.
        shape = (min(BLOCK, rows - start), SIDE, SIDE, 3)
        noise = rng.integers(0, 256, shape, np.uint8)
        values = noise if dtype == "uint8" else noise.astype(np.float32) / 255
        images[start : start + BLOCK] = values
    del images
    file, field = plain, "array"
    if kind != ".npy":
        file, field = folder / "images.npz", "images"
        how = zipfile.ZIP_DEFLATED if kind.startswith("packed") else zipfile.ZIP_STORED
        with zipfile.ZipFile(file, "w", how, compresslevel=1) as packed:
            packed.write(plain, plain.name)
        plain.unlink()
    np.savez(folder / "colours.npz", colour=rng.integers(0, 3, rows))
    description = DATASET.format(
        rows=rows,
        file=file.name,
        field=field,
        dtype=dtype,
        sha256=_sha256(file),
        targets=_sha256(folder / "colours.npz"),
    )
    (folder / "dataset.yaml").write_text(description, encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
