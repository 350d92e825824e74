"""What a criterion can name."""

from collections.abc import Mapping
from typing import Final

from pytest_tfgrade.checks import file, model, predict
from pytest_tfgrade.checks.interface import Check, Evaluation, Model, Needs, Subject

CHECKS: Final[Mapping[str, Check]] = {
    check.name: check for check in (file.FILE, *model.CHECKS, *predict.CHECKS)
}

__all__ = ["CHECKS", "Check", "Evaluation", "Model", "Needs", "Subject"]
