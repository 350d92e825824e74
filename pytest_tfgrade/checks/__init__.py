"""What a criterion can name."""

from collections.abc import Mapping
from typing import Final

from pytest_tfgrade.checks import contract, file, io, layers, metric, params
from pytest_tfgrade.checks.interface import Check, Evaluation, Model, Needs, Subject

CHECKS: Final[Mapping[str, Check]] = {
    check.name: check
    for check in (
        file.FILE,
        layers.LAYERS,
        layers.FORBID,
        params.PARAMS,
        io.IO,
        contract.CONTRACT,
        metric.METRIC,
    )
}

__all__ = ["CHECKS", "Check", "Evaluation", "Model", "Needs", "Subject"]
