"""What is to be seen and done in the world of a zygote's child, in forked children."""

import codecs
import ctypes
import errno
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.runner.worker.sandbox import world

NOBODY = 65_534
MODE = 0o755
PR_SET_DUMPABLE = 4

LIBC = ctypes.CDLL(None)

pytestmark = pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")

Acts = Mapping[str, Callable[[], object]]

USERS = [
    pytest.param(None, id="as-is"),
    pytest.param(
        NOBODY,
        id="as-nobody",
        marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another"),
    ),
]


class Place:
    """A runner's folder with two artifacts, and what lies elsewhere."""

    def __init__(self, top: Path, who: int | None) -> None:
        """Make it for a user who will enter."""
        self.top, self.who = top, who
        self.library, self.secret = top / "library", top / "secret"
        self.folder = top / "runner"
        self.zygote = self.folder / "zygote"
        self.shown = self.folder / "staging" / "own"
        self.other = self.folder / "staging" / "other"
        self.scratch = self.folder / "scratch"
        for made in (self.library, self.zygote, self.shown, self.other):
            made.mkdir(parents=True)
        for file in (self.library / "code", self.shown / "model", self.other / "model"):
            file.write_text(file.parent.name)
            file.chmod(0o666)
        self.secret.write_text("targets")
        for path in (top, *top.rglob("*")):
            if who is not None:
                os.lchown(path, who, who)

    def enter(self) -> None:
        """Do what a zygote does, and then its child."""
        self.become()
        world.enter([str(self.library)], str(self.folder), str(self.zygote))
        world.enter_private(str(self.folder), str(self.shown), str(self.scratch))

    def become(self) -> None:
        codecs.lookup("ascii")  # Python itself may be out of sight afterwards
        if self.who is not None:
            os.setgroups([])
            os.setresgid(self.who, self.who, self.who)
            os.setresuid(self.who, self.who, self.who)
            LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # its /proc is root's after that

    def answers(self, acts: Acts) -> dict[str, Any]:
        """Do acts in a child that has entered; return what each came to."""
        return in_a_child(acts, self.enter)


def in_a_child(acts: Acts, before: Callable[[], object]) -> dict[str, Any]:
    """Return results by name; of an error the name of its number."""
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


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]


