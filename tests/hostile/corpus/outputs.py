"""Models whose predictions are not what a task asks for, or are no numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from programs import coded
from rows import OK, Row, Targets

CONTRACT = "the contract of outputs, by the header of an array"
KINDS = "the dtypes that may cross the channel"
FINITE = "predictions are counted that are not finite"

Layers = Callable[[Any], list[Any]]


def _saved(layers: Layers) -> Callable[[Path, Targets], None]:
    """Return what hands in a Sequential model of these layers; weights are seeded."""

    def make(folder: Path, targets: Targets) -> None:
        import keras

        keras.utils.set_random_seed(5)
        model = keras.Sequential([keras.Input((8, 8)), *layers(keras.layers)])
        model.save(folder / "digits.keras")

    return make


def _dense(
    bias: float = 0.0, activation: str = "linear", units: int = 10, scale: float = 1.0
) -> Layers:
    def layers(of: Any) -> list[Any]:
        import keras

        # The value is put in afterwards: NaN has no place in a configuration.
        dense = of.Dense(units, activation=activation, name="digit")
        dense.build((None, 64))
        kernel, _ = dense.get_weights()
        values = keras.ops.convert_to_numpy(keras.ops.full((units,), bias))
        dense.set_weights([kernel * scale, values])
        return [of.Flatten(), dense]

    return layers


def _several(named: bool) -> Callable[[Path, Targets], None]:
    """Return what hands in a model of two outputs, by name or in a list."""

    def make(folder: Path, targets: Targets) -> None:
        import keras

        inputs = keras.Input((8, 8))
        flat = keras.layers.Flatten()(inputs)
        first = keras.layers.Dense(10, activation="softmax", name="one")(flat)
        second = keras.layers.Dense(10, activation="softmax", name="two")(flat)
        outputs = {"one": first, "two": second} if named else [first, second]
        keras.Model(inputs, outputs).save(folder / "digits.keras")

    return make


def _row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Callable[[Path, Targets], None],
    *expected: str,
    by: str = CONTRACT,
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


def _returns(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    value: str,
    *expected: str,
    by: str = CONTRACT,
    says: str = "",
) -> Row:
    """Return a row whose code computes a value from the honest ``outputs``."""
    text = (
        f"import tensorflow as tf\n\ndef attack():\n    return lambda outputs: {value}"
    )
    return coded(id, vector, text, *expected, by=by, says=says)


COUNTED = r"\d+ of \d+ predicted values of '\w+' are NaN or infinite"
SHAPE = r"predictions have shape \(None, {}\), the task asks for \(None, 10\)"
FOR_ROWS = r"returns {} for \d+ rows of inputs"
NO_NUMBERS = "type"

VALUES = (
    _row(
        *("O01-nan", "a weight is NaN", _saved(_dense(float("nan"))), "E_NONFINITE"),
        by=FINITE,
        says=COUNTED,
    ),
    _row(
        *("O01-infinite", "a weight is infinite"),
        *(_saved(_dense(float("inf"))), "E_NONFINITE"),
        by=FINITE,
        says=COUNTED,
    ),
    _row(
        *("O01-overflow", "weights of 1e38, whose sums are infinite"),
        *(_saved(_dense(scale=1e38)), "E_NONFINITE"),
        by=FINITE,
        says=COUNTED,
    ),
    _row(
        *("O01-huge", "predicts 1e38 throughout"),
        *(_saved(_dense(1e38, scale=0.0)), OK),
        by="metrics are computed in double precision",
    ),
    _row(
        *("O01-denormal", "predicts numbers below the least normal one"),
        *(_saved(_dense(1e-44, scale=0.0)), OK),
        by="metrics bear any finite number",
    ),
    _returns(
        *("O01-one", "one prediction of all is NaN, when it is called"),
        "tf.tensor_scatter_nd_update(outputs, [[0, 0]], [float('nan')])",
        "E_NONFINITE",
        by=FINITE,
        says=COUNTED,
    ),
)

SHAPES = (
    _returns(
        *("O02-rows", "drops the last row", "outputs[:-1]", "E_OUTPUT_SHAPE"),
        says=FOR_ROWS.format(r"\d+ rows"),
    ),
    _returns(
        *("O02-more-rows", "returns a row twice"),
        *("tf.concat([outputs, outputs[:1]], 0)", "E_OUTPUT_SHAPE"),
        says=FOR_ROWS.format(r"\d+ rows"),
    ),
    _returns(
        *("O02-no-rows", "returns no row", "outputs[:0]", "E_OUTPUT_SHAPE"),
        says=FOR_ROWS.format("0 rows"),
    ),
    _returns(
        *("O02-rank", "returns an axis more", "outputs[..., None]", "E_OUTPUT_SHAPE"),
        says=SHAPE.format("10, 1"),
    ),
    _returns(
        *("O02-number", "returns a single number"),
        *("tf.reduce_sum(outputs)", "E_OUTPUT_SHAPE"),
    ),
    _row(
        *("O02-classes", "has nine classes", _saved(_dense(units=9)), "E_OUTPUT_SHAPE"),
        says=r"shape \(None, 9\)",
    ),
    _row(
        *("O02-dict", "returns a dict of outputs of other names"),
        *(_several(named=True), "E_OUTPUT_SHAPE"),
    ),
    _row(
        *("O02-list", "returns a list of two outputs"),
        *(_several(named=False), "E_OUTPUT_SHAPE"),
    ),
    _row(
        *("O03", "returns 400,000 floats for each row"),
        _saved(
            lambda of: [of.Flatten(), of.RepeatVector(6250), of.Reshape((400_000,))]
        ),
        "E_OUTPUT_SHAPE",
        says=r"shape \(None, 400000\)|far larger",
    ),
    _returns(
        *("O03-late", "the same, which its file does not say"),
        *("tf.zeros((len(outputs), 400_000))", "E_OUTPUT_SHAPE"),
        says="the predictions are far larger than the task asks for",
    ),
)

TYPES = (
    _returns(
        *("O02-int", "returns whole numbers"),
        *("tf.cast(outputs * 100, tf.int32)", OK),
        by="any number is borne; rows of no probabilities are told",
    ),
    _returns(
        *("O02-bool", "returns truth values", "outputs > 0.5", OK),
        by="any number is borne; rows of no probabilities are told",
    ),
    _returns(
        *("O02-string", "returns texts", "tf.strings.as_string(outputs)", "E_DTYPE"),
        by=KINDS,
        says=NO_NUMBERS,
    ),
    _returns(
        *("O02-object", "returns Python objects"),
        *("np.array([[print] * 10] * len(outputs))", "E_DTYPE"),
        by=KINDS,
        says=NO_NUMBERS,
    ),
    _returns(
        *("O02-complex", "returns complex numbers"),
        *("tf.cast(outputs, tf.complex64)", "E_DTYPE"),
        by=KINDS,
        says=NO_NUMBERS,
    ),
    _returns(
        *("O02-ragged", "returns rows of different lengths"),
        "tf.RaggedTensor.from_row_lengths("
        "tf.reshape(outputs, [-1])[1:], [9] + [10] * (len(outputs) - 1))",
        *("E_DTYPE", "E_OUTPUT_SHAPE", "E_LOAD"),
        by=KINDS,
    ),
    _returns(
        *("O02-sparse", "returns a sparse tensor"),
        *("tf.sparse.from_dense(outputs)", "E_DTYPE", "E_LOAD"),
        by=KINDS,
    ),
    _returns(
        *("O02-none", "returns nothing", "()", "E_OUTPUT_SHAPE", "E_LOAD", "E_DTYPE"),
        by=KINDS,
    ),
    _returns(
        *("O02-array-like", "returns an object that is an array when it is asked"),
        "type('Lazy', (), {'__array__': lambda *_, **__: np.zeros((1, 1 << 40))})()",
        *("E_MEMORY", "E_OUTPUT_SHAPE", "E_LOAD"),
    ),
)

KIND = (
    _row(
        *("O04-logits", "returns logits", _saved(_dense(scale=9.0)), OK),
        by="the kind of an output is checked, and told",
    ),
    _row(
        *("O04-sums", "returns numbers in 0 to 1 whose rows do not sum to 1"),
        *(_saved(_dense(activation="sigmoid")), OK),
        by="the kind of an output is checked, and told",
    ),
)

ROWS = (*VALUES, *SHAPES, *TYPES, *KIND)
