"""Functions that a grader names in YAML: ``FILE.py:NAME`` or ``module:NAME``."""

import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path, PurePosixPath
from types import CodeType, ModuleType
from typing import Any, Final

_NAME: Final = re.compile(r"(?P<home>[^:]+):(?P<name>[^\W\d]\w*)")


class NoFunctionError(Exception):
    """There is no such function; the message says why, and the way out."""


def is_function_name(text: str) -> bool:
    """Return whether a text names a function in a file below, or in a module.

    >>> is_function_name("generate.py:shapes"), is_function_name("course.data:shapes")
    (True, True)
    >>> is_function_name("../generate.py:shapes"), is_function_name("shapes")
    (False, False)
    """
    match = _NAME.fullmatch(text)
    if match is None:
        return False
    if in_file(text) is None:
        return all(word.isidentifier() for word in match["home"].split("."))
    path = PurePosixPath(match["home"])
    return not path.is_absolute() and ".." not in path.parts


def in_file(function: str) -> str | None:
    """Return the file that a function stands in, or None if in a module.

    >>> in_file("generate.py:shapes"), in_file("course.data:shapes")
    ('generate.py', None)
    """
    home = function.partition(":")[0]
    return home if home.endswith(".py") else None


def named_function(folder: Path, function: str) -> Callable[..., Any]:
    """Return a function by its name; what it stands in is run to get it.

    A file is run anew each time, apart from all other modules: its folder is not on
    ``sys.path``, and files of one name in two folders do not meet.

    Args:
        folder: What the name of a file is relative to.
        function: As ``is_function_name`` wants it.

    Raises:
        NoFunctionError: There is no such module, or nothing to call in it.
        Exception: Whatever the file or the module raises.
    """
    home, _, name = function.partition(":")
    file = in_file(function)
    module = _installed(home) if file is None else _run(folder / file)
    found = getattr(module, name, None)
    if not callable(found):
        raise NoFunctionError(f"there is no function {name!r} in {home}; write it")
    return found  # type: ignore[no-any-return]


class _SourceLoader(SourceFileLoader):
    """Reads the source, always: a cache in ``__pycache__`` could be older."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the file; its own name is shown in tracebacks."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _run(path: Path) -> ModuleType:
    full = str(path.resolve())
    name = f"{path.stem}_{hashlib.sha256(full.encode()).hexdigest()[:16]}"
    loader = _SourceLoader(name, full)
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None  # noqa: S101 - a loader was given
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look here for the names they annotate
    try:
        loader.exec_module(module)
    finally:
        sys.modules.pop(name, None)
    return module


def _installed(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        what = f"there is no module {error.name!r}; install it"
        raise NoFunctionError(what) from None
