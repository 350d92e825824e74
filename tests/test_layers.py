"""The arrows between packages, as docs/architecture.md draws them."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_tfgrade

PACKAGE = Path(pytest_tfgrade.__file__).parent
WORKER = PACKAGE / "runner" / "worker"

MAY_IMPORT = {
    "core": set(),
    "documents": {"core"},
    "metrics": {"core"},
    "datasets": {"core", "documents"},
    "languages": {"core"},
    "reports": {"core", "languages"},
    "adjustments": {"core", "documents"},
    "runner": {"core"},
    "facts": {"core"},
    "cache": {"core"},
    "predictors": {"core"},
    "transforms": {"core"},
    "checks": {"core", "metrics", "predictors", "transforms"},
    "rubric": {"core", "documents", "metrics", "predictors", "checks"},
    "engine": {
        *("core", "documents", "metrics", "datasets", "reports", "runner", "facts"),
        *("predictors", "transforms", "checks", "rubric", "cache", "adjustments"),
    },
}
"""What of ours each package may import, besides itself; fronts may import all."""

FRONTS = {
    *("plugin", "hookspecs", "options", "collection", "session", "ledger", "guard"),
    *("kept_out", "progress", "protocol", "resources", "selection", "signals"),
    *("adjusting", "settings", "writing"),
    *("fixtures", "distribution", "cli", "commands", "extending", "api"),
}

ONLY_IN_THE_WORKER = {"tensorflow", "keras", "tf_keras", "h5py"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """Return the package, or the front, that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_what_lies_below_it(path: Path) -> None:
    home = part(path)
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("pytest_t")}

    if home in FRONTS or home == "__init__":
        assert ours <= {*MAY_IMPORT, *FRONTS, "__version__"}
    else:
        assert ours <= {home, *MAY_IMPORT[home]}


def test_every_package_has_its_place_in_the_table() -> None:
    assert {part(path) for path in modules()} - {"__init__"} == {*MAY_IMPORT, *FRONTS}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_worker_imports_what_opens_models(path: Path) -> None:
    if WORKER in path.parents:
        return

    assert not {name.split(".")[0] for name in imports(path)} & ONLY_IN_THE_WORKER


def test_few_modules_import_tensorflow() -> None:
    importers = [
        path.name
        for path in modules()
        if any(name.split(".")[0] == "tensorflow" for name in imports(path))
    ]

    assert importers == ["models.py", "opening.py", "purity.py", "tflite_model.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_fronts_import_pytest(path: Path) -> None:
    if part(path) in FRONTS:
        return

    assert "pytest" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", sorted(WORKER.glob("*.py")), ids=lambda p: p.name)
def test_the_worker_imports_nothing_of_ours_but_its_own(path: Path) -> None:
    third_party = {"numpy", "tensorflow", "keras", "h5py"}

    names = {name.split(".")[0] for name in imports(path)}

    assert names <= {*sys.stdlib_module_names, *third_party}


def test_core_needs_nothing_but_the_standard_library() -> None:
    for path in sorted((PACKAGE / "core").glob("*.py")):
        names = {name.split(".")[0] for name in imports(path)}
        assert names <= {*sys.stdlib_module_names, "pytest_tfgrade"}, path


def test_an_idle_plugin_loads_neither_numpy_nor_pydantic() -> None:
    code = (
        "import sys, pytest_tfgrade.plugin; "
        "print(sorted({'numpy', 'pydantic', 'yaml', 'PIL'} & set(sys.modules)))"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert shown.stdout == "[]\n"
