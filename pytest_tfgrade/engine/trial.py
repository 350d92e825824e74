"""Loading a model and calling it once on made-up inputs, as grading would."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, get_args

import numpy as np

from pytest_tfgrade.checks import Check, Evaluation, Needs
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import (
    Contract,
    DtypeName,
    InputSpec,
    OutputSpec,
    Shape,
)
from pytest_tfgrade.core.criterion import CriterionResult, Measured, RunRecord
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.documents import Document
from pytest_tfgrade.engine.course import Course
from pytest_tfgrade.engine.made_up import inputs
from pytest_tfgrade.engine.run import GradingRun
from pytest_tfgrade.rubric import ArtifactRule, BoundCriterion, Rubric
from pytest_tfgrade.runner import LocalRunner

ANYTHING: Final = ArtifactRule(
    names=(), formats=tuple(ArtifactFormat), max_size=1 << 40
)
"""A rule that takes every model."""

NOWHERE: Final = Path(os.devnull)
"""In place of a folder of evaluation datasets: it holds none."""

_ROWS: Final = 16
_MOST_VALUES: Final = 1 << 24
"""Of one made-up input."""

_ANY_SIZE: Final = 32
"""Of an axis that may have any: what pools and strides divide well."""

_LIKELY_RANKS: Final = (2, 3, 4, 1, 5)
"""Of outputs of which the file says nothing."""


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

    refusal: Ungradable | None = None
    """Why it cannot be graded."""


def made_up_dataset(name: str, contract: Contract) -> EvaluationDataset:
    """Return rows of made-up inputs as a contract wants them; targets are all 0."""
    parts = {
        key: ArrayDescription(dtype=spec.dtype, shape=_sizes(spec.shape))  # type: ignore[arg-type]
        for key, spec in contract.inputs.items()
    }
    largest = max(math.prod(part.shape) for part in parts.values())
    rows = max(2, min(_ROWS, _MOST_VALUES // max(largest, 1)))
    targets = {
        key: np.zeros((rows, *(size or 1 for size in spec.shape[1:])), np.float32)
        for key, spec in contract.outputs.items()
    }
    return EvaluationDataset.of(name, inputs(contract.inputs, parts, rows), targets)


def _sizes(shape: Shape) -> tuple[int, ...]:
    return tuple(size or _ANY_SIZE for size in shape[1:])


def made_up_check(check: Check, **changed: object) -> Check:
    """Return a check of predictions for made-up inputs, some parameters set.

    Its targets are 0 in the shape of the predictions: of made-up inputs nobody knows
    them.
    """

    def ask(run: Evaluation, **parameters: object) -> object:
        targets = {key: np.zeros_like(array) for key, array in run.predictions.items()}
        return check.function(
            replace(run, targets=targets), **{**parameters, **changed}
        )

    return replace(check, function=ask)  # type: ignore[arg-type]


def try_alone(path: Path, facts: Facts) -> Trial:
    """Load a model and call it on inputs of the shapes that its file declares.

    Args:
        path: The file or folder.
        facts: What it says.

    Raises:
        RunnerError: The machine is at fault, or lacks what runs the model.
    """
    try:
        contracts = list(_contracts(facts))
    except _NotDeclared as why:
        return Trial(untried=str(why))
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
        runner=LocalRunner(),
        load_dataset=lambda name, folder: datasets.get(name),
        workers=1,
    )
    with closing(run):
        grades = (run.grade_file(rubric.task, path.absolute()) for rubric in rubrics)
        first = next(grades)
        grade = first
        while grade.code == Code.OUTPUT_SHAPE and (another := next(grades, None)):
            grade = another
        if grade.code == Code.OUTPUT_SHAPE:
            grade = first
    return trial_of(grade, grade.criteria[0], seen)


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
    refusal = None
    if called.code is not None:
        refusal = Ungradable(
            Code(called.code), called.rationale, hint=called.hint, detail=called.detail
        )
    return Trial(
        run=grade.run, seconds=grade.seconds, outputs=tuple(seen), refusal=refusal
    )


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


class _NotDeclared(Exception):  # noqa: N818 - a finding
    """A file does not say what is needed to call its model; the text says what."""


def _contracts(facts: Facts) -> Iterator[Contract]:
    """Yield what a model may take and return, the likeliest first.

    Where the file does not declare the shape of outputs, there are several: an output
    is taken for one if it declares none.
    """
    taken = {name: _input(name, tensor) for name, tensor in _named(facts.inputs)}
    if not taken:
        raise _NotDeclared("the file does not declare the inputs of its model")
    outputs = dict(_named(facts.outputs)) or {
        "output": Tensor(name="output", shape=None, dtype=None)
    }
    all_known = all(tensor.shape is not None for tensor in outputs.values())
    for rank in _LIKELY_RANKS[:1] if all_known else _LIKELY_RANKS:
        specs = {
            name: OutputSpec(shape=tensor.shape or (None,) * rank)
            for name, tensor in outputs.items()
        }
        yield Contract(inputs=taken, outputs=specs)


def _named(tensors: Sequence[Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield tensors with names that differ, printable."""
    seen: set[str] = set()
    for number, tensor in enumerate(tensors):
        name = printable(tensor.name, limit=60) or f"number {number}"
        if name in seen:
            name = f"{name} ({number})"
        seen.add(name)
        yield name, tensor


def _input(name: str, tensor: Tensor) -> InputSpec:
    if tensor.shape is None:
        raise _NotDeclared(f"the file does not declare the shape of the input {name!r}")
    dtype = tensor.dtype or "float32"
    if dtype not in get_args(DtypeName):
        what = printable(dtype, limit=40)
        raise _NotDeclared(f"the input {name!r} is {what}, which cannot be made up")
    if math.prod(_sizes(tensor.shape)) > _MOST_VALUES:
        raise _NotDeclared(f"the input {name!r} is too large to be made up")
    return InputSpec(shape=(None, *tensor.shape[1:]), dtype=dtype)
