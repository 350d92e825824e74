"""A small dataset folder to write, describe and spoil."""

import hashlib
import io
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pytest_tfgrade.core.errors import DatasetError
from pytest_tfgrade.datasets import load_dataset, read_description


def png(pixels: NDArray[Any]) -> bytes:
    """Return the bytes of a PNG image."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@dataclass
class DatasetFolder:
    """The folder ``flowers`` in the current directory."""

    path: Path = field(default_factory=lambda: Path("flowers"))
    files: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, content: bytes | str, *, listed: bool = True) -> None:
        """Write a file, and remember its sha256 if it is to be listed."""
        data = content.encode() if isinstance(content, str) else content
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if listed:
            self.files[name] = hashlib.sha256(data).hexdigest()

    def write_npz(self, name: str, **arrays: NDArray[Any]) -> None:
        """Write arrays by their names."""
        file = io.BytesIO()
        np.savez(file, allow_pickle=True, **arrays)
        self.write(name, file.getvalue())

    def write_images(self, images: Mapping[str, NDArray[Any]]) -> None:
        """Write ``images/SHA256SUMS`` and the images it lists."""
        lines = []
        for name, pixels in images.items():
            data = png(pixels)
            self.write(f"images/{name}", data, listed=False)
            lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
        self.write("images/SHA256SUMS", "".join(lines))

    def describe(self, inputs: str, targets: str, *, rows: int = 3) -> None:
        """Write ``dataset.yaml``: files from line 6, one line for each field."""
        files = "".join(f"  {name}: {digest}\n" for name, digest in self.files.items())
        self.write(
            "dataset.yaml",
            "dataset: flowers\ntitle: Flowers\nsource: made up\nlicense: CC0-1.0\n"
            f"files:\n{files}rows: {rows}\ninputs:\n{inputs}\ntargets:\n{targets}\n",
            listed=False,
        )

    def generate(
        self,
        code: str,
        *,
        generator: str = "{function: generate.py:flowers, seed: 7}",
        inputs: str = "  x: {dtype: float32, shape: []}",
        targets: str = "  y: {dtype: int64, shape: []}",
        rows: str = "3",
    ) -> None:
        """Write ``generate.py`` and ``dataset.yaml``, the generator in its line 5."""
        self.write("generate.py", textwrap.dedent(code), listed=False)
        self.write(
            "dataset.yaml",
            "dataset: flowers\ntitle: Flowers\nsource: made up\nlicense: CC0-1.0\n"
            f"generator: {generator}\nrows: {rows}\n"
            f"inputs:\n{inputs}\ntargets:\n{targets}\n",
            listed=False,
        )

    def problems(self, *, only_description: bool = False) -> str:
        """Return the message with which the dataset is refused."""
        read = read_description if only_description else load_dataset
        with pytest.raises(DatasetError) as caught:
            read(self.path)
        return str(caught.value)


@pytest.fixture
def flowers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetFolder:
    """Return an empty dataset folder; messages name it by a relative path."""
    monkeypatch.chdir(tmp_path)
    return DatasetFolder()


@pytest.fixture
def good(flowers: DatasetFolder) -> DatasetFolder:
    """Return a dataset of three rows in one ``.npz`` file; nothing is wrong with it."""
    flowers.write_npz(
        "hidden.npz",
        size=np.array([[1, 2], [3, 4], [5, 6]], np.float32),
        kind=np.array([0, 1, 1]),
    )
    flowers.describe(
        "  size: {file: hidden.npz, field: size, dtype: float32, shape: [2]}",
        "  kind: {file: hidden.npz, field: kind, dtype: int64, shape: []}",
    )
    return flowers
