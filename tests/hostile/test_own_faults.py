"""Faults of our own machine: what ends, what is full, what is told to stop.

No candidate loses a point by them, reports stay valid, and nothing stays behind.
"""

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from small_course import SmallCourse, source, with_own_layer

MakeModel = Callable[..., Path]

SECONDS_TO_END = 10.0
"""From a signal to the end of a run; it takes one."""

MODEL_TAKES = 0.5  # seconds of a model, so that there is one at work


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
    """Three honest models that take their time; each asks for the reader, too."""
    import h5py

    for name in ("alice", "bob", "carol"):
        course.hand_in(name, "digit.keras", with_own_layer(plain))
        text = f"import time; time.sleep({MODEL_TAKES})  # {name}"
        course.hand_in(name, "source.py", source(text))
        file = course.hand_in(name, "flat.h5", b"")
        with h5py.File(file, "w") as empty:
            empty.attrs["model_config"] = "{}"
    return course


class Running:
    """A run in the background, and its processes."""

    def __init__(
        self,
        course: SmallCourse,
        *words: str,
        before: Sequence[str] = (),
        who: int | None = None,
    ) -> None:
        """Start it.

        Args:
            course: What is graded.
            words: More of pytest's command line.
            before: A command that runs a command.
            who: The user who grades.
        """
        self.course = course
        self._output = (course.folder / "output.txt").open("w")
        self._process = subprocess.Popen(
            course.command([*before, *course.grading(*words)], who=who),
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
        """Send a signal to the process group, as a terminal does, if it still is."""
        if not self.is_over():
            os.killpg(self.pid, number)

    def told_to_end(self, number: int) -> str:
        """Send a signal; return what was printed until then."""
        printed = self.output()
        self.send(number)
        return printed

    def output(self) -> str:
        return (self.course.folder / "output.txt").read_text(encoding="utf-8")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start runs, and end them with the test."""
    begun: list[Running] = []

    def start(course: SmallCourse, *words: str, **settings: Any) -> Running:
        begun.append(Running(course, *words, **settings))
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


ALL = ("alice", "bob", "carol")
GRADED = (None, 4)
OPEN = ("E_INFRA", None)


def test_zygotes_that_are_ended_cost_nobody_a_point(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    running = start(slow, "-v", "--tfgrade-workers=1")

    for program in ("reader", "keras"):
        end_at_its_start(running, program)
    second = running.wait_for(lambda: at_work(running))
    os.kill(second, signal.SIGKILL)  # while it has a model at work
    status = running.ended()

    assert status == pytest.ExitCode.TESTS_FAILED, running.output()
    assert points(slow, "digit") == dict.fromkeys(ALL, GRADED)
    require_valid_reports(slow)
    assert orphans(slow) == []
    assert list(slow.temporary.iterdir()) == []


def test_a_model_that_is_ended_from_outside_is_called_again(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    running = start(slow, "-v", "--tfgrade-workers=1", "--tfgrade-task=digit")

    zygote = running.wait_for(lambda: at_work(running))
    child = running.wait_for(lambda: those_that_stay(children(zygote)))
    os.kill(child, signal.SIGKILL)
    running.ended()

    assert points(slow, "digit") == dict.fromkeys(ALL, GRADED)


def at_work(running: Running) -> list[int]:
    """Return the zygote that has a candidate's model at work, after the first."""
    if "PASSED" not in running.output():
        return []  # what is at work may be a self-test, or the canary
    return [zygote for zygote in running.zygotes("keras") if children(zygote)]


def those_that_stay(pids: list[int]) -> list[int]:
    """Return processes that do not end at once: a model that is loaded takes longer."""
    time.sleep(MODEL_TAKES / 2)
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def end_at_its_start(running: Running, program: str) -> None:
    """End a zygote that is not ready yet; wait for the next one."""
    first = running.wait_for(lambda: running.zygotes(program))
    os.kill(first, signal.SIGKILL)
    running.wait_for(lambda: other_than(first, running.zygotes(program)))


def other_than(pid: int, found: list[int]) -> list[int]:
    return [one for one in found if one != pid]


SENT = [
    (number, round(moment, 2))
    for number, moment in zip(
        itertools.cycle((signal.SIGINT, signal.SIGTERM)),
        np.random.default_rng(5).uniform(0.3, 2.5, 6),
        strict=False,
    )
]
"""Signals, and after how many seconds of a run without models."""

SENT_TO_MODELS = [
    (number, round(moment, 2))
    for number, moment in zip(
        itertools.cycle((signal.SIGINT, signal.SIGTERM)),
        np.random.default_rng(6).uniform(2.0, 6.0, 4),
        strict=False,
    )
]


@pytest.mark.parametrize(("number", "moment"), SENT)
def test_a_run_that_is_told_to_end_leaves_nothing_behind(
    slow: SmallCourse,
    start: Callable[..., Running],
    number: signal.Signals,
    moment: float,
) -> None:
    running = start(slow, "--tfgrade-task=flat")

    time.sleep(moment)
    told = running.told_to_end(number)

    require_cut_short(running, told)


@pytest.mark.parametrize(("number", "moment"), SENT_TO_MODELS)
def test_a_run_of_models_that_is_told_to_end_leaves_nothing_behind(
    slow: SmallCourse,
    start: Callable[..., Running],
    number: signal.Signals,
    moment: float,
) -> None:
    running = start(slow, "--tfgrade-task=digit")

    time.sleep(moment)
    told = running.told_to_end(number)

    require_cut_short(running, told)


def test_a_second_ctrl_c_changes_nothing(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    running = start(slow, "--tfgrade-task=digit", "-v")

    running.wait_for(lambda: at_work(running))
    told = running.told_to_end(signal.SIGINT)
    time.sleep(0.05)
    running.send(signal.SIGINT)

    require_cut_short(running, told)


def require_cut_short(running: Running, told: str) -> None:
    """Require an ordinary end, and that nothing is left.

    Args:
        running: What got a signal.
        told: What it had printed until then.
    """
    status = running.ended(SECONDS_TO_END)
    if "collected" in told:  # before that, Python and pytest load
        finished = "KeyboardInterrupt" not in running.output()
        at_exit = re.search(r"passed.* in \d+", running.output()) is not None
        assert (
            status == pytest.ExitCode.INTERRUPTED
            or (finished and status in {0, pytest.ExitCode.TESTS_FAILED})
            or (at_exit and status in {-signal.SIGTERM, -signal.SIGINT})
        ), running.output()
    assert "INTERNALERROR" not in running.output()
    require_valid_reports(running.course)
    written = running.course.reports / "grades.json"
    if status == pytest.ExitCode.INTERRUPTED and written.exists():
        assert grades(running.course)["complete"] is False
    assert orphans(running.course) == []
    assert list(running.course.temporary.iterdir()) == []


def test_when_pytest_is_killed_its_processes_end_by_themselves(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    running = start(slow, "-v", "--tfgrade-workers=2")

    running.wait_for(lambda: at_work(running))
    running.send(signal.SIGKILL)
    running.ended(SECONDS_TO_END)

    assert orphans(slow) == []


def test_a_full_disk_costs_nobody_a_point(
    slow: SmallCourse, start: Callable[..., Running]
) -> None:
    large = np.random.default_rng(7).bytes(1 << 20)
    slow.hand_in("dave", "digit.keras", large)  # of no format, if it could be copied
    require_small_disk(slow)

    running = start(slow, "--tfgrade-workers=1", before=small_disk(slow, "size=600k"))
    status = running.ended()

    assert status == pytest.ExitCode.TESTS_FAILED, running.output()
    assert points(slow, "digit") == {**dict.fromkeys(ALL, GRADED), "dave": OPEN}
    require_valid_reports(slow)


@pytest.mark.parametrize("inodes", [4, 6])
def test_where_nothing_can_be_written_the_run_stops_and_says_so(
    slow: SmallCourse, start: Callable[..., Running], inodes: int
) -> None:
    require_small_disk(slow)
    options = f"size=64k,nr_inodes={inodes}"

    running = start(slow, before=small_disk(slow, options))
    status = running.ended()

    assert status == pytest.ExitCode.USAGE_ERROR, running.output()
    assert "No space left on device" in running.output()
    assert "INTERNALERROR" not in running.output()


@pytest.mark.parametrize("files", [16, 20])
def test_without_files_to_open_scores_stay_open(
    slow: SmallCourse, start: Callable[..., Running], files: int
) -> None:
    bound = bounded("NOFILE", files)

    running = start(slow, "--tfgrade-task=digit", before=bound)

    require_open(running, "Too many open files", "zygote ended")


@pytest.mark.skipif(os.geteuid() != 0, reason="the user of the tests has processes")
@pytest.mark.parametrize("processes", [2, 8])
def test_without_processes_to_start_scores_stay_open(
    slow: SmallCourse, start: Callable[..., Running], processes: int
) -> None:
    somebody = 61_234  # nobody else's, so that its processes are ours
    slow.hand_over(somebody)
    bound = bounded("NPROC", processes)

    running = start(slow, "--tfgrade-task=digit", before=bound, who=somebody)

    require_open(running, "start new thread", "temporarily unavailable", "zygote ended")


def require_open(running: Running, *reasons: str) -> None:
    """Require that a run stopped for a reason, or left scores open for it."""
    status = running.ended()
    shown = running.output()
    assert "INTERNALERROR" not in shown
    assert any(reason in shown for reason in reasons), shown
    if status != pytest.ExitCode.USAGE_ERROR:
        assert status == pytest.ExitCode.TESTS_FAILED, shown
        assert set(points(running.course, "digit").values()) <= {GRADED, OPEN}
    require_valid_reports(running.course)
    assert orphans(running.course) == []
    assert list(running.course.temporary.iterdir()) == []


def bounded(kind: str, most: int) -> list[str]:
    """Return what runs a command under a limit."""
    program = (
        f"import os, resource, sys; "
        f"resource.setrlimit(resource.RLIMIT_{kind}, ({most}, {most})); "
        f"os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", program]


def small_disk(course: SmallCourse, options: str) -> list[str]:
    """Return what runs a command with little room for temporary files."""
    mount = f'mount -t tmpfs -o {options} tmpfs {course.temporary} && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", mount, "sh"]


def require_small_disk(course: SmallCourse) -> None:
    """Skip where there is none to be had."""
    command = [*small_disk(course, "size=64k"), "true"]
    if (
        shutil.which("unshare") is None
        or subprocess.run(command, check=False).returncode
    ):
        pytest.skip("this user may not mount a small disk")
