"""Whatever is killed, and whenever: the next run goes on, and grades stay the same."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import pytest_tfgrade

ROOT: Final = Path(pytest_tfgrade.__file__).parent.parent
KILLS: Final = 30

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Run:
    """A run in the background, and the processes that it starts."""

    def __init__(self, folder: Path, report: Path, *more: str) -> None:
        arguments = [
            *(sys.executable, "-m", "pytest", "-q", "--tb=no"),
            *("-p", "no:cacheprovider"),
            *("--tfgrade=examples/submissions", f"--tfgrade-report={report}"),
            f"--tfgrade-cache={folder / 'cache'}",
            *more,
        ]
        self.report = report
        self.log = folder / "log"
        self._log = self.log.open("wb")
        self.process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(folder / "tmp")},
            stdout=self._log,
            stderr=self._log,
        )

    def victims(self, kind: str) -> list[int]:
        """Return the pids of ``pytest``, its ``zygote``s or their ``child``ren."""
        if kind == "pytest":
            return [self.process.pid]
        zygotes = _children(self.process.pid)
        if kind == "zygote":
            return zygotes
        return [child for zygote in zygotes for child in _children(zygote)]

    def ended(self, within: float) -> bool:
        try:
            self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        state, ppid = status.rpartition(")")[2].split()[:2]
        if int(ppid) == parent and state != "Z":
            found.append(int(folder.name))
    return sorted(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the cache, and of temporary files."""
    folder = tmp_path_factory.mktemp("kills")
    (folder / "tmp").mkdir()
    return folder


def _grades(report: Path) -> Any:
    """Return ``grades.json`` without times."""
    document = json.loads((report / "grades.json").read_text(encoding="utf-8"))
    for submission in document["submissions"]:
        for task in submission["tasks"]:
            del task["seconds"]
    return document


def _is_whole(report: Path) -> bool:
    """Return whether a run got through; one whose zygotes are killed again may not."""
    if not (report / "grades.json").exists():
        return False
    tasks = [
        task for grade in _grades(report)["submissions"] for task in grade["tasks"]
    ]
    return all(task["result"] != "error" for task in tasks)


def _undisturbed(folder: Path, report: Path, *more: str) -> Any:
    run = Run(folder, report, *more)
    try:
        assert run.ended(within=300)
    finally:
        run.close()
    assert report.exists(), run.log.read_text(encoding="utf-8")
    return _grades(report)


def test_a_run_killed_at_thirty_moments_ends_as_one_that_was_not(folder: Path) -> None:
    expected = _undisturbed(folder, folder / "undisturbed")
    drawn = np.random.default_rng(6)
    shutil.rmtree(folder / "cache")
    killed = {"pytest": 0, "zygote": 0, "child": 0}
    started = 0

    while sum(killed.values()) < KILLS:
        run = Run(folder, folder / f"run-{started}")
        started += 1
        try:
            while sum(killed.values()) < KILLS:
                if run.ended(within=float(drawn.uniform(0.02, 0.7))):
                    if _is_whole(run.report):
                        assert _grades(run.report) == expected
                        shutil.rmtree(folder / "cache")  # from the start again
                    break
                kind = str(drawn.choice(["pytest", "zygote", "child", "child"]))
                victims = run.victims(kind)
                if victims:
                    try:
                        os.kill(int(drawn.choice(victims)), signal.SIGKILL)
                    except ProcessLookupError:  # it has just ended by itself
                        continue
                    killed[kind] += 1
                if kind == "pytest":
                    break
        finally:
            run.close()
    resumed = _undisturbed(folder, folder / "resumed")

    assert resumed == expected
    assert min(killed.values()) > 0
    assert started > 1


def test_nothing_is_left_of_runs_that_were_killed(folder: Path) -> None:
    shutil.rmtree(folder / "cache", ignore_errors=True)  # else no model is run
    run = Run(folder, folder / "last", "--tfgrade-task=linear")
    try:
        deadline = time.monotonic() + 60
        while not (children := run.victims("child")) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        run.close()
    _undisturbed(folder, folder / "after", "--tfgrade-task=linear")

    assert children
    assert list((folder / "tmp").iterdir()) == []
