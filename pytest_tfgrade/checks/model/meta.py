"""``model.meta``: what a file says about the program that saved it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from pytest_tfgrade.checks.interface import Check, Model, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Part

_RELEASE: Final = re.compile(r"\d+(?:\.\d+)*")


def meta(model: Model, *, keras: str) -> Measured:
    """The model was saved by an accepted version of Keras.

    Args:
        model: The facts.
        keras: The versions that are accepted, as ``">=3.0,<4"``; a version before a
            release counts as one of it.
    """
    hint = f"Save the model again with Keras {keras}."
    said = model.facts.keras_version
    version = _version(said or "")
    if version is None:
        what = f"{said!r}, which is no version" if said else "no version of Keras"
        raise CheckFailed(f"the file names {what}, required {keras}", hint=hint)
    if not SpecifierSet(keras).contains(version, prereleases=True):
        raise CheckFailed(f"saved by Keras {said}, required {keras}", hint=hint)
    return Measured(rationale=f"saved by Keras {said}")


def _version(text: str) -> Version | None:
    """Read a version; TensorFlow's own Keras wrote ``2.2.4-tf``."""
    try:
        return Version(text)
    except InvalidVersion:
        release = _RELEASE.match(text)
        return None if release is None else Version(release[0])


def _problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    versions = parameters["keras"]
    try:
        if not SpecifierSet(versions):
            yield "keras", "accepts every version; write a range, as '>=3.0,<4'"
    except InvalidSpecifier:
        way_out = "write it with comparisons, as '>=3.0,<4'"
        yield "keras", f"{versions!r} is no range of versions; {way_out}"


def _reads(parameters: Mapping[str, Any]) -> frozenset[Part]:
    return frozenset({Part.VERSION})


META: Final = Check(
    name="model.meta",
    needs=Needs.FACTS,
    function=meta,
    problems=_problems,
    reads=_reads,
)
