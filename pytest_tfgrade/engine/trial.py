"""Loading a model and calling it once on made-up inputs, as grading would."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Final

from pytest_tfgrade.checks import Check, Evaluation, Needs
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract, Shape
from pytest_tfgrade.core.criterion import CriterionResult, Measured, RunRecord
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.facts import Facts
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.documents import Document
from pytest_tfgrade.engine.course import Course
from pytest_tfgrade.engine.declared_contract import NotDeclared, declared_contracts
from pytest_tfgrade.engine.made_up_rows import made_up_dataset
from pytest_tfgrade.engine.run import GradingRun
from pytest_tfgrade.rubric import ArtifactRule, BoundCriterion, Rubric
from pytest_tfgrade.runner import Confinement, LocalRunner

ANYTHING: Final = ArtifactRule(
    names=(), formats=tuple(ArtifactFormat), max_size=1 << 40
)
"""A rule that takes every model."""

NOWHERE: Final = Path(os.devnull)
"""In place of a folder of evaluation datasets: it holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """An output of a model, as it came."""

    name: str
    """As the contract calls it."""

    shape: Shape
    """Batch axis first, which is None."""

    dtype: str
    """A NumPy dtype name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of loading a model and calling it once."""

    run: RunRecord | None = None
    """How it was run; None if it did not come so far."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    """Of ``load`` and ``predict``."""

    outputs: tuple[Returned, ...] = ()
    """What it returned; all values are finite."""

    untried: str | None = None
    """Why it was not tried; None if it was."""

    machine_at_fault: bool = False
    """Whether it was not tried for what the machine is, or lacks."""

    refusal: Ungradable | None = None
    """Why it cannot be graded."""


def try_alone(path: Path, facts: Facts, sandbox: Mode) -> Trial:
    """Load a model and call it on inputs of the shapes that its file declares.

    Args:
        path: The file or folder.
        facts: What it says.
        sandbox: How it is isolated.
    """
    try:
        return _tried(path, list(declared_contracts(facts)), sandbox)
    except NotDeclared as why:
        return Trial(untried=str(why))
    except RunnerError as error:
        return Trial(untried=str(error), machine_at_fault=True)


def _tried(path: Path, contracts: Sequence[Contract], sandbox: Mode) -> Trial:
    """Call a model by the first contract that fits it.

    Raises:
        RunnerError: The machine is at fault, or lacks what runs the model.
    """
    seen: list[Returned] = []
    rubrics = [
        _rubric(f"trial-{number}", contract, path, seen)
        for number, contract in enumerate(contracts)
    ]
    datasets = {
        rubric.task: made_up_dataset(rubric.task, rubric.contract) for rubric in rubrics
    }
    run = GradingRun(
        Course(
            title="trial",
            rubrics=tuple(rubrics),
            pass_mark=None,
            tasks={},
            candidates=None,
            data=NOWHERE,
        ),
        (),
        runner=LocalRunner(confinement=Confinement(mode=sandbox)),
        load_dataset=lambda name, folder: datasets.get(name),
        workers=1,
    )
    with closing(run):
        grade = _first_of_fitting_shape(
            run.grade_file(rubric.task, path.absolute()) for rubric in rubrics
        )
    return trial_of(grade, grade.criteria[0], seen)


def _first_of_fitting_shape(grades: Iterable[TaskGrade]) -> TaskGrade:
    """Return the first whose contract has the right ranks of outputs, else the first.

    No grade after it is asked for.
    """
    rest = iter(grades)
    first = next(rest)
    fitting = (g for g in chain([first], rest) if g.code != Code.OUTPUT_SHAPE)
    return next(fitting, first)


def trial_of(
    grade: TaskGrade, called: CriterionResult, seen: Sequence[Returned]
) -> Trial:
    """Return what became of a call.

    Args:
        grade: What it was part of.
        called: The criterion that asked for it.
        seen: What came.

    Raises:
        RunnerError: The machine is at fault.
    """
    if called.verdict is Verdict.ERROR:
        raise RunnerError(called.detail or Code.INFRA.text)
    refusal = refusal_of(called, Code(called.code)) if called.code else None
    return Trial(
        run=grade.run, seconds=grade.seconds, outputs=tuple(seen), refusal=refusal
    )


def refusal_of(result: CriterionResult, code: Code) -> Ungradable:
    """Return why an artifact cannot be graded, as the result of a criterion has it."""
    return Ungradable(code, result.rationale, hint=result.hint, detail=result.detail)


def returned(run: Evaluation) -> Iterator[Returned]:
    """Yield what a model returned."""
    for name, array in run.predictions.items():
        shape = (None, *array.shape[1:])
        yield Returned(name=name, shape=shape, dtype=array.dtype.name)


def _rubric(task: str, contract: Contract, path: Path, seen: list[Returned]) -> Rubric:
    """Return a rubric with one criterion, which takes down what the model returns."""

    def call(run: Evaluation) -> Measured:
        seen[:] = returned(run)
        return Measured(rationale="the model was called")

    criterion = BoundCriterion(
        id="call",
        title=Localized.of("The model can be called"),
        points=Decimal(0),
        check=Check(name="call", needs=Needs.PREDICTIONS, function=call),
        parameters={},
    )
    return Rubric(
        task=task,
        title=Localized.of(task),
        dataset=task,
        artifact=ANYTHING,
        contract=contract,
        limits=Limits(),
        criteria=(criterion,),
        document=Document(path=path, value={}, values={}, keys={}),
    )
