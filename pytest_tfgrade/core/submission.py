"""What candidates hand in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.codes import Code


class ArtifactFormat(StrEnum):
    """How a model was saved; known by content, not by the file's ending."""

    KERAS = "keras"  # zip of config.json, metadata.json and model.weights.h5
    H5 = "h5"  # HDF5 with the attribute model_config
    SAVED_MODEL = "savedmodel"  # folder with saved_model.pb, or a zip of one
    TFLITE = "tflite"  # FlatBuffers with the identifier TFL3
    WEIGHTS = "weights"  # HDF5 of weights alone; source code builds the model


ENDINGS = {
    ".keras": ArtifactFormat.KERAS,
    ".h5": ArtifactFormat.H5,
    ".hdf5": ArtifactFormat.H5,
    ".tflite": ArtifactFormat.TFLITE,
}
"""File name endings by which artifacts are found; a SavedModel is a folder."""

GRAPH: Final = "saved_model.pb"
"""The file that makes a folder a SavedModel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A file that a candidate handed in, where the candidate put it."""

    name: str
    """Relative to the submission, with ``/``; printable."""

    path: Path
    """Where it lies; not to be opened before it is staged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFault:
    """Why a candidate's folder could not be looked into, in whole or in part."""

    code: Code
    """``E_FORMAT`` for what the candidate did, ``E_INFRA`` for what we may not read."""

    text: str
    """What is wrong; for the grader alone if we may not read it; printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What one candidate hands in."""

    id: str
    """Unique in a run, printable, and free of colons."""

    found: Mapping[str, tuple[HandedIn, ...]]
    """By task: the files that bear the name of its artifact."""

    others: tuple[str, ...] = ()
    """Names of model files that no task asks for; printable."""

    sources: Mapping[str, tuple[HandedIn, ...]] = field(default_factory=dict)
    """By task: the Python files that bear the name of its source."""

    fault: FolderFault | None = None
    """Why there may be more than was found; decides tasks of which nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A private copy of Python code that a model needs; run in the worker alone."""

    path: Path
    """Where the copy lies."""

    name: str
    """Where it came from, for messages; printable."""

    sha256: str
    """Of the copy, in hexadecimal."""

    builds: str
    """The function that returns the model that weights belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A private copy of one saved model, made before anything looks at it."""

    path: Path
    """Where the copy lies; its ending fits ``format``. A SavedModel is a folder."""

    name: str
    """Where the candidate had it, relative to the submission; printable."""

    format: ArtifactFormat
    """By the first bytes of the file."""

    sha256: str
    """Of the file that was handed in, in hexadecimal; of a folder, see ``staging``."""

    size: int
    """In bytes, of all files."""

    source: Source | None = None
    """Code that goes with it."""

    source_fault: str | None = None
    """Why the code that was handed in with it cannot be used, if so; printable."""

    @property
    def identity(self) -> str:
        """What tells apart models that may predict differently."""
        return self.sha256 + (self.source.sha256 if self.source else "")
