"""What the watchdog sees of a process, and what it calls too much."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner import watchdog
from pytest_tfgrade.runner.watchdog import LARGEST_SCRATCH, MOST_THREADS, Watchdog

MIB = 1 << 20
LIMITS = Limits(memory=32 * MIB)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")

MANY_THREADS = f"""
import threading
threading.stack_size(65536)
for _ in range({MOST_THREADS} + 1):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
MUCH_MEMORY = f"held = bytearray({200 * MIB}); held[::4096] = held[::4096]"
SHARED_MEMORY = f"""
import mmap
held = mmap.mmap(-1, {200 * MIB})
for at in range(0, len(held), 4096):
    held[at] = 1
"""
A_FILE_IN_MEMORY = """
import mmap
with open(__file__, "rb") as file:
    held = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
sum(held[at] for at in range(0, len(held), 4096))
"""


@contextlib.contextmanager
def process(doing: str, folder: Path) -> Iterator[int]:
    """Run code to where it has done what it does; return the process' number."""
    script = folder / "script.py"
    script.write_text(f"{doing}\nprint(flush=True)\ninput()\n")
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield running.pid
        running.kill()


@pytest.fixture
def dog(tmp_path: Path) -> Watchdog:
    """Look after children of this process; it is their zygote."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Watchdog(memory=LIMITS.memory, zygote=os.getpid(), scratch=scratch)


def finding(dog: Watchdog, pid: int, held: int = 0) -> Ungradable:
    with pytest.raises(Ungradable) as caught:
        dog.look(pid, held)
    return caught.value


def test_a_process_within_its_bounds_is_left_alone(
    dog: Watchdog, tmp_path: Path
) -> None:
    (dog.scratch / "small").write_bytes(bytes(MIB))

    with process("", tmp_path) as pid:
        dog.look(pid, 0)


def test_many_threads_are_too_many(dog: Watchdog, tmp_path: Path) -> None:
    with process(MANY_THREADS, tmp_path) as pid:
        found = finding(dog, pid)

    assert found.code is Code.RESOURCE
    assert found.rationale == f"the model had more than {MOST_THREADS} threads"


@pytest.mark.parametrize("doing", [MUCH_MEMORY, SHARED_MEMORY])
def test_memory_is_too_much_be_it_shared_or_not(
    dog: Watchdog, tmp_path: Path, doing: str
) -> None:
    with process(doing, tmp_path) as pid:
        found = finding(dog, pid)

    assert found.code is Code.MEMORY


def test_what_the_zygote_held_before_does_not_count(
    dog: Watchdog, tmp_path: Path
) -> None:
    with process(MUCH_MEMORY, tmp_path) as pid:
        dog.look(pid, 200 * MIB)


def test_pages_of_files_do_not_count(dog: Watchdog, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(200 * MIB))
    doing = A_FILE_IN_MEMORY.replace("__file__", repr(str(large)))

    with process(doing, tmp_path) as pid:
        dog.look(pid, 0)


def test_a_full_scratch_folder_is_too_much(dog: Watchdog, tmp_path: Path) -> None:
    inside = dog.scratch / "some" / "folder"
    inside.mkdir(parents=True)
    for part in range(2):
        (inside / str(part)).write_bytes(os.urandom(LARGEST_SCRATCH // 2 + 4096))

    with process("", tmp_path) as pid:
        found = finding(dog, pid)

    assert found.code is Code.RESOURCE
    assert found.rationale == "the model wrote more than 64 MiB to disk"


def test_holes_of_files_and_what_links_lead_to_take_no_disk(
    dog: Watchdog, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(LARGEST_SCRATCH + 4096))
    (dog.scratch / "link").symlink_to(large)
    (dog.scratch / "folder").symlink_to(tmp_path)
    with (dog.scratch / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 40)

    with process("", tmp_path) as pid:
        dog.look(pid, 0)


def test_a_process_that_is_not_the_zygotes_is_not_looked_at(tmp_path: Path) -> None:
    of_another = Watchdog(memory=LIMITS.memory, zygote=1, scratch=tmp_path / "scratch")

    with process(MUCH_MEMORY, tmp_path) as pid:
        of_another.look(pid, 0)


def test_a_process_that_has_ended_is_not_looked_at(
    dog: Watchdog, tmp_path: Path
) -> None:
    with process(MUCH_MEMORY, tmp_path) as pid:
        pass

    dog.look(pid, 0)


def test_a_scratch_folder_that_goes_away_holds_nothing(
    dog: Watchdog, tmp_path: Path
) -> None:
    dog.scratch.rmdir()

    with process("", tmp_path) as pid:
        dog.look(pid, 0)


def test_the_bounds_are_those_of_the_worker() -> None:
    from pytest_tfgrade.runner.worker.sandbox import limits, world

    assert watchdog.MOST_THREADS == limits.MOST_THREADS
    assert watchdog.LARGEST_SCRATCH == world.SCRATCH_BYTES
