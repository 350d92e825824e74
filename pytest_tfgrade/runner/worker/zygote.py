"""The zygote: has its libraries loaded, forks a child for each order.

An order is one message on the control socket: a line of JSON, and with it the file
descriptors of the child's channel, its life line and its log, then of its inputs.
The life line joins the trusted side and the zygote: when the trusted side closes its
end, or says that it will write no more, the child's whole process group is killed. The
zygote writes lines of JSON on it: at once the child's ``pid`` and the bytes of memory
``held`` before it; when it has ended, how.
"""

import array
import contextlib
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from . import child, frames
from .program import Program
from .sandbox import limits
from .sandbox.confine import Sandbox

LARGEST_ORDER = 1 << 17
MOST_FILES = 3 + frames.MOST_INPUTS
SELF_TEST_SECONDS = 20.0
_FORK_ATTEMPTS = 20


class Zygote:
    """Waits for orders, forks, reaps."""

    def __init__(
        self, control: socket.socket, program: Program, sandbox: Sandbox
    ) -> None:
        """Serve orders that arrive on a ``SOCK_SEQPACKET`` socket."""
        self._control = control
        self._program = program
        self._sandbox = sandbox
        self._order = bytearray(LARGEST_ORDER)
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Work until the trusted side closes the control socket."""
        limits.adopt_orphans()
        wakeup, wakeup_writer = socket.socketpair()
        wakeup.setblocking(False)
        wakeup_writer.setblocking(False)
        signal.set_wakeup_fd(wakeup_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(wakeup, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._take_order():
                        return self._end_all()
                elif key.fileobj is wakeup:
                    wakeup.recv(4096)
                else:
                    self._kill(key.data)
            self._reap()

    def _take_order(self) -> bool:
        size, files = _receive(self._control, self._order)
        if not size:
            return False
        channel, life, log, *inputs = files
        pid = _forked()
        if pid == 0:
            order = json.loads(bytes(self._order[:size]))
            self._become_child(order, (channel, log, *inputs))
        self._order[:size] = bytes(size)  # no child shall find it in its memory
        line = socket.socket(fileno=life)
        for descriptor in (channel, log, *inputs):
            os.close(descriptor)
        self._children[pid] = line
        _say(line, {"pid": pid, "held": limits.private_bytes()})
        self._selector.register(line, selectors.EVENT_READ, data=pid)
        return True

    def _become_child(self, order: dict[str, Any], files: tuple[int, ...]) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            gc.enable()
            child.live(self._program, self._sandbox, order, files)
        except BaseException:
            for log in (files[1], 2):  # the latter once it is redirected
                with contextlib.suppress(OSError):
                    os.write(log, traceback.format_exc().encode())
        finally:
            os._exit(70)

    def _kill(self, pid: int) -> None:
        """End a child and its group; the trusted side has let go of it."""
        self._selector.unregister(self._children[pid])
        _kill_group(pid)

    def _reap(self) -> None:
        """Report every child that has ended, and end what it left behind."""
        while True:
            try:
                ended = os.waitid(
                    os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT
                )  # not reaped yet: the group's number cannot be taken by another
            except ChildProcessError:
                break
            if ended is None:
                break
            _kill_group(ended.si_pid)
            _, status, usage = os.wait4(ended.si_pid, 0)
            self._report(ended.si_pid, status, usage)
        for orphan in _own_children() - set(self._children):
            _kill(orphan)

    def _report(self, pid: int, status: int, usage: resource.struct_rusage) -> None:
        line = self._children.pop(pid, None)
        if line is None:
            return  # an orphan of a model: nobody waits for it
        if line.fileno() < 0:
            return
        if line in self._selector.get_map():
            self._selector.unregister(line)
        how = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "peak": usage.ru_maxrss * 1024,
            "cpu": usage.ru_utime + usage.ru_stime,
        }
        _say(line, how)
        line.close()

    def _end_all(self) -> None:
        for pid, line in self._children.items():
            line.close()  # without a word: it is not the model that ends them
            _kill_group(pid)
        deadline = time.monotonic() + 2
        while (self._children or _own_children()) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.005)


def _say(line: socket.socket, what: "dict[str, Any]") -> None:
    with contextlib.suppress(OSError):  # the trusted side may have closed its end
        line.sendall(json.dumps(what).encode() + b"\n")


def _forked() -> int:
    """Fork; where there is no process to be had for a moment, wait that moment."""
    for _ in range(_FORK_ATTEMPTS - 1):
        with contextlib.suppress(BlockingIOError):
            return os.fork()
        time.sleep(0.2)
    return os.fork()


def _receive(control: socket.socket, message: bytearray) -> tuple[int, list[int]]:
    """Fill in a message; return its size and the descriptors that came with it."""
    files = array.array("i")
    room = socket.CMSG_SPACE(MOST_FILES * files.itemsize)
    size, ancillary, _, _ = control.recvmsg_into([message], room)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            files.frombytes(data[: len(data) - len(data) % files.itemsize])
    return size, list(files)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        _kill(pid)  # it had no time to make a group of its own


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(pid, signal.SIGKILL)


def _own_children() -> "set[int]":
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return {int(pid) for pid in path.read_text(encoding="ascii").split()}
    except OSError:
        return set()


def passes_self_test(program: Program) -> bool:
    """Fork a child that does what a warm child does; return whether it could."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if program.self_test() else 1)
        finally:
            os._exit(1)
    deadline = time.monotonic() + SELF_TEST_SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False
