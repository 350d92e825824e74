"""All rows, hostile and broken."""

from rows import Row

from corpus import (
    channel,
    cheating,
    collected,
    endings,
    folders,
    keras_files,
    names,
    network,
    outputs,
    reach,
    resources,
    saved_models,
    state,
    storage,
    tflite_files,
    weights_files,
    zips,
)

ROWS: tuple[Row, ...] = (
    *keras_files.ROWS,
    *weights_files.ROWS,
    *zips.ROWS,
    *folders.ROWS,
    *saved_models.ROWS,
    *tflite_files.ROWS,
    *resources.ROWS,
    *endings.ROWS,
    *storage.ROWS,
    *network.ROWS,
    *reach.ROWS,
    *channel.ROWS,
    *state.ROWS,
    *collected.ROWS,
    *cheating.ROWS,
    *outputs.ROWS,
    *names.ROWS,
)
"""A line for each module."""
