"""What Keras 3 and tf-keras store of each variable, and what checks make of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.checks import CHECKS, Model
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.criterion import Measured
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Facts, StoredWeights

ReadStored = Callable[[Path], StoredWeights]
Ask = Callable[..., tuple[bool, str]]

FILES = [
    f"{library}.{end}" for library in ("keras3", "tfkeras") for end in ("keras", "h5")
]
"""Library and ending."""


@pytest.fixture
def ask(models: Path, read: Callable[[Path], Facts], read_stored: ReadStored) -> Ask:
    """Ask a check about a model of one of ``FILES``: whether it passed, and why."""

    def opened(path: Path) -> Model:
        return Model(
            facts=read(path),
            contract=Contract(inputs={}, outputs={}),
            read_weights=lambda: read_stored(path),
            open_reference=opened,
        )

    def ask_check(check: str, stem: str, file: str, **parameters: Any) -> Any:
        library, _, ending = file.partition(".")
        try:
            said = CHECKS[check].function(
                opened(models / library / f"{stem}.{ending}"), **parameters
            )
        except CheckFailed as finding:
            return False, finding.rationale
        assert isinstance(said, Measured)
        return True, said.rationale

    return ask_check


@pytest.mark.parametrize("file", FILES)
def test_each_array_is_found_with_the_layer_that_holds_it(
    file: str, models: Path, read_stored: ReadStored
) -> None:
    library, _, ending = file.partition(".")
    held = json.loads((models / "owners.json").read_text("utf-8"))[library]

    stored = read_stored(models / library / f"deep.{ending}")

    assert {variable.sha256: variable.layer for variable in stored.model} == held


@pytest.mark.parametrize("file", FILES)
def test_a_layer_inside_others_is_told_with_what_is_around_it(
    file: str, models: Path, read_stored: ReadStored
) -> None:
    library, _, ending = file.partition(".")

    stored = read_stored(models / library / f"deep.{ending}")

    assert {
        variable.layer: variable.within
        for variable in stored.model
        if variable.layer in {"zero", "one", "two", "three", "lstm_cell"}
    } == {
        "zero": (),
        "one": ("outer", "inner"),
        "two": ("outer",),
        "three": ("each", "steps"),
        "lstm_cell": ("rnn", "stacked_rnn_cells"),
    }


@pytest.mark.parametrize("file", FILES)
def test_training_is_seen(file: str, ask: Ask) -> None:
    said = ask("model.trained", "frozen", file, slots=True)

    assert said == (True, "trained for 6 steps")


@pytest.mark.parametrize("file", FILES)
def test_a_compiled_model_is_not_a_trained_one(file: str, ask: Ask) -> None:
    said = ask("model.trained", "compiled", file)

    assert said == (False, "trained for 0 steps, required >= 1")


@pytest.mark.parametrize("file", FILES)
def test_a_model_on_a_frozen_base_is_transfer_learning(
    file: str, models: Path, ask: Ask
) -> None:
    base = models / "keras3" / "base.keras"
    own = models / file.partition(".")[0] / "base.keras"

    said = ask("model.base", "frozen", file, base=own, frozen=True)
    of_another = ask("model.base", "frozen", file, base=base)

    assert said == (True, "100% of the base kept")
    assert of_another[0] is file.startswith("keras3")


@pytest.mark.parametrize("file", FILES)
def test_a_tuned_base_is_not_kept(file: str, models: Path, ask: Ask) -> None:
    own = models / file.partition(".")[0] / "base.h5"

    said = ask("model.base", "tuned", file, base=own)

    assert said == (False, "0% of the base kept, required >= 90%")


@pytest.mark.parametrize("file", FILES)
def test_nan_in_real_weights_is_found(file: str, ask: Ask) -> None:
    broken = ask("model.finite", "scratch", file)
    whole = ask("model.finite", "tuned", file)

    assert broken == (False, "6 weights are NaN or infinite, in 'head'")
    assert whole == (True, "all weights are finite")


@pytest.mark.parametrize("file", FILES)
def test_a_skip_connection_inside_the_base_counts(file: str, ask: Ask) -> None:
    inside = ask("model.residual", "tuned", file)
    missing = ask("model.residual", "plain", file)

    assert inside == (True, "1 skip connection")
    assert missing == (False, "0 skip connections, required >= 1")


@pytest.mark.parametrize("stem", ["deep", "text", "nested", "two_ends", "tuned"])
@pytest.mark.parametrize("file", FILES)
def test_every_layer_of_a_model_as_saved_is_on_the_path(
    stem: str, file: str, models: Path, read: Callable[[Path], Facts]
) -> None:
    library, _, ending = file.partition(".")

    facts = read(models / library / f"{stem}.{ending}")

    assert {layer.on_path for layer in facts.walk()} == {True}
