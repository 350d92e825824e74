"""Running models on this machine."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner import runtimes
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.interface import Pass, Predictions
from pytest_tfgrade.runner.kept import KeptZygote
from pytest_tfgrade.runner.outputs import ContractOutputs
from pytest_tfgrade.runner.passes import order_of, split

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
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
    ) -> tuple[Predictions, ...]:
        """Return a model's predictions for each pass, in order.

        Fewer, if the model failed at a later pass than the first. A child serves as
        many passes as an order can hold.

        Raises:
            Ungradable: The model is at fault at the first pass.
            RunnerError: The machine is at fault, or the first pass names a layer that
                the loaded model does not have.
        """
        if not passes:
            raise ValueError("no pass was asked for; the plain one goes first")
        came: list[Predictions] = []
        for part in split(passes):
            asked = len(came) + len(part)
            try:
                came += self._predict(artifact, part, outputs, limits)
            except Ungradable as finding:
                if not came:
                    raise _at_fault(finding, part[0]) from None
            if len(came) < asked:
                break
        return tuple(came)

    def _predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
    ) -> list[Predictions]:
        """Have one child serve passes; return those that it completed."""
        told, files = order_of(passes)
        order = {"artifact": str(artifact.path), "outputs": [*outputs], **told}
        expected = [ContractOutputs(outputs, one.inputs.rows) for one in passes]
        done = self._keras3.run(order, files, limits, lambda: Decoder(expected))
        return [
            Predictions(
                arrays={name: arrays[name] for name in outputs},
                seconds={"load": done.load_seconds, "predict": seconds},
                log=done.log_text,
                memory=done.memory,
            )
            for arrays, seconds in zip(
                done.decoder.results, done.pass_seconds, strict=True
            )
        ]

    def read_hdf5(self, artifact: Artifact, *, values: bool = False) -> object:
        """Return what an HDF5 file holds, as plain values that are still claims.

        Args:
            artifact: The file, as it was staged.
            values: Whether to look at the values of variables, too.

        Raises:
            Ungradable: The file cannot be read, or reading it crashed the reader.
            RunnerError: The machine is at fault.
        """
        order = {"artifact": str(artifact.path), "values": values}
        done = self._hdf5.run(order, (), HDF5_LIMITS, lambda: Decoder(()))
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


def _at_fault(finding: Ungradable, first: Pass) -> Ungradable:
    """Return why a first pass failed: also if the model hides a layer that it names."""
    if finding.code is not Code.INFRA:
        return finding
    named = [name for name in (first.without, first.mixed) if name is not None]
    if not named:  # it says so of its own accord
        return Ungradable(Code.PROTOCOL, detail=finding.detail)
    names = " or ".join(repr(printable(name, limit=60)) for name in named)
    text = f"the model, once loaded, has no layer {names}, which its file names"
    return Ungradable(Code.LOAD, text, detail=finding.detail)
