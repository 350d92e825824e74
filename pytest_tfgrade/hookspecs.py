"""The hooks that this plugin calls; ``conftest.py`` and plugins implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # an idle plugin loads nothing of ours
    from pathlib import Path

    from pytest_tfgrade.datasets import EvaluationDataset


@pytest.hookspec(firstresult=True)
def pytest_tfgrade_load_dataset(
    config: pytest.Config, name: str, folder: Path
) -> EvaluationDataset | None:
    """Return an evaluation dataset in place of the one on disk.

    Called once for each dataset that a rubric names, before any model runs. ``folder``
    is where it is expected and need not exist. The first implementation that does not
    return None wins; if all do, the folder's ``dataset.yaml`` is read, its checksums
    verified and its files loaded.

    Added in 0.1.
    """
