"""Makes the files of Keras 2 in ``files``; run by hand.

    python make_files.py FOLDER

Needs TensorFlow 2.15 and its Keras 2.15. Writes the files of each model of ``MODELS``,
and ``NAME.npz``: inputs, as ``input:NAME``, and what TensorFlow 2.15 predicts, as
``output:NAME``, in the model's order. ``older.py`` derives files of older versions.
"""

import io
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import custom_layer
import numpy as np
import older
import tensorflow as tf

keras: Any = tf.keras
layers: Any = keras.layers

Model = Any  # of Keras 2

Arrays = dict[str, np.ndarray]
Made = tuple[Model, Arrays]

RANDOM = np.random.default_rng(2015)
ROWS = 4
SAVED_MODEL, EXPORTED, H5, KERAS = "savedmodel.zip", "exported.zip", "h5", "keras"
ADAPTED = (layers.Normalization, layers.TextVectorization)
DATE = (1980, 1, 1, 0, 0, 0)


def normal(*shape: int) -> np.ndarray:
    """Return numbers of the standard normal distribution as float32."""
    return RANDOM.normal(size=(ROWS, *shape)).astype(np.float32)


def dense() -> Made:
    """A chain without ``Input``: the shape is in its first layer."""
    model = keras.Sequential(
        [
            layers.Dense(6, activation="relu", input_shape=(5,)),
            layers.Dense(3, activation="softmax"),
        ],
        name="dense_model",
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.01),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model, {"dense_input": normal(5)}


def cnn() -> Made:
    """Images through convolution, batch normalisation and pooling."""
    model = keras.Sequential(
        [
            layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1)),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        name="cnn",
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.001),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["acc"],
    )
    return model, {"conv2d_input": normal(8, 8, 1)}


def depthwise() -> Made:
    """The convolutions whose settings Keras 2 writes with ``groups``."""
    model = keras.Sequential(
        [
            layers.Input((8, 8, 2), name="image"),
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            layers.LeakyReLU(alpha=0.1),
            layers.SeparableConv2D(4, 3, activation="relu"),
            layers.Conv2DTranspose(3, 2, strides=2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3),
        ],
        name="depthwise",
    )
    return model, {"image": normal(8, 8, 2)}


def depthwise_1d() -> Made:
    """The same along one axis."""
    model = keras.Sequential(
        [
            layers.Input((12, 2), name="series"),
            layers.DepthwiseConv1D(3),
            layers.SeparableConv1D(4, 3, activation="relu"),
            layers.Conv1DTranspose(3, 2, strides=2),
            layers.GlobalMaxPooling1D(),
        ],
        name="depthwise_1d",
    )
    return model, {"series": normal(12, 2)}


def text_lstm() -> Made:
    """Word numbers, 0 for no word, through an LSTM of both directions."""
    model = keras.Sequential(
        [
            layers.Embedding(20, 4, mask_zero=True, input_length=7),
            layers.Bidirectional(layers.LSTM(3)),
            layers.Dense(2, activation="softmax"),
        ],
        name="text_lstm",
    )
    words = RANDOM.integers(0, 20, (ROWS, 7)).astype(np.float32)
    return model, {"embedding_input": words}


def gru() -> Made:
    """Two GRU layers, one of which returns all steps."""
    model = keras.Sequential(
        [
            layers.GRU(3, return_sequences=True, input_shape=(9, 2)),
            layers.GRU(2),
            layers.Dense(1),
        ],
        name="gru_model",
    )
    return model, {"gru_input": normal(9, 2)}


def conv_lstm() -> Made:
    """A forecaster, compiled with ``Huber``."""
    model = keras.Sequential(
        [
            layers.Conv1D(
                3, 3, padding="causal", activation="relu", input_shape=(9, 1)
            ),
            layers.LSTM(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(2)),
            layers.LSTM(3),
            layers.Dense(7),
        ],
        name="conv_lstm",
    )
    model.compile(optimizer="adam", loss=keras.losses.Huber(), metrics=["mae"])
    return model, {"conv1d_input": normal(9, 1)}


def two_in_two_out() -> Made:
    """Numbers and a sequence in; a class and a value out."""
    num = keras.Input((6,), name="num")
    seq = keras.Input((5, 1), name="seq")
    joined = layers.concatenate([layers.Dense(4)(num), layers.GRU(3)(seq)])
    cls = layers.Dense(3, activation="softmax", name="cls")(joined)
    reg = layers.Dense(1, name="reg")(joined)
    model = keras.Model([num, seq], [cls, reg], name="two_in_two_out")
    return model, {"num": normal(6), "seq": normal(5, 1)}


def base() -> Model:
    """Return what another model is built on; all its layers are frozen."""
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(4, 3)(image)
    x = layers.BatchNormalization()(x)
    x = layers.DepthwiseConv2D(3)(layers.Activation("relu")(x))
    x = layers.BatchNormalization()(x)
    model = keras.Model(image, x, name="base")
    model.trainable = False
    return model


def frozen_base() -> Made:
    """A chain on a frozen model."""
    model = keras.Sequential(
        [base(), layers.GlobalAveragePooling2D(), layers.Dense(2)], name="frozen_base"
    )
    return model, {"base_input": normal(8, 8, 1)}


