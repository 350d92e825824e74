"""A zygote that dies, and what its children's owners see of it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner import runtimes, zygote
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.kept import Confinement, KeptZygote

HOSTILE_PROGRAM = """
import os, sys, time
from worker import frames
import worker.reader_program as program

def run(self, order, inputs, writer):
    if order["artifact"] == "hostile":
        os.kill(os.getppid(), 9)
    time.sleep(1)
    writer.send(frames.DOCUMENT, b"1")

program.Reader.run = run
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptZygote]:
    """Keep a zygote whose children end it where they are asked to."""
    start = "from worker.main import main"
    boot = zygote._BOOT.replace(start, f"exec({HOSTILE_PROGRAM!r}); {start}")
    monkeypatch.setattr(zygote, "_BOOT", boot)
    confinement = Confinement(mode=Mode.LIMITS)  # in a sandbox it could not
    kept = KeptZygote(runtimes.READER, tmp_path, warm=False, confinement=confinement)
    yield kept
    kept.close()


def test_a_model_that_ends_the_zygote_leaves_no_score_open_but_its_own(
    kept: KeptZygote,
) -> None:
    outcomes: dict[str, object] = {}

    def ask(name: str) -> None:
        try:
            done = kept.run({"artifact": name}, (), Limits(), lambda: Decoder(()))
            outcomes[name] = done.decoder.document
        except RunnerError as error:
            outcomes[name] = isinstance(error, RunnerError)

    threads = [threading.Thread(target=ask, args=(n,)) for n in ("one", "two")]
    kept.start().result()
    for thread in threads:
        thread.start()
    time.sleep(0.3)  # both are at work
    ask("hostile")
    for thread in threads:
        thread.join(timeout=30)

    assert outcomes == {"one": b"1", "two": b"1", "hostile": True}
