"""The linear predictor finds what is linear, and never sees what it predicts."""

import os
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]

from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.predictors import NotApplicable, predict
from pytest_tfgrade.predictors.interface import Array

PROBABILITIES = OutputKind.PROBABILITIES
THREE_CLASSES = OutputSpec(shape=(None, 3), kind=PROBABILITIES)
YES_OR_NO = OutputSpec(shape=(None, 1), kind=PROBABILITIES)
NUMBER = OutputSpec(shape=(None, 1))

RNG = np.random.Generator(np.random.PCG64(5))
POINTS = RNG.normal(size=(300, 2, 4)).astype(np.float32)
WEIGHTS = RNG.normal(size=(8, 3))
SCORES = POINTS.reshape(300, 8) @ WEIGHTS


def rightness(predictions: Array, labels: Array) -> float:
    assert np.allclose(predictions.sum(axis=-1), 1)
    return float((predictions.argmax(axis=-1) == labels).mean())


def test_numbers_on_a_plane_are_found() -> None:
    predictions = predict("linear", {"x": POINTS}, SCORES, OutputSpec(shape=(None, 3)))

    assert predictions.shape == (300, 3)
    assert np.abs(predictions - SCORES).max() < 0.01


def test_a_forecast_of_several_steps_keeps_its_axes() -> None:
    targets = SCORES[..., None].astype(np.float32)

    predictions = predict(
        "linear", {"x": POINTS}, targets, OutputSpec(shape=(None, 3, 1))
    )

    assert predictions.shape == (300, 3, 1)
    assert np.abs(predictions - targets).max() < 0.01


@pytest.mark.parametrize("one_hot", [False, True])
def test_classes_behind_planes_are_found(one_hot: bool) -> None:
    labels = SCORES.argmax(axis=1)
    targets = np.eye(3)[labels] if one_hot else labels

    predictions = predict("linear", {"x": POINTS}, targets, THREE_CLASSES)

    assert rightness(predictions, labels) > 0.9


def test_a_flag_behind_a_plane_is_found() -> None:
    flags = (SCORES[:, 0] > 0).astype(np.int64)

    predictions = predict("linear", {"x": POINTS}, flags, YES_OR_NO)

    assert predictions.shape == (300, 1)
    assert ((predictions[:, 0] > 0.5) == flags).mean() > 0.9


def test_several_flags_are_found_each_by_itself() -> None:
    flags = (SCORES > 0).astype(np.int64)

    predictions = predict("linear", {"x": POINTS}, flags, OutputSpec(shape=(None, 3)))

    assert ((predictions > 0.5) == flags).mean(axis=0).min() > 0.9


def test_all_inputs_are_looked_at() -> None:
    left, right = np.split(POINTS.reshape(300, 8), 2, axis=1)

    predictions = predict("linear", {"a": left, "b": right}, SCORES[:, :1], NUMBER)

    assert np.abs(predictions - SCORES[:, :1]).max() < 0.01


@pytest.mark.parametrize("shape", [(200,), (200, 1)])
def test_texts_are_told_apart_by_their_words(shape: tuple[int, ...]) -> None:
    labels = np.arange(200) % 3
    animals = np.array(["cats", "dogs", "owls"])[labels]
    texts = np.array([f"Some {animal} sleep." for animal in animals]).reshape(shape)

    predictions = predict("linear", {"text": texts}, labels, THREE_CLASSES)

    assert rightness(predictions, labels) == 1


def test_numbers_are_predicted_from_texts_as_well() -> None:
    stars = np.arange(200) % 5 + 0.5
    texts = np.array(["awful", "bad", "fair", "good", "best"] * 40)

    predictions = predict("linear", {"text": texts}, stars, NUMBER)

    assert np.abs(predictions[:, 0] - stars).max() < 0.05


