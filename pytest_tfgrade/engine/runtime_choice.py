"""Choosing which runtime loads a model, and judging when none does."""

from collections.abc import Sequence
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable, Unloadable
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.runtime import KnownRuntime, keras_numbers
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.facts.unsafe import name_custom

_OF_TENSORFLOW: Final = frozenset({ArtifactFormat.SAVED_MODEL, ArtifactFormat.TFLITE})
"""Formats that TensorFlow loads by itself, whatever the Keras beside it."""

_ANOTHER_MAY_DO: Final = frozenset({Code.LOAD, Code.CUSTOM_OBJECT, Code.CRASH})
"""Why a runtime may fail at a file that another one loads."""


def in_order(facts: Facts, known: Sequence[KnownRuntime]) -> list[KnownRuntime]:
    """Return the runtimes to be tried on a file, the best first, missing ones too.

    Keras 2 and Keras 3 read few of each other's files, so those of the file's own
    major version go first; where the file does not say, HDF5 is of Keras 2 and all else
    of Keras 3. TensorFlow's own formats go to each interpreter once.
    """
    if facts.format in _OF_TENSORFLOW:
        there = sorted(known, key=lambda runtime: runtime.missing is not None)
        first_of = {runtime.python: runtime for runtime in reversed(there)}
        return [runtime for runtime in known if first_of[runtime.python] is runtime]
    theirs = _major(facts)
    return sorted(known, key=lambda runtime: _distance(runtime, theirs))


def assumed_version(facts: Facts) -> str | None:
    """Return the Keras that saved a file; HDF5 that does not say is of Keras 2."""
    return facts.keras_version or ("2" if facts.format is ArtifactFormat.H5 else None)


def _major(facts: Facts) -> int:
    version = assumed_version(facts)
    if version is None:
        return 3
    return 2 if version == "2" else keras_numbers(version)[0]


def _distance(runtime: KnownRuntime, theirs: int) -> int:
    """Return 0 for a runtime of a file's own era; a missing one is what it would be."""
    major = runtime.major or (2 if runtime.library == "tf_keras" else 3)
    return abs(major - theirs)


def may_load_elsewhere(finding: Unloadable) -> bool:
    """Return whether another runtime may load what one failed at."""
    return finding.code in _ANOTHER_MAY_DO


def judged(
    findings: Sequence[tuple[KnownRuntime, Unloadable]],
    ordered: Sequence[KnownRuntime],
    facts: Facts,
) -> Exception:
    """Return whose fault it is that no runtime loads a file.

    The grader's, if it lacks the runtime of the file's own era; the file's version, if
    it is newer than all that were tried; else whatever the first that was tried says.

    Args:
        findings: Why each that was tried failed, in order.
        ordered: What was to be tried, the missing ones, too.
        facts: What the file says.
    """
    if not findings:
        return RunnerError(str(ordered[0].missing))
    first = findings[0][1]
    theirs = facts.keras_version
    if facts.format in _OF_TENSORFLOW or not may_load_elsewhere(first):
        return first
    saved = keras_numbers(theirs or "")
    era = _major(facts)
    lacking = [
        known for known in ordered if known.missing and not _distance(known, era)
    ]
    if lacking and not any(known.major == era for known, _ in findings):
        text = f"the file was saved by Keras {printable(theirs or '2', limit=20)}: "
        return RunnerError(text + str(lacking[0].missing))
    if not theirs or any(_should_load(known, saved) for known, _ in findings):
        return name_custom(first, facts)
    versions = " nor ".join(f"Keras {known.keras}" for known, _ in findings)
    nobody = f"neither {versions} can" if len(findings) > 1 else f"{versions} cannot"
    return Ungradable(
        Code.VERSION,
        f"the file was saved by Keras {printable(theirs, limit=20)}, and {nobody} load "
        "it",
        hint=f"Save it again with Keras {findings[0][0].keras}.",
        detail="\n".join(str(finding.detail) for _, finding in findings),
    )


def _should_load(known: KnownRuntime, saved: tuple[int, int]) -> bool:
    """Return whether a runtime should load a file: the same Keras, or a newer one.

    tf-keras goes on from Keras 2.15 with the numbers of TensorFlow.
    """
    ours = keras_numbers(known.keras or "")
    return ours[0] == saved[0] and saved <= ours
