"""Output shapes of convolutions, poolings and other layers with space or time axes.

Channels come last: models that say otherwise have no shape here.
"""

from collections.abc import Callable
from typing import Any, Final

from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.facts.saved_objects import Saved, is_count, parse_shape

Rule = Callable[[Saved, Shape], Shape | None]
"""From a layer's settings and input shape to its output shape."""


def _window(size: int | None, config: Saved, axis: int, window: str) -> int | None:
    """Return how many windows fit on one axis of a convolution or pooling."""
    width = _at(config.get(window), axis, None)
    stride = _at(config.get("strides"), axis, width)
    dilation = _at(config.get("dilation_rate"), axis, 1)
    if size is None or not width or not stride or not dilation:
        return None
    if config.get("padding") == "valid":
        size -= dilation * (width - 1)
    return max(0, -(-size // stride))


def _at(value: Any, axis: int, default: int | None) -> int | None:  # noqa: ANN401
    """Return a setting of one axis, which may be given for all of them at once."""
    item = value[axis] if isinstance(value, list) and axis < len(value) else value
    return item if is_count(item) else default


def _sliding(window: str, filters: str | None) -> Rule:
    """Return the rule of a convolution (``filters`` names a setting) or a pooling."""

    def rule(config: Saved, shape: Shape) -> Shape | None:
        channels = shape[-1] if filters is None else config.get(filters)
        if config.get("data_format") == "channels_first" or (
            filters is not None and not is_count(channels)
        ):
            return None
        sizes = [
            _window(size, config, axis, window) for axis, size in enumerate(shape[1:-1])
        ]
        return (shape[0], *sizes, channels)

    return rule


def _depthwise(config: Saved, shape: Shape) -> Shape | None:
    times, channels = config.get("depth_multiplier"), shape[-1]
    result = _sliding("kernel_size", None)(config, shape)
    if result is None or channels is None or not isinstance(times, int):
        return None
    return (*result[:-1], channels * times)


def _transposed(config: Saved, shape: Shape) -> Shape | None:
    result = _sliding("kernel_size", "filters")({**config, "strides": 1}, shape)
    if result is None or config.get("output_padding") is not None:
        return None
    sizes: list[int | None] = []
    for axis, size in enumerate(shape[1:-1]):
        width = _at(config.get("kernel_size"), axis, None)
        stride = _at(config.get("strides"), axis, 1)
        if size is None or width is None or stride is None:
            sizes.append(None)
        else:
            beyond = max(width - stride, 0) if config.get("padding") == "valid" else 0
            sizes.append(size * stride + beyond)
    return (shape[0], *sizes, result[-1])


def _padded(config: Saved, shape: Shape) -> Shape | None:
    padding = config.get("padding")
    if config.get("data_format") == "channels_first" or not isinstance(padding, list):
        return None
    pairs = padding if len(shape) > 3 else [padding]  # noqa: PLR2004
    sizes: list[int | None] = []
    for size, pair in zip(shape[1:-1], pairs, strict=False):
        if not isinstance(pair, list) or not all(map(is_count, pair)):
            return None
        sizes.append(None if size is None else size + sum(pair))
    return (shape[0], *sizes, shape[-1]) if len(sizes) == len(shape) - 2 else None


def _global_pooling(config: Saved, shape: Shape) -> Shape | None:
    if config.get("data_format") == "channels_first":
        return None
    kept = (1,) * (len(shape) - 2) if config.get("keepdims") else ()
    return (shape[0], *kept, shape[-1])


def _upsampling(config: Saved, shape: Shape) -> Shape | None:
    if config.get("data_format") == "channels_first":
        return None
    factors = [_at(config.get("size"), axis, 1) or 1 for axis in range(len(shape) - 2)]
    sizes = [
        None if size is None else size * factor
        for size, factor in zip(shape[1:-1], factors, strict=True)
    ]
    return (shape[0], *sizes, shape[-1])


def _resized(config: Saved, shape: Shape) -> Shape | None:
    sizes = parse_shape([config.get("height"), config.get("width")])
    return (*shape[:-3], *sizes, shape[-1]) if sizes and len(shape) > 3 else None  # noqa: PLR2004


SPATIAL_RULES: Final[dict[str, Rule]] = {
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "Resizing": _resized,
    "CenterCrop": _resized,
}
"""By class."""

for _rank in ("1D", "2D", "3D"):
    for _kind in ("Conv", "SeparableConv"):
        SPATIAL_RULES[_kind + _rank] = _sliding("kernel_size", "filters")
    for _kind in ("Max", "Average"):
        SPATIAL_RULES[f"{_kind}Pooling{_rank}"] = _sliding("pool_size", None)
        SPATIAL_RULES[f"Global{_kind}Pooling{_rank}"] = _global_pooling
    SPATIAL_RULES[f"Conv{_rank}Transpose"] = _transposed
    SPATIAL_RULES[f"UpSampling{_rank}"] = _upsampling
    SPATIAL_RULES[f"ZeroPadding{_rank}"] = _padded
