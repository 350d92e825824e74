"""A course's own checks and metrics: ``module:name``, beside the rubric or installed."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, Final, get_type_hints

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.metrics import Metric

_SUBJECTS: Final[Mapping[object, Needs]] = {
    Artifact: Needs.ARTIFACT,
    Model: Needs.FACTS,
    Evaluation: Needs.PREDICTIONS,
}


def is_own(name: object) -> bool:
    """Return whether a name is written as that of a course's own code.

    >>> is_own("checks:has_skip"), is_own("model.layers")
    (True, False)
    """
    return isinstance(name, str) and ":" in name


def own_check(name: str, folder: Path) -> Check:
    """Return the check that ``module:name`` names.

    It is a ``Check``, or a function whose first parameter is annotated with what it
    looks at: ``Artifact``, ``Model`` or ``Evaluation``.

    Raises:
        ValueError: There is none; the text says why.
    """
    found = _object(name, folder)
    if isinstance(found, Check):
        return replace(found, name=name)
    if not inspect.isfunction(found):
        raise ValueError(f"{name} is no function and no Check; name one of these")
    first = next(iter(inspect.signature(found).parameters), None)
    needs = _SUBJECTS.get(get_type_hints(found).get(first or ""))
    if needs is None:
        text = f"{name} does not say what it looks at; annotate its first parameter"
        raise ValueError(f"{text} with Artifact, Model or Evaluation")
    return Check(name=name, needs=needs, function=found)


def own_metric(name: str, folder: Path) -> Metric:
    """Return the metric that ``module:name`` names.

    Raises:
        ValueError: There is none; the text says why.
    """
    found = _object(name, folder)
    if isinstance(found, Metric):
        return found
    remedy = "decorate the function with @metric(direction=...)"
    raise ValueError(f"{name} is no metric; {remedy}")


def _object(name: str, folder: Path) -> object:
    module_name, _, attribute = name.partition(":")
    module = _module(module_name, folder)
    try:
        return getattr(module, attribute)
    except AttributeError:
        there = ", ".join(n for n in vars(module) if not n.startswith("_")) or "nothing"
        raise ValueError(
            f"{module_name} has no {attribute!r}; it has {there}"
        ) from None


def _module(name: str, folder: Path) -> ModuleType:
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    try:
        return _beside(path) if path.is_file() else importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name.partition(".")[0]:
            text = f"there is no {path} and no installed module {name!r}"
            raise ValueError(f"{text}; correct the name") from None
        raise ValueError(f"{name} cannot be imported: {error}") from None
    except Exception as error:
        what = f"{name} cannot be imported"
        raise ValueError(f"{what}: {type(error).__name__}: {error}") from None


def _beside(path: Path) -> ModuleType:
    """Import a file under a name of its own, once; ``sys.path`` stays as it is."""
    key = sha256(bytes(path.resolve())).hexdigest()[:12]
    name = f"tfgrade_course_{key}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101 - the file's ending is .py
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def described(function: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any callable
    """Return the types of a function's keyword-only parameters, by name."""
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    return {
        p.name: hints.get(p.name, Any) for p in parameters if p.kind is p.KEYWORD_ONLY
    }
