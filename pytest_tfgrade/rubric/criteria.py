"""Binding criteria and groups: names found, parameters checked, points settled."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pytest_tfgrade.checks import Check
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.documents import (
    Document,
    Elsewhere,
    Invalid,
    Location,
    Problem,
    validate,
)
from pytest_tfgrade.documents.document import KeyPath
from pytest_tfgrade.rubric.groups import group_points, group_problems
from pytest_tfgrade.rubric.misplaced import misplaced
from pytest_tfgrade.rubric.model import BoundCriterion, BoundGroup
from pytest_tfgrade.rubric.scales import KEYS, scale_of, scale_problems
from pytest_tfgrade.rubric.schema import (
    CriterionPart,
    EntryPart,
    GroupPart,
    GroupRule,
    criterion_type,
    parameters_of,
)
from pytest_tfgrade.rubric.vocabulary import Place

Bound = BoundCriterion | BoundGroup


class Written(NamedTuple):
    """A criterion or group as it stands in a rubric."""

    at: KeyPath
    """The keys that lead to it."""

    value: Mapping[str, Any]
    """Its keys and values."""

    group: Mapping[str, Any] | None = None
    """The group it is a member of, as written."""

    @property
    def is_group(self) -> bool:
        """Whether it is a group, or must be one."""
        return "group" in self.value or (
            "criteria" in self.value and "check" not in self.value
        )


def written(document: Document) -> Iterator[Written]:
    """Yield criteria and groups as written, members before their group.

    What is neither is reported with the whole file.
    """
    for entry in _listed(document.value, ()):
        if entry.is_group:
            for member in _listed(entry.value, entry.at):
                yield member._replace(group=entry.value)
        yield entry


def _listed(value: object, at: KeyPath) -> Iterator[Written]:
    criteria = value.get("criteria") if isinstance(value, Mapping) else None
    for index, entry in enumerate(criteria if isinstance(criteria, list) else ()):
        if isinstance(entry, Mapping):
            yield Written((*at, "criteria", index), entry)


def bind_criteria(
    document: Document, contract: Contract, place: Place, problems: list[Problem]
) -> tuple[Bound, ...]:
    """Return criteria and groups; each is bound by itself, so that all are heard.

    Args:
        document: The rubric.
        contract: What the task asks of inputs and outputs.
        place: Names, and where the rubric lies.
        problems: What is wrong is added here.
    """
    bound: list[Bound] = []
    for entry in written(document):
        try:
            if entry.is_group:
                bound.append(_group(document, entry, bound, place))
            else:
                bound.append(_criterion(document, entry, contract, place))
        except Invalid as invalid:
            problems.extend(invalid.problems)
    return tuple(bound)


def _criterion(
    document: Document, entry: Written, contract: Contract, place: Place
) -> BoundCriterion:
    check, kind = _check(document, entry, place)
    part = validate(
        document,
        kind,
        at=entry.at,
        context={"place": place},
        sayings=misplaced(entry.value, check, place),
    )
    parameters = parameters_of(check, part)
    found = [
        *check.problems(parameters, contract),
        *scale_problems(part, check, parameters),
        *_cost_problems(part, check),
        *_unknown_problems(part, check, parameters),
    ]
    problems = [
        Problem(_place_of(document, entry, key), text)
        for key, text in found
        if contract.outputs or key != "output"
    ]
    if problems:
        raise Invalid(problems)
    scale = scale_of(part, check, parameters)
    return BoundCriterion(
        **_common(part, entry, check.title),
        points=scale.full if scale else part.points or Decimal(0),
        check=check,
        parameters=parameters,
        scale=scale,
        dataset=getattr(part, "dataset", None),
        penalty=part.penalty or Decimal(0),
        if_unknown=part.if_unknown,
    )


def _place_of(document: Document, entry: Written, key: str) -> Location:
    """Return the place of a parameter; of ``where.units``, that of the inner key.

    Names of settings may hold points themselves: ``where.kernel_regularizer.l2``.
    """
    name, _, inner = key.partition(".")
    at = (*entry.at, name, inner)
    if at in document.keys:
        return document.locate(at, at_key=True)
    return document.locate((*entry.at, name))


def _check(
    document: Document, entry: Written, place: Place
) -> tuple[Check, type[CriterionPart]]:
    try:
        check = place.vocabulary.check(entry.value.get("check"), place.folder)
        return check, criterion_type(check)
    except Elsewhere as error:
        raise Invalid([error.problem]) from None
    except ValueError as error:
        where = document.locate((*entry.at, "check"))
        raise Invalid([Problem(where, str(error))]) from None


def _cost_problems(part: CriterionPart, check: Check) -> Iterator[tuple[str, str]]:
    """Find points that contradict each other."""
    if part.penalty is not None and part.points:
        what = "a criterion earns points or costs points"
        yield "penalty", f"{what}; write two criteria"
    for key in KEYS[1:]:
        if part.penalty is not None and getattr(part, key, None) is not None:
            what = "a penalty is for failing a threshold"
            yield "penalty", f"{what}; write one in place of {key}"
    if part.penalty is not None and part.bonus:
        yield "bonus", "a penalty is no bonus; remove one"
    if check.informs and (part.points or part.penalty):
        yield "points", f"{check.name} never scores; remove the points"
    elif check.informs and part.bonus:
        yield "bonus", f"{check.name} never scores; remove the bonus"
    elif part.bonus and not (part.points or part.penalty or _has_own_points(part)):
        yield "bonus", "a bonus without points is none; add points"


def _unknown_problems(
    part: CriterionPart, check: Check, parameters: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Find an answer to what can never be in question."""
    if "if_unknown" in part.model_fields_set and not check.reads(parameters):
        text = f"{check.name} can be asked of every format"
        yield "if_unknown", f"{text}; remove if_unknown"


