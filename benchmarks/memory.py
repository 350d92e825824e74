"""Peak memory of a run: against the number of submissions, and the bytes of inputs.

    python benchmarks/memory.py

Looks from outside at the grader and all its processes while they grade, and counts
pages that they share once. README.md beside this file says what each figure means.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from machine import describe, machine, versions

GOAL: Final = 1.05
"""Times one copy of 1 GB of inputs; from the issue that asked for it."""

SIDE: Final = 64
ROW: Final = SIDE * SIDE * 3 * 4
"""Bytes of one example as children see it: float32 of shape (64, 64, 3)."""

BLOCK: Final = 512
"""Rows made at a time."""

SECONDS_BETWEEN_LOOKS: Final = 0.02

RUBRIC: Final = """\
task: colours
dataset: colours
contract:
  inputs: {{image: {{shape: [null, 64, 64, 3], dtype: float32{range}}}}}
  outputs: {{colour: {{shape: [null, 3], kind: probabilities}}}}
limits: {{seconds: 600}}
criteria:
  - {{id: contract, check: predict.contract}}
  - {{id: accuracy, check: predict.metric, metric: accuracy, threshold: 0.1, points: 1}}
"""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run; sizes in bytes."""

    submissions: int
    inputs: int
    """As children see them."""

    form: str
    """How they lie on disk."""

    peak: int
    """Of all processes together: their own memory, and shared memory, mapped or not."""

    grader: int
    """Of pytest alone, the kernel's own high-water mark of what it has mapped."""

    on_disk: int
    """Of inputs that lie in files without a name; not part of ``peak``."""

    seconds: float
    looks: int


