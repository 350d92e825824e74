"""Models a second on a Dask cluster with one worker and with two, of one thread each.

    python benchmarks/dask_workers.py

Scheduler and workers run on this machine, so it needs two idle cores. The goal is a
ratio of at least 1.9.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from class_of_models import make_models
from goals import Goal, lines, write
from machine import describe

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import Pass, SharedInputs
from pytest_tfgrade.runner.cluster import open_cluster
from pytest_tfgrade.runner.cluster.dask_runner import DaskRunner

GOAL: Final = 1.9
OUTPUTS: Final = {"digit": OutputSpec(shape=(None, 10))}
SCHEDULER: Final = "from distributed.cli.dask_scheduler import main; main()"
Seconds = dict[int, list[float]]
"""Of all models, for each round, by the number of workers."""

WORKER: Final = "from distributed.cli.dask_worker import main; main()"


def main() -> None:
    """Make the models, run them in both ways in turns, print."""
    options = _options()
    print(describe(), flush=True)
    rows = np.random.default_rng(0).random((options.rows, 8, 8), dtype=np.float32) * 16
    with (
        tempfile.TemporaryDirectory(prefix="dask-workers-") as name,
        SharedInputs({"image": rows}) as inputs,
    ):
        folder = Path(name)
        files = make_models(folder, options.models)
        with clusters(folder) as (one, two):
            seconds = measure(one, two, files, inputs, options.repeat)
    for line in table(seconds, options.models):
        print(line)
    goals = goals_of(seconds)
    print("\n".join(lines(goals)))
    write(
        options.json,
        "dask_workers",
        options=vars(options),
        figures={"seconds": seconds},
        goals=goals,
    )


def table(seconds: Seconds, models: int) -> Iterator[str]:
    """Yield the lines of the table: the best of the rounds."""
    yield f"\n{'workers':8}{'models':>8}{'seconds':>9}{'a second':>10}"
    for workers, times in seconds.items():
        yield f"{workers:<8}{models:8}{min(times):9.2f}{models / min(times):10.1f}"


def goals_of(seconds: Seconds) -> list[Goal]:
    """Return the ratio of throughput: the median over the rounds."""
    ratios = (one / two for one, two in zip(seconds[1], seconds[2], strict=True))
    return [
        Goal(
            what="Dask: throughput of two workers / of one",
            value=statistics.median(ratios),
            bound=GOAL,
            at_least=True,
        )
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=60, metavar="N")
    parser.add_argument("--rows", type=int, default=500, metavar="N",
                        help="Rows of 8 by 8 images (default 500)")  # fmt: skip
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(options.models, options.rows, options.repeat) < 1:
        parser.error("give numbers above 0")
    return options


@contextmanager
def clusters(folder: Path) -> Iterator[tuple[DaskRunner, DaskRunner]]:
    """Yield a cluster of one worker and one of two, all of them warm."""
    processes: list[subprocess.Popen[bytes]] = []
    runners = []
    try:
        for count in (1, 2):
            file = folder / f"scheduler-{count}.json"
            at = ("--scheduler-file", str(file), "--host", "127.0.0.1")
            processes.append(_started(SCHEDULER, *at, "--port", "0", "--no-dashboard"))
            while not file.exists():
                time.sleep(0.05)
            for _ in range(count):
                more = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
                processes.append(_started(WORKER, *at, *more))
            runner = open_cluster(str(file))
            runners.append(runner)
            while runner.threads < count:
                runner.close()
                runner = runners[-1] = open_cluster(str(file))
        yield runners[0], runners[1]
    finally:
        for runner in runners:
            runner.close()
        for process in reversed(processes):
            process.terminate()
            process.wait()


def _started(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - Dask's own programs
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def measure(
    one: DaskRunner,
    two: DaskRunner,
    files: Sequence[Path],
    inputs: SharedInputs,
    repeat: int,
) -> Seconds:
    """Return the seconds for all models, of each round, by the number of workers."""
    seconds: Seconds = {1: [], 2: []}
    for runner in (one, two):  # TensorFlow loads, inputs arrive
        _ran(runner, files[:8], inputs)
    for round_ in range(repeat):
        order = [(1, one), (2, two)][:: -1 if round_ % 2 else 1]
        for workers, runner in order:
            seconds[workers].append(_ran(runner, files, inputs))
            print(
                f"round {round_ + 1}: {workers}: {seconds[workers][-1]:.2f} s",
                flush=True,
            )
    return seconds


def _ran(runner: DaskRunner, files: Sequence[Path], inputs: SharedInputs) -> float:
    begun = time.monotonic()
    with ThreadPoolExecutor(runner.threads) as pool:
        list(pool.map(lambda path: _predicted(runner, path, inputs), files))
    return time.monotonic() - begun


def _predicted(runner: DaskRunner, path: Path, inputs: SharedInputs) -> None:
    artifact = Artifact(
        path=path, name=path.name, format=ArtifactFormat.KERAS, sha256="", size=1
    )
    runner.predict(artifact, [Pass(inputs=inputs)], OUTPUTS, Limits())


if __name__ == "__main__":
    main()
