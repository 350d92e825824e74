"""Runtimes: Pythons with a Keras in them that can run models."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Library = Literal["keras", "tf_keras"]
"""The package that loads what Keras saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRuntime:
    """A runtime as somebody asks for it."""

    name: str
    """As reports call it."""

    library: Library
    """What loads models."""

    python: Path | None = None
    """The interpreter; None is the one that grades."""


BUILT_IN: Final = (
    ChosenRuntime(name="keras3", library="keras"),
    ChosenRuntime(name="tf_keras", library="tf_keras"),
)
"""What is asked for where the exam names no runtimes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRuntime:
    """A runtime of which it is known what is installed; nothing was imported."""

    name: str
    """As reports call it."""

    python: str
    """Path of the interpreter."""

    library: Library = "keras"
    """What loads models."""

    keras: str | None
    """Version of the library that loads models; None if it is missing."""

    libraries: tuple[tuple[str, str], ...] = ()
    """Versions of all that decides what a model predicts, by name."""

    missing: str | None = None
    """What is not installed, and how to get it; None if all is there."""

    @property
    def major(self) -> int:
        """First number of the version of Keras; 0 if it is missing."""
        return keras_numbers(self.keras or "")[0]


def keras_numbers(version: str) -> tuple[int, int]:
    """Return the numbers of a Keras version that decide what loads where.

    >>> keras_numbers("3.15.1"), keras_numbers("2.2.4-tf"), keras_numbers("odd")
    ((3, 15), (2, 2), (0, 0))
    """
    found = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
