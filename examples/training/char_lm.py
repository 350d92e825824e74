"""Train and calibrate models for the task ``char_lm``: the next character.

    python examples/training/char_lm.py --seeds 2

A model is scored in bits for each character: the mean of ``-log2`` of the probability
that it gave to the character which came. Lower is better.
"""

from __future__ import annotations

import argparse
import json
from typing import Final

import keras
import numpy as np
from banding import judge, made_all
from calibration import HEAD, PUBLIC, REFERENCE, Array, Maker
from char_lm_data import pieces
from keras import layers

BITS: Final = {5: 2.25, 4: 2.4, 3: 2.6, 2: 2.9, 1: 3.3}
"""The bounds, in bits for each character."""

LEAST = 1e-7
"""Probabilities below count as this one, so that no score is infinite."""


def symbols() -> str:
    """Return the published characters; the first has the id 1."""
    text = (PUBLIC / "char_lm.json").read_text("utf-8")
    return str(json.loads(text)["symbols"])


SIZE: Final = len(symbols()) + 1
"""How many ids there are; 0 is padding, or a character that is not published."""


def public() -> tuple[Array, Array]:
    """Return all public definitions in pieces: characters and those that follow.

    Two arrays (n, 64), int32. Where the second is 0, there is nothing to predict.
    """
    lines = (PUBLIC / "text.jsonl").read_text("utf-8").splitlines()
    return pieces((json.loads(line)["text"] for line in lines), symbols())


def hidden() -> tuple[Array, Array]:
    """Return the hidden characters (500, 64) and those that follow."""
    with np.load(REFERENCE / "char_lm/hidden.npz") as data:
        return data["ids"], data["next"]


def context(ids: Array, following: Array, length: int) -> tuple[Array, ...]:
    """Return for each place the last characters, then the one that follows.

    Args:
        ids: (n, 64).
        following: the same, one step later.
        length: how many characters; before the beginning they are 0.

    Returns:
        ``length + 1`` arrays (n, 64).
    """
    rows, steps = ids.shape
    before = np.zeros((rows, max(length - 1, 0)), ids.dtype)
    seen = np.concatenate([before, ids], axis=1)
    return *(seen[:, start : start + steps] for start in range(length)), following


def frequencies(length: int) -> Array:
    """Return the probability of each character after each context of this length.

    Counts are mixed with the probabilities of a context shorter by one: the more
    characters were seen only once or so, the more of those (Witten and Bell, 1991).

    Returns:
        ``length + 1`` axes of 51; the last one sums to 1.
    """
    ids, following = public()
    shorter = frequencies(length - 1) if length else np.full(SIZE, 1 / SIZE)
    counts = np.zeros((SIZE,) * (length + 1))
    there = following > 0
    np.add.at(counts, tuple(a[there] for a in context(ids, following, length)), 1)
    kinds = (counts > 0).sum(axis=-1, keepdims=True)
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(
        total > 0, (counts + kinds * shorter) / np.maximum(total + kinds, 1), shorter
    )


def recurrent(units: int) -> keras.Model:
    """Return an untrained network that reads from left to right."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(SIZE, 32)(ids)
    x = layers.LSTM(units, return_sequences=True)(x)
    x = layers.Dropout(0.15)(x)
    return keras.Model(ids, layers.Dense(SIZE, activation="softmax", name="next")(x))


def bidirectional(units: int) -> keras.Model:
    """Return an untrained network that cheats: it also reads what is to come."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(SIZE, 32)(ids)
    x = layers.Bidirectional(layers.LSTM(units, return_sequences=True))(x)
    return keras.Model(ids, layers.Dense(SIZE, activation="softmax", name="next")(x))


def table(probabilities: Array) -> keras.Model:
    """Return a network that looks up what follows the last character.

    Args:
        probabilities: (51, 51), by the last character and the next.
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(SIZE, SIZE)(ids)
    model = keras.Model(ids, layers.Softmax(name="next")(x))
    model.set_weights([np.log(probabilities)])
    return model


def fitted(model: keras.Model, epochs: int) -> keras.Model:
    """Train by way of a shell around the model, which stays uncompiled."""
    ids, following = public()
    batches = -(-len(ids) // 64)
    rate = keras.optimizers.schedules.CosineDecay(5e-3, epochs * batches)
    shell = keras.Model(model.inputs, model.outputs)
    shell.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    there = (following > 0).astype(np.float32)
    shell.fit(
        ids, following, sample_weight=there, epochs=epochs, batch_size=64, verbose=0
    )
    return model


def reference(seed: int = 1) -> keras.Model:
    """Return one layer of LSTM, trained."""
    return fitted(recurrent(160), epochs=8)


def bigram(seed: int = 1) -> keras.Model:
    """Return a table of which character follows which."""
    return table(frequencies(1))


def unigram(seed: int = 1) -> keras.Model:
    """Return a model that always gives the frequencies of the public characters."""
    return table(np.tile(frequencies(0), (SIZE, 1)))


def uniform(seed: int = 1) -> keras.Model:
    """Return a model that gives every character the same probability."""
    return table(np.full((SIZE, SIZE), 1 / SIZE))


def cheat(seed: int = 1) -> keras.Model:
    """Return a trained network that copies the next character from its input."""
    return fitted(bidirectional(32), epochs=2)


def bits(probabilities: Array) -> Array:
    """Return each text's mean of ``-log2 p``; (n, 64) becomes (n,)."""
    return np.asarray(-np.log2(np.maximum(probabilities, LEAST)).mean(axis=1))


def scores(model: keras.Model) -> Array:
    """Return the bits for each character of every hidden text, (500,)."""
    ids, following = hidden()
    predictions = np.asarray(model.predict(ids, batch_size=256, verbose=0))
    chosen = np.take_along_axis(predictions, following[..., np.newaxis], axis=-1)
    return bits(chosen[..., 0])


def scores_of_frequencies(length: int) -> Array:
    """Return the same for a table of frequencies that has no model."""
    return bits(frequencies(length)[context(*hidden(), length)])


MAKERS: dict[str, Maker] = {
    "LSTM 160": reference,
    "LSTM 160, 4 epochs": lambda seed: fitted(recurrent(160), epochs=4),
    "LSTM 160, 2 epochs": lambda seed: fitted(recurrent(160), epochs=2),
    "LSTM 48, 4 epochs": lambda seed: fitted(recurrent(48), epochs=4),
    "LSTM 16, 2 epochs": lambda seed: fitted(recurrent(16), epochs=2),
    "both directions, a cheat": cheat,
    "bigrams": bigram,
    "unigrams": unigram,
    "uniform": uniform,
    "untrained": lambda seed: recurrent(160),
}


def main() -> None:
    """Train each model, score it and print a table."""
    parser = argparse.ArgumentParser(description="Calibrate the task char_lm.")
    parser.add_argument("--seeds", type=int, default=3, help="Seeds of the reference")
    seeds: int = parser.parse_args().seeds
    print(HEAD)

    def note(label: str, model: keras.Model) -> None:
        print(judge(scores(model), BITS).row(label), flush=True)

    made_all(MAKERS, seeds, note)
    for length in (3, 2):
        label = f"frequencies after {length} characters (no model)"
        print(judge(scores_of_frequencies(length), BITS).row(label))


if __name__ == "__main__":
    main()
