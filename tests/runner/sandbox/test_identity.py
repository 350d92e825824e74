"""Who a child becomes and what it keeps, by what it can still do."""

import ctypes
import errno
import json
import os
import signal
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.runner.worker.sandbox import identity

DONE = "done"
OF_A_USER_WITHOUT_RIGHTS = {
    "CapInh": "0000000000000000",
    "CapPrm": "0000000000000000",
    "CapEff": "0000000000000000",
    "CapBnd": "0000000000000000",
    "CapAmb": "0000000000000000",
}
CLONE_NEWUSER = 0x10000000
PR_SET_DUMPABLE = 4
SOMEBODY = 61_007

LIBC = ctypes.CDLL(None, use_errno=True)

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root becomes another user"
)
pytestmark = pytest.mark.filterwarnings(
    "ignore:This process.*fork:DeprecationWarning",
)

Acts = Mapping[str, Callable[[], object]]


def answers(acts: Acts, *before: Callable[[], object]) -> dict[str, Any]:
    """Do the acts in a forked process; return what each came to, by its name.

    The name of the error number, what the act returned, or ``done`` for None.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said: dict[str, Any] = {}
        try:
            for step in before:
                step()
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
        result = act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return DONE if result is None else result


def status(*names: str) -> dict[str, str]:
    """Return lines of this process' status in the kernel's words."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: " ".join(fields[name].split()) for name in names}


def capabilities() -> dict[str, str]:
    return status(*OF_A_USER_WITHOUT_RIGHTS)


def enter_user_namespace() -> None:
    """Become root of a user namespace, in which there is nobody else."""
    uid, gid = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "no user namespace")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")


def has_user_namespaces() -> bool:
    return answers({"enter": enter_user_namespace}) == {"enter": DONE}


needs_user_namespace = pytest.mark.skipif(
    not has_user_namespaces(), reason="this machine gives no user namespace"
)


def become_somebody() -> None:
    identity.become(SOMEBODY)


