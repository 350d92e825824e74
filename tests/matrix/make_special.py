"""Save models that come with code, or that are fed in another way than they say.

``make_special.py FOLDER`` runs under TensorFlow. Each candidate has a folder in
``FOLDER/submissions``; ``FOLDER/native.npz`` holds inputs and the predictions of the
models themselves, by task.
"""

import os
import sys
from pathlib import Path
from typing import Any

os.environ.update(CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3")

import keras
import numpy as np
from keras import layers

HERE = Path(sys.argv[1])
RANDOM = np.random.default_rng(0)
INPUTS = {
    "flat": RANDOM.random((6, 4)).astype("float32"),
    "image": RANDOM.random((6, 2, 8, 8)).astype("float32"),
    "words": np.array(["a dog", "the cat", "a cat", "dog", "the", "a a"]),
}
IDS = np.array([[2, 4], [3, 5], [2, 5], [4, 0], [3, 0], [2, 2]], "int32")

LAYER = """
import keras

class Twice(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs
"""

NEEDLESS = """
def softmax(z):
    return z

class Dense:
    pass

while True:
    pass
"""

BUILD = """
import keras

def build_model():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
"""

EMBEDDING = """
import keras

def build_model():
    return keras.Sequential([
        keras.Input((2,), dtype="int32"),
        keras.layers.Embedding(6, 3),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(3, "softmax"),
    ])
"""


def flat(*before: Any) -> Any:
    """Return a model of the task ``flat``; the same weights each time."""
    keras.utils.set_random_seed(0)
    dense = layers.Dense(3, "softmax")
    return keras.Sequential([keras.Input((4,)), *before, dense])


def of_code(code: str) -> dict[str, Any]:
    """Return what code defines."""
    place: dict[str, Any] = {"__name__": "model"}
    exec(code, place)  # noqa: S102 - our own, as the worker runs it
    return place


def hand_in(candidate: str, name: str, code: str | None = None) -> Path:
    """Return where a candidate's artifact belongs; write the code beside it."""
    folder = HERE / "submissions" / candidate / name.partition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    if code is not None:
        (folder / "model.py").write_text(code)
    return folder / name


def main() -> None:
    """Save every model."""
    native = {}
    plain = flat()
    native["flat"] = np.asarray(plain(INPUTS["flat"]))
    plain.save(hand_in("needless", "flat.keras", NEEDLESS))
    plain.save(hand_in("needless_h5", "flat.h5", NEEDLESS))
    plain.save_weights(hand_in("weights", "flat.weights.h5", BUILD))
    plain.save_weights(
        hand_in("no_model", "flat.weights.h5", BUILD.replace("return", "_ ="))
    )
    plain.save_weights(hand_in("no_input", "flat.weights.h5", NOT_BUILT))
    plain.save_weights(hand_in("no_builder", "flat.weights.h5", LAYER))
    wide = keras.Sequential([keras.Input((4,)), layers.Dense(9), layers.Dense(3)])
    wide.save_weights(hand_in("other_weights", "flat.weights.h5", BUILD))

    twice = of_code(LAYER)["Twice"]
    registered = keras.saving.register_keras_serializable("mine")(twice)
    doubling = flat(registered())
    doubling.save(hand_in("registered", "flat.keras", LAYER))

    keras.utils.set_random_seed(0)
    image = keras.Sequential(
        [
            keras.Input((2, 8, 8)),
            layers.Conv2D(4, 3, data_format="channels_first"),
            layers.GlobalAveragePooling2D(data_format="channels_first"),
            layers.Dense(3, "softmax"),
        ]
    )
    native["image"] = np.asarray(image(INPUTS["image"]))
    image.save(hand_in("channels_first", "image.keras"))

    words = of_code(EMBEDDING)["build_model"]()
    native["words"] = np.asarray(words(IDS))
    words.save_weights(hand_in("ids", "words.weights.h5", EMBEDDING))
    small = keras.Sequential(
        [
            keras.Input((2,), dtype="int32"),
            layers.Embedding(3, 3),
            layers.GlobalAveragePooling1D(),
            layers.Dense(3, "softmax"),
        ]
    )
    small.save(hand_in("small_table", "words.keras"))
    np.savez(
        HERE / "native.npz",
        **{f"input:{name}": array for name, array in INPUTS.items()},
        **{f"output:{name}": array for name, array in native.items()},
    )


NOT_BUILT = BUILD.replace("keras.Input((4,)), ", "")

if __name__ == "__main__":
    main()
