"""What the name of a file says: whether it is meant as a model, and for which task."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from pytest_tfgrade.core.submission import ENDINGS, GRAPH, HandedIn, Submission

Names = Mapping[str, tuple[str, ...]]
"""By task, paths in a submission, without ending; globs."""

MODELS: Final = frozenset({*ENDINGS, ".zip"})
"""Endings of what can be graded; a SavedModel is a folder and has none."""

MISTAKEN: Final = frozenset(
    {".pb", ".pt", ".pth", ".onnx", ".pkl", ".pickle", ".joblib", ".safetensors"}
    | {".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
)
"""Endings of what is meant as a model, too, and cannot be graded."""

BESIDE: Final = frozenset({".ipynb", ".json", ".npz", ".npy", ".index"})
"""Endings of what often lies beside a model, and is sometimes handed in for it."""

APPLE_DOUBLE: Final = "._"
"""Begins the name of what macOS keeps beside a file, as its icon."""

_BEFORE: Final = frozenset({*MODELS, ".weights", ".tar", ".ckpt"})
"""Endings that belong to one that follows them."""

_OF_FOLDERS: Final = frozenset({*MODELS, ".tf", ".savedmodel", ".saved_model"})
"""Endings that people give to the folder of a SavedModel."""


def ending_of(name: str) -> str:
    """Return the ending of a file name, with the one before it if they belong together.

    >>> ending_of("digits.weights.h5"), ending_of("digits.keras.zip")
    ('.weights.h5', '.keras.zip')
    >>> ending_of("digits.v2.keras"), ending_of("digits")
    ('.keras', '')
    """
    path = PurePosixPath(name)
    before = PurePosixPath(path.stem).suffix
    return (before if before.lower() in _BEFORE else "") + path.suffix


def is_meant(name: str) -> bool:
    """Return whether a file can be meant as a model, whatever it is called."""
    return PurePosixPath(name).suffix.lower() in MODELS | MISTAKEN


def may_be_meant(name: str) -> bool:
    """Return whether a file can be meant as a model, if it bears the right name."""
    known = MODELS | MISTAKEN | BESIDE
    return PurePosixPath(name).suffix.lower() in known


def bears_firmly(submission: Submission) -> bool:
    """Return whether a file was surely meant as the model of a task."""
    return any(are_firm(files) for files in submission.found.values())


def are_firm(files: Iterable[HandedIn]) -> bool:
    """Return whether one of these files was surely meant as a model."""
    return any(_doubt(file.name) <= 1 for file in files)


def least_doubtful(files: Sequence[HandedIn]) -> tuple[HandedIn, ...]:
    """Return the files of a task without those that are there by accident.

    Who hands in ``digits.keras`` and ``digits.ipynb`` means the former.
    """
    if len(files) == 1:
        return tuple(files)
    least = min(_doubt(file.name) for file in files)
    return tuple(file for file in files if _doubt(file.name) == least)


def _doubt(name: str) -> int:
    """Return how doubtful it is that a file was meant as a model, from 0 to 3."""
    base = name.rpartition("/")[2]
    ending = PurePosixPath(base).suffix.lower()
    if base.startswith(APPLE_DOUBLE):
        return 3
    if ending in BESIDE:
        return 2
    return int(ending in MISTAKEN and base != GRAPH)


def stems(name: str, *, is_folder: bool = False) -> set[str]:
    """Return what is left of a path without its ending.

    >>> sorted(stems("category2/digits.weights.h5"))
    ['category2/digits', 'category2/digits.weights']
    >>> sorted(stems("digits.v2", is_folder=True))
    ['digits.v2']

    Args:
        name: A path with ``/``.
        is_folder: A folder need not have an ending.
    """
    last = PurePosixPath(name).suffix
    if is_folder:
        return {name, name.removesuffix(last)} if last in _OF_FOLDERS else {name}
    return {name.removesuffix(ending_of(name)), name.removesuffix(last)}


def matches(stem: str, patterns: Iterable[str]) -> bool:
    """Return whether a path without ending is one of these; case does not count."""
    parts = stem.casefold().split("/")
    return any(_fit(parts, pattern.casefold().split("/")) for pattern in patterns)


def _fit(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    """Match folder by folder, so that no ``*`` reaches into another folder."""
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))
