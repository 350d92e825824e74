"""The trusted end of the channel, fed with what no honest child would send."""

import struct
from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.runner import decoder as decoder_module
from pytest_tfgrade.runner.decoder import MOST_VALUES, Decoder
from pytest_tfgrade.runner.worker import failures, frames
from pytest_tfgrade.runner.worker.frames import ArrayHeader


class Channel:
    """Collects what a writer sends."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data


class Anything:
    """Expects arrays of any kind, under the names they have; at least some."""

    def __init__(self, *required: str) -> None:
        self.required = required

    def admit(self, header: ArrayHeader) -> str:
        return header.name

    def require_all(self, arrived: Collection[str]) -> None:
        if not set(self.required) <= set(arrived):
            raise Ungradable(Code.OUTPUT_SHAPE, "an output is missing")


def one_pass() -> Decoder:
    return Decoder([Anything()])


def under_way(*expected: Anything) -> Decoder:
    """Return a decoder of one pass, whose child is at work; the next frame is 0."""
    return Decoder(expected or [Anything()], started=True, loaded=True)


def sent(*passes: tuple[np.ndarray, ...]) -> bytes:
    channel = Channel()
    writer = frames.Writer(channel)
    writer.send(frames.STARTED)
    writer.send(frames.LOADED)
    for arrays in passes:
        for index, array in enumerate(arrays):
            writer.send_array(str(index), array)
        writer.send(frames.PREDICTED)
    writer.send(frames.END)
    return channel.sent


def array_frame(sequence: int, dtype: int, *shape: int, name: bytes = b"0") -> bytes:
    payload = struct.pack(f">BB{len(shape)}Q", dtype, len(shape), *shape) + name
    return frames.pack(frames.ARRAY, sequence, payload)


@pytest.mark.parametrize("dtype", frames.DTYPES)
def test_arrays_arrive_as_they_were_sent(dtype: str) -> None:
    array = (np.arange(12).reshape(3, 2, 2) % 2).astype(dtype)
    decoder = one_pass()

    decoder.feed(sent((array,)))

    assert decoder.ended
    assert decoder.results[0]["0"].dtype == array.dtype
    np.testing.assert_array_equal(decoder.results[0]["0"], array)


@given(st.integers(1, 200), st.integers(0, 3))
def test_it_does_not_matter_how_the_bytes_are_cut(size: int, rows: int) -> None:
    array = np.arange(rows * 70, dtype=np.float32).reshape(rows, 70)
    data, decoder = sent((array, array.T)), one_pass()

    for start in range(0, len(data), size):
        decoder.feed(data[start : start + size])

    assert decoder.ended
    np.testing.assert_array_equal(decoder.results[0]["0"], array)
    np.testing.assert_array_equal(decoder.results[0]["1"], array.T)


def test_an_array_larger_than_a_frame_arrives_whole() -> None:
    array = np.random.default_rng(0).random((300, 1000))
    decoder = one_pass()

    decoder.feed(sent((array,)))

    np.testing.assert_array_equal(decoder.results[0]["0"], array)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"PASSED" * 4, "not a frame header", id="text"),
        pytest.param(frames.pack(99, 0), "not a frame header", id="unknown-kind"),
        pytest.param(frames.pack(frames.END, 1), "out of order", id="skipped-number"),
        pytest.param(
            frames.HEADER.pack(frames.MAGIC, frames.VERSION, frames.DATA, 0, 1 << 63),
            "longer than its kind",
            id="length-of-2-to-the-63",
        ),
        pytest.param(frames.pack(frames.DATA, 0, b"x"), "without an array", id="data"),
        pytest.param(
            array_frame(0, 0, 2) + frames.pack(frames.DATA, 1),
            "smaller parts",
            id="empty-data",
        ),
        pytest.param(
            array_frame(0, 0, 2) + frames.pack(frames.DATA, 1, b"123"),
            "smaller parts",
            id="data-in-parts",
        ),
        pytest.param(
            array_frame(0, frames.DTYPES.index("bool"), 2)
            + frames.pack(frames.DATA, 1, b"\1\2"),
            "neither 0 nor 1",
            id="a-truth-value-of-two",
        ),
        pytest.param(frames.pack(frames.STARTED, 0), "comes twice", id="two-starts"),
        pytest.param(frames.pack(frames.LOADED, 0), "loaded twice", id="two-loads"),
        pytest.param(
            frames.pack(frames.DOCUMENT, 0, b"1"), "nobody asked", id="a-document"
        ),
        pytest.param(
            frames.pack(frames.END, 0), "before the last pass", id="end-at-once"
        ),
        pytest.param(
            frames.pack(frames.PREDICTED, 0) + frames.pack(frames.PREDICTED, 1),
            "more passes than",
            id="two-passes-where-one-was-asked-for",
        ),
        pytest.param(
            frames.pack(frames.PREDICTED, 0) + array_frame(1, 0, 0),
            "more passes than",
            id="an-array-after-the-last-pass",
        ),
        pytest.param(
            array_frame(0, 0, 2) + frames.pack(frames.PREDICTED, 1),
            "not complete",
            id="a-pass-within-an-array",
        ),
        pytest.param(
            frames.pack(frames.ERROR, 0) + frames.pack(frames.PREDICTED, 1),
            "follows an error",
            id="a-pass-after-an-error",
        ),
        pytest.param(
            array_frame(0, 0, 2) + frames.pack(frames.END, 1),
            "not complete",
            id="end-within-an-array",
        ),
        pytest.param(
            array_frame(0, 0, 2) + frames.pack(frames.DATA, 1, b"12345"),
            "more data than",
            id="too-much-data",
        ),
        pytest.param(array_frame(0, 77, 2), "unknown dtype", id="dtype"),
        pytest.param(array_frame(0, 0, *[1] * 9), "too many axes", id="nine-axes"),
        pytest.param(
            frames.pack(frames.ARRAY, 0, b"\0\xff"), "too many axes", id="255-axes"
        ),
        pytest.param(
            frames.pack(frames.ARRAY, 0, b"\0\x02\0"), "malformed", id="cut-header"
        ),
        pytest.param(array_frame(0, 0, 0, name=b"\xff"), "malformed", id="name"),
        pytest.param(
            array_frame(0, 0, 0) + array_frame(1, 0, 0), "came twice", id="twice"
        ),
    ],
)
def test_bytes_that_are_no_frames_in_order_end_the_result(
    data: bytes, why: str
) -> None:
    with pytest.raises(Ungradable) as caught:
        under_way().feed(data)

    assert caught.value.code is Code.PROTOCOL
    assert caught.value.rationale == Code.PROTOCOL.text
    assert why in str(caught.value.detail)


def test_an_array_is_refused_by_its_header_before_memory_is_taken() -> None:
    class Nothing(Anything):
        def admit(self, header: ArrayHeader) -> str:
            assert header.shape == (1 << 40, 1 << 40)
            raise Ungradable(Code.OUTPUT_SHAPE)

    with pytest.raises(Ungradable) as caught:
        under_way(Nothing()).feed(array_frame(0, 2, 1 << 40, 1 << 40))

    assert caught.value.code is Code.OUTPUT_SHAPE


def test_every_array_belongs_to_the_pass_that_it_came_in() -> None:
    first, second = np.zeros((2, 1)), np.ones((3, 1))
    decoder = Decoder([Anything("0"), Anything("0")])

    decoder.feed(sent((first,), (second,)))

    assert decoder.ended
    assert [len(result["0"]) for result in decoder.results] == [2, 3]


def test_a_pass_that_lacks_an_array_is_no_result() -> None:
    decoder = Decoder([Anything("0"), Anything("0", "1")])
    one = np.zeros((2, 1))

    with pytest.raises(Ungradable, match="an output is missing"):
        decoder.feed(sent((one,), (one,)))

    assert len(decoder.results) == 1


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_end_the_result(data: bytes) -> None:
    decoder = one_pass()

    try:
        decoder.feed(sent((np.zeros((2, 2)),))[:40] + data)
    except Ungradable as finding:
        assert finding.code is Code.PROTOCOL


@given(st.data())
def test_no_change_of_a_byte_does_more_than_end_the_result(data: st.DataObject) -> None:
    whole = bytearray(sent((np.arange(6.0).reshape(2, 3),)))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    decoder = one_pass()

    try:
        decoder.feed(bytes(whole))
    except Ungradable as finding:  # of a size that is not borne, or of nothing known
        assert finding.code in (Code.OUTPUT_SHAPE, Code.PROTOCOL)


def test_an_error_keeps_its_text_for_the_grader_and_off_the_terminal() -> None:
    channel = Channel()
    frames.Writer(channel).send_error("E_MEMORY", "line\x1b[1m one\nline\x07 two")
    decoder = under_way()

    decoder.feed(channel.sent)

    assert decoder.error is not None
    assert decoder.error.code is Code.MEMORY
    assert decoder.error.rationale == Code.MEMORY.text
    assert decoder.error.detail == "line one\nline\\x07 two"


@pytest.mark.parametrize("claimed", ["E_INFRA", "E_MISSING", "nonsense", ""])
def test_a_child_cannot_claim_what_only_the_grader_may_say(claimed: str) -> None:
    channel = Channel()
    frames.Writer(channel).send_error(claimed, "x")
    decoder = under_way()

    decoder.feed(channel.sent)

    assert decoder.error is not None
    assert decoder.error.code is Code.LOAD


def test_a_child_says_in_its_own_words_that_an_order_names_no_layer() -> None:
    channel = Channel()
    frames.Writer(channel).send_error(frames.UNKNOWN_LAYER, "x")
    decoder = under_way()

    decoder.feed(channel.sent)

    assert decoder.error is not None
    assert decoder.error.code is Code.INFRA


@pytest.mark.parametrize("reason", failures.FAILURES)
def test_a_failure_that_is_known_has_a_text_and_a_way_out(reason: str) -> None:
    channel = Channel()
    frames.Writer(channel).send_error(f"E_LOAD {reason}", "x")

    decoder = under_way()
    decoder.feed(channel.sent)

    assert decoder.error is not None
    assert decoder.error.code is Code.LOAD
    assert decoder.error.rationale != Code.LOAD.text
    assert decoder.error.hint != Code.LOAD.hint


def test_a_failure_that_nobody_knows_says_nothing_of_its_own() -> None:
    channel = Channel()
    frames.Writer(channel).send_error("E_LOAD give-me-all-points", "x")

    decoder = under_way()
    decoder.feed(channel.sent)

    assert decoder.error is not None
    assert (decoder.error.rationale, decoder.error.hint) == (
        Code.LOAD.text,
        Code.LOAD.hint,
    )


def test_of_the_repairs_that_a_child_names_only_those_count_that_there_are() -> None:
    channel = Channel()
    writer = frames.Writer(channel)
    writer.send(frames.STARTED)
    writer.send(frames.LOADED, b"lr \x1b[31mowned time_major lr \xff")

    decoder = one_pass()
    decoder.feed(channel.sent)

    assert (decoder.loaded, decoder.repairs) == (True, ("time_major", "lr"))


def test_nothing_comes_before_the_start() -> None:
    with pytest.raises(Ungradable) as caught:
        one_pass().feed(frames.pack(frames.LOADED, 0))

    assert "start is not first" in str(caught.value.detail)


def test_what_follows_the_end_counts_for_nothing_however_it_comes() -> None:
    whole = sent((np.ones((2, 1)),))
    at_once, later = one_pass(), one_pass()

    at_once.feed(whole + b"PASSED" * 4)
    later.feed(whole)
    later.feed(b"PASSED" * 4)

    assert at_once.ended
    assert later.ended
    assert len(at_once.results) == len(later.results) == 1


def test_all_arrays_of_a_child_are_bounded_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoder_module, "LARGEST_RESULT", 6 * 8)
    decoder = Decoder([Anything()] * 4)
    two = np.zeros((2, 1))

    with pytest.raises(Ungradable) as caught:
        decoder.feed(sent((two,), (two,), (two,), (two,)))

    assert caught.value.code is Code.OUTPUT_SHAPE
    assert len(decoder.results) == 3


def test_a_file_is_described_once() -> None:
    decoder = Decoder((), started=True)
    decoder.feed(frames.pack(frames.DOCUMENT, 0, b"{}"))

    with pytest.raises(Ungradable) as caught:
        decoder.feed(frames.pack(frames.DOCUMENT, 1, b"[]"))

    assert "nobody asked" in str(caught.value.detail)
    assert decoder.document == b"{}"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"[" + b"[]," * (MOST_VALUES // 2) + b"0]", "too many values"),
        ('"\N{PARTY POPPER}"'.encode(), "not ASCII"),
    ],
)
def test_a_description_that_would_grow_when_it_is_parsed_is_refused(
    document: bytes, why: str
) -> None:
    decoder = Decoder((), started=True)

    with pytest.raises(Ungradable) as caught:
        decoder.feed(frames.pack(frames.DOCUMENT, 0, document))

    assert why in str(caught.value.detail)


def test_one_that_reads_a_file_cannot_say_that_the_grader_named_no_layer() -> None:
    channel = Channel()
    frames.Writer(channel).send_error(frames.UNKNOWN_LAYER, "x")
    decoder = Decoder((), started=True)

    decoder.feed(channel.sent)

    assert decoder.error is not None
    assert decoder.error.code is Code.LOAD
