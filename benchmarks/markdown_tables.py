"""What was measured, as tables of Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

WANTED: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "class_of_models": (
        ("naive loop / ours, 2 workers", ">= 3"),
        ("a process for each submission / ours, 2 workers", ">= 80"),
    ),
    "large_model": (("whole command, 1 at a time: ours / bare predict", "<= 1.05"),),
    "items": (
        ("10000 x 10 items from the cache / plain parametrized tests", "<= 0.7"),
        ("10000 x 10 / 1000 x 10 items from the cache", "<= 11"),
    ),
    "memory": (("1 GB of inputs: copies in memory", "<= 1.05"),),
    "regrade": (("first run / regrade from the cache, 500 models", ">= 100"),),
    "dask_workers": (("Dask: throughput of two workers / of one", ">= 1.9"),),
}
"""The goals of the issue, for benchmarks that were not run."""

_NEXT_TO_NOTHING: Final = 50_000_000
"""Bytes of inputs: with fewer, a model's child calls it in one part, with more in many,
which takes some 75 MB that do not grow with the data."""

Document = Mapping[str, Any]


def goals(found: Mapping[str, Document]) -> Iterator[str]:
    """Yield a row for each goal, with the figure that was measured, or ``?``."""
    yield "| what, within one run | goal | measured | |"
    yield "|---|--:|--:|---|"
    for benchmark, wanted in WANTED.items():
        document = found.get(benchmark)
        if document is None:
            for what, bound in wanted:
                yield f"| {what} | {bound} | ? | not measured |"
            continue
        for goal in _goals_of(benchmark, document):
            sign = ">=" if goal["at_least"] else "<="
            verdict = "met" if goal["met"] else "**missed**"
            bound, value = f"{sign} {goal['bound']:g}", _figure(goal["value"])
            yield f"| {goal['what']} | {bound} | {value} | {verdict} |"


def _goals_of(benchmark: str, document: Document) -> Sequence[Mapping[str, Any]]:
    if benchmark != "memory":
        return list(document["goals"])
    bound, inputs = document["goal"], document["inputs"]
    some = [one for one in inputs if one["inputs"] > _NEXT_TO_NOTHING]
    readings = {
        "inputs: copies in memory of each byte more": _worst_copies(some),
        "inputs: copies in memory, beside a run with next to none": _worst_copies(
            inputs
        ),
    }
    return [
        {
            "what": f"{size / 1e9:.2g} GB of {what}",
            "value": value,
            "bound": bound,
            "at_least": False,
            "met": value <= bound,
        }
        for what, (size, value) in readings.items()
    ]


def _figure(value: float) -> str:
    """Return three digits that count, and no power of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def measured_on(document: Document) -> Iterator[str]:
    """Yield what a benchmark was run on and with."""
    libraries = ", ".join(f"{k} {v}" for k, v in document["versions"].items())
    machine = document["machine"]
    yield f"{machine['cores']} cores of {machine['cpu']}; {libraries}."
    if "options" in document:
        told = document["options"].items()
        yield "Options: " + ", ".join(f"`{name}` {value}" for name, value in told) + "."
    yield f"Load average before: {machine['load average']}."
    yield ""


def class_of_models(document: Document) -> Iterator[str]:
    """Yield a row for each way; medians of the rounds."""
    yield from measured_on(document)
    yield "| way | n | total, s | first verdict, s | each, s | each after it, s |"
    yield "|---|--:|--:|--:|--:|--:|"
    for way, runs in document["figures"].items():
        after = [run["after"] for run in runs]
        last = "-" if None in after or way.startswith("b") else f"{_median(after):.4f}"
        total, first, each = (
            _median([run[name] for run in runs]) for name in ("total", "first", "each")
        )
        yield (
            f"| {way[2:].strip()} | {runs[0]['submissions']} | {total:.2f} | "
            f"{first:.2f} | {each:.4f} | {last} |"
        )


def kernels(document: Document) -> Iterator[str]:
    """Yield a row for each way, then what was left out."""
    yield from measured_on(document)
    rows = document["figures"]["rows"]
    yield "| way | n | total, s | each, s | / ours |"
    yield "|---|--:|--:|--:|--:|"
    for row in rows:
        ratio = row["each"] / rows[-1]["each"]
        yield (
            f"| {row['way']} | {row['submissions']} | {row['seconds']:.2f} | "
            f"{row['each']:.3f} | {ratio:.1f} |"
        )
    yield ""
    for reason in document["figures"]["left out"]:
        yield f"* {reason[0].upper()}{reason[1:]}."


