"""Write the ids that Keras gives to texts; run in a process of its own.

    python save_keras_ids.py TEXTS.json IDS.json

``TextVectorization`` is asked as it is; ``Tokenizer`` of Keras 2 with its own filters
off, and ``pad_sequences`` at both ends.
"""

import json
import sys
from pathlib import Path

import keras
import tensorflow as tf
import tf_keras  # type: ignore[import-untyped]

LENGTH = 5

given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
found = {}
for how in (None, "lower", "lower_and_strip_punctuation"):
    layer = keras.layers.TextVectorization(
        standardize=how,
        vocabulary=given["words"],
        output_mode="int",
        output_sequence_length=LENGTH,
    )
    ids = layer(tf.constant(given["texts"]))
    found[f"TextVectorization {how or 'none'}"] = ids.numpy().tolist()
tokenizer = tf_keras.preprocessing.text.Tokenizer(
    filters="",
    lower=False,
    oov_token="other",  # noqa: S106 - a word
)
tokenizer.word_index = {"other": 1} | {w: 2 + k for k, w in enumerate(given["words"])}
rows = tokenizer.texts_to_sequences(given["texts"])
for padding in ("pre", "post"):
    for truncation in ("pre", "post"):
        ids = tf_keras.utils.pad_sequences(
            rows, maxlen=LENGTH, padding=padding, truncating=truncation
        )
        found[f"Tokenizer {padding} {truncation}"] = ids.tolist()
Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
