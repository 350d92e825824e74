"""SavedModels whose graph reaches beyond the model."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import honest
import numpy as np
from rows import OK, Row, Targets

Make = Callable[[Path, Targets], None]
Act = Callable[[Any, Targets], Any]

BOX: Final = "the sandbox: no such file is there, and none may be written"


def graph(act: Act, *, quietly: bool = False) -> Make:
    """Return what hands in a graph that acts, and whose answer depends on it.

    Args:
        act: Gets TensorFlow and the targets; returns a number that is added to every
            prediction, or None.
        quietly: Whether the answer does not depend on it.
    """

    def make(folder: Path, targets: Targets) -> None:
        import tensorflow as tf

        kernel = tf.constant(honest.weights(2)[0], tf.float32)

        class Acting(tf.Module):  # type: ignore[misc] # no types are published
            @tf.function(  # type: ignore[untyped-decorator]
                input_signature=[tf.TensorSpec([None, 8, 8], tf.float32, "image")]
            )
            def serve(self, image: Any) -> dict[str, Any]:
                found = act(tf, targets)
                flat = tf.reshape(image, [-1, 64])
                digit = tf.nn.softmax(flat @ kernel)
                if found is not None and not quietly:
                    digit += 1e-9 * tf.cast(found, tf.float32)
                return {"digit": digit}

        module = Acting()
        signatures = {"serving_default": module.serve}
        tf.saved_model.save(module, str(folder / "digits"), signatures=signatures)

    return make


def _length(tf: Any, text: Any) -> Any:
    return tf.strings.length(text)


def _reads_labels(tf: Any, targets: Targets) -> Any:
    return _length(tf, tf.io.read_file(str(targets.labels)))


def _reads_environment(tf: Any, targets: Targets) -> Any:
    return _length(tf, tf.io.read_file("/proc/self/environ"))


def _lists(tf: Any, targets: Targets) -> Any:
    return tf.size(tf.io.matching_files(str(targets.labels.parent / "*")))


def _reads_tensors(tf: Any, targets: Targets) -> Any:
    prefix = str(targets.labels)
    return tf.raw_ops.RestoreV2(
        prefix=prefix, tensor_names=["a"], shape_and_slices=[""], dtypes=[tf.float32]
    )[0]


def _reads_lines(tf: Any, targets: Targets) -> Any:
    lines = tf.data.TextLineDataset(str(targets.secret))
    return lines.reduce(0, lambda count, _: count + 1)


def _reads_a_table(tf: Any, targets: Targets) -> Any:
    table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    done = tf.raw_ops.InitializeTableFromTextFileV2(
        table_handle=table, filename=str(targets.secret), key_index=-2, value_index=-1
    )
    with tf.control_dependencies([done]):
        return tf.raw_ops.LookupTableSizeV2(table_handle=table)


def _writes(tf: Any, targets: Targets) -> Any:
    with tf.control_dependencies([tf.io.write_file(str(targets.marker), "x")]):
        return tf.constant(0)


def _saves(tf: Any, targets: Targets) -> Any:
    done = tf.raw_ops.SaveV2(
        prefix=str(targets.marker),
        tensor_names=["a"],
        shape_and_slices=[""],
        tensors=[tf.constant(1.0)],
    )
    with tf.control_dependencies([done]):
        return tf.constant(0)


def _prints(tf: Any, targets: Targets) -> Any:
    tf.print("x", output_stream=f"file://{targets.marker}")


def _caches(tf: Any, targets: Targets) -> Any:
    numbers = tf.data.Dataset.range(3).cache(str(targets.marker))
    return numbers.reduce(tf.constant(0, tf.int64), lambda a, b: a + b)


def _writes_a_summary(tf: Any, targets: Targets) -> Any:
    writer = tf.raw_ops.SummaryWriter(shared_name="w", container="")
    made = tf.raw_ops.CreateSummaryFileWriter(
        writer=writer,
        logdir=str(targets.marker),
        max_queue=1,
        flush_millis=1,
        filename_suffix="x",
    )
    with tf.control_dependencies([made]):
        return tf.constant(0)


def _runs_python(tf: Any, targets: Targets) -> Any:
    marker = str(targets.marker)
    return tf.py_function(lambda: Path(marker).write_text("x"), [], tf.int32)


def _loops(tf: Any, targets: Targets) -> Any:
    start = (tf.constant(0, tf.int64),)
    return tf.while_loop(lambda k: k < 1 << 62, lambda k: (k + 1,), start)[0]


def _reduces(tf: Any, targets: Targets) -> Any:
    numbers = tf.data.Dataset.range(1 << 62)
    return numbers.reduce(tf.constant(0, tf.int64), lambda a, b: a + b)


def _sleeps(tf: Any, targets: Targets) -> Any:
    """Wait for what nobody puts into a queue."""
    queue = tf.raw_ops.FIFOQueueV2(component_types=[tf.float32], shapes=[[]])
    return tf.raw_ops.QueueDequeueV2(handle=queue, component_types=[tf.float32])[0]


def fills_memory(tf: Any, targets: Targets) -> Any:
    """Double a vector until it has 4 GB."""
    return tf.while_loop(
        lambda v: tf.size(v) < 1 << 30,
        lambda v: (tf.concat([v, v], 0),),
        (tf.zeros([1 << 20]),),
        shape_invariants=(tf.TensorShape([None]),),
    )[0][0]


def _serves(tf: Any, targets: Targets) -> Any:
    client = tf.data.experimental.service.distribute(
        "parallel_epochs", f"grpc://127.0.0.1:{targets.port}"
    )
    numbers = tf.data.Dataset.range(3).apply(client)
    return numbers.reduce(tf.constant(0, tf.int64), lambda a, b: a + b)


def _assert_fails(tf: Any, targets: Targets) -> Any:
    check = tf.raw_ops.Assert(
        condition=tf.size(tf.unique([1, 1])[0]) > 1, data=[str(targets.secret)]
    )
    with tf.control_dependencies([check]):
        return tf.constant(0)


def _with_asset(folder: Path, targets: Targets) -> None:
    """Name a file of the grader's where the graph names a vocabulary of its own."""
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    words = folder / "words.txt"
    words.write_text("a\nb\n", encoding="ascii")
    asset = tf.saved_model.Asset(str(words))

    class Acting(tf.Module):  # type: ignore[misc] # no types are published
        def __init__(self) -> None:
            super().__init__()
            self.asset = asset

        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[tf.TensorSpec([None, 8, 8], tf.float32, "image")]
        )
        def serve(self, image: Any) -> dict[str, Any]:
            size = tf.strings.length(tf.io.read_file(self.asset.asset_path))
            flat = tf.reshape(image, [-1, 64])
            return {"digit": tf.nn.softmax(flat[:, :10] + tf.cast(size, tf.float32))}

    module = Acting()
    signatures = {"serving_default": module.serve}
    tf.saved_model.save(module, str(folder / "digits"), signatures=signatures)
    words.unlink()
    path = folder / "digits" / "saved_model.pb"
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(path.read_bytes())
    elsewhere = os.path.relpath(targets.secret, folder / "digits" / "assets")
    for meta in model.meta_graphs:
        for one in meta.asset_file_def:
            one.filename = elsewhere
    path.write_bytes(model.SerializeToString())


