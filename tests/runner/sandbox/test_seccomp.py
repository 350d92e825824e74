"""The system call filter: every call of the tables, by both machines and by a kernel.

What the kernel answers is tried in forked children. What it would answer on another
machine is found by a small interpreter of the filter's own program.
"""

import ctypes
import errno
import faulthandler
import mmap
import os
import platform
import re
import resource
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_tfgrade.runner.worker.sandbox import seccomp, syscalls

LIBC = ctypes.CDLL(None, use_errno=True)

needs_seccomp = pytest.mark.skipif(
    seccomp.available() is not None, reason=str(seccomp.available())
)
needs_x86_64 = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="a trap of x86-64"
)
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

TABLES = (syscalls.ALLOWED, syscalls.CHECKED, syscalls.FORBIDDEN)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OWN = 4242
NUMBERS = {"clone3": 435, "openat2": 437, "a call of tomorrow": 999}

Arguments = tuple[int | str, ...]
"""The arguments of a call; OWN and PARENT stand for processes."""

REFUSED: dict[str, tuple[str, Arguments, int]] = {
    "a fork": ("clone", (17,), errno.EPERM),
    "a fork like vfork": ("clone", (0x4111,), errno.EPERM),
    "a thread in a new user namespace": ("clone", (0x10010F00,), errno.EPERM),
    "a process in a new network": ("clone", (0x40000011,), errno.EPERM),
    "clone3": ("clone3", (0, 88), errno.ENOSYS),
    "openat2": ("openat2", (-100, 0, 0, 24), errno.ENOSYS),
    "an unknown call": ("a call of tomorrow", (), errno.ENOSYS),
    "a signal to the group": ("kill", (0, 0), errno.EPERM),
    "a signal to all": ("kill", (-1, 0), errno.EPERM),
    "a signal to the parent": ("kill", ("PARENT", 0), errno.EPERM),
    "a signal to its thread": ("tgkill", ("PARENT", "PARENT", 0), errno.EPERM),
    "a queued signal": ("rt_sigqueueinfo", ("PARENT", 9, 0), errno.EPERM),
    "a queued signal to a thread": (
        *("rt_tgsigqueueinfo", ("PARENT", "PARENT", 9, 0), errno.EPERM),
    ),
    "shared memory": ("mmap", (0, 4096, 3, 0x21, -1, 0), errno.EPERM),
    "validated shared memory": ("mmap", (0, 4096, 3, 0x23, -1, 0), errno.EPERM),
    "a stack that grows": ("mmap", (0, 4096, 3, 0x122, -1, 0), errno.EPERM),
    "a pair of datagram sockets": ("socketpair", (1, 2, 0, 0), errno.EPERM),
    "a pair of netlink sockets": ("socketpair", (16, 1, 0, 0), errno.EPERM),
    "a message to an address": ("sendto", (-1, 0, 0, 0, 4096, 16), errno.EPERM),
    "a message to a high address": (
        *("sendto", (-1, 0, 0, 0, 1 << 32, 16), errno.EPERM),
    ),
    "a filter on a socket": ("setsockopt", (-1, 1, 26, 0, 16), errno.EPERM),
    "an option of TCP": ("setsockopt", (-1, 6, 7, 0, 4), errno.EPERM),
    "outliving the parent": ("prctl", (1, 0, 0, 0, 0), errno.EPERM),
    "a subreaper": ("prctl", (36, 1, 0, 0, 0), errno.EPERM),
    "being traced": ("prctl", (0x59616D61, -1, 0, 0, 0), errno.EPERM),
    "a key press in the terminal": ("ioctl", (-1, 0x5412, 0), errno.ENOTTY),
    "a terminal's group": ("ioctl", (-1, 0x5410, 0), errno.ENOTTY),
    "signals of a file to others": ("ioctl", (-1, 0x8901, 0), errno.ENOTTY),
    "F_SETOWN": ("fcntl", (-1, 8, 1), errno.EPERM),
    "F_SETSIG": ("fcntl", (-1, 10, 9), errno.EPERM),
    "F_SETOWN_EX": ("fcntl", (-1, 15, 0), errno.EPERM),
    "F_SETLEASE": ("fcntl", (-1, 1024, 0), errno.EPERM),
    "F_NOTIFY": ("fcntl", (-1, 1026, 0), errno.EPERM),
    "F_ADD_SEALS": ("fcntl", (-1, 1033, 0), errno.EPERM),
    "who is at the other end": ("getsockopt", (-1, 1, 77, 0, 0), errno.EPERM),
    "what others have read": ("preadv2", (-1, 0, 0, 0, 0, 8), errno.EOPNOTSUPP),
    "much disk in a moment": ("fallocate", (-1, 0, 0, 1), errno.EOPNOTSUPP),
    "an urgent message": ("sendto", (-1, 0, 0, 1, 0, 0), errno.EPERM),
    "an urgent message of parts": ("sendmsg", (-1, 0, 1), errno.EPERM),
    "an end that looks like another's": ("kill", ("OWN", 9), errno.EPERM),
    "the same for a thread": ("tgkill", ("OWN", 1, 9), errno.EPERM),
    "the same, queued": ("rt_sigqueueinfo", ("OWN", 9, 0), errno.EPERM),
    "queued for a thread": ("rt_tgsigqueueinfo", ("OWN", 1, 9, 0), errno.EPERM),
    "other limits of its own": ("prlimit64", (0, 7, 4096, 0), errno.EPERM),
    "limits at a high address": ("prlimit64", (0, 7, 1 << 32, 0), errno.EPERM),
    "limits of the parent": ("prlimit64", ("PARENT", 7, 0, 0), errno.EPERM),
    "cores of the parent": ("sched_setaffinity", ("PARENT", 8, 0), errno.EPERM),
    "the parent's scheduler": (*("sched_setscheduler", ("PARENT", 0, 0), errno.EPERM),),
    "its parameters": ("sched_setparam", ("PARENT", 0), errno.EPERM),
    "its attributes": ("sched_setattr", ("PARENT", 0, 0), errno.EPERM),
    "to empty a file opened to read": ("openat", (-1, 0, 0x200), errno.EPERM),
    "to empty it with O_CREAT": ("openat", (-1, 0, 0x240), errno.EPERM),
    "to empty a file opened for neither": ("openat", (-1, 0, 0x203), errno.EPERM),
    "a file opened for neither": ("openat", (-1, 0, 3), errno.EPERM),
    "the same by the old call": ("open", (0, 0x200, 0), errno.EPERM),
}

