"""Train and calibrate models for the task ``text``: the topic of a definition."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from calibration import PUBLIC, REFERENCE, Array, Maker, Task, calibrate, hits, train
from keras import layers
from make_reference_data import LENGTH, TOPICS, VOCABULARY, word_ids

CLASSES = len(TOPICS)


def records(path: Path) -> list[dict[str, object]]:
    """Return the objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def public() -> tuple[tf.Tensor, Array]:
    """Return the public texts (8000, 1) and their topics by number."""
    found = records(PUBLIC / "text.jsonl")
    numbers = {topic: number for number, topic in enumerate(TOPICS.values())}
    topics = np.array([numbers[str(record["topic"])] for record in found])
    return tf.constant([[str(record["text"])] for record in found]), topics


def public_ids() -> tuple[Array, Array]:
    """Return the public texts as word ids (8000, 30), and their topics."""
    vocabulary = words()
    texts, topics = public()
    decoded = (text.decode() for (text,) in texts.numpy())
    ids = [word_ids(text, vocabulary) for text in decoded]
    return np.array(ids, dtype=np.int32), topics


def words() -> list[str]:
    """Return the published vocabulary."""
    return (PUBLIC / "vocabulary.txt").read_text("utf-8").split()


def vectorized(known: int, *rest: keras.Layer) -> keras.Model:
    """Return an untrained model on texts that knows the first words only."""
    vectorization = layers.TextVectorization(
        max_tokens=known + 2, output_sequence_length=LENGTH
    )
    vectorization.set_vocabulary(words()[:known])
    text = keras.Input((1,), dtype="string", name="text")
    return keras.Sequential(
        [text, vectorization, *rest, layers.Dense(CLASSES, activation="softmax")]
    )


def convolution(known: int) -> list[keras.Layer]:
    """Return layers that look for patterns of three words."""
    return [
        layers.Embedding(known + 2, 10),
        layers.Dropout(0.3),
        layers.Conv1D(48, 3, padding="same", activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dropout(0.4),
    ]


def average(known: int) -> list[keras.Layer]:
    """Return layers that see no order of words."""
    return [layers.Embedding(known + 2, 8), layers.GlobalAveragePooling1D()]


def reference(seed: int = 1) -> keras.Model:
    """Return a convolution over words, trained until it stops improving."""
    model = vectorized(VOCABULARY, *convolution(VOCABULARY))
    return train(model, *public(), rate=2e-3, epochs=9)


def averaging(known: int, epochs: int, texts: int = 8000) -> keras.Model:
    """Return a mean over words, trained on the first texts."""
    inputs, topics = public()
    model = vectorized(known, *average(known))
    return train(model, inputs[:texts], topics[:texts], rate=3e-3, epochs=epochs)


def on_ids(seed: int = 1) -> keras.Model:
    """Return the reference model on word ids in place of texts."""
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32", name="ids"),
            *convolution(VOCABULARY),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    return train(model, *public_ids(), rate=2e-3, epochs=9)


def constant(seed: int = 1) -> keras.Model:
    """Return a model that always says the first topic; all are equally common."""
    model = vectorized(1, *average(1))
    model.set_weights([*model.get_weights()[:-2], np.zeros((8, 5)), np.eye(5)[0]])
    return model


def untrained(seed: int = 1) -> keras.Model:
    """Return the reference model as it was initialised."""
    return vectorized(VOCABULARY, *convolution(VOCABULARY))


def task() -> Task:
    """Return the hidden data."""
    hidden = records(REFERENCE / "text/hidden.jsonl")
    return Task(
        name="text",
        inputs=tf.constant([[str(record["text"])] for record in hidden]),
        targets=np.array([record["topic"] for record in hidden]),
        scores=hits,
    )


def task_on_ids() -> Task:
    """Return the hidden data for models that take word ids."""
    hidden = records(REFERENCE / "text/hidden.jsonl")
    return Task(
        name="text",
        inputs=np.array([record["ids"] for record in hidden], dtype=np.int32),
        targets=np.array([record["topic"] for record in hidden]),
        scores=hits,
    )


MAKERS: dict[str, Maker] = {
    "convolution over words": reference,
    "mean over words": lambda seed: averaging(VOCABULARY, epochs=6),
    "mean over words, 3 epochs": lambda seed: averaging(VOCABULARY, epochs=3),
    "mean over 400 words": lambda seed: averaging(400, epochs=8),
    "mean over 60 words": lambda seed: averaging(60, epochs=8),
    "mean over words, 800 texts": lambda seed: averaging(VOCABULARY, 6, texts=800),
    "one topic for all": constant,
    "untrained": untrained,
}

if __name__ == "__main__":
    calibrate(task(), MAKERS)
    calibrate(task_on_ids(), {"convolution over published ids": on_ids})
