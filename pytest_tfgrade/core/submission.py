"""What candidates hand in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ArtifactFormat(StrEnum):
    """How a model was saved; known by content, not by the file's ending."""

    KERAS = "keras"  # zip of config.json, metadata.json and model.weights.h5
    H5 = "h5"  # HDF5 with the attribute model_config


ENDINGS = {
    ".keras": ArtifactFormat.KERAS,
    ".h5": ArtifactFormat.H5,
    ".hdf5": ArtifactFormat.H5,
}
"""File name endings by which artifacts are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A file that a candidate handed in, where the candidate put it."""

    name: str
    """Relative to the submission, with ``/``; printable."""

    path: Path
    """Where it lies; not to be opened before it is staged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What one candidate hands in."""

    id: str
    """Unique in a run, printable, and free of colons."""

    found: Mapping[str, tuple[HandedIn, ...]]
    """By task: the files that bear the name of its artifact."""

    others: tuple[str, ...] = ()
    """Names of model files that no task asks for; printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A private copy of one saved model, made before anything looks at it."""

    path: Path
    """Where the copy lies; its ending fits ``format``."""

    name: str
    """Where the candidate had it, relative to the submission; printable."""

    format: ArtifactFormat
    """By the first bytes of the file."""

    sha256: str
    """Of the copy, in hexadecimal."""

    size: int
    """In bytes."""
