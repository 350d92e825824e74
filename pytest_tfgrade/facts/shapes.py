"""Output shapes of built-in layers, where they follow from the input shape alone.

Each rule is ``(config, input shape) -> output shape``; None where it cannot be known
without running the model. Formulas as in ``compute_output_shape`` of Keras 3.
"""

import math
from collections.abc import Sequence
from typing import Final

from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.facts.saved_objects import (
    Saved,
    class_name,
    config_of,
    inner_layers,
    is_count,
)
from pytest_tfgrade.facts.spatial_shapes import SPATIAL_RULES, Rule

_MOST_AXES: Final = 32
"""Of a tensor; TensorFlow has few operations for more than eight."""


def infer_shape(saved: Saved, inputs: Sequence[Shape]) -> Shape | None:
    """Return the shape of a built-in layer's only output.

    Args:
        saved: The layer; not a nested model.
        inputs: The shapes of what it is called on.
    """
    found = _inferred(saved, inputs)
    return found if found is not None and _may_be(found) else None


def _may_be(shape: Sequence[int | None]) -> bool:
    """Return whether a tensor may have a shape, which a long chain could inflate."""
    return len(shape) <= _MOST_AXES and all((size or 0) < 1 << 63 for size in shape)


def _inferred(saved: Saved, inputs: Sequence[Shape]) -> Shape | None:
    name, config = class_name(saved), config_of(saved)
    if not inputs:
        return None
    if name in _MERGES:
        return _merged(name, config, inputs)
    if name in {"TimeDistributed", "Bidirectional"}:
        return _wrapped(saved, inputs[0])
    rule = _RULES.get(name)
    return rule(config, inputs[0]) if rule is not None else None


def _same(_: Saved, shape: Shape) -> Shape:
    return shape


def _last_axis(key: str) -> Rule:
    """Return a rule: the last axis gets the size that a setting says."""

    def rule(config: Saved, shape: Shape) -> Shape | None:
        return (*shape[:-1], config[key]) if is_count(config.get(key)) else None

    return rule


def _embedding(config: Saved, shape: Shape) -> Shape | None:
    size = config.get("output_dim")
    return (*shape, size) if is_count(size) else None


def _flatten(_: Saved, shape: Shape) -> Shape:
    known = [size for size in shape[1:] if size is not None]
    return (shape[0], math.prod(known) if len(known) == len(shape) - 1 else None)


def _reshape(config: Saved, shape: Shape) -> Shape | None:
    target = config.get("target_shape")
    if not isinstance(target, list) or not all(isinstance(n, int) for n in target):
        return None
    if not _may_be(target):
        return None
    sizes = [size if size >= 0 else None for size in target]
    total = _flatten(config, shape)[1]
    if target.count(-1) == 1 and total is not None:
        rest = math.prod(size for size in sizes if size is not None)
        sizes[target.index(-1)] = total // rest if rest else None
    return (shape[0], *sizes)


def _permute(config: Saved, shape: Shape) -> Shape | None:
    order = config.get("dims")
    if not isinstance(order, list) or sorted(order, key=str) != sorted(
        range(1, len(shape)), key=str
    ):
        return None
    return (shape[0], *(shape[axis] for axis in order))


def _repeat(config: Saved, shape: Shape) -> Shape | None:
    times = config.get("n")
    return (shape[0], times, *shape[1:]) if is_count(times) else None


def _recurrent(config: Saved, shape: Shape) -> Shape | None:
    units = config.get("units")
    if not is_count(units) or config.get("return_state") or len(shape) != 3:  # noqa: PLR2004
        return None
    return (*shape[: 2 if config.get("return_sequences") else 1], units)


_MERGES: Final = frozenset(
    {"Concatenate", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}
)


def _merged(name: str, config: Saved, inputs: Sequence[Shape]) -> Shape | None:
    first = inputs[0]
    if name != "Concatenate":
        return first if all(shape == first for shape in inputs) else None
    axis = config.get("axis", -1)
    if not isinstance(axis, int) or not -len(first) <= axis < len(first):
        return None
    if any(len(shape) != len(first) for shape in inputs):
        return None
    sizes = [shape[axis] for shape in inputs]
    known = [size for size in sizes if size is not None]
    result = list(first)
    result[axis] = sum(known) if len(known) == len(sizes) else None
    return tuple(result)


def _wrapped(saved: Saved, shape: Shape) -> Shape | None:
    inner = next(iter(inner_layers(saved)), None)
    if inner is None:
        return None
    if class_name(saved) == "TimeDistributed":
        step = infer_shape(inner, [(shape[0], *shape[2:])])
        return step and (step[0], *shape[1:2], *step[1:])
    merge = config_of(saved).get("merge_mode")
    both = infer_shape(inner, [shape])
    if both is None or both[-1] is None or merge is None:
        return None
    return (*both[:-1], both[-1] * 2) if merge == "concat" else both


def _vectorized(config: Saved, shape: Shape) -> Shape | None:
    if config.get("output_mode") != "int":
        return None
    length = config.get("output_sequence_length")
    return (shape[0], length if is_count(length) else None)


_SAME: Final = """
    Activation Softmax ReLU LeakyReLU PReLU ELU ThresholdedReLU InputLayer Identity
    Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout
    GaussianDropout GaussianNoise ActivityRegularization Masking
    BatchNormalization LayerNormalization GroupNormalization UnitNormalization
    Normalization Rescaling RandomFlip RandomRotation RandomZoom RandomTranslation
    RandomContrast RandomBrightness Relu Relu6 Sigmoid Tanh Gelu Silu
""".split()  # noqa: SIM905 - a list of forty strings is harder to read

_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(_SAME, _same),
    "Dense": _last_axis("units"),
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat,
    "Embedding": _embedding,
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), _recurrent),
    "TextVectorization": _vectorized,
    **SPATIAL_RULES,
}
