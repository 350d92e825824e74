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
    _buffer: bytearray = field(default_factory=bytearray)
    _sequence: int = 0
    _open: tuple[str, frames.ArrayHeader, bytearray] | None = None

    def feed(self, data: bytes) -> None:
        """Take bytes off the channel.

        Raises:
            Ungradable: ``E_PROTOCOL`` for bytes that are no frames in order;
                whatever ``expected`` raises.
        """
        self._buffer += data
        try:
            while (payload := self._next_frame()) is not None:
                self._take(*payload)
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
        payload = bytes(self._buffer[frames.HEADER.size : end])
        del self._buffer[:end]
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
                header = frames.unpack_array_header(payload)
                self._open = self._pass.admit(header), header, bytearray()
                self._close_if_complete()
            case frames.DATA:
                self._append(payload)
            case frames.PREDICTED:
                self._complete_pass()
            case frames.DOCUMENT:
                self.document = payload
            case frames.ERROR:
                self.error, self._open = _claimed_error(payload), None
            case _:  # frames.END; the header admits no other kind
                self.ended = True

    def _require_turn(self, kind: int) -> None:
        """Raise ``FrameError`` if a frame of this kind cannot come now."""
        if self.ended:
            raise frames.FrameError("a frame follows the end")
        if self.error is not None and kind != frames.END:
            raise frames.FrameError("a frame follows an error")
        if self._open is not None and kind not in (frames.DATA, frames.ERROR):
            raise frames.FrameError("an array is not complete")
        is_whole = self.error is not None or len(self.results) == len(self.expected)
        if kind == frames.END and not is_whole:
            raise frames.FrameError("the end comes before the last pass")

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
        if len(received) + len(payload) > header.size:
            raise frames.FrameError("more data than the array holds")
        received += payload
        self._close_if_complete()

    def _close_if_complete(self) -> None:
        if self._open is None:
            return
        name, header, received = self._open
        if len(received) < header.size:
            return
        if name in self._arrays:
            raise frames.FrameError("an array came twice")
        flat = np.frombuffer(received, np.dtype(header.dtype))
        try:
            array = flat.reshape(header.shape)
        except ValueError:
            raise frames.FrameError("an array has an impossible shape") from None
        array.setflags(write=False)  # every criterion and every test shares it
        self._arrays[name] = array
        self._open = None


def _claimed_error(payload: bytes) -> Ungradable:
    """Return a child's error; its text may quote inputs, so only graders see it."""
    first, _, text = payload.decode("utf-8", "replace").partition("\n")
    claimed, _, reason = first.partition(" ")
    code = next((c for c in _CODES_A_CHILD_MAY_CLAIM if c == claimed), Code.LOAD)
    if first == frames.UNKNOWN_LAYER:
        code = Code.INFRA  # whoever gave the order must see whether they named one
    lines = (printable(line, limit=400) for line in _COLOUR.sub("", text).splitlines())
    rationale, hint = _REASONS.get(reason, (None, None))
    kind = ChannelsFirst if reason == failures.CHANNELS_FIRST else Ungradable
    return kind(code, rationale, hint=hint, detail="\n".join(lines))
