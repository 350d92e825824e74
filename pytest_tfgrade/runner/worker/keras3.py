"""The program that loads a model with Keras 3 and returns its predictions.

The only module that imports TensorFlow.
"""

import contextlib
import mmap
import os
import re
import sys
import traceback
from typing import Any, Iterator  # noqa: UP035 - Python 3.9

import numpy as np

from . import frames

ROWS_PER_CALL = 512
"""Rows of inputs in one call of a model, if they are small."""

BYTES_PER_CALL = 4 << 20
"""Bytes of inputs in one call of a model, at most; one row in any case."""

GRAPH_BYTES = 64 << 20
"""From here on, tracing a graph (about 0.13 s) costs less than it saves."""

_CUSTOM_OBJECT = re.compile(
    r"Could not (locate|find|deserialize) (class|function)|Unknown (layer|object)"
    r"|custom_objects|not registered|not a KerasSaveable",
)
_UNSAFE = re.compile(r"[Ll]ambda|safe_mode|unsafe", re.ASCII)
_WRONG_INPUT = re.compile(
    r"is incompatible with the layer|expected (shape|axis|min_ndim)|Invalid input shape"
    r"|missing data for input|expects \d+ input|Structure of the inputs",
    re.IGNORECASE,
)


class Keras3:
    """Keras 3 on TensorFlow."""

    def __init__(self) -> None:
        """Start with nothing imported."""
        self._warm = False
        self._sample = ""
        self._expected: np.ndarray[Any, Any] = np.empty(0)
        self._phase = "load"

    def prepare(self, scratch: str, warm: bool) -> dict[str, str]:
        """Import TensorFlow; if warm, save, load and call a small model as well."""
        with _not_importable("sklearn", "pandas", "scipy"):
            import keras
            import tensorflow as tf

        self._sample = os.path.join(scratch, "sample.keras")
        self._warm = warm
        if warm:
            self._expected = _warm_up(self._sample)
        return {"tensorflow": tf.__version__, "keras": keras.__version__,
                "numpy": np.__version__}  # fmt: skip

    def self_test(self) -> bool:
        """Reset the context as a child does; call a model eagerly, and run a graph."""
        import keras
        import tensorflow as tf

        self._refresh()
        model = keras.saving.load_model(self._sample, compile=False)
        eager = np.asarray(model(_sample_input(), training=False))
        doubled = tf.function(lambda batch: batch + batch, autograph=False)
        graph = np.asarray(doubled(tf.constant(_sample_input())))
        return bool(
            np.array_equal(eager, self._expected)
            and np.array_equal(graph, 2 * _sample_input())
        )

    def run(
        self, order: dict[str, Any], inputs: list[int], writer: frames.Writer
    ) -> None:
        """Load ``artifact``, call it on all rows, send each output.

        The order holds ``inputs``: name, dtype and shape of each, and the width in
        bytes of strings (UTF-8) where the dtype is ``string``.
        """
        import keras

        self._refresh()
        keras.utils.set_random_seed(0)
        model = keras.saving.load_model(order["artifact"], compile=False)
        writer.send(frames.LOADED)
        self._phase = "predict"
        arrays = {
            item["name"]: _mapped(descriptor, item)
            for descriptor, item in zip(inputs, order["inputs"])
        }
        for name, array in _predict(model, arrays).items():
            writer.send_array(name, array)

    def describe(self, error: BaseException) -> tuple[str, str]:
        """Return the code of an error and its traceback, newest call last."""
        text = "".join(traceback.format_exception(type(error), error, None))
        last = traceback.format_exc()[-frames.LARGEST_TEXT // 2 :]
        return _code(error, text, self._phase), f"while it was to {self._phase}: {last}"

    def _refresh(self) -> None:
        """Give a child of a warm zygote a TensorFlow of its own.

        The zygote's thread pools do not live on in a child; a new context makes new
        ones. The function is private, so ``self_test`` proves that it does this.
        """
        if not self._warm:
            return
        import keras
        from tensorflow.python.eager import context

        context._reset_context()
        keras.backend.clear_session()


@contextlib.contextmanager
def _not_importable(*names: str) -> Iterator[None]:
    """Spare what Keras imports for its wrappers if it is there; models need none.

    It costs a second at the start and 70 MB in every child.
    """
    hidden: list[str] = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _warm_up(path: str) -> "np.ndarray[Any, Any]":
    """Save, load and call a model that touches what most models use."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Reshape((9, 4)),
            layers.LSTM(4, return_sequences=True),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.save(path)
    loaded = keras.saving.load_model(path, compile=False)
    return np.asarray(loaded(_sample_input(), training=False))


def _sample_input() -> "np.ndarray[Any, Any]":
    return np.linspace(0, 1, 2 * 64, dtype=np.float32).reshape(2, 8, 8, 1)


def _mapped(descriptor: int, item: dict[str, Any]) -> "np.ndarray[Any, Any]":
    """Return an input as an array over the pages that the trusted side shares."""
    text = item["dtype"] == "string"
    dtype = np.dtype(f"S{item['width']}" if text else item["dtype"])
    size = dtype.itemsize * int(np.prod(item["shape"]))
    pages = mmap.mmap(descriptor, size, prot=mmap.PROT_READ) if size else b""
    array = np.frombuffer(pages, dtype).reshape(item["shape"])
    return array.astype(object) if text else array


def _predict(
    model: Any,
    arrays: dict[str, "np.ndarray[Any, Any]"],
) -> "dict[str, np.ndarray[Any, Any]]":
    """Call a model on all rows and return its outputs by name."""
    import tensorflow as tf

    def eager(batch: Any) -> Any:
        return model(batch, training=False)

    call: Any = eager
    if sum(array.nbytes for array in arrays.values()) >= GRAPH_BYTES:
        call = tf.function(eager, reduce_retracing=True)
    parts: dict[str, list[Any]] = {}
    by_name = _takes_names(model, arrays)
    for batch in _batches(arrays):
        tensors = {name: tf.constant(rows) for name, rows in batch.items()}
        fed: Any = tensors if by_name else list(tensors.values())
        if len(tensors) == 1:
            fed = next(iter(tensors.values()))
        for name, value in _named(call(fed)).items():
            parts.setdefault(name, []).append(_plain(value))
    return {
        name: chunks[0] if len(chunks) == 1 else np.concatenate(np.atleast_1d(*chunks))
        for name, chunks in parts.items()
    }


def _takes_names(model: Any, arrays: dict[str, Any]) -> bool:
    """Return whether a model knows its inputs by the task's names; else by position."""
    taken = getattr(model, "input", None)
    if isinstance(taken, dict):
        return True
    names = {tensor.name for tensor in getattr(model, "inputs", None) or ()}
    return set(arrays) <= names


def _batches(
    arrays: dict[str, "np.ndarray[Any, Any]"],
) -> "Iterator[dict[str, np.ndarray[Any, Any]]]":
    """Yield the rows in parts of the same size, whatever the model and machine."""
    rows = len(next(iter(arrays.values())))
    row_bytes = sum(array.nbytes for array in arrays.values()) // max(rows, 1)
    step = max(1, min(ROWS_PER_CALL, BYTES_PER_CALL // max(row_bytes, 1)))
    for start in range(0, rows, step):
        yield {name: array[start : start + step] for name, array in arrays.items()}


def _named(outputs: Any) -> dict[str, Any]:
    if isinstance(outputs, dict):
        return {str(name): value for name, value in outputs.items()}
    if isinstance(outputs, (list, tuple)):
        return {str(index): value for index, value in enumerate(outputs)}
    return {"0": outputs}


def _plain(value: Any) -> "np.ndarray[Any, Any]":
    """Return a tensor as an array of a dtype that may cross the channel."""
    array = np.asarray(value)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.name not in frames.DTYPES:
        message = f"the model returns {array.dtype.name}, not numbers"
        raise DtypeError(message)
    return array


class DtypeError(TypeError):
    """A model returns something that is not an array of numbers."""


def _code(error: BaseException, text: str, phase: str) -> str:
    """Return which code of the grader an error of a model means."""
    name = type(error).__name__
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return "E_MEMORY"
    if isinstance(error, DtypeError):
        return "E_DTYPE"
    if phase == "load":
        if _UNSAFE.search(text):
            return "E_UNSAFE"
        return "E_CUSTOM_OBJECT" if _CUSTOM_OBJECT.search(text) else "E_LOAD"
    return "E_INPUT_SHAPE" if _WRONG_INPUT.search(text) else "E_LOAD"
