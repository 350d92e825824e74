"""Facts of an artifact as a task's rule wants them, and findings told more exactly."""

from collections.abc import Callable
from contextlib import suppress

from pytest_tfgrade.checks.model.finite import nonfinite_layers
from pytest_tfgrade.core.errors import RunnerError, SourceMissing, Ungradable
from pytest_tfgrade.core.facts import Facts, StoredWeights
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.engine.staging import not_accepted
from pytest_tfgrade.facts import read_facts
from pytest_tfgrade.rubric import ArtifactRule
from pytest_tfgrade.runner import Runner


def facts_of(artifact: Artifact, rule: ArtifactRule, runner: Runner) -> Facts:
    """Return what an artifact says, in whatever format it is.

    Raises:
        Ungradable: It cannot be read, or is unsafe to load.
        RunnerError: The machine is at fault.
    """
    try:
        return read_facts(
            artifact,
            runner.read,
            signature=rule.signature,
            allow_lambda=rule.allow_lambda,
        )
    except SourceMissing as finding:
        raise asking_for_source(finding, rule, artifact) from None


def accepted_facts_of(artifact: Artifact, rule: ArtifactRule, runner: Runner) -> Facts:
    """Return the same, of an artifact in a format that the task takes.

    Raises:
        Ungradable: As above; also ``E_FORMAT`` for weights alone where the task takes
            whole models, or the reverse, which only the content tells.
        RunnerError: The machine is at fault.
    """
    facts = facts_of(artifact, rule, runner)
    if facts.format not in rule.formats:
        raise not_accepted(artifact.name, facts.format, rule)
    return facts


def asking_for_source(
    finding: Ungradable, rule: ArtifactRule, artifact: Artifact
) -> Ungradable:
    """Return a finding with what is wrong with the code beside a file, or missing."""
    source = rule.source
    if artifact.source is not None:
        return Ungradable(
            finding.code,
            f"{finding.rationale}, nor does the code that goes with it define it so "
            "that the file can be loaded",
            hint="Load the saved file with that code in a new Python session.",
            detail=finding.detail,
        )
    if artifact.source_fault is not None:
        return Ungradable(
            finding.code,
            f"{finding.rationale}, and {artifact.source_fault}",
            hint="Hand in the code as one text file in UTF-8.",
            detail=finding.detail,
        )
    if source is None or not source.names:
        return finding
    return Ungradable(
        finding.code,
        finding.rationale,
        hint=f"Hand in {source.names[0]}.py, too: the code that defines it.",
        detail=finding.detail,
    )


def naming_layers(
    finding: Ungradable, read_weights: Callable[[], StoredWeights]
) -> Ungradable:
    """Return a finding of NaN with the layers whose weights bring it in."""
    with suppress(Ungradable, RunnerError, ValueError):  # then nobody knows
        where = nonfinite_layers(read_weights())
        text = f"{finding.rationale}; so are weights of {where}"
        return Ungradable(finding.code, text) if where else finding
    return finding
