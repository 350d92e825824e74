"""Inputs come in chunks, and are whole or not there."""

from collections.abc import Iterator

import numpy as np
import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner import SharedInputs
from pytest_tfgrade.runner.cluster.received import Received, chunks_of


@pytest.fixture
def inputs(monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedInputs]:
    """Inputs of numbers, of texts and of nothing, in chunks of 1000 bytes."""
    monkeypatch.setattr("pytest_tfgrade.runner.cluster.received.CHUNK", 1000)
    arrays = {
        "x": np.random.default_rng(0).random((300, 3)),
        "text": np.array(["caf\u00e9", "", "tea"] * 100),
        "nothing": np.zeros((300, 0), np.float32),
    }
    with SharedInputs(arrays) as inputs:
        yield inputs


def test_what_came_in_chunks_is_what_was_sent(inputs: SharedInputs) -> None:
    received = Received()

    chunks = list(chunks_of(inputs))
    for chunk, data in chunks:
        received.take(chunk, data)

    got = received[inputs.digest]
    assert len(chunks) == 8 + 2 + 1
    assert got.digest == inputs.digest
    assert (got.description, got.rows) == (inputs.description, 300)
    received.close()
    assert got.descriptors == ()


def test_inputs_are_not_there_before_the_last_byte(inputs: SharedInputs) -> None:
    received = Received()

    for chunk, data in list(chunks_of(inputs))[:-1]:
        received.take(chunk, data)

    with pytest.raises(KeyError):
        received[inputs.digest]
    received.close()


def test_who_begins_anew_is_heard(inputs: SharedInputs) -> None:
    received = Received()
    chunks = list(chunks_of(inputs))

    for chunk, data in [*chunks[:4], *chunks, *chunks]:
        received.take(chunk, data)

    assert received[inputs.digest].digest == inputs.digest
    received.close()


def test_bytes_that_were_changed_are_no_inputs(inputs: SharedInputs) -> None:
    received = Received()
    *most, (last, data) = list(chunks_of(inputs))[:10]
    rest = list(chunks_of(inputs))[10:]
    for chunk, sent in [*most, (last, bytes(len(data)))]:
        received.take(chunk, sent)

    with pytest.raises(RunnerError, match=r"^inputs were changed on their way$"):
        received.take(*rest[0])


def test_a_chunk_too_few_is_found(inputs: SharedInputs) -> None:
    received = Received()
    chunks = list(chunks_of(inputs))
    for chunk, data in (chunks[0], *chunks[2:-1]):
        received.take(chunk, data)

    with pytest.raises(RunnerError, match=r"^inputs did not come whole: "):
        received.take(*chunks[-1])
