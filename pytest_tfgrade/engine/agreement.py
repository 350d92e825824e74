"""Holding a rubric against what its evaluation datasets declare."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from pytest_tfgrade.core.contract import InputSpec
from pytest_tfgrade.datasets import LOADERS, Description, Loader, read_description
from pytest_tfgrade.documents import Location, Problem, shown, suggestion
from pytest_tfgrade.engine.rehearsal import unfit_problems
from pytest_tfgrade.engine.stated_range import PIXELS, are_pixels
from pytest_tfgrade.rubric import Rubric


def data_problems(
    rubric: Rubric,
    data: Path,
    *,
    data_from_hook: bool,
    loaders: Mapping[str, Loader] = LOADERS,
) -> Iterator[Problem]:
    """Find where a rubric asks for what an evaluation dataset does not declare.

    Args:
        rubric: With the contract and the names of datasets.
        data: The folder of evaluation datasets.
        data_from_hook: Whether a dataset may come from elsewhere; then it is not a
            mistake if it is not there.
        loaders: What reads files, by their ending.

    Raises:
        DatasetError: The description of a dataset is not in order.
    """
    for name, where in _named_datasets(rubric):
        folder = data / name
        if (folder / "dataset.yaml").is_file():
            description = read_description(folder, loaders=loaders)
            yield from _contract_problems(rubric, description)
            yield from unfit_problems(rubric, description)
        elif not data_from_hook:
            yield _no_dataset(where, name, data)


def _named_datasets(rubric: Rubric) -> Iterator[tuple[str, Location]]:
    """Yield each dataset that a rubric names, and where it does."""
    document = rubric.document
    places = {
        str(keys[-1]): place
        for keys, place in document.keys.items()
        if keys[-2:-1] == ("cases",)
    }
    places |= {
        str(document.at(keys)): place
        for keys, place in document.values.items()
        if keys[-1:] == ("dataset",)
    }
    for name in rubric.datasets:
        yield name, places[name]


def _contract_problems(rubric: Rubric, description: Description) -> Iterator[Problem]:
    document = rubric.document
    for name, spec in rubric.contract.inputs.items():
        text = _input_problem(name, spec, description)
        if text:
            where = document.locate(("contract", "inputs", name), at_key=True)
            yield Problem(where, text)
    for name in rubric.contract.outputs:
        if name not in description.targets:
            text = f"the dataset {description.dataset!r} has no target {name!r}; "
            where = document.locate(("contract", "outputs", name), at_key=True)
            yield Problem(where, text + suggestion(name, description.targets))


def _no_dataset(where: Location, name: str, data: Path) -> Problem:
    there = [path.parent.name for path in data.glob("*/dataset.yaml")]
    way_out = "give the place of the folder that holds the datasets"
    if there:
        way_out = suggestion(name, there)
    return Problem(
        where, f"there is no evaluation dataset {name!r} in {data}; {way_out}"
    )


def _input_problem(name: str, spec: InputSpec, description: Description) -> str | None:
    if name not in description.inputs:
        text = f"the dataset {description.dataset!r} has no input {name!r}; "
        return text + suggestion(name, description.inputs)
    part = description.inputs[name]
    if not _castable(part.dtype, spec.dtype):
        text = f"the dataset {description.dataset!r} holds {name!r} as {part.dtype}"
        return f"{text}, the contract says {spec.dtype}; correct one"
    if not _reshapes(tuple(part.shape), spec.shape[1:]):
        text = (
            f"one example of {name!r} in the dataset {description.dataset!r} has the "
        )
        found, required = shown(list(part.shape)), shown(list(spec.shape[1:]))
        return f"{text}shape {found}, the contract says {required}; correct one"
    return _range_problem(name, spec, description)


def _range_problem(name: str, spec: InputSpec, description: Description) -> str | None:
    """Say where a description tells of values that the contract rules out."""
    part = description.inputs[name]
    if spec.range is None or part.range is None:
        return None
    (low, high), (least, most) = spec.range, part.range
    is_inside = low <= least and most <= high
    if is_inside or are_pixels(part.dtype, part.range, spec):
        return None
    text = f"the dataset {description.dataset!r} says {least:g} to {most:g} of {name!r}"
    way_out = "correct one"
    if part.range == PIXELS and part.dtype.startswith("float"):
        way_out += ", or describe the input as uint8, so that pixels are mapped"
    return f"{text}, the contract says {low:g} to {high:g}; {way_out}"


def _castable(dtype: str, required: str) -> bool:
    """Return whether numbers of a type may be handed over as another, texts as texts.

    >>> _castable("uint8", "float32"), _castable("float32", "int32")
    (True, False)
    """
    if "string" in {dtype, required}:
        return dtype == required
    return np.can_cast(dtype, required, casting="same_kind")


def _reshapes(shape: tuple[int, ...], required: tuple[int | None, ...]) -> bool:
    """Return whether an example fits a contract, axes of size 1 at the end aside.

    >>> _reshapes((8, 8), (8, 8, 1)), _reshapes((8, 8), (64,)), _reshapes((), (1,))
    (True, False, True)
    """
    longer = max(len(shape), len(required))
    padded = shape + (1,) * (longer - len(shape))
    wanted = required + (1,) * (longer - len(required))
    return all(b is None or a == b for a, b in zip(padded, wanted, strict=True))
