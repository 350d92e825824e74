"""How one model gets a task's inputs: by what its file declares, before it runs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice, permutations
from typing import Final, NamedTuple, get_args

import numpy as np

from pytest_tfgrade.checks.model.ends import paired
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import (
    Contract,
    DtypeName,
    InputSpec,
    Shape,
    WordIds,
    fits,
    shape_text,
)
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor, TensorKind
from pytest_tfgrade.core.setup import PLAIN, Feed, Feeding
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable

_NUMBERS: Final = frozenset(get_args(DtypeName)) - {"string"}
"""What numbers can be cast to."""

_QUANTIZED: Final = frozenset({"int8", "uint8", "int16"})
"""What real numbers are stored as, with a scale and a zero point."""

_CALLED_BY_NAME: Final = frozenset({ArtifactFormat.SAVED_MODEL, ArtifactFormat.TFLITE})
"""Formats whose inputs have names, but no order."""

_OF_EXAMPLES: Final = frozenset({"examples", "inputs", "input_example_tensor"})
"""What an Estimator calls an input of serialized examples."""

_MOST_TRIED: Final = 6
"""Inputs of which every order is tried: 720 ways."""


class Pair(NamedTuple):
    """An input of a task, and the model's that stands for it."""

    name: str
    """As the contract calls it."""

    spec: InputSpec
    """What the task gives."""

    tensor: Tensor
    """What the model takes."""


def feeding_for(facts: Facts, contract: Contract) -> Feeding:
    """Return how a model gets the inputs of a task.

    Only what changes no value is adapted: axes of size 1, the dtype (whether it loses
    something is for the data to say), texts for the ids that the task publishes, and a
    number of rows that the model insists on.

    Raises:
        Ungradable: ``E_INPUT_SHAPE`` or ``E_DTYPE``, with both sides: no such way is
            left.
    """
    pairs = input_pairs(facts, contract)
    feeds: dict[str, Feed] = {}
    notes: list[str] = []
    for pair in pairs:
        which = f" for {pair.name!r}" if len(pairs) > 1 else ""
        feed, found = _feed(pair, facts, which)
        if facts.format in _CALLED_BY_NAME:
            feed = replace(feed, key=pair.tensor.name)
            if len(pairs) > 1 and _plain_name(pair.tensor.name) != pair.name:
                key = printable(repr(pair.tensor.name), limit=80)
                notes.append(f"{pair.name}: taken for the model's {key}")
        if feed != Feed():
            feeds[pair.name] = feed
        notes += found
    batch = _batch(pairs)
    if batch is not None:
        rows = "1 row" if batch == 1 else f"{batch} rows"
        notes.append(f"{rows} at a time, as the model declares")
    if not feeds and batch is None:
        return PLAIN
    if facts.format is ArtifactFormat.TFLITE:
        batch = None  # what runs these files sees to it itself
    return Feeding(feeds=feeds, batch=batch, notes=tuple(notes))


def input_pairs(facts: Facts, contract: Contract) -> list[Pair]:
    """Return the model's input for each of the contract's; none if it declares none.

    By name if the model has every name of the contract. Else by position, where the
    format has one; in a SavedModel or TFLite file there must be one way only in which
    shapes and dtypes fit.

    Raises:
        Ungradable: ``E_INPUT_SHAPE``: there are more or fewer, or nobody can say which
            is which.
    """
    declared, given = facts.inputs, contract.inputs
    if not declared:
        return []  # as of a subclassed model
    if len(declared) != len(given):
        text = f"the model takes {len(declared)} inputs, the task gives {len(given)}"
        raise Ungradable(
            Code.INPUT_SHAPE, text, hint=_examples_hint(facts, given.values())
        )
    if facts.format not in _CALLED_BY_NAME or len(given) == 1:
        return [Pair(*pair) for pair in paired(given, declared)]
    named = {_plain_name(tensor.name): tensor for tensor in declared}
    if given.keys() <= named.keys():
        return [Pair(name, spec, named[name]) for name, spec in given.items()]
    return _only_pairing(facts, contract)


