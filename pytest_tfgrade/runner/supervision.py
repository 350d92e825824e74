"""Watching one child: its result, its log, its time, its end."""

import contextlib
import json
import os
import selectors
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable, Unloadable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.watchdog import SECONDS_BETWEEN_LOOKS, Watchdog
from pytest_tfgrade.runner.zygote import Child, ChildLost, ZygoteGone

LARGEST_LOG: Final = 64 << 10
"""Bytes kept of what a child prints; the rest is read and dropped."""

_READ: Final = 16 << 10

SECONDS_TO_BE_BORN: Final = 60.0
"""From an order to a confined child; longer is the machine's fault."""

SECONDS_TO_DIE: Final = 2.0
"""From the end of the channel to the zygote's word on how the child ended."""

_OUT_OF_MEMORY: Final = (b"bad_alloc", b"Cannot allocate memory", b"out of memory")


@dataclass(slots=True)
class Supervision:
    """One child from its birth to its end."""

    child: Child
    decoder: Decoder
    limits: Limits
    watchdog: Watchdog
    may_kill_itself: bool = False
    """Whether a child can send SIGKILL to itself; in a sandbox it cannot."""

    log: bytearray = field(default_factory=bytearray)
    load_seconds: float = 0.0
    pass_seconds: list[float] = field(default_factory=list)
    _birth: dict[str, int] | None = None
    _ending: dict[str, Any] | None = None
    _said: bytearray = field(default_factory=bytearray)
    _mark: float = field(default_factory=time.monotonic)
    _deadline: float = 0.0
    _next_look: float = 0.0
    _is_closed: bool = False

    def run(self) -> None:
        """Read until the child has sent its whole result, or has ended without.

        A child that has sent its result need not have ended; letting go of it ends it.
        Passes that were complete before the child failed count as a result.

        Raises:
            Ungradable: The child reported an error, broke a rule or a limit, or ended,
                before a pass was complete; ``Unloadable`` if the model was not loaded.
            RunnerError: The child was never born, or the zygote died.
        """
        self._deadline = time.monotonic() + SECONDS_TO_BE_BORN
        try:
            self._read()
        except Ungradable as finding:
            if not self.decoder.results:
                told = filter(None, (finding.detail, self.log_text))
                detail = "\n".join(told) or None
                kind = type(finding) if self.decoder.loaded else Unloadable
                raise kind(
                    finding.code, finding.rationale, hint=finding.hint, detail=detail
                ) from None
        self._let_go()

    @property
    def log_text(self) -> str:
        """What the child printed, for the grader."""
        text = self.log.decode("utf-8", "replace").strip()
        return "\n".join(printable(line, limit=1000) for line in text.splitlines())

    @property
    def memory(self) -> int | None:
        """Bytes at the child's peak beyond the zygote's own; None if unknown."""
        held = (self._birth or {}).get("held", 0)
        if self._ending is None or not held:
            return None
        return max(int(self._ending["peak"]) - held, 0)

    @property
    def phase(self) -> str:
        """What the child was at."""
        return "predict" if self.decoder.loaded else "load"

    def _never_wait(self) -> None:
        """Read no more than is there.

        What is ready to be read may be gone when it is read: a child can read back what
        it prints (``/proc/self/fd/1``), and send urgent data, which ``recv`` skips.
        """
        self.child.channel.setblocking(False)
        os.set_blocking(self.child.log, False)

    def _read(self) -> None:
        self._never_wait()
        with selectors.DefaultSelector() as selector:
            selector.register(self.child.channel, selectors.EVENT_READ, self._channel)
            selector.register(self.child.log, selectors.EVENT_READ, self._printed)
            selector.register(self.child.life, selectors.EVENT_READ, self._life)
            while self._ending is None and not self.decoder.ended:
                now = time.monotonic()
                if now >= self._deadline and not self._has_just_ended():
                    return self._out_of_time()
                if now >= self._next_look:
                    self._look(now)
                soonest = min(self._deadline, self._next_look)
                for key, _ in selector.select(max(soonest - now, 0)):
                    with contextlib.suppress(BlockingIOError):  # see _never_wait
                        if not key.data():
                            selector.unregister(key.fileobj)
        return self._judge_ending()

    def _has_just_ended(self) -> bool:
        """Return whether the end waits to be read: then it is we who are late."""
        with contextlib.suppress(BlockingIOError):
            self._channel()
        return self.decoder.ended

    def _look(self, now: float) -> None:
        self._next_look = now + SECONDS_BETWEEN_LOOKS
        if self._birth is not None and self.decoder.started:
            self.watchdog.look(self._birth["pid"], self._birth["held"])

    def _channel(self) -> bool:
        """Take part of the result; return whether more may come."""
        try:
            data = self.child.channel.recv(1 << 18)
        except ConnectionError:
            data = b""
        before = self.decoder.started, self.decoder.loaded
        try:
            self.decoder.feed(data)
        finally:
            self._note_progress(*before)
        if not data:
            self._is_closed = True
            self._deadline = min(self._deadline, time.monotonic() + SECONDS_TO_DIE)
        return bool(data)

    def _note_progress(self, was_started: bool, was_loaded: bool) -> None:
        """Take times, and give each pass the time that it would have alone."""
        if self.decoder.started and not was_started:
            self._mark = time.monotonic()
            self._deadline = self._mark + self.limits.seconds
        if self.decoder.loaded and not was_loaded:
            self.load_seconds = self._lap()
        while len(self.pass_seconds) < len(self.decoder.results):
            self.pass_seconds.append(self._lap())
            self._deadline = self._mark + self.limits.seconds - self.load_seconds

    def _lap(self) -> float:
        last, self._mark = self._mark, time.monotonic()
        return self._mark - last

    def _printed(self) -> bool:
        data = os.read(self.child.log, _READ)
        self.log += data[: LARGEST_LOG - len(self.log)]
        return bool(data)

    def _life(self) -> bool:
        try:
            said = self.child.life.recv(4096)
        except ConnectionError:
            said = b""
        if not said:
            raise ZygoteGone("the zygote ended while it had a child at work")
        self._said += said
        while (end := self._said.find(b"\n")) >= 0:
            word = json.loads(bytes(self._said[:end]))
            del self._said[: end + 1]
            if self._birth is None:
                self._birth = word
            else:
                self._ending = word
        return self._ending is None

    def _let_go(self) -> None:
        """End a child whose result has been taken, and learn what it used.

        Takes 5 ms, for which the system gives back what the child held.
        """
        if self._ending is None:
            self.child.life.settimeout(SECONDS_TO_DIE)
            with contextlib.suppress(OSError, RunnerError):  # then nobody knows
                self.child.life.shutdown(socket.SHUT_WR)
                while self._life():
                    pass

    def _out_of_time(self) -> None:
        if not self.decoder.started:
            raise RunnerError(f"no child after {SECONDS_TO_BE_BORN:.0f} s")
        if self._is_closed:
            text = "the process that ran the model closed its channel and went on, "
            raise Ungradable(Code.CRASH, f"{text}in the phase {self.phase!r}")
        text = f"the model was still busy after {self.limits.seconds:g} s"
        raise Ungradable(Code.TIMEOUT, f"{text}, in the phase {self.phase!r}")

    def _judge_ending(self) -> None:
        """Say what an end means that came before, or with, the end of the result."""
        self._drain()
        if self.decoder.ended:
            return self._raise_error()
        ending = self._ending or {}
        number = ending["signal"]
        how = f"signal {number}" if number else f"exit status {ending['exit']}"
        if not self.decoder.started:
            raise RunnerError(f"a child ended before its work, {how}; {self.log_text}")
        text = f"the process that ran the model ended in the phase {self.phase!r}"
        seconds = self.limits.seconds * max(len(self.decoder.expected), 1)
        used_up = number == signal.SIGKILL and ending["cpu"] > seconds
        if number == signal.SIGXCPU or used_up:
            text = f"the model used more than {self.limits.seconds:g} s of CPU time"
            raise Ungradable(Code.TIMEOUT, f"{text}, in the phase {self.phase!r}")
        if number == signal.SIGKILL and not self.may_kill_itself:
            lost = "killed from outside, as the kernel does where memory is short"
            raise ChildLost(f"{text}: {lost}; {ending['peak'] >> 20} MiB at its peak")
        if self._ran_out_of_memory(number, ending["peak"]):
            raise Ungradable(Code.MEMORY, detail=f"{text}: {how}")
        named = f": {name}" if (name := _signal_name(number)) else ""
        raise Ungradable(Code.CRASH, f"{text}{named}", detail=how)

    def _ran_out_of_memory(self, number: int, peak: int) -> bool:
        """Return whether a signal means that memory ran out, by what else is known."""
        if number == signal.SIGKILL:  # by the kernel, if it was large
            return peak > self.limits.memory // 2
        return number == signal.SIGABRT and any(
            sign in self.log for sign in _OUT_OF_MEMORY
        )

    def _drain(self) -> None:
        """Take what the child sent before it ended."""
        with contextlib.suppress(BlockingIOError):
            enough = time.monotonic() + SECONDS_TO_DIE
            while not self.decoder.ended and self._channel():
                if time.monotonic() > enough:  # another process holds the other end
                    break
        with contextlib.suppress(BlockingIOError):
            for _ in range(LARGEST_LOG // _READ):  # it may print for ever
                self._printed()

    def _raise_error(self) -> None:
        if self.decoder.error is not None:
            raise self.decoder.error


def _signal_name(number: int) -> str:
    """Return what a signal is called; "" for one that has no name.

    Of numbers that a child chooses, an exit status or a nameless signal, candidates are
    told none: a model could tell what it saw by them.

    >>> _signal_name(11), _signal_name(40), _signal_name(0)
    ('SIGSEGV (Segmentation fault)', '', '')
    """
    try:
        name = signal.Signals(number).name
    except ValueError:
        return ""
    return f"{name} ({signal.strsignal(number)})"
