"""Seconds for each submission: graders of notebooks, and this project.

    python benchmarks/kernels.py --models 100 --sample 5

Needs ``nbclient`` and ``ipykernel``; ``nbgrader`` and ``otter-grader`` where they are
installed. Each starts a Jupyter kernel for each submission, which imports TensorFlow.
README.md beside this file says what each figure means.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from class_folder import models
from class_of_models import spread
from commands import timed
from goals import write
from machine import describe
from notebooks import (
    ASSIGNMENT,
    BOUND,
    cell,
    grading,
    nbgrader_course,
    otter_assignment,
    write_notebook,
)
from ways import HERE, HIDDEN, tfgrade

OURS: Final = "pytest --tfgrade, 2 workers"
KERNELS: Final = "a kernel each (nbclient)"

OTTER_GRADE: Final = (
    "otter grade itself was not run: it builds a Docker image for each assignment, and "
    "there is no Docker here; otter run is what it runs in each container"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way."""

    way: str
    submissions: int
    seconds: float

    @property
    def each(self) -> float:
        """Seconds for each submission, start-up included."""
        return self.seconds / self.submissions


def main() -> None:
    """Make models, grade them in all ways that are there, print."""
    options = _options()
    print(describe(), flush=True)
    missing = [name for name in ("nbclient", "ipykernel") if not _is_there(name)]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)}; install them")
    with tempfile.TemporaryDirectory(prefix="kernels-") as name:
        folder = Path(name)
        files = models(folder / "class", options.models)
        sample = spread(files, options.sample)
        rows, left_out = _measured(folder, files, sample)
    print("\n".join(table(rows)))
    print("", *left_out, sep="\n")
    figures = {
        "rows": [{**asdict(row), "each": row.each} for row in rows],
        "left out": left_out,
    }
    write(options.json, "kernels", options=vars(options), figures=figures, goals=())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=20, metavar="N",
                        help="Submissions that ours grades (default 20)")  # fmt: skip
    parser.add_argument("--sample", type=int, default=2, metavar="N",
                        help="Of these, how many get a kernel (default 2)")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if min(options.models, options.sample) < 1:
        parser.error("give numbers above 0")
    return options


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _measured(
    folder: Path, files: Sequence[Path], sample: Sequence[Path]
) -> tuple[Sequence[Row], Sequence[str]]:
    """Return a row for each way, and why others have none."""
    ways: dict[str, Any] = {KERNELS: _kernels}
    left_out = []
    for name, module, way in (
        ("nbgrader autograde", "nbgrader", _nbgrader),
        ("otter run", "otter", _otter),
    ):
        if _is_there(module):
            ways[name] = way
        else:
            left_out.append(f"{name} was not run: {module} is not installed")
    left_out.append(OTTER_GRADE)
    rows = []
    for name, way in ways.items():
        place = folder / way.__name__
        place.mkdir()
        rows.append(Row(way=name, submissions=len(sample), seconds=way(place, sample)))
        print(f"{name}: {rows[-1].seconds:.1f} s", flush=True)
    ours = tfgrade(2)(folder, files)
    rows.append(Row(way=OURS, submissions=ours.submissions, seconds=ours.total))
    return rows, left_out


def _kernels(folder: Path, sample: Sequence[Path]) -> float:
    notebooks = []
    for file in sample:
        source = f"{grading(file, HIDDEN)}assert accuracy >= {BOUND}\n"
        name = folder / f"{file.parent.name}.ipynb"
        notebooks.append(write_notebook(name, [cell("grading", source)]))
    command = (sys.executable, str(HERE / "kernel_each.py"), *map(str, notebooks))
    return timed(command, folder, _environment(folder)).seconds


def _nbgrader(folder: Path, sample: Sequence[Path]) -> float:
    nbgrader_course(folder, sample, HIDDEN)
    program = (sys.executable, "-m", "nbgrader")
    environment = _environment(folder)
    timed((*program, "generate_assignment", ASSIGNMENT), folder, environment)
    ended = timed((*program, "autograde", ASSIGNMENT), folder, environment)
    for file in sample:
        graded = folder / "autograded" / file.parent.name / ASSIGNMENT / "digits.ipynb"
        if '"output_type": "error"' in graded.read_text(encoding="utf-8"):
            raise SystemExit(f"nbgrader found an error in the model of {file}")
    return ended.seconds


def _otter(folder: Path, sample: Sequence[Path]) -> float:
    notebooks = otter_assignment(folder, sample, HIDDEN)
    program = (sys.executable, "-c", "from otter.cli import cli; cli()")
    environment = _environment(folder)
    generate = ("generate", "-t", "tests", "-o", "autograder.zip", "--no-environment")
    timed((*program, *generate), folder, environment)
    seconds = 0.0
    for notebook in notebooks:
        out = folder / f"{notebook.stem}-out"
        out.mkdir()
        told = ("run", "-a", "autograder.zip", "-o", str(out), str(notebook))
        seconds += timed((*program, *told), folder, environment).seconds
        result = json.loads((out / "results.json").read_text(encoding="utf-8"))
        if not sum(test.get("score") or 0 for test in result["tests"]):
            raise SystemExit(f"otter gave no points to {notebook.stem}")
    return seconds


def _environment(folder: Path) -> Mapping[str, str]:
    """Return what these tools need: programs beside Python, folders of their own."""
    programs = str(Path(sys.executable).parent)
    own = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
    )
    return {
        **{name: str(folder / name.lower()) for name in own},
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each way."""
    ours = rows[-1].each
    yield f"\n{'':30}{'n':>5}{'total':>9}{'each':>9}{'/ours':>8}"
    for row in rows:
        yield (
            f"{row.way:30}{row.submissions:5}{row.seconds:9.2f}{row.each:9.3f}"
            f"{row.each / ours:8.1f}"
        )


if __name__ == "__main__":
    main()
