"""The trusted end of the channel under any conversation that a child could make up."""

import struct
import tracemalloc
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec, fits
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.outputs import ContractOutputs
from pytest_tfgrade.runner.worker import failures, frames

ROWS, PASSES = 4, 3
OUTPUTS = {"cls": OutputSpec(shape=(None, 3)), "reg": OutputSpec(shape=(None, None))}
CLAIMS = {
    *(Code.CUSTOM_OBJECT, Code.DTYPE, Code.FORMAT, Code.INFRA, Code.INPUT_SHAPE),
    *(Code.LOAD, Code.MEMORY, Code.POLICY, Code.RESOURCE, Code.UNSAFE),
}
LONGEST_DETAIL = 4 * frames.LARGEST_TEXT + 400
MOST_MEMORY = 512 << 10  # an error's text takes 80 bytes for each while it is escaped

Frame = tuple[int, bytes]


def decoder_of_passes() -> Decoder:
    return Decoder([ContractOutputs(OUTPUTS, ROWS)] * PASSES)


def array_payload(dtype: int, shape: Iterable[int], name: bytes) -> bytes:
    sizes = tuple(shape)
    return struct.pack(f">BB{len(sizes)}Q", dtype, len(sizes) % 256, *sizes) + name


def honest() -> list[Frame]:
    """Return the frames of a child that serves all passes."""
    told: list[Frame] = [(frames.STARTED, b""), (frames.LOADED, b"lr time_major")]
    for number in range(PASSES):
        for name, width in ((b"0", 3), (b"reg", 2)):
            data = np.full((ROWS, width), number, np.float32)
            header = array_payload(frames.DTYPES.index("float32"), data.shape, name)
            told += [(frames.ARRAY, header), (frames.DATA, data.tobytes())]
        told.append((frames.PREDICTED, b""))
    return [*told, (frames.END, b"")]


def packed(told: Iterable[Frame]) -> bytes:
    return b"".join(
        frames.HEADER.pack(frames.MAGIC, frames.VERSION, kind, at % 65536, len(payload))
        + payload
        for at, (kind, payload) in enumerate(told)
    )


SIZES = st.sampled_from((0, 1, 2, 3, ROWS, ROWS + 1, 1 << 31, 1 << 32, 1 << 63)) | (
    st.integers(0, (1 << 64) - 1)
)
NAMES = st.sampled_from(
    (b"0", b"1", b"2", b"cls", b"reg", b"", b"\xff", b"\x1b]0;x\x07", "٣".encode())
) | st.binary(max_size=4000)
ARRAYS = st.builds(
    array_payload,
    st.integers(0, 13),
    st.tuples(st.just(ROWS), SIZES) | st.lists(SIZES, max_size=9),
    NAMES,
) | st.binary(max_size=40)
CODES = st.sampled_from([*Code, frames.UNKNOWN_LAYER, "", "\x1b[31mE_LOAD"])
ERRORS = st.builds(
    lambda code, why, text: f"{code}{why}\n{text}".encode("utf-8", "surrogatepass"),
    CODES,
    st.sampled_from(["", *(f" {reason}" for reason in failures.FAILURES), " \x07"]),
    st.text(st.characters(), max_size=900),
).map(lambda text: text[: frames.LARGEST_TEXT])
ANY_FRAME = st.one_of(
    st.tuples(st.just(frames.ARRAY), ARRAYS),
    st.tuples(st.just(frames.DATA), st.binary(max_size=60)),
    st.tuples(st.just(frames.ERROR), ERRORS | st.binary(max_size=60)),
    st.tuples(st.just(frames.LOADED), st.binary(max_size=60)),
    st.tuples(st.integers(0, 255), st.binary(max_size=20)),
    st.tuples(st.sampled_from((frames.PREDICTED, frames.END)), st.just(b"")),
)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """Return an honest conversation after a few changes of frames, then of bytes."""
    told = honest()
    for _ in range(draw(st.integers(0, 3))):
        change_frames(draw, told)
    data = bytearray(packed(told))
    for _ in range(draw(st.integers(0, 2))):
        change_bytes(draw, data)
    return bytes(data)


def change_frames(draw: st.DrawFn, told: list[Frame]) -> None:
    at, other = draw(st.tuples(*[st.integers(0, len(told) - 1)] * 2))
    match draw(st.sampled_from(("drop", "repeat", "swap", "put", "instead"))):
        case "drop" if len(told) > 1:
            del told[at]
        case "repeat":
            told.insert(other, told[at])
        case "swap":
            told[at], told[other] = told[other], told[at]
        case "put":
            told.insert(at, draw(ANY_FRAME))
        case _:
            told[at] = draw(ANY_FRAME)


