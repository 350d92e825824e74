"""The trusted end of the result channel: bytes in, arrays or a finding out."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import ChannelsFirst, Ungradable
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner.worker import failures, frames
from pytest_tfgrade.runner.worker.repair_names import REPAIRS

LARGEST_DOCUMENT: Final = 64 << 20
"""Bytes of the description of a file."""

MOST_VALUES: Final = 4_000_000
"""In the description of a file: 64 MB of ``{"":0},`` would take 1.8 GB once parsed.

Counted are the characters that begin or divide values, also those within texts. The
HDF5 file of an EfficientNetB0, of 240 layers, has 25,000 of them.
"""

LARGEST_RESULT: Final = 2 << 30
"""Bytes of all arrays of one child, of whatever number of passes."""

_LIMITS: Final = {
    frames.STARTED: 0,
    frames.LOADED: frames.LARGEST_TEXT,
    frames.ARRAY: frames.LARGEST_TEXT,
    frames.DATA: frames.LARGEST_DATA,
    frames.DOCUMENT: LARGEST_DOCUMENT,
    frames.ERROR: frames.LARGEST_TEXT,
    frames.END: 0,
    frames.PREDICTED: 0,
}

_CODES_A_CHILD_MAY_CLAIM: Final = {
    Code.CUSTOM_OBJECT,
    Code.DTYPE,
    Code.FORMAT,
    Code.INPUT_SHAPE,
    Code.LOAD,
    Code.MEMORY,
    Code.POLICY,
    Code.RESOURCE,
    Code.UNSAFE,
}

_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    failures.SOURCE_FAILED: (
        "the source code failed when it was run",
        "Let it only define things: put training under if __name__ == '__main__', and "
        "import nothing but TensorFlow, Keras and NumPy.",
    ),
    failures.NO_BUILDER: (
        "the source code has no function of the name that the task asks for",
        "Call the function that returns the model as the task says.",
    ),
    failures.BUILDER_FAILED: (
        "the function that builds the model failed",
        "Call it without arguments in a new Python session before handing in.",
    ),
    failures.NO_MODEL: (
        "the function that builds the model returned something else",
        "Let it end with return model.",
    ),
    failures.NOT_BUILT: (
        "the function that builds the model returned one without weights",
        "Begin the model with an Input layer.",
    ),
    failures.OTHER_WEIGHTS: (
        "the weights do not belong to the model that the source code builds",
        "Hand in the code that the weights were trained with.",
    ),
    failures.CHANNELS_FIRST: (
        "layers with data_format='channels_first' are not computed here",
        "Build the model with channels_last, the default.",
    ),
    failures.OUT_OF_RANGE: (
        "the model looks up a number that its table does not have",
        "Give the Embedding an input_dim above the largest id that the task states.",
    ),
    failures.OTHER_FILES: (
        "the model wanted a file that is not its own",
        "Put all it needs into the saved model: a vocabulary, for instance, is saved "
        "with its layer.",
    ),
    failures.NETWORK: (
        "the model wanted to use the network",
        "Put all it needs into the saved model; nothing is downloaded here.",
    ),
    failures.PROGRAMS: (
        "the model wanted to start another process",
        "Hand in a model that only computes.",
    ),
    failures.SELECT_OPS: (
        "the TFLite file needs operations of TensorFlow that the interpreter lacks",
        "Convert with TFLITE_BUILTINS alone, or hand in the model as .keras.",
    ),
}
"""What a candidate reads where a child gives one of ``failures.FAILURES``."""

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


class Expected(Protocol):
    """What one pass may and must return."""

    def admit(self, header: frames.ArrayHeader) -> str:
        """Return the name of an array that is to come, or raise ``Ungradable``."""
        ...

    def require_all(self, arrived: Collection[str]) -> None:
        """Raise ``Ungradable`` if an array is missing."""
        ...


@dataclass(slots=True)
class Decoder:
    """Takes a child's bytes as they come; every rule about them is kept here.

    Nothing is believed: lengths are checked before memory is taken, shapes before data
    are read, and whatever does not fit ends the child's result.
    """

    expected: Sequence[Expected]
    """For each pass, decides which arrays may come and what they are called."""

    results: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    """The arrays of each complete pass, by the names that ``admit`` gave."""

    document: bytes | None = None
    """The description of a file."""

    started: bool = False
    """Whether the child is confined and at work."""

    loaded: bool = False
    """Whether the child says that the model is loaded."""

    repairs: tuple[str, ...] = ()
    """Names of what the child says it repaired in the file, of those there are."""

    ended: bool = False
    """Whether the end frame has come."""

    error: Ungradable | None = None
    """What the child reported in place of a result."""

    _arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    _announced: int = 0
    _buffer: bytearray = field(default_factory=bytearray)
    _sequence: int = 0
    _open: tuple[str, frames.ArrayHeader, bytearray] | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes off the channel.

        What follows the end is dropped: whether it was already there when the end was
        read is chance, and must not make a difference.

        Raises:
            Ungradable: ``E_PROTOCOL`` for bytes that are no frames in order;
                ``E_OUTPUT_SHAPE`` for more arrays than are borne; whatever
                ``expected`` raises. Nothing may be fed after that.
        """
        if self.ended:
            return
        self._buffer += data
        try:
            while (frame := self._next_frame()) is not None:
                self._take(*frame)
        except frames.FrameError as error:
            raise Ungradable(Code.PROTOCOL, detail=str(error)) from None

    def _next_frame(self) -> tuple[int, bytes] | None:
        if len(self._buffer) < frames.HEADER.size:
            return None
        header = frames.unpack_header(bytes(self._buffer[: frames.HEADER.size]))
        if header.sequence != self._sequence % 65536:
            raise frames.FrameError("a frame is out of order")
        if header.length > _LIMITS[header.kind]:
            raise frames.FrameError("a frame is longer than its kind may be")
        end = frames.HEADER.size + header.length
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view:  # a slice would be a second copy
            payload = bytes(view[frames.HEADER.size : end])
        del self._buffer[:end]  # moves nothing: CPython advances the start
        self._sequence += 1
        return header.kind, payload

    def _take(self, kind: int, payload: bytes) -> None:
        self._require_turn(kind)
        match kind:
            case frames.STARTED:
                self.started = True
            case frames.LOADED:
                self.loaded = True
                said = payload.decode("utf-8", "replace").split()
                self.repairs = tuple(name for name in REPAIRS if name in said)
            case frames.ARRAY:
                self._open_array(frames.unpack_array_header(payload))
            case frames.DATA:
                self._append(payload)
            case frames.PREDICTED:
                self._complete_pass()
            case frames.DOCUMENT:
                self._describe(payload)
            case frames.ERROR:
                self.error = _claimed_error(payload, calls=bool(self.expected))
                self._open = None
            case _:  # frames.END; the header admits no other kind
                self.ended = True
                self._buffer.clear()  # nothing is taken any more

    def _require_turn(self, kind: int) -> None:
        """Raise ``FrameError`` if a frame of this kind cannot come now."""
        if self.started != (kind != frames.STARTED):
            raise frames.FrameError("the start is not first, or comes twice")
        if self.error is not None and kind != frames.END:
            raise frames.FrameError("a frame follows an error")
        if self._open is not None and kind not in (frames.DATA, frames.ERROR):
            raise frames.FrameError("an array is not complete")
        if kind == frames.LOADED and (self.loaded or self._arrays or self.results):
            raise frames.FrameError("the model is loaded twice, or after a result")
        is_whole = self.error is not None or len(self.results) == len(self.expected)
        if kind == frames.END and not is_whole:
            raise frames.FrameError("the end comes before the last pass")

    def _open_array(self, header: frames.ArrayHeader) -> None:
        """Open an array that the pass admits, and take no memory for it yet."""
        name = self._pass.admit(header)
        if name in self._arrays:
            raise frames.FrameError("an array came twice")
        self._announced += header.size
        if self._announced > LARGEST_RESULT:
            text = f"all predictions are larger than {LARGEST_RESULT >> 30} GiB"
            raise Ungradable(Code.OUTPUT_SHAPE, text)
        self._open = name, header, bytearray()
        self._close_if_complete()

    def _describe(self, payload: bytes) -> None:
        """Keep the description of a file, if one is wanted and can be borne."""
        if self.expected or self.document is not None:
            raise frames.FrameError("a document that nobody asked for")
        if not payload.isascii():  # else one character makes all four times as large
            raise frames.FrameError("a document that is not ASCII")
        if sum(payload.count(mark) for mark in b"[{,:") > MOST_VALUES:
            raise frames.FrameError("a document of too many values")
        self.document = payload

    def _complete_pass(self) -> None:
        self._pass.require_all(self._arrays)
        self.results.append(self._arrays)
        self._arrays = {}

    @property
    def _pass(self) -> Expected:
        """What the pass may return that is under way."""
        if len(self.results) == len(self.expected):
            raise frames.FrameError("more passes than were asked for")
        return self.expected[len(self.results)]

    def _append(self, payload: bytes) -> None:
        if self._open is None:
            raise frames.FrameError("data without an array")
        _, header, received = self._open
        rest = header.size - len(received)
        if len(payload) > rest:
            raise frames.FrameError("more data than the array holds")
        if len(payload) < min(rest, frames.LARGEST_DATA):  # small frames cost time
            raise frames.FrameError("data in smaller parts than need be")
        received += payload
        self._close_if_complete()

    def _close_if_complete(self) -> None:
        if self._open is None:
            return
        name, header, received = self._open
        if len(received) < header.size:
            return
        if header.dtype == "bool" and received.translate(None, b"\0\1"):
            raise frames.FrameError("a truth value is neither 0 nor 1")
        flat = np.frombuffer(received, np.dtype(header.dtype))
        try:
            array = flat.reshape(header.shape)
        except ValueError:
            raise frames.FrameError("an array has an impossible shape") from None
        array.setflags(write=False)  # every criterion and every test shares it
        self._arrays[name] = array
        self._open = None


def _claimed_error(payload: bytes, *, calls: bool) -> Ungradable:
    """Return a child's error; its text may quote inputs, so only graders see it.

    ``calls`` is whether the order has a model called: only then may it name a layer.
    """
    first, _, text = payload.decode("utf-8", "replace").partition("\n")
    claimed, _, reason = first.partition(" ")
    code = next((c for c in _CODES_A_CHILD_MAY_CLAIM if c == claimed), Code.LOAD)
    if calls and first == frames.UNKNOWN_LAYER:
        code = Code.INFRA  # whoever gave the order must see whether they named one
    lines = (printable(line, limit=400) for line in _COLOUR.sub("", text).splitlines())
    rationale, hint = _REASONS.get(reason, (None, None))
    kind = ChannelsFirst if reason == failures.CHANNELS_FIRST else Ungradable
    return kind(code, rationale, hint=hint, detail="\n".join(lines))
