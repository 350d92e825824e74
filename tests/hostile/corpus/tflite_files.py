"""TFLite files that are broken, too large, or reach for files."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import honest
from rows import OK, Row, Targets

from corpus.saved_models import (
    BROKEN,
    BROKEN_ANSWERS,
    Act,
    fills_memory,
    graph,
    mutated,
)

Make = Callable[[Path, Targets], None]

READER: Final = "our reader refuses it, or it fails in the sandbox"


def _converted(act: Act, *, with_tensorflow: bool = False) -> Make:
    """Return what converts a graph that acts."""

    def make(folder: Path, targets: Targets) -> None:
        import shutil

        import tensorflow as tf

        graph(act)(folder, targets)
        exported = folder / "digits"
        converter = tf.lite.TFLiteConverter.from_saved_model(str(exported))
        if with_tensorflow:
            kinds = tf.lite.OpsSet
            converter.target_spec.supported_ops = [
                kinds.TFLITE_BUILTINS,
                kinds.SELECT_TF_OPS,
            ]
        content = converter.convert()
        shutil.rmtree(exported)
        (folder / "digits.tflite").write_bytes(content)

    return make


def _changed(change: Callable[[bytes], bytes]) -> Make:
    """Return what changes the bytes of a sound file."""

    def make(folder: Path, targets: Targets) -> None:
        content = change(_sound(folder))
        (folder / "digits.tflite").write_bytes(content)

    return make


def _sound(folder: Path) -> bytes:
    honest.as_tflite(folder, 3)
    return (folder / "digits.tflite").read_bytes()


def _with_shape(*shape: int) -> Callable[[bytes], bytes]:
    """Return what changes every shape (1, 8, 8)."""

    def change(content: bytes) -> bytes:
        old = struct.pack("<3i", 1, 8, 8)
        assert old in content
        return content.replace(old, struct.pack("<3i", *shape))

    return change


def _with_width(width: int) -> Callable[[bytes], bytes]:
    """Return what changes every shape (1, 64) or (10, 64)."""

    def change(content: bytes) -> bytes:
        changed = content
        for rows in (1, 10):
            old = struct.pack("<3i", 2, rows, 64)
            changed = changed.replace(old, struct.pack("<3i", 2, rows, width))
        assert changed != content
        return changed

    return change


def _reads(tf: Any, targets: Targets) -> Any:
    return tf.strings.length(tf.io.read_file(str(targets.labels)))


def _loops(tf: Any, targets: Targets) -> Any:
    start = (tf.constant(0),)
    return tf.while_loop(lambda k: k >= 0, lambda k: ((k + 1) % 1000,), start)[0]


def _row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Make,
    *expected: str,
    by: str = READER,
    says: str = "",
) -> Row:
    return Row(
        id=id,
        vector=vector,
        defence=by,
        expected=frozenset(expected),
        make=make,
        says=says,
    )


ROWS = (
    _row(
        *("T01-cut", "cut after 500 bytes", _changed(lambda c: c[:500])),
        *("E_FORMAT", "E_CRASH"),
    ),
    _row(
        *("T01-head", "its head alone", _changed(lambda c: c[:8])),
        *("E_FORMAT", "E_CRASH"),
    ),
    _row(
        *("T01-end", "without its last 1,000 bytes", _changed(lambda c: c[:-1000])),
        *(*BROKEN, *BROKEN_ANSWERS),
    ),
    _row(
        *("T01-zeros", "zeros after its head", _changed(lambda c: c[:8] + bytes(9000))),
        *("E_FORMAT", "E_CRASH"),
    ),
    *(
        _row(
            *(f"T01-{seed}", f"a file of which 20 bytes were changed (seed {seed})"),
            _changed(lambda content, seed=seed: mutated(content, seed)),  # type: ignore[misc]
            *(*BROKEN, *BROKEN_ANSWERS, "E_TIMEOUT"),
        )
        for seed in range(8)
    ),
    _row(
        *("T02", "reads the file of the targets by an operation of TensorFlow"),
        _converted(_reads, with_tensorflow=True),
        *("E_LOAD",),
        by="TensorFlow's interpreter has no such operations",
    ),
    _row(
        *("T03-shape", "states inputs of 16 GB"),
        _changed(_with_shape(1, 1 << 16, 1 << 16)),
        *("E_INPUT_SHAPE", "E_FORMAT", "E_MEMORY", "E_LOAD", OK),
        by="inputs have the size that they are given",
    ),
    _row(
        *("T03-width", "states weights of 20 GB", _changed(_with_width(1 << 29))),
        *("E_FORMAT", "E_MEMORY", "E_LOAD", "E_CRASH"),
    ),
    _row(
        *("T03-negative", "states a negative size", _changed(_with_width(-64))),
        *("E_FORMAT", "E_LOAD", "E_CRASH", "E_MEMORY"),
    ),
    _row(
        *("T03-fill", "fills 4 GB when it is called", _converted(fills_memory)),
        *("E_MEMORY", "E_LOAD", "E_CRASH"),
        by="RLIMIT_AS",
    ),
    _row(
        *("T04-loop", "loops for ever", _converted(_loops), "E_TIMEOUT"),
        by="wall clock and CPU time of the child",
    ),
    _row("T04-sound", "a sound file", _changed(lambda content: content), OK),
)