def change_bytes(draw: st.DrawFn, data: bytearray) -> None:
    at, other = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
    match draw(st.sampled_from(("flip", "cut", "splice", "length", "after"))):
        case "flip" if at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        case "cut":
            del data[at:]
        case "splice":
            data[at:other] = data[: draw(st.integers(0, 80))]
        case "length":
            data[at : at + 8] = struct.pack(">Q", draw(SIZES))
        case _:
            data += draw(st.binary(max_size=40))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that the trusted side learns from a conversation."""

    finding: tuple[str, str, str, str | None] | None
    error: tuple[str, str, str, str | None] | None
    results: tuple[tuple[tuple[str, str, tuple[int, ...], bytes], ...], ...]
    said: tuple[bool, bool, bool, tuple[str, ...], bytes | None]


def outcome(decoder: Decoder, data: bytes, cuts: Iterable[int] = ()) -> Outcome:
    """Feed a conversation in parts, up to its end or to a finding."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    finding = None
    try:
        for start, end in pairwise(places):
            decoder.feed(data[start:end])
    except Ungradable as raised:
        finding = raised
    return Outcome(
        finding=finding and _texts(finding),
        error=decoder.error and _texts(decoder.error),
        results=tuple(
            tuple((n, a.dtype.name, a.shape, a.tobytes()) for n, a in one.items())
            for one in decoder.results
        ),
        said=(
            *(decoder.started, decoder.loaded, decoder.ended),
            *(decoder.repairs, decoder.document),
        ),
    )


def _texts(finding: Ungradable) -> tuple[str, str, str, str | None]:
    return finding.code, finding.rationale, finding.hint, finding.detail


def require_sound(outcome: Outcome) -> None:
    """Fail if the outcome is anything but whole results and bounded, plain texts."""
    if outcome.finding is not None:
        assert outcome.finding[0] in (Code.PROTOCOL, Code.OUTPUT_SHAPE)
    if outcome.error is not None:
        assert outcome.error[0] in CLAIMS
    for texts in filter(None, (outcome.finding, outcome.error)):
        for text in filter(None, texts):
            assert len(text) <= LONGEST_DETAIL
            assert [printable(line) for line in text.split("\n")] == text.split("\n")
        assert all("\n" not in text for text in texts[:3])
    assert len(outcome.results) <= PASSES
    for arrays in outcome.results:
        assert sorted(name for name, *_ in arrays) == sorted(OUTPUTS)
        for name, dtype, shape, data in arrays:
            assert dtype in frames.DTYPES
            assert fits(shape, (ROWS, *OUTPUTS[name].shape[1:]))
            assert len(data) == np.prod(shape) * np.dtype(dtype).itemsize
    started, _, ended, _, document = outcome.said
    if ended:
        assert started
        assert outcome.error is not None or len(outcome.results) == PASSES
    assert document is None


def test_the_conversation_that_is_changed_here_is_a_good_one() -> None:
    whole = outcome(decoder_of_passes(), packed(honest()))

    require_sound(whole)
    assert whole.finding is None
    assert whole.said == (True, True, True, ("time_major", "lr"), None)
    assert len(whole.results) == PASSES


@settings(max_examples=500, deadline=None)
@given(changed())
def test_no_change_of_a_conversation_yields_more_than_results_or_a_finding(
    data: bytes,
) -> None:
    require_sound(outcome(decoder_of_passes(), data))


@settings(max_examples=400, deadline=None)
@given(st.lists(ANY_FRAME, max_size=12), st.integers(0, 3))
def test_no_frames_in_any_order_yield_more_than_results_or_a_finding(
    told: list[Frame], honest_passes: int
) -> None:
    begun = honest()[: 2 + 5 * honest_passes]

    require_sound(outcome(decoder_of_passes(), packed([*begun, *told])))


@settings(max_examples=150, deadline=None)
@given(changed(), st.lists(st.integers(0, 5000), max_size=12))
def test_it_does_not_matter_how_a_conversation_is_cut(
    data: bytes, cuts: list[int]
) -> None:
    at_once = outcome(decoder_of_passes(), data)
    in_parts = outcome(decoder_of_passes(), data, cuts)
    by_byte = outcome(decoder_of_passes(), data, range(len(data)))

    assert at_once == in_parts == by_byte


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.lists(ANY_FRAME, max_size=3))
def test_nothing_that_follows_the_end_makes_a_difference(
    rest: bytes, told: list[Frame]
) -> None:
    whole = honest()
    more = packed([*whole, *told]) + rest

    assert outcome(decoder_of_passes(), more) == outcome(
        decoder_of_passes(), packed(whole)
    )


@settings(max_examples=200, deadline=None)
@given(changed())
@example(
    packed(
        [
            *honest()[:2],
            (frames.ARRAY, array_payload(2, (ROWS, 1 << 24), b"reg")),  # 512 MiB
            (frames.DATA, b"x" * frames.LARGEST_DATA),
        ]
    )
)
def test_memory_is_taken_by_what_arrives_not_by_what_is_announced(data: bytes) -> None:
    outcome(decoder_of_passes(), data)  # what is kept for later is there now
    tracemalloc.start()

    outcome(decoder_of_passes(), data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * len(data) + MOST_MEMORY


@settings(max_examples=100, deadline=None)
@given(st.lists(ANY_FRAME | st.tuples(st.just(frames.DOCUMENT), st.binary())))
def test_a_reader_gives_one_document_and_no_array(told: list[Frame]) -> None:
    decoder = Decoder(())

    seen = outcome(decoder, packed([(frames.STARTED, b""), *told]))

    assert seen.results == ()
    documents = [payload for kind, payload in told if kind == frames.DOCUMENT]
    assert seen.said[4] in (None, *documents[:1])
