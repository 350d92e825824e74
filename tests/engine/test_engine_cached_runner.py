"""A runner is asked for what is not known, and for nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import RunnerError, Ungradable, Unloadable
from pytest_tfgrade.core.isolation import Isolation, Mode, Profile
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.setup import AS_IT_IS, Setup
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.engine.cached_runner import CachedRunner
from pytest_tfgrade.runner import Pass, Predictions, SharedInputs

ARTIFACT = Artifact(
    path=Path("staged/a.keras"),
    name="a.keras",
    format=ArtifactFormat.KERAS,
    sha256="a" * 64,
    size=10,
)
OUTPUTS = {"digit": OutputSpec(shape=(None, 1))}
LIMITS = Limits()


class Doubling:
    """A runner whose models double the number of a row; counts what it is asked."""

    versions: Mapping[str, Mapping[str, str]] = {}
    staging = Path("staged")
    notices: Sequence[str] = ()

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.fails: Exception | None = None
        self.keras = "3.15.1"
        self.started = 0

    @property
    def runtimes(self) -> Sequence[KnownRuntime]:
        libraries = (("keras", self.keras),)
        known = KnownRuntime(
            name="keras3", python="python", keras=self.keras, libraries=libraries
        )
        return (known,)

    def isolation(self) -> Isolation:
        return Isolation(profile=Profile.FULL, layers={})

    def require_isolated(self) -> None: ...
    def require_available(self) -> None: ...
    def close(self) -> None: ...

    def start(self) -> None:
        self.started += 1

    def predict(
        self,
        artifact: Artifact,
        passes: Sequence[Pass],
        outputs: Mapping[str, OutputSpec],
        limits: Limits,
        setup: Setup = AS_IT_IS,
        **more: object,
    ) -> tuple[Predictions, ...]:
        self.asked.append(len(passes))
        if self.fails is not None and any(one.without for one in passes):
            done = [one for one in passes if not one.without]
            if not done:
                raise self.fails
            return tuple(map(self._answer, done))
        return tuple(map(self._answer, passes))

    def _answer(self, one: Pass) -> Predictions:
        rows = np.arange(one.inputs.rows, dtype=np.float32)[:, None]
        return Predictions(
            arrays={"digit": rows * 2},
            seconds={"load": 0.25, "predict": 0.5},
            log="said\x1b",
            runtime="keras3",
            repairs=("lr",),
            memory=4096,
        )

    def read(self, artifact: Artifact, *, values: bool = False) -> object:
        self.asked.append(0)
        if self.fails is not None:
            raise self.fails
        return {"layers": ["Dense", None, 2.5]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path, 1_000_000)
    yield opened
    opened.close()


@pytest.fixture
def inputs() -> Iterator[SharedInputs]:
    with SharedInputs({"x": np.zeros((3, 2), np.float32)}) as shared:
        yield shared


def plain(answer: Sequence[Predictions]) -> list[tuple[object, ...]]:
    return [
        (
            {name: (a.dtype.name, a.tolist()) for name, a in one.arrays.items()},
            *(one.seconds, one.log, one.runtime, one.repairs, one.memory),
        )
        for one in answer
    ]


def test_what_was_predicted_once_is_predicted_no_more(
    store: Store, inputs: SharedInputs
) -> None:
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)
    first = runner.predict(ARTIFACT, [Pass(inputs=inputs)], OUTPUTS, LIMITS)

    again = runner.predict(ARTIFACT, [Pass(inputs=inputs)], OUTPUTS, LIMITS)

    assert plain(again) == plain(first)
    assert plain(again)[0][0] == {"digit": ("float32", [[0.0], [2.0], [4.0]])}
    assert behind.asked == [1]


def test_inputs_of_equal_bytes_are_the_same_inputs(
    store: Store, inputs: SharedInputs
) -> None:
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)
    runner.predict(ARTIFACT, [Pass(inputs=inputs)], OUTPUTS, LIMITS)

    with SharedInputs({"x": np.zeros((3, 2), np.float32)}) as equal:
        runner.predict(ARTIFACT, [Pass(inputs=equal)], OUTPUTS, LIMITS)

    assert behind.asked == [1]


@pytest.mark.parametrize(
    ("artifact", "limits", "setup", "mode"),
    [
        pytest.param(
            replace(ARTIFACT, sha256="b" * 64), LIMITS, AS_IT_IS, Mode.AUTO, id="file"
        ),
        pytest.param(
            replace(ARTIFACT, format=ArtifactFormat.H5),
            *(LIMITS, AS_IT_IS, Mode.AUTO),
            id="format",
        ),
        pytest.param(ARTIFACT, Limits(seconds=1), AS_IT_IS, Mode.AUTO, id="limits"),
        pytest.param(ARTIFACT, LIMITS, Setup(allow_lambda=True), Mode.AUTO, id="setup"),
        pytest.param(ARTIFACT, LIMITS, AS_IT_IS, Mode.OFF, id="isolation"),
    ],
)
def test_whatever_could_change_a_prediction_has_it_made_again(  # noqa: PLR0913, PLR0917
    store: Store,
    inputs: SharedInputs,
    artifact: Artifact,
    limits: Limits,
    setup: Setup,
    mode: Mode,
) -> None:
    behind = Doubling()
    passes = [Pass(inputs=inputs)]
    CachedRunner(behind, store, Mode.AUTO).predict(ARTIFACT, passes, OUTPUTS, LIMITS)

    CachedRunner(behind, store, mode).predict(artifact, passes, OUTPUTS, limits, setup)

    assert behind.asked == [1, 1]


def test_another_keras_predicts_again(store: Store, inputs: SharedInputs) -> None:
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)
    runner.predict(ARTIFACT, [Pass(inputs=inputs)], OUTPUTS, LIMITS)
    behind.keras = "3.16.0"

    runner.predict(ARTIFACT, [Pass(inputs=inputs)], OUTPUTS, LIMITS)

    assert behind.asked == [1, 1]


def test_a_new_kind_of_pass_alone_is_asked_for(
    store: Store, inputs: SharedInputs
) -> None:
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)
    one = Pass(inputs=inputs, kind="plain")
    other = Pass(inputs=inputs, batch=1, kind="small batches")
    runner.predict(ARTIFACT, [one], OUTPUTS, LIMITS)

    done = runner.predict(ARTIFACT, [one, other, one], OUTPUTS, LIMITS)

    # Two passes of a kind share a process, so they are not the same as one of them.
    assert (len(done), behind.asked) == (3, [1, 2, 1])


def test_what_a_pass_costs_is_found_out_in_each_run(
    store: Store, inputs: SharedInputs
) -> None:
    # It is compared with what a reference costs, which may be known or not.
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)
    measured = [Pass(inputs=inputs, is_measured=True)]
    runner.predict(ARTIFACT, [Pass(inputs=inputs)], OUTPUTS, LIMITS)

    for _ in range(2):
        runner.predict(ARTIFACT, measured, OUTPUTS, LIMITS)

    assert behind.asked == [1, 1, 1]


def test_a_finding_is_kept_with_all_its_texts(
    store: Store, inputs: SharedInputs
) -> None:
    behind = Doubling()
    behind.fails = Unloadable(Code.LOAD, "no such layer", hint="Add it.", detail="tb\n")
    runner = CachedRunner(behind, store, Mode.AUTO)
    passes = [Pass(inputs=inputs, without="dense")]

    found = []
    for _ in range(2):
        with pytest.raises(Unloadable) as caught:
            runner.predict(ARTIFACT, passes, OUTPUTS, LIMITS)
        said = caught.value
        found.append((said.code, said.rationale, said.hint, said.detail))

    assert found == [(Code.LOAD, "no such layer", "Add it.", "tb\n")] * 2
    assert behind.asked == [1]


@pytest.mark.parametrize(
    "fault", [Ungradable(Code.TIMEOUT), Ungradable(Code.MEMORY), RunnerError("no room")]
)
def test_what_may_have_been_the_machine_is_tried_again(
    store: Store, inputs: SharedInputs, fault: Exception
) -> None:
    behind = Doubling()
    behind.fails = fault
    runner = CachedRunner(behind, store, Mode.AUTO)
    passes = [Pass(inputs=inputs, without="dense")]

    for _ in range(2):
        with pytest.raises(type(fault)):
            runner.predict(ARTIFACT, passes, OUTPUTS, LIMITS)

    assert behind.asked == [1, 1]


def test_a_later_kind_that_fails_cuts_the_answer_short(
    store: Store, inputs: SharedInputs
) -> None:
    behind = Doubling()
    behind.fails = Ungradable(Code.CRASH)
    runner = CachedRunner(behind, store, Mode.AUTO)
    passes = [
        Pass(inputs=inputs, kind="plain"),
        Pass(inputs=inputs, kind="without", without="dense"),
        Pass(inputs=inputs, kind="small", batch=1),
    ]

    done = runner.predict(ARTIFACT, passes, OUTPUTS, LIMITS)

    assert (len(done), behind.asked) == (1, [1, 1])


def test_a_file_is_read_once(store: Store) -> None:
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)

    found = [runner.read(ARTIFACT), runner.read(ARTIFACT)]

    assert found == [{"layers": ["Dense", None, 2.5]}] * 2
    assert behind.asked == [0]


def test_values_of_a_file_are_another_question(store: Store) -> None:
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)
    runner.read(ARTIFACT)

    runner.read(ARTIFACT, values=True)

    assert behind.asked == [0, 0]


def test_a_file_that_cannot_be_read_is_not_tried_again(store: Store) -> None:
    behind = Doubling()
    behind.fails = Ungradable(Code.FORMAT, "no HDF5")
    runner = CachedRunner(behind, store, Mode.AUTO)

    for _ in range(2):
        with pytest.raises(Ungradable, match="E_FORMAT: no HDF5"):
            runner.read(ARTIFACT)

    assert behind.asked == [0]


def test_a_runtime_is_loaded_once_a_file_is_not_known(store: Store) -> None:
    known, new = ARTIFACT, replace(ARTIFACT, sha256="b" * 64)
    CachedRunner(Doubling(), store, Mode.AUTO).read(known)
    behind = Doubling()
    runner = CachedRunner(behind, store, Mode.AUTO)

    runner.start()
    runner.read(known)
    before = behind.started
    runner.read(new)

    assert (before, behind.started) == (0, 1)


def test_no_runtime_is_loaded_for_files_alone(store: Store) -> None:
    behind = Doubling()

    CachedRunner(behind, store, Mode.AUTO).read(ARTIFACT)

    assert behind.started == 0
