"""What candidates hand in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
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


class Clock(StrEnum):
    """What says when something was handed in; the most to be trusted first."""

    PLATFORM = "platform"  # the learning platform's own record
    ZIP = "zip"  # the zip or folder that is called a download of the platform's
    FILE = "file"  # when the file or folder on this disk was last changed


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When something was handed in, as far as that is known."""

    at: datetime
    """With a time zone."""

    clock: Clock
    """What says so."""

    def __str__(self) -> str:
        """Return it as reports write it, in UTC."""
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC by the {self.clock}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in a zip, as the zip's directory describes it."""

    name: str
    """As in the zip, with ``/``."""

    offset: int
    """Bytes before it in the zip."""

    packed_size: int
    """Bytes that it takes there."""

    size: int
    """Bytes that it has unpacked."""

    method: int
    """How it is compressed, as zips number it."""

    crc: int
    """Of what it unpacks to."""

    encrypted: bool = False
    """Whether a password is needed."""

    mode: int = 0
    """Type of file and rights, if a Unix wrote the zip."""

    stamp: Stamp | None = None
    """When it was last changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zipped:
    """A file, or a folder of files, that lies in a zip until it is staged."""

    zips: tuple[Member, ...]
    """Zips in the zip on disk that lead to it, the outermost first."""

    members: tuple[tuple[str, Member], ...]
    """The files, with their paths in the folder; empty for a file that is no folder."""

    @property
    def is_folder(self) -> bool:
        """Whether it is one."""
        return not self.members or bool(self.members[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A file that a candidate handed in, where the candidate put it."""

    name: str
    """Relative to the submission, with ``/``; printable."""

    path: Path
    """Where it, or the zip it lies in, is; not to be opened before it is staged."""

    zipped: Zipped | None = None
    """What it is in the zip at ``path``; None if it lies there itself."""

    stamp: Stamp | None = None
    """When it was handed in, if its place tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFault:
    """Why a candidate's folder could not be looked into, in whole or in part."""

    code: Code
    """``E_FORMAT`` for what the candidate did, ``E_INFRA`` for what we may not read."""

    text: str
    """What is wrong; for the grader alone if we may not read it; printable."""

    hint: str | None = None
    """What the candidate can try, if it is not that of the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of a course, as the roster or the platform tells; texts may be empty."""

    id: str = ""
    """As the course has it: a number of matriculation, an id of the registry."""

    name: str = ""
    """In full."""

    email: str = ""
    """The address."""

    section: str = ""
    """The part of the course."""

    login: str = ""
    """Of the platform or the university."""

    github: str = ""
    """The name of the account."""

    number: str = ""
    """By which a platform tells its users apart, as in the names of its downloads."""


TEST_STUDENTS: Final = frozenset({"student, test", "test student"})
"""Whom Canvas adds to every course, by name in lower case."""


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

    people: tuple[Person, ...] = ()
    """Who handed it in, as far as roster and platform tell; several for a group."""

    on_roster: bool | None = None
    """Whether the roster has any of them; None without a roster."""

    handed_in: Stamp | None = None
    """Of the last of the files that count; None if nothing tells."""

    late: bool | None = None
    """Whether it came after the due date; None if there is none, or nothing tells."""

    set_aside: tuple[str, ...] = ()
    """What was handed in again and does not count, by the rule; printable."""


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
