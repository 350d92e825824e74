"""Checks of what a model predicts for hidden inputs."""

from typing import Final

from pytest_tfgrade.checks.interface import Check
from pytest_tfgrade.checks.predict import (
    ablate,
    baseline,
    contract,
    cost,
    diagnose,
    future,
    inputs_used,
    metric,
    transform,
)

CHECKS: Final[tuple[Check, ...]] = (
    contract.CONTRACT,
    metric.METRIC,
    baseline.BASELINE,
    transform.TRANSFORM,
    ablate.ABLATE,
    future.FUTURE,
    inputs_used.INPUTS_USED,
    cost.LATENCY,
    cost.MEMORY,
    diagnose.DIAGNOSE,
)
"""In the order of the reference."""
