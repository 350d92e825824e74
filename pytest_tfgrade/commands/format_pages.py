"""Pages of the formats that a task can take, and of what is mended in old files."""

from typing import Final

from pytest_tfgrade.commands.page import Page
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.runner.worker.repair_names import MEANINGS

_BY_CONTENT: Final = (
    "A format of ``formats``, under artifact; known by content, whatever the ending.",
)


def _format(form: ArtifactFormat, title: str, *said: str, also: str = "") -> Page:
    return Page(
        name=form.value,
        title=title,
        notes=_BY_CONTENT,
        paragraphs=said,
        example=f"artifact: {{names: [digits], formats: [{form}]{also}}}\n",
    )


FORMATS: Final = (
    _format(
        ArtifactFormat.KERAS,
        "A .keras file, as model.save(...) of Keras 3 writes it.",
        "It holds layers, compile settings, weights and vocabularies, so that every "
        "check can look at it.",
    ),
    _format(
        ArtifactFormat.H5,
        "An HDF5 file of a whole model, .h5 or .hdf5; that of Keras 2 and before.",
        "It holds layers, compile settings and weights, but not the vocabulary of a "
        "TextVectorization layer.",
    ),
    _format(
        ArtifactFormat.SAVED_MODEL,
        "The folder of a SavedModel with saved_model.pb in it, or a zip of one.",
        "It holds a graph with signatures, of which ``signature`` names one, and "
        "vocabularies; layers only if Keras 2 wrote it. ``if_unknown`` says what "
        "becomes of criteria that ask for them.",
    ),
    _format(
        ArtifactFormat.TFLITE,
        "A TensorFlow Lite file.",
        "It holds operations with their constants, inputs and outputs; neither layers "
        "nor compile settings nor weights by name. ``if_unknown`` says what becomes of "
        "criteria that ask for them.",
    ),
    _format(
        ArtifactFormat.WEIGHTS,
        "An HDF5 file of weights alone, as save_weights(...) writes it.",
        "A ``source`` builds the model that they belong to.",
        also=", source: {names: [model]}",
    ),
)
"""In the order in which they are listed where a task takes all."""

_WHERE: Final = (
    "A repair of a file that an older Keras wrote, made as it is loaded. It changes no "
    "number, and stands under ``run`` in ``grades.json``.",
)

REPAIRS: Final = tuple(
    Page(
        name=name,
        title=f"{text[0].upper()}{text[1:]}.".replace("`", "``"),
        paragraphs=_WHERE,
    )
    for name, text in MEANINGS.items()
)
"""By the names that reports use."""
