"""A scheduler and two workers on this machine, real models, and what can go wrong."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import LocalRunner, Pass, Predictions, Runner, SharedInputs
from pytest_tfgrade.runner.cluster import open_cluster
from pytest_tfgrade.runner.cluster.dask_cluster import DaskCluster, address_of
from pytest_tfgrade.runner.cluster.dask_runner import DaskRunner

if TYPE_CHECKING:
    from conftest import FarSide

MakeModel = Callable[..., Path]

FLATTEN = ("Flatten", {})
SLOW = (
    ("UpSampling1D", {"size": 1000}),
    ("AveragePooling1D", {"pool_size": 3001, "strides": 1, "padding": "same"}),
    ("GlobalAveragePooling1D", {}),
)

IMAGES = np.random.default_rng(0).random((10_000, 8, 8), dtype=np.float32)


@pytest.fixture(scope="module")
def images() -> Iterator[SharedInputs]:
    with SharedInputs({"image": IMAGES}) as inputs:
        yield inputs


@pytest.fixture(scope="module")
def few_images() -> Iterator[SharedInputs]:
    with SharedInputs({"image": IMAGES[:10]}) as inputs:
        yield inputs


def ask(
    runner: Runner,
    path: Path,
    inputs: SharedInputs,
    width: int = 64,
    limits: Limits | None = None,
) -> Predictions:
    artifact = Artifact(
        path=path, name=path.name, format=ArtifactFormat.KERAS, sha256="", size=1
    )
    outputs = {"y": OutputSpec(shape=(None, width))}
    plain = [Pass(inputs=inputs)]
    return runner.predict(artifact, plain, outputs, limits or Limits())[0]


def is_over(pid: int) -> bool:
    """Return whether a process has ended, though nobody may have asked how."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def claims(folder: Path, name: str, version: str) -> dict[str, str]:
    """Return the environment of a worker that has a package of another version."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(text)
    return {"PYTHONPATH": str(folder)}


def test_workers_predict_the_same_bytes_and_leave_nothing_behind(
    far_side: "FarSide", make_model: MakeModel, images: SharedInputs
) -> None:
    paths = [
        make_model(f"{n}.keras", FLATTEN, ("ReLU", {"threshold": n / 10}))
        for n in range(6)
    ]
    wrong = make_model("wrong.keras", ("Reshape", {"target_shape": [8]}))
    here, there = LocalRunner(), open_cluster(str(far_side.scheduler_file))
    try:
        expected = [ask(here, path, images) for path in paths]
        there.require_isolated()
        there.require_available()
        there.start()
        with ThreadPoolExecutor(there.threads) as pool:
            got = list(pool.map(lambda path: ask(there, path, images), paths))
        with pytest.raises(Ungradable) as expected_finding:
            ask(here, wrong, images)
        with pytest.raises(Ungradable) as finding:
            ask(there, wrong, images)
        assert there.isolation() == here.isolation()
        assert there.versions["keras3"] == here.versions["keras3"]
    finally:
        here.close()
        there.close()

    assert [one.arrays["y"].tobytes() for one in got] == [
        one.arrays["y"].tobytes() for one in expected
    ]
    assert type(finding.value) is type(expected_finding.value)
    assert finding.value.code is expected_finding.value.code
    assert finding.value.rationale == expected_finding.value.rationale
    assert there.runtimes == here.runtimes
    assert there.notices == ()
    assert [far_side.descendants(name) for name in ("one", "two")] == [set(), set()]
    assert list(far_side.folder.glob("*.tmp/tfgrade*")) == []


def test_a_worker_killed_in_the_middle_costs_a_retry_and_no_grade(
    far_side: "FarSide", make_model: MakeModel, few_images: SharedInputs, tmp_path: Path
) -> None:
    slow = make_model("slow.keras", *SLOW)
    cluster = DaskCluster(address_of(str(far_side.scheduler_file)), seconds=20)
    runner = DaskRunner(cluster, seconds_for_another=0)
    try:
        runner.start()
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(ask, runner, slow, few_images, 8) for _ in range(3)]
            far_side.wait_for(lambda: far_side.runs_a_model("one"))
            its_processes = far_side.descendants("one")
            far_side.kill("one")
            got = [one.result(120).arrays["y"].tobytes() for one in asked]
        far_side.wait_for(lambda: all(map(is_over, its_processes)))
        lost = runner.notices

        left_behind = list(far_side.temporary("one").glob("tfgrade*"))
        there = {"TMPDIR": str(far_side.temporary("one"))}  # on the same machine
        far_side.start_worker("three", environment=there)
        far_side.await_workers(2)
        far_side.kill("two")
        by_who_joined_late = ask(runner, slow, few_images, 8)
        cleaned = not any(folder.exists() for folder in left_behind)

        far_side.kill("three")
        with pytest.raises(RunnerError, match="no worker is left, and none joined"):
            ask(runner, slow, few_images, 8)
    finally:
        runner.close()

    assert set(got) == {by_who_joined_late.arrays["y"].tobytes()}
    assert (len(left_behind), cleaned) == (1, True)
    assert [text.partition(": ")[0] for text in lost] == ["workers lost during the run"]
    assert lost[0].endswith("; what they had was run again elsewhere")


def test_a_grader_that_is_killed_leaves_nothing_on_workers(
    far_side: "FarSide", make_model: MakeModel
) -> None:
    program = str(Path(__file__).parent / "grade_and_wait.py")
    slow = str(make_model("slow.keras", *SLOW))
    grader = subprocess.Popen(
        [sys.executable, program, str(far_side.scheduler_file), slow]
    )
    try:
        far_side.wait_for(
            lambda: far_side.runs_a_model("one") or far_side.runs_a_model("two")
        )
    finally:
        grader.send_signal(signal.SIGKILL)
        grader.wait()

    far_side.wait_for(lambda: not any(map(far_side.descendants, ("one", "two"))))
    far_side.wait_for(lambda: not list(far_side.folder.glob("*.tmp/tfgrade*")))


def test_a_scheduler_that_goes_away_is_an_error_that_says_so(
    far_side: "FarSide", make_model: MakeModel, few_images: SharedInputs
) -> None:
    slow = make_model("slow.keras", *SLOW)
    runner = open_cluster(str(far_side.scheduler_file))
    address = address_of(str(far_side.scheduler_file))
    try:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, runner, slow, few_images, 8)
            far_side.wait_for(
                lambda: far_side.runs_a_model("one") or far_side.runs_a_model("two")
            )
            far_side.kill("scheduler")
            with pytest.raises(RunnerError) as caught:
                asked.result(60)
    finally:
        runner.close()

    assert str(caught.value) == (
        f"{address}: the Dask scheduler went away during the run; "
        "start it and its workers, and grade again"
    )


def test_workers_of_other_versions_are_all_named_before_any_model(
    far_side: "FarSide", tmp_path: Path
) -> None:
    ours = claims(tmp_path / "ours", "pytest_tfgrade", "0.0.1")
    keras = claims(tmp_path / "keras", "keras", "3.0.0")
    far_side.start_worker("old", environment=ours)
    far_side.start_worker("other", environment=keras)
    far_side.await_workers(4)
    runner = open_cluster(str(far_side.scheduler_file))
    try:
        with pytest.raises(RunnerError) as caught:
            runner.require_isolated()
    finally:
        runner.close()

    old, differs = str(caught.value).splitlines()
    assert ": pytest-tfgrade 0.0.1, the grader has " in old
    assert differs.startswith("workers differ in keras of the runtime 'keras3': 3.")
    assert "3.0.0 on tcp://127.0.0.1:" in differs


def test_a_worker_of_another_version_that_joins_late_is_left_out(
    far_side: "FarSide", make_model: MakeModel, few_images: SharedInputs, tmp_path: Path
) -> None:
    flat = make_model("flat.keras", FLATTEN)
    runner = open_cluster(str(far_side.scheduler_file))
    try:
        environment = claims(tmp_path / "ours", "pytest_tfgrade", "0.0.1")
        far_side.start_worker("old", environment=environment)
        far_side.await_workers(3)
        far_side.kill("one")

        ask(runner, flat, few_images)

        late = [text for text in runner.notices if text.startswith("joined")]
    finally:
        runner.close()
    assert len(late) == 1
    assert "left out: tcp://127.0.0.1:" in late[0]
    assert ": pytest-tfgrade 0.0.1, the grader has " in late[0]
