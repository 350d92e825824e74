"""What the sandbox costs each model: isolated children beside those without.

    python benchmarks/sandbox_cost.py

Two runners of this project, one with the whole sandbox and one with limits alone, call
the same models in turns, one at a time. README.md says what each figure means.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
from class_of_models import make_models
from machine import describe

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import Confinement, LocalRunner, Pass, SharedInputs

GOAL: Final = 5.0
"""Milliseconds a model; from the issue that asked for the sandbox."""

INPUTS: Final = Path(__file__).resolve().parents[1] / "reference_data/digits/hidden.npz"

OUTPUTS: Final = {"digit": OutputSpec(shape=(None, 10))}


def main() -> None:
    """Make models, call each in both ways, print the difference."""
    options = _options()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="sandbox-cost-") as name:
        files = make_models(Path(name), options.models)
        modes = {mode: LocalRunner(confinement=Confinement(mode=mode)) for mode in
                 (Mode.AUTO, Mode.LIMITS)}  # fmt: skip
        with contextlib.ExitStack() as stack:
            for runner in modes.values():
                stack.callback(runner.close)
            print(f"isolated: {modes[Mode.AUTO].isolation().profile}", flush=True)
            for act in (predicted, read):
                print(_line(act.__name__, *_paired(act, modes, files, options.rounds)))


def predicted(runner: LocalRunner, file: Path, inputs: SharedInputs) -> None:
    """Load a model and call it."""
    runner.predict(_artifact(file), [Pass(inputs=inputs)], OUTPUTS, Limits())


def read(runner: LocalRunner, file: Path, inputs: SharedInputs) -> None:
    """Read what a file says of its weights."""
    del inputs
    runner.read(_artifact(file))


def _artifact(file: Path) -> Artifact:
    return Artifact(
        path=file,
        name=file.name,
        format=ArtifactFormat.KERAS,
        sha256="",
        size=file.stat().st_size,
    )


def _paired(act, modes, files, rounds):  # noqa: ANN001, ANN202 - a script
    """Return the milliseconds of each call, isolated and not, in pairs."""
    values = np.load(INPUTS)["image"]
    taken = {mode: [] for mode in modes}
    with SharedInputs({"image": values}) as inputs:
        for runner in modes.values():
            act(runner, files[0], inputs)  # starts it
        for number in range(rounds * len(files)):
            order = list(modes) if number % 2 else list(reversed(modes))
            for mode in order:
                begun = time.perf_counter()
                act(modes[mode], files[number % len(files)], inputs)
                taken[mode].append(1000 * (time.perf_counter() - begun))
    return taken[Mode.AUTO], taken[Mode.LIMITS]


def _line(what: str, isolated: list[float], plain: list[float]) -> str:
    apart = [one - other for one, other in zip(isolated, plain, strict=True)]
    added = statistics.median(apart)
    spread = statistics.stdev(apart) / len(apart) ** 0.5
    first, second = statistics.median(isolated), statistics.median(plain)
    verdict = "goal met" if added < GOAL else "goal missed"
    return (
        f"{what:10} {len(apart)} pairs: isolated {first:6.1f} ms, limits alone "
        f"{second:6.1f} ms; added {added:5.2f} ms (standard error {spread:.2f}); "
        f"goal {GOAL:g} ms: {verdict}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=20, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    return parser.parse_args()


if __name__ == "__main__":
    main()
