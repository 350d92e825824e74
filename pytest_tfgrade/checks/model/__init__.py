"""Checks of what a file says of its model; nothing is run."""

from typing import Final

from pytest_tfgrade.checks.interface import Check
from pytest_tfgrade.checks.model import (
    base,
    finite,
    io,
    layers,
    params,
    residual,
    trained,
)

CHECKS: Final[tuple[Check, ...]] = (
    layers.LAYERS,
    layers.FORBID,
    params.PARAMS,
    io.IO,
    trained.TRAINED,
    base.BASE,
    finite.FINITE,
    residual.RESIDUAL,
)
"""In the order of the reference."""