def without_root() -> None:
    """Become an ordinary user, as most are who grade."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
        os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
        LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def mapping(first: int, outside: int, count: int) -> Callable[[], None]:
    """Return what enters a user namespace with so many numbers; needs root."""

    def enter() -> None:
        ready, told = os.pipe(), os.pipe()
        parent = os.getpid()
        helper = os.fork()
        if helper == 0:  # stays outside, where it may map what it likes
            try:
                os.read(ready[0], 1)
                for kind in ("uid", "gid"):
                    row = f"{first} {outside} {count}"
                    Path(f"/proc/{parent}/{kind}_map").write_text(row)
            finally:
                os.write(told[1], b"!")
                os._exit(0)
        if LIBC.unshare(CLONE_NEWUSER):
            raise OSError(ctypes.get_errno(), "no user namespace")
        os.write(ready[1], b"!")
        os.read(told[0], 1)
        os.waitpid(helper, 0)

    return enter


@needs_root
def test_a_child_of_root_becomes_the_user_alone() -> None:
    came_to = answers(
        {"status": lambda: status("Uid", "Gid", "Groups"), "caps": capabilities},
        *(lambda: os.setgroups([0, 4]), become_somebody),
    )

    four = " ".join(["61007"] * 4)
    assert came_to == {
        "status": {"Uid": four, "Gid": four, "Groups": ""},
        "caps": OF_A_USER_WITHOUT_RIGHTS,
    }


@needs_root
def test_nothing_that_root_may_is_left(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("targets")
    secret.chmod(0o600)
    tmp_path.chmod(0o777)
    (tmp_path / "own").touch()
    os.chown(tmp_path / "own", SOMEBODY, SOMEBODY)
    os.chdir(tmp_path)
    parent = os.getpid()
    acts = {
        "read": lambda: Path("secret").read_text(),
        "change mode": lambda: Path("secret").chmod(0o666),
        "give away": lambda: os.chown("own", 0, 0),
        "make a device": lambda: os.mknod("new", stat.S_IFCHR | 0o600, 0x103),
        "signal": lambda: os.kill(parent, 0),
        "environment": lambda: Path(f"/proc/{parent}/environ").read_text(),
        "become root": lambda: os.setuid(0),
        "become root's group": lambda: os.setgid(0),
        "join a group": lambda: os.setgroups([0]),
        "new root": lambda: os.chroot("."),
        "priority": lambda: os.nice(-1),
    }

    came_to = answers(acts, become_somebody)

    denied = {"read", "environment"}
    assert came_to == {name: "EACCES" if name in denied else "EPERM" for name in acts}


@needs_root
def test_the_same_acts_are_done_by_root(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("targets")
    secret.chmod(0)

    came_to = answers(
        {
            "read": secret.read_text,
            "give away": lambda: os.chown(secret, 1, 1),
            "become another": lambda: os.setuid(1),
        }
    )

    assert came_to == {"read": "targets", "give away": DONE, "become another": DONE}


@needs_root
def test_its_own_entries_in_proc_stay_readable() -> None:
    def read(name: str) -> Callable[[], object]:
        return lambda: bool(Path(f"/proc/self/{name}").read_bytes())

    acts = {
        "maps": read("maps"),
        "environ": read("environ"),
        "descriptors": lambda: bool(os.listdir("/proc/self/fd")),  # noqa: PTH208
        "owner": lambda: Path("/proc/self/maps").stat().st_uid,
    }

    came_to = answers(acts, become_somebody)

    expected = {"maps": True, "environ": True, "descriptors": True, "owner": SOMEBODY}
    assert came_to == expected


@needs_root
def test_what_is_open_stays_of_use(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("inputs")
    secret.chmod(0o600)
    with secret.open() as file:
        came_to = answers({"read": file.read}, become_somebody)

    assert came_to == {"read": "inputs"}


@needs_root
def test_two_children_of_root_cannot_reach_each_other() -> None:
    ready, tell = os.pipe()
    first = os.fork()
    if first == 0:
        try:
            identity.become(identity.unused_uid(os.getpid()))
            os.write(tell, b"!")
            signal.pause()
        finally:
            os._exit(0)
    os.read(ready, 1)

    came_to = answers(
        {
            "signal": lambda: os.kill(first, 0),
            "environment": lambda: Path(f"/proc/{first}/environ").read_text(),
            "descriptors": lambda: os.listdir(f"/proc/{first}/fd"),  # noqa: PTH208
        },
        lambda: identity.become(identity.unused_uid(os.getpid())),
    )

    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    os.close(ready)
    os.close(tell)
    assert came_to == {
        "signal": "EPERM",
        "environment": "EACCES",
        "descriptors": "EACCES",
    }


@needs_root
def test_a_program_started_by_root_without_capabilities_gets_none() -> None:
    def started() -> dict[str, str]:
        command = ["/bin/cat", "/proc/self/status"]
        lines = subprocess.check_output(command, text=True).splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        names = ("Uid", *OF_A_USER_WITHOUT_RIGHTS)
        return {name: fields[name].split()[0] for name in names}

    came_to = answers({"started": started}, identity.drop_capabilities)

    assert came_to == {"started": {"Uid": "0", **OF_A_USER_WITHOUT_RIGHTS}}


@needs_root
@pytest.mark.parametrize("kept", [False, True], ids=["as-is", "with-keepcaps"])
def test_capabilities_that_survive_a_change_of_user_are_dropped(kept: bool) -> None:
    def keep() -> None:
        keep_capabilities = 8
        LIBC.prctl(keep_capabilities, int(kept), 0, 0, 0)

    came_to = answers(
        {"caps": capabilities, "back": lambda: os.setuid(0)}, keep, become_somebody
    )

    assert came_to == {"caps": OF_A_USER_WITHOUT_RIGHTS, "back": "EPERM"}


@needs_root
def test_the_rules_that_give_root_capabilities_are_locked_off() -> None:
    set_bits, get_bits = 28, 27

    came_to = answers(
        {"bits": lambda: LIBC.prctl(get_bits, 0, 0, 0, 0)},
        *(lambda: LIBC.prctl(set_bits, 0, 0, 0, 0), identity.drop_capabilities),
    )

    assert came_to == {"bits": 0b1110_1011}  # capabilities(7): "The securebits flags"


@needs_user_namespace
@pytest.mark.parametrize("start", [without_root, lambda: None], ids=["user", "as-is"])
def test_the_root_of_a_user_namespace_loses_its_capabilities(
    start: Callable[[], None],
) -> None:
    def new_host_name() -> None:
        if LIBC.unshare(0x04000000):  # CLONE_NEWUTS: needs CAP_SYS_ADMIN
            raise OSError(ctypes.get_errno(), "refused")

    before = answers(
        {"act": new_host_name, "root": identity.is_root}, start, enter_user_namespace
    )
    after = answers(
        {"act": new_host_name, "caps": capabilities},
        *(start, enter_user_namespace, identity.drop_capabilities),
    )

    assert before == {"act": DONE, "root": True}
    assert after == {"act": "EPERM", "caps": OF_A_USER_WITHOUT_RIGHTS}


@needs_user_namespace
def test_the_root_of_a_user_namespace_of_one_user_finds_no_other() -> None:
    def texts() -> str:
        try:
            return str(identity.unused_uid(os.getpid()))
        except OSError as error:
            return str(error.strerror)

    came_to = answers(
        {"unused": texts, "become": become_somebody},
        *(without_root, enter_user_namespace),
    )

    assert came_to == {
        "unused": (
            "no user number is free for a model's process: this user namespace has "
            "too few (/proc/self/uid_map, /proc/self/gid_map)"
        ),
        "become": "EINVAL",
    }


def test_an_ordinary_user_drops_what_it_has_not() -> None:
    acts = {"caps": capabilities, "root": identity.is_root}

    came_to = answers(acts, without_root, identity.drop_capabilities)

    # The bounding set is not its own to empty, and gives nothing by itself.
    expected = OF_A_USER_WITHOUT_RIGHTS | {"CapBnd": came_to["caps"]["CapBnd"]}
    assert came_to == {"caps": expected, "root": False}


def test_an_ordinary_user_becomes_nobody_else() -> None:
    def become_another() -> str:
        try:
            identity.become(SOMEBODY + 1)
        except OSError as error:
            return str(error.strerror)
        return DONE

    came_to = answers({"become": become_another}, without_root)

    assert came_to == {
        "become": "the process may not become user 61008: Operation not permitted"
    }


def test_dropping_twice_is_dropping_once() -> None:
    drop = identity.drop_capabilities

    came_to = answers({"again": drop, "caps": lambda: status("CapEff")}, drop)

    assert came_to == {"again": DONE, "caps": {"CapEff": "0000000000000000"}}


@needs_root
def test_who_may_become_any_user_counts_as_root() -> None:
    def keep_only_to_change_user() -> None:
        keep_capabilities, of_changing_user = 8, 1 << 7
        LIBC.prctl(keep_capabilities, 1, 0, 0, 0)
        os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        sets = (ctypes.c_uint32 * 6)(of_changing_user, of_changing_user, 0, 0, 0, 0)
        assert LIBC.capset(header, sets) == 0

    came_to = answers({"root": identity.is_root}, keep_only_to_change_user)

    assert came_to == {"root": True}


@pytest.mark.skipif(
    not Path("/proc/self/uid_map").exists()
    or Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"],
    reason="this user namespace has few numbers",
)
def test_each_process_number_has_its_own_user() -> None:
    assert [identity.unused_uid(pid) for pid in (1, 2, 4_194_304)] == [
        *(2_000_000_001, 2_000_000_002, 2_004_194_304),
    ]


@needs_root
@needs_user_namespace
def test_a_container_with_few_users_gives_numbers_of_its_upper_half() -> None:
    nobodys = (65_534 - 32_768 - 2_000_000_000) % 32_768  # would be given "nobody"

    def numbers() -> list[int]:
        return [identity.unused_uid(nobodys - n) for n in range(500)]

    came_to = answers({"numbers": numbers}, mapping(0, 100_000, 65_536))

    found = came_to["numbers"]
    assert len(set(found)) == 500
    assert min(found) >= 32_768
    assert max(found) < 65_534


@needs_root
@needs_user_namespace
def test_no_number_is_one_that_somebody_has() -> None:
    accounts = Path("/etc/passwd").read_text() + Path("/etc/group").read_text()
    found = [int(line.split(":")[2]) for line in accounts.splitlines()]
    highest_of_the_system = max(number for number in found if number < 1000)

    came_to = answers(
        {"uids": lambda: sorted({identity.unused_uid(pid) for pid in range(1000)})},
        mapping(0, 100_000, highest_of_the_system + 2),
    )

    assert came_to["uids"]
    assert set(came_to["uids"]) & {0, *found} == set()


@needs_root
@needs_user_namespace
def test_root_of_a_container_with_few_users_becomes_one_of_them() -> None:
    def become() -> bool:
        uid = identity.unused_uid(os.getpid())
        identity.become(uid)
        return os.getresuid() == os.getresgid() == (uid, uid, uid)

    came_to = answers(
        {"become": become, "caps": capabilities}, mapping(0, 100_000, 65_536)
    )

    assert came_to == {"become": True, "caps": OF_A_USER_WITHOUT_RIGHTS}


@pytest.mark.parametrize(
    ("users", "groups", "first"),
    [
        pytest.param([range(2**32 - 1)], [range(2**32 - 1)], 2_000_000_007, id="all"),
        pytest.param([range(10)], [range(5, 20)], 7, id="common-to-both"),
        pytest.param([range(1), range(1, 5)], [range(9)], 4, id="longest"),
        pytest.param([range(2**31, 2**32)], [range(2**31, 2**32)], None, id="too-high"),
        pytest.param([range(1)], [range(1)], None, id="root-alone"),
    ],
)
def test_numbers_are_both_a_users_and_a_groups(
    users: list[range], groups: list[range], first: int | None
) -> None:
    found = identity._candidates(2_000_000_007, identity._common(users, groups))

    assert next(found, None) == first


def test_every_number_of_a_short_range_is_tried() -> None:
    tried = list(identity._candidates(2_000_000_001, [range(1, 6)]))

    assert sorted(tried) == [1, 2, 3, 4, 5]
