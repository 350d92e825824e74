"""Every format, era and architecture predicts what its own library predicts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Graded = Callable[[str], dict[str, Any]]

ARCHITECTURES = (
    *("dense", "cnn", "depthwise", "bilstm", "gru", "conv_lstm", "two_ends"),
    *("nested", "custom", "text", "normalized"),
)
FORMATS = ("keras", "h5", "weights", "old_weights", "savedmodel", "tflite")

NOT_WRITTEN = {
    # Keras 3 has one layout of weights.
    *(("keras", name, "old_weights") for name in ARCHITECTURES),
    # The interpreter of TensorFlow lacks the operations of loops and of texts, which
    # leaves no native prediction to compare with.
    *(
        (library, name, "tflite")
        for library in ("keras", "tf_keras")
        for name in ("bilstm", "gru", "conv_lstm", "two_ends", "text")
    ),
    # tf-keras refuses to write a vocabulary into HDF5.
    ("tf_keras", "text", "h5"),
    ("tf_keras", "text", "old_weights"),
}
"""What the libraries themselves do not write, or cannot run."""

UNGRADABLE = {
    ("keras", "text", "h5"): (
        "E_FORMAT",
        "the .h5 file does not hold the vocabulary of the layer 'text_vectorization'",
    ),
}
"""The code and its text, of files that their own library cannot use either."""


def cases() -> Iterator[tuple[str, str, str]]:
    for library in ("keras", "tf_keras"):
        for architecture in ARCHITECTURES:
            for form in FORMATS:
                if (library, architecture, form) not in NOT_WRITTEN:
                    yield library, architecture, form


@pytest.mark.parametrize(("library", "architecture", "form"), list(cases()))
def test_a_model_predicts_what_its_own_library_predicts(
    library: str, architecture: str, form: str, graded: Graded
) -> None:
    task = graded(library)[f"{architecture}-{form}"]

    if (library, architecture, form) in UNGRADABLE:
        criterion = task["criteria"][0]
        expected = UNGRADABLE[library, architecture, form]
        assert (task["code"], criterion["rationale"]) == expected
    else:
        assert task["code"] is None, task["criteria"]
        assert all(criterion["value"] <= 1e-6 for criterion in task["criteria"])
        assert task["points"] == task["max_points"]


@pytest.mark.parametrize("library", ["keras", "tf_keras"])
def test_nothing_that_a_library_writes_is_left_out(
    library: str, graded: Graded
) -> None:
    written = {
        f"{architecture}-{form}"
        for lib, architecture, form in cases()
        if lib == library
    }

    assert set(graded(library)) == written


COMMITTED = sorted(
    path.name
    for path in (Path(__file__).parents[1] / "keras2" / "files").iterdir()
    if path.suffix != ".npz" and path.name != "time_major.h5"
)


@pytest.mark.parametrize("name", COMMITTED)
def test_a_model_of_years_ago_predicts_what_it_did_then(
    name: str, graded: Graded
) -> None:
    task = graded("keras2")[name.replace(".", "-")]

    assert task["code"] is None, task["criteria"]
    assert all(criterion["value"] <= 1e-6 for criterion in task["criteria"])
    assert task["points"] == task["max_points"]


def test_the_choice_and_what_was_done_to_a_file_are_in_the_report(
    graded: Graded,
) -> None:
    tasks = graded("keras2")

    assert tasks["dense-2_2-h5"]["run"] == {
        "runtime": "tf_keras",
        "repairs": ["lr"],
        "adapted": [],
    }
    assert tasks["axes_early-3_0-h5"]["run"] == {
        "runtime": "keras3",
        "repairs": ["axis"],
        "adapted": [],
    }
    assert tasks["stateful-h5"]["run"] == {
        "runtime": "tf_keras",
        "repairs": [],
        "adapted": ["4 rows at a time, as the model declares"],
    }


@pytest.mark.parametrize(
    ("library", "runtime"), [("keras", "keras3"), ("tf_keras", "tf_keras")]
)
def test_what_keras_saved_is_loaded_by_the_keras_of_its_era(
    library: str, runtime: str, graded: Graded
) -> None:
    tasks = graded(library)

    runtimes = {
        task["run"]["runtime"]
        for name, task in tasks.items()
        if name.endswith(("-keras", "-h5")) and task["run"]
    }
    assert runtimes == {runtime}
