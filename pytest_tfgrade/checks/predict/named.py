"""What checks share that name a metric and an output."""

from collections.abc import Iterator, Mapping
from typing import Any

from numpy.typing import NDArray

from pytest_tfgrade.checks.interface import Evaluation
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Contract
from pytest_tfgrade.core.errors import CheckFailed, Ungradable
from pytest_tfgrade.metrics import Metric
from pytest_tfgrade.metrics.arrays import ShapeMismatch
from pytest_tfgrade.metrics.probabilities import NotProbabilities


def chosen_output(run: Evaluation, output: str | None) -> str:
    """Return the name of the output that is measured: the only one if none is named."""
    return output or next(iter(run.predictions))


def measured(
    metric: Metric,
    targets: NDArray[Any],
    predictions: NDArray[Any],
    options: Mapping[str, Any] | None,
) -> float:
    """Return the value of a metric.

    Raises:
        Ungradable: ``E_OUTPUT_SHAPE`` if the predictions cannot be compared.
        CheckFailed: They are no probabilities, and the metric reads them as such.
        ValueError: The targets or the options are at fault.
    """
    try:
        return metric.function(targets, predictions, **(options or {}))
    except ShapeMismatch as error:
        raise Ungradable(Code.OUTPUT_SHAPE, str(error)) from None
    except NotProbabilities as error:
        hint = "End the model with a softmax or sigmoid activation."
        raise CheckFailed(f"{metric.name}: {error}", hint=hint) from None


def options_of(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of a metric that a criterion gives."""
    options: Mapping[str, Any] = parameters["options"] or {}
    return options


def named_problems(
    parameters: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, str]]:
    """Find what is wrong with a metric's options and the name of an output."""
    yield from option_problems(parameters["metric"], options_of(parameters))
    yield from output_problems(parameters["output"], sorted(contract.outputs))


def output_problems(
    output: str | None, outputs: list[str]
) -> Iterator[tuple[str, str]]:
    """Find an output that is not in the contract, or that has to be named."""
    named = " or ".join(outputs)
    if output is None and len(outputs) > 1:
        yield "check", f"the task has several outputs; add output: {named}"
    if output is not None and output not in outputs:
        yield "output", f"no output {output!r} in the contract; use {named}"


def option_problems(
    metric: Metric, options: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Find options that a metric does not have, that it lacks, or that are wrong."""
    for name in sorted(options.keys() - set(metric.options)):
        use = f"use {' or '.join(metric.options)}" if metric.options else "it has none"
        yield "options", f"{metric.name} has no option {name!r}; {use}"
    for name in metric.required_options:
        if name not in options:
            yield (
                "metric",
                f"{metric.name} needs the option {name!r}; add it to options",
            )
    for text in metric.option_problems(options):
        yield "options", text