def _has_own_points(part: CriterionPart) -> bool:
    """Return whether bands, a curve or cases say what can be earned."""
    return any(getattr(part, key, None) is not None for key in KEYS[1:])


_NO_RULE: Final = "a group needs a rule; write group: {}, {}, {}, {} or {}".format(
    *GroupRule
)


def _group(
    document: Document, entry: Written, bound: list[Bound], place: Place
) -> BoundGroup:
    part = validate(
        document,
        GroupPart,
        at=entry.at,
        context={"place": place},
        sayings={"group": _NO_RULE},
    )
    members = [b for b in bound if b.group == part.id]
    listed = [m for m in written(document) if m.group is entry.value]
    found = list(group_problems(part, members, [m.is_group for m in listed]))
    if found:
        raise Invalid(
            Problem(document.locate((*entry.at, *keys)), text) for keys, text in found
        )
    return BoundGroup(
        **_common(part, entry, "The points of several criteria together."),
        points=group_points(part, members),
        rule=part.group,
        members=tuple(member.id for member in members),
    )


def _common(part: EntryPart, entry: Written, title: str) -> dict[str, Any]:
    """Return what a criterion and a group have in common.

    What a group requires, its members require as well.
    """
    group = entry.group or {}
    inherited = group.get("requires")
    more = inherited if isinstance(inherited, list) else ()
    return {
        "id": part.id,
        "title": part.title or Localized.of(title),
        "requires": tuple(dict.fromkeys((*more, *part.requires))),
        "hint": part.hint,
        "skills": part.skills,
        "visibility": _visibility(part, group),
        "bonus": part.bonus,
        "group": group.get("id"),
    }


def _visibility(part: EntryPart, group: Mapping[str, Any]) -> Visibility:
    """Return when an entry may be seen: as its group, unless it says so itself."""
    inherited = group.get("visibility")
    if "visibility" in part.model_fields_set or inherited not in list(Visibility):
        return part.visibility
    return Visibility(inherited)
