"""``predict.latency`` and ``predict.memory``: what a model costs to run.

Both are ratios to a model of the grader's that runs on the same inputs in the same run,
so that they mean the same on a slow machine. They are measured, not computed: a second
run gives about the same ratio, never exactly. Leave room between the bound and what a
good model needs, and give such a criterion few points.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pytest_tfgrade.checks.interface import Check, Evaluation, Needs
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.measurement import Measurement
from pytest_tfgrade.core.threshold import Direction

FASTEST: Final = 0.005
"""Seconds; a faster reference counts as this, for below it noise is most of it."""

SMALLEST: Final = 16 << 20
"""Bytes; a smaller reference counts as this, for TensorFlow's own buffers vary."""


def latency(run: Evaluation, *, reference: Path) -> Measurement:
    """The model predicts as fast as the reference model, or nearly.

    The value is the time of its predictions as a multiple of the reference model's, on
    the whole dataset, loading apart; of three times in a row the shortest. It is not
    exactly repeatable, although no other model runs meanwhile. A reference that takes
    less than 5 ms counts as 5 ms.

    Args:
        run: What the predictions took, and the reference to be run.
        reference: A model file, from the rubric's folder.
    """
    own, other = run.usage.seconds, run.reference(reference).usage.seconds
    return Measurement(
        name="latency",
        value=own / max(other, FASTEST),
        direction=Direction.LOWER_IS_BETTER,
        context=f"{_milliseconds(own)}, the reference model {_milliseconds(other)}",
        hint="Use a smaller model, or one without loops over time.",
    )


def memory(run: Evaluation, *, reference: Path) -> Measurement:
    """The model needs as little memory as the reference model, or nearly.

    The value is its peak beyond TensorFlow itself, as a multiple of the reference
    model's, on the whole dataset. It is not exactly repeatable. A reference that needs
    less than 16 MiB counts as 16 MiB.

    Args:
        run: What the predictions took, and the reference to be run.
        reference: A model file, from the rubric's folder.

    Raises:
        RunnerError: This machine does not say what a process needs.
    """
    own, other = _peak(run), _peak(run.reference(reference))
    return Measurement(
        name="memory",
        value=own / max(other, SMALLEST),
        direction=Direction.LOWER_IS_BETTER,
        context=f"{_mebibytes(own)}, the reference model {_mebibytes(other)}",
        hint="Use a smaller model, with smaller layers near the input.",
    )


def _peak(run: Evaluation) -> int:
    if run.usage.memory is None:
        text = "the memory of a model cannot be measured on this machine"
        raise RunnerError(f"{text}; grade on Linux, or remove predict.memory")
    return run.usage.memory


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"


def _twice_more(parameters: Mapping[str, Any], contract: Contract) -> tuple[Call, ...]:
    """Name the same call two more times; ``Usage.seconds`` is the shortest of all."""
    return Call(repeat=1), Call(repeat=2)


LATENCY: Final = Check(
    name="predict.latency",
    needs=Needs.PREDICTIONS,
    function=latency,
    measures=True,
    calls=_twice_more,
    is_timed=True,
)
MEMORY: Final = Check(
    name="predict.memory",
    needs=Needs.PREDICTIONS,
    function=memory,
    measures=True,
    is_weighed=True,
)
