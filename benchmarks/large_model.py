"""Large models on 10 000 images: ours beside a bare ``model.predict``.

    python benchmarks/large_model.py --images 10000 --submissions 1 2 4 --repeat 3

Bare is a program that imports Keras, loads each model and predicts, on all cores, with
TensorFlow's own settings and once more with the kernels that ours uses (oneDNN off, so
that all processors give the same numbers). README.md says what each figure means.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from commands import PYTEST, Ended, timed
from goals import Goal, lines, write
from machine import describe
from ways import HERE

KINDS: Final = ("cnn", "mobilenet")
"""As ``make_large.py`` knows them."""

OURS: Final = "ours"
BARE: Final = "bare predict"
SAME: Final = "bare predict, oneDNN off"

GOAL: Final = 1.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way for so many submissions; seconds, by round."""

    way: str
    submissions: int

    whole: list[float]
    """Of the whole command."""

    load: list[float]
    """Of ``load_model``, summed over submissions."""

    predict: list[float]
    """Of predicting, summed over submissions; those of ours run side by side."""

    processor: list[float]
    """CPU time of all processes."""


def main() -> None:
    """Make models and images, measure, print."""
    options = _options()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="large-model-") as name:
        folder = Path(name)
        _make(folder, options)
        rows = [
            row
            for count in options.submissions
            for row in _measured(folder, count, options.repeat)
        ]
    print("\n".join(table(rows)))
    goals = list(goals_of(rows))
    print("", *lines(goals), sep="\n")
    write(
        options.json,
        "large_model",
        options=vars(options),
        figures=[asdict(row) for row in rows],
        goals=goals,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kind", choices=KINDS, default="cnn",
                        help="32x32x3 or 64x64x3 (default cnn)")  # fmt: skip
    parser.add_argument("--images", type=int, default=2000, metavar="N",
                        help="Rows of hidden data (default 2000)")  # fmt: skip
    parser.add_argument("--submissions", type=int, nargs="+", default=[1],
                        metavar="N", help="Classes of so many (default 1)")  # fmt: skip
    parser.add_argument("--repeat", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(options.images, options.repeat, *options.submissions) < 1:
        parser.error("give numbers above 0")
    return options


def _make(folder: Path, options: argparse.Namespace) -> None:
    print("making models and images ...", flush=True)
    count = max(options.submissions)
    told = (options.kind, str(folder), str(count), str(options.images))
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "make_large.py"), *told],
        check=True,
        stderr=subprocess.DEVNULL,
    )


def _measured(folder: Path, count: int, repeat: int) -> Sequence[Row]:
    """Run the ways in turns, each time in the opposite order."""
    ways: Mapping[str, Callable[[], tuple[Ended, Mapping[str, float]]]] = {
        BARE: lambda: _bare(folder, count, {}),
        SAME: lambda: _bare(folder, count, {"TF_ENABLE_ONEDNN_OPTS": "0"}),
        OURS: lambda: _ours(folder, count),
    }
    found: dict[str, list[tuple[Ended, Mapping[str, float]]]] = {n: [] for n in ways}
    for round_ in range(repeat):
        for name in list(ways)[:: -1 if round_ % 2 else 1]:
            found[name].append(ways[name]())
            ended, phases = found[name][-1]
            text = f"{ended.seconds:.2f} s, predict {phases['predict']:.2f} s"
            print(f"round {round_ + 1}: {count}, {name}: {text}", flush=True)
    return [
        Row(
            way=name,
            submissions=count,
            whole=[ended.seconds for ended, _ in runs],
            load=[phases["load"] for _, phases in runs],
            predict=[phases["predict"] for _, phases in runs],
            processor=[ended.processor for ended, _ in runs],
        )
        for name, runs in found.items()
    ]


def _bare(
    folder: Path, count: int, environment: Mapping[str, str]
) -> tuple[Ended, Mapping[str, float]]:
    result = folder / "bare.json"
    command = (
        *(sys.executable, str(HERE / "bare_predict.py")),
        *(str(folder / "data/large/large.npz"), str(result)),
        *map(str, _files(folder, count)),
    )
    ended = timed(command, folder, environment)
    said = json.loads(result.read_text(encoding="utf-8"))
    return ended, {phase: sum(seconds) for phase, seconds in said.items()}


def _ours(folder: Path, count: int) -> tuple[Ended, Mapping[str, float]]:
    report = folder / "report"
    names = [file.parent.name for file in _files(folder, count)]
    command = (
        *PYTEST,
        *("--rootdir", str(folder)),
        *("--tfgrade", str(folder / "class")),
        *(f"--tfgrade-candidate={name}" for name in names),
        f"--tfgrade-rubrics={folder / 'large.yaml'}",
        f"--tfgrade-data={folder / 'data'}",
        f"--tfgrade-report={report}",
        "--tfgrade-cache=off",
    )
    ended = timed(command, folder, {"XDG_CACHE_HOME": str(folder / "cache")})
    grades = json.loads((report / "grades.json").read_text(encoding="utf-8"))
    phases = [_seconds(one) for one in grades["submissions"]]
    if len(phases) != count:
        raise SystemExit(f"{len(phases)} were graded, not {count}")
    return ended, {
        phase: sum(seconds[phase] for seconds in phases)
        for phase in ("load", "predict")
    }


def _seconds(submission: Mapping[str, Any]) -> Mapping[str, float]:
    seconds: Mapping[str, float] = submission["tasks"][0]["seconds"]
    return seconds


def _files(folder: Path, count: int) -> Sequence[Path]:
    return sorted(folder.glob("class/*/large.keras"))[:count]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each way and number of submissions; medians."""
    yield f"\n{'':28}{'n':>3}{'whole':>9}{'load':>8}{'predict':>9}{'cpu':>9}"
    for row in rows:
        yield (
            f"{row.way:28}{row.submissions:3}{statistics.median(row.whole):9.2f}"
            f"{statistics.median(row.load):8.2f}{statistics.median(row.predict):9.2f}"
            f"{statistics.median(row.processor):9.2f}"
        )


def goals_of(rows: Sequence[Row]) -> Iterator[Goal]:
    """Yield ratios: whole commands, and for one submission its predicting."""
    by = {(row.way, row.submissions): row for row in rows}
    for count in sorted({row.submissions for row in rows}):
        ours = by[OURS, count]
        for other in (BARE, SAME):
            bare = by[other, count]
            yield _goal(f"whole command, {count} at a time: ours / {other}",
                        ours.whole, bare.whole)  # fmt: skip
            if count == 1:
                yield _goal(f"predicting alone: ours / {other}",
                            ours.predict, bare.predict)  # fmt: skip


def _goal(what: str, ours: Sequence[float], bare: Sequence[float]) -> Goal:
    ratios = [own / other for own, other in zip(ours, bare, strict=True)]
    value = statistics.median(ratios)
    return Goal(what=what, value=value, bound=GOAL, at_least=False)


if __name__ == "__main__":
    main()
