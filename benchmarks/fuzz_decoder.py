"""Conversations on the result channel, changed at random by the million.

    python benchmarks/fuzz_decoder.py --mutations 1000000

Each is an honest conversation of three passes after up to four changes of its frames
or bytes. A finding is whatever breaks a promise of the trusted end: another exception
than ``Ungradable``, half a result, text that steers a terminal, an outcome that depends
on how the bytes were cut, memory taken for what was only announced. The exit status is
1 if there is one; its bytes are printed. Needs no TensorFlow.
"""

from __future__ import annotations

import argparse
import collections
import resource
import struct
import sys
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
from machine import describe

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec, fits
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.outputs import ContractOutputs
from pytest_tfgrade.runner.worker import frames

ROWS, PASSES = 4, 3
OUTPUTS = {"cls": OutputSpec(shape=(None, 3)), "reg": OutputSpec(shape=(None, None))}
EXPECTED = [ContractOutputs(OUTPUTS, ROWS)] * PASSES
SIZES = (0, 1, 3, ROWS, ROWS + 1, 1 << 31, (1 << 32) + 1, 1 << 63, (1 << 64) - 1)
NAMES = (b"0", b"cls", b"9" * 4000, b"\xff\xfe", b"\x1b]0;x\x07", b"a\nb", b"")
TRACED_EACH = 512
"""Of so many conversations, memory is traced in one; each tracing leaves 2 KiB."""

MOST_MEMORY = 512 << 10
"""Bytes for one conversation, beyond 8 times its own: an error's text while it is
escaped takes 80 for each of its bytes."""

MOST_PRINTED = 5
"""Findings whose bytes are printed."""

Frame = tuple[int, bytes]


