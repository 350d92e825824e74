"""What a million submissions cost on N machines, from parts that were measured.

    python benchmarks/cost_model.py --class class.json --items items.json

The parts come from ``--json`` of ``class_of_models.py`` and ``items.py``, or are given
as options. README.md beside this file says what is assumed.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from goals import write

OURS: Final = "c2 tfgrade, 2 workers"
WORKERS_OF_OURS: Final = 2
GIB: Final = 1 << 30
GRADER_MEMORY: Final = 16 * GIB
"""Of the machine on which pytest runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a run is made of; seconds and bytes."""

    start: float = 3.0
    """Until a machine's first model runs: pytest, TensorFlow, data."""

    model: float = 0.1
    """For each submission, of one core of a machine that runs models."""

    grader: float = 0.01
    """For each submission, of the one grading process: collect, score, report."""

    item_memory: float = 2000.0
    """For each criterion of each submission, in the grading process."""

    artifact: float = 500e3
    """For each submission: what travels to the machine that runs it."""

    inputs: float = 100e6
    """For each machine, once."""

    bandwidth: float = 125e6
    """For each second, out of the grader's machine: 1 Gbit/s."""

    cores: int = 2
    """Of each machine that runs models."""

    criteria: int = 10
    """Of each submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A run on so many machines; seconds, but for the last."""

    machines: int

    models: float
    """While machines run models."""

    network: float
    """While artifacts and inputs leave the grader."""

    grader: float
    """While the grading process works."""

    total: float
    """From start to end: the three go on side by side, so the longest counts."""

    machine_hours: float
    """Of all machines, the grader's included."""

    @property
    def bound_by(self) -> str:
        """What takes longest."""
        parts = {name: getattr(self, name) for name in ("models", "network", "grader")}
        return max(parts, key=lambda name: float(parts[name]))


def main() -> None:
    """Print parts, a table, and where it stops to scale."""
    options = _options()
    parts = _parts(options)
    print("\n".join(told(parts)))
    costs = [cost(parts, options.submissions, n) for n in options.machines]
    print("\n".join(table(options.submissions, costs)))
    print("\n".join(limits(parts, options.submissions)))
    figures = {
        "parts": asdict(parts),
        "submissions": options.submissions,
        "rows": [{**asdict(one), "bound_by": one.bound_by} for one in costs],
        "stops": {
            "grader": stops(parts),
            "network": stops_network(parts),
        },
        "grader memory": memory(parts, options.submissions),
        "text": list(limits(parts, options.submissions)),
    }
    write(options.json, "cost_model", options=vars(options), figures=figures, goals=())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--machines", type=int, nargs="+", default=[1, 10, 100],
                        metavar="N")  # fmt: skip
    parser.add_argument("--class", dest="class_file", type=Path, metavar="FILE",
                        help="--json of class_of_models.py")  # fmt: skip
    parser.add_argument("--items", type=Path, metavar="FILE",
                        help="--json of items.py")  # fmt: skip
    for name in _GIVEN:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, metavar="X",
                            help=f"In place of what is assumed: "
                                 f"{getattr(Parts(), name):g}")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(options.submissions, *options.machines) < 1:
        parser.error("give numbers above 0")
    return options


_GIVEN: Final = (
    *("start", "model", "grader", "item_memory"),
    *("artifact", "inputs", "bandwidth", "cores"),
)


def _parts(options: argparse.Namespace) -> Parts:
    parts = Parts()
    if options.class_file:
        parts = of_class(parts, json.loads(options.class_file.read_text("utf-8")))
    if options.items:
        parts = of_items(parts, json.loads(options.items.read_text("utf-8")))
    given = {name: getattr(options, name) for name in _GIVEN}
    return replace(parts, **{k: v for k, v in given.items() if v is not None})


def of_class(parts: Parts, document: dict[str, Any]) -> Parts:
    """Take the start, and a model's share of a core, from ``class_of_models.py``.

    Only machines that run models matter here, so the grader's own work, which goes on
    beside them in that benchmark, is counted twice: in the model's share as well.
    """
    runs = document["figures"][OURS]
    after = statistics.median(run["after"] for run in runs)
    return replace(
        parts,
        start=statistics.median(run["first"] for run in runs),
        model=after * WORKERS_OF_OURS,
    )


