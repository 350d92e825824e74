"""The runtimes that can be had; a new one is a row here and a program in the worker."""

import importlib.util
from typing import Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.runner.zygote import Runtime

HDF5: Final = Runtime(
    name="hdf5",
    modules=("h5py",),
    remedy="install h5py: pip install h5py",
)

KERAS3: Final = Runtime(
    name="keras3",
    modules=("tensorflow", "keras"),
    remedy="install TensorFlow: pip install 'pytest-tfgrade[cpu]', or [tensorflow]",
)


def require_installed(runtime: Runtime) -> None:
    """Do nothing if a runtime's modules can be found; they are not imported.

    Raises:
        RunnerError: One is missing; the message names the extra to install.
    """
    for module in runtime.modules:
        if importlib.util.find_spec(module) is None:
            message = f"{runtime.python} has no {module}; {runtime.remedy}"
            raise RunnerError(message)