def items(document: Document) -> Iterator[str]:
    """Yield a row for each way and size."""
    yield from measured_on(document)
    rows = document["figures"]["rows"]
    plain = {row["submissions"]: row["median"] for row in rows if row["way"] == "plain"}
    yield "| way | submissions | files that differ | s | ms an item | MB | / plain |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for row in rows:
        base = plain.get(row["submissions"])
        ratio = f"{row['median'] / base:.2f}" if base else "-"
        yield (
            f"| {row['way']} | {row['submissions']} | {row['contents'] or '-'} | "
            f"{row['median']:.2f} | {100 * row['median'] / row['submissions']:.3f} | "
            f"{row['peak'] / 1e6:.0f} | {ratio} |"
        )
    yield ""
    fills = document["figures"]["first fill, seconds"].items()
    said = ", ".join(f"{seconds:.1f} s for {size}" for size, seconds in fills)
    yield f"The run before, which graded them for the first time: {said}."


def large_model(document: Document) -> Iterator[str]:
    """Yield a row for each way and number of submissions; medians."""
    yield from measured_on(document)
    yield "| way | submissions | whole, s | load, s | predict, s | processor, s |"
    yield "|---|--:|--:|--:|--:|--:|"
    for row in document["figures"]:
        cells = (
            f"{_median(row[name]):.2f}"
            for name in ("whole", "load", "predict", "processor")
        )
        yield f"| {row['way']} | {row['submissions']} | {' | '.join(cells)} |"


def regrade(document: Document) -> Iterator[str]:
    """Yield a row for each figure, then for each phase; a column for each class."""
    yield from measured_on(document)
    classes = document["figures"]
    yield "| | " + " | ".join(one["kind"] for one in classes) + " |"
    yield "|---|" + "--:|" * len(classes)
    rows: dict[str, list[str]] = {
        "models": [str(one["submissions"]) for one in classes],
        "graded, s": [f"{one['first']:.2f}" for one in classes],
        "another threshold, s": [f"{_median(one['again']):.2f}" for one in classes],
        "nothing changed, s": [f"{one['unchanged']:.2f}" for one in classes],
        "graded / another threshold": [_figure(one["times"]) for one in classes],
    }
    for what in classes[0]["phases"]:
        rows[f"of which: {what}"] = [f"{one['phases'][what]:.3f}" for one in classes]
    for what, cells in rows.items():
        yield f"| {what} | {' | '.join(cells)} |"


def cost_model(document: Document) -> Iterator[str]:
    """Yield the parts, a row for each number of machines, and the limits."""
    figures = document["figures"]
    parts = figures["parts"]
    yield (
        f"Parts: start {parts['start']:.1f} s a machine; a model "
        f"{1000 * parts['model']:.0f} ms of a core, {parts['cores']:.0f} cores a "
        f"machine; the grader {1000 * parts['grader']:.2f} ms and "
        f"{parts['criteria'] * parts['item_memory'] / 1000:.0f} kB a submission; an "
        f"artifact {parts['artifact'] / 1e3:.0f} kB, inputs "
        f"{parts['inputs'] / 1e6:.0f} MB a machine, "
        f"{parts['bandwidth'] / 1e6:.0f} MB/s."
    )
    yield ""
    yield (
        "| machines | models, h | network, h | grader, h | all, h | machine hours | "
        "bound by |"
    )
    yield "|--:|--:|--:|--:|--:|--:|---|"
    for row in figures["rows"]:
        hours = (row[name] / 3600 for name in ("models", "network", "grader", "total"))
        cells = " | ".join(f"{value:.2f}" for value in hours)
        hired = f"{row['machine_hours']:.1f} | {row['bound_by']}"
        yield f"| {row['machines']} | {cells} | {hired} |"
    yield from figures["text"]


def memory(document: Document) -> Iterator[str]:
    """Yield rows by submissions and by bytes of inputs."""
    yield from measured_on(document)
    yield "| form | submissions | inputs, MB | peak of all, MB | copies |"
    yield "|---|--:|--:|--:|--:|"
    for one in document["submissions"]:
        yield _memory_row(one, "-")
    least: dict[str, Mapping[str, Any]] = {}
    for one in document["inputs"]:
        before = least.setdefault(one["form"], one)
        yield _memory_row(one, "-" if one is before else f"{_copies(one, before):.3f}")


def _memory_row(one: Mapping[str, Any], copies: str) -> str:
    return (
        f"| {one['form']} | {one['submissions']} | {one['inputs'] / 1e6:.0f} | "
        f"{one['peak'] / 1e6:.0f} | {copies} |"
    )


def _worst_copies(looks: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Return the largest inputs in bytes, and how often they lie in memory at most."""
    least: dict[str, Mapping[str, Any]] = {}
    found = []
    for one in looks:
        before = least.setdefault(one["form"], one)
        if one is not before:
            found.append((one["inputs"], _copies(one, before)))
    return max(found, default=(0.0, float("nan")))


def _copies(one: Mapping[str, Any], least: Mapping[str, Any]) -> float:
    added: float = one["peak"] - least["peak"]
    more: float = one["inputs"] - least["inputs"]
    return added / more


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)
