"""What is known of a model before it is handed in, for people and for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pytest_tfgrade.commands.inspection_json import dumped, refusal_tree, trial_tree
from pytest_tfgrade.commands.inspection_text import refusal_lines, trial_lines
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.score import counted, number, score_text
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.preflight import Decided, Finding, Preflight
from pytest_tfgrade.engine.preflight_plan import Entry
from pytest_tfgrade.engine.trial import Trial


def as_text(name: str, found: Preflight) -> str:
    """Return lines, the last of which says whether anything is against the model.

    Args:
        name: The file as it was named, printable.
        found: What is known.
    """
    code = f" with {' and '.join(found.sources)}" if found.sources else ""
    blocks = [[f"{name}{code}, for the task {_task(found)}"]]
    if found.refusal is not None:
        blocks.append(list(refusal_lines(found.refusal)))
    if found.findings:
        blocks.append(["against this model", *_finding_lines(found.findings)])
    decided = [each for each in found.decided if _tells(each, found)]
    if decided:
        results = [each.result for each in decided]
        lines = _result_lines(results, [each.provided for each in decided])
        blocks.append(["decided without hidden data", *lines])
    if found.adapted:
        blocks.append(["adapted between the task's inputs and the model's"])
        blocks[-1] += [f"  {printable(note)}" for note in found.adapted]
    if found.trial is not None and (found.trial.run or found.trial.untried):
        blocks.append(list(_trial_lines(found, found.trial)))
    if found.waiting:
        blocks.append(["not tried here: hidden data decide"])
        blocks[-1] += map(_waiting_line, found.waiting)
    blocks.append([_verdict(found)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _task(found: Preflight) -> str:
    task, title = found.rubric.task, found.rubric.title.text()
    return task if title == task else f"{task} ({printable(title)})"


def _tells(each: Decided, found: Preflight) -> bool:
    """Return whether a result says more than that the model cannot be graded."""
    if found.refusal is None:
        return True
    return each.result.verdict is not Verdict.SKIPPED and each.result.code is None


def _finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    width = max(len(finding.code) for finding in findings)
    for finding in findings:
        yield f"  {finding.code:{width}}  {printable(finding.rationale)}"
        yield f"    {printable(finding.hint)}"


def _result_lines(
    results: Sequence[CriterionResult], provided: Sequence[tuple[str, ...]]
) -> Iterator[str]:
    """Yield a line for each result, and its hint below if points were lost."""
    rows = [(r.verdict.value, r.id, _score(r)) for r in results]
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in columns]
    for cells, result, names in zip(
        zip(*columns, strict=True), results, provided, strict=True
    ):
        padded = [text.ljust(width) for text, width in zip(cells, widths, strict=True)]
        line = "  ".join([*padded, _reason(result)])
        yield f"  {line}{_condition(result, names)}"
        if result.hint and result.verdict is not Verdict.PASSED:
            yield f"    {printable(result.hint)}"


def _condition(result: CriterionResult, names: Sequence[str]) -> str:
    """Say what must pass on hidden data for points to count."""
    if not names or result.verdict not in {Verdict.PASSED, Verdict.PARTIAL}:
        return ""
    return f", provided {' and '.join(names)} pass{'es' * (len(names) == 1)}"


def _score(result: CriterionResult) -> str:
    worth = result.max_points or result.points
    return score_text(result.points, result.max_points) if worth else ""


def _reason(result: CriterionResult) -> str:
    code = f"{result.code} " if result.code else ""
    return code + printable(result.rationale)


def _trial_lines(found: Preflight, trial: Trial) -> Iterator[str]:
    """Yield what came of the call, and what criteria say that look at the same."""
    run = trial.run
    if run is not None:  # what is noted above is not said again
        rest = tuple(note for note in run.adapted if note not in found.adapted)
        trial = replace(trial, run=replace(run, adapted=rest))
    yield from trial_lines(trial)
    asked, call = list(found.tried), found.call
    said = {result.rationale for result in asked}
    if call and call.verdict is not Verdict.PASSED and call.rationale not in said:
        asked.insert(0, replace(call, id="predictions"))
    yield from _result_lines(asked, [()] * len(asked))


def _waiting_line(entry: Entry) -> str:
    points = f" ({counted(entry.points)})" if entry.points else ""
    return f"  {entry.id}{points}: {printable(entry.title.text())}"


def _verdict(found: Preflight) -> str:
    if found.is_clear:
        return f"nothing is known against this model{_not_loaded(found)}"
    if found.refusal is not None:
        return "this model cannot be graded as it is"
    against = [f"its {finding.what}" for finding in found.findings]
    against += [each.result.id for each in found.decided if each.counts_against]
    against += [each.id for each in found.tried if each.verdict is not Verdict.PASSED]
    return f"known against this model: {', '.join(against) or 'what it returns'}"


def _not_loaded(found: Preflight) -> str:
    if found.trial is None and found.rubric.runs_models:
        return "; it was not loaded: try --load"
    is_untried = found.trial is not None and found.trial.untried is not None
    return "; it could not be loaded here" if is_untried else ""


def as_json(name: str, found: Preflight) -> str:
    """Return one JSON object; keys are added to it, never renamed.

    Args:
        name: The file as it was named, printable.
        found: What is known.
    """
    artifact, call = found.artifact, found.call
    return dumped(
        {
            "schema": 1,
            "file": name,
            "task": found.rubric.task,
            "clear": found.is_clear,
            **refusal_tree(found.refusal),
            "findings": [_finding(finding) for finding in found.findings],
            "format": artifact and str(artifact.format),
            "bytes": artifact and artifact.bytes,
            "sha256": artifact and artifact.sha256,
            "source": artifact and artifact.source,
            "decided": [_decided(each) for each in found.decided],
            "adapted": list(found.adapted),
            "trial": found.trial and trial_tree(found.trial),
            "predictions": call and _result(call),
            "tried": [_result(result) for result in found.tried],
            "waiting": [_waiting(entry) for entry in found.waiting],
        }
    )


def _decided(each: Decided) -> dict[str, Any]:
    result = each.result
    return {
        **_result(result),
        "title": result.title,
        "points": number(result.points),
        "max_points": number(result.max_points),
        "provided": list(each.provided),
        "against": each.counts_against,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what,
        "code": finding.code.value,
        "rationale": finding.rationale,
        "hint": finding.hint,
    }


def _waiting(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title.text(),
        "max_points": number(entry.points),
    }


def _result(result: CriterionResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "verdict": result.verdict.value,
        "code": result.code,
        "rationale": result.rationale,
        "hint": result.hint,
    }
