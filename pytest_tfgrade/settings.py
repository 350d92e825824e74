"""What a run is asked to do: values of options, of the call or of an ini file."""

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest

from pytest_tfgrade.core.isolation import Mode
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.visibility import Audience, Visibility
from pytest_tfgrade.options import CACHE_SIZE, OPTIONS, Engine, Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options and ini settings of a run say."""

    submissions: Path
    """Folder of submissions."""

    rubrics: Path
    """Rubric or folder of rubrics."""

    data: Path
    """Folder of evaluation datasets."""

    report: Path | None
    """Folder for reports; None for none."""

    tasks: tuple[str, ...]
    """Globs of tasks; empty for all."""

    candidates: tuple[str, ...]
    """Globs of submissions; empty for all."""

    workers: int | None
    """Models in flight; None for the usable cores."""

    roster: Path | None = None
    """CSV of all candidates."""

    cache: Path | None = None
    """Folder of the cache; None for none."""

    is_cache_asked_for: bool = False
    """Whether somebody named the folder; else a run does without, if need be."""

    cache_size: int = CACHE_SIZE
    """Bytes that it may take."""

    engine: Engine = Engine.LOCAL
    """Where models run."""

    dask: str | None = None
    """Address or scheduler file of a Dask cluster."""

    sandbox: Mode = Mode.AUTO
    """How models are isolated."""

    audience: Audience = Audience.GRADER
    """Who reads the terminal."""

    revealed: frozenset[Visibility] = frozenset()
    """What candidates may see by now beside what is always visible."""

    formats: tuple[str, ...] = ()
    """Reports beside ``grades.json``; empty for the usual ones."""

    language: str = DEFAULT
    """Of what candidates read."""

    fill: Path | None = None
    """A platform's export, to be filled in."""

    column: str | None = None
    """The column of it that takes the points."""

    extensions: Path | None = None
    """CSV of candidates who may hand in later."""

    overrides: Path | None = None
    """YAML of points and comments that people gave."""

    @property
    def hidden(self) -> tuple[Path, ...]:
        """What no model may see."""
        cache = (self.cache,) if self.cache else ()
        return self.data, self.rubrics, self.submissions, *cache


def read(config: pytest.Config) -> Settings | None:
    """Return what a run is asked to do; None if it is not asked to grade.

    Raises:
        pytest.UsageError: A value cannot be what it is given for.
    """
    values = {option.name: _value(config, option) for option in OPTIONS}
    submissions = values["tfgrade"]
    if submissions is None:
        return None
    root = _root(config)
    return Settings(
        submissions=submissions,
        rubrics=values["tfgrade_rubrics"] or _shown(root / "rubrics"),
        data=values["tfgrade_data"] or _shown(root / "reference_data"),
        report=values["tfgrade_report"],
        tasks=tuple(values["tfgrade_task"]),
        candidates=tuple(values["tfgrade_candidate"]),
        workers=values["tfgrade_workers"],
        roster=values["tfgrade_roster"],
        cache=_cache_folder(values["tfgrade_cache"]),
        is_cache_asked_for=values["tfgrade_cache"] is not None,
        cache_size=values["tfgrade_cache_size"] or CACHE_SIZE,
        engine=values["tfgrade_engine"] or Engine.LOCAL,
        dask=values["tfgrade_dask"],
        sandbox=values["tfgrade_sandbox"] or Mode.AUTO,
        revealed=values["tfgrade_reveal"] or frozenset(),
        audience=values["tfgrade_audience"] or Audience.GRADER,
        formats=tuple(values["tfgrade_format"]),
        language=values["tfgrade_lang"] or DEFAULT,
        fill=values["tfgrade_fill"],
        column=values["tfgrade_column"],
        extensions=values["tfgrade_extensions"],
        overrides=values["tfgrade_overrides"],
    )


def _cache_folder(given: Path | Literal["off"] | None) -> Path | None:
    """Return the folder of the cache: the user's own, unless another is given.

    It is not below the rootdir, as pytest's is: that may be a candidate's repository,
    which could bring a cache along.
    """
    if given == "off":
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = base if os.path.isabs(base) else os.path.expanduser("~/.cache")  # noqa: PTH111, PTH117 - fail nowhere
    return given or Path(home, "pytest-tfgrade")


def _root(config: pytest.Config) -> Path:
    """Return the rootdir, or the current folder where a value of ours misled pytest.

    pytest looks for its rootdir from every word of the command line that is no option,
    before it knows this plugin's options. So in ``--tfgrade ../handed_in`` it takes the
    value for a place of tests; in ``--tfgrade=../handed_in`` it does not.
    """
    known = config.known_args_namespace
    if known.rootdir or known.inifilename or known.file_or_dir:
        return config.rootpath
    here = config.invocation_params.dir.resolve()
    words = [str(word) for word in config.invocation_params.args]
    flags = {option.flag for option in OPTIONS}
    values = [value for flag, value in pairwise(words) if flag in flags]
    misled = any(not (here / value).resolve().is_relative_to(here) for value in values)
    return here if misled else config.rootpath


def _shown(path: Path) -> Path:
    """Return a path relative to the current folder, as people write it."""
    return Path(os.path.relpath(path))


def _value(config: pytest.Config, option: Option) -> Any:  # noqa: ANN401 - as parsed
    """Return a value from the command line, else from the ini file, else None.

    Paths on the command line are relative to the current folder, those in an ini file
    to the file.
    """
    given = getattr(config.known_args_namespace, option.name, None)
    base = config.invocation_params.dir
    if given is None:
        given = config.getini(option.name) or None
        base = config.inipath.parent if config.inipath else config.rootpath
    if option.ini_type == "linelist":
        return given or ()
    if given is None:
        return None
    try:
        value = option.parse(given)
    except ValueError as error:
        text = f"{option.flag}: cannot use {given!r}; {error}"
        raise pytest.UsageError(text) from None
    return _shown(base / value) if isinstance(value, Path) else value
