"""The hooks that this plugin calls; ``conftest.py`` and plug-ins implement them.

A hook that adds things by name is asked once, at the start of a run and of
``tfgrade rubric``, of all who implement it; None adds nothing. Nobody wins: a name that
is built in, or that another plug-in has, ends the run with the names of both, since a
grade must not depend on the order in which plug-ins are loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # an idle plugin loads nothing of ours
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_tfgrade.api import (
        Check,
        EvaluationDataset,
        FactsReader,
        Loader,
        Metric,
        ReportFormat,
    )


@pytest.hookspec
def pytest_tfgrade_checks() -> Iterable[Check] | None:
    """Return checks that criteria can name.

    The name of a check is lower case words with a dot, as ``style.layer_names``; the
    first word is best the plug-in's own, for later versions of this plugin may add to
    ``model`` and ``predict``. The keyword-only parameters of a check's function are
    what a rubric may write, checked by their annotations.

    Added in 0.1 (not released).
    """


@pytest.hookspec
def pytest_tfgrade_metrics() -> Iterable[Metric] | None:
    """Return metrics that criteria can name, by name or alias.

    Each is called on arrays that may differ in shape, and must refuse what it would
    broadcast; ``api.paired`` does.

    Added in 0.1 (not released).
    """


@pytest.hookspec
def pytest_tfgrade_loaders() -> Mapping[str, Loader] | None:
    """Return what opens files of evaluation datasets, by ending: ``.tsv``.

    Endings are in lower case and begin with a dot. The longest one that a file has
    counts, so ``.csv.gz`` may have a loader of its own.

    Added in 0.1 (not released).
    """


@pytest.hookspec
def pytest_tfgrade_facts_readers() -> Mapping[str, FactsReader] | None:
    """Return what reads more facts, by the name under which checks find them.

    Each is called once for each artifact, also for reference models of the grader's,
    after the built-in facts were read; what it returns is ``Facts.extra[NAME]``. It
    runs in the process that holds the targets: it must neither run the model nor open
    HDF5 or pickle, and must bound what it reads. ``Ungradable`` says that the artifact
    is at fault; after any other exception the criteria that need facts are errors.

    Added in 0.1 (not released).
    """


@pytest.hookspec
def pytest_tfgrade_reports() -> Mapping[str, ReportFormat] | None:
    """Return report formats by name, as ``--tfgrade-format`` takes them.

    They are written with the usual ones if none is named. No two may have one file
    name. A report may quote what candidates wrote, as their names; ``render`` escapes
    it, and one for candidates calls ``for_candidates`` first. A report that fails is
    shown, the others are written, and the run ends with status 4.

    Added in 0.1 (not released).
    """


@pytest.hookspec(firstresult=True)
def pytest_tfgrade_load_dataset(
    config: pytest.Config, name: str, folder: Path
) -> EvaluationDataset | None:
    """Return an evaluation dataset in place of the one on disk.

    Called once for each dataset that a rubric names, before any model runs. ``folder``
    is where it is expected and need not exist. The first implementation that does not
    return None wins; if all do, the folder's ``dataset.yaml`` is read, its checksums
    verified and its files loaded.

    Added in 0.1.
    """
