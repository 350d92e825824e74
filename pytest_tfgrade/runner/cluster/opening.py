"""Finding a Dask cluster, before anything of Dask is loaded."""

import importlib.util
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pytest_tfgrade.core.errors import RunnerError, UsageError
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime
from pytest_tfgrade.runner.kept import ISOLATED, Confinement

if TYPE_CHECKING:
    from pytest_tfgrade.runner.cluster.dask_cluster import DaskCluster
    from pytest_tfgrade.runner.cluster.dask_runner import DaskRunner

SECONDS_TO_CONNECT: Final = 20.0
"""For the scheduler to answer."""

SECONDS_FOR_A_WORKER: Final = 60.0
"""For the first worker to join."""


def open_cluster(
    where: str,
    chosen: Sequence[ChosenRuntime] = BUILT_IN,
    *,
    confinement: Confinement = ISOLATED,
    seconds: float = SECONDS_FOR_A_WORKER,
) -> "DaskRunner":
    """Return a runner of the models of one run.

    Args:
        where: Address of a Dask scheduler, or path of a scheduler file.
        chosen: What may run models, the preferred first.
        confinement: How models are isolated.
        seconds: How long to wait for a worker.

    Raises:
        UsageError: Dask is not installed, or ``where`` leads nowhere.
        RunnerError: No scheduler answers, or it has no workers.
    """
    if importlib.util.find_spec("distributed") is None:
        remedy = "install it: pip install 'pytest-tfgrade[dask]'"
        raise UsageError(f"--tfgrade-engine dask: Dask is not installed; {remedy}")
    from pytest_tfgrade.runner.cluster.dask_cluster import (  # noqa: PLC0415
        DaskCluster,
        address_of,
    )
    from pytest_tfgrade.runner.cluster.dask_runner import DaskRunner  # noqa: PLC0415

    cluster = DaskCluster(address_of(where), seconds=SECONDS_TO_CONNECT)
    try:
        _require_worker(cluster, seconds)
        return DaskRunner(cluster, chosen, confinement=confinement)
    except BaseException:
        cluster.close()
        raise


def _require_worker(cluster: "DaskCluster", seconds: float) -> None:
    end = time.monotonic() + seconds
    while not cluster.workers(anew=True):
        if time.monotonic() > end:
            address = cluster.address
            text = f"{address}: the Dask scheduler has no worker after {seconds:.0f} s"
            raise RunnerError(f"{text}; start some with dask worker {address}")
        time.sleep(0.2)
