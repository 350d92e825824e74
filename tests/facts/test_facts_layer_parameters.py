"""How many numbers the weights of each layer have, of models that libraries saved."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_tfgrade.core.facts import Facts

Read = Callable[[Path], Facts]

NAMES = ("plain", "compiled", "text", "two_ends", "nested", "trained_base")


@pytest.mark.parametrize("library", ["keras3", "tfkeras"])
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize("name", NAMES)
def test_sizes_of_layers_add_up_to_the_model_and_each_layer_is_there(
    library: str, name: str, ending: str, models: Path, read: Read
) -> None:
    facts = read(models / library / f"{name}.{ending}")

    found = facts.layer_parameters

    names = {layer.name for layer in facts.walk()}
    assert found is not None
    assert sum(found.values()) == facts.weights.parameters
    assert {name for address in found for name in address} <= names


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_each_layer_has_the_numbers_of_its_own_weights(
    ending: str, models: Path, read: Read
) -> None:
    facts = read(models / "keras3" / f"plain.{ending}")

    assert facts.layer_parameters == {("conv",): 40, ("digit",): 370}
