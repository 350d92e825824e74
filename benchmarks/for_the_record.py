"""Run benchmarks as they are run for ``docs/benchmarks.md``, one after another.

    python benchmarks/for_the_record.py              # all: about an hour on 2 cores
    python benchmarks/for_the_record.py items regrade

Writes ``docs/figures/*.json``; ``table.py`` makes tables and plots of them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

from table import FIGURES
from ways import HERE

RUNS: Final[Mapping[str, Sequence[str]]] = {
    "class_of_models": ("--models", "200", "--sample", "4", "--repeat", "3"),
    "kernels": ("--models", "100", "--sample", "3"),
    "items": ("--sizes", "1000", "10000", "--distinct", "1000", "--reports"),
    "large_model": (
        *("--images", "10000", "--submissions", "1", "2", "4", "--repeat", "3"),
    ),
    "regrade": ("--models", "500", "--slow", "60", "--repeat", "3"),
    "memory": (
        *("--submissions", "50", "500", "2000", "--gigabytes", "0.1", "0.5", "1"),
    ),
    "dask_workers": (),
    "cost_model": (
        *("--class", str(FIGURES / "class_of_models.json")),
        *("--items", str(FIGURES / "items.json")),
    ),
}
"""Arguments of each benchmark, in the order in which they are run."""


def main() -> None:
    """Run what was asked for; go on after a failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[*RUNS, []], metavar="NAME",
                        help=f"Of {', '.join(RUNS)} (default: all)")  # fmt: skip
    names = parser.parse_args().names or list(RUNS)
    FIGURES.mkdir(exist_ok=True)
    failed = [name for name in names if not _has_run(name)]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _has_run(name: str) -> bool:
    command = (sys.executable, str(HERE / f"{name}.py"), *RUNS[name])
    print(f"== {name} {' '.join(RUNS[name])}", flush=True)
    began = time.monotonic()
    file = str(FIGURES / f"{name}.json")
    ended = subprocess.run((*command, "--json", file), check=False)  # noqa: S603 - ours
    print(f"== {name}: {time.monotonic() - began:.0f} s", flush=True)
    return ended.returncode == 0


if __name__ == "__main__":
    main()
