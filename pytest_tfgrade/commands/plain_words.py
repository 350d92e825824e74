"""A rubric and an exam in plain words, to proof-read or to hand to candidates."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_tfgrade.commands.page import as_lines
from pytest_tfgrade.commands.wording import counted, either, scale_text, size_text
from pytest_tfgrade.core.contract import OutputKind, shape_text
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.documents import shown
from pytest_tfgrade.rubric import (
    BoundCriterion,
    BoundGroup,
    Exam,
    GroupRule,
    Rubric,
)
from pytest_tfgrade.rubric.criteria import written
from pytest_tfgrade.rubric.scales import KEYS
from pytest_tfgrade.rubric.schema import GroupPart, MeasuringPart

_SEEN: Final[Mapping[Visibility, str]] = {
    Visibility.VISIBLE: "",
    Visibility.HIDDEN: "hidden from candidates",
    Visibility.AFTER_DUE_DATE: "shown to candidates after the due date",
    Visibility.AFTER_PUBLISHED: "shown to candidates after publication",
}

_SAID: Final = frozenset({*MeasuringPart.model_fields, *GroupPart.model_fields})
"""Keys that are put into words; the others are parameters of the check."""


def rubric_text(rubric: Rubric, language: str) -> str:
    """Say what a rubric asks, and for how many points."""
    lines = [f"{rubric.title.text(language)} ({rubric.task}): {_total(rubric)}"]
    description = rubric.description.text(language).strip()
    if description:
        lines += ["", as_lines(description)]
    lines += ["", *map(as_lines, _handing_in(rubric)), "", "criteria"]
    entries = {entry.value["id"]: entry for entry in written(rubric.document)}
    for criterion in _in_order(rubric):
        value = entries[criterion.id].value
        lines += _entry_lines(
            criterion, value, _needed_for(criterion, rubric), language
        )
    return "\n".join(lines) + "\n"


def _total(rubric: Rubric) -> str:
    text = counted(rubric.points)
    bonus = sum(c.points for c in rubric.criteria if c.bonus and c.group is None)
    return f"{text}, and a bonus of {points_text(bonus)}" if bonus else text


def _handing_in(rubric: Rubric) -> Iterator[str]:
    artifact, limits = rubric.artifact, rubric.limits
    formats = either([f".{format_}" for format_ in artifact.formats])
    size = size_text(artifact.max_size)
    yield f"To hand in: {either(artifact.names)}, as {formats}, of at most {size}."
    for name, given in rubric.contract.inputs.items():
        shape = shape_text(given.shape)
        yield f"The model takes {name}: {given.dtype} of shape {shape}."
    for name, asked in rubric.contract.outputs.items():
        kind = "probabilities" if asked.kind is OutputKind.PROBABILITIES else "numbers"
        yield f"It returns {name}: {kind} of shape {shape_text(asked.shape)}."
    if rubric.runs_models:
        use = f"{limits.seconds:g} seconds and {size_text(limits.memory)} of memory"
        yield f"It may use {use}. It is tried on hidden data."


def _in_order(rubric: Rubric) -> Iterator[BoundCriterion | BoundGroup]:
    """Yield groups before their members, as people read them."""
    members: dict[str, list[BoundCriterion | BoundGroup]] = {}
    for entry in rubric.criteria:
        if entry.group is not None:
            members.setdefault(entry.group, []).append(entry)
            continue
        yield entry
        yield from members.get(entry.id, ())


def _needed_for(entry: BoundCriterion | BoundGroup, rubric: Rubric) -> str:
    """Name what is skipped unless this passes; members of a group go without saying."""
    needing = [
        other.id
        for other in rubric.criteria
        if entry.id in other.requires and other.group is None
    ]
    return f"needed for {', '.join(needing)}" if needing else ""


def _entry_lines(
    entry: BoundCriterion | BoundGroup,
    value: Mapping[str, Any],
    needed: str,
    language: str,
) -> Iterator[str]:
    indent = "  " * (1 if entry.group is None else 2)
    marks = [_worth(entry), needed, _SEEN[entry.visibility]]
    yield f"{indent}{entry.id}: {', '.join(mark for mark in marks if mark)}"
    for text in _entry_texts(entry, value, language):
        yield as_lines(text, indent + "  ")


def _worth(entry: BoundCriterion | BoundGroup) -> str:
    if isinstance(entry, BoundCriterion) and entry.penalty:
        return f"failing costs {counted(entry.penalty)}"
    if entry.bonus:
        return f"a bonus of {counted(entry.points)}"
    if not entry.points:
        return "counts in its group" if entry.group else "no points"
    return f"{'up to ' if _in_parts(entry) else ''}{counted(entry.points)}"


def _in_parts(entry: BoundCriterion | BoundGroup) -> bool:
    """Return whether less than all points can be earned."""
    if isinstance(entry, BoundGroup):
        return entry.rule not in {GroupRule.ANY, GroupRule.ALL}
    written_as = type(entry.scale).__name__
    return written_as in {"BandTable", "Curve", "Cases"}


def _entry_texts(
    entry: BoundCriterion | BoundGroup, value: Mapping[str, Any], language: str
) -> Iterator[str]:
    yield entry.title.text(language)
    if isinstance(entry, BoundGroup):
        yield _RULES[entry.rule].format(points=counted(entry.points))
    else:
        settings = {key: v for key, v in value.items() if key not in {*_SAID, *KEYS}}
        if settings:
            said = (f"{key}: {_plain(v)}" for key, v in settings.items())
            yield f"{entry.check.name} with {', '.join(said)}"
        if entry.scale is not None:
            name = getattr(entry.parameters.get("metric"), "name", entry.check.name)
            yield scale_text(entry.scale, name)
        if entry.dataset is not None:
            yield f"on the evaluation dataset {entry.dataset}"
    if entry.requires:
        yield f"skipped unless passed: {', '.join(entry.requires)}"
    if entry.hint is not None:
        yield f"hint: {entry.hint.text(language)}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


_RULES: Final[Mapping[GroupRule, str]] = {
    GroupRule.SUM: "The members' points are added up, to {points} at most:",
    GroupRule.MIN: "The worst of these counts:",
    GroupRule.MAX: "The best of these counts:",
    GroupRule.ANY: "{points} if one of these passes:",
    GroupRule.ALL: "{points} if all of these pass:",
}


def exam_text(exam: Exam, language: str) -> str:
    """Say what an exam consists of, and when it is passed."""
    count = len(exam.tasks)
    lines = [f"{exam.title.text(language)}: {count} task{'s' * (count != 1)}"]
    for task in exam.tasks:
        weight = (
            "" if task.weight == 1 else f", counts {points_text(task.weight)} times"
        )
        least = counted(task.minimum)
        minimum = f", at least {least} needed to pass" if task.minimum else ""
        lines.append(f"  {task.task}{weight}{minimum}")
    if exam.pass_mark is None:
        lines.append("There is no pass mark.")
    else:
        share = points_text(exam.pass_mark * 100)
        lines.append(f"Passed with {share}% of all points.")
    if exam.candidates is not None:
        lines.append(f"Candidates are found in names by {exam.candidates.pattern}")
    return "\n".join(lines) + "\n"
