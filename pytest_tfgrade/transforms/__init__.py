"""Changes of inputs, each described by a frozen dataclass.

To add one: write the dataclass into the module of its kind (``interface.Transform``
says what it must have), and add it to ``TRANSFORMS`` if rubrics may name it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_tfgrade.transforms.images import FlipLeftRight, Rotate, Scale, Shift
from pytest_tfgrade.transforms.interface import NotApplicable, Reordering, Transform
from pytest_tfgrade.transforms.light import Brightness, Noise
from pytest_tfgrade.transforms.rows import (
    ChangeFuture,
    FirstRows,
    PermuteInput,
    PermuteRows,
    ReverseRows,
)
from pytest_tfgrade.transforms.series import SeriesNoise, SeriesScale, SeriesShift
from pytest_tfgrade.transforms.texts import CaseChange, DropIds, Typos, WordDrop
from pytest_tfgrade.transforms.values import (
    Divide,
    Multiply,
    ReverseChannels,
    SwapAxes,
)

__all__ = [
    "TRANSFORMS",
    "Brightness",
    "CaseChange",
    "ChangeFuture",
    "Divide",
    "DropIds",
    "FirstRows",
    "FlipLeftRight",
    "Multiply",
    "Noise",
    "NotApplicable",
    "PermuteInput",
    "PermuteRows",
    "Reordering",
    "ReverseChannels",
    "ReverseRows",
    "Rotate",
    "Scale",
    "SeriesNoise",
    "SeriesScale",
    "SeriesShift",
    "Shift",
    "SwapAxes",
    "Transform",
    "Typos",
    "WordDrop",
]

TRANSFORMS: Final[Mapping[str, type[Transform]]] = MappingProxyType(
    {
        "rotate": Rotate,
        "shift": Shift,
        "scale": Scale,
        "flip_left_right": FlipLeftRight,
        "noise": Noise,
        "brightness": Brightness,
        "series_shift": SeriesShift,
        "series_scale": SeriesScale,
        "series_noise": SeriesNoise,
        "typos": Typos,
        "case_change": CaseChange,
        "word_drop": WordDrop,
        "drop_ids": DropIds,
        "divide": Divide,
        "multiply": Multiply,
        "reverse_channels": ReverseChannels,
        "swap_axes": SwapAxes,
    }
)
"""What rubrics may name: after these, predictions still belong to the targets."""
