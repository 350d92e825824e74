"""Reading a rubric: from YAML to bound criteria, with all problems at once."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_tfgrade.checks import CHECKS, Check, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Problem,
    read_document,
    suggestion,
    validate,
)
from pytest_tfgrade.rubric.model import ArtifactRule, BoundCriterion, Rubric
from pytest_tfgrade.rubric.schema import (
    CriterionPart,
    RubricFile,
    criterion_type,
    parameters_of,
)


def read_rubric(path: Path) -> Rubric:
    """Return the rubric in a file.

    Raises:
        Invalid: With every problem of the file.
    """
    document = read_document(path)
    problems: list[Problem] = []
    try:
        part = validate(document, RubricFile)
        contract = part.contract.bound()
    except Invalid as invalid:
        problems.extend(invalid.problems)
        part, contract = None, Contract(inputs={}, outputs={})
    criteria = _criteria(document, contract, problems)
    if part is None:
        raise Invalid(problems)
    problems += _contradictions(document, part, criteria)
    if problems:
        raise Invalid(problems)
    return Rubric(
        task=part.task,
        title=part.title or part.task,
        dataset=part.dataset,
        artifact=ArtifactRule(
            names=part.artifact.names or (part.task,),
            formats=part.artifact.formats,
            max_size=int(part.artifact.max_size),
        ),
        contract=contract,
        limits=part.limits.bound(),
        criteria=tuple(criteria),
        document=document,
    )


def _criteria(
    document: Document, contract: Contract, problems: list[Problem]
) -> list[BoundCriterion]:
    """Bind each criterion by itself, so that one mistake does not hide another."""
    written = document.value.get("criteria") if _is_mapping(document.value) else None
    bound = []
    for index, value in enumerate(written if isinstance(written, list) else ()):
        if not _is_mapping(value):
            continue  # reported with the rubric as a whole
        try:
            bound.append(_criterion(document, index, value, contract))
        except Invalid as invalid:
            problems.extend(invalid.problems)
    return bound


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _criterion(
    document: Document, index: int, value: Mapping[str, Any], contract: Contract
) -> BoundCriterion:
    at = ("criteria", index)
    name = value.get("check")
    if name not in CHECKS:
        what = f"unknown check {name!r}" if "check" in value else "there is no check"
        text = f"{what}; {suggestion(str(name), sorted(CHECKS))}"
        raise Invalid([Problem(document.locate((*at, "check")), text)])
    check = CHECKS[str(name)]
    part = validate(document, criterion_type(check), at=at)
    parameters = parameters_of(check, part)
    found = [
        Problem(document.locate((*at, key)), text)
        for key, text in check.problems(parameters, contract)
        if contract.outputs or key != "output"
    ]
    points, wrong = _points(part, parameters.get("bands"))
    if wrong:
        found.append(Problem(document.locate((*at, "points")), wrong))
    if found:
        raise Invalid(found)
    return _bound(check, part, parameters, points)


def _bound(
    check: Check, part: CriterionPart, parameters: Mapping[str, Any], points: Decimal
) -> BoundCriterion:
    return BoundCriterion(
        id=part.id,
        title=part.title or check.title,
        check=check,
        parameters=parameters,
        points=points,
        requires=part.requires,
        hint=part.hint,
        skills=part.skills,
    )


def _points(
    part: CriterionPart, bands: Mapping[Decimal, Decimal] | None
) -> tuple[Decimal, str | None]:
    """Return a criterion's points, and what is wrong with them."""
    best = max(bands) if bands else None
    if part.points is None:
        return best or Decimal(0), None
    if best is not None and part.points != best:
        what = f"points {part.points} differ from the best band, {best}"
        return part.points, f"{what}; leave points out, or make them equal"
    return part.points, None


def _contradictions(
    document: Document, part: RubricFile, criteria: list[BoundCriterion]
) -> Iterator[Problem]:
    """Find what is wrong between parts that are each in order."""
    seen: set[str] = set()
    for index, value in enumerate(part.criteria):
        place = ("criteria", index)
        if value.get("id") in seen:
            text = f"a second criterion has the id {value['id']!r}; rename one"
            yield Problem(document.locate((*place, "id")), text)
        requires = value.get("requires")
        for nth, required in enumerate(requires if isinstance(requires, list) else ()):
            if required not in seen:
                text = f"no criterion above has the id {required!r}; "
                where = document.locate((*place, "requires", nth))
                yield Problem(where, text + suggestion(str(required), seen))
        seen.add(str(value.get("id")))
    yield from _sum_problems(document, part, criteria)
    wants = any(c.check.needs is Needs.PREDICTIONS for c in criteria)
    if wants and part.dataset is None:
        text = "criteria need predictions, but there is no dataset; add dataset: NAME"
        yield Problem(document.locate(()), text)
    if part.artifact.formats == ():
        where = document.locate(("artifact", "formats"))
        yield Problem(where, "no format is accepted; name one, or leave formats out")


def _sum_problems(
    document: Document, part: RubricFile, criteria: list[BoundCriterion]
) -> Iterator[Problem]:
    total = sum((criterion.points for criterion in criteria), Decimal(0))
    complete = len(criteria) == len(part.criteria)
    if part.points is not None and complete and part.points != total:
        text = f"the criteria add up to {total} points, not {part.points}; correct one"
        yield Problem(document.locate(("points",)), text)
    if complete and total == 0:
        text = "no criterion has points; give points or bands to at least one"
        yield Problem(document.locate(("criteria",), at_key=True), text)
