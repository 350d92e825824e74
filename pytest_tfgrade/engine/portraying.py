"""What reports can show of a model, made from what was found out as it was graded.

Nothing is run for it, nor read, and whatever goes wrong here costs no point: the part
that failed is missing, graders are told once for all submissions, and the grade is not
kept for later runs.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from pytest_tfgrade.core.fingerprint import Fingerprint
from pytest_tfgrade.core.portrait import Architecture, Picture, Portrait
from pytest_tfgrade.engine.drawing import drawn
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.engine.fingerprinting import fingerprint_of
from pytest_tfgrade.engine.picturing import pictures_of
from pytest_tfgrade.rubric import Rubric

Made = TypeVar("Made")

_NO_PICTURES: Final[tuple[Picture, ...]] = ()


def portrait_of(rubric: Rubric, evidence: Evidence) -> Portrait:
    """Return what there is to see of a model; ask after all criteria.

    Args:
        rubric: Of the task.
        evidence: What was found out, not closed yet.
    """

    def pictures() -> tuple[Picture, ...]:
        return pictures_of(rubric, evidence.evaluations, evidence.classes)

    def architecture() -> Architecture | None:
        facts = evidence.facts_read
        return None if facts is None else drawn(facts)

    def fingerprint() -> Fingerprint | None:
        return fingerprint_of(
            rubric, evidence.facts_read, evidence.evaluations, evidence.classes
        )

    def made(make: Callable[[], Made], nothing: Made) -> Made:
        try:
            return make()
        except Exception as error:
            evidence.note(f"{rubric.task}: {_told(make.__name__, error)}")
            return nothing

    return Portrait(
        pictures=made(pictures, _NO_PICTURES),
        architecture=made(architecture, None),
        fingerprint=made(fingerprint, None),
    )


def _told(part: str, error: Exception) -> str:
    """Say what is missing and where it failed: no message, which may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    reason = f"{type(error).__name__} in {where}"
    return f"no {part} for the reports ({reason}); points do not depend on it"
