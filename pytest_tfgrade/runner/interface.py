"""What the engine asks of whatever runs models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.runner.inputs import SharedInputs


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Predictions:
    """What a model returned, and how long it took."""

    arrays: Mapping[str, NDArray[Any]]
    """By the contract's output names; the first axis is the rows of the inputs."""

    seconds: Mapping[str, float]
    """Wall clock of ``load`` and ``predict``."""

    log: str
    """What the model process printed; for the grader only."""

    def __repr__(self) -> str:
        """Return names and shapes, no values."""
        shapes = {name: array.shape for name, array in self.arrays.items()}
        return f"<Predictions {shapes}>"


class Runner(Protocol):
    """Runs submitted models in processes of their own; safe to call from threads."""

    def require_available(self) -> None:
        """Do nothing if TensorFlow is installed; it is not loaded.

        Raises:
            RunnerError: It is not; the message says how to get it.
        """
        ...

    def start(self) -> None:
        """Begin to load TensorFlow, without waiting for it."""
        ...

    def predict(
        self,
        artifact: Artifact,
        inputs: SharedInputs,
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
    ) -> Predictions:
        """Return a model's predictions for all rows of the inputs.

        Raises:
            Ungradable: The model is at fault: it cannot be loaded, called or borne.
            RunnerError: The machine is at fault.
        """
        ...

    def read_hdf5(self, artifact: Artifact) -> object:
        """Return what an HDF5 file holds, as plain values that are still claims.

        Raises:
            Ungradable: The file cannot be read, or reading it crashed the reader.
            RunnerError: The machine is at fault.
        """
        ...

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that ran models, by runtime."""
        ...

    def close(self) -> None:
        """End every process and remove every folder this runner made."""
        ...
