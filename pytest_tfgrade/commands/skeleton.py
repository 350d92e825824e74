"""The text of a rubric that is to be completed."""

import textwrap
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import yaml

from pytest_tfgrade.commands.draft import SEASONAL, Draft, draft_output
from pytest_tfgrade.core.contract import OutputKind, Shape
from pytest_tfgrade.core.score import points_text
from pytest_tfgrade.datasets import ArrayDescription, Description, EvaluationDataset

MARK: Final = "CALIBRATE"
"""Stands where a bound is a first guess."""

WIDTH: Final = 88
"""Columns of what is written."""


def skeleton(task: str, description: Description, dataset: EvaluationDataset) -> str:
    """Return a rubric for a task, with comments on what is to be done.

    Raises:
        DatasetError: A trivial predictor is perfect, so there is nothing to learn.
    """
    return "\n".join(_lines(task, description, dataset)) + "\n"


def _lines(
    task: str, description: Description, dataset: EvaluationDataset
) -> Iterator[str]:
    drafts = [draft_output(name, p, dataset) for name, p in description.targets.items()]
    yield "# yaml-language-server: $schema=rubric.schema.json"
    yield f"# Begun by: tfgrade rubric new {task}"
    yield "# What each word means: tfgrade rubric explain NAME"
    yield _key("task", task)
    yield _key("title", description.title)
    yield "description: >-"
    yield "  Say here what the candidate is to do, and what the public data are."
    yield f"dataset: {_scalar(description.dataset)}"
    yield "artifact:"
    yield f"  names: [{_scalar(task)}]  # in the candidate's folder, without the ending"
    yield _formats(description)
    yield "  max_size: 20 MB"
    yield "contract:"
    yield "  inputs:"
    for name, part in description.inputs.items():
        yield from _noted(_input(name, part), part)
    yield "  outputs:"
    for draft in drafts:
        yield from _noted(_output(draft), description.targets[draft.name])
    yield "limits: {seconds: 60, memory: 2 GiB}"
    yield "criteria:"
    yield "  # Without points these only gate what names them in `requires`, or inform."
    yield "  - {id: file, check: file}"
    yield "  - {id: shapes, check: model.io}"
    yield "  - {id: contract, check: predict.contract}"
    for draft in drafts:
        yield from _criterion(draft, several=len(drafts) > 1)
    yield from _selftest(task, drafts)


def _formats(description: Description) -> str:
    """Return the formats that hold a usual model of such inputs."""
    if any(part.dtype == "string" for part in description.inputs.values()):
        return "  formats: [keras, savedmodel]  # or tflite; .h5 holds no vocabulary"
    return "  formats: [keras, h5]  # or savedmodel, tflite; weights with a source"


def _scalar(text: str) -> str:
    """Write a text as YAML, in quotes where it needs some."""
    written: str = yaml.safe_dump(text, width=10**6, allow_unicode=True)
    return written.removesuffix("\n").removesuffix("\n...")


def _key(key: str, text: str) -> str:
    return f"{key}: {_scalar(' '.join(text.split()))}"


def _shape(shape: Shape) -> str:
    return f"[{', '.join('null' if size is None else str(size) for size in shape)}]"


def _input(name: str, part: ArrayDescription) -> str:
    dtype = "float32" if part.dtype == "float64" else part.dtype
    shape = _shape((None, *(part.shape or (1,))))
    return f"    {_scalar(name)}: {{shape: {shape}, dtype: {dtype}}}"


def _output(draft: Draft) -> str:
    kind = ", kind: probabilities" * (draft.spec.kind is OutputKind.PROBABILITIES)
    shape = _shape(draft.spec.shape)
    return f"    {_scalar(draft.name)}: {{shape: {shape}{kind}}}"


def _noted(line: str, part: ArrayDescription) -> Iterator[str]:
    """Yield a line, with what the description says of the numbers, for people."""
    said = []
    if part.unit and part.unit != "none":
        said.append(" ".join(part.unit.split()))
    if part.range:
        said.append(f"{part.range[0]:g} to {part.range[1]:g}")
    if part.classes:
        said.append(f"in this order: {', '.join(part.classes)}")
    note = "; ".join(said)
    if note and len(line) + len(note) <= WIDTH - 4:
        yield f"{line}  # {note}"
    else:
        yield from _comment(note) if note else ()
        yield line


def _comment(text: str) -> list[str]:
    """Return a text as lines of a comment, inside criteria or the contract."""
    mark = "    # "
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=mark,
        break_on_hyphens=False,
    )


def _criterion(draft: Draft, *, several: bool) -> Iterator[str]:
    name, best = draft.metric.name, draft.trivial[draft.best_trivial]
    yield f"  - id: {name.replace('_', '-')}{f'-{draft.name}' if several else ''}"
    yield "    check: predict.metric"
    yield f"    metric: {name}"
    if several:
        yield f"    output: {_scalar(draft.name)}"
    if "scale" in draft.options:
        yield from _comment(_scale_text(draft))
    if draft.options:
        written = ", ".join(f"{key}: {value}" for key, value in draft.options.items())
        yield f"    options: {{{written}}}"
    text = (
        f"{MARK}: a first guess, points: bound. The best predictor that learns "
        f"nothing, {draft.best_trivial}, has {best:.3g}. Train a good and a weak "
        "model, put them under selftest, and move the bounds."
    )
    if draft.error:
        apart = f"{3 * draft.error:.2g}"
        text += f" They should lie three standard errors apart, here {apart}."
    yield from _comment(text)
    bands = [f"{points_text(p)}: {bound}" for p, bound in draft.bounds.items()]
    yield f"    bands: {{{', '.join(bands)}}}"
    yield "    requires: [contract]"


def _scale_text(draft: Draft) -> str:
    """Say which naive forecast the error is divided by."""
    scale = draft.options["scale"]
    others = ""
    naive = "last_value, which repeats the last value"
    if draft.period is not None:
        naive = f"{SEASONAL} with the best period, {draft.period}"
        error = draft.trivial["last_value"] * scale
        others = f" That of last_value is {error:.4g}."
    return f"The mae of {naive}: 1.0 is as good as that.{others}"


def _selftest(task: str, drafts: Sequence[Draft]) -> Iterator[str]:
    yield "selftest:"
    yield "  # artifacts:  # your own models, and the points that each must get"
    yield f"  #   - {{file: references/{task}_good.keras, points: 5}}"
    yield "  predictors:  # the most points that each may earn"
    common = [
        name
        for name in drafts[0].trivial
        if all(name in draft.trivial for draft in drafts)
        and (name != SEASONAL or len({draft.period for draft in drafts}) == 1)
    ]
    for name in common:
        if name == "linear":
            points = points_text(sum((d.learned for d in drafts), Decimal(0)))
            yield f"    linear: {points}  # it learns what is easy"
        elif name == SEASONAL:
            options = f"{{period: {drafts[0].period}}}"
            yield f"    {name}: {{points: 0, options: {options}}}"
        else:
            yield f"    {name}: 0"