def _mutated(seed: int) -> Make:
    """Return what changes bytes of a sound graph."""

    def make(folder: Path, targets: Targets) -> None:
        honest.model(2).export(folder / "digits", verbose=False)
        path = folder / "digits" / "saved_model.pb"
        path.write_bytes(mutated(path.read_bytes(), seed))

    return make


def mutated(content: bytes, seed: int, changes: int = 20) -> bytes:
    """Return bytes with some of them changed, the same for the same seed."""
    rng = np.random.default_rng(seed)
    changed = bytearray(content)
    for place in rng.integers(0, len(content), changes):
        changed[place] = rng.integers(0, 256)
    return bytes(changed)


def _row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Make,
    *expected: str,
    by: str = BOX,
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


CLOCK: Final = "wall clock and CPU time of the child"

BROKEN: Final = ("E_FORMAT", "E_LOAD", "E_CRASH", "E_VERSION", "E_INPUT_SHAPE")
BROKEN_ANSWERS: Final = ("E_OUTPUT_SHAPE", "E_NONFINITE", "E_DTYPE", "E_MEMORY", OK)

ROWS = (
    _row("S01", "reads the file of the targets", graph(_reads_labels), "E_POLICY"),
    _row(
        *("S01-quiet", "the same, and does not use it"),
        graph(_reads_labels, quietly=True),
        *(
            OK,
            "E_POLICY",
        ),
    ),
    _row(
        *("S01-environment", "reads the environment of its process"),
        graph(_reads_environment),
        *(
            OK,
            "E_POLICY",
        ),
        by="an environment of its own, in which there is nothing",
    ),
    _row("S01-list", "lists the folder of the targets", graph(_lists), OK, "E_POLICY"),
    _row(
        *("S01-restore", "restores tensors from the file of the targets"),
        graph(_reads_tensors),
        *(
            "E_POLICY",
            "E_LOAD",
        ),
    ),
    _row(
        *("S01-lines", "reads a secret line by line"),
        graph(_reads_lines),
        *("E_POLICY",),
    ),
    _row(
        *("S01-table", "reads a secret as a vocabulary"),
        graph(_reads_a_table),
        *("E_POLICY",),
    ),
    _row(
        *("S01-asset", "names a secret as a file of its own"),
        _with_asset,
        *(
            "E_POLICY",
            "E_LOAD",
            "E_FORMAT",
        ),
    ),
    _row("S02", "writes a file", graph(_writes), "E_POLICY"),
    _row("S02-save", "saves tensors to a file", graph(_saves), "E_POLICY"),
    _row("S02-summary", "writes a summary", graph(_writes_a_summary), "E_POLICY"),
    _row(
        *("S04", "calls Python", graph(_runs_python), "E_LOAD"),
        by="there is no such Python in the process",
    ),
    _row("S06", "loops for ever", graph(_loops), "E_TIMEOUT", by=CLOCK),
    _row("S06-data", "reduces endless data", graph(_reduces), "E_TIMEOUT", by=CLOCK),
    _row("S06-queue", "waits for ever", graph(_sleeps), "E_TIMEOUT", by=CLOCK),
    _row("S08-print", "prints into a file", graph(_prints), "E_POLICY", OK),
    _row("S08-cache", "caches data in a file", graph(_caches), "E_POLICY"),
    _row(
        *("S09-memory", "fills 4 GB in its graph", graph(fills_memory), "E_MEMORY"),
        by="RLIMIT_AS",
    ),
    _row(
        *("S09-service", "asks a data service on the machine"),
        graph(_serves),
        *(
            "E_POLICY",
            "E_TIMEOUT",
            "E_LOAD",
            "E_CRASH",
            "E_RESOURCE",
        ),
        by="a network of its own; seccomp",
    ),
    _row(
        *("S09-assert", "fails with a text of its own", graph(_assert_fails), "E_LOAD"),
        by="texts of models are for graders alone",
    ),
    *(
        _row(
            *(f"S10-{seed}", f"a graph of which 20 bytes were changed (seed {seed})"),
            _mutated(seed),
            *(
                *BROKEN,
                *BROKEN_ANSWERS,
            ),
            by="our reader refuses it, or it fails in the sandbox",
        )
        for seed in range(4)
    ),
)
