"""``predict.latency`` and ``predict.memory``: what a model costs to run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.checks import Evaluation
from pytest_tfgrade.checks.interface import Usage
from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.threshold import Direction

MakeEvaluation = Callable[..., Evaluation]

REFERENCE = Path("reference.keras")
MEBIBYTE = 1 << 20


@pytest.fixture
def compared(evaluation: MakeEvaluation) -> Callable[[Usage, Usage], Evaluation]:
    """Return a model's evaluation, with a reference model that took as much as said."""

    def make(own: Usage, other: Usage) -> Evaluation:
        reference = evaluation(np.zeros(1), np.zeros(1), usage=other)
        references = {REFERENCE: reference}
        return evaluation(np.zeros(1), np.zeros(1), usage=own, references=references)

    return make


def test_latency_is_a_multiple_of_the_reference(
    measure: Callable[..., Measurement],
    compared: Callable[[Usage, Usage], Evaluation],
) -> None:
    run = compared(Usage(seconds=0.3, memory=0), Usage(seconds=0.2, memory=0))

    found = measure("predict.latency", run, reference=REFERENCE)

    assert found == Measurement(
        name="latency",
        value=pytest.approx(1.5),
        direction=Direction.LOWER_IS_BETTER,
        context="300 ms, the reference model 200 ms",
        hint="Use a smaller model, or one without loops over time.",
    )


def test_memory_is_a_multiple_of_the_reference(
    measure: Callable[..., Measurement],
    compared: Callable[[Usage, Usage], Evaluation],
) -> None:
    run = compared(
        Usage(seconds=1, memory=96 * MEBIBYTE), Usage(seconds=1, memory=32 * MEBIBYTE)
    )

    found = measure("predict.memory", run, reference=REFERENCE)

    assert found == Measurement(
        name="memory",
        value=3.0,
        direction=Direction.LOWER_IS_BETTER,
        context="96 MiB, the reference model 32 MiB",
        hint="Use a smaller model, with smaller layers near the input.",
    )


def test_noise_of_a_tiny_reference_does_not_count(
    measure: Callable[..., Measurement],
    compared: Callable[[Usage, Usage], Evaluation],
) -> None:
    run = compared(
        Usage(seconds=0.004, memory=8 * MEBIBYTE), Usage(seconds=0.0, memory=0)
    )

    values = [
        measure(name, run, reference=REFERENCE).value
        for name in ("predict.latency", "predict.memory")
    ]

    assert values == [pytest.approx(0.8), 0.5]


@pytest.mark.parametrize(("own", "other"), [(None, 5), (5, None)])
def test_memory_that_cannot_be_measured_is_not_the_models_fault(
    measure: Callable[..., Measurement],
    compared: Callable[[Usage, Usage], Evaluation],
    own: int | None,
    other: int | None,
) -> None:
    run = compared(Usage(seconds=1, memory=own), Usage(seconds=1, memory=other))

    with pytest.raises(RunnerError, match="cannot be measured on this machine; grade"):
        measure("predict.memory", run, reference=REFERENCE)
