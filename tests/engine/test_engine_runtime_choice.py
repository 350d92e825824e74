"""Which runtime loads a file, and whose fault it is when none does."""

from dataclasses import replace

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable, Unloadable
from pytest_tfgrade.core.facts import Facts, Weights
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.engine.runtime_choice import in_order, judged

KERAS3 = KnownRuntime(name="keras3", python="here", keras="3.15.1")
TF_KERAS = KnownRuntime(
    name="tf_keras", python="here", library="tf_keras", keras="2.21.0"
)
NO_TF_KERAS = replace(TF_KERAS, keras=None, missing="here has no tf_keras; install it")
OLD = KnownRuntime(name="old", python="there", keras="2.15.0")

H5, KERAS = ArtifactFormat.H5, ArtifactFormat.KERAS
SAVED_MODEL, TFLITE = ArtifactFormat.SAVED_MODEL, ArtifactFormat.TFLITE


def facts(version: str | None, form: ArtifactFormat = H5) -> Facts:
    return Facts(
        format=form,
        keras_version=version,
        model_class="Sequential",
        layers=(),
        inputs=(),
        outputs=(),
        last_activation=None,
        weights=Weights(parameters=1, model_bytes=4, optimizer_bytes=0),
        compile_settings=None,
    )


def failed(code: Code = Code.LOAD) -> Unloadable:
    return Unloadable(code, detail=f"why {code}")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(facts("3.4.1"), ["keras3", "tf_keras", "old"], id="keras-3"),
        pytest.param(facts("2.2.4-tf"), ["tf_keras", "old", "keras3"], id="keras-2"),
        pytest.param(facts(None), ["tf_keras", "old", "keras3"], id="old-hdf5"),
        pytest.param(
            facts(None, KERAS), ["keras3", "tf_keras", "old"], id="a-keras-file"
        ),
        pytest.param(
            facts(None, SAVED_MODEL), ["keras3", "old"], id="each-tensorflow-once"
        ),
        pytest.param(facts(None, TFLITE), ["keras3", "old"], id="tflite"),
    ],
)
def test_the_keras_of_a_files_own_era_goes_first(
    file: Facts, expected: list[str]
) -> None:
    ordered = in_order(file, [KERAS3, TF_KERAS, OLD])

    assert [known.name for known in ordered] == expected


def test_a_missing_runtime_keeps_its_place() -> None:
    assert in_order(facts("2.9.0"), [KERAS3, NO_TF_KERAS])[0] is NO_TF_KERAS


def test_a_file_of_keras_2_costs_nobody_a_point_where_only_keras_3_was_there() -> None:
    verdict = judged([(KERAS3, failed())], [NO_TF_KERAS, KERAS3], facts("2.15.0"))

    assert isinstance(verdict, RunnerError)
    assert str(verdict) == (
        "the file was saved by Keras 2.15.0: here has no tf_keras; install it"
    )


def test_with_no_runtime_at_all_the_first_is_asked_for() -> None:
    verdict = judged([], [NO_TF_KERAS], facts("2.15.0"))

    assert isinstance(verdict, RunnerError)


def test_a_file_that_its_own_keras_cannot_load_is_at_fault() -> None:
    own = failed(Code.CUSTOM_OBJECT)

    verdict = judged(
        [(TF_KERAS, own), (KERAS3, failed())], [TF_KERAS, KERAS3], facts("2.15.0")
    )

    assert verdict is own


def test_a_file_newer_than_all_is_told_its_version() -> None:
    verdict = judged(
        [(KERAS3, failed()), (TF_KERAS, failed())], [KERAS3, TF_KERAS], facts("3.99.0")
    )

    assert isinstance(verdict, Ungradable)
    assert verdict.code is Code.VERSION
    assert verdict.rationale == (
        "the file was saved by Keras 3.99.0, and neither Keras 3.15.1 nor Keras 2.21.0 "
        "can load it"
    )
    assert verdict.hint == "Save it again with Keras 3.15.1."


def test_what_was_refused_for_its_memory_is_no_matter_of_versions() -> None:
    too_much = failed(Code.MEMORY)

    verdict = judged([(KERAS3, too_much)], [NO_TF_KERAS, KERAS3], facts("2.15.0"))

    assert verdict is too_much
