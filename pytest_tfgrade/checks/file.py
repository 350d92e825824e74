"""``file``: the artifact is there and can be read."""

from typing import Final

from pytest_tfgrade.checks.interface import Check, Needs
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.submission import Artifact


def file(artifact: Artifact) -> Measured:
    """One saved model of an accepted format and size was handed in."""
    kilobytes = max(1, round(artifact.size / 1000))
    return Measured(rationale=f"{artifact.name}, {artifact.format}, {kilobytes} kB")


FILE: Final = Check(name="file", needs=Needs.ARTIFACT, function=file)