class Dice:
    """Random numbers drawn in blocks: NumPy is slow at single ones."""

    def __init__(self, seed: int) -> None:
        """Start a sequence that the seed repeats."""
        self._rng = np.random.default_rng(seed)
        self._numbers: list[int] = []

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to below the bound."""
        if not self._numbers:
            self._numbers = self._rng.integers(0, 1 << 62, 1 << 16).tolist()
        return self._numbers.pop() % bound

    def bytes(self, most: int) -> bytes:
        """Return some bytes."""
        return self.below(1 << 62).to_bytes(8, "big") * (self.below(most + 1) // 8)


def honest() -> list[Frame]:
    """Return the frames of a child that serves all passes."""
    told: list[Frame] = [(frames.STARTED, b""), (frames.LOADED, b"lr time_major")]
    for number in range(PASSES):
        for name, width in ((b"0", 3), (b"reg", 2)):
            data = np.full((ROWS, width), number, np.float32).tobytes()
            told.append((frames.ARRAY, _array(1, (ROWS, width), name)))
            told.append((frames.DATA, data))
        told.append((frames.PREDICTED, b""))
    return [*told, (frames.END, b"")]


def _array(dtype: int, shape: tuple[int, ...], name: bytes) -> bytes:
    return struct.pack(f">BB{len(shape)}Q", dtype, len(shape), *shape) + name


def changed(dice: Dice) -> bytes:
    """Return a conversation after one to four changes."""
    told = honest()
    for _ in range(dice.below(3)):
        _change_frames(told, dice)
    data = bytearray(
        b"".join(frames.pack(kind, at, load) for at, (kind, load) in enumerate(told))
    )
    for _ in range(dice.below(3)):
        _change_bytes(data, dice)
    return bytes(data)


def _change_frames(told: list[Frame], dice: Dice) -> None:
    at, other = dice.below(len(told)), dice.below(len(told))
    match dice.below(5):
        case 0 if len(told) > 1:
            del told[at]
        case 1:
            told.insert(other, told[at])
        case 2:
            told[at], told[other] = told[other], told[at]
        case 3:
            told.insert(at, _any_frame(dice))
        case _:
            told[at] = _any_frame(dice)
            if told[at][0] == frames.ERROR and dice.below(2):
                told[at + 1 :] = [(frames.END, b"")]


def _any_frame(dice: Dice) -> Frame:
    kind = 1 + dice.below(9)
    if kind == frames.ARRAY and dice.below(8):
        shape = tuple(SIZES[dice.below(len(SIZES))] for _ in range(dice.below(10)))
        shape = (ROWS, *shape) if dice.below(2) else shape
        return kind, _array(dice.below(14), shape, NAMES[dice.below(len(NAMES))])
    if kind == frames.ERROR and dice.below(4):
        code = [*Code, frames.UNKNOWN_LAYER][dice.below(len(Code) + 1)]
        return kind, f"{code}\n".encode() + dice.bytes(3000)
    return kind, dice.bytes(60 if dice.below(8) else 5000)


def _change_bytes(data: bytearray, dice: Dice) -> None:
    at, other = sorted((dice.below(len(data) + 1), dice.below(len(data) + 1)))
    match dice.below(6):
        case 0 | 1 if at < len(data):
            data[at] ^= 1 << dice.below(8)
        case 2:
            del data[at:]
        case 3:
            data[at:at] = data[other : other + dice.below(80)]
        case 4:
            data[at : at + 8] = struct.pack(">Q", SIZES[dice.below(len(SIZES))])
        case _:
            data += dice.bytes(40)


def outcome(data: bytes, cut: int) -> tuple[Decoder, Ungradable | None]:
    """Feed a conversation in two parts, up to its end or to a finding."""
    decoder = Decoder(EXPECTED)
    try:
        decoder.feed(data[:cut])
        decoder.feed(data[cut:])
    except Ungradable as finding:
        return decoder, finding
    return decoder, None


def learnt(decoder: Decoder, finding: Ungradable | None) -> tuple[Any, ...]:
    """Return all that the trusted side learns, to be compared."""
    texts = [
        told and (told.code, told.rationale, told.hint, told.detail)
        for told in (finding, decoder.error)
    ]
    arrays = [
        {name: (a.dtype, a.shape, a.tobytes()) for name, a in result.items()}
        for result in decoder.results
    ]
    said = decoder.started, decoder.loaded, decoder.ended, decoder.repairs
    return texts, arrays, said, decoder.document


def broken(decoder: Decoder, finding: Ungradable | None) -> Iterator[str]:
    """Yield each promise that an outcome breaks."""
    if finding and finding.code not in (Code.PROTOCOL, Code.OUTPUT_SHAPE):
        yield f"a finding of {finding.code}"
    if decoder.error and decoder.error.code in (Code.MISSING, Code.PROTOCOL):
        yield f"a claim of {decoder.error.code}"
    for told in filter(None, (finding, decoder.error)):
        for text in (told.rationale, told.hint, told.detail or ""):
            yield from _broken_text(text)
    for result in decoder.results:
        yield from _broken_result(result)
    whole = decoder.error is not None or len(decoder.results) == PASSES
    if decoder.ended and not (decoder.started and whole):
        yield "an end before the end"
    if decoder.document is not None:
        yield "a document"


def _broken_text(text: str) -> Iterator[str]:
    if any(printable(line) != line for line in text.split("\n")):
        yield "text that is not printable"
    if len(text) > 5 * frames.LARGEST_TEXT:
        yield "text without a bound"


def _broken_result(result: dict[str, np.ndarray[Any, Any]]) -> Iterator[str]:
    if set(result) != set(OUTPUTS):
        yield "half a pass"
    for name, array in result.items():
        if not fits(array.shape, (ROWS, *OUTPUTS[name].shape[1:])):
            yield "an array of another shape"
        if array.dtype.name not in frames.DTYPES or array.flags.writeable:
            yield "an array of another kind"


def name_of(decoder: Decoder, finding: Ungradable | None) -> str:
    """Return what became of a conversation, in a word."""
    if finding is not None:
        return str(finding.code)
    if not decoder.ended:
        return "incomplete"
    return "whole" if decoder.error is None else f"claims {decoder.error.code}"


def one(dice: Dice, *, traced: bool) -> tuple[str, list[str], bytes, int]:
    """Return what became of one conversation, what it broke, its bytes, memory."""
    data, most = changed(dice), 0
    if traced:
        tracemalloc.start()
    try:
        seen = outcome(data, len(data))
        if traced:
            _, most = tracemalloc.get_traced_memory()
        other = outcome(data, dice.below(len(data) + 1))
    except Exception as error:
        return "exception", [f"{type(error).__name__}: {error}"], data, most
    finally:
        tracemalloc.stop()
    wrong = list(broken(*seen))
    if learnt(*seen) != learnt(*other):
        wrong.append("an outcome that depends on how the bytes were cut")
    if most > 8 * len(data) + MOST_MEMORY:
        wrong.append(f"{most} bytes of memory for a conversation of {len(data)}")
    return name_of(*seen), wrong, data, most


def seconds_of_small_reads(count: int) -> float:
    """Return the time for an array that comes a byte at a time."""
    decoder = Decoder([ContractOutputs({"y": OutputSpec(shape=(None, None))}, 1)])
    told = [(frames.STARTED, b""), (frames.ARRAY, _array(8, (1, count), b"y"))]
    for start in range(0, count, frames.LARGEST_DATA):
        told.append((frames.DATA, b"x" * min(count - start, frames.LARGEST_DATA)))
    data = b"".join(frames.pack(kind, at, load) for at, (kind, load) in enumerate(told))
    began = time.perf_counter()
    for at in range(len(data)):
        decoder.feed(data[at : at + 1])
    return time.perf_counter() - began


def main() -> int:
    """Change conversations; print figures and what broke; return an exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(describe())
    dice, counts, found, most = Dice(options.seed), collections.Counter[str](), 0, 0
    one(dice, traced=True)  # what is kept for later is there now
    resident, began = _peak(), time.perf_counter()
    for number in range(options.mutations):
        name, wrong, data, used = one(dice, traced=number % TRACED_EACH == 0)
        counts[name] += 1
        most = max(most, used)
        found += bool(wrong)
        if wrong and found <= MOST_PRINTED:
            print(f"{'; '.join(wrong)}: {data.hex()}")
    seconds = time.perf_counter() - began
    print(
        f"{options.mutations} conversations, {options.mutations / seconds:.0f} each s"
    )
    print(", ".join(f"{name} {count}" for name, count in counts.most_common()))
    print(f"findings: {found}")
    print(f"memory: {most >> 10} KiB at most for one conversation")
    print(f"resident: {_peak() - resident >> 10} KiB more at the end than at the start")
    for count in (1_000_000, 2_000_000):
        print(f"{count} reads of one byte: {seconds_of_small_reads(count):.1f} s")
    return 1 if found else 0


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
