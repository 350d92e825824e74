"""What a row of the corpus is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OK = "OK"
"""The expected result of what has no effect and predicts all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What hostile code aims at; all of it is made by the test, none may be reached."""

    marker: Path
    """A file that exists if code of a submission ran outside the sandbox."""

    secret: Path
    """A file of the grader's; its text is ``canary-secret-...``."""

    labels: Path
    """The file with the hidden targets."""

    port: int
    """On 127.0.0.1, TCP and UDP; nothing may arrive there."""

    socket: Path
    """A unix socket; nothing may arrive there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One hostile or broken submission, and what must become of it."""

    id: str
    """As in the table of vectors, ``K01``; with a variant, ``R05-numpy``."""

    vector: str
    """What it does, in a phrase without a final period."""

    defence: str
    """What stops it, in a few words."""

    expected: frozenset[str]
    """Codes, or ``OK``; more than one where the machine decides."""

    make: Callable[[Path, Targets], None]
    """Fills a folder with ``digits.ENDING`` and what goes with it; has Keras.

    The folder is the candidate's own, or in it one of the task's name (``code/``,
    ``lambda/``); it exists.
    """

    task: str = "digits"
    """``digits`` takes files alone, ``code`` a source with it, ``lambda`` Lambdas."""

    says: str = ""
    """A regular expression that the first rationale matches."""

    candidate: str = ""
    """The name of the candidate's folder; that of the row if empty."""
