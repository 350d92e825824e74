"""Items of graded submissions from the cache, beside plain tests that do nothing.

    python benchmarks/items.py --sizes 1000 10000 --repeat 3 --reports

Ours: so many submissions x 10 criteria, graded by a run before, so that no model is run
again. Plain: ``@pytest.mark.parametrize`` over as many cases, with the same pytest and
options. README.md beside this file says what each figure means.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from class_folder import TASK, digits_course, models, submissions
from commands import PYTEST, Ended, timed
from goals import Goal, lines, write
from machine import describe

CRITERIA: Final = 10

RUBRIC: Final = (
    TASK
    + """\
- {id: file, check: file}
- {id: shapes, check: model.io}
- {id: no-lambda, check: model.forbid, layers: [Lambda]}
- {id: contract, check: predict.contract}
- {id: accuracy-1, check: predict.metric, metric: accuracy, threshold: 0.11, points: 1}
- {id: accuracy-2, check: predict.metric, metric: accuracy, threshold: 0.12, points: 1}
- {id: accuracy-3, check: predict.metric, metric: accuracy, threshold: 0.13, points: 1}
- {id: accuracy-4, check: predict.metric, metric: accuracy, threshold: 0.14, points: 1}
- {id: accuracy-5, check: predict.metric, metric: accuracy, threshold: 0.15, points: 1}
- {id: accuracy-6, check: predict.metric, metric: accuracy, threshold: 0.16, points: 1}
"""
)

ORIGINALS: Final = 10
"""Models that are made; files differ from each other by their metadata alone."""

PLAIN: Final = """\
import pytest

@pytest.mark.parametrize("case", range({cases}))
def test_nothing(case):
    pass
"""

RATIO_GOAL: Final = 0.7
GROWTH_GOAL: Final = 11.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way at one size."""

    way: str
    """Ours or plain, and with which reports."""

    submissions: int
    """With ten criteria each."""

    contents: int
    """Files that differ; 0 for plain tests."""

    seconds: list[float]
    """Of the whole command, by round."""

    peak: int
    """Bytes of memory of the largest process, at most."""

    @property
    def median(self) -> float:
        """Seconds of the whole command."""
        return statistics.median(self.seconds)


