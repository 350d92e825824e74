"""How one model gets a task's inputs: by what its file declares, before it runs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, get_args

import numpy as np

from pytest_tfgrade.checks.model.pairing import (
    AmbiguousError,
    counted_shape,
    declared_outputs,
    listed,
    output_pairs,
    paired,
    plain_name,
)
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
from pytest_tfgrade.core.setup import PLAIN, Feed, Feeding, Take
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
    notes = _doubtful("inputs", pairs)
    for pair in pairs:
        which = f" for {pair.name!r}" if len(pairs) > 1 else ""
        feed, found = _feed(pair, facts, which)
        feed = replace(feed, key=_input_key(pair.tensor, pair.name, facts))
        if feed != Feed():
            feeds[pair.name] = feed
        notes += found
    batch = _batch(pairs)
    if batch is not None:
        rows = "1 row" if batch == 1 else f"{batch} rows"
        notes.append(f"{rows} at a time, as the model declares")
    takes, found = _takes(facts, contract)
    notes += found
    if not feeds and not takes and not notes:
        return PLAIN
    if facts.format is ArtifactFormat.TFLITE:
        batch = None  # what runs these files sees to it itself
    return Feeding(feeds=feeds, takes=takes, batch=batch, notes=tuple(notes))


def ids_instead(facts: Facts, contract: Contract) -> Feeding | None:
    """Return how a model that declares nothing gets ids in place of texts.

    None if it declares its inputs, or the task publishes no ids.
    """
    named = [name for name, spec in contract.inputs.items() if spec.ids is not None]
    if facts.inputs or not named:
        return None
    notes = tuple(f"{name}: texts given as ids of words" for name in named)
    return Feeding(feeds={name: Feed(as_ids=True) for name in named}, notes=notes)


def _key(tensor: Tensor, facts: Facts) -> str | None:
    """Return the name by which a model must be given, or asked for, an end."""
    return tensor.name if facts.format in _CALLED_BY_NAME else tensor.key


def _input_key(tensor: Tensor, name: str, facts: Facts) -> str | None:
    """Return the same of an input; Keras knows several by the names of their layers."""
    key = _key(tensor, facts)
    if key is None and len(facts.inputs) > 1 and tensor.name != name:
        return tensor.name
    return key


def _takes(facts: Facts, contract: Contract) -> tuple[dict[str, Take], list[str]]:
    """Return which outputs are the task's, and what is noted of it."""
    if len(declared_outputs(facts, contract)) != len(contract.outputs):
        return {}, []  # what comes will be held against the contract
    pairs = output_pairs(facts, contract)
    positions = {id(tensor): place for place, tensor in enumerate(facts.outputs)}
    takes = {
        name: Take(key=_key(tensor, facts), index=positions[id(tensor)])
        for name, _, tensor in pairs
    }
    notes = _doubtful("outputs", pairs)
    for name, spec, tensor in pairs:
        if tensor.shape and counted_shape(tensor.shape, spec) != tensor.shape:
            notes.append(f"{name}: the last step of {shape_text(tensor.shape)}")
    is_plain = list(takes.values()) == [Take()]
    return ({} if is_plain else takes), notes


def _doubtful(kind: str, pairs: Sequence[tuple[str, object, Tensor]]) -> list[str]:
    """Note which ends were taken for which, if names alone did not say so."""
    if len(pairs) <= 1 or all(plain_name(t) == name for name, _, t in pairs):
        return []
    said = (f"{name} is {printable(repr(t.name), limit=60)}" for name, _, t in pairs)
    return [f"{kind} by position or shape: {', '.join(said)}"]


def input_pairs(facts: Facts, contract: Contract) -> list[Pair]:
    """Return the model's input for each of the contract's; none if it declares none.

    By name, or by position where the format has one; in a SavedModel or TFLite file
    there must be one way only in which shapes and dtypes fit.

    Raises:
        Ungradable: ``E_INPUT_SHAPE``: there are more or fewer, or nobody can say which
            is which.
    """
    declared, given = facts.inputs, contract.inputs
    if not declared and facts.signature is None:
        return []  # as of a subclassed model
    if len(declared) != len(given):
        text = f"the model takes {len(declared)} inputs, the task gives {len(given)}"
        raise Ungradable(
            Code.INPUT_SHAPE, text, hint=_examples_hint(facts, given.values())
        )

    def is_fit(name: str, spec: InputSpec, tensor: Tensor) -> bool:
        try:
            _feed(Pair(name, spec, tensor), facts, "")
        except Ungradable:
            return False
        return True

    try:
        pairs = paired(
            given,
            declared,
            in_order=facts.inputs_in_order,
            fittings=[_is_as_declared, is_fit],
        )
    except AmbiguousError:
        theirs = listed((tensor.name, tensor.shape) for tensor in declared)
        ours = listed((name, spec.shape) for name, spec in given.items())
        raise Ungradable(
            Code.INPUT_SHAPE,
            f"the model takes {theirs}, the task gives {ours}; "
            "neither names nor shapes tell which is which",
            hint="Give the model's inputs the names that the task states.",
        ) from None
    return [Pair(*pair) for pair in pairs]


def _is_as_declared(_: str, spec: InputSpec, tensor: Tensor) -> bool:
    is_shape = tensor.shape is None or fits(tensor.shape, spec.shape)
    return is_shape and tensor.dtype in {None, spec.dtype}


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
        tensor.dtype == "string" and plain_name(tensor) in _OF_EXAMPLES
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
