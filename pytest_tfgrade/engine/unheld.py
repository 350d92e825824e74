"""Facts that a format does not hold, and the way out for candidates."""

from collections.abc import Mapping
from typing import Final

from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.rubric import ArtifactRule, BoundCriterion

_COMPLETE: Final = frozenset({ArtifactFormat.KERAS, ArtifactFormat.H5})
"""Formats that hold every kind of facts."""

_FILES: Final[Mapping[ArtifactFormat, str]] = {
    ArtifactFormat.KERAS: "this .keras file",
    ArtifactFormat.H5: "this .h5 file",
    ArtifactFormat.SAVED_MODEL: "this SavedModel",
    ArtifactFormat.TFLITE: "a .tflite file",
    ArtifactFormat.WEIGHTS: "a file of weights alone",
}
"""As candidates read of them; a SavedModel holds layers if Keras 2 saved it."""


def unheld(
    criterion: BoundCriterion, rule: ArtifactRule, facts: Facts
) -> CheckFailed | None:
    """Return why a criterion cannot be asked of a file; None if it can.

    Args:
        criterion: With its check.
        rule: The formats that the task accepts, for the hint.
        facts: Of the file.
    """
    missing = sorted(criterion.check.reads(criterion.parameters) - facts.holds)
    if not missing:
        return None
    complete = [f".{format_}" for format_ in rule.formats if format_ in _COMPLETE]
    return CheckFailed(
        f"{_FILES[facts.format]} does not hold {' and '.join(missing)}",
        hint=f"Hand in the model as {' or '.join(complete)}." if complete else None,
    )
