"""Checks of what a file says of its model; nothing is run."""

from typing import Final

from pytest_tfgrade.checks.interface import Check
from pytest_tfgrade.checks.model import (
    base,
    compiled,
    finite,
    io,
    kind,
    layers,
    meta,
    params,
    residual,
    trained,
)

CHECKS: Final[tuple[Check, ...]] = (
    meta.META,
    kind.KIND,
    layers.LAYERS,
    layers.FORBID,
    io.IO,
    params.PARAMS,
    compiled.COMPILE,
    trained.TRAINED,
    base.BASE,
    finite.FINITE,
    residual.RESIDUAL,
)
"""In the order of the reference."""