ADMITTED: dict[str, tuple[str, Arguments]] = {
    "a thread": ("clone", (0x3D0F00,)),
    "a signal to itself": ("kill", ("OWN", 10)),
    "an abort": ("tgkill", ("OWN", 1, 6)),
    "a queued signal to itself": ("rt_sigqueueinfo", ("OWN", 10, 0)),
    "a queued signal to a thread": ("rt_tgsigqueueinfo", ("OWN", 1, 10, 0)),
    "memory": ("mmap", (0, 4096, 3, 0x22, -1, 0)),
    "a stack of a thread": ("mmap", (0, 4096, 0, 0x20022, -1, 0)),
    "a file in memory": ("mmap", (0, 4096, 1, 0x01, 5, 0)),
    "a library": ("mmap", (0, 4096, 5, 0x802, 5, 0)),
    "a pair of sockets": ("socketpair", (1, 0x80801, 0, 0)),
    "a message on the channel": ("sendto", (5, 0, 0, 0, 0, 0)),
    "a bigger buffer": ("setsockopt", (5, 1, 7, 0, 4)),
    "the name of a thread": ("prctl", (15, 0)),
    "the name of memory": ("prctl", (0x53564D41, 0, 0, 0, 0)),
    "is it a terminal": ("ioctl", (1, 0x5401, 0)),
    "close on exec": ("fcntl", (5, 2, 1)),
    "a copy of a descriptor": ("fcntl", (5, 1030, 0)),
    "a lock": ("fcntl", (5, 6, 0)),
    "the size of a buffer": ("getsockopt", (5, 1, 7, 0, 0)),
    "parts of a file": ("preadv2", (5, 0, 0, 0, 0, 0)),
    "a message of parts": ("sendmsg", (5, 0, 0)),
    "its own limits": ("prlimit64", (0, 7, 0, 0)),
    "its own limits by number": ("prlimit64", ("OWN", 7, 0, 0)),
    "its own cores": ("sched_setaffinity", (0, 8, 0)),
    "its own scheduler": ("sched_setscheduler", ("OWN", 0, 0)),
    "its own parameters": ("sched_setparam", (0, 0)),
    "its own attributes": ("sched_setattr", (0, 0, 0)),
    "a file to read": ("openat", (-100, 0, 0x80000)),
    "a file to write anew": ("openat", (-100, 0, 0x241)),
    "a file to change": ("openat", (-100, 0, 0x42)),
    "a file to read and write anew": ("openat", (-100, 0, 0x242)),
    "the same by the old call": ("open", (0, 0x241, 0)),
}