def main() -> None:
    """Fill the cache, measure, print."""
    options = _options()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="items-") as name:
        folder = Path(name)
        originals = models(folder / "originals", min(ORIGINALS, options.contents))
        rows, fills = [], {}
        for size in options.sizes:
            ways, fill = _ways(folder, originals, size, options)
            fills[str(size)] = fill
            rows += _measured(ways, size, options.contents, options.repeat)
        if options.distinct:
            rows += _distinct(folder, originals, options)
    print("\n".join(table(rows)))
    goals = list(goals_of(rows, options.sizes))
    print("", *lines(goals), sep="\n")
    write(
        options.json,
        "items",
        options=vars(options),
        figures={
            "rows": [{**asdict(row), "median": row.median} for row in rows],
            "first fill, seconds": fills,
        },
        goals=goals,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000],
                        metavar="N", help="Submissions (default 100 1000)")  # fmt: skip
    parser.add_argument("--contents", type=int, default=10, metavar="N",
                        help="Files that differ (default 10)")  # fmt: skip
    parser.add_argument("--distinct", type=int, default=0, metavar="N",
                        help="Also a class of files that differ")  # fmt: skip
    parser.add_argument("--reports", action="store_true",
                        help="Also with reports, theirs and ours")  # fmt: skip
    parser.add_argument("--repeat", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(*options.sizes, options.contents, options.repeat) < 1:
        parser.error("give numbers above 0")
    return options


def _ways(
    folder: Path, originals: Sequence[Path], size: int, options: argparse.Namespace
) -> tuple[dict[str, Callable[[], Ended]], float]:
    """Return the ways to run so many items, and how long the first run of ours took."""
    contents = min(options.contents, size)
    made = submissions(folder / f"class-{size}", originals, size, contents)
    ours = _ours(folder, made)
    fill = timed(ours, folder).seconds
    print(f"{size} submissions graded for the first time: {fill:.1f} s", flush=True)
    plain = _plain(folder, size * CRITERIA)
    commands = {"ours": ours, "plain": plain}
    if options.reports:
        report = ("--tfgrade-report", str(folder / "report"))
        junit = (f"--junitxml={folder / 'junit.xml'}",)
        commands |= {
            "ours, --tfgrade-report": (*ours, *report),
            "ours, --junitxml": (*ours, *junit),
            "plain, --junitxml": (*plain, *junit),
        }
    ways = {name: _runs(command, folder) for name, command in commands.items()}
    return ways, fill


def _runs(command: Sequence[str], folder: Path) -> Callable[[], Ended]:
    return lambda: timed(command, folder)


def _ours(folder: Path, made: Path) -> Sequence[str]:
    return (
        *PYTEST,
        *("--rootdir", str(folder)),
        *("--tfgrade", str(made)),
        *digits_course(folder / "course", RUBRIC),
        f"--tfgrade-cache={folder / 'cache'}",
    )


def _plain(folder: Path, cases: int) -> Sequence[str]:
    place = folder / f"plain-{cases}"
    place.mkdir()
    file = place / "test_plain.py"
    file.write_text(PLAIN.format(cases=cases), encoding="utf-8")
    return (*PYTEST, "--rootdir", str(place), str(file))


def _measured(
    ways: dict[str, Callable[[], Ended]],
    size: int,
    contents: int,
    repeat: int,
) -> list[Row]:
    """Run all ways in turns, each time in the opposite order."""
    ended: dict[str, list[Ended]] = {name: [] for name in ways}
    for round_ in range(repeat):
        for name in list(ways)[:: -1 if round_ % 2 else 1]:
            ended[name].append(ways[name]())
            seconds = ended[name][-1].seconds
            print(f"round {round_ + 1}: {size}, {name}: {seconds:.2f} s", flush=True)
    return [
        Row(
            way=name,
            submissions=size,
            contents=min(contents, size) if name.startswith("ours") else 0,
            seconds=[run.seconds for run in runs],
            peak=max(run.peak for run in runs),
        )
        for name, runs in ended.items()
    ]


def _distinct(
    folder: Path, originals: Sequence[Path], options: argparse.Namespace
) -> list[Row]:
    """Measure a class in which no two files are alike: what few contents hide."""
    size = options.distinct
    made = submissions(folder / "class-distinct", originals, size, size)
    ours = _ours(folder, made)
    fill = timed(ours, folder).seconds
    print(f"{size} distinct graded for the first time: {fill:.1f} s", flush=True)
    ways = {"ours, all differ": _runs(ours, folder)}
    return _measured(ways, size, size, options.repeat)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each way and size."""
    plain = {row.submissions: row.median for row in rows if row.way == "plain"}
    yield f"\n{'':26}{'n':>7}{'files':>7}{'s':>9}{'ms/item':>9}{'MB':>7}{'/plain':>8}"
    for row in rows:
        base = plain.get(row.submissions)
        ratio = f"{row.median / base:8.2f}" if base else f"{'-':>8}"
        yield (
            f"{row.way:26}{row.submissions:7}{row.contents or '-':>7}{row.median:9.2f}"
            f"{1000 * row.median / (CRITERIA * row.submissions):9.3f}"
            f"{row.peak / 1e6:7.0f}{ratio}"
        )


def goals_of(rows: Sequence[Row], sizes: Sequence[int]) -> Iterator[Goal]:
    """Yield the ratio to plain tests at the largest size, and the growth to it."""
    seconds = {(row.way, row.submissions): row.seconds for row in rows}
    last = max(sizes)
    pairs = zip(seconds["ours", last], seconds["plain", last], strict=True)
    yield Goal(
        what=f"{last} x {CRITERIA} items from the cache / plain parametrized tests",
        value=statistics.median(ours / plain for ours, plain in pairs),
        bound=RATIO_GOAL,
        at_least=False,
    )
    smaller = last // 10
    if ("ours", smaller) in seconds:
        growth = statistics.median(seconds["ours", last]) / statistics.median(
            seconds["ours", smaller]
        )
        yield Goal(
            what=f"{last} x {CRITERIA} / {smaller} x {CRITERIA} items from the cache",
            value=growth,
            bound=GROWTH_GOAL,
            at_least=False,
        )


if __name__ == "__main__":
    main()
