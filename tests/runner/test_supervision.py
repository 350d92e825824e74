"""How the end of a child is judged, with a child that is played by the test."""

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner import supervision
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.supervision import LARGEST_LOG, Supervision
from pytest_tfgrade.runner.watchdog import Watchdog
from pytest_tfgrade.runner.worker import frames
from pytest_tfgrade.runner.worker.frames import ArrayHeader
from pytest_tfgrade.runner.zygote import Child, ChildLost

LIMITS = Limits(seconds=0.3, memory=1 << 30)


class Anything:
    """Expects arrays of any kind, under the names they have."""

    def admit(self, header: ArrayHeader) -> str:
        return header.name

    def require_all(self, arrived: Collection[str]) -> None:
        pass


class PlayedChild:
    """The far ends of what joins the trusted side to a child and to its zygote."""

    def __init__(self, passes: int = 1) -> None:
        channel, self.channel = socket.socketpair()
        life, self.life = socket.socketpair()
        log, self.log = os.pipe()
        nobody = Watchdog(memory=LIMITS.memory, zygote=0, scratch=Path("nowhere"))
        self.supervision = Supervision(
            Child(channel, life, log), Decoder([Anything()] * passes), LIMITS, nobody
        )
        self.writer = frames.Writer(self.channel)

    def end(
        self,
        signal_number: int = 0,
        exit_status: int = 0,
        peak: int = 0,
        held: int = 0,
        cpu: float = 0.0,
    ) -> None:
        """End as the zygote tells it."""
        self.channel.close()
        os.close(self.log)
        how = {"signal": signal_number, "exit": exit_status, "peak": peak, "cpu": cpu}
        for word in ({"pid": 1, "held": held}, how):
            self.life.sendall(json.dumps(word).encode() + b"\n")
        self.life.close()

    def close(self) -> None:
        self.supervision.child.close()
        self.channel.close()
        self.life.close()
        with contextlib.suppress(OSError):
            os.close(self.log)

    def finding(self) -> Ungradable:
        with pytest.raises(Ungradable) as caught:
            self.supervision.run()
        return caught.value


@pytest.fixture
def child() -> Iterator[PlayedChild]:
    child = PlayedChild()
    yield child
    child.close()


def test_a_whole_result_is_taken_however_the_child_ends(child: PlayedChild) -> None:
    child.writer.send(frames.STARTED)
    child.writer.send(frames.LOADED)
    child.writer.send_array("y", np.ones((2, 1)))
    child.writer.send(frames.PREDICTED)
    child.writer.send(frames.END)
    child.end(signal.SIGSEGV)

    child.supervision.run()

    assert [list(result) for result in child.supervision.decoder.results] == [["y"]]
    assert len(child.supervision.pass_seconds) == 1