def frozen_base_called() -> Made:
    """A graph that calls a frozen model; of its layers the last two learn again."""
    inner = base()
    for layer in inner.layers[-2:]:
        layer.trainable = True
    image = keras.Input((8, 8, 1), name="image")
    x = layers.GlobalAveragePooling2D()(inner(image, training=False))
    model = keras.Model(image, layers.Dense(2)(x), name="frozen_base_called")
    return model, {"image": normal(8, 8, 1)}


def nested_models() -> Made:
    """Models in models, called twice, with layers of one shape side by side."""
    start = keras.Input((4,))
    x = layers.BatchNormalization()(layers.Dense(4)(start))
    graph = keras.Model(start, layers.BatchNormalization()(x), name="graph")
    graph.layers[1].trainable = graph.layers[2].trainable = False
    chain = keras.Sequential([layers.Input((4,)), graph, layers.Dense(4)], name="chain")
    late = keras.Sequential([layers.Dense(4, activation="tanh")], name="late")
    image = keras.Input((4,), name="image")
    left, right = layers.Dense(4)(image), layers.Dense(4)(image)
    called = [chain(left), chain(right), late(image), late(right)]
    joined = layers.Concatenate()([left, right, *called])
    model = keras.Model(
        image, [layers.Dense(2)(joined), chain(called[2])], name="nested"
    )
    return model, {"image": normal(4)}


def own_layer() -> Made:
    """A registered layer of the candidate's; its source is ``custom_layer.py``."""
    model = keras.Sequential(
        [layers.Input((4,), name="x"), custom_layer.Scaled(2.0), layers.Dense(2)],
        name="custom_layer",
    )
    return model, {"x": normal(4)}


def text_vectorization() -> Made:
    """Texts in; the vocabulary is part of the model."""
    vectorize = layers.TextVectorization(max_tokens=12, output_sequence_length=5)
    vectorize.adapt(["the cat sat on the mat", "a dog ate the cat", "birds sing"])
    model = keras.Sequential(
        [
            keras.Input((1,), dtype=tf.string, name="text"),
            vectorize,
            layers.Embedding(12, 3),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2, activation="softmax"),
        ],
        name="text_vectorization",
    )
    texts = [["the cat sat"], ["A dog!"], ["nothing known"], [""]]
    return model, {"text": np.array(texts)}


def normalization() -> Made:
    """Each column scaled by the mean and variance that were seen."""
    scale = layers.Normalization()
    scale.adapt(3 + 2 * normal(4))
    model = keras.Sequential(
        [layers.Input((4,), name="x"), scale, layers.Dense(2)], name="normalization"
    )
    return model, {"x": normal(4)}


def normalization_whole() -> Made:
    """All columns scaled by one mean and variance."""
    scale = layers.Normalization(axis=None)
    scale.adapt(3 + 2 * normal(4))
    model = keras.Sequential(
        [layers.Input((4,), name="x"), scale, layers.Dense(2)],
        name="normalization_whole",
    )
    return model, {"x": normal(4)}


def discretization() -> Made:
    """Numbers sorted into ranges, which are then counted."""
    model = keras.Sequential(
        [
            layers.Input((5,), name="x"),
            layers.Discretization(bin_boundaries=[-0.5, 0.0, 0.5]),
            layers.CategoryEncoding(4, output_mode="multi_hot"),
            layers.Dense(2),
        ],
        name="discretization",
    )
    return model, {"x": normal(5)}


def mixed_precision() -> Made:
    """A layer that computes in float16; it only compares, so there is no rounding."""
    pool = layers.MaxPooling1D(dtype=keras.mixed_precision.Policy("mixed_float16"))
    model = keras.Sequential(
        [layers.Input((6, 2), name="series"), pool, layers.Flatten(), layers.Dense(2)],
        name="mixed_precision",
    )
    return model, {"series": normal(6, 2)}


def conv_lstm_2d() -> Made:
    """Images in a row; the settings of the layer are those of a recurrent one."""
    model = keras.Sequential(
        [
            layers.Input((3, 5, 5, 1), name="images"),
            layers.ConvLSTM2D(2, 3, recurrent_activation="hard_sigmoid"),
            layers.GlobalAveragePooling2D(),
        ],
        name="conv_lstm_2d",
    )
    return model, {"images": normal(3, 5, 5, 1)}


def hard_sigmoid() -> Made:
    """Keras 2's ``hard_sigmoid`` in every place that may name it; Keras 3's differs."""
    model = keras.Sequential(
        [
            layers.LSTM(
                4,
                recurrent_activation="hard_sigmoid",
                return_sequences=True,
                input_shape=(6, 2),
            ),
            layers.Bidirectional(layers.GRU(3, recurrent_activation="hard_sigmoid")),
            layers.Dense(5, activation="hard_sigmoid"),
            layers.Dense(3, kernel_initializer="random_normal"),
            layers.Activation("hard_sigmoid"),
        ],
        name="hard_sigmoid",
    )
    return model, {"lstm_input": 2 * normal(6, 2)}


