"""Real models in real children of a real zygote."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import LocalRunner, Pass, Predictions, SharedInputs

MakeModel = Callable[..., Path]
Predict = Callable[..., Predictions]

FLATTEN = ("Flatten", {})
SLOW = (
    ("UpSampling1D", {"size": 4000}),
    ("AveragePooling1D", {"pool_size": 3001, "strides": 1, "padding": "same"}),
)
HUGE = (FLATTEN, ("RepeatVector", {"n": 20_000_000}))


def children_of(pid: int) -> set[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return {int(child) for child in listed.split()}


def zygote_pid(runner: LocalRunner) -> int:
    kept = runner._models["keras3"]  # no child, no other way to its number
    return kept.start().result().pid


def test_a_model_returns_its_predictions_for_every_row(
    make_model: MakeModel, predict: Predict
) -> None:
    values = np.random.default_rng(0).random((500, 8, 8), dtype=np.float32)

    predictions = predict(make_model("flat.keras", FLATTEN))

    np.testing.assert_array_equal(predictions.arrays["y"], values.reshape(500, 64))
    assert set(predictions.seconds) == {"load", "predict"}
    assert repr(predictions) == "<Predictions {'y': (500, 64)}>"


def test_one_model_or_two_in_flight_return_the_same_bytes(
    make_model: MakeModel, predict: Predict
) -> None:
    paths = [
        make_model(f"{n}.keras", FLATTEN, ("ReLU", {"threshold": n / 10}))
        for n in range(6)
    ]

    alone = [predict(path).arrays["y"].tobytes() for path in paths]
    with ThreadPoolExecutor(2) as pool:
        together = [p.arrays["y"].tobytes() for p in pool.map(predict, paths)]

    assert alone == together
    assert len(set(alone)) == 6


def test_a_cold_zygote_returns_the_same_predictions(
    make_model: MakeModel, predict: Predict
) -> None:
    path = make_model("flat.keras", FLATTEN)
    cold = LocalRunner(warm=False)
    try:
        predictions = predict(path, by=cold)
        start = cold.versions["keras3"]["start"]
    finally:
        cold.close()

    assert start == "cold"
    expected = predict(path).arrays["y"]
    np.testing.assert_array_equal(predictions.arrays["y"], expected)


def test_the_zygote_is_warm_where_its_self_test_holds(
    make_model: MakeModel, predict: Predict, runner: LocalRunner
) -> None:
    predict(make_model("flat.keras", FLATTEN))

    assert runner.versions["keras3"]["start"] == "warm"


def test_a_slow_model_is_stopped_in_time_and_its_phase_named(
    make_model: MakeModel, predict: Predict
) -> None:
    path = make_model("slow.keras", *SLOW)
    predict(make_model("first.keras", FLATTEN))
    begun = time.monotonic()

    with pytest.raises(Ungradable) as caught:
        predict(path, Limits(seconds=2))

    assert time.monotonic() - begun < 4
    assert caught.value.code is Code.TIMEOUT
    assert caught.value.rationale == (
        "the model was still busy after 2 s, in the phase 'predict'"
    )


def test_a_model_that_wants_too_much_memory_is_told_so(
    make_model: MakeModel, predict: Predict
) -> None:
    with pytest.raises(Ungradable) as caught:
        predict(make_model("huge.keras", *HUGE), Limits(memory=1 << 30))

    assert caught.value.code is Code.MEMORY
    assert caught.value.rationale == Code.MEMORY.text


def test_a_wrong_output_shape_is_found_before_the_data_are_read(
    make_model: MakeModel, predict: Predict
) -> None:
    path = make_model("flat.keras", FLATTEN)

    with pytest.raises(Ungradable) as caught:
        predict(path, outputs={"y": OutputSpec(shape=(None, 10))})

    assert caught.value.code is Code.OUTPUT_SHAPE
    assert caught.value.rationale == (
        "the predictions have shape (None, 64), the task asks for (None, 10)"
    )


def test_inputs_that_a_model_refuses_are_a_wrong_input_shape(
    make_model: MakeModel, predict: Predict
) -> None:
    path = make_model("other.keras", ("ZeroPadding2D", {}), shape=(8, 8, 2))

    with pytest.raises(Ungradable) as caught:
        predict(path)

    assert caught.value.code is Code.INPUT_SHAPE
    assert caught.value.detail is not None
    assert "while it was to predict" in caught.value.detail


def test_an_unknown_layer_is_a_custom_object(
    make_model: MakeModel, predict: Predict
) -> None:
    with pytest.raises(Ungradable) as caught:
        predict(make_model("odd.keras", ("Zappify", {})))

    assert caught.value.code is Code.CUSTOM_OBJECT


def test_what_is_no_model_cannot_be_loaded(tmp_path: Path, predict: Predict) -> None:
    path = tmp_path / "broken.keras"
    path.write_bytes(b"PK\x03\x04 and then nothing")

    with pytest.raises(Ungradable) as caught:
        predict(path)

    assert caught.value.code is Code.LOAD


def test_a_child_that_is_killed_is_a_crash_and_its_neighbours_go_on(
    make_model: MakeModel, predict: Predict, runner: LocalRunner
) -> None:
    slow, quick = make_model("slow.keras", *SLOW), make_model("q.keras", FLATTEN)
    predict(quick)
    before = children_of(zygote_pid(runner))

    with ThreadPoolExecutor(2) as pool:
        doomed = pool.submit(predict, slow, Limits(seconds=30))
        while not (new := children_of(zygote_pid(runner)) - before):
            time.sleep(0.01)
        time.sleep(0.5)  # past the first frames
        os.kill(new.pop(), signal.SIGSEGV)
        neighbour = pool.submit(predict, quick)
        with pytest.raises(Ungradable) as caught:
            doomed.result()

    assert caught.value.code is Code.CRASH
    assert "SIGSEGV (Segmentation fault)" in caught.value.rationale
    assert neighbour.result().arrays["y"].shape == (500, 64)


def test_a_zygote_that_dies_is_started_again_and_nobody_loses_by_it(
    make_model: MakeModel, predict: Predict
) -> None:
    path = make_model("flat.keras", FLATTEN)
    mortal = LocalRunner()
    try:
        predict(path, by=mortal)
        first = zygote_pid(mortal)
        os.kill(first, signal.SIGKILL)
        predictions = predict(path, by=mortal)
        second = zygote_pid(mortal)
    finally:
        mortal.close()

    assert predictions.arrays["y"].shape == (500, 64)
    assert first != second


def test_closing_ends_every_process_and_removes_every_folder(
    make_model: MakeModel, predict: Predict
) -> None:
    slow = make_model("slow.keras", *SLOW)
    runner = LocalRunner()
    folder = runner.staging.parent
    predict(make_model("flat.keras", FLATTEN), by=runner)
    zygote = zygote_pid(runner)
    failures: list[Exception] = []

    def keep_busy() -> None:
        try:
            predict(slow, Limits(seconds=60), by=runner)
        except (Ungradable, RunnerError) as error:
            failures.append(error)

    busy = threading.Thread(target=keep_busy)
    busy.start()
    while not (children := children_of(zygote)):
        time.sleep(0.01)
    runner.close()
    busy.join(timeout=10)

    assert not busy.is_alive()
    assert [type(failure) for failure in failures] == [RunnerError]
    assert not folder.exists()
    assert not any(Path(f"/proc/{pid}").exists() for pid in (zygote, *children))


def test_a_runner_that_is_closed_while_it_starts_leaves_nothing() -> None:
    runner = LocalRunner()
    folder = runner.staging.parent
    runner.start()
    begun = time.monotonic()

    runner.close()

    assert time.monotonic() - begun < 3
    assert not folder.exists()


def test_text_reaches_a_model_as_strings(
    make_model: MakeModel, runner: LocalRunner
) -> None:
    """A model of floats refuses them; that it is asked with strings is what counts."""
    path = make_model("flat.keras", FLATTEN, shape=(1,))
    words = np.array([["naïve"], ["模型"]])

    with SharedInputs({"text": words}) as inputs, pytest.raises(Ungradable) as caught:
        runner.predict(
            Artifact(
                path=path,
                name=path.name,
                format=ArtifactFormat.KERAS,
                sha256="",
                size=1,
            ),
            [Pass(inputs=inputs)],
            {"y": OutputSpec(shape=(None, 1))},
            Limits(),
        )

    assert caught.value.detail is not None
    assert "string" in caught.value.detail
