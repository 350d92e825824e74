"""Folders of submissions that cost little to make."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ways import HERE, ROOT

METADATA: Final = "metadata.json"


def models(folder: Path, count: int, program: str = "make_models.py") -> Sequence[Path]:
    """Return the files of that many new models, made in a process that ends."""
    print(f"making {count} models ...", flush=True)
    command = [sys.executable, str(HERE / program), str(folder), str(count)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    return sorted(folder.glob("*/digits.keras"))


def submissions(
    folder: Path, originals: Sequence[Path], count: int, contents: int
) -> Path:
    """Lay out a class whose files are copies of a few models.

    Args:
        folder: To be made.
        originals: Files of models for the task ``digits``.
        count: Submissions.
        contents: How many files there are that differ in their bytes; they differ in
            the metadata that Keras keeps beside the weights.
    """
    folder.mkdir()
    made = folder.with_name(f"{folder.name}-contents")
    made.mkdir()
    files = [made / f"{number}.keras" for number in range(contents)]
    for number, file in enumerate(files):
        _rewritten(originals[number % len(originals)], file, number)
    for number in range(count):
        place = folder / f"student-{number:05d}"
        place.mkdir()
        shutil.copyfile(files[number % contents], place / "digits.keras")
    shutil.rmtree(made)
    return folder


def _rewritten(original: Path, file: Path, number: int) -> None:
    """Copy a file of Keras 3 so that its metadata holds a number."""
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(file, "w") as copy:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == METADATA:
                said = {**json.loads(data), "date_saved": f"2026-01-01@{number:08d}"}
                data = json.dumps(said).encode()
            copy.writestr(entry.filename, data)


def digits_course(folder: Path, rubric: str) -> Sequence[str]:
    """Write a rubric for the task ``digits``; return the options that name it."""
    folder.mkdir(exist_ok=True)
    file = folder / "digits.yaml"
    file.write_text(rubric, encoding="utf-8")
    return (
        *("--tfgrade-rubrics", str(file)),
        *("--tfgrade-data", str(ROOT / "reference_data")),
    )


TASK: Final = """\
task: digits
dataset: digits
artifact: {names: [digits], formats: [keras]}
contract:
  inputs: {image: {shape: [null, 8, 8], dtype: float32}}
  outputs: {digit: {shape: [null, 10], kind: probabilities}}
criteria:
"""
"""The head of a rubric; criteria follow, each in a line that begins with a dash."""
