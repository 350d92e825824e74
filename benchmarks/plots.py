"""What was measured, as pictures: SVG, the same bytes for the same figures."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "pytest-tfgrade"  # else ids are drawn at random
mpl.rcParams["svg.fonttype"] = "none"  # text stays text: smaller, and it can be read

from matplotlib import pyplot as plt  # noqa: E402 - after its settings
from matplotlib.axes import Axes  # noqa: E402

SIZE: Final = (6.0, 3.2)
"""Of a picture, in inches."""

OURS: Final = "#1f6f8b"
OTHER: Final = "#b0b0b0"

Document = Mapping[str, Any]


def draw(found: Mapping[str, Document], folder: Path) -> Iterator[str]:
    """Write a picture for each benchmark that was run; yield their names."""
    for name, plot in PLOTS.items():
        if name not in found:
            continue
        figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
        plot(axes, found[name])
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        file = folder / f"{name}.svg"
        figure.savefig(file, metadata={"Date": None})
        plt.close(figure)
        yield file.name


def _class_of_models(axes: Axes, document: Document) -> None:
    each = {
        way[2:].strip(): statistics.median(run["each"] for run in runs)
        for way, runs in document["figures"].items()
    }
    _bars(axes, each, "seconds for each submission, start-up included")


def _kernels(axes: Axes, document: Document) -> None:
    each = {row["way"]: row["each"] for row in document["figures"]["rows"]}
    _bars(axes, each, "seconds for each submission, start-up included")


def _bars(axes: Axes, values: Mapping[str, float], label: str) -> None:
    """Draw horizontal bars, the first on top."""
    names = list(values)[::-1]
    colours = [OURS if "tfgrade" in name else OTHER for name in names]
    bars = axes.barh(names, [values[name] for name in names], color=colours)
    axes.bar_label(bars, fmt="%.3g", padding=3)
    axes.margins(x=0.15)
    axes.set_xlabel(label)


def _items(axes: Axes, document: Document) -> None:
    rows = document["figures"]["rows"]
    for way in dict.fromkeys(row["way"] for row in rows):
        own = [row for row in rows if row["way"] == way]
        axes.plot(
            [row["submissions"] for row in own],
            [row["median"] for row in own],
            marker="o",
            color=OURS if way.startswith("ours") else OTHER,
            linestyle="--" if "," in way else "-",
            label=way,
        )
    _log_log(axes, "submissions, ten criteria each", "seconds of the command")


def _large_model(axes: Axes, document: Document) -> None:
    rows = document["figures"]
    for way in dict.fromkeys(row["way"] for row in rows):
        own = [row for row in rows if row["way"] == way]
        axes.plot(
            [row["submissions"] for row in own],
            [statistics.median(row["whole"]) for row in own],
            marker="o",
            color=OURS if way == "ours" else OTHER,
            linestyle="--" if "off" in way else "-",
            label=way,
        )
    counts = sorted({row["submissions"] for row in rows})
    axes.set(xlabel="large models", ylabel="seconds of the command", ylim=(0, None))
    axes.set_xticks(counts)
    axes.legend(frameon=False)


def _regrade(axes: Axes, document: Document) -> None:
    classes = document["figures"]
    names = [f"{one['submissions']} {one['kind']}" for one in classes]
    bottom = [0.0] * len(classes)
    for phase in classes[0]["phases"]:
        values: Sequence[float] = [one["phases"][phase] for one in classes]
        axes.barh(names, values, left=bottom, label=phase)
        bottom = [low + value for low, value in zip(bottom, values, strict=True)]
    axes.set_xlabel("seconds of a run with another threshold")
    axes.legend(
        frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5)
    )


def _cost_model(axes: Axes, document: Document) -> None:
    rows = document["figures"]["rows"]
    for part in ("models", "network", "grader", "total"):
        axes.plot(
            [row["machines"] for row in rows],
            [row[part] / 3600 for row in rows],
            marker="o",
            color=OURS if part == "total" else None,
            linestyle="-" if part == "total" else ":",
            label=part,
        )
    _log_log(axes, "machines", "hours for a million submissions")


def _memory(axes: Axes, document: Document) -> None:
    rows = document["inputs"]
    for form in dict.fromkeys(row["form"] for row in rows):
        own = [row for row in rows if row["form"] == form]
        axes.plot(
            [row["inputs"] / 1e9 for row in own],
            [row["peak"] / 1e9 for row in own],
            marker="o",
            label=form,
        )
    axes.set(xlabel="inputs, GB", ylabel="peak of all processes, GB")
    axes.legend(frameon=False)


def _log_log(axes: Axes, x: str, y: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel=x, ylabel=y)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")
    axes.legend(frameon=False, fontsize="small")


PLOTS: Final[Mapping[str, Callable[[Axes, Document], None]]] = {
    "class_of_models": _class_of_models,
    "kernels": _kernels,
    "items": _items,
    "large_model": _large_model,
    "regrade": _regrade,
    "cost_model": _cost_model,
    "memory": _memory,
}
"""What is drawn, by benchmark."""
