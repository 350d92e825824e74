"""The store: bounded, checked, and there again after everything."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_tfgrade.cache import Store, open_store
from pytest_tfgrade.cache.store import FILE_NAME
from pytest_tfgrade.core.errors import UsageError

ROOM = 1_000_000


def keys(folder: Path) -> list[str]:
    with sqlite3.connect(folder / FILE_NAME) as database:
        return [key for (key,) in database.execute("select key from kept order by key")]


def test_a_value_is_there_after_the_store_was_closed(tmp_path: Path) -> None:
    store = Store(tmp_path, ROOM)
    store.put("a", b"one")
    store.close()

    again = Store(tmp_path, ROOM)

    assert (again.get("a"), again.get("b")) == (b"one", None)
    again.close()


def test_a_value_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    program = """
import os, pathlib, signal, sys
from pytest_tfgrade.cache import Store

Store(pathlib.Path(sys.argv[1]), 1_000_000).put("a", b"one")
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    store = Store(tmp_path, ROOM)

    found = store.get("a")

    assert (done.returncode, found) == (-signal.SIGKILL, b"one")
    store.close()


def test_a_value_in_place_of_another_is_the_one_that_counts(tmp_path: Path) -> None:
    store = Store(tmp_path, ROOM)
    store.put("a", b"one")

    store.put("a", b"two")

    assert store.get("a") == b"two"
    store.close()


def test_a_value_that_was_changed_on_disk_is_unknown_and_goes(tmp_path: Path) -> None:
    store = Store(tmp_path, ROOM)
    store.put("a", b"5 points")
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("update kept set value = ?", (b"9 points",))
    again = Store(tmp_path, ROOM)

    found = again.get("a")

    assert (found, keys(tmp_path)) == (None, [])
    again.close()


def test_the_value_of_one_key_does_not_count_for_another(tmp_path: Path) -> None:
    store = Store(tmp_path, ROOM)
    store.put("a", b"5 points")
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("update kept set key = 'b'")
    again = Store(tmp_path, ROOM)

    found = again.get("b")

    assert found is None
    again.close()


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    for key in "abcd":
        store.put(key, bytes(240))
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("update kept set used = unicode(key)")  # long ago, a first
    again = Store(tmp_path, 1000)
    again.get("a")

    again.put("e", bytes(240))

    assert keys(tmp_path) == ["a", "d", "e"]
    again.close()


def test_a_value_too_large_for_the_store_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    store.put("a", b"small")

    store.put("b", bytes(251))

    assert keys(tmp_path) == ["a"]
    store.close()


def test_a_database_that_is_none_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 100)

    store = Store(tmp_path, ROOM)
    store.put("a", b"one")

    assert store.get("a") == b"one"
    assert store.set_aside == tmp_path / f"{FILE_NAME}.damaged"
    store.close()


def test_a_database_of_which_some_page_is_damaged_is_put_aside(tmp_path: Path) -> None:
    store = Store(tmp_path, ROOM)
    for number in range(200):
        store.put(f"{number}", bytes(1500))
    store.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    path.write_bytes(whole[:middle] + b"\xff" * 100 + whole[middle + 100 :])

    again = open_store(tmp_path, ROOM)
    again.put("a", b"one")

    assert again.get("a") == b"one"
    assert again.set_aside == tmp_path / f"{FILE_NAME}.damaged"
    again.close()


def test_a_database_that_breaks_while_it_is_used_makes_values_unknown(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, ROOM)
    store.put("a", bytes(100_000))
    store.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    again = Store(tmp_path, ROOM)

    found = again.get("a")
    again.put("b", b"two")

    assert found is None
    again.close()


def test_two_stores_of_a_folder_see_each_others_values(tmp_path: Path) -> None:
    one, other = Store(tmp_path, ROOM), Store(tmp_path, ROOM)

    one.put("a", b"one")

    assert other.get("a") == b"one"
    one.close()
    other.close()


def test_a_key_is_found_out_by_one_process_at_a_time(tmp_path: Path) -> None:
    program = """
import pathlib, sys, time
from pytest_tfgrade.cache import Store

store = Store(pathlib.Path(sys.argv[1]), 1_000_000)
with store.claimed("a"):
    if store.get("a") is None:
        print("found out", flush=True)
        time.sleep(0.5)
        store.put("a", b"one")
store.close()
"""
    command = [sys.executable, "-c", program, tmp_path]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]

    said = [process.communicate()[0] for process in started]

    assert sorted(said) == ["", "", "found out\n"]


def test_the_claim_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    program = """
import os, pathlib, signal, sys
from pytest_tfgrade.cache import Store

with Store(pathlib.Path(sys.argv[1]), 1_000_000).claimed("a"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    store = Store(tmp_path, ROOM)

    with store.claimed("a"):
        store.put("a", b"one")

    assert store.get("a") == b"one"
    store.close()


def test_who_stops_waiting_goes_on_without_the_claim(tmp_path: Path) -> None:
    program = """
import pathlib, sys
from pytest_tfgrade.cache import Store

with Store(pathlib.Path(sys.argv[1]), 1_000_000).claimed("a"):
    print("claimed", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"claimed\n"
        store = Store(tmp_path, ROOM)
        waiting = threading.Thread(target=lambda: store.claimed("a").__enter__())
        waiting.start()

        store.stop_waiting()

        waiting.join(timeout=60)
        assert not waiting.is_alive()
        store.close()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(
            lambda path: path.write_text("a file"), "File exists", id="a-file"
        ),
        pytest.param(
            lambda path: (path.mkdir(), path.chmod(0o777)),
            "everybody may write to it",
            id="open-to-all",
        ),
        pytest.param(
            lambda path: path.symlink_to(path.parent), "it is a link", id="a-link"
        ),
    ],
)
def test_a_folder_that_others_could_change_is_refused(
    tmp_path: Path, make: "object", why: str
) -> None:
    folder = tmp_path / "cache"
    make(folder)  # type: ignore[operator]

    with pytest.raises(UsageError) as caught:
        open_store(folder, ROOM)

    way_out = "give another folder with --tfgrade-cache, or off"
    assert str(caught.value) == f"the cache {folder}: cannot be used: {why}; {way_out}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    os.chown(folder, 65534, 65534)

    with pytest.raises(UsageError, match="it belongs to another user"):
        open_store(folder, ROOM)


def test_the_folder_is_for_our_eyes_alone(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "cache"

    open_store(folder, ROOM).close()

    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
