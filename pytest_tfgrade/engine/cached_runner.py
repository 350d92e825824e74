"""A runner that asks another only for what no run has found out yet."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.isolation import Isolation, Mode
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Setup
from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.engine.digests import digest_of, digest_of_runner
from pytest_tfgrade.engine.kept_answers import (
    OF_THE_MOMENT,
    finding_to_bytes,
    predictions_from_bytes,
    predictions_to_bytes,
    reading_from_bytes,
    reading_to_bytes,
)
from pytest_tfgrade.runner import Pass, Predictions, Runner

Answer = tuple[Predictions, ...]


class CachedRunner:
    """A ``Runner`` that keeps what models predict and what files say, by content.

    Passes of one kind share a process, so they are kept together; those of different
    kinds know nothing of each other, and each kind is kept for itself.
    """

    def __init__(self, runner: Runner, store: Store, mode: Mode) -> None:
        """Ask nothing yet.

        Args:
            runner: Asked for what is not known; closed with this one.
            store: What is known.
            mode: How models are to be isolated; answers are of one mode alone.
        """
        self._runner = runner
        self._store = store
        self._mode = mode
        self._is_wanted = threading.Event()

    @property
    def runtimes(self) -> Sequence[KnownRuntime]:
        """What can run models, the preferred first; nothing is loaded."""
        return self._runner.runtimes

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that were started, by runtime."""
        return self._runner.versions

    @property
    def notices(self) -> Sequence[str]:
        """What happened to the machines, for the grader."""
        return self._runner.notices

    @property
    def staging(self) -> Path:
        """An empty folder for copies of artifacts, which goes with the runner."""
        return self._runner.staging

    def isolation(self) -> Isolation:
        """Return how models are isolated; none is run."""
        return self._runner.isolation()

    def require_isolated(self) -> None:
        """Do nothing if models are isolated as was asked for; none is run."""
        self._runner.require_isolated()

    def require_available(self) -> None:
        """Do nothing if there is a runtime with TensorFlow; it is not loaded."""
        self._runner.require_available()

    def start(self) -> None:
        """Begin to load the preferred runtime at the first file that is not known.

        So a class of which everything is known, such as after another threshold, starts
        none.
        """
        self._is_wanted.set()

    def close(self) -> None:
        """End every process and remove every folder that the runner made."""
        self._runner.close()

    def read(self, artifact: Artifact, *, values: bool = False) -> object:
        """Return what an artifact holds, as plain values that are still claims.

        Raises:
            Ungradable: The file cannot be read.
            RunnerError: The machine is at fault.
        """
        key = self._key("read", _identity(artifact), values)

        def found_out() -> bytes:
            if self._is_wanted.is_set():
                self._runner.start()
            return reading_to_bytes(self._runner.read(artifact, values=values))

        return reading_from_bytes(self._kept(key, found_out))

    def predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup = AS_IT_IS,
    ) -> Answer:
        """Return a model's predictions for each pass, in order, as ``Runner`` says.

        Those of which it counts what they cost are made in each run: time and memory
        are compared with those of a reference in the same run.

        Raises:
            Ungradable: The model is at fault at the first pass.
            RunnerError: The machine is.
        """
        if any(one.is_measured for one in passes):
            return self._runner.predict(artifact, passes, outputs, limits, setup)
        named = (r for r in self._runner.runtimes if r.name == setup.runtime)
        libraries = [(known.library, known.libraries) for known in named]
        task = (_identity(artifact), list(outputs.items()), limits, setup, libraries)
        found: dict[int, Predictions] = {}
        for places in _kinds(passes):
            part = [passes[place] for place in places]
            key = self._key("predict", *task, [_identity_of(one) for one in part])
            ask = partial(self._runner.predict, artifact, part, outputs, limits, setup)
            try:
                done = self._kind(key, part, ask)
            except Ungradable:
                if not found:
                    raise
                break
            found.update(zip(places, done, strict=False))
            if len(done) < len(places):
                break
        came = next((n for n in range(len(passes)) if n not in found), len(passes))
        return tuple(found[place] for place in range(came))

    def _kind(
        self, key: str, part: Sequence[Pass], ask: Callable[[], Answer]
    ) -> Answer:
        """Return predictions for the passes of one kind; fewer, if the model failed."""

        def found_out() -> bytes:
            done = ask()
            if len(done) < len(part):
                raise _CutShort(done)
            return predictions_to_bytes(done)

        try:
            return predictions_from_bytes(self._kept(key, found_out))
        except _CutShort as short:
            return short.done

    def _kept(self, key: str, found_out: Callable[[], bytes]) -> bytes:
        """Return what is kept under a key, or find it out and keep it.

        A finding is kept unless it may have had to do with the machine.
        """
        kept = self._store.get(key)
        if kept is not None:
            return kept
        with self._store.claimed(key):
            kept = self._store.get(key)  # another run may have found it out
            if kept is not None:
                return kept
            try:
                kept = found_out()
            except Ungradable as finding:
                if finding.code not in OF_THE_MOMENT:
                    self._store.put(key, finding_to_bytes(finding))
                raise
            self._store.put(key, kept)
            return kept

    def _key(self, *values: object) -> str:
        return digest_of(digest_of_runner(), self._mode, *values)


class _CutShort(Exception):  # noqa: N818 - not a fault
    """A model failed after some passes: what came is not kept."""

    def __init__(self, done: Answer) -> None:
        self.done = done
        super().__init__()


def _kinds(passes: Sequence[Pass]) -> list[list[int]]:
    """Return the positions of passes, those of each kind together, in order."""
    kinds = [one.kind for one in passes]
    places = sorted(range(len(kinds)), key=lambda place: kinds.index(kinds[place]))
    grouped = groupby(places, key=lambda place: kinds.index(kinds[place]))
    return [list(group) for _, group in grouped]


def _identity(artifact: Artifact) -> tuple[object, ...]:
    source = artifact.source
    builds = source and (source.sha256, source.builds)
    return artifact.sha256, artifact.format, builds


def _identity_of(one: Pass) -> tuple[object, ...]:
    return one.inputs.digest, one.batch, one.without, one.mixed
