"""Reading a rubric: from YAML to bound criteria, with all problems at once."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from pytest_tfgrade.checks import Needs
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.score import counted
from pytest_tfgrade.core.submission import ENDINGS, ArtifactFormat
from pytest_tfgrade.documents import (
    Document,
    Invalid,
    Problem,
    read_document,
    suggestion,
    validate,
)
from pytest_tfgrade.predictors import PREDICTORS
from pytest_tfgrade.rubric.contract_parts import contract_problems
from pytest_tfgrade.rubric.criteria import Bound, Written, bind_criteria, written
from pytest_tfgrade.rubric.defaults import NO_DEFAULTS, Defaults
from pytest_tfgrade.rubric.model import (
    AllowedPredictor,
    ArtifactRule,
    BoundCriterion,
    ReferenceArtifact,
    Rubric,
    SelfTest,
    SourceRule,
)
from pytest_tfgrade.rubric.schema import (
    ArtifactPart,
    PredictorPart,
    RubricFile,
    SelfTestPart,
)
from pytest_tfgrade.rubric.values import path_problem
from pytest_tfgrade.rubric.vocabulary import BUILT_IN, Place, Vocabulary


def read_rubric(
    path: Path,
    *,
    vocabulary: Vocabulary = BUILT_IN,
    defaults: Defaults = NO_DEFAULTS,
    files_elsewhere: bool = False,
) -> Rubric:
    """Return the rubric in a file.

    Args:
        path: The file.
        vocabulary: The checks and metrics that it may name.
        defaults: What holds where the rubric says nothing.
        files_elsewhere: Whether files that it names may be missing here, as they are
            on a candidate's machine.

    Raises:
        Invalid: With every problem of the file.
    """
    document = read_document(path)
    place = Place(vocabulary, path.parent, files_elsewhere)
    problems = [*_id_problems(document)]
    try:
        part = validate(document, RubricFile, context={"place": place})
    except Invalid as invalid:
        problems.extend(invalid.problems)
        part = None
    contract = _contract(document, part)
    criteria = bind_criteria(document, contract, place, problems)
    if part is None:
        raise Invalid(problems)
    problems += _contradictions(document, part, criteria)
    artifact = _artifact(part.task, defaults.artifact(part.artifact))
    problems += _artifact_problems(document, artifact)
    if problems:
        raise Invalid(problems)
    return Rubric(
        task=part.task,
        title=part.title or Localized.of(part.task),
        description=part.description or Localized.of(""),
        dataset=part.dataset,
        artifact=artifact,
        contract=contract,
        limits=defaults.limits(part.limits).bound(),
        criteria=criteria,
        selftest=_selftest(part.selftest or SelfTestPart()),
        document=document,
    )


def _contract(document: Document, part: RubricFile | None) -> Contract:
    """Return what could be read of the contract; the rest is reported elsewhere."""
    if part is not None and part.contract is not None:
        return part.contract.bound()
    return Contract(inputs={}, outputs={})


def _artifact(task: str, part: ArtifactPart) -> ArtifactRule:
    code = part.source
    source = None
    if code is not None:
        source = SourceRule(names=code.names, file=code.file, builds=code.builds)
    every = [f for f in ArtifactFormat if source or f is not ArtifactFormat.WEIGHTS]
    return ArtifactRule(
        names=part.names or (task,),
        formats=part.formats or tuple(every),
        max_size=part.max_size,
        source=source,
        signature=part.signature,
        allow_lambda=part.allow_lambda,
    )


def _artifact_problems(document: Document, rule: ArtifactRule) -> Iterator[Problem]:
    """Find what is wrong between what a rubric and the exam say of the artifact."""
    if ArtifactFormat.WEIGHTS in rule.formats and rule.source is None:
        what = "weights alone need the code that builds their model"
        text = f"{what}; add source: {{names: [model]}}, or leave weights out"
        yield Problem(document.locate(("artifact", "formats")), text)
    signed = {ArtifactFormat.SAVED_MODEL, ArtifactFormat.TFLITE}
    at = ("artifact", "signature")
    if rule.signature and signed.isdisjoint(rule.formats) and at in document.keys:
        text = "only savedmodel and tflite files have signatures; remove it"
        yield Problem(document.locate(at, at_key=True), text)


def _selftest(part: SelfTestPart) -> SelfTest:
    return SelfTest(
        artifacts=tuple(
            ReferenceArtifact(file=known.file, points=known.points)
            for known in part.artifacts
        ),
        predictors=tuple(
            AllowedPredictor(name=name, points=allowed.points, options=allowed.options)
            if isinstance(allowed, PredictorPart)
            else AllowedPredictor(name=name, points=allowed, options={})
            for name, allowed in part.predictors.items()
        ),
    )


def _id_problems(document: Document) -> Iterator[Problem]:
    """Find criteria that cannot be told apart, or that wait for what never comes."""
    entries = tuple(written(document))
    ids = [e.value["id"] for e in entries if isinstance(e.value.get("id"), str)]
    above: list[str] = []
    for entry in entries:
        id_ = entry.value.get("id")
        requires = entry.value.get("requires")
        for nth, name in enumerate(requires if isinstance(requires, list) else ()):
            text = (
                _never_comes(name, entry, above, ids) if isinstance(name, str) else ""
            )
            if text:
                yield Problem(document.locate((*entry.at, "requires", nth)), text)
        if isinstance(id_, str):
            if id_ in above:
                text = f"a second criterion has the id {id_!r}; rename one"
                yield Problem(document.locate((*entry.at, "id")), text)
            above.append(id_)


def _never_comes(
    name: str, entry: Written, above: Sequence[str], ids: Sequence[str]
) -> str:
    """Say why a criterion or group cannot require a name; nothing if it can."""
    members = entry.value.get("criteria")
    own = [m.get("id") for m in members or () if isinstance(m, Mapping)]
    reachable = [known for known in above if known not in own]
    if name in reachable:
        return ""
    if name == entry.value.get("id"):
        return "a criterion cannot require itself; remove this"
    if name in own:
        return f"the criterion {name!r} is a member of this group; remove this"
    if entry.group and name == entry.group.get("id"):
        return f"the group {name!r} waits for this member; remove this"
    if name in ids:
        return f"the criterion {name!r} stands below this one; move it above"
    what = f"no criterion above has the id {name!r}"
    return f"{what}; {suggestion(name, sorted(set(reachable)))}"


def _contradictions(
    document: Document, part: RubricFile, criteria: Sequence[Bound]
) -> Iterator[Problem]:
    """Find what is wrong between parts that are each in order."""
    if part.contract is not None:
        for keys, text in contract_problems(part.contract):
            yield Problem(document.locate(("contract", *keys)), text)
    yield from _sum_problems(document, part, criteria)
    yield from _missing_parts(document, part, criteria)
    selftest = part.selftest or SelfTestPart()
    if len(criteria) == len(list(written(document))):
        yield from _reference_problems(document, selftest, criteria)
    yield from _predictor_problems(document, selftest)
    for index, name in enumerate(part.artifact.names):
        wrong = path_problem(name, ENDINGS)
        if wrong:
            yield Problem(document.locate(("artifact", "names", index)), wrong)


def _missing_parts(
    document: Document, part: RubricFile, criteria: Sequence[Bound]
) -> Iterator[Problem]:
    checked = [c for c in criteria if isinstance(c, BoundCriterion)]
    predicting = [c for c in checked if c.check.needs is Needs.PREDICTIONS]
    if part.dataset is None and not all(c.datasets for c in predicting):
        text = "criteria need predictions, but there is no dataset; add dataset: NAME"
        yield Problem(document.locate(()), text)
    if (
        predicting or any(c.check.needs_contract for c in checked)
    ) and part.contract is None:
        text = "criteria ask for inputs and outputs; add contract: with both"
        yield Problem(document.locate(()), text)


def _reference_problems(
    document: Document, part: SelfTestPart, criteria: Sequence[Bound]
) -> Iterator[Problem]:
    """Find files of which more points are expected than there are."""
    most = sum((c.points for c in criteria if c.group is None), Decimal(0))
    for index, known in enumerate(part.artifacts):
        if known.points > most:
            what = f"no file can get more than {counted(most)}, got {known.points}"
            where = document.locate(("selftest", "artifacts", index, "points"))
            yield Problem(where, f"{what}; correct one")


def _predictor_problems(document: Document, part: SelfTestPart) -> Iterator[Problem]:
    for name, allowed in part.predictors.items():
        at = ("selftest", "predictors", name)
        predictor = PREDICTORS.get(name)
        if predictor is None:
            text = f"unknown predictor {name!r}; {suggestion(name, PREDICTORS)}"
            yield Problem(document.locate(at, at_key=True), text)
            continue
        options = allowed.options if isinstance(allowed, PredictorPart) else {}
        for text in predictor.option_problems(options):
            yield Problem(document.locate(at), text)


def _has_bonus(criteria: Sequence[Bound]) -> bool:
    return any(criterion.bonus for criterion in criteria)


def _sum_problems(
    document: Document, part: RubricFile, criteria: Sequence[Bound]
) -> Iterator[Problem]:
    total = sum((criterion.possible for criterion in criteria), Decimal(0))
    complete = len(criteria) == len(list(written(document)))
    if part.points is not None and complete and part.points != total:
        text = (
            f"the criteria add up to {counted(total)}, not {part.points}; correct one"
        )
        yield Problem(document.locate(("points",)), text)
    if complete and total == 0:
        what = "no criterion has points" + (
            ", bonus apart" if _has_bonus(criteria) else ""
        )
        text = f"{what}; give points or bands to at least one"
        yield Problem(document.locate(("criteria",), at_key=True), text)
