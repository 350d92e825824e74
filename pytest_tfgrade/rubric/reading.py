"""Reading a rubric: from YAML to bound criteria, with all problems at once."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

from pytest_tfgrade.checks import CHECKS, Check, Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.submission import ENDINGS
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Problem,
    read_document,
    shown,
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
    problems = [*_id_problems(document)]
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
            max_size=part.artifact.max_size,
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
    bound = []
    for index, value in _written(document):
        try:
            bound.append(_criterion(document, index, value, contract))
        except Invalid as invalid:
            problems.extend(invalid.problems)
    return bound


def _written(document: Document) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the criteria as written; what is none is reported with the whole file."""
    whole = document.value
    criteria = whole.get("criteria") if isinstance(whole, Mapping) else None
    for index, value in enumerate(criteria if isinstance(criteria, list) else ()):
        if isinstance(value, Mapping):
            yield index, value


def _criterion(
    document: Document, index: int, value: Mapping[str, Any], contract: Contract
) -> BoundCriterion:
    at = ("criteria", index)
    name = value.get("check")
    check = CHECKS.get(name) if isinstance(name, str) else None
    if check is None:
        what = f"unknown check {shown(name)}" if name else "there is no check"
        text = f"{what}; {suggestion(str(name or ''), sorted(CHECKS))}"
        raise Invalid([Problem(document.locate((*at, "check")), text)])
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


def _id_problems(document: Document) -> Iterator[Problem]:
    """Find criteria that cannot be told apart, or that wait for what never comes."""
    criteria = tuple(_written(document))
    later = [value["id"] for _, value in criteria if isinstance(value.get("id"), str)]
    above: list[str] = []
    for index, value in criteria:
        id_ = value.get("id")
        requires = value.get("requires")
        for nth, name in enumerate(requires if isinstance(requires, list) else ()):
            if isinstance(name, str) and name not in above:
                where = document.locate(("criteria", index, "requires", nth))
                yield Problem(where, _not_above(name, id_, above, later))
        if isinstance(id_, str):
            if id_ in above:
                text = f"a second criterion has the id {id_!r}; rename one"
                yield Problem(document.locate(("criteria", index, "id")), text)
            above.append(id_)


def _not_above(name: str, own: object, above: list[str], later: list[str]) -> str:
    if name == own:
        return "a criterion cannot require itself; remove this"
    if name in later:
        return f"the criterion {name!r} stands below this one; move it above"
    what = f"no criterion above has the id {name!r}"
    return f"{what}; {suggestion(name, sorted(set(above)))}"


def _contradictions(
    document: Document, part: RubricFile, criteria: list[BoundCriterion]
) -> Iterator[Problem]:
    """Find what is wrong between parts that are each in order."""
    yield from _sum_problems(document, part, criteria)
    wants = any(c.check.needs is Needs.PREDICTIONS for c in criteria)
    if wants and part.dataset is None:
        text = "criteria need predictions, but there is no dataset; add dataset: NAME"
        yield Problem(document.locate(()), text)
    if part.artifact.formats == ():
        where = document.locate(("artifact", "formats"))
        yield Problem(where, "no format is accepted; name one, or leave formats out")
    for index, name in enumerate(part.artifact.names):
        wrong = _name_problem(name)
        if wrong:
            yield Problem(document.locate(("artifact", "names", index)), wrong)


def _name_problem(name: str) -> str | None:
    """Say why no file can bear a name."""
    path = PurePosixPath(name)
    if "\\" in name:
        way_out = name.replace("\\", "/")
        return f"folders are divided by '/', got {name!r}; write {way_out}"
    if not path.parts or str(path) != name or path.is_absolute() or ".." in path.parts:
        what = f"must be a path inside the candidate's folder, got {name!r}"
        return f"{what}; write it as models/digits"
    if path.suffix.lower() in ENDINGS:
        return f"a name has no ending here, got {name!r}; write {path.with_suffix('')}"
    return None


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
