"""Running models on the machines of a Dask cluster; needs the extra ``dask``."""

from pytest_tfgrade.runner.cluster.opening import open_cluster

__all__ = ["open_cluster"]
