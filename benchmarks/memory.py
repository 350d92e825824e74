"""Peak memory of a run: against the number of submissions, and the bytes of inputs.

    python benchmarks/memory.py

Looks from outside at the grader and all its processes while they grade, and counts
pages that they share once. README.md beside this file says what each figure means.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from machine import describe, machine, versions
from make_noise import FORMS, ROW, make_data, make_model, make_submissions
from memory_look import Look

GOAL: Final = 1.05
"""Times one copy of 1 GB of inputs; from the issue that asked for it."""

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
    """Of the whole command."""

    looks: int
    """How often all processes were looked at."""


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
    look, seconds, said = _looked_at(folder)
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


def _looked_at(folder: Path) -> tuple[Look, float, str]:
    """Grade; return what was seen, how long it took, and what pytest said."""
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
    return look, seconds, said


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
