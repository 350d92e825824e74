"""A facts reader and a check that looks at what it read: when a file was saved.

Keras 3 writes the local time into ``metadata.json``, as ``2026-03-01@14:05:59``. It is
a claim: whoever wants to can write another one. So let it find a file of last year that
was handed in by mistake, and no cheat.
"""

import json
import re
import zipfile
from datetime import date
from typing import Final

from pytest_tfgrade.api import (
    Artifact,
    ArtifactFormat,
    Check,
    CheckFailed,
    Measured,
    Model,
    Needs,
)

MOST_BYTES: Final = 1 << 16
"""Of ``metadata.json``; Keras writes about 60."""


def read_saved(artifact: Artifact) -> dict[str, str]:
    """Return the ``date`` of a ``.keras`` file, as ``2026-03-01``, if it says one.

    The zip was held against the grader's limits before, so that it can be opened here;
    what is read of it is bounded all the same.
    """
    if artifact.format is not ArtifactFormat.KERAS:
        return {}
    with (
        zipfile.ZipFile(artifact.path) as archive,
        archive.open("metadata.json") as member,
    ):
        text = member.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        return {}
    said = json.loads(text).get("date_saved")
    found = re.match(r"([0-9]{4}-[0-9]{2}-[0-9]{2})@", str(said))
    return {"date": found[1]} if found else {}


def saved_since(model: Model, *, day: date) -> Measured:
    """The file says that it was saved on a day or later.

    Args:
        model: With the facts that ``read_saved`` adds.
        day: The first day that will do, as 2026-03-01.
    """
    found = model.facts.extra["saved"].get("date")
    if found is None:
        raise CheckFailed(
            "the file does not say when it was saved",
            hint="Save the model as .keras, with Keras 3.",
        )
    if found < day.isoformat():
        rationale = f"the file was saved on {found}, before {day}"
        raise CheckFailed(rationale, hint="Did you hand in the right file?")
    return Measured(rationale=f"the file was saved on {found}")


SAVED_SINCE: Final = Check(name="saved.since", needs=Needs.FACTS, function=saved_since)
