"""The catalogues, and the script that makes them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Catalog

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def catalogues() -> ModuleType:
    """Return ``docs/catalogues.py``."""
    path = ROOT / "docs/catalogues.py"
    spec = importlib.util.spec_from_file_location("catalogues", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def chinese(catalogues: ModuleType) -> Catalog:
    """Return the Chinese catalogue as it lies in its file."""
    written: Catalog = catalogues.written("zh")
    return written