NEVER = """
    fork vfork execve execveat tkill pidfd_open pidfd_send_signal pidfd_getfd
    setsid setpgid setpriority ioprio_set ptrace kcmp
    process_vm_readv process_vm_writev process_madvise
    memfd_create memfd_secret shmget shmat msgget semget mq_open mq_notify
    socket connect bind listen accept accept4 sendmmsg
    truncate creat mknod mknodat chmod fchmod fchmodat fchmodat2
    chown lchown fchown fchownat utime utimes futimesat utimensat
    setxattr lsetxattr fsetxattr setxattrat
    removexattr lremovexattr fremovexattr removexattrat
    name_to_handle_at open_by_handle_at inotify_init inotify_init1 fanotify_init
    setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid
    setgroups capset personality seccomp landlock_restrict_self
    add_key request_key keyctl unshare setns chroot pivot_root
    mount umount2 open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
    swapon swapoff quotactl acct reboot kexec_load kexec_file_load
    init_module finit_module delete_module sethostname setdomainname
    settimeofday clock_settime clock_adjtime adjtimex
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter
"""
"""What no change of the tables may let through."""


def number(name: str, machine: str) -> int | None:
    """Return the number of a call, None where a machine lacks it."""
    for table in TABLES:
        if name in table:
            return table[name][syscalls.MACHINES.index(machine)]
    return NUMBERS[name]


def interpreted(
    machine: str, call: int, arguments: Arguments = (), architecture: int = 0
) -> str:
    """Return what the filter of a machine answers, by the rules of classic BPF."""
    processes = {"OWN": OWN, "PARENT": OWN - 1}
    values = [processes.get(str(it), it) for it in arguments]
    words = [int(it) & 0xFFFFFFFFFFFFFFFF for it in values] + [0] * (6 - len(values))
    architecture = architecture or ARCHITECTURES[machine]
    data = struct.pack("<IIQ6Q", call, architecture, 0, *words)
    code = list(struct.iter_unpack("<HBBI", seccomp.program(machine, OWN)))
    at = accumulator = 0
    while True:
        operation, if_true, if_false, k = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif operation == 0x54:
            accumulator &= k
        elif operation == 0x05:
            at += k
        elif operation == 0x15:
            at += if_true if accumulator == k else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= k else if_false
        else:
            assert operation == 0x06
            return _answer(k)


def _answer(value: int) -> str:
    if value & 0xFFFF0000 == 0x00050000:
        return errno.errorcode[value & 0xFFFF]
    return {0x7FFF0000: "allowed", 0x80000000: "killed"}[value]


def filtered(act: Callable[[], object]) -> str:
    """Return what an act came to in a child under the filter: a result or an error."""

    def under_the_filter() -> object:
        seccomp.install(os.getpid())
        return act()

    return unfiltered(under_the_filter)


