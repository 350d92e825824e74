"""A course's own checks and metrics: ``module:name``, by the rubric or installed."""

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any, Final, get_type_hints

from pytest_tfgrade.checks import Check, Evaluation, Model, Needs
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.documents import Elsewhere, Location, Problem, suggestion
from pytest_tfgrade.metrics import Metric

_NONE: Final = inspect.Parameter.empty

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
        Elsewhere: The file that it stands in is broken.
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
    for parameter in positional(found):
        if inspect.signature(found).parameters[parameter].default is _NONE:
            text = f"{name} cannot be given {parameter!r}, which is not keyword-only"
            raise ValueError(f"{text}; write '*, ' before it in the function")
    measures = hints.get("return") is Measurement
    return Check(name=name, needs=needs, function=found, measures=measures)


def own_metric(name: str, folder: Path) -> Metric:
    """Return the metric that ``module:name`` names.

    Raises:
        Elsewhere: The file that it stands in is broken.
        ValueError: There is none; the text says why.
    """
    found = _object(name, folder)
    if isinstance(found, Metric):
        return found
    remedy = "decorate the function with @metric(direction=...)"
    raise ValueError(f"{name} is no metric; {remedy}")


def _object(name: str, folder: Path) -> object:
    module_name, _, attribute = name.partition(":")
    if module_name.endswith(".py"):
        plain = ".".join(PurePosixPath(module_name).with_suffix("").parts)
        what = f"a module is named without its ending, got {name!r}"
        raise ValueError(f"{what}; write {plain}:{attribute}")
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
    if path.is_file():
        return _beside(path)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name.partition(".")[0]:
            text = f"there is no {path} and no installed module {name!r}"
            raise ValueError(f"{text}; correct the name") from None
        raise ValueError(f"{name} cannot be imported: {error}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may even call sys.exit or pytest.skip
        what = f"{name} cannot be imported: {type(error).__name__}: {error}"
        raise ValueError(what) from None


def _broken(path: Path, error: BaseException) -> Problem:
    """Say where in a file an exception arose while it was imported."""
    own = path.resolve()
    what, line, column = f"{type(error).__name__}: {error}", 1, 1
    if isinstance(error, SyntaxError) and Path(error.filename or "").resolve() == own:
        what = f"{type(error).__name__}: {error.msg}"
        line, column = error.lineno or 1, error.offset or 1
    else:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if Path(f.filename).resolve() == own]
        line = next((number for number in reversed(lines) if number), 1)
    text = f"cannot be imported: {what}; correct the file"
    return Problem(Location(path, line, column), text)


def _beside(path: Path) -> ModuleType:
    """Import a file under a name of its own, once; ``sys.path`` stays as it is.

    Raises:
        Elsewhere: It is broken.
    """
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
    except BaseException as error:  # a module may even call sys.exit or pytest.skip
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Elsewhere(_broken(path, error)) from None
    return module


def positional(function: Any) -> tuple[str, ...]:  # noqa: ANN401 - any callable
    """Return the parameters after the first that are not keyword-only.

    >>> positional(lambda model, depth, *, width: None)
    ('depth',)
    """
    _, *others = inspect.signature(function).parameters.values()
    return tuple(p.name for p in others if p.kind is p.POSITIONAL_OR_KEYWORD)


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
