"""What the engine asks of whatever runs models."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.isolation import Isolation
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Setup
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.runner.inputs import SharedInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One way to call a model on all rows of some inputs."""

    inputs: SharedInputs
    """Several passes may share them."""

    batch: int | None = None
    """Rows given to the model at a time; None leaves it to the worker."""

    without: str | None = None
    """Name of a layer whose output is replaced by zeros, wherever it is called.

    All layers of that name are meant: a nested model may use a name again.
    """

    mixed: str | None = None
    """Name of a layer whose output is exchanged between the rows of a batch.

    Each row gets what the layer computes for the row before it, the first that of the
    last. A batch has two rows or more then, if there are as many. An output whose first
    axis does not hold the rows stays as it is. Names mean as much as in ``without``.
    """

    at_once: int = 1
    """Parts of the rows that may be computed at a time, on cores that are idle.

    Only where a model is called as a graph in which no part can change another, so that
    predictions are the same bytes. A model that reaches a limit so is run again, one
    part at a time: where others are graded meanwhile makes no difference.
    """

    is_measured: bool = False
    """Whether it counts what the pass costs: time and memory of another run, or of
    several parts at a time, say nothing then."""

    kind: Hashable = None
    """Passes of one kind may share a process; else a model could remember an answer."""

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a batch that holds no row."""
        if self.batch is not None and self.batch < 1:
            raise ValueError(f"batch is {self.batch}; give at least one row at a time")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Predictions:
    """What a model returned in one pass, and what that took."""

    arrays: Mapping[str, NDArray[Any]]
    """By the contract's output names; the first axis is the rows of the inputs."""

    seconds: Mapping[str, float]
    """Wall clock of ``load``, and of ``predict``: this pass alone.

    Measured here, as results arrive: the time to send them is part of it.
    """

    log: str
    """What the model process printed; for the grader only."""

    runtime: str = ""
    """Name of the runtime that ran the model."""

    repairs: tuple[str, ...] = ()
    """Names of what was repaired in the file as it was loaded."""

    memory: int | None = None
    """Bytes at the peak of the model process beyond what the zygote holds of its own.

    Of all passes in the process, inputs and pages of libraries included; both numbers
    are the zygote's. A model of one Flatten layer has 33 MiB, 48 in a cold child; five
    runs of a model lie within 1.1 MiB. A pass that is traced as a graph adds 12 MiB,
    so compare runs of the same passes. None where the system does not tell, as outside
    Linux.
    """

    def __repr__(self) -> str:
        """Return names and shapes, no values."""
        shapes = {name: array.shape for name, array in self.arrays.items()}
        return f"<Predictions {shapes}>"


class Runner(Protocol):
    """Runs submitted models in processes of their own; safe to call from threads."""

    @property
    def runtimes(self) -> Sequence[KnownRuntime]:
        """What can run models, the preferred first; nothing is loaded.

        Raises:
            RunnerError: An interpreter that was asked for is none.
        """
        ...

    @property
    def staging(self) -> Path:
        """An empty folder for copies of artifacts, which goes when the runner closes.

        An artifact that lies elsewhere is copied once more.
        """
        ...

    def isolation(self) -> Isolation:
        """Return how models are isolated; none is run.

        Raises:
            RunnerError: The machine is at fault.
        """
        ...

    def require_isolated(self) -> None:
        """Do nothing if models are isolated as was asked for; none is run.

        Raises:
            RunnerError: They are not; the message names what is missing.
        """
        ...

    def require_available(self) -> None:
        """Do nothing if there is a runtime with TensorFlow; it is not loaded.

        Raises:
            RunnerError: There is none; the message says how to get it.
        """
        ...

    def start(self) -> None:
        """Begin to load the preferred runtime, without waiting for it."""
        ...

    def predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup = AS_IT_IS,
    ) -> tuple[Predictions, ...]:
        """Return a model's predictions for each pass, in order.

        The passes share a process where they can, so that each costs its calls alone.
        The first finds the model as it was loaded. What a model draws at random, or
        remembers, goes on from pass to pass.

        A model that fails at a later pass cuts the answer short: what came before
        counts, and what follows was not tried. So the plain pass goes first; to ask
        for a missing one alone tells what was wrong.

        Args:
            artifact: A file of the model, as it was staged.
            passes: At least one; any number.
            outputs: What the model must return; values may be NaN or infinite. The
                tensors of a list are known by the names of the model's last layers if
                these are the names of the outputs, else by position.
            limits: The time is for loading and one pass, as if each ran alone.
            setup: Which runtime loads it, and how it wants its inputs.

        Raises:
            Ungradable: The model is at fault at the first pass: it cannot be called or
                borne; ``Unloadable`` if the runtime could not load it.
            RunnerError: The machine is at fault, or the first pass names a layer that
                the loaded model does not have.
        """
        ...

    def read(self, artifact: Artifact, *, values: bool = False) -> object:
        """Return what an artifact holds, as plain values that are still claims.

        Of a ``.keras`` file that is what its HDF5 part holds.

        Args:
            artifact: The file, as it was staged.
            values: Whether to look at the values of variables, too.

        Raises:
            Ungradable: The file cannot be read, or reading it crashed the reader.
            RunnerError: The machine is at fault.
        """
        ...

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that ran models, by runtime."""
        ...

    @property
    def notices(self) -> Sequence[str]:
        """What happened to the machines that run models, for the grader."""
        ...

    def close(self) -> None:
        """End every process and remove every folder this runner made."""
        ...
