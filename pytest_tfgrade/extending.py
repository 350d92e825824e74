"""What plug-ins add: asked of them by hooks, held against what is there already.

A plug-in is an installed package with an entry point in ``GROUP``: loaded only when
something is graded or a rubric is read, and known to the command ``tfgrade`` as well.
What pytest loads by itself, as a ``conftest.py``, is known to pytest alone.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_tfgrade import hookspecs
from pytest_tfgrade.checks import CHECKS, Check, Needs
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.datasets import LOADERS
from pytest_tfgrade.datasets.failures import last_lines
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.metrics import METRICS, Metric
from pytest_tfgrade.reports import FORMATS, Audience, ReportFormat
from pytest_tfgrade.rubric import Vocabulary
from pytest_tfgrade.rubric.schema import criterion_type

GROUP: Final = "pytest_tfgrade"
"""Entry points of packages that extend the grader."""


def installed() -> Extensions:
    """Return what is built in and what installed packages add; for use without pytest.

    Raises:
        UsageError: A package cannot be loaded, or adds what cannot be.
    """
    manager = pytest.PytestPluginManager()
    manager.add_hookspecs(hookspecs)
    load_plugins(manager)
    return extensions(manager)


def load_plugins(manager: pytest.PytestPluginManager) -> None:
    """Register every installed package of the group, sorted by name.

    One that is blocked (``-p no:NAME``) is left out.

    Raises:
        UsageError: One cannot be loaded, or implements a hook that is not there.
    """
    problems = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            _register(manager, entry)
        except Exception as error:
            cause = error.__cause__ or error  # pytest wraps what a plug-in raises
            what = f"the plug-in {entry.name!r} ({entry.value}) cannot be loaded: "
            remedy = f"correct it, or leave it out by -p no:{entry.name}"
            problems.append(f"{what}{type(cause).__name__}: {cause}; {remedy}")
    if problems:
        raise UsageError("\n".join(problems))


def _register(manager: pytest.PytestPluginManager, entry: EntryPoint) -> None:
    if manager.is_blocked(entry.name) or manager.is_registered(entry.load()):
        return
    if manager.has_plugin(entry.name):
        raise ValueError("another plug-in has its name")
    manager.load_setuptools_entrypoints(GROUP, entry.name)
    manager.check_pending()  # a hook that is not there is most likely misspelt


def extensions(manager: pytest.PytestPluginManager) -> Extensions:
    """Return what is built in and what registered plug-ins add.

    Raises:
        UsageError: With all that is wrong with what plug-ins add.
    """
    problems: list[str] = []
    checks, metrics, loaders, readers, reports = (
        _table(manager, addition, problems) for addition in _ADDITIONS
    )
    problems += _same_files(reports)
    if problems:
        raise UsageError("\n".join(problems))
    return Extensions(
        vocabulary=Vocabulary(checks=checks, metrics=metrics),
        loaders=loaders,
        facts_readers=readers,
        reports=reports,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Addition:
    """One kind of thing that plug-ins add."""

    hook: str
    """Asks for it."""

    what: str
    """In messages: ``check``."""

    wanted: str
    """What the hook returns, in words."""

    pattern: str
    """A regular expression of its names."""

    naming: str
    """The same in words."""

    built_in: Mapping[str, Any]
    """What is there without plug-ins."""

    problem: Callable[[Any], str | None]
    """Says what is wrong with a thing."""

    kind: type[Check | Metric] | None = None
    """What the hook returns a list of; None: it returns a mapping."""


def _table(
    manager: pytest.PytestPluginManager, addition: _Addition, problems: list[str]
) -> dict[str, Any]:
    """Return things by name; what is wrong is added to the problems."""
    table = dict(addition.built_in)
    owners = dict.fromkeys(table, "built in")
    for who, name, thing in _added(manager, addition, problems):
        called = f"the {addition.what} {name!r}"
        if not isinstance(name, str) or not re.fullmatch(addition.pattern, name):
            what = f"{name!r} cannot be the name of a {addition.what}"
            problems.append(f"{who}: {what}; use {addition.naming}")
        elif name in owners:
            what = f"{called} is there already, {owners[name]}"
            problems.append(f"{who}: {what}; rename it, or leave a plug-in out")
        elif wrong := addition.problem(thing):
            problems.append(f"{who}: {called} {wrong}")
        else:
            table[name], owners[name] = thing, f"by {who}"
    return table


def _added(
    manager: pytest.PytestPluginManager, addition: _Addition, problems: list[str]
) -> Iterator[tuple[str, object, object]]:
    """Yield who adds a thing, its name and the thing; one plug-in after the other."""
    hook = getattr(manager.hook, addition.hook)
    known = {impl.plugin_name: impl.plugin for impl in hook.get_hookimpls()}
    for plugin_name in known:  # as they were registered
        who = _shown(plugin_name)
        others = [plugin for name, plugin in known.items() if name != plugin_name]
        ask = manager.subset_hook_caller(addition.hook, others)
        try:
            pairs = [pair for found in ask() for pair in _pairs(addition, found)]
        except UsageError as error:
            problems.append(f"{who}: {addition.hook} {error}")
        except Exception as error:
            what = f"{who}: {addition.hook} failed; correct it"
            problems.append(f"{what}:\n{last_lines(error)}")
        else:
            yield from ((who, name, thing) for name, thing in pairs)


def _pairs(addition: _Addition, found: object) -> Iterator[tuple[object, object]]:
    """Yield the names and things that a hook returned."""
    wanted, kind = addition.wanted, addition.kind
    if kind is None:
        if not isinstance(found, Mapping):
            raise UsageError(f"returned {_a(found)}; return {wanted}")
        yield from found.items()
        return
    if not isinstance(found, Iterable):
        raise UsageError(f"returned {_a(found)}; return {wanted}")
    for thing in found:
        if not isinstance(thing, kind):
            what = f"returned {_a(thing)} in place of a {kind.__name__}"
            raise UsageError(f"{what}; return {wanted}")
        names = (thing.name, *getattr(thing, "aliases", ()))
        yield from ((name, thing) for name in names)


def _a(value: object) -> str:
    return f"a {type(value).__name__}"


def _shown(plugin_name: str) -> str:
    """Return how a plug-in is called; one that is a file, relative to here."""
    if Path(plugin_name).is_absolute():
        return os.path.relpath(plugin_name)
    return f"the plug-in {plugin_name!r}"


def _same_files(reports: Mapping[str, ReportFormat]) -> Iterator[str]:
    written: dict[str, str] = {}
    for name, report in reports.items():
        first = written.setdefault(report.file_name.casefold(), name)
        if first != name:
            what = f"the reports {first!r} and {name!r} are both written to "
            yield f"{what}{report.file_name!r}; rename one, or leave a plug-in out"


def _check_problem(check: Check) -> str | None:
    needs: object = check.needs
    if not isinstance(needs, Needs):
        return f"needs {needs!r}; write needs=Needs.FACTS, or another of them"
    try:
        criterion_type(check)
    except Exception as error:  # an annotation that means nothing, or nothing in YAML
        why = str(error).removeprefix(f"{check.name} cannot be used: ")
        return f"cannot be used: {why}"
    return None


def _metric_problem(metric: Metric) -> str | None:
    better: object = metric.direction
    if isinstance(better, Direction):
        return None
    what = f"has the direction {better!r}"
    return f"{what}; write direction=Direction.HIGHER_IS_BETTER, or the other"


def _loader_problem(loader: object) -> str | None:
    return None if callable(loader) else "is no loader; give a function of a path"


def _reader_problem(reader: object) -> str | None:
    what = "is no facts reader; give a function of an artifact"
    return None if callable(reader) else what


def _report_problem(report: object) -> str | None:
    name = getattr(report, "file_name", None)
    audience = getattr(report, "audience", None)
    can_render = callable(getattr(report, "render", None))
    if not can_render or not isinstance(name, str) or audience not in list(Audience):
        return "is no ReportFormat; give an object with file_name, audience and render"
    if not re.fullmatch(r"[A-Za-z0-9_-][\w.-]*", name):
        return f"cannot be written to {name!r}; give the name of a file, as grades.md"
    return None


_ADDITIONS: Final = (
    _Addition(
        hook="pytest_tfgrade_checks",
        what="check",
        wanted="a list of Check",
        pattern=r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+",
        naming="lower case words with a dot, as style.layer_names",
        built_in=CHECKS,
        problem=_check_problem,
        kind=Check,
    ),
    _Addition(
        hook="pytest_tfgrade_metrics",
        what="metric",
        wanted="a list of Metric",
        pattern=r"[A-Za-z_][\w.]*",
        naming="a word, as share_within",
        built_in=METRICS,
        problem=_metric_problem,
        kind=Metric,
    ),
    _Addition(
        hook="pytest_tfgrade_loaders",
        what="loader",
        wanted="a mapping from endings to loaders",
        pattern=r"(\.[a-z0-9_-]+)+",
        naming="an ending in lower case, as .tsv",
        built_in=LOADERS,
        problem=_loader_problem,
    ),
    _Addition(
        hook="pytest_tfgrade_facts_readers",
        what="facts reader",
        wanted="a mapping from names to facts readers",
        pattern=r"[A-Za-z_]\w*",
        naming="a word, as saved",
        built_in={},
        problem=_reader_problem,
    ),
    _Addition(
        hook="pytest_tfgrade_reports",
        what="report",
        wanted="a mapping from names to report formats",
        pattern=r"[A-Za-z_]\w*",
        naming="a word, as markdown",
        built_in=FORMATS,
        problem=_report_problem,
    ),
)