@pytest.fixture(params=USERS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Where every user may pass; skip where there are no namespaces to be had."""
    top = Path(tempfile.mkdtemp(prefix="tfgrade-world-"))
    top.chmod(MODE)
    try:
        place = Place(top, request.param)
        answers = place.answers({})
        if answers:
            pytest.skip(f"this machine gives no world: {answers['before']}")
        yield place
    finally:
        shutil.rmtree(top)


@pytest.fixture
def port() -> Iterator[int]:
    """Listen to a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def read(path: Path | str) -> Callable[[], object]:
    return lambda: Path(path).read_text()


def listed(path: Path | str) -> Callable[[], object]:
    return lambda: sorted(entry.name for entry in Path(path).iterdir())


def write(path: Path | str) -> Callable[[], object]:
    return lambda: Path(path).write_text("changed")


def test_it_holds_what_was_named_and_nothing_else(place: Place) -> None:
    top = str(place.top)

    seen = place.answers(
        {
            "/": listed("/"),
            "the place": listed(top),
            "library": read(place.library / "code"),
            "secret": read(place.secret),
            "accounts": read("/etc/passwd"),
            "shell": read("/bin/sh"),
            "home": listed("/root"),
            "devices": listed("/dev"),
        }
    )

    assert seen == {
        "/": sorted({"dev", "proc", place.top.parts[1]}),
        "the place": ["library", "runner"],
        "library": "library",
        "secret": "ENOENT",
        "accounts": "ENOENT",
        "shell": "ENOENT",
        "home": "ENOENT",
        "devices": ["null", "random", "urandom"],
    }


def test_nothing_can_be_changed_but_the_scratch_folder(place: Place) -> None:
    done = place.answers(
        {
            "/": write("/new"),
            "/dev": write("/dev/new"),
            "/proc": write("/proc/new"),
            "library": write(place.library / "code"),
            "the artifact": write(place.shown / "model"),
            "beside the artifact": write(place.shown / "new"),
            "remove it": (place.shown / "model").unlink,
            "permissions": lambda: (place.shown / "model").chmod(0o777),
            "the hole": write("/dev/null"),
            "scratch": write(place.scratch / "new"),
        }
    )

    assert done == {
        **dict.fromkeys(("/", "/dev", "/proc", "library"), "EROFS"),
        **dict.fromkeys(("the artifact", "beside the artifact"), "EROFS"),
        **dict.fromkeys(("remove it", "permissions"), "EROFS"),
        **dict.fromkeys(("the hole", "scratch"), len("changed")),
    }
    assert (place.shown / "model").read_text() == "own"
    assert not place.scratch.exists()  # it was in memory, and is gone with the child


def test_of_the_runners_folder_a_child_sees_its_own_artifact(place: Place) -> None:
    seen = place.answers(
        {
            "folder": listed(place.folder),
            "artifacts": listed(place.shown.parent),
            "own": read(place.shown / "model"),
            "other": read(place.other / "model"),
        }
    )

    assert seen == {
        "folder": ["scratch", "staging"],
        "artifacts": ["own"],
        "own": "own",
        "other": "ENOENT",
    }


def test_a_child_sees_no_process_but_itself(place: Place) -> None:
    parent = os.getpid()

    seen = place.answers(
        {
            "all": listed("/proc"),
            "self": lambda: str(Path("/proc/self").readlink()),
            "own number": lambda: str(os.getpid()),
            "own memory": lambda: bool(Path("/proc/self/maps").read_text()),
            "parent": read(f"/proc/{parent}/environ"),
            "settings": read("/proc/sys/kernel/hostname"),
        }
    )

    own = seen.pop("own number")
    assert seen == {
        "all": [own, "cpuinfo", "meminfo", "self"],
        "self": own,
        "own memory": True,
        "parent": "ENOENT",
        "settings": "ENOENT",
    }


def test_no_mount_gives_rights_or_devices(place: Place) -> None:
    def flags(path: Path | str) -> Callable[[], object]:
        names = ("RDONLY", "NOSUID", "NODEV", "NOEXEC")
        return lambda: [
            name
            for name in names
            if os.statvfs(path).f_flag & getattr(os, f"ST_{name}")
        ]

    found = place.answers(
        {
            "/": flags("/"),
            "library": flags(place.library),
            "artifact": flags(place.shown),
            "scratch": flags(place.scratch),
            "device": flags("/dev/null"),
            "/proc": flags("/proc"),
        }
    )

    assert found == {
        "/": ["RDONLY", "NOSUID", "NODEV", "NOEXEC"],
        "library": ["RDONLY", "NOSUID", "NODEV"],
        "artifact": ["RDONLY", "NOSUID", "NODEV", "NOEXEC"],
        "scratch": ["NOSUID", "NODEV", "NOEXEC"],
        "device": found["device"],
        "/proc": ["RDONLY", "NOSUID", "NODEV", "NOEXEC"],
    }
    assert {"NOSUID", "NOEXEC"} <= set(found["device"])


def test_the_scratch_folder_holds_so_many_bytes_and_files(place: Place) -> None:
    part = bytes(1 << 20)

    def fill() -> int:
        written = 0
        with (place.scratch / "large").open("wb", buffering=0) as file:
            try:
                while written < 2 * world.SCRATCH_BYTES:
                    written += file.write(part)
            except OSError as error:
                assert error.errno == errno.ENOSPC
        (place.scratch / "large").unlink()
        return written

    def count() -> int:
        for number in range(2 * world.SCRATCH_FILES):
            try:
                (place.scratch / str(number)).touch()
            except OSError as error:
                assert error.errno == errno.ENOSPC
                return number
        return 2 * world.SCRATCH_FILES

    held = place.answers({"bytes": fill, "files": count})

    assert world.SCRATCH_BYTES - (1 << 20) <= held["bytes"] <= world.SCRATCH_BYTES
    assert world.SCRATCH_FILES - 16 <= held["files"] <= world.SCRATCH_FILES


def test_there_is_no_network_but_one_that_is_down(place: Place, port: int) -> None:
    found = place.answers(
        {
            "interfaces": lambda: [name for _, name in socket.if_nameindex()],
            "connect": lambda: socket.socket().connect(("127.0.0.1", port)),
        }
    )

    assert found == {"interfaces": ["lo"], "connect": "ENETUNREACH"}


def test_what_is_mounted_stays_in_the_world_it_was_mounted_in(place: Place) -> None:
    before = Path("/proc/self/mountinfo").read_text()

    place.answers({})

    assert Path("/proc/self/mountinfo").read_text() == before
    assert list(place.zygote.iterdir()) == []
    assert sorted(path.name for path in place.folder.iterdir()) == ["staging", "zygote"]


def test_an_artifact_can_be_shown_alone(place: Place) -> None:
    def enter() -> None:
        place.become()
        world.enter([str(place.library)], str(place.folder), str(place.zygote))
        model = str(place.shown / "model")
        world.enter_private(str(place.folder), model, str(place.scratch))

    seen = in_a_child(
        {"shown": listed(place.shown), "read": read(place.shown / "model")},
        enter,
    )

    assert seen == {"shown": ["model"], "read": "own"}


def test_a_process_of_two_threads_cannot_leave_with_an_ordinary_users_rights(
    place: Place,
) -> None:
    if place.who is None and os.geteuid() == 0:
        pytest.skip("root needs no user namespace")
    import threading

    def enter() -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        place.enter()

    assert "Invalid argument" in in_a_child({}, enter)["before"]


def test_what_is_readable_is_named_once_and_is_there() -> None:
    paths = world.readable(["/nowhere", str(Path(os.__file__).parent)])

    assert paths == sorted(set(paths))
    assert all(os.access(path, os.R_OK) for path in paths)
    inner = [
        (one, two)
        for one in paths
        for two in paths
        if one != two and one.startswith(f"{two}/")
    ]
    assert inner == []
    assert any(os.__file__.startswith(f"{path}/") for path in paths)
    assert not {"/", "/etc", "/home", "/root", "/tmp"} & {*paths}  # noqa: S108
