"""Codes and the errors that carry them."""

import inspect

import pytest

from pytest_tfgrade.core import errors
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import CheckFailed, TfgradeError, Ungradable

DESIGN = (
    "E_MISSING E_FORMAT E_SIZE E_VERSION E_UNSAFE E_CUSTOM_OBJECT E_LOAD E_INPUT_SHAPE "
    "E_OUTPUT_SHAPE E_DTYPE E_NONFINITE E_CRASH E_TIMEOUT E_MEMORY E_RESOURCE E_POLICY "
    "E_PROTOCOL E_INFRA"
)


def test_the_codes_are_those_of_the_design() -> None:
    assert " ".join(Code) == DESIGN


@pytest.mark.parametrize("code", Code)
def test_a_code_has_a_text_and_a_hint(code: Code) -> None:
    assert code.text[0].islower()
    assert not code.text.endswith(".")
    assert code.hint[0].isupper()
    assert code.hint.endswith(".")


def test_no_two_codes_say_the_same() -> None:
    assert len({code.text for code in Code}) == len(Code)


def test_a_finding_falls_back_on_the_texts_of_its_code() -> None:
    finding = Ungradable(Code.SIZE, detail="5 GB")

    assert (finding.rationale, finding.hint, finding.detail, str(finding)) == (
        "the file is larger than the task allows",
        "Save a copy without optimizer state (keras.models.clone_model, set_weights), "
        "or use a smaller model.",
        "5 GB",
        "E_SIZE: the file is larger than the task allows",
    )


def test_findings_are_no_faults_of_the_run() -> None:
    assert not issubclass(Ungradable, TfgradeError)
    assert not issubclass(CheckFailed, TfgradeError)


def test_every_fault_names_its_exit_code() -> None:
    faults = {
        name: kind.exit_code
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, TfgradeError)
    }

    assert faults == {
        "DatasetError": 3,
        "RubricError": 2,
        "RunnerError": 4,
        "SubmissionsError": 2,
        "TfgradeError": 1,
        "UsageError": 2,
    }
