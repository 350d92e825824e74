"""What code a course's own code brings along."""

import sys
from pathlib import Path

import pytest

from pytest_tfgrade.engine.code_files import with_imports


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which modules are imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path.resolve()


def write(folder: Path, **modules: str) -> None:
    """Write modules, ``_in_`` for each ``/`` in their path."""
    for name, text in modules.items():
        path = folder / f"{name.replace('_in_', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_imports_are_followed_wherever_they_stand(folder: Path) -> None:
    write(
        folder,
        checks="from course_one import LIMIT\n",
        course_one="def f():\n    import course_two\n",
        course_two="import os, json, numpy, pytest_tfgrade.api\n",
        course_other="",
    )

    found = with_imports([folder / "checks.py"])

    assert [path.name for path in found] == [
        "checks.py",
        "course_one.py",
        "course_two.py",
    ]


def test_modules_of_a_package_are_found_that_nobody_has_imported(folder: Path) -> None:
    write(folder, checks="import course_pack.inner\n")
    write(
        folder, course_pack_in_inner="from . import beside\n", course_pack_in_beside=""
    )
    write(folder, course_pack_in___init__="")

    found = with_imports([folder / "checks.py"])

    assert "course_pack.inner" not in sys.modules
    assert [str(path.relative_to(folder)) for path in found] == [
        "checks.py",
        "course_pack/__init__.py",
        "course_pack/beside.py",
        "course_pack/inner.py",
    ]


def test_an_installed_package_counts_with_all_that_it_imports_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = folder / "site-packages"
    write(packages, course_plug_in___init__="from course_plug import checks\n")
    write(packages, course_plug_in_checks="import plug_library\n", plug_library="")
    monkeypatch.syspath_prepend(str(packages))

    found = with_imports([packages / "course_plug" / "__init__.py"])

    assert [path.name for path in found] == ["__init__.py", "checks.py"]


def test_code_that_cannot_be_read_stands_for_itself(folder: Path) -> None:
    write(folder, checks="import (\n", empty="")
    (folder / "empty.py").unlink()

    found = with_imports([folder / "checks.py", folder / "empty.py"])

    assert found == [folder / "checks.py"]