def of_items(parts: Parts, document: dict[str, Any]) -> Parts:
    """Take the grader's work and memory from two sizes of ``items.py``."""
    rows = [row for row in document["figures"]["rows"] if row["way"] == "ours"]
    small, large = rows[0], rows[-1]
    added = large["submissions"] - small["submissions"]
    return replace(
        parts,
        grader=max(0.0, (large["median"] - small["median"]) / added),
        item_memory=max(0.0, (large["peak"] - small["peak"]) / added / parts.criteria),
    )


def cost(parts: Parts, submissions: int, machines: int) -> Cost:
    """Return what a run takes; parts that go on side by side do not add up."""
    models = submissions * parts.model / (machines * parts.cores)
    sent = submissions * parts.artifact + machines * parts.inputs
    network = sent / parts.bandwidth
    grader = submissions * parts.grader
    total = parts.start + max(models, network, grader)
    return Cost(
        machines=machines,
        models=models,
        network=network,
        grader=grader,
        total=total,
        machine_hours=(machines + 1) * total / 3600,
    )


def stops(parts: Parts) -> float:
    """Return how many machines keep the grading process busy all the time."""
    return _ratio(parts.model / parts.cores, parts.grader)


def stops_network(parts: Parts) -> float:
    """Return how many machines fill the grader's network with artifacts."""
    return _ratio(parts.model / parts.cores, parts.artifact / parts.bandwidth)


def _ratio(of_machines: float, of_grader: float) -> float:
    return of_machines / of_grader if of_grader else math.inf


def memory(parts: Parts, submissions: int) -> float:
    """Return the bytes that the grading process takes for its items."""
    return submissions * parts.criteria * parts.item_memory


def told(parts: Parts) -> Iterator[str]:
    """Yield the parts, a line each."""
    yield "parts"
    yield f"  start of a machine          {parts.start:10.2f} s"
    yield f"  a model, of one core        {1000 * parts.model:10.2f} ms"
    yield f"  the grader, a submission    {1000 * parts.grader:10.2f} ms"
    yield f"  the grader, a criterion     {parts.item_memory:10.0f} bytes"
    yield f"  an artifact                 {parts.artifact / 1e3:10.0f} kB"
    yield f"  inputs, each machine once   {parts.inputs / 1e6:10.0f} MB"
    yield f"  network of the grader       {parts.bandwidth / 1e6:10.0f} MB/s"
    yield f"  cores of a machine          {parts.cores:10.0f}"


def table(submissions: int, costs: Sequence[Cost]) -> Iterator[str]:
    """Yield a line for each number of machines."""
    yield f"\n{submissions} submissions; hours, side by side"
    yield (
        f"{'machines':>9}{'models':>9}{'network':>9}{'grader':>9}{'all':>9}"
        f"{'machine hours':>15}  bound by"
    )
    for one in costs:
        hours = (one.models, one.network, one.grader, one.total)
        cells = "".join(f"{seconds / 3600:9.2f}" for seconds in hours)
        yield f"{one.machines:9}{cells}{one.machine_hours:15.1f}  {one.bound_by}"


def limits(parts: Parts, submissions: int) -> Iterator[str]:
    """Yield where it stops to scale."""
    yield ""
    yield (
        f"Beyond {stops(parts):.0f} machines the one grading process is the limit, "
        f"beyond {stops_network(parts):.0f} its network."
    )
    taken = memory(parts, submissions)
    shares = math.ceil(taken / GRADER_MEMORY)
    remedy = (
        f"cut the class into {shares} runs of {GRADER_MEMORY / GIB:.0f} GiB, which "
        "also divides the work of the grader."
    )
    yield (
        f"Its items take {taken / GIB:.1f} GiB of memory: "
        f"{'one run holds them.' if shares <= 1 else remedy}"
    )


if __name__ == "__main__":
    main()
