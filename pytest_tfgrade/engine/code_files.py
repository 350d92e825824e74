"""Files of Python code that a course's own code brings along."""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

_PACKAGES: Final = frozenset({"site-packages", "dist-packages"})
"""Folders of what is installed; its versions are looked after elsewhere."""


def with_imports(files: Iterable[Path]) -> Sequence[Path]:
    """Return files of Python code, and those that they import, sorted.

    Modules of an installed package count for imports from within the package alone;
    those of Python itself do not. What is found at run time, as by
    ``import_module(name)``, is not known.

    Args:
        files: Of code; one that is no Python stands for itself.
    """
    found: set[Path] = set()
    waiting = [path.resolve() for path in files]
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        waiting += (other for other in _imported(path) if _counts(other, path))
    return sorted(found)


def _counts(imported: Path, by: Path) -> bool:
    """Return whether a module is of a course, or of the package that imports it."""
    if imported.is_relative_to(_STANDARD) and not _package(imported):
        return False
    if imported.is_relative_to(_OURS):
        return False
    return _package(imported) in {None, _package(by)}


_STANDARD: Final = Path(ast.__file__).resolve().parent
_OURS: Final = Path(__file__).resolve().parents[1]


def _package(path: Path) -> Path | None:
    """Return the folder or file of an installed package; None of any other code."""
    parents = [path, *path.parents]
    above = (n for n, parent in enumerate(parents) if parent.name in _PACKAGES)
    return next((parents[n - 1] for n in above if n), None)


def _imported(path: Path) -> Iterator[Path]:
    """Yield the files of the modules that a file may import, as far as they are there.

    Each part of a dotted name is a module that is imported as well; the last may be a
    thing in it.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files_of(alias.name.split("."), None)
        elif isinstance(node, ast.ImportFrom):
            level = min(node.level, len(path.parents))
            where = [str(path.parents[level - 1])] if level else None
            base = node.module.split(".") if node.module else []
            for alias in node.names:
                yield from _files_of([*base, alias.name], where)


def _files_of(parts: Sequence[str], where: list[str] | None) -> Iterator[Path]:
    """Yield the file of each module on the way to one; nothing is imported.

    Args:
        parts: Of its name.
        where: Folders in which to look for the first; None: wherever Python does.
    """
    for part in parts:
        file, below = _found(part, where)
        if file is not None:
            yield Path(file).resolve()
        if not below:
            return
        where = below


def _found(part: str, where: list[str] | None) -> tuple[str | None, list[str]]:
    """Return the file of a module, and the folders of those below it."""
    known = sys.modules.get(part) if where is None else None
    if known is not None:
        return getattr(known, "__file__", None), list(getattr(known, "__path__", ()))
    with suppress(ImportError, ValueError):
        spec = PathFinder.find_spec(part, where)
        if spec is not None:
            file = spec.origin if spec.has_location else None
            return file, list(spec.submodule_search_locations or ())
    return None, []