def test_ids_are_told_apart_wherever_they_stand() -> None:
    labels = np.arange(300) % 3
    ids = RNG.integers(10, 50, (300, 12), dtype=np.int32)
    ids[np.arange(300), RNG.integers(0, 12, 300)] = labels + 60  # one word decides

    predictions = predict("linear", {"ids": ids}, labels, THREE_CLASSES)

    assert rightness(predictions, labels) > 0.9


def test_whole_numbers_that_are_measures_are_read_as_such() -> None:
    ages = RNG.integers(0, 10_000, (300, 2))
    targets = ages[:, :1] * 2.5 - ages[:, 1:]

    predictions = predict("linear", {"ages": ages}, targets, NUMBER)

    assert np.abs(predictions - targets).mean() < 0.05 * targets.std()


def test_a_mask_is_predicted_from_the_colours_of_each_pixel() -> None:
    images = RNG.random((40, 6, 5, 3)).astype(np.float32)
    masks = images.argmax(axis=-1)
    spec = OutputSpec(shape=(None, 6, 5, 3), kind=PROBABILITIES)

    predictions = predict("linear", {"image": images}, masks, spec)

    assert predictions.shape == (40, 6, 5, 3)
    assert rightness(predictions, masks) > 0.9


@pytest.mark.parametrize("shape", [(40, 6, 5), (40, 6, 5, 1)])
def test_a_mask_of_yes_and_no_is_predicted_likewise(shape: tuple[int, ...]) -> None:
    images = RNG.random((40, 6, 5, 3)).astype(np.float32)
    masks = (images[..., 0] > 0.5).astype(np.uint8).reshape(shape)
    spec = OutputSpec(shape=(None, 6, 5, 1), kind=PROBABILITIES)

    predictions = predict("linear", {"image": images}, masks, spec)

    assert ((predictions > 0.5) == masks.reshape(40, 6, 5, 1)).mean() > 0.9


def test_the_next_character_is_predicted_from_the_one_at_the_same_step() -> None:
    ids = RNG.integers(0, 5, (100, 9))
    following = (ids * 2 + 1) % 5
    spec = OutputSpec(shape=(None, None, 5), kind=PROBABILITIES)

    predictions = predict("linear", {"ids": ids}, following, spec)

    assert predictions.shape == (100, 9, 5)
    assert rightness(predictions, following) == 1


def test_targets_that_have_nothing_to_do_with_inputs_are_not_found() -> None:
    wide = RNG.normal(size=(200, 500))  # enough columns to learn every row by heart
    labels = RNG.integers(0, 2, 200)

    predictions = predict(
        "linear", {"x": wide}, labels, OutputSpec(shape=(None, 2), kind=PROBABILITIES)
    )

    assert rightness(predictions, labels) < 0.65


@pytest.mark.parametrize(
    ("targets", "spec"),
    [
        pytest.param(SCORES.argmax(axis=1), THREE_CLASSES, id="labels"),
        pytest.param(SCORES[:, :1], NUMBER, id="numbers"),
    ],
)
def test_no_prediction_depends_on_its_own_target(
    targets: Array, spec: OutputSpec
) -> None:
    changed = targets.copy()
    changed[17] = (changed[17] + 1) % 3

    before = predict("linear", {"x": POINTS}, targets, spec)
    after = predict("linear", {"x": POINTS}, changed, spec)

    assert after[17].tolist() == before[17].tolist()
    assert (after != before).any()


def test_sorted_labels_are_found_as_well() -> None:
    labels = np.sort(SCORES.argmax(axis=1))
    points = POINTS[np.argsort(SCORES.argmax(axis=1), kind="stable")]

    predictions = predict("linear", {"x": points}, labels, THREE_CLASSES)

    assert rightness(predictions, labels) > 0.9


@pytest.mark.parametrize("labels", [np.zeros(8, int), np.array([0] * 7 + [1])])
def test_a_class_that_one_half_lacks_has_no_probability_there(labels: Array) -> None:
    predictions = predict("linear", {"x": POINTS[:8]}, labels, THREE_CLASSES)

    assert predictions[:, 2].tolist() == [0] * 8
    assert np.allclose(predictions.sum(axis=1), 1)


