"""A course's own checks and metrics: ``module:name``, by the rubric or installed."""

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, Final, get_type_hints

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.documents import suggestion
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
    looks at: ``Artifact``, ``Model`` or ``Evaluation``. It measures if it is annotated
    to return a ``Measurement``.

    Raises:
        ValueError: There is none; the text says why.
    """
    found = _object(name, folder)
    if isinstance(found, Check):
        return replace(found, name=name)
    if not inspect.isfunction(found):
        raise ValueError(f"{name} is no function and no Check; name one of these")
    first = next(iter(inspect.signature(found).parameters), None)
    hints = _hints(found)
    needs = _SUBJECTS.get(hints.get(first or ""))
    if needs is None:
        text = f"{name} does not say what it looks at; annotate its first parameter"
        raise ValueError(f"{text} with Artifact, Model or Evaluation")
    measures = hints.get("return") is Measurement
    return Check(name=name, needs=needs, function=found, measures=measures)


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
        known = sorted(_own_names(module))
        way_out = suggestion(attribute, known) if known else "write it"
        raise ValueError(f"{module_name} has no {attribute!r}; {way_out}") from None


def _own_names(module: ModuleType) -> Iterator[str]:
    """Yield the functions, checks and metrics of a module, imported ones apart."""
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if isinstance(value, Check | Metric) or (own and inspect.isfunction(value)):
            yield name


def _module(name: str, folder: Path) -> ModuleType:
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    try:
        return _beside(path) if path.is_file() else importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name.partition(".")[0]:
            text = f"there is no {path} and no installed module {name!r}"
            raise ValueError(f"{text}; correct the name") from None
        raise ValueError(f"{name} cannot be imported: {error}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may even call sys.exit or pytest.skip
        what = f"{name} cannot be imported: {type(error).__name__}: {error}"
        raise ValueError(f"{what}{_line_in(path, error)}") from None


def _line_in(path: Path, error: BaseException) -> str:
    """Return where in a file an exception arose; a syntax error says so itself."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(path.resolve())
    lines = [f.lineno for f in frames if str(Path(f.filename).resolve()) == own]
    return f" ({path.name}, line {lines[-1]})" if lines else ""


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
    """Return the types of a function's keyword-only parameters, by name.

    Raises:
        ValueError: An annotation means nothing.
    """
    hints = _hints(function)
    parameters = inspect.signature(function).parameters.values()
    return {
        p.name: hints.get(p.name, Any) for p in parameters if p.kind is p.KEYWORD_ONLY
    }


def _hints(function: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any callable
    try:
        return get_type_hints(function, include_extras=True)
    except Exception as error:  # as a name that is imported for type checkers alone
        name = getattr(function, "__name__", "a function")
        what = f"an annotation of {name} means nothing: {error}"
        raise ValueError(f"{what}; import what it names") from None