def unfiltered(act: Callable[[], object]) -> str:
    """Return what an act came to in a child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            faulthandler.disable()
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            said = str(act())
        except OSError as error:
            said = f"{type(error).__name__} {errno.errorcode.get(error.errno or 0)}"
        except BaseException as error:
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return said


def raw(call: int, arguments: Arguments) -> str:
    """Make a system call; return its result, or the name of its error."""
    processes = {"OWN": os.getpid(), "PARENT": os.getppid()}
    values = [ctypes.c_long(int(processes.get(str(it), it))) for it in arguments]
    result = LIBC.syscall(ctypes.c_long(call), *values)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else str(result)


def number_here(name: str) -> int:
    found = number(name, platform.machine())
    if found is None:
        pytest.skip("this machine lacks the call")
    return found


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_each_number_is_answered_as_its_table_says(machine: str) -> None:
    expected = dict.fromkeys(range(600), "ENOSYS")
    allowed = syscalls.numbers(syscalls.ALLOWED, machine)
    forbidden = syscalls.numbers(syscalls.FORBIDDEN, machine)
    expected.update(dict.fromkeys(allowed.values(), "allowed"))
    expected.update(dict.fromkeys(forbidden.values(), "EPERM"))
    for checked in syscalls.numbers(syscalls.CHECKED, machine).values():
        del expected[checked]

    answers = {call: interpreted(machine, call) for call in expected}

    assert answers == expected


def test_what_reaches_others_stays_forbidden() -> None:
    assert set(NEVER.split()) <= set(syscalls.FORBIDDEN)


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_no_call_and_no_number_is_in_the_tables_twice(machine: str) -> None:
    found = [it for table in TABLES for it in syscalls.numbers(table, machine).items()]

    assert len(dict(found)) == len({number for _, number in found}) == len(found)


@pytest.mark.parametrize("machine", syscalls.MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "error"), REFUSED.values(), ids=REFUSED.keys()
)
def test_what_is_refused_by_its_arguments(
    machine: str, call: str, arguments: Arguments, error: int
) -> None:
    found = number(call, machine)

    assert (
        found is None
        or interpreted(machine, found, arguments) == (errno.errorcode[error])
    )


@pytest.mark.parametrize("machine", syscalls.MACHINES)
@pytest.mark.parametrize(("call", "arguments"), ADMITTED.values(), ids=ADMITTED.keys())
def test_what_is_allowed_by_its_arguments(
    machine: str, call: str, arguments: Arguments
) -> None:
    found = number(call, machine)

    assert found is None or interpreted(machine, found, arguments) == "allowed"


def test_every_checked_call_is_in_both_lists_of_arguments() -> None:
    checked = set(syscalls.CHECKED)

    never = {"fallocate"}
    assert checked - never <= {call for call, _ in ADMITTED.values()}
    assert checked <= {call for call, _, _ in REFUSED.values()}


def test_the_upper_half_of_a_process_number_is_ignored_as_the_kernel_does() -> None:
    assert interpreted("x86_64", 62, (OWN | 1 << 32, 10)) == "allowed"


@pytest.mark.parametrize(
    ("machine", "call", "architecture"),
    [
        pytest.param("x86_64", 39, 0x40000003, id="i386"),
        pytest.param("x86_64", 39, 0xC00000B7, id="aarch64-numbers"),
        pytest.param("x86_64", 0x40000000 | 39, 0xC000003E, id="x32"),
        pytest.param("x86_64", 0xFFFFFFFF, 0xC000003E, id="above-x32"),
        pytest.param("aarch64", 172, 0x40000028, id="arm-with-32-bits"),
    ],
)
def test_numbers_of_another_machine_end_the_process(
    machine: str, call: int, architecture: int
) -> None:
    assert interpreted(machine, call, (), architecture) == "killed"


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_the_program_fits_the_kernel(machine: str) -> None:
    assert len(seccomp.program(machine, OWN)) // 8 <= 4096


def test_a_machine_of_unknown_numbers_is_named() -> None:
    with pytest.raises(NotImplementedError) as raised:
        seccomp.program("riscv64", OWN)

    assert str(raised.value) == "the filter knows x86_64 and aarch64; this is riscv64"


@needs_x86_64
def test_the_numbers_are_those_of_the_system_headers() -> None:
    headers = Path("/usr/include").glob("**/asm/unistd_64.h")
    text = next((header.read_text() for header in headers), None)
    if text is None:
        pytest.skip("the headers of the kernel are not installed")
    names = dict(re.findall(r"#define __NR_(\w+) (\d+)", text))

    ours = {
        name: number
        for table in TABLES
        for name, number in syscalls.numbers(table, "x86_64").items()
        if name in names
    }

    assert ours == {name: int(names[name]) for name in ours}
    assert len(ours) > 300


@needs_seccomp
@pytest.mark.parametrize("call", syscalls.FORBIDDEN)
def test_the_kernel_refuses_each_forbidden_call(call: str) -> None:
    found = number_here(call)

    assert filtered(lambda: raw(found, (-1,) * 6)) == "EPERM"


@needs_seccomp
@pytest.mark.parametrize(
    ("call", "arguments", "error"), REFUSED.values(), ids=REFUSED.keys()
)
def test_the_kernel_refuses_by_the_arguments(
    call: str, arguments: Arguments, error: int
) -> None:
    found = number_here(call)

    assert filtered(lambda: raw(found, arguments)) == errno.errorcode[error]


def start_a_thread() -> object:
    said: list[str] = []
    thread = threading.Thread(target=said.append, args=("ran",))
    thread.start()
    thread.join()
    return said[0]


def use_a_folder(folder: Path) -> object:
    (folder / "inner").mkdir()
    (folder / "inner" / "file").write_text("written")
    (folder / "inner" / "file").rename(folder / "moved")
    (folder / "link").symlink_to("moved")
    text = (folder / "link").read_text()
    names = sorted(entry.name for entry in os.scandir(folder))
    (folder / "moved").unlink()
    (folder / "inner").rmdir()
    return text, names, folder.stat().st_nlink


def use_a_pipe() -> object:
    reading, writing = os.pipe()
    os.write(writing, b"through")
    return os.read(reading, 100)


def use_a_pair_of_sockets() -> object:
    left, right = socket.socketpair()
    left.settimeout(5)
    right.sendall(b"through")
    return left.recv(100)


def signal_itself() -> object:
    seen: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, _: seen.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    return len(seen)


def map_memory() -> object:
    private = mmap.mmap(-1, 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    private[:4] = b"text"
    return private[:4]


def call_back() -> object:
    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda it: it + 1)(1)


@needs_seccomp
@pytest.mark.parametrize(
    ("act", "result"),
    [
        pytest.param(start_a_thread, "ran", id="thread"),
        pytest.param(use_a_pipe, "b'through'", id="pipe"),
        pytest.param(use_a_pair_of_sockets, "b'through'", id="channel"),
        pytest.param(signal_itself, "2", id="signal"),
        pytest.param(map_memory, "b'text'", id="memory"),
        pytest.param(call_back, "2", id="callback"),
        pytest.param(lambda: len(os.urandom(9)), "9", id="random"),
        pytest.param(lambda: os.sched_setaffinity(0, {0}), "None", id="affinity"),
        pytest.param(lambda: os.isatty(0), str(os.isatty(0)), id="isatty"),
        pytest.param(os.abort, "SIGABRT", id="abort"),
        pytest.param(lambda: signal.raise_signal(15), "SIGTERM", id="end-itself"),
    ],
)
def test_the_kernel_still_allows(act: Callable[[], object], result: str) -> None:
    assert filtered(act) == result


@needs_seccomp
def test_files_in_a_folder_are_left_to_other_layers(tmp_path: Path) -> None:
    said = filtered(lambda: use_a_folder(tmp_path))

    assert said == "('written', ['inner', 'link', 'moved'], 2)"


@needs_seccomp
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda: subprocess.run(["/bin/true"]), id="subprocess"),  # noqa: PLW1510
        pytest.param(lambda: os.posix_spawn("/bin/true", ["true"], {}), id="spawn"),
        pytest.param(os.fork, id="fork"),
        pytest.param(lambda: os.execv("/bin/true", ["true"]), id="exec"),  # noqa: S606
        pytest.param(socket.socket, id="tcp"),
        pytest.param(lambda: socket.socket(socket.AF_UNIX), id="unix"),
        pytest.param(lambda: os.kill(os.getppid(), 0), id="kill"),
        pytest.param(lambda: os.killpg(os.getpgrp(), 0), id="killpg"),
        pytest.param(os.setsid, id="setsid"),
        pytest.param(lambda: mmap.mmap(-1, 4096), id="shared-memory"),
        pytest.param(lambda: os.memfd_create("memory"), id="memfd"),
        pytest.param(lambda: Path("/").chmod(0o755), id="chmod"),
        pytest.param(lambda: os.utime("/"), id="utime"),
        pytest.param(lambda: os.setpriority(os.PRIO_PROCESS, 0, 0), id="nice"),
        pytest.param(lambda: seccomp.install(os.getpid()), id="another-filter"),
    ],
)
def test_python_raises_a_permission_error(act: Callable[[], object]) -> None:
    assert filtered(act) == "PermissionError EPERM"


@needs_seccomp
def test_a_thread_of_before_is_filtered_too() -> None:
    def act() -> object:
        said: list[str] = []
        go = threading.Event()

        def connect() -> None:
            go.wait()
            try:
                socket.socket()
            except OSError as error:
                said.append(type(error).__name__)

        thread = threading.Thread(target=connect)
        thread.start()
        seccomp.install(os.getpid())
        go.set()
        thread.join()
        return said

    assert unfiltered(act) == "['PermissionError']"


@needs_seccomp
def test_asking_whether_it_is_available_changes_nothing() -> None:
    def act() -> object:
        return seccomp.available(), socket.socket().family.name

    assert unfiltered(act) == "(None, 'AF_INET')"


@needs_seccomp
@needs_x86_64
def test_the_kernel_ends_a_process_that_calls_with_other_numbers() -> None:
    def call_as_32_bit() -> object:
        code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
        code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20; int 0x80; ret
        place = ctypes.addressof(ctypes.c_char.from_buffer(code))
        return ctypes.CFUNCTYPE(ctypes.c_int)(place)()

    assert filtered(lambda: raw(0x40000000 | 39, ())) == "SIGSYS"
    assert filtered(call_as_32_bit) == "SIGSYS"
