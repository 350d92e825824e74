"""The folder of a runner: private, locked while it is used, not left behind."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner.folder import RunnerFolder

KILLED = """
import os, signal
from pytest_tfgrade.runner.folder import RunnerFolder
made = RunnerFolder()
(made.staging / "copy").write_text("somebody's work")
print(made.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have all that is temporary in a folder of the test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_others_pass_through_it_and_list_nothing() -> None:
    made = RunnerFolder()

    modes = [stat.S_IMODE(p.stat().st_mode) for p in (made.path, made.staging)]
    made.remove()
    made.remove()

    assert modes == [0o711, 0o711]
    assert not made.path.exists()


def test_a_run_removes_what_a_killed_one_left_and_nothing_else(
    temporary: Path,
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, check=False
    )
    left = Path(killed.stdout.strip())
    (temporary / "tfgrade-of-another-version").mkdir()
    in_use = RunnerFolder()
    there_after_the_first = left.exists()

    second = RunnerFolder()

    assert left.parent == temporary
    assert not there_after_the_first
    assert {p.name for p in temporary.iterdir()} == {
        *(in_use.path.name, second.path.name, "tfgrade-of-another-version"),
    }
    in_use.remove()
    second.remove()


def test_a_link_that_looks_like_a_folder_of_ours_is_not_followed(
    temporary: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "lock").touch()
    (temporary / "tfgrade-link").symlink_to(elsewhere)

    RunnerFolder().remove()

    assert (elsewhere / "lock").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_room_is_the_machines_fault(temporary: Path) -> None:
    temporary.chmod(0o500)

    with pytest.raises(RunnerError, match="point TMPDIR to one with room"):
        RunnerFolder()
