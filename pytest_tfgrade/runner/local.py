"""Running models on this machine."""

import contextlib
import json
import os
import shutil
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count, takewhile
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.isolation import Isolation, Mode, Profile
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import BUILT_IN, ChosenRuntime, KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Feeding, Setup
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.runner import canary, runtimes
from pytest_tfgrade.runner.decoder import Decoder
from pytest_tfgrade.runner.folder import RunnerFolder
from pytest_tfgrade.runner.interface import Pass, Predictions
from pytest_tfgrade.runner.kept import ISOLATED, Confinement, KeptZygote
from pytest_tfgrade.runner.outputs import ContractOutputs
from pytest_tfgrade.runner.passes import order_of, side_by_side, split
from pytest_tfgrade.runner.zygote import ONEDNN, Runtime

READING_LIMITS: Final = Limits(seconds=20, memory=1 << 30)

_OF_LIMITS: Final = frozenset({Code.MEMORY, Code.TIMEOUT, Code.RESOURCE, Code.CRASH})
"""How it may show that a model reached a limit."""


class LocalRunner:
    """One zygote for each runtime, started when first asked for."""

    def __init__(
        self,
        chosen: Sequence[ChosenRuntime] = BUILT_IN,
        *,
        warm: bool = True,
        confinement: Confinement = ISOLATED,
    ) -> None:
        """Make a private folder; start nothing.

        Args:
            chosen: What may run models, the preferred first.
            warm: Whether to try the faster kind of fork.
            confinement: How models are isolated.

        Raises:
            RunnerError: There is no room for the folder.
        """
        self._chosen = chosen
        self._confinement = confinement
        self._folder = RunnerFolder()
        weakref.finalize(self, self._folder.remove)
        self._staging = self._folder.staging
        self._warm = warm
        self._lock = threading.Lock()
        self._models = {
            one.name: self._kept(runtimes.runtime_of(one), warm=warm) for one in chosen
        }
        self._with_onednn: dict[str, KeptZygote] = {}
        self._reader = self._kept(runtimes.READER, warm=False)

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that were started, by runtime."""
        started = (*self._models.values(), self._reader)
        return {kept.runtime.name: kept.versions for kept in started if kept.versions}

    @property
    def notices(self) -> Sequence[str]:
        """Nothing: there is one machine, and what happens to it is an error."""
        return ()

    @property
    def staging(self) -> Path:
        """Where copies of artifacts go, so that children can be shown them."""
        return self._staging

    def isolation(self) -> Isolation:
        """Return how children are isolated: the least of all that were started.

        Starts the process that reads files, and no runtime.

        Raises:
            RunnerError: That process does not work.
        """
        found = [self._reader.examine()]
        found += [kept.isolation for kept in self._models.values() if kept.isolation]
        return max(found, key=lambda isolation: list(Profile).index(isolation.profile))

    def require_isolated(self) -> None:
        """Do nothing if children are isolated as was asked for; starts no model.

        Raises:
            RunnerError: They are not; the message names what is missing.
        """
        if self._confinement.mode is Mode.AUTO:
            canary.require_isolated(self.isolation())

    @cached_property
    def runtimes(self) -> tuple[KnownRuntime, ...]:
        """What can run models, the preferred first; nothing is loaded.

        Raises:
            RunnerError: An interpreter that was asked for is none.
        """
        return tuple(runtimes.known(kept.runtime) for kept in self._models.values())

    def require_available(self) -> None:
        """Do nothing if there is a runtime with TensorFlow; it is not loaded.

        Raises:
            RunnerError: There is none; the message says how to get it.
        """
        runtimes.require_there(self.runtimes, by_name=self._chosen is not BUILT_IN)

    def start(self) -> None:
        """Begin to load the preferred runtime, without waiting for it."""
        there = (known for known in self.runtimes if known.missing is None)
        first = next(there, None)
        if first is not None:
            self._models[first.name].start()

    def start_reader(self) -> None:
        """Begin to start the process that reads files, without waiting for it."""
        self._reader.start()

    def predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup = AS_IT_IS,
    ) -> tuple[Predictions, ...]:
        """Return a model's predictions for each pass, in order.

        Fewer, if the model failed at a later pass than the first. A child serves as
        many passes of one kind as an order can hold.

        Raises:
            Ungradable: The model is at fault at the first pass; ``Unloadable`` if the
                runtime could not load it.
            RunnerError: The machine is at fault, or the first pass names a layer that
                the loaded model does not have.
        """
        if not passes:
            raise ValueError("no pass was asked for; the plain one goes first")
        places = side_by_side(passes)
        came: list[Predictions] = []
        for part in split([passes[place] for place in places]):
            asked = len(came) + len(part)
            try:
                came += self._predict(artifact, part, outputs, limits, setup)
            except Ungradable as finding:
                if not came:
                    raise _at_fault(finding, part[0]) from None
            if len(came) < asked:
                break
        found = dict(zip(places, came, strict=False))  # fewer came after a failure
        return tuple(found[place] for place in takewhile(found.__contains__, count()))

    def _predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup,
    ) -> list[Predictions]:
        """Have one child serve passes; return those that it completed.

        Several parts at a time take more memory, and more of the processor where cores
        share what they have. So a limit is decided by one part at a time.
        """
        try:
            return self._served(artifact, passes, outputs, limits, setup)
        except Ungradable as finding:
            alone = [replace(one, at_once=1) for one in passes]
            if finding.code not in _OF_LIMITS or alone == [*passes]:
                raise
        return self._served(artifact, alone, outputs, limits, setup)

    def _served(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup,
    ) -> list[Predictions]:
        told, files = order_of(passes, setup.feeding)
        taken = _outputs(outputs, setup.feeding)
        expected = [ContractOutputs(outputs, one.inputs.rows) for one in passes]
        kept = self._zygote_of(setup)
        with self._at_hand(artifact) as shown:
            order = {**_loading(shown, setup), "outputs": taken, **told}
            done = kept.run(order, files, limits, lambda: Decoder(expected))
        return [
            Predictions(
                arrays={name: arrays[name] for name in outputs},
                seconds={"load": done.load_seconds, "predict": seconds},
                log=done.log_text,
                runtime=setup.runtime,
                repairs=done.decoder.repairs,
                memory=done.memory,
            )
            for arrays, seconds in zip(
                done.decoder.results, done.pass_seconds, strict=True
            )
        ]

    def _kept(self, runtime: Runtime, *, warm: bool) -> KeptZygote:
        return KeptZygote(
            runtime, self._folder.path, warm=warm, confinement=self._confinement
        )

    @contextlib.contextmanager
    def _at_hand(self, artifact: Artifact) -> Iterator[Artifact]:
        """Copy an artifact to where children are shown it, unless it lies there."""
        if artifact.path.is_relative_to(self._staging):
            _show_to_others(artifact.path.parent)
            yield artifact
            return
        folder = self._staging / uuid4().hex
        folder.mkdir()
        try:
            copy = _copied(artifact, folder)
            _show_to_others(folder)
            yield copy
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _zygote_of(self, setup: Setup) -> KeptZygote:
        """Return the zygote of a runtime; with oneDNN, one of its own."""
        plain = self._models[setup.runtime]
        if not setup.onednn:
            return plain
        with self._lock:
            if setup.runtime not in self._with_onednn:
                environment = {**plain.runtime.environment, ONEDNN: "1"}
                runtime = replace(plain.runtime, environment=environment)
                kept = self._kept(runtime, warm=self._warm)
                self._with_onednn[setup.runtime] = kept
            return self._with_onednn[setup.runtime]

    def read(self, artifact: Artifact, *, values: bool = False) -> object:
        """Return what an artifact holds, as plain values that are still claims.

        Args:
            artifact: The file or folder, as it was staged.
            values: Whether to look at the values of variables, too.

        Raises:
            Ungradable: The file cannot be read, or reading it crashed the reader.
            RunnerError: The machine is at fault.
        """
        with self._at_hand(artifact) as shown:
            order = {
                "artifact": str(shown.path),
                "shown": str(shown.path.parent),
                "format": artifact.format.value,
                "values": values,
            }
            done = self._reader.run(order, (), READING_LIMITS, lambda: Decoder(()))
        try:
            return json.loads(done.decoder.document or b"")
        except (ValueError, RecursionError):
            text = "the file's contents make no sense"
            raise Ungradable(Code.PROTOCOL, text) from None

    def close(self) -> None:
        """End every process and remove every folder this runner made."""
        models = (*self._models.values(), *self._with_onednn.values())
        for zygote in (*models, self._reader):
            with contextlib.suppress(Exception):
                zygote.close()
        self._folder.remove()


def _loading(artifact: Artifact, setup: Setup) -> dict[str, Any]:
    """Return the part of an order that tells how to load an artifact."""
    source = artifact.source
    return {
        "artifact": str(artifact.path),
        "shown": str(artifact.path.parent),
        "format": artifact.format.value,
        "keras_version": setup.keras_version,
        "signature": setup.signature,
        "allow_lambda": setup.allow_lambda,
        "parameters": setup.parameters,
        "source": None
        if source is None
        else {
            "path": str(source.path),
            "name": source.name,
            "builds": source.builds,
        },
    }


def _show_to_others(folder: Path) -> None:
    """Let other users read a folder: models run as one, where the grader is root."""
    if os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _copied(artifact: Artifact, folder: Path) -> Artifact:
    """Copy an artifact, and the code beside it, into a folder."""
    path, source = folder / artifact.path.name, artifact.source
    if artifact.path.is_dir():
        shutil.copytree(artifact.path, path)
    else:
        shutil.copyfile(artifact.path, path)
    if source is not None:
        code = folder / "code"
        code.mkdir()
        shutil.copyfile(source.path, code / source.path.name)
        source = replace(source, path=code / source.path.name)
    return replace(artifact, path=path, source=source)


def _outputs(
    outputs: Mapping[str, OutputSpec], feeding: Feeding
) -> list[dict[str, Any]]:
    """Return the part of an order that tells of a task's outputs."""
    takes = feeding.takes
    return [
        {
            "name": name,
            "axes": len(spec.shape),
            "last_step": spec.last_step,
            "key": takes[name].key if name in takes else None,
            "index": takes[name].index if name in takes else None,
        }
        for name, spec in outputs.items()
    ]


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
