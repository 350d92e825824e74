"""The examples in docstrings, wherever they are."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import pytest_tfgrade

PACKAGE = Path(pytest_tfgrade.__file__).parent


def with_examples() -> list[str]:
    """Return the modules whose docstrings have examples."""
    return [
        ".".join(("pytest_tfgrade", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in sorted(PACKAGE.rglob("*.py"))
        if re.search(r"^ +>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


@pytest.mark.parametrize("name", with_examples())
def test_the_examples_in_the_docstrings_are_right(name: str) -> None:
    module = importlib.import_module(name.removesuffix(".__init__"))

    results = doctest.testmod(module)

    assert results.attempted > 0
    assert results.failed == 0