def _plain_name(name: str) -> str:
    """Return the name of a tensor as its model had it.

    >>> _plain_name("serving_default_num:0"), _plain_name("num")
    ('num', 'num')
    """
    return name.removeprefix("serving_default_").partition(":")[0]


def _only_pairing(facts: Facts, contract: Contract) -> list[Pair]:
    """Return the one way in which inputs fit; as they are, if there is one such way."""
    specs = list(contract.inputs.items())
    for fitting in (_is_as_declared, _is_fit):
        ways = (
            [Pair(*given, tensor) for given, tensor in zip(specs, order, strict=True)]
            for order in permutations(facts.inputs)
            if len(specs) <= _MOST_TRIED
        )
        found = list(
            islice((way for way in ways if all(fitting(p, facts) for p in way)), 2)
        )
        if len(found) == 1:
            return found[0]
    theirs = _listed((tensor.name, tensor.shape) for tensor in facts.inputs)
    ours = _listed((name, spec.shape) for name, spec in specs)
    raise Ungradable(
        Code.INPUT_SHAPE,
        f"the model takes {theirs}, the task gives {ours}; "
        "neither names nor shapes tell which is which",
        hint="Give the model's inputs the names that the task states.",
    )


def _is_as_declared(pair: Pair, facts: Facts) -> bool:
    tensor = pair.tensor
    is_shape = tensor.shape is None or fits(tensor.shape, pair.spec.shape)
    return is_shape and tensor.dtype in {None, pair.spec.dtype}


def _is_fit(pair: Pair, facts: Facts) -> bool:
    try:
        _feed(pair, facts, "")
    except Ungradable:
        return False
    return True


def _listed(ends: Iterable[tuple[str, Shape | None]]) -> str:
    texts = [
        f"{printable(repr(name), limit=40)} {shape_text(shape)}" for name, shape in ends
    ]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def _feed(pair: Pair, facts: Facts, which: str) -> tuple[Feed, list[str]]:
    """Return how one input is given, and what is noted of it."""
    name, spec, tensor = pair
    _require_dense(pair)
    _require_text_or_numbers(pair, facts, which)
    as_ids = spec.ids is not None and tensor.dtype not in {None, "string"}
    shape = (None, spec.ids.length) if as_ids and spec.ids else spec.shape
    notes = [f"{name}: texts given as ids of words"] if as_ids else []
    axes = None
    if tensor.shape is not None and not fits(tensor.shape, shape):
        axes = None if spec.exact else _axes(tensor.shape, shape)
        if axes is None:
            theirs = f"the model takes inputs of shape {shape_text(tensor.shape)}"
            ours = f"{'ids of shape ' if as_ids else ''}{shape_text(shape)}"
            text = f"{theirs}{which}, the task gives {ours}"
            raise Ungradable(Code.INPUT_SHAPE, text)
        notes.append(f"{name}: {shape_text(shape)} given as {shape_text(tensor.shape)}")
    dtype = _dtype(pair, "int32" if as_ids else spec.dtype, which)
    if as_ids and dtype and spec.ids:
        _require_room(spec.ids, pair.tensor, which)
    feed = Feed(axes=axes, dtype=dtype, as_ids=as_ids)
    if dtype and _is_quantized(tensor):
        feed = replace(feed, quantization=tensor.quantization)
        notes.append(f"{name}: quantized by the file's own scale")
    elif dtype:
        notes.append(f"{name}: {'ids' if as_ids else spec.dtype} given as {dtype}")
    return feed, notes


def _require_dense(pair: Pair) -> None:
    kind = pair.tensor.kind
    if kind is not TensorKind.DENSE:
        text = f"the model takes {kind} inputs for {pair.name!r}"
        shape = str(pair.spec.shape[1:])
        raise Ungradable(
            Code.INPUT_SHAPE,
            f"{text}, the task gives dense arrays",
            hint=f"Begin the model with Input({shape}), without {kind}=True; inside, "
            "a layer may turn it into what the others want.",
        )


