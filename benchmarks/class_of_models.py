"""Seconds for each submission: a naive loop, a process each, and this project.

    python benchmarks/class_of_models.py

All ways grade the same small models, which all differ, on the same hidden data, and
must find the same accuracies. README.md beside this file says what each figure means.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from goals import Goal, lines, write
from machine import describe
from ways import HERE, Measured, Way, loop, processes, tfgrade

LOOP: Final = "a  naive loop"
PROCESSES: Final = "b  a process each"
OURS: Final = "c2 tfgrade, 2 workers"
WAYS: Final[Mapping[str, Way]] = {
    LOOP: loop,
    PROCESSES: processes,
    "c1 tfgrade, 1 worker": tfgrade(1),
    OURS: tfgrade(2),
}
TOLERANCE: Final = 1e-6
HEADER: Final = (
    f"{'':24}{'n':>4}{'total':>8}{'ready':>8}{'first':>8}"
    f"{'each':>9}{'each-':>9}{'cpu':>9}{'a/':>8}{'b/':>8}"
)

Runs = dict[str, list[Measured]]


def main() -> None:
    """Make the models, measure, compare, print."""
    options = _options()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="class-of-models-") as name:
        folder = Path(name)
        files = make_models(folder, options.models)
        runs = measure(folder, files, options.repeat, options.sample)
    require_same_accuracies(runs)
    print("\n".join(table(runs)))
    goals = goals_of(runs)
    print("", *lines(goals), sep="\n")
    write(
        options.json,
        "class_of_models",
        options=vars(options),
        figures=figures(runs),
        goals=goals,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=200, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--sample", type=int, default=5, metavar="N",
                        help="Models that get a process each (default 5)")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(options.models, options.repeat, options.sample) < 1:
        parser.error("give numbers above 0")
    return options


def make_models(folder: Path, count: int) -> Sequence[Path]:
    """Return the files of that many new models, in a process that ends."""
    print(f"making {count} models ...", flush=True)
    submissions = folder / "submissions"
    command = [sys.executable, str(HERE / "make_models.py"), str(submissions)]
    subprocess.run(  # noqa: S603 - our own program
        [*command, str(count)], check=True, stderr=subprocess.DEVNULL
    )
    return sorted(submissions.glob("*/digits.keras"))


def measure(folder: Path, files: Sequence[Path], repeat: int, sample: int) -> Runs:
    """Run every way so many times, each time in the opposite order."""
    runs: Runs = {name: [] for name in WAYS}
    for round_ in range(repeat):
        for name in list(WAYS)[:: -1 if round_ % 2 else 1]:
            chosen = spread(files, sample) if name == PROCESSES else files
            runs[name].append(WAYS[name](folder, chosen))
            seconds = runs[name][-1].total
            print(f"round {round_ + 1}: {name}: {seconds:.1f} s", flush=True)
    return runs


def spread(files: Sequence[Path], sample: int) -> Sequence[Path]:
    """Return so many files, evenly spread over all kinds of models."""
    step = max(1, len(files) // sample)
    return files[::step][:sample]


def require_same_accuracies(runs: Runs) -> None:
    """Raise ``SystemExit`` unless all ways found the same for each model."""
    expected = runs[LOOP][0].accuracies
    for name, measured in runs.items():
        for run in measured:
            wrong = list(_differences(expected, run))
            if wrong:
                lines = "\n".join(wrong[:10])
                raise SystemExit(f"{name} found other accuracies than {LOOP}:\n{lines}")
    low, high = min(expected.values()), max(expected.values())
    print(f"accuracies agree to {TOLERANCE:g}; they range from {low:.3f} to {high:.3f}")


def _differences(expected: Mapping[str, float], run: Measured) -> Iterator[str]:
    if len(run.accuracies) != run.submissions:
        yield f"{len(run.accuracies)} accuracies for {run.submissions} submissions"
    for submission, value in run.accuracies.items():
        if not math.isclose(value, expected[submission], rel_tol=0, abs_tol=TOLERANCE):
            yield f"{submission}: {value} for {expected[submission]}"


def table(runs: Runs) -> Iterator[str]:
    """Yield the lines of the table: minimum, then median where there are several."""
    for title, choose in (("minimum", min), ("median", statistics.median)):
        rounds = len(runs[LOOP])
        yield f"\nseconds, {title} of {rounds} rounds" if rounds > 1 else "\nseconds"
        yield HEADER
        each = {
            name: choose([run.each for run in measured])
            for name, measured in runs.items()
        }
        for name, measured in runs.items():
            ready = [run.ready for run in measured if run.ready is not None]
            after = [_after_first(run) for run in measured if name != PROCESSES]
            figures = (
                _cell(8, 2, choose([run.total for run in measured])),
                _cell(8, 2, choose(ready) if ready else math.nan),
                _cell(8, 2, choose([run.first for run in measured])),
                _cell(9, 4, each[name]),
                _cell(9, 4, choose(after) if after else math.nan),
                _cell(9, 4, choose([r.processor / r.submissions for r in measured])),
                _cell(8, 2, each[LOOP] / each[name]),
                _cell(8, 1, each[PROCESSES] / each[name]),
            )
            yield f"{name:24}{measured[0].submissions:4}{''.join(figures)}"
        if rounds == 1:
            return


def _cell(width: int, digits: int, value: float) -> str:
    """Return a figure, or a dash where there is none."""
    return f"{'-':>{width}}" if math.isnan(value) else f"{value:{width}.{digits}f}"


def _after_first(run: Measured) -> float:
    """Return seconds for each submission once the first verdict is there."""
    if run.submissions == 1:
        return math.nan
    return (run.total - run.first) / (run.submissions - 1)


def goals_of(runs: Runs) -> Sequence[Goal]:
    """Return the ratios to the two other ways: medians over the rounds."""
    return [
        Goal(
            what=f"{what} / ours, 2 workers",
            value=statistics.median(_ratios(runs[name], runs[OURS])),
            bound=bound,
            at_least=True,
        )
        for what, name, bound in (
            ("naive loop", LOOP, 3),
            ("a process for each submission", PROCESSES, 80),
        )
    ]


def _ratios(theirs: Sequence[Measured], ours: Sequence[Measured]) -> Iterator[float]:
    for other, own in zip(theirs, ours, strict=True):
        yield other.each / own.each


def figures(runs: Runs) -> dict[str, object]:
    """Return everything that was measured but the accuracies, for ``--json``."""
    return {
        name: [
            {
                **{k: v for k, v in asdict(run).items() if k != "accuracies"},
                "each": run.each,
                "after": None if run.submissions == 1 else _after_first(run),
            }
            for run in measured
        ]
        for name, measured in runs.items()
    }


if __name__ == "__main__":
    main()