def test_a_child_that_lingers_after_its_result_does_not_hold_it_up(
    child: PlayedChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SECONDS_TO_DIE", 0.05)
    child.writer.send(frames.STARTED)
    child.writer.send(frames.PREDICTED)
    child.writer.send(frames.END)
    begun = time.monotonic()

    child.supervision.run()

    assert time.monotonic() - begun < 0.2
    assert child.supervision.memory is None


def test_what_a_child_used_is_learnt_from_the_zygote_once_it_is_let_go(
    child: PlayedChild,
) -> None:
    def play_the_zygote() -> None:
        child.life.recv(1)  # the trusted side says that it will write no more
        child.end(signal.SIGKILL, peak=300 << 20, held=200 << 20)

    child.writer.send(frames.STARTED)
    child.writer.send(frames.PREDICTED)
    child.writer.send(frames.END)
    threading.Thread(target=play_the_zygote, daemon=True).start()

    child.supervision.run()

    assert child.supervision.memory == 100 << 20


@pytest.mark.parametrize("failure", ["error", "crash", "time", "protocol"])
def test_passes_before_a_failure_count(failure: str) -> None:
    child = PlayedChild(passes=3)
    child.writer.send(frames.STARTED)
    child.writer.send(frames.LOADED)
    for _ in range(2):
        child.writer.send_array("y", np.ones((2, 1)))
        child.writer.send(frames.PREDICTED)
    child.writer.send_array("y", np.ones((2, 1)))
    match failure:
        case "error":
            child.writer.send_error("E_LOAD", "no")
            child.writer.send(frames.END)
            child.end()
        case "crash":
            child.end(signal.SIGSEGV)
        case "protocol":
            child.channel.sendall(b"PASSED" * 4)
            child.end()
        case "time":
            threading.Timer(1, child.end).start()

    child.supervision.run()

    assert len(child.supervision.decoder.results) == 2
    assert len(child.supervision.pass_seconds) == 2
    child.supervision.child.close()


def test_every_pass_may_take_what_it_could_take_alone() -> None:
    child = PlayedChild(passes=4)

    def predict() -> None:
        child.writer.send(frames.STARTED)
        child.writer.send(frames.LOADED)
        for _ in range(4):
            time.sleep(0.15)
            child.writer.send(frames.PREDICTED)
        child.writer.send(frames.END)
        child.end()

    threading.Thread(target=predict, daemon=True).start()
    child.supervision.run()

    assert len(child.supervision.decoder.results) == 4
    child.supervision.child.close()


@pytest.mark.parametrize(
    ("ending", "code", "rationale"),
    [
        pytest.param(
            {"signal_number": signal.SIGSEGV},
            Code.CRASH,
            "the process that ran the model ended in the phase 'load': "
            "SIGSEGV (Segmentation fault)",
            id="crash",
        ),
        pytest.param(
            {"exit_status": 0},
            Code.CRASH,
            "the process that ran the model ended in the phase 'load'",
            id="an-end-without-the-end-frame-is-a-crash-whatever-the-status",
        ),
        pytest.param(
            {"signal_number": signal.SIGXCPU},
            Code.TIMEOUT,
            "the model used more than 0.3 s of CPU time, in the phase 'load'",
            id="cpu-time",
        ),
        pytest.param(
            {"signal_number": signal.SIGKILL, "peak": 900 << 20},
            Code.MEMORY,
            Code.MEMORY.text,
            id="killed-while-large",
        ),
        pytest.param(
            {"signal_number": signal.SIGKILL, "peak": 100 << 20},
            Code.CRASH,
            "the process that ran the model ended in the phase 'load': "
            "SIGKILL (Killed)",
            id="killed-while-small",
        ),
    ],
)
def test_an_end_without_a_result_is_named(
    child: PlayedChild, ending: dict[str, int], code: Code, rationale: str
) -> None:
    child.supervision.may_kill_itself = True
    child.writer.send(frames.STARTED)
    child.end(**ending)

    finding = child.finding()

    assert (finding.code, finding.rationale) == (code, rationale)


def test_in_a_sandbox_a_child_that_is_killed_was_killed_by_another(
    child: PlayedChild,
) -> None:
    child.writer.send(frames.STARTED)
    child.end(signal_number=signal.SIGKILL, peak=900 << 20)

    with pytest.raises(ChildLost) as caught:
        child.supervision.run()

    assert str(caught.value) == (
        "the process that ran the model ended in the phase 'load': killed from "
        "outside, as the kernel does where memory is short; 900 MiB at its peak"
    )


def test_a_child_that_ends_before_its_work_is_the_machines_fault(
    child: PlayedChild,
) -> None:
    os.write(child.log, b"OSError: no space left on device\n")
    child.end(exit_status=70)

    with pytest.raises(RunnerError, match="exit status 70; OSError: no space left"):
        child.supervision.run()


@pytest.mark.parametrize(
    ("ending", "detail"),
    [({"signal_number": 40}, "signal 40"), ({"exit_status": 97}, "exit status 97")],
)
def test_numbers_that_a_child_chose_are_for_the_grader_alone(
    child: PlayedChild, ending: dict[str, int], detail: str
) -> None:
    child.writer.send(frames.STARTED)
    child.end(**ending)

    finding = child.finding()

    assert (finding.code, finding.rationale, finding.detail) == (
        Code.CRASH,
        "the process that ran the model ended in the phase 'load'",
        detail,
    )


def test_an_abort_for_want_of_memory_is_not_a_crash(child: PlayedChild) -> None:
    child.writer.send(frames.STARTED)
    os.write(child.log, b"terminate called after throwing 'std::bad_alloc'\n")
    child.end(signal.SIGABRT)

    finding = child.finding()

    assert finding.code is Code.MEMORY
    assert "std::bad_alloc" in str(finding.detail)


def test_time_runs_from_the_childs_start_and_ends_it(child: PlayedChild) -> None:
    child.writer.send(frames.STARTED)
    child.writer.send(frames.LOADED)
    begun = time.monotonic()

    finding = child.finding()

    assert 0.25 < time.monotonic() - begun < 1
    assert finding.code is Code.TIMEOUT
    assert finding.rationale == (
        "the model was still busy after 0.3 s, in the phase 'predict'"
    )


def test_a_child_that_is_never_born_is_the_machines_fault(
    child: PlayedChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SECONDS_TO_BE_BORN", 0.1)

    with pytest.raises(RunnerError, match="no child after 0 s"):
        child.supervision.run()


def test_a_zygote_that_ends_with_a_child_at_work_is_the_machines_fault(
    child: PlayedChild,
) -> None:
    child.writer.send(frames.STARTED)
    child.life.close()

    with pytest.raises(RunnerError, match="the zygote ended while it had a child"):
        child.supervision.run()


def test_a_child_that_closes_its_channel_and_stays_is_given_little_time(
    child: PlayedChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SECONDS_TO_DIE", 0.1)
    child.writer.send(frames.STARTED)
    child.channel.close()

    finding = child.finding()

    assert finding.code is Code.CRASH


def test_a_flood_of_output_is_read_and_mostly_dropped(child: PlayedChild) -> None:
    def flood() -> None:
        for _ in range(64):
            os.write(child.log, b"x" * 65536)
        child.writer.send(frames.STARTED)
        child.writer.send(frames.PREDICTED)
        child.writer.send(frames.END)
        child.end()

    threading.Thread(target=flood, daemon=True).start()
    child.supervision.run()

    assert len(child.supervision.log) == LARGEST_LOG
