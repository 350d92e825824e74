"""Faults of our own machine: what ends, what is full, what is told to stop.

No candidate loses a point by them, reports stay valid, and nothing stays behind.
"""

import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from small_course import SmallCourse, source, with_own_layer

MakeModel = Callable[..., Path]

SECONDS_TO_END = 10.0
"""From a signal to the end of a run; it takes one."""

CODE_SAVES_TIME = 0.7  # seconds of a model, so that there is one at work

DELAYS = np.random.default_rng(5)


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    folder = tmp_path / "course"
    folder.mkdir()
    return SmallCourse(folder, static=["flat"], predicted=["digit"])


@pytest.fixture
def plain(make_model: MakeModel) -> bytes:
    return make_model("model.keras", ("Softmax", {}), shape=(10,)).read_bytes()


@pytest.fixture
def slow(course: SmallCourse, plain: bytes) -> SmallCourse:
    """Four honest models that take their time; each asks for the reader, too."""
    import h5py

    for name in ("alice", "bob", "carol", "dave"):
        course.hand_in(name, "digit.keras", with_own_layer(plain))
        text = f"import time; time.sleep({CODE_SAVES_TIME})"
        course.hand_in(name, "source.py", source(text))
        file = course.hand_in(name, "flat.h5", b"")
        with h5py.File(file, "w") as empty:
            empty.attrs["model_config"] = "{}"
    return course


class Running:
    """A run in the background, and its processes."""

    def __init__(self, course: SmallCourse, *words: str) -> None:
        self.course = course
        self._output = (course.folder / "output.txt").open("w+")
        self._process = subprocess.Popen(
            course.grading(*words),
            cwd=course.folder,
            env=course.environment(),
            stdout=self._output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pid = self._process.pid

    def zygotes(self, program: str) -> list[int]:
        """Return the processes of a program of the worker's."""
        wanted = f'"program": "{program}"'.encode()
        return [pid for pid in children(self.pid) if wanted in command_line(pid)]

    def wait_for(self, what: Callable[[], list[int]]) -> int:
        """Return the first that there is; stop if the run ends before."""
        while self._process.poll() is None:
            found = what()
            if found:
                return found[0]
            time.sleep(0.005)
        raise AssertionError(f"the run ended before: {self.output()}")

    def ended(self, seconds: float = 120) -> int:
        """Return the exit status."""
        return self._process.wait(timeout=seconds)

    def is_over(self) -> bool:
        return self._process.poll() is not None

    def send(self, number: int) -> None:
        """Send a signal to pytest alone, as its zygotes lead sessions of their own."""
        self._process.send_signal(number)

    def output(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start runs, and end them with the test."""
    begun: list[Running] = []

    def start(course: SmallCourse, *words: str) -> Running:
        begun.append(Running(course, *words))
        return begun[-1]

    yield start
    for running in begun:
        running.close()


def children(pid: int) -> list[int]:
    """Return the children of all threads of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text().split()]
        except OSError:
            continue
    return found


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def orphans(course: SmallCourse) -> list[str]:
    """Return processes of a run; waits for their end as long as they may take."""
    named = os.fsencode(course.temporary)
    end = time.monotonic() + SECONDS_TO_END
    while True:
        pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
        alive = [pid for pid in pids if pid != os.getpid() and named in words_of(pid)]
        if not alive or time.monotonic() > end:
            return [f"{pid}: {command_line(pid)[:300]!r}" for pid in alive]
        time.sleep(0.05)


def words_of(pid: int) -> bytes:
    """Return the command line and the environment of a process."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        environment = b""
    return command_line(pid) + environment


def grades(course: SmallCourse) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((course.reports / "grades.json").read_text())
    return found


def points(course: SmallCourse, task: str) -> dict[str, tuple[str | None, Any]]:
    """Return code and points of each submission's task."""
    return {
        one["id"]: (part["code"], part["points"])
        for one in grades(course)["submissions"]
        for part in one["tasks"]
        if part["id"] == task
    }


def require_valid_reports(course: SmallCourse) -> None:
    """Require that what was written can be read; no candidate may have lost by it."""
    written = {path.name for path in course.reports.glob("*")}
    assert written in ({*()}, {"grades.json", "grades.csv", "totals.csv", "junit.xml"})
    if not written:
        return
    ElementTree.parse(course.reports / "junit.xml")
    lost = {
        (task["code"], task["points"])
        for one in grades(course)["submissions"]
        for task in one["tasks"]
        if task["id"] == "digit"
    }
    assert lost <= {(None, 4), (None, None), ("E_INFRA", None)}


ALL = {"alice", "bob", "carol", "dave"}
GRADED = (None, 4)
OPEN = ("E_INFRA", None)


def test_zygotes_that_are_ended_cost_nobody_a_point(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    running = start(slow, "--tfgrade-workers=2")

    for program in ("reader", "keras"):  # while they start
        first = running.wait_for(lambda: running.zygotes(program))  # noqa: B023
        os.kill(first, signal.SIGKILL)
        running.wait_for(lambda: other_than(first, running.zygotes(program)))  # noqa: B023
    second = running.wait_for(lambda: at_work(running, slow))
    os.kill(second, signal.SIGKILL)  # while it has a model at work
    status = running.ended()

    assert status == pytest.ExitCode.TESTS_FAILED, running.output()
    assert points(slow, "digit") == dict.fromkeys(sorted(ALL), GRADED)
    require_valid_reports(slow)
    assert orphans(slow) == []
    assert list(slow.temporary.iterdir()) == []


def test_a_model_that_is_ended_from_outside_takes_nobody_along(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    running = start(slow, "--tfgrade-workers=1", "--tfgrade-task=digit")

    zygote = running.wait_for(lambda: at_work(running, slow))
    child = running.wait_for(lambda: children(zygote))
    os.kill(child, signal.SIGKILL)
    running.ended()

    found = points(slow, "digit")
    assert [found.pop(name) for name, (code, _) in [*found.items()] if code] == [
        ("E_CRASH", 0)  # a model can end itself like this, so it is the model's
    ]
    assert set(found.values()) == {GRADED}


def at_work(running: Running, course: SmallCourse) -> list[int]:
    """Return the zygote that has a model of a candidate's at work."""
    folders = (course.temporary.glob("tfgrade-*/tmp*"))
    busy = any(folder.is_dir() for folder in folders)
    staged = any(course.temporary.glob("tfgrade-*/staging/*/source.py"))
    return [z for z in running.zygotes("keras") if busy and staged and children(z)]


def other_than(pid: int, found: list[int]) -> list[int]:
    return [one for one in found if one != pid]