def main() -> None:
    """Make models and data, measure, print."""
    options = _options()
    if options.make_model:
        return make_model(options.make_model)
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="memory-", dir=options.folder) as name:
        folder = Path(name)
        command = [
            sys.executable,
            __file__,
            "--make-model",
            str(folder / "model.keras"),
        ]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        few = [
            measured(folder, count, ROW * 8, "float32 .npz")
            for count in options.submissions
        ]
        large = [
            measured(folder, options.models, size, form)
            for form in options.form or FORMS
            for size in (ROW * 8, *(int(gb * 1e9) for gb in options.gigabytes))
        ]
    print("\n".join(table(few, large)))
    if options.json:
        said = {
            "versions": versions(),
            "machine": machine(),
            "goal": GOAL,
            "submissions": [asdict(one) for one in few],
            "inputs": [asdict(one) for one in large],
        }
        options.json.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--submissions", type=int, nargs="*", default=[50, 200], metavar="N")
    add("--gigabytes", type=float, nargs="*", default=[0.1, 0.5], metavar="GB")
    add("--models", type=int, default=2, metavar="N",
        help="Submissions that are graded on large inputs (default 2)")  # fmt: skip
    add("--form", action="append", choices=FORMS, help="How inputs lie on disk")
    add("--folder", type=Path, help="Where there is room for the data")
    add("--json", type=Path, metavar="FILE")
    add("--make-model", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


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


def measured(folder: Path, submissions: int, size: int, form: str) -> Measured:
    """Grade so many submissions on so many bytes of inputs; look on.

    Raises:
        SystemExit: The run failed; what it printed is the reason.
    """
    rows = size // ROW
    make_submissions(folder / "submissions", folder / "model.keras", submissions)
    make_data(folder / "data/colours", rows, form)
    stated = ", range: [0, 1]" if form.startswith("uint8") else ""
    (folder / "colours.yaml").write_text(RUBRIC.format(range=stated), encoding="utf-8")
    command = (
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest"),
        *("-p", "no:cacheprovider", "--tfgrade", str(folder / "submissions")),
        *("--tfgrade-rubrics", str(folder / "colours.yaml")),
        *("--tfgrade-data", str(folder / "data")),
    )
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        began = time.monotonic()
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            look = Look(process.pid)
            status = process.wait()
        seconds = time.monotonic() - began
        look.end()
    said = (folder / "log.txt").read_text(encoding="utf-8", errors="replace")
    if status not in {0, 1} or " error" in said.splitlines()[-1]:
        raise SystemExit(f"{' '.join(command)}\nfailed:\n{said[-3000:]}")
    found = Measured(
        submissions=submissions,
        inputs=rows * ROW,
        form=form,
        peak=look.peak,
        grader=look.grader,
        on_disk=look.on_disk,
        seconds=seconds,
        looks=look.looks,
    )
    print(f"{_row(found)}  {said.splitlines()[-1]}", flush=True)
    return found


class Look:
    """Looks at a process and all that descend from it, until it is ended."""

    def __init__(self, pid: int) -> None:
        """Begin to look."""
        self.peak = self.grader = self.on_disk = self.looks = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            with contextlib.suppress(OSError, KeyError):  # a process has ended
                self._once()

    def _once(self) -> None:
        before = list(_tree(self._pid))
        own = sum(map(_own_pages, before))
        in_memory, on_disk = _held(self._pid)
        if list(_tree(self._pid)) != before:
            return  # a process was born: what it shares would have counted twice
        self.peak = max(self.peak, own + in_memory)
        self.on_disk = max(self.on_disk, on_disk)
        self.grader = max(self.grader, _kib(f"/proc/{self._pid}/status")["VmHWM"])
        self.looks += 1


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it, also from other threads."""
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text(encoding="ascii").split():
                yield from _tree(int(child))


def _own_pages(pid: int) -> int:
    """Return a process' memory; what it shares since a fork is divided among all.

    Pages of files are not: libraries are there once for the whole machine.
    """
    try:
        return _kib(f"/proc/{pid}/smaps_rollup").get("Pss_Anon", 0)
    except OSError:
        return 0


def _held(pid: int) -> tuple[int, int]:
    """Return the bytes of all shared memory, and of files of inputs, of a process.

    Mapped or not: each once, however many processes have it open.
    """
    memory, files = {}, {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(entry)  # noqa: PTH115 - no path
            if target.startswith("/memfd:"):
                status = entry.stat()
                memory[status.st_ino] = status.st_blocks * 512
            elif "tfgrade-inputs-" in target:
                status = entry.stat()
                files[status.st_ino] = status.st_blocks * 512
    return sum(memory.values()), sum(files.values())


def _kib(path: str) -> dict[str, int]:
    """Return the sizes that a file of the kernel tells in KiB, in bytes."""
    lines = Path(path).read_text(encoding="ascii", errors="replace").splitlines()
    words = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): 1024 * int(value) for name, value, _ in words}


def table(few: Sequence[Measured], large: Sequence[Measured]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"\n{HEADER}"
    yield from map(_row, few)
    if len(few) > 1:
        first, last = few[0], few[-1]
        grown = (last.peak - first.peak) / (last.submissions - first.submissions)
        yield f"{grown / 1024:.1f} KiB more for each submission"
    yield f"\n{HEADER}{'all':>8}{'copies':>8}"
    verdicts = []
    for form in dict.fromkeys(one.form for one in large):
        nothing, *sizes = [one for one in large if one.form == form]
        yield _row(nothing)
        for one in sizes:
            least = sizes[0] if one != sizes[0] else nothing
            verdicts.append((one.inputs, copies(one, least)))
            all_ = copies(one, nothing)
            yield f"{_row(one)}{all_:8.3f}{verdicts[-1][1]:8.3f}"
    if verdicts:
        largest = max(size for size, _ in verdicts)
        worst = max(found for size, found in verdicts if size == largest)
        said = "met" if worst <= GOAL else "missed"
        yield f"{largest / 1e9:.1f} GB: {worst:.3f} copies, goal {GOAL:g}: goal {said}"


HEADER: Final = (
    f"{'inputs':30}{'n':>6}{'MB':>8}{'peak MB':>9}{'pytest':>8}{'disk':>8}{'s':>7}"
)


def _row(one: Measured) -> str:
    sizes = one.inputs, one.peak, one.grader, one.on_disk
    inputs, peak, grader, disk = (size / 1e6 for size in sizes)
    return (
        f"{one.form:30}{one.submissions:6}{inputs:8.0f}{peak:9.0f}"
        f"{grader:8.0f}{disk:8.0f}{one.seconds:7.1f}"
    )


def copies(one: Measured, least: Measured) -> float:
    """Return how often the bytes by which inputs differ lie in memory, at the peak."""
    return (one.peak - least.peak) / (one.inputs - least.inputs)


if __name__ == "__main__":
    main()
