"""A class graded, then graded again after a threshold of the rubric was changed.

    python benchmarks/regrade.py --models 500 --slow 60

The second run finds the predictions of all models in the cache. README.md beside this
file says what each figure means.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from class_folder import TASK, digits_course, models
from commands import PYTEST, Ended, timed
from goals import Goal, lines, write
from machine import describe
from ways import HERE

RUBRIC: Final = (
    TASK
    + """\
- {id: file, check: file}
- {id: shapes, check: model.io}
- {id: no-lambda, check: model.forbid, layers: [Lambda]}
- {id: contract, check: predict.contract}
- {id: accuracy, check: predict.metric, metric: accuracy, threshold: BOUND, points: 5}
"""
)

GOAL: Final = 100.0

PHASES: Final = (
    ("Python, pytest, plug-ins", "began", "configured"),
    ("course, discovery", "configured", "started"),
    ("items", "started", "collected"),
    ("data, cache, until the first verdict", "collected", "first"),
    ("all other verdicts", "first", "last"),
    ("reports, closing", "last", "ended"),
    ("Python ends", "ended", "left"),
)
"""What of a run lies between which events of ``phases.py``."""

_FIRST_BOUND: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Regraded:
    """One class."""

    kind: str
    """What its models are like."""

    submissions: int
    """How many."""

    first: float
    """Seconds of the run that graded them."""

    again: list[float]
    """Seconds of runs with other thresholds, nothing but that changed."""

    unchanged: float
    """Seconds of a run with nothing changed."""

    phases: Mapping[str, float]
    """Seconds of the parts of the last run with another threshold."""

    @property
    def times(self) -> float:
        """How often a run from the cache fits into the first."""
        return self.first / statistics.median(self.again)


def main() -> None:
    """Grade each class, then again; print."""
    options = _options()
    print(describe(), flush=True)
    classes = [("small", options.models, "make_models.py")]
    if options.slow:
        classes.append(("a second each", options.slow, "make_slow_models.py"))
    found = []
    for kind, count, program in classes:
        with tempfile.TemporaryDirectory(prefix="regrade-") as name:
            folder = Path(name)
            models(folder / "class", count, program)
            found.append(_regraded(folder, kind, count, options))
    print("\n".join(table(found)))
    goals = [
        Goal(
            what=f"first run / regrade from the cache, {found[0].submissions} models",
            value=found[0].times,
            bound=GOAL,
            at_least=True,
        )
    ]
    print("", *lines(goals), sep="\n")
    figures = [{**asdict(one), "times": one.times} for one in found]
    write(options.json, "regrade", options=vars(options), figures=figures, goals=goals)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=50, metavar="N",
                        help="Small models (default 50)")  # fmt: skip
    parser.add_argument("--slow", type=int, default=0, metavar="N",
                        help="Also models that take about a second each")  # fmt: skip
    parser.add_argument("--repeat", type=int, default=3, metavar="N",
                        help="Runs with other thresholds (default 3)")  # fmt: skip
    parser.add_argument("--profile", type=Path, metavar="FILE",
                        help="Write a cProfile of one more run")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(options.models, options.repeat) < 1:
        parser.error("give numbers above 0")
    return options


def _regraded(
    folder: Path, kind: str, count: int, options: argparse.Namespace
) -> Regraded:
    first, _ = _graded(folder, _FIRST_BOUND)
    print(f"{kind}: graded in {first.seconds:.1f} s", flush=True)
    again = []
    phases: Mapping[str, float] = {}
    for number in range(options.repeat):
        run, phases = _graded(folder, _FIRST_BOUND * (2 + number) / 2)
        again.append(run.seconds)
        print(f"{kind}: another threshold: {run.seconds:.2f} s", flush=True)
    unchanged, _ = _graded(folder, _FIRST_BOUND * (1 + options.repeat) / 2)
    if options.profile:
        profiled = (sys.executable, "-m", "cProfile", "-o", str(options.profile))
        _graded(folder, _FIRST_BOUND * 10, profiled)
    return Regraded(
        kind=kind,
        submissions=count,
        first=first.seconds,
        again=again,
        unchanged=unchanged.seconds,
        phases=phases,
    )


def _graded(
    folder: Path, bound: float, python: Sequence[str] = (sys.executable,)
) -> tuple[Ended, Mapping[str, float]]:
    """Grade the class by a rubric with a threshold; return seconds of the phases."""
    noted = folder / "phases.json"
    command = (
        *python,
        *PYTEST[1:],
        *("-p", "phases"),
        *("--rootdir", str(folder)),
        *("--tfgrade", str(folder / "class")),
        *digits_course(folder / "course", RUBRIC.replace("BOUND", str(bound))),
        f"--tfgrade-cache={folder / 'cache'}",
        f"--tfgrade-report={folder / 'report'}",
    )
    environment = {"PYTHONPATH": str(HERE), "TFGRADE_PHASES": str(noted)}
    ended = timed(command, folder, environment, statuses=(0, 1))
    at = json.loads(noted.read_text(encoding="utf-8"))
    at |= {"began": ended.began, "left": ended.began + ended.seconds}
    return ended, {what: at[end] - at[begin] for what, begin, end in PHASES}


def table(found: Sequence[Regraded]) -> Iterator[str]:
    """Yield a line for each class, then one for each phase."""
    yield f"\n{'':42}" + "".join(f"{one.kind:>16}" for one in found)
    rows: dict[str, list[float]] = {
        "models": [one.submissions for one in found],
        "graded, s": [one.first for one in found],
        "another threshold, s": [statistics.median(one.again) for one in found],
        "nothing changed, s": [one.unchanged for one in found],
        "graded / another threshold": [one.times for one in found],
    }
    for what, values in rows.items():
        yield f"{what:42}" + "".join(f"{value:16.2f}" for value in values)
    yield "where the time of another threshold goes, s"
    for what, _, _ in PHASES:
        values = [one.phases[what] for one in found]
        yield f"  {what:40}" + "".join(f"{value:16.3f}" for value in values)


if __name__ == "__main__":
    main()
