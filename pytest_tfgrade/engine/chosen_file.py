"""Which of the files that a candidate handed in is meant for a task."""

import difflib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.submission import GRAPH, ArtifactFormat, HandedIn, Submission
from pytest_tfgrade.engine.file_names import ending_of
from pytest_tfgrade.rubric import ArtifactRule, Rubric

_LIKE: Final = 0.75
"""How alike names are of which one may be a slip for the other, 0 to 1."""

_MOST_NAMED: Final = 3
"""Files that belong to no task and are named."""

_ENDINGS: Final = {
    ArtifactFormat.KERAS: ".keras",
    ArtifactFormat.H5: ".h5",
    ArtifactFormat.SAVED_MODEL: "a SavedModel",
    ArtifactFormat.TFLITE: ".tflite",
    ArtifactFormat.WEIGHTS: ".weights.h5",
}
"""What a task takes, as it is written in a list."""

_NAMES: Final = {
    ArtifactFormat.KERAS: "{}.keras",
    ArtifactFormat.H5: "{}.h5",
    ArtifactFormat.SAVED_MODEL: "the SavedModel folder {}",
    ArtifactFormat.TFLITE: "{}.tflite",
    ArtifactFormat.WEIGHTS: "{}.weights.h5",
}
"""What a model of the name ``{}`` is called."""


def choose(submission: Submission, rubric: Rubric) -> HandedIn:
    """Return the one file or folder that a candidate handed in for a task.

    Raises:
        Ungradable: ``E_MISSING`` if there is none, ``E_FORMAT`` if there are several,
            or none and the candidate's folder is a link.
        RunnerError: There is none where we may look, and we may not look everywhere.
    """
    found = submission.found.get(rubric.task, ())
    if not found:
        _require_no_fault(submission)
        raise Ungradable(Code.MISSING, hint=_missing_hint(submission, rubric.artifact))
    return _only(found, "for this task")


def choose_source(submission: Submission, rubric: Rubric) -> HandedIn | None:
    """Return the code that a candidate handed in for a task; None if there is none.

    Raises:
        Ungradable: ``E_FORMAT`` if there are several, or the folder is a link.
        RunnerError: As for the model.
    """
    found = submission.sources.get(rubric.task, ())
    if not found and rubric.task in submission.found and _takes_code(rubric.artifact):
        _require_no_fault(submission)
    return _only(found, "as the code of this task") if found else None


def _takes_code(rule: ArtifactRule) -> bool:
    return rule.source is not None and rule.source.file is None


def _require_no_fault(submission: Submission) -> None:
    """Do nothing if all that a candidate handed in could be looked into."""
    fault = submission.fault
    if fault is None:
        return
    if fault.code is Code.INFRA:
        raise RunnerError(fault.text)
    raise Ungradable(fault.code, fault.text, hint=fault.hint)


def _only(found: Sequence[HandedIn], what_for: str) -> HandedIn:
    if len(found) > 1:
        listed = ", ".join(file.name for file in found)
        text = f"{len(found)} files were handed in {what_for}: {listed}"
        raise Ungradable(Code.FORMAT, text, hint="Hand in one of them.")
    return found[0]


def takes(rule: ArtifactRule) -> str:
    """Return the formats that a task takes, in words."""
    return _either([_ENDINGS[form] for form in rule.formats])


def model_name(rule: ArtifactRule) -> str:
    """Return what to call a model in the format that a task prefers."""
    return _NAMES[rule.formats[0]].format(rule.names[0])


def _either(names: Sequence[str]) -> str:
    """Join alternatives.

    >>> _either(["a", "b", "c"]), _either(["a"])
    ('a, b or c', 'a')
    """
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _missing_hint(submission: Submission, rule: ArtifactRule) -> str:
    """Say what to hand in, and what a file that belongs to no task may be."""
    # Weights alone are no model: only code can make one of them.
    formats = [
        f for f in rule.formats if f is not ArtifactFormat.WEIGHTS or rule.source
    ]
    names = [_NAMES[form].format(rule.names[0]) for form in formats or rule.formats]
    hint = f"Hand in {_either(names)}."
    if meant := _meant(submission.others, rule.names):
        return f"{hint} {meant}"
    graphs = [o for o in submission.others if PurePosixPath(o).name == GRAPH]
    if graphs:
        place = f"a folder named {rule.names[0]}"
        what = f"put {GRAPH} and the folder variables into {place}"
        return f"{hint} {graphs[0]} belongs to no task: {what}."
    if submission.others:
        listed = ", ".join(submission.others[:_MOST_NAMED])
        hint += f" These files belong to no task: {listed}."
    return hint


def _meant(others: Sequence[str], names: Sequence[str]) -> str | None:
    """Name the file that was most likely meant for a task.

    >>> _meant(["notes.h5", "digist.keras"], ["digits"])
    'digist.keras: did you mean digits.keras?'
    >>> _meant(["work/digits.h5", "dig.h5"], ["digits"])
    'work/digits.h5: did you mean digits.h5?'
    """
    likely = max(
        ((_likeness(other, name), other, name) for other in others for name in names),
        key=lambda found: found[0],
        default=(0.0, "", ""),
    )
    likeness, other, name = likely
    if likeness < _LIKE:
        return None
    path = PurePosixPath(other)
    ending = f"/{GRAPH}" if path.name == GRAPH else ending_of(path.name)
    return f"{other}: did you mean {name}{ending}?"


def _likeness(other: str, name: str) -> float:
    """Return how alike a file and a name without ending are, 0 to 1."""
    path = PurePosixPath(other)
    stem = str(path.parent) if path.name == GRAPH else other
    stem = stem.removesuffix(ending_of(stem)).casefold()
    bare = stem.rpartition("/")[2]  # the name may be right and the folder wrong
    if bare in {name.casefold(), name.casefold().rpartition("/")[2]}:
        return 1.0
    return max(
        difflib.SequenceMatcher(None, given, name.casefold()).ratio()
        for given in (stem, bare)
    )
