"""The program that loads a model and returns its predictions.

Keras 3, tf-keras, or the Keras of another interpreter loads what Keras saved; a
SavedModel and a TFLite file need TensorFlow alone.
"""

import contextlib
import importlib
import os
import re
import sys
import traceback
from typing import Any, Iterator  # noqa: UP035 - Python 3.9

import numpy as np

from . import ablation, calling, failures, frames, opening, refusals

_CUSTOM_OBJECT = re.compile(
    r"Could not (locate|find|deserialize) (class|function)|Unknown (layer|object)"
    r"|custom_objects|not registered|not a KerasSaveable",
)
_UNSAFE = re.compile(r"safe_mode|unsafe_deserialization|arbitrary code", re.ASCII)
_CHANNELS_FIRST = re.compile(r"only supports? (the )?NHWC|NHWC tensor format")
_OUT_OF_RANGE = re.compile(r"indices\[.*\] = .* is not in \[0, \d+\)")
_WRONG_INPUT = re.compile(
    r"is incompatible with the layer|expected (shape|axis|min_ndim)|Invalid input shape"
    r"|missing data for input|expects \d+ input|Structure of the inputs"
    r"|cannot compute \w+ as input #\d+|to match the signature",
    re.IGNORECASE,
)


class Models:
    """One Keras library on TensorFlow."""

    def __init__(self, library: str) -> None:
        """Start with nothing imported.

        Args:
            library: ``keras`` or ``tf_keras``.
        """
        self._library = library
        self._warm = False
        self._sample = ""
        self._expected: np.ndarray[Any, Any] = np.empty(0)
        self._phase = "load"
        self._own: tuple[str, ...] = ()

    def prepare(self, scratch: str, warm: bool) -> dict[str, str]:
        """Import TensorFlow; if warm, save, load and call a small model as well."""
        with _not_importable("sklearn", "pandas", "scipy"):
            keras, tf = self._keras(), importlib.import_module("tensorflow")
        self._sample = os.path.join(scratch, "sample.h5")
        if keras.__version__.startswith("3."):
            self._sample = os.path.join(scratch, "sample.keras")
        self._warm = warm
        if warm:
            self._expected = _warm_up(keras, self._sample)
        return {
            "tensorflow": tf.__version__,
            self._library: keras.__version__,
            "numpy": np.__version__,
        }

    def self_test(self) -> bool:
        """Reset the context as a child does; run a graph and, if warm, a model."""
        import tensorflow as tf

        self._refresh()
        doubled = tf.function(lambda batch: batch + batch, autograph=False)
        graph = np.asarray(doubled(tf.constant(_sample_input())))
        if not np.array_equal(graph, 2 * _sample_input()):
            return False
        if not self._warm:
            return True
        model = self._keras().models.load_model(self._sample, compile=False)
        eager = np.asarray(model(_sample_input(), training=False))
        return np.array_equal(eager, self._expected)

    def run(
        self, order: dict[str, Any], inputs: list[int], writer: frames.Writer
    ) -> None:
        """Load ``artifact``, call it once for each pass, send each output.

        The order holds what ``opening.opened`` wants to know of the artifact;
        ``inputs``: name, dtype and shape of each, the width in bytes of strings
        (UTF-8) where the dtype is ``string``, and ``feed``, how the model wants it;
        ``batch``, the rows that the model takes at a time, or None; ``outputs``: the
        names that the task gives them, how many axes they have and whether their last
        step counts; and ``passes``: the ``inputs`` that each takes, by
        position, ``batch`` (rows at a time, or None), ``without`` and ``mixed`` (the
        SHA-256 of the name of a layer to zero, or to exchange between rows, or None).

        The first pass finds the model as it was loaded. Nothing is put back between
        passes, so that a model which draws at random or remembers is found out.
        """
        self._own = order["shown"], order["scratch"]
        self._refresh(max(one["at_once"] for one in order["passes"]))
        keras = self._keras()
        if order["source"] is not None and self._library != "keras":
            _name_keras(keras)
        if hasattr(keras.utils, "set_random_seed"):
            keras.utils.set_random_seed(0)
        model, repairs = opening.opened(keras, order)
        writer.send(frames.LOADED, " ".join(repairs).encode())
        self._phase = "predict"
        for one in order["passes"]:
            for name, array in _outputs(model, one, order, inputs).items():
                writer.send_array(name, array)
            writer.send(frames.PREDICTED)

    def describe(self, error: BaseException) -> tuple[str, str]:
        """Return the code of an error and its traceback, newest call last."""
        text = "".join(traceback.format_exception(type(error), error, None))
        code = refusals.code_of(error, self._own) or _code(error, text, self._phase)
        return (
            code,
            f"while it was to {self._phase}: {_ends_of(traceback.format_exc())}",
        )

    def _keras(self) -> Any:
        return importlib.import_module(self._library)

    def _refresh(self, threads: int = 1) -> None:
        """Give a child of a warm zygote a TensorFlow of its own.

        Graphs may be run by several threads at a time, each by one: the other pool, in
        which one operation is split, is a hang after a fork.

        The zygote's thread pools do not live on in a child; a new context makes new
        ones. The function is private, so ``self_test`` proves that it does this.
        """
        if self._warm:
            from tensorflow.python.eager import context

            context._reset_context()
        if threads > 1:
            import tensorflow as tf

            tf.config.threading.set_inter_op_parallelism_threads(threads)
        if self._warm:
            self._keras().backend.clear_session()


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