def stateful() -> Made:
    """Remembers from call to call, for a batch of a fixed size."""
    model = keras.Sequential(
        [
            layers.LSTM(3, stateful=True, batch_input_shape=(ROWS, 6, 1)),
            layers.Dense(1),
        ],
        name="stateful",
    )
    return model, {"lstm_input": normal(6, 1)}


def time_major() -> Made:
    """Steps come first, rows second: no other Keras can say this."""
    series = keras.Input((None, 2), name="series")
    steps = layers.Permute((1, 2))(series)
    model = keras.Model(
        series, layers.LSTM(3, time_major=True)(steps), name="time_major"
    )
    return model, {"series": normal(5, 2)}


MODELS: dict[str, tuple[Callable[[], Made], tuple[str, ...]]] = {
    "dense": (dense, (H5, KERAS, SAVED_MODEL)),
    "cnn": (cnn, (H5, KERAS, SAVED_MODEL)),
    "depthwise": (depthwise, (H5, KERAS, SAVED_MODEL)),
    "depthwise_1d": (depthwise_1d, (H5,)),
    "text_lstm": (text_lstm, (H5, KERAS, EXPORTED)),
    "gru": (gru, (H5, KERAS, EXPORTED)),
    "conv_lstm": (conv_lstm, (H5, KERAS, EXPORTED)),
    "two_in_two_out": (two_in_two_out, (H5, KERAS, EXPORTED)),
    "frozen_base": (frozen_base, (H5, KERAS, SAVED_MODEL)),
    "frozen_base_called": (frozen_base_called, (H5,)),
    "nested_models": (nested_models, (H5,)),
    "custom_layer": (own_layer, (H5, KERAS, SAVED_MODEL)),
    "text_vectorization": (text_vectorization, (KERAS, SAVED_MODEL)),
    "normalization": (normalization, (H5, KERAS, SAVED_MODEL)),
    "normalization_whole": (normalization_whole, (H5,)),
    "discretization": (discretization, (H5,)),
    "mixed_precision": (mixed_precision, (H5,)),
    "conv_lstm_2d": (conv_lstm_2d, (H5,)),
    "hard_sigmoid": (hard_sigmoid, (H5, KERAS, EXPORTED)),
    "stateful": (stateful, (H5,)),
    "time_major": (time_major, (H5,)),
}
"""How a model is made, and the formats it is saved in."""


def main() -> None:
    """Write all files to the folder of the command line."""
    folder = Path(sys.argv[1])
    for name, (make, formats) in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(2015)
        model, inputs = make()
        shake(model)
        write_predictions(folder / f"{name}.npz", model, inputs)
        for ending in formats:
            save(model, folder / f"{name}.{ending}")
            if ending in {H5, KERAS}:
                loaded = keras.models.load_model(folder / f"{name}.{ending}")
                require_same(predicted(loaded, inputs), predicted(model, inputs))
    older.derive(folder)


def shake(model: Model) -> None:
    """Move every weight, so that two of one shape are not exchanged unnoticed."""
    adapted = [layer for layer in model.layers if isinstance(layer, ADAPTED)]
    kept = {id(weight) for layer in adapted for weight in layer.weights}
    for weight in model.weights:
        if id(weight) not in kept:
            value = weight.numpy()
            weight.assign(value + RANDOM.uniform(-0.4, 0.4, value.shape))


def write_predictions(path: Path, model: Model, inputs: Arrays) -> None:
    """Write inputs and what the model predicts from them."""
    outputs = dict(zip(model.output_names, predicted(model, inputs), strict=True))
    arrays = {
        **{f"input:{name}": value for name, value in inputs.items()},
        **{f"output:{name}": value for name, value in outputs.items()},
    }
    write_zip(path, {f"{name}.npy": npy(value) for name, value in arrays.items()})


def predicted(model: Model, inputs: Arrays) -> list[np.ndarray]:
    """Return the outputs of a model that has not been called before."""
    values = list(inputs.values())
    outputs = model.predict(values if len(values) > 1 else values[0], verbose=0)
    if model.stateful:
        model.reset_states()
    return outputs if isinstance(outputs, list) else [outputs]


def require_same(loaded: list[np.ndarray], made: list[np.ndarray]) -> None:
    """Make sure that TensorFlow 2.15 itself can read what it wrote."""
    for one, other in zip(loaded, made, strict=True):
        np.testing.assert_array_equal(one, other)


def npy(value: np.ndarray) -> bytes:
    """Return an array as NumPy writes it to a file."""
    file = io.BytesIO()
    np.lib.format.write_array(file, value, allow_pickle=False)
    return file.getvalue()


def save(model: Model, path: Path) -> None:
    """Write a model, with its compile settings but without an optimizer's state."""
    if path.suffix != ".zip":
        model.save(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        if path.name.endswith(EXPORTED):
            model.export(folder)
        else:
            model.save(folder, save_format="tf", include_optimizer=False)
        write_zip(path, dict(files_in(Path(folder))))


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file, in the order of names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "fingerprint.pb":  # holds random numbers
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip that is the same bytes whenever it is made."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


if __name__ == "__main__":
    main()
