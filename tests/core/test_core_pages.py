"""Pages are written once; then everybody may read them and nobody may change them."""

import errno
import mmap
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_tfgrade.core import memory
from pytest_tfgrade.core.pages import Pages

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is Linux'")

NOBODY = 65_534
IN_MEMORY, ON_DISK = 1 << 20, 0

BOTH = pytest.mark.parametrize(
    "most",
    [
        pytest.param(IN_MEMORY, id="in-memory", marks=on_linux),
        pytest.param(ON_DISK, id="on-disk"),
    ],
)


def filled(most: int) -> Pages:
    pages = Pages(8, most=most)
    pages.write(b"1234")
    pages.write(memoryview(b"5678"))
    pages.seal()
    return pages


@BOTH
def test_what_was_written_is_there_for_who_maps_it_or_reads_it(most: int) -> None:
    pages = filled(most)

    assert pages.is_file == (most == ON_DISK)
    assert bytes(pages.view()) == b"12345678"
    assert os.pread(pages.descriptor, 9, 0) == b"12345678"
    pages.close()


@BOTH
def test_a_view_outlives_its_pages(most: int) -> None:
    pages = filled(most)
    view = pages.view()

    pages.close()
    del pages

    assert (bytes(view), view.readonly) == (b"12345678", True)


@BOTH
def test_nothing_at_all_is_no_problem(most: int) -> None:
    pages = Pages(0, most=most)

    pages.seal()

    assert bytes(pages.view()) == b""
    pages.close()


@BOTH
def test_more_or_fewer_bytes_than_there_is_room_for_are_a_mistake(most: int) -> None:
    pages = Pages(8, most=most)
    pages.write(b"1234")

    with pytest.raises(ValueError, match="9 bytes do not fit into 8"):
        pages.write(b"56789")
    with pytest.raises(ValueError, match="4 of 8 bytes were written"):
        pages.seal()
    pages.close()


def rights(pages: Pages) -> dict[str, Callable[[], object]]:
    """Ways to change the bytes of pages, for who has their descriptor."""
    number = pages.descriptor
    path = f"/proc/self/fd/{number}"
    return {
        "write": lambda: os.pwrite(number, b"x", 0),
        "map": lambda: mmap.mmap(number, 8, prot=mmap.PROT_WRITE),
        "cut": lambda: os.ftruncate(number, 0),
        "lengthen": lambda: os.posix_fallocate(number, 0, 16),
        "again": lambda: os.pwrite(os.open(path, os.O_RDWR), b"x", 0),
        "cut again": lambda: os.ftruncate(os.open(path, os.O_WRONLY), 0),
    }


def as_a_user(act: Callable[[], str]) -> str:
    """Return what a process says that is no root's."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(writing, act().encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def refused(acts: dict[str, Callable[[], object]]) -> list[str]:
    """Return the names of acts that fail for want of a right."""
    found = []
    for name, act in acts.items():
        try:
            act()
        except OSError as error:
            if error.errno in {errno.EPERM, errno.EACCES, errno.EBADF, errno.EINVAL}:
                found.append(name)
    return found


@on_linux
@BOTH
def test_not_even_the_same_user_can_change_them(most: int) -> None:
    def act() -> str:
        pages = filled(most)  # the user's own
        acts = rights(pages)
        answer = " ".join(set(acts) - set(refused(acts))) or "nothing worked"
        return f"{answer}: {bytes(pages.view()).decode()} {pages.is_as_written()}"

    said = as_a_user(act)

    assert said == "nothing worked: 12345678 True"


@on_linux
def test_who_gives_himself_the_right_to_a_file_is_found_out() -> None:
    def act() -> str:
        pages = filled(ON_DISK)
        before = pages.is_as_written()
        os.fchmod(pages.descriptor, 0o600)
        return f"{before} {pages.is_as_written()} {pages.again().is_as_written()}"

    said = as_a_user(act)

    assert said == "True False False"


def test_a_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    pages = filled(ON_DISK)

    assert list(tmp_path.iterdir()) == []
    assert os.fstat(pages.descriptor).st_nlink == 0
    pages.close()


@BOTH
def test_the_same_pages_can_be_closed_apart(most: int) -> None:
    pages = filled(most)

    again = pages.again()
    pages.close()

    assert bytes(again.view()) == b"12345678"
    again.close()


@on_linux
def test_what_takes_more_than_half_of_the_memory_goes_to_disk() -> None:
    there = memory.available()
    assert there is not None

    small, large = Pages(1 << 20), Pages(there)

    assert (small.is_file, large.is_file) == (False, True)
    small.close()
    large.close()


def test_a_control_group_bounds_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 600\ninactive_file 50\n")

    left = list(memory._of_group(tmp_path, "memory.max", "memory.current"))

    assert left == [350]
