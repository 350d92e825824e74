"""A rubric and an exam in plain words, to proof-read or to hand to candidates."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from pytest_tfgrade.commands.page import as_lines
from pytest_tfgrade.commands.wording import either, scale_text, size_text
from pytest_tfgrade.core.contract import (
    InputSpec,
    OutputKind,
    Side,
    Standardize,
    WordIds,
    shape_text,
)
from pytest_tfgrade.core.score import counted, points_text
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.documents import shown
from pytest_tfgrade.rubric import (
    ArtifactRule,
    BoundCriterion,
    BoundGroup,
    Exam,
    GroupRule,
    Rubric,
)
from pytest_tfgrade.rubric.criteria import written
from pytest_tfgrade.rubric.scales import KEYS
from pytest_tfgrade.rubric.schema import GroupPart, IfUnknown, MeasuringPart

_SEEN: Final[Mapping[Visibility, str]] = {
    Visibility.VISIBLE: "",
    Visibility.HIDDEN: "hidden from candidates",
    Visibility.AFTER_DUE_DATE: "shown to candidates after the due date",
    Visibility.AFTER_PUBLISHED: "shown to candidates after publication",
}

_FORMATS: Final[Mapping[ArtifactFormat, str]] = {
    ArtifactFormat.KERAS: ".keras",
    ArtifactFormat.H5: ".h5",
    ArtifactFormat.SAVED_MODEL: "SavedModel folder",
    ArtifactFormat.TFLITE: ".tflite",
    ArtifactFormat.WEIGHTS: ".weights.h5 with the code that builds the model",
}

_SAID: Final = frozenset({*MeasuringPart.model_fields, *GroupPart.model_fields})
"""Keys that are put into words; the others are parameters of the check."""


def rubric_text(rubric: Rubric, language: str, *, for_candidates: bool = False) -> str:
    """Say what a rubric asks, and for how many points.

    Args:
        rubric: The rubric.
        language: Of titles, description and hints.
        for_candidates: Leave out what only the grader may see: criteria that are not
            visible from the start, and the files that models are held against.
    """
    view = _View(rubric, language, for_candidates=for_candidates)
    lines = [f"{rubric.title.text(language)} ({rubric.task}): {_total(rubric)}"]
    description = rubric.description.text(language).strip()
    if description:
        lines += ["", as_lines(description)]
    lines += ["", *map(as_lines, _handing_in(rubric)), "", "criteria"]
    for entry in _in_order(rubric):
        if entry.id not in view.unseen:
            lines += _entry_lines(entry, view)
    lines += map(as_lines, _not_shown(view))
    return "\n".join(lines) + "\n"


class _View:
    """A rubric as some reader may see it."""

    def __init__(self, rubric: Rubric, language: str, *, for_candidates: bool) -> None:
        self.rubric = rubric
        self.language = language
        self.for_candidates = for_candidates
        self.unseen = frozenset(_unseen(rubric) if for_candidates else ())
        self.covered = frozenset(
            entry.group
            for entry in rubric.criteria
            if entry.id in self.unseen and entry.group is not None
        )
        self.written = {e.value["id"]: e.value for e in written(rubric.document)}


def _unseen(rubric: Rubric) -> Iterator[str]:
    """Yield ids of what candidates may not see, with the members of such groups."""
    hidden = {e.id for e in rubric.criteria if e.visibility is not Visibility.VISIBLE}
    for entry in rubric.criteria:
        if entry.id in hidden or entry.group in hidden:
            yield entry.id


def _not_shown(view: _View) -> Iterator[str]:
    """Say what the criteria are worth that are left out, so that sums are right."""
    left_out = [
        entry
        for entry in view.rubric.criteria
        if entry.id in view.unseen and entry.group is None
    ]
    points = sum((entry.possible for entry in left_out), Decimal(0))
    if points:
        yield f"  {counted(points)} are for what is not shown here"


def _total(rubric: Rubric) -> str:
    text = counted(rubric.points)
    bonus = sum(c.points for c in rubric.criteria if c.bonus and c.group is None)
    return f"{text}, and a bonus of {points_text(bonus)}" if bonus else text


def _handing_in(rubric: Rubric) -> Iterator[str]:
    artifact, limits = rubric.artifact, rubric.limits
    formats = either([_format_text(format_, artifact) for format_ in artifact.formats])
    size = size_text(artifact.max_size)
    yield f"To hand in: {either(artifact.names)}, as {formats}, of at most {size}."
    if artifact.source and artifact.source.names:
        code = f"{either(artifact.source.names)}.py"
        yield f"With it: {code}, with the function {artifact.source.builds}."
    elif artifact.source and artifact.source.file and _takes_models(artifact):
        yield f"With it goes {artifact.source.file.name}, which is given."
    for name, given in rubric.contract.inputs.items():
        shape = shape_text(given.shape)
        yield f"The model takes {name}: {given.dtype} of shape {shape}{_more(given)}."
        if given.ids:
            at = ("contract", "inputs", name, "ids", "vocabulary")
            yield _ids_text(given.ids, Path(rubric.document.at(at)).name)
    for name, asked in rubric.contract.outputs.items():
        kind = "probabilities" if asked.kind is OutputKind.PROBABILITIES else "numbers"
        shape = shape_text(asked.shape)
        last = ", or a sequence of them, whose last step counts" * asked.last_step
        yield f"It returns {name}: {kind} of shape {shape}{last}."
    if rubric.runs_models:
        use = f"{limits.seconds:g} seconds and {size_text(limits.memory)} of memory"
        yield f"It may use {use}. It is tried on hidden data."


def _takes_models(rule: ArtifactRule) -> bool:
    return any(form is not ArtifactFormat.WEIGHTS for form in rule.formats)


def _format_text(form: ArtifactFormat, rule: ArtifactRule) -> str:
    """Say what may be handed in; of weights also which model they belong to."""
    own = rule.source and rule.source.file
    if form is ArtifactFormat.WEIGHTS and own:
        return f".weights.h5, the weights of the model that {own.name} (given) builds"
    return _FORMATS[form]


def _more(given: InputSpec) -> str:
    """Say what else is known of an input."""
    within = f", from {given.range[0]:g} to {given.range[1]:g}" if given.range else ""
    return f"{within}, declared exactly so" if given.exact else within


def _ids_text(ids: WordIds, vocabulary: str) -> str:
    """Say what a model gets that takes numbers for texts."""
    ends = {Side.PRE: "the beginning", Side.POST: "the end"}
    words = (
        f"Or it takes {ids.length} ids of words, int32: {ids.first} is the first of "
        f"the {len(ids.words)} words in {vocabulary}, {ids.unknown} any other, and "
        f"{ids.pad} fills up at {ends[ids.padding]}; long texts are cut at "
        f"{ends[ids.truncation]}."
    )
    match ids.standardize:
        case Standardize.NONE:
            return words
        case Standardize.LOWER:
            return f"{words} Texts are put in lower case first."
        case Standardize.LOWER_AND_STRIP_PUNCTUATION:
            return f"{words} Texts are put in lower case, without punctuation, first."


def _in_order(rubric: Rubric) -> Iterator[BoundCriterion | BoundGroup]:
    """Yield groups before their members, as people read them."""
    members: dict[str, list[BoundCriterion | BoundGroup]] = {}
    for entry in rubric.criteria:
        if entry.group is not None:
            members.setdefault(entry.group, []).append(entry)
            continue
        yield entry
        yield from members.get(entry.id, ())


def _needed_for(entry: BoundCriterion | BoundGroup, view: _View) -> str:
    """Name what is skipped unless this passes; members of a group go without saying."""
    needing = [
        other.id
        for other in view.rubric.criteria
        if entry.id in other.requires
        and other.group is None
        and other.id not in view.unseen
    ]
    return f"needed for {', '.join(needing)}" if needing else ""


def _entry_lines(entry: BoundCriterion | BoundGroup, view: _View) -> Iterator[str]:
    indent = "  " * (1 if entry.group is None else 2)
    marks = [_worth(entry), _needed_for(entry, view), _SEEN[entry.visibility]]
    yield f"{indent}{entry.id}: {', '.join(mark for mark in marks if mark)}"
    for text in _entry_texts(entry, view):
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


def _entry_texts(entry: BoundCriterion | BoundGroup, view: _View) -> Iterator[str]:
    yield entry.title.text(view.language)
    if isinstance(entry, BoundGroup):
        covered = entry.id in view.covered
        rule = _NOT_ALL_SHOWN if covered else _RULES[entry.rule]
        yield rule.format(points=counted(entry.points))
    else:
        yield from _asked(entry, view)
    required = [id_ for id_ in entry.requires if id_ not in view.unseen]
    if required:
        yield f"skipped unless passed: {', '.join(required)}"
    if entry.hint is not None:
        yield f"hint: {entry.hint.text(view.language)}"


def _asked(criterion: BoundCriterion, view: _View) -> Iterator[str]:
    """Say which check is asked with which settings, and what earns points."""
    value = view.written[criterion.id]
    settings = {key: v for key, v in value.items() if key not in {*_SAID, *KEYS}}
    if view.for_candidates:  # a file of the grader's is none of their business
        files = {k for k, v in criterion.parameters.items() if isinstance(v, Path)}
        settings = {k: v for k, v in settings.items() if k not in files}
    if settings:
        said = (f"{key}: {_plain(v)}" for key, v in settings.items())
        yield f"{criterion.check.name} with {', '.join(said)}"
    if criterion.scale is not None:
        name = getattr(criterion.parameters.get("metric"), "name", criterion.check.name)
        yield scale_text(criterion.scale, name)
    if criterion.if_unknown is IfUnknown.FAIL:
        yield "fails if the format does not hold what is asked"
    if criterion.dataset is not None:
        yield f"on the evaluation dataset {criterion.dataset}"


_NOT_ALL_SHOWN: Final = "Some of what decides on {points} is not shown here:"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


_RULES: Final[Mapping[GroupRule, str]] = {
    GroupRule.SUM: "The members' points are added up, to {points} at most:",
    GroupRule.MIN: "The worst of these counts:",
    GroupRule.MAX: "The best of these counts:",
    GroupRule.ANY: "{points} if one of these passes:",
    GroupRule.ALL: "{points} if all of these pass:",
}


def exam_text(exam: Exam, language: str, *, for_candidates: bool = False) -> str:
    """Say what an exam consists of, and when it is passed.

    Args:
        exam: The exam.
        language: Of its title.
        for_candidates: Leave out how candidates are found in names.
    """
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
    if exam.candidates is not None and not for_candidates:
        lines.append(f"Candidates are found in names by {exam.candidates.pattern}")
    return "\n".join(lines) + "\n"
