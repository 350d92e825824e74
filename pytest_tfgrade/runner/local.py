"""Running models on this machine."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.runner import runtimes
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.inputs import SharedInputs
from pytest_tfgrade.runner.interface import Predictions
from pytest_tfgrade.runner.kept import KeptZygote
from pytest_tfgrade.runner.outputs import admit_outputs, require_all
from pytest_tfgrade.runner.worker.frames import ArrayHeader

HDF5_LIMITS: Final = Limits(seconds=20, memory=1 << 30)


class LocalRunner:
    """One zygote for each runtime, started when first asked for."""

    def __init__(self, *, warm: bool = True) -> None:
        """Make a private folder; start nothing.

        Args:
            warm: Whether to try the faster kind of fork.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="tfgrade-"))
        self._keras3 = KeptZygote(runtimes.KERAS3, self._folder, warm=warm)
        self._hdf5 = KeptZygote(runtimes.HDF5, self._folder, warm=False)

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that ran models, by runtime."""
        started = (self._keras3, self._hdf5)
        return {kept.runtime.name: kept.versions for kept in started if kept.versions}

    def require_available(self) -> None:
        """Do nothing if TensorFlow is installed; it is not loaded.

        Raises:
            RunnerError: It is not; the message says how to get it.
        """
        runtimes.require_installed(self._keras3.runtime)

    def start(self) -> None:
        """Begin to load TensorFlow, without waiting for it."""
        self._keras3.start()

    def predict(
        self,
        artifact: Artifact,
        inputs: SharedInputs,
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
    ) -> Predictions:
        """Return a model's predictions for all rows of the inputs.

        Raises:
            Ungradable: The model is at fault.
            RunnerError: The machine is at fault.
        """
        order = {"artifact": str(artifact.path), "inputs": inputs.description}
        done = self._keras3.run(
            order,
            inputs.descriptors,
            limits,
            lambda: Decoder(admit_outputs(outputs, inputs.rows)),
        )
        require_all(outputs, done.decoder.arrays)
        arrays = {name: done.decoder.arrays[name] for name in outputs}
        return Predictions(arrays=arrays, seconds=done.seconds, log=done.log_text)

    def read_hdf5(self, artifact: Artifact) -> object:
        """Return what an HDF5 file holds, as plain values that are still claims.

        Raises:
            Ungradable: The file cannot be read, or reading it crashed the reader.
            RunnerError: The machine is at fault.
        """
        order = {"artifact": str(artifact.path)}
        done = self._hdf5.run(order, (), HDF5_LIMITS, lambda: Decoder(_admit_none))
        try:
            return json.loads(done.decoder.document or b"")
        except (ValueError, RecursionError):
            text = "the file's contents make no sense"
            raise Ungradable(Code.PROTOCOL, text) from None

    def close(self) -> None:
        """End every process and remove every folder this runner made."""
        for zygote in (self._keras3, self._hdf5):
            with contextlib.suppress(Exception):
                zygote.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _admit_none(header: ArrayHeader) -> str:
    raise Ungradable(Code.PROTOCOL, detail=f"an array of shape {header.shape} came")
