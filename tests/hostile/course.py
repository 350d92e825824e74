"""The course that the corpus is handed in to: three tasks, hidden data, canaries."""

import hashlib
import shutil
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from rows import Targets

HERE: Final = Path(__file__).parent

ROWS_OF_DATA: Final = 40

SECONDS: Final = 4.0
"""That a model may use, as the rubrics say."""

_DESCRIPTION = """\
dataset: digits
title: Ten patterns and noise
source: tests/hostile/course.py
license: CC0-1.0
files: {{hidden.npz: {sha256}}}
rows: {rows}
inputs:
  image: {{file: hidden.npz, field: image, dtype: float32, shape: [8, 8]}}
targets:
  digit: {{file: hidden.npz, field: digit, dtype: int64, shape: []}}
"""


def patterns() -> NDArray[np.float64]:
    """Return the pattern of each digit, (10, 64)."""
    return np.random.default_rng(5).choice([-1.0, 1.0], (10, 64))


def hidden() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images (rows, 8, 8) and digits (rows,)."""
    numbers = np.random.default_rng(6)
    digits = numbers.integers(0, 10, ROWS_OF_DATA)
    images = patterns()[digits] + numbers.normal(0, 0.8, (ROWS_OF_DATA, 64))
    return images.reshape(-1, 8, 8).astype(np.float32), digits


class Course:
    """A folder with rubrics, hidden data and a home; and what may not get out of it."""

    def __init__(self, folder: Path) -> None:
        """Make it, without submissions."""
        self.folder = folder
        self.aims = folder / "aims"
        self.home = folder / "home"
        self.secrets = [f"canary-{kind}-{uuid4().hex}" for kind in ("secret", "token")]
        data = folder / "reference_data" / "digits"
        for place in (data, self.aims / "markers", self.home / ".keras"):
            place.mkdir(parents=True)
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        shutil.copytree(HERE / "rubrics", folder / "rubrics")
        (self.aims / "secret.txt").write_text(self.secrets[0], encoding="ascii")
        (self.home / ".netrc").write_text(self.secrets[0], encoding="ascii")
        images, digits = hidden()
        np.savez(data / "hidden.npz", image=images, digit=digits)
        sha256 = hashlib.sha256((data / "hidden.npz").read_bytes()).hexdigest()
        text = _DESCRIPTION.format(sha256=sha256, rows=ROWS_OF_DATA)
        (data / "dataset.yaml").write_text(text, encoding="utf-8")

    def targets(self, row: str, port: int) -> Targets:
        """Return what a row aims at; its marker is its own."""
        return Targets(
            marker=self.aims / "markers" / row,
            secret=self.aims / "secret.txt",
            labels=self.folder / "reference_data" / "digits" / "hidden.npz",
            port=port,
            socket=self.aims / "socket",
        )

    @property
    def kept(self) -> tuple[Path, ...]:
        """Folders in which no run changes anything."""
        data = self.folder / "reference_data"
        return self.home, self.aims, data, self.folder / "rubrics"

    def taken_effects(self) -> list[str]:
        """Return the rows that left a marker; take it away."""
        markers = sorted((self.aims / "markers").iterdir())
        for marker in markers:
            marker.unlink()
        return [marker.name for marker in markers]

    def environment(self) -> dict[str, str]:
        """Return variables of a run that no model may see."""
        names = ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "TFGRADE_KEY")
        return {
            **dict.fromkeys(names, self.secrets[1]),
            "HOME": str(self.home),
            "GITHUB_ENV": str(self.aims / "markers" / "github-env"),
            "GITHUB_OUTPUT": str(self.aims / "markers" / "github-output"),
        }
