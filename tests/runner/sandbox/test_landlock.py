"""What Landlock leaves to a process, call by call, in forked children."""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import signal
import socket
import stat
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.runner.worker.sandbox import landlock

VERSION = landlock.version()
LATEST_KNOWN = 7

GRANTED = "done"
DENIED = "EACCES"

pytestmark = [
    pytest.mark.skipif(VERSION == 0, reason="the kernel offers no Landlock"),
    pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning"),
]

Acts = Mapping[str, Callable[[], object]]


def since(version: int) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        version > VERSION, reason=f"this kernel's Landlock is older than {version}"
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for each kind of grant, one for none; each holds what the others do."""
    for name in ("readable", "writable", "listable", "other"):
        folder = tmp_path / name
        (folder / "sub").mkdir(parents=True)
        (folder / "file").write_text("text")
        (folder / "sub" / "inner").write_text("inner")
        program = folder / "program"
        program.write_bytes(Path("/bin/true").read_bytes())
        program.chmod(0o755)
    (tmp_path / "writable" / "link").symlink_to(tmp_path / "other" / "file")
    (tmp_path / "readable" / "link").symlink_to(tmp_path / "other" / "file")
    return tmp_path


def answers(acts: Acts, before: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """Do the acts in a forked process; return what each came to, by its name.

    ``done``, the name of the error number, or what the act returned if it is a text.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said: dict[str, Any] = {}
        try:
            before()
            said = {name: outcome(act) for name, act in acts.items()}
        except BaseException as error:
            said = {"before": repr(error)}
        finally:
            os.write(writing, json.dumps(said).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told: dict[str, Any] = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return told


def outcome(act: Callable[[], object]) -> str:
    try:
        result = act()
    except OSError as error:
        return errno_name(error)
    return result if isinstance(result, str) else GRANTED


def errno_name(error: OSError) -> str:
    return errno.errorcode[error.errno or 0]


def confined(place: Path, version: int | None = None) -> Callable[[], object]:
    """Return what restricts a process to the folders of ``place`` by their names."""
    readable, writable = [str(place / "readable")], [str(place / "writable")]
    listable, devices = [str(place / "listable")], ["/dev/null"]
    if version is None:
        return lambda: landlock.restrict(
            readable, writable, listable=listable, devices=devices
        )
    grants = (
        (landlock._READ, readable),
        (landlock._WRITE, writable),
        (landlock._LIST, listable),
        (landlock._USE_DEVICE, devices),
    )
    return lambda: landlock._restrict(version, grants)


def opened(path: Path, flags: int, mode: int = 0o600) -> None:
    os.close(os.open(path, flags, mode))


def executed(path: Path) -> str:
    """Start a program in a child of the child; return ``done`` or why it could not."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(path, [str(path)])  # noqa: S606
        except OSError as error:
            os.write(writing, errno_name(error).encode())
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said or GRANTED


def in_folder(folder: Path) -> Acts:
    """Return all that can be done in a folder; what is made does not stay."""
    file, new = folder / "file", folder / "new"

    def device(kind: int) -> None:
        os.mknod(new, kind | 0o600, os.makedev(1, 3))

    def unix_socket() -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(new))

    def made(make: Callable[[], object], remove: Callable[[Path], object]) -> None:
        make()
        remove(new)

    return {
        "read": file.read_text,
        "read beneath": (folder / "sub" / "inner").read_text,
        "list": lambda: os.listdir(folder),  # noqa: PTH208
        "list beneath": lambda: os.listdir(folder / "sub"),  # noqa: PTH208
        "write": lambda: opened(file, os.O_WRONLY),
        "append": lambda: opened(file, os.O_WRONLY | os.O_APPEND),
        "truncate": lambda: os.truncate(file, 4),
        "truncate, opened to read": lambda: opened(file, os.O_RDONLY | os.O_TRUNC),
        "truncate, opened for nothing": lambda: opened(file, 3 | os.O_TRUNC),
        "make a file": lambda: made(new.touch, os.unlink),
        "make a nameless file": lambda: opened(folder, os.O_TMPFILE | os.O_RDWR),
        "make a folder": lambda: made(new.mkdir, os.rmdir),
        "make a link": lambda: made(lambda: new.symlink_to("/etc"), os.unlink),
        "link": lambda: made(lambda: new.hardlink_to(file), os.unlink),
        "rename": lambda: made(lambda: file.rename(new), lambda _: new.rename(file)),
        "make a fifo": lambda: made(lambda: os.mkfifo(new), os.unlink),
        "make a socket": lambda: made(unix_socket, os.unlink),
        "execute": lambda: executed(folder / "program"),
    }


WHAT_EACH_GRANT_GIVES = {
    "readable": {
        "read": "text",
        "read beneath": "inner",
        "list": GRANTED,
        "list beneath": GRANTED,
    },
    "listable": {"list": GRANTED, "list beneath": GRANTED},
    "other": {},
    "writable": {
        "read": "text",
        "read beneath": "inner",
        "list": GRANTED,
        "list beneath": GRANTED,
        "write": GRANTED,
        "append": GRANTED,
        "truncate": GRANTED,
        "make a file": GRANTED,
        "make a nameless file": GRANTED,
        "make a folder": GRANTED,
        "make a link": GRANTED,
        "link": GRANTED,
        "rename": GRANTED,
        "truncate, opened to read": GRANTED,
        "truncate, opened for nothing": GRANTED,
    },
}


@since(3)
@pytest.mark.parametrize("grant", WHAT_EACH_GRANT_GIVES)
def test_a_grant_gives_what_it_says_and_nothing_else(place: Path, grant: str) -> None:
    acts = in_folder(place / grant)

    came_to = answers(acts, confined(place))

    expected = dict.fromkeys(acts, DENIED) | WHAT_EACH_GRANT_GIVES[grant]
    assert came_to == expected


def test_the_same_acts_are_done_where_nothing_is_restricted(place: Path) -> None:
    acts = in_folder(place / "other")

    came_to = answers(acts)

    read = {"read": "text", "read beneath": "inner"}
    assert came_to == dict.fromkeys(acts, GRANTED) | read


@pytest.mark.parametrize("version", range(1, LATEST_KNOWN + 1))
def test_reading_writing_and_starting_are_held_by_every_version(
    place: Path, version: int
) -> None:
    if version > VERSION:
        pytest.skip(f"this kernel's Landlock is older than {version}")
    may_truncate = {name for name in in_folder(place) if name.startswith("truncate")}
    acts: Acts = {
        f"{grant}: {name}": act
        for grant in WHAT_EACH_GRANT_GIVES
        for name, act in in_folder(place / grant).items()
        if name not in may_truncate
    }

    came_to = answers(acts, confined(place, version))

    expected = dict.fromkeys(acts, DENIED) | {
        f"{grant}: {name}": result
        for grant, given in WHAT_EACH_GRANT_GIVES.items()
        for name, result in given.items()
        if name not in may_truncate
    }
    assert came_to == expected


def test_before_version_3_only_another_layer_can_forbid_to_truncate(
    place: Path,
) -> None:
    file = place / "other" / "file"
    acts: Acts = {
        "opened to read": lambda: opened(file, os.O_RDONLY | os.O_TRUNC),
        "opened for nothing": lambda: opened(file, 3 | os.O_TRUNC),
    }

    came_to = answers(acts, confined(place, min(2, VERSION)))

    assert came_to == {"opened to read": DENIED, "opened for nothing": GRANTED}
    assert file.read_text() == ""


def test_links_lead_nowhere_that_is_not_granted(place: Path) -> None:
    acts: Acts = {
        "from a readable folder": (place / "readable" / "link").read_text,
        "from a writable folder": (place / "writable" / "link").read_text,
        "written": lambda: opened(place / "writable" / "link", os.O_WRONLY),
        "upwards": (place / "readable/../other/file").read_text,
        "through /proc": lambda: Path("/proc/self/cwd/other/file").read_text(),
    }
    os.chdir(place)

    came_to = answers(acts, confined(place))

    assert came_to == dict.fromkeys(acts, DENIED)


@pytest.mark.parametrize("source", ["readable", "listable", "other"])
def test_nothing_comes_into_or_leaves_the_writable_folder(
    place: Path, source: str
) -> None:
    there, here = place / source / "file", place / "writable" / "new"
    own, target = place / "writable" / "file", place / source / "new"
    acts: Acts = {
        "move in": lambda: there.rename(here),
        "link in": lambda: here.hardlink_to(there),
        "move out": lambda: own.rename(target),
        "link out": lambda: target.hardlink_to(own),
        "replace": lambda: own.replace(there),
    }

    came_to = answers(acts, confined(place))

    assert set(came_to.values()) <= {DENIED, "EXDEV"}
    assert there.read_text() == "text"


@since(2)
def test_files_move_between_folders_that_are_both_writable(place: Path) -> None:
    folder = place / "writable"

    came_to = answers(
        {
            "move": lambda: (folder / "file").rename(folder / "sub" / "file"),
            "link": lambda: (folder / "again").hardlink_to(folder / "sub" / "file"),
        },
        confined(place),
    )

    assert came_to == {"move": GRANTED, "link": GRANTED}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes device files at all")
def test_no_device_file_is_made_even_by_root(place: Path) -> None:
    new, number = place / "writable" / "new", os.makedev(1, 3)
    acts: Acts = {
        "character": lambda: os.mknod(new, stat.S_IFCHR | 0o600, number),
        "block": lambda: os.mknod(new, stat.S_IFBLK | 0o600, number),
    }

    came_to = answers(acts, confined(place))

    assert came_to == dict.fromkeys(acts, DENIED)


def test_a_granted_file_is_read_and_its_neighbour_is_not(place: Path) -> None:
    folder = place / "other"
    acts: Acts = {
        "read": (folder / "file").read_text,
        "write": lambda: opened(folder / "file", os.O_WRONLY),
        "neighbour": (folder / "program").read_bytes,
        "list": lambda: os.listdir(folder),  # noqa: PTH208
    }

    came_to = answers(acts, lambda: landlock.restrict([str(folder / "file")]))

    expected = {"read": "text", "write": DENIED, "neighbour": DENIED, "list": DENIED}
    assert came_to == expected


def test_a_writable_file_is_written_and_not_removed(place: Path) -> None:
    file = place / "other" / "file"
    acts: Acts = {
        "write": lambda: file.write_text("new") and None,
        "remove": file.unlink,
    }

    came_to = answers(acts, lambda: landlock.restrict([], [str(file)]))

    assert came_to == {"write": GRANTED, "remove": DENIED}
    assert file.read_text() == "new"


def test_a_granted_device_is_read_and_written(place: Path) -> None:
    null = Path("/dev/null")
    acts: Acts = {
        "read": null.read_text,
        "write": lambda: null.write_text("gone") and None,
        "another": lambda: opened(Path("/dev/zero"), os.O_RDONLY),
    }

    came_to = answers(acts, confined(place))

    assert came_to == {"read": "", "write": GRANTED, "another": DENIED}


@since(5)
def test_devices_take_no_commands(place: Path) -> None:
    def commanded() -> None:
        with Path("/dev/null").open("rb") as null:
            fcntl.ioctl(null, 0x5401, bytes(64))  # TCGETS

    came_to = answers({"ioctl": commanded}, confined(place))

    assert came_to == {"ioctl": DENIED}


def test_what_is_open_already_stays_of_use(place: Path) -> None:
    with (place / "other" / "file").open("r+") as file:
        came_to = answers(
            {
                "read": file.read,
                "cut": lambda: os.ftruncate(file.fileno(), 2),
                "open again": lambda: Path(
                    f"/proc/self/fd/{file.fileno()}"
                ).read_text(),
            },
            confined(place),
        )

    assert came_to == {"read": "text", "cut": GRANTED, "open again": DENIED}


def test_shared_libraries_can_be_mapped(place: Path) -> None:
    def mapped() -> None:
        with (place / "readable" / "program").open("rb") as file:
            protection = mmap.PROT_READ | mmap.PROT_EXEC
            mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, protection).close()

    came_to = answers({"map to execute": mapped}, confined(place))

    assert came_to == {"map to execute": GRANTED}


def test_nothing_is_mounted_or_traced(place: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)

    def called(number: int) -> None:
        if number:
            raise OSError(ctypes.get_errno(), "refused")

    parent, attach = os.getpid(), 16
    acts: Acts = {
        "mount": lambda: called(
            libc.mount(b"none", bytes(place / "writable"), b"tmpfs", 0, None)
        ),
        "trace": lambda: called(libc.ptrace(attach, parent, None, None)),
        "read memory": lambda: opened(Path(f"/proc/{parent}/mem"), os.O_RDONLY),
    }

    came_to = answers(acts, confined(place))

    assert came_to == {"mount": "EPERM", "trace": "EPERM", "read memory": DENIED}


@since(4)
def test_tcp_goes_nowhere(place: Path) -> None:
    def connect(address: tuple[str, int], family: int) -> None:
        with socket.socket(family) as client:
            client.connect(address)

    def bind() -> None:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        acts: Acts = {
            "connect": lambda: connect(address, socket.AF_INET),
            "bind": bind,
        }
        restricted = answers(acts, confined(place))
        version_3 = answers(acts, confined(place, 3))

    assert restricted == {"connect": DENIED, "bind": DENIED}
    assert version_3 == {"connect": GRANTED, "bind": GRANTED}


@since(6)
def test_no_signal_and_no_abstract_socket_reaches_outside(place: Path) -> None:
    name = f"\0tfgrade {place}"

    def connect() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(name)

    parent = os.getpid()
    acts: Acts = {
        "signal": lambda: os.kill(parent, 0),
        "signal to itself": lambda: os.kill(os.getpid(), 0),
        "connect": connect,
    }
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        restricted = answers(acts, confined(place))
        version_5 = answers(acts, confined(place, 5))

    assert restricted == {
        "signal": "EPERM",
        "signal to itself": GRANTED,
        "connect": "EPERM",
    }
    assert version_5 == dict.fromkeys(acts, GRANTED)


def test_the_zygote_can_still_end_a_restricted_child(place: Path) -> None:
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            confined(place)()
            os.write(tell, b"!")
            signal.pause()
        finally:
            os._exit(0)
    os.read(ready, 1)

    os.kill(pid, signal.SIGKILL)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    os.close(ready)
    os.close(tell)


def test_proc_self_is_held_open_and_readable_and_the_parents_is_not(
    place: Path,
) -> None:
    kept: list[str] = []

    def restrict() -> None:
        descriptors = landlock.restrict([str(place / "readable"), "/proc/self"])
        kept.extend(str(Path(f"/proc/self/fd/{d}").readlink()) for d in descriptors)

    parent = os.getpid()
    acts: Acts = {
        "status": lambda: Path("/proc/self/status").read_text() and None,
        "by number": lambda: Path(f"/proc/{os.getpid()}/maps").read_text() and None,
        "thread": lambda: Path("/proc/thread-self/status").read_text() and None,
        "descriptors": lambda: os.listdir("/proc/self/fd"),  # noqa: PTH208
        "parent": lambda: Path(f"/proc/{parent}/environ").read_bytes() and None,
        "all": lambda: os.listdir("/proc"),  # noqa: PTH208
        "kept": lambda: "one" if kept == [f"/proc/{os.getpid()}"] else f"{kept}",
    }

    came_to = answers(acts, restrict)

    assert came_to == {
        "status": GRANTED,
        "by number": GRANTED,
        "thread": GRANTED,
        "descriptors": GRANTED,
        "parent": DENIED,
        "all": DENIED,
        "kept": "one",
    }


def test_children_and_further_restrictions_get_no_more(place: Path) -> None:
    acts: Acts = {
        "again": confined(place),
        "read": (place / "readable" / "file").read_text,
        "wider": lambda: landlock.restrict(["/"]) and None,
        "other": (place / "other" / "file").read_text,
        "child": lambda: str(answers(in_folder(place / "other"))["read"]),
    }

    came_to = answers(acts, confined(place))

    assert came_to == {
        "again": GRANTED,
        "read": "text",
        "wider": GRANTED,  # what was taken before stays taken
        "other": DENIED,
        "child": DENIED,
    }


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"readable": ["missing"]}, "ENOENT"),
        ({"readable": ["sub"], "writable": ["missing"]}, "ENOENT"),
        ({"readable": ["sub"], "listable": ["file"]}, "ENOTDIR"),
        ({"readable": ["sub"], "devices": ["file"]}, "ENOTTY"),
    ],
)
def test_a_path_that_cannot_be_granted_is_an_error_and_restricts_nothing(
    place: Path, arguments: dict[str, Sequence[str]], error: str
) -> None:
    os.chdir(place / "other")
    acts: Acts = {
        "restrict": lambda: landlock.restrict(**arguments) and None,
        "read": (place / "other" / "file").read_text,
    }

    came_to = answers(acts)

    assert came_to == {"restrict": error, "read": "text"}


@pytest.mark.parametrize(
    ("version", "words"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3)]
)
def test_each_version_is_told_as_much_as_it_knows(version: int, words: int) -> None:
    attributes = landlock._attributes(version)

    values = struct.unpack(f"={words}Q", attributes)
    known_bits = (13, 14, 15, 15, 16, 16, 16)[version - 1]
    assert values == ((1 << known_bits) - 1, 0b11, 0b11)[:words]


def test_descriptors_do_not_pile_up(place: Path) -> None:
    def numbers() -> str:
        return str(sorted(os.listdir("/proc/self/fd")))  # noqa: PTH208

    def restricted() -> None:
        landlock.restrict([str(place / "readable")], [str(place / "writable")])

    def refused() -> None:
        landlock.restrict(["/proc/self", str(place / "missing")])

    came_to = answers(
        {
            "before": numbers,
            "refused": refused,
            "after": numbers,
            "restrict": restricted,
        }
    )

    assert came_to["refused"] == "ENOENT"
    assert came_to["before"] == came_to["after"]
