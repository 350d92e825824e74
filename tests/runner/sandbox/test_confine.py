"""The sandbox as a whole, in forked children: here, and where layers are lacking."""

import codecs
import ctypes
import errno
import importlib.util
import json
import os
import resource
import shutil
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.isolation import Profile
from pytest_tfgrade.runner.canary import profile_of
from pytest_tfgrade.runner.worker.sandbox import confine, limits

NOBODY = 65_534
PR_GET_PDEATHSIG, PR_SET_DUMPABLE = 2, 4
FILTERED = "2"  # as Seccomp in /proc/self/status

LIBC = ctypes.CDLL(None, use_errno=True)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux'"),
    pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning"),
]

IS_ROOT = os.geteuid() == 0
ORDINARY = NOBODY if IS_ROOT else None
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root can be root")

USERS = [
    pytest.param(ORDINARY, id="user"),
    pytest.param(None, id="root", marks=only_root),
]

Acts = Mapping[str, Callable[[], object]]


def _without() -> Any:
    path = Path(__file__).parents[2] / "hostile" / "without.py"
    spec = importlib.util.spec_from_file_location("without", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


without = _without()


class Zygote:
    """What a zygote does with its sandbox, in a process of its own."""

    def __init__(self, top: Path, who: int | None) -> None:
        """Make its folders."""
        self.who = who
        self.secret = top / "secret"
        self.folder = top / "runner"
        self.scratch = self.folder / "zygote"
        self.shown = self.folder / "staging" / "own"
        for made in (self.scratch, self.shown, self.folder / "scratch"):
            made.mkdir(parents=True)
        for file in (self.secret, self.shown / "model"):
            file.write_text(file.name)
        for path in (top, *top.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
            if who is not None:
                os.lchown(path, who, who)

    def sandbox(self, mode: str = confine.AUTO) -> confine.Sandbox:
        """Enter as its user."""
        codecs.lookup("ascii")  # Python itself may be out of sight afterwards
        sysconfig.get_config_vars()
        if self.who is not None:
            os.setgroups([])
            os.setresgid(self.who, self.who, self.who)
            os.setresuid(self.who, self.who, self.who)
            LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # its /proc is root's after that
        settings = {"mode": mode, "folder": str(self.folder), "folders": []}
        return confine.Sandbox(settings, str(self.scratch))

    def confine(self, sandbox: confine.Sandbox) -> None:
        """Confine this process as a child is."""
        scratch = self.folder / "scratch"
        if sandbox.missing.get("namespaces", "") is None:
            scratch = self.folder / "anew"
        order = {
            "scratch": str(scratch),
            "shown": str(self.shown),
            "limits": {"memory": 64 << 20, "seconds": 10},
        }
        sandbox.confine(order)
        os.chdir(scratch)


@pytest.fixture
def make() -> Iterator[Callable[[int | None], Zygote]]:
    """Make a zygote's folders where every user may pass."""
    top = Path(tempfile.mkdtemp(prefix="tfgrade-confine-"))
    yield lambda who: Zygote(top, who)
    shutil.rmtree(top)


def in_a_child(work: Callable[[], object]) -> Any:
    """Return what something came to in a forked process; of an error, its text."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said: object = None
        try:
            said = work()
        except BaseException as error:
            said = repr(error)
        finally:
            os.write(writing, json.dumps(said).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return told


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def status(name: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return fields[name].strip()


def layers_here(make: Callable[[int | None], Zygote], who: int | None) -> set[str]:
    """Return what the machine of the tests lacks itself."""
    zygote = make(who)

    def missing() -> dict[str, str | None]:
        sandbox = zygote.sandbox()
        sandbox.enter()
        return sandbox.missing

    found = in_a_child(missing)
    assert isinstance(found, dict), found
    shutil.rmtree(zygote.folder)
    zygote.secret.unlink()
    return {layer for layer, why in found.items() if why}


@pytest.mark.parametrize("who", USERS)
def test_a_child_has_every_layer_that_there_is(
    make: Callable[[int | None], Zygote], who: int | None
) -> None:
    lacking = layers_here(make, who)
    if lacking:
        pytest.skip(f"this machine lacks {lacking}")
    zygote = make(who)

    def work() -> dict[str, object]:
        sandbox = zygote.sandbox()
        sandbox.enter()
        zygote.confine(sandbox)
        return {
            "missing": sandbox.missing,
            "filter": status("Seccomp"),
            "no new privileges": status("NoNewPrivs"),
            "capabilities": {status(f"Cap{kind}") for kind in ("Prm", "Eff", "Inh")}
            == {"0" * 16},
            "user": os.getuid(),
            "end with parent": LIBC.prctl(PR_GET_PDEATHSIG, 0),
            "threads": resource.getrlimit(resource.RLIMIT_NPROC)[1],
            "secret": outcome(zygote.secret.read_text),
            "model": (zygote.shown / "model").read_text(),
            "scratch": outcome(lambda: Path("new").write_text("text")),
            "beside": outcome(lambda: Path("../new").write_text("text")),
            "fork": outcome(os.fork),
        }

    found = in_a_child(work)

    assert isinstance(found, dict), found
    user = found.pop("user")
    assert user >= 2_000_000_000 if who is None and IS_ROOT else user == who
    assert set(found.pop("missing").values()) == {None}
    assert found.pop("end with parent") in {0, -1}  # the filter hides it
    assert found == {
        "filter": FILTERED,
        "no new privileges": "1",
        "capabilities": True,
        "threads": limits.MOST_THREADS,
        "secret": "ENOENT",
        "model": "model",
        "scratch": 4,
        "beside": "EACCES",
        "fork": "EPERM",
    }


LACKING = [
    pytest.param(ORDINARY, ["landlock"], {"landlock"}, id="user-landlock"),
    pytest.param(ORDINARY, ["user-namespaces"], {"namespaces"}, id="user-namespaces"),
    pytest.param(ORDINARY, ["mounts"], {"namespaces"}, id="user-mounts"),
    pytest.param(ORDINARY, ["seccomp"], {"seccomp"}, id="user-seccomp"),
    pytest.param(
        *(ORDINARY, ["landlock", "mounts"], {"landlock", "namespaces"}), id="user-both"
    ),
    pytest.param(None, ["landlock"], {"landlock"}, id="root-l", marks=only_root),
    pytest.param(None, ["seccomp"], {"seccomp"}, id="root-s", marks=only_root),
    pytest.param(None, ["CAP_SETUID"], {"identity"}, id="root-i", marks=only_root),
]


@pytest.mark.parametrize(("who", "lacks", "expected"), LACKING)
def test_what_is_lacking_is_named_and_the_rest_still_holds(
    make: Callable[[int | None], Zygote],
    who: int | None,
    lacks: Sequence[str],
    expected: set[str],
) -> None:
    expected = expected | layers_here(make, who)
    zygote = make(who)

    def work() -> dict[str, object]:
        for name in lacks:
            if name in without.CAPABILITIES:
                drop_capability(without.CAPABILITIES[name])
        sandbox = zygote.sandbox()
        without.lack([name for name in lacks if name in without.CALLS])
        sandbox.enter()
        if "identity" not in expected:
            zygote.confine(sandbox)
        return {
            "missing": sandbox.missing,
            "secret": outcome(zygote.secret.read_text),
            "connect": outcome(connect),
        }

    found = in_a_child(work)

    assert isinstance(found, dict), found
    missing = found["missing"]
    assert {layer for layer, why in missing.items() if why} == expected
    if profile_of(missing) is not Profile.LIMITS:
        assert found["secret"] in {"ENOENT", "EACCES"}
        assert found["connect"] == "EPERM"


def drop_capability(number: int) -> None:
    """Let this process, which is root, have one capability less."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    sets = (ctypes.c_uint32 * 6)()
    header = Header(0x20080522, 0)
    LIBC.capget(ctypes.byref(header), ctypes.byref(sets))
    for at in range(3):
        sets[at] &= ~(1 << number)
    assert LIBC.capset(ctypes.byref(header), ctypes.byref(sets)) == 0


def connect() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", 9))


@pytest.mark.parametrize("who", USERS)
@pytest.mark.parametrize("lost", ["landlock", "seccomp", "mounts"])
def test_a_layer_that_is_lost_between_lets_no_model_run(
    make: Callable[[int | None], Zygote], who: int | None, lost: str
) -> None:
    if layers_here(make, who):
        pytest.skip("this machine lacks a layer")
    zygote = make(who)

    def work() -> str:
        sandbox = zygote.sandbox()
        sandbox.enter()
        without.lack([lost])
        zygote.confine(sandbox)
        return "confined"

    assert str(in_a_child(work)).startswith(("OSError", "PermissionError"))


@pytest.mark.parametrize(
    ("mode", "bounded"), [(confine.LIMITS, True), (confine.OFF, False)]
)
def test_on_request_there_are_bounds_alone_or_nothing(
    make: Callable[[int | None], Zygote], mode: str, bounded: bool
) -> None:
    zygote = make(None)
    unbounded = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def work() -> dict[str, object]:
        sandbox = zygote.sandbox(mode)
        sandbox.enter()
        zygote.confine(sandbox)
        end = ctypes.c_int()
        LIBC.prctl(PR_GET_PDEATHSIG, ctypes.byref(end))
        return {
            "missing": sandbox.missing,
            "largest file": resource.getrlimit(resource.RLIMIT_FSIZE)[1],
            "end with parent": end.value,
            "filter": status("Seccomp"),
            "secret": zygote.secret.read_text(),
        }

    found = in_a_child(work)

    assert found == {
        "missing": {},
        "largest file": limits.LARGEST_FILE if bounded else unbounded,
        "end with parent": 9,
        "filter": status("Seccomp"),
        "secret": "secret",
    }