def test_inputs_that_never_change_tell_nothing() -> None:
    targets = np.arange(1, 5) + 0.5

    predictions = predict("linear", {"x": np.ones((4, 2))}, targets, NUMBER)

    assert predictions.ravel().tolist() == pytest.approx([3.5, 2.5, 3.5, 2.5])


def test_of_huge_inputs_some_columns_are_enough() -> None:
    wide = np.repeat(POINTS[:20].reshape(20, 8), 2100, axis=1)

    predictions = predict("linear", {"x": wide}, wide[:, :1] * 2.0, NUMBER)

    assert np.corrcoef(predictions[:, 0], wide[:, 0])[0, 1] > 0.5


SCRIPT = """
import hashlib
import numpy as np
from pytest_tfgrade.core.contract import OutputKind, OutputSpec
from pytest_tfgrade.predictors import predict
rng = np.random.Generator(np.random.PCG64(0))
x = rng.normal(size=(600, 28, 28))
classes = OutputSpec(shape=(None, 10), kind=OutputKind.PROBABILITIES)
one = predict("linear", {"x": x}, rng.integers(0, 10, 600), classes)
two = predict("linear", {"x": x}, x[:, 0, :5], OutputSpec(shape=(None, 5)))
print(hashlib.sha256(one.tobytes() + two.tobytes()).hexdigest())
"""


def test_the_number_of_threads_does_not_change_a_byte() -> None:
    shown = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]

    assert shown[0] == shown[1]


def test_another_seed_cuts_labels_in_other_halves() -> None:
    labels = SCORES.argmax(axis=1)

    one, same, other = (
        predict("linear", {"x": POINTS}, labels, THREE_CLASSES, seed=seed)
        for seed in (0, 0, 1)
    )

    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("inputs", "targets", "spec", "message"),
    [
        pytest.param(
            np.zeros((3, 1)),
            np.full(3, 0.5),
            NUMBER,
            "linear needs at least 4 examples, there are 3",
            id="too-few",
        ),
        pytest.param(
            np.array(["", "..", " ", "!"]),
            np.full(4, 0.5),
            NUMBER,
            "there is no word in the texts of 'x'",
            id="no-word",
        ),
        pytest.param(
            np.full((4, 2), np.inf),
            np.full(4, 0.5),
            NUMBER,
            "'x' holds NaN or infinite values",
            id="infinite",
        ),
        pytest.param(
            np.zeros((4, 9)),
            np.zeros((4, 6, 5), int),
            OutputSpec(shape=(None, 6, 5, 3), kind=PROBABILITIES),
            "labels are at places (6, 5) of each example, and no input has these",
            id="no-such-places",
        ),
        pytest.param(
            np.zeros((4, 9)),
            np.ones((4, 101), int),
            OutputSpec(shape=(None, 101)),
            "linear predicts 100 flags of an example at most, there are 101",
            id="too-many-flags",
        ),
    ],
)
def test_what_no_linear_model_can_learn_from_is_refused(
    inputs: Array, targets: Array, spec: OutputSpec, message: str
) -> None:
    with pytest.raises(NotApplicable, match=f"^{re.escape(message)}$"):
        predict("linear", {"x": inputs}, targets, spec)


def test_fits_at_once_leave_threads_and_warnings_as_they_were() -> None:
    given = {"x": POINTS}, SCORES.argmax(axis=1), THREE_CLASSES
    alone = predict("linear", *given)
    threads = [pool["num_threads"] for pool in threadpool_info()]
    filters = list(warnings.filters)

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(predict, "linear", *given) for _ in range(8)]
        found = [future.result() for future in asked]

    assert all(np.array_equal(each, alone) for each in found)
    assert [pool["num_threads"] for pool in threadpool_info()] == threads
    assert warnings.filters == filters