def _require_text_or_numbers(pair: Pair, facts: Facts, which: str) -> None:
    _, spec, tensor = pair
    if tensor.dtype is None or (tensor.dtype == "string") == (spec.dtype == "string"):
        return
    if spec.ids is not None and tensor.dtype in _NUMBERS - {"bool"}:
        return
    dtype = printable(tensor.dtype, limit=40)
    text = f"the model takes {dtype} inputs{which}, the task gives {spec.dtype}"
    hint = _examples_hint(facts, [spec]) or "Build the model for these inputs."
    raise Ungradable(Code.DTYPE, text, hint=hint)


def _examples_hint(facts: Facts, specs: Iterable[InputSpec]) -> str | None:
    """Return the way out for a model that takes serialized examples; else None.

    An Estimator's export may take a batch of ``tf.train.Example``, each as one string.
    """
    takes = any(
        tensor.dtype == "string" and _plain_name(tensor.name) in _OF_EXAMPLES
        for tensor in facts.inputs
    )
    if not takes or any(spec.dtype == "string" for spec in specs):
        return None
    return "Export the Estimator with build_raw_serving_input_receiver_fn."


def _axes(declared: Shape, given: Shape) -> tuple[int | None, ...] | None:
    """Return which axis of a row becomes which of the model's; None if they differ.

    Axes of size 1 may be more or fewer; the others keep their order.

    >>> _axes((None, 28, 28, 1), (None, 28, 28)), _axes((None, 5), (None, 1, 5))
    ((0, 1, None), (1,))
    >>> _axes((None, 784), (None, 28, 28)) is None
    True
    """
    theirs, ours = declared[1:], given[1:]
    known = [axis for axis, size in enumerate(ours) if size != 1]
    wanted = tuple(size for size in theirs if size != 1)
    if not declared or not fits(wanted, tuple(ours[axis] for axis in known)):
        return None
    left = list(range(len(ours)))
    axes: list[int | None] = []
    for size in theirs:
        if size != 1:
            axis = known.pop(0)
            left = [later for later in left if later > axis]
            axes.append(axis)
        else:
            axes.append(left.pop(0) if left and ours[left[0]] == 1 else None)
    return tuple(axes)


def _dtype(pair: Pair, given: str, which: str) -> str | None:
    """Return what numbers are cast to; None if they are given as they are."""
    _, spec, tensor = pair
    if tensor.dtype is None or tensor.dtype in {given, "string"}:
        return None
    if spec.exact or tensor.dtype not in _NUMBERS:
        dtype = printable(tensor.dtype, limit=40)
        text = f"the model takes {dtype} inputs{which}, the task gives {spec.dtype}"
        hint = f"Declare the input with dtype={spec.dtype!r}."
        raise Ungradable(Code.DTYPE, text, hint=hint)
    return tensor.dtype


def _is_quantized(tensor: Tensor) -> bool:
    """Return whether real numbers are meant by the integers that a model takes."""
    return tensor.quantization is not None and tensor.dtype in _QUANTIZED


def _require_room(ids: WordIds, tensor: Tensor, which: str) -> None:
    """Do nothing if a model's input can be each id of a vocabulary."""
    every = np.append(np.arange(len(ids.words)) + ids.first, (ids.pad, ids.unknown))
    with np.errstate(over="ignore"):
        held = every.astype(tensor.dtype).astype(np.float64)
    if _is_quantized(tensor) or not np.array_equal(held, every):
        dtype = tensor.dtype
        text = f"the model takes {dtype} ids{which}, which cannot tell all words apart"
        hint = "Declare the input with dtype='int32'."
        raise Ungradable(Code.DTYPE, text, hint=hint)


def _batch(pairs: Sequence[Pair]) -> int | None:
    """Return how many rows a model takes at a time; None if it takes any number."""
    declared = (pair.tensor.shape for pair in pairs)
    sizes = {shape[0] for shape in declared if shape and shape[0] is not None}
    if len(sizes) > 1 or 0 in sizes:
        rows = " and ".join(map(str, sorted(sizes)))
        text = f"the model takes {rows} rows of its inputs at a time"
        hint = "Declare the inputs without a batch size."
        raise Ungradable(Code.INPUT_SHAPE, text, hint=hint)
    return next(iter(sizes), None)