def _name_keras(library: Any) -> None:
    """Let code of the time of Keras 2 find the library as ``keras``."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "keras"]:
        del sys.modules[name]
    sys.modules["keras"] = library


def _warm_up(keras: Any, path: str) -> "np.ndarray[Any, Any]":
    """Save, load and call a model that touches what most models use."""
    layers = keras.layers
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
    loaded = keras.models.load_model(path, compile=False)
    return np.asarray(loaded(_sample_input(), training=False))


def _outputs(
    model: opening.Opened,
    one: dict[str, Any],
    order: dict[str, Any],
    descriptors: list[int],
) -> "dict[str, np.ndarray[Any, Any]]":
    """Return what a model predicts in one pass, by the names of its outputs."""
    import tensorflow as tf

    inputs = calling.mapped(order["inputs"], descriptors, one["inputs"])
    with (
        ablation.without_layer(tf, model.keras_model, one["without"]),
        ablation.mixed_layer(tf, model.keras_model, one["mixed"]),
    ):
        return calling.predict(
            model,
            inputs,
            order["outputs"],
            batch_rows=one["batch"],
            least_rows=1 if one["mixed"] is None else 2,
            fixed_rows=order["batch"],
            at_once=one["at_once"],
        )


def _ends_of(text: str) -> str:
    """Return the first and the last of a long text: where it began, and what it is."""
    half = frames.LARGEST_TEXT // 3
    if len(text) <= 2 * half:
        return text
    return f"{text[:half]}\n...\n{text[-half:]}"


def _sample_input() -> "np.ndarray[Any, Any]":
    return np.linspace(0, 1, 2 * 64, dtype=np.float32).reshape(2, 8, 8, 1)


def _code(error: BaseException, text: str, phase: str) -> str:
    """Return which code of the grader an error of a model means."""
    for kind, code in (
        (MemoryError, "E_MEMORY"),
        (calling.DtypeError, "E_DTYPE"),
        (ablation.UnknownLayerError, frames.UNKNOWN_LAYER),
        (failures.KnownFailure, "E_LOAD"),
    ):
        if isinstance(error, kind):
            known = kind is failures.KnownFailure
            return f"{code} {error}" if known else code
    if type(error).__name__ == "ResourceExhaustedError":
        return "E_MEMORY"
    if phase == "predict":
        for sign, failure in (
            (_CHANNELS_FIRST, failures.CHANNELS_FIRST),
            (_OUT_OF_RANGE, failures.OUT_OF_RANGE),
        ):
            if sign.search(text):
                return f"E_LOAD {failure}"
        return "E_INPUT_SHAPE" if _WRONG_INPUT.search(text) else "E_LOAD"
    if _UNSAFE.search(text):
        return "E_UNSAFE"
    return "E_CUSTOM_OBJECT" if _CUSTOM_OBJECT.search(text) else "E_LOAD"
