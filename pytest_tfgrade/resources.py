"""What a run is to have: something that runs models, and a cache."""

from pathlib import Path

import pytest

from pytest_tfgrade.cache import Store, open_store
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.distribution import is_controller, is_worker
from pytest_tfgrade.engine import Course
from pytest_tfgrade.options import Engine
from pytest_tfgrade.runner import Confinement, LocalRunner, Runner
from pytest_tfgrade.runner.cluster import open_cluster
from pytest_tfgrade.settings import Settings


def open_runner(
    config: pytest.Config, settings: Settings, course: Course
) -> tuple[Runner, int | None]:
    """Return what runs models, and how many at a time; None for the usable cores.

    Raises:
        UsageError: Options contradict each other, or Dask is not installed.
        RunnerError: There is no cluster where one should be.
    """
    confinement = Confinement(mode=settings.sandbox, hidden=settings.hidden)
    if settings.engine is Engine.LOCAL:
        if settings.dask is not None:
            text = f"--tfgrade-dask {settings.dask}: is not used by the local engine"
            raise UsageError(f"{text}; add --tfgrade-engine=dask, or leave it out")
        # xdist starts as many workers as there should be models in flight.
        alone = 1 if is_worker(config) else None
        runner = LocalRunner(course.runtimes, confinement=confinement)
        return runner, settings.workers or alone
    if settings.dask is None:
        text = "--tfgrade-engine dask: there is no cluster"
        raise UsageError(f"{text}; name its scheduler with --tfgrade-dask=ADDRESS")
    if is_worker(config) or is_controller(config):
        text = "--tfgrade-engine dask: its workers run models side by side already"
        raise UsageError(f"{text}; leave out -n of pytest-xdist")
    cluster = open_cluster(settings.dask, course.runtimes, confinement=confinement)
    return cluster, settings.workers or cluster.threads


def open_cache(settings: Settings) -> tuple[Store | None, str | None]:
    """Open the cache, or return None, and what the grader should know about that.

    Raises:
        UsageError: It was asked for, and cannot be used.
    """
    if settings.cache is None:
        return None, None
    try:
        store = _opened(settings, settings.cache)
    except UsageError as error:
        if settings.is_cache_asked_for:
            raise
        return None, f"nothing is kept for later runs: {error}"
    if store.set_aside is None:
        return store, None
    return store, f"the cache was damaged and begins anew; see {store.set_aside}"


def _opened(settings: Settings, folder: Path) -> Store:
    """Open the cache, which no candidate can have written to."""
    if folder.resolve().is_relative_to(settings.submissions.resolve()):
        text = f"the cache {folder}: lies in the submissions"
        raise UsageError(f"{text}; give another folder with --tfgrade-cache")
    return open_store(folder, settings.cache_size)
