"""Where the time of one child goes, seen from the trusted side.

    python benchmarks/profile_child.py

Nothing in the package is changed or patched: the phases are told apart by when a
child's frames arrive, and by orders that end early (an artifact that is not there; rows
for one call only).
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe

from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.runtime import BUILT_IN
from pytest_tfgrade.runner import Pass, SharedInputs
from pytest_tfgrade.runner.passes import order_of
from pytest_tfgrade.runner.runtimes import runtime_of
from pytest_tfgrade.runner.worker import frames
from pytest_tfgrade.runner.zygote import Zygote

HERE = Path(__file__).resolve().parent
INPUTS = HERE.parent / "reference_data/digits/hidden.npz"
ROWS_OF_ONE_CALL = 256
LIMITS = {"seconds": 60.0, "memory": 2 << 30}
ORDER = {
    "limits": LIMITS,
    "outputs": [],
    "format": "keras",
    "keras_version": None,
    "signature": None,
    "allow_lambda": False,
    "parameters": None,
    "source": None,
}
NAMES = {
    frames.STARTED: "started",
    frames.LOADED: "loaded",
    frames.ARRAY: "array",
    frames.ERROR: "error",
    frames.END: "end",
}


@dataclass(slots=True)
class Life:
    """When what came from one child, in seconds since it was ordered."""

    seconds: dict[str, float] = field(default_factory=dict)
    error: str = ""

    def between(self, earlier: str, later: str) -> float:
        """Return the milliseconds from one event to another."""
        return 1000 * (self.seconds[later] - self.seconds[earlier])


def main() -> None:
    """Profile children of a warm and of a cold zygote; print a table."""
    options = _options()
    print(describe())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        maker = [sys.executable, str(HERE / "make_models.py"), str(folder / "made")]
        subprocess.run([*maker, str(options.models)], check=True)  # noqa: S603 - ours
        models = sorted(folder.glob("made/*/digits.keras"))
        warm = profile(folder, models, warm=True)
        cold = profile(folder, models, warm=False)
    print(f"milliseconds, medians over {len(models)} models, one at a time")
    print(f"{'phase':44}{'warm':>9}{'cold':>9}")
    for phase, value in warm.items():
        print(f"{phase:44}{value:9.1f}{cold[phase]:9.1f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=30, help="how many (default 30)")
    return parser.parse_args()


def profile(folder: Path, models: Sequence[Path], *, warm: bool) -> dict[str, float]:
    """Return the milliseconds of each phase of a child; medians over the models."""
    scratch = Path(tempfile.mkdtemp(dir=folder))
    began = time.perf_counter()
    zygote = Zygote(runtime_of(BUILT_IN[0]), scratch, warm=warm, mode=Mode.LIMITS)
    with np.load(INPUTS) as hidden:
        images = hidden["image"]
    try:
        if zygote.wait_until_ready() is None:
            raise SystemExit("the warm zygote failed its self-test")
        ready = 1000 * (time.perf_counter() - began)
        rows = [one_model(zygote, scratch, model, images) for model in models]
    finally:
        zygote.close()
    phases = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    return {**phases, "(the zygote, once: until it is ready)": ready}


def one_model(
    zygote: Zygote, scratch: Path, model: Path, images: np.ndarray[Any, Any]
) -> dict[str, float]:
    """Return the milliseconds of each phase for one model, from three children."""
    with (
        SharedInputs({"image": images}) as inputs,
        SharedInputs({"image": images[:ROWS_OF_ONE_CALL]}) as few,
    ):
        absent = live(zygote, scratch, model.with_name("absent.keras"), few)
        short = live(zygote, scratch, model, few)
        whole = live(zygote, scratch, model, inputs)
    if short.error or whole.error:
        raise SystemExit(short.error or whole.error)
    refresh = absent.between("started", "error")
    first = short.between("loaded", "array")
    return {
        "fork, confine (order to STARTED)": whole.between("ordered", "started"),
        "fresh context, seeds (an absent artifact)": refresh,
        "load_model (to LOADED, less the line above)": (
            whole.between("started", "loaded") - refresh
        ),
        f"first call ({len(few_rows(images))} rows)": first,
        f"other calls ({len(images) - len(few_rows(images))} rows)": (
            whole.between("loaded", "array") - first
        ),
        "sending (ARRAY to END)": whole.between("array", "end"),
        "ending (END to the zygote's word)": whole.between("end", "ended"),
        "all": whole.between("ordered", "ended"),
    }


def few_rows(images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the rows that a child feeds in one call."""
    return images[:ROWS_OF_ONE_CALL]


def live(zygote: Zygote, scratch: Path, artifact: Path, inputs: SharedInputs) -> Life:
    """Have one child carry out an order; note when each of its frames arrives."""
    told, files = order_of([Pass(inputs=inputs)])
    order = {**ORDER, **told, "artifact": str(artifact), "scratch": str(scratch)}
    order["shown"] = str(artifact.parent)
    life = Life()
    began = time.perf_counter()
    life.seconds["ordered"] = 0.0
    child = zygote.fork(order, files)
    try:
        while (frame := _next_frame(child.channel)) is not None:
            kind, payload = frame
            if kind in NAMES:
                life.seconds.setdefault(NAMES[kind], time.perf_counter() - began)
            if kind == frames.ERROR:
                life.error = payload.decode()
        child.life.recv(4096)
        life.seconds["ended"] = time.perf_counter() - began
    finally:
        child.close()
    return life


def _next_frame(channel: socket.socket) -> tuple[int, bytes] | None:
    header = channel.recv(frames.HEADER.size, socket.MSG_WAITALL)
    if not header:
        return None
    kind, _, length = frames.unpack_header(header)
    return kind, channel.recv(length, socket.MSG_WAITALL) if length else b""


if __name__ == "__main__":
    main()
