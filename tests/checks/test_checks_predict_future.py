"""``predict.future``: what a model says of a step depends on earlier steps only."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.checks import CHECKS, Evaluation
from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec, Shape

if TYPE_CHECKING:
    from conftest import Ask

MakeEvaluation = Callable[..., Evaluation]
Batch = NDArray[np.float64]


def series(
    given: Shape = (None, 6, 1), returned: Shape = (None, 6, 1), **more: Shape
) -> Contract:
    inputs = {"past": given} | more
    return Contract(
        inputs={n: InputSpec(shape=s, dtype="float64") for n, s in inputs.items()},
        outputs={"next": OutputSpec(shape=returned)},
    )


HINT = (
    "Let each step see only what came before it: causal padding, no bidirectional "
    "layer, a causal mask for attention."
)
PAST = np.random.default_rng(0).normal(size=(100, 6, 1))
NOTHING = {"input_": None, "start": None, "output": None, "tolerance": 1e-4}


def summing(batch: Batch) -> Batch:
    """Add up what came before; honest."""
    return batch.cumsum(axis=1)


def centring(batch: Batch) -> Batch:
    """Subtract the mean of the whole series, as a bidirectional layer could."""
    return batch - batch.mean(axis=1, keepdims=True)


@pytest.fixture
def modelled(evaluation: MakeEvaluation) -> Callable[..., Evaluation]:
    def make(predict: Callable[[Batch], Batch], past: Batch = PAST) -> Evaluation:
        def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
            return {"next": predict(inputs["past"])}

        return evaluation(
            contract=series(),
            inputs={"past": past},
            run=run,
            next=(np.zeros(past.shape), predict(past)),
        )

    return make


@pytest.mark.parametrize(
    ("start", "first"),
    [(None, "a step between 1 and 5"), (1, "step 1"), (5, "step 5")],
)
def test_a_model_that_sees_the_past_only_passes(
    ask: "Ask", modelled: Callable[..., Evaluation], start: int | None, first: str
) -> None:
    told = ask("predict.future", modelled(summing), start=start)

    assert told.texts == (
        True,
        f"inputs from {first} on change no earlier step",
        None,
    )


def test_a_model_that_sees_the_future_is_found_out(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    told = ask("predict.future", modelled(centring))

    passed, rationale, hint = told.texts
    assert (passed, hint) == (False, HINT)
    assert rationale.startswith(
        "with other inputs from a step between 1 and 5 on, the steps before it differ: "
        "100 of 100 rows of 'next' differ by up to "
    )


@pytest.mark.parametrize("rows", [5, 6, 100, 1000])
@pytest.mark.parametrize("step", range(5))
def test_a_model_that_looks_ahead_at_one_step_alone_is_found_out(
    ask: "Ask", modelled: Callable[..., Evaluation], step: int, rows: int
) -> None:
    def peeking(batch: Batch) -> Batch:
        seen = summing(batch)
        seen[:, step] += batch[:, step + 1]
        return seen

    told = ask("predict.future", modelled(peeking, np.resize(PAST, (rows, 6, 1))))

    assert not told.passed


@pytest.mark.parametrize(("start", "passed"), [(2, True), (3, False), (4, True)])
def test_a_step_that_is_given_is_the_only_one_that_is_tried(
    ask: "Ask", modelled: Callable[..., Evaluation], start: int, passed: bool
) -> None:
    def peeking(batch: Batch) -> Batch:
        seen = summing(batch)
        seen[:, 2] += batch[:, 3]
        return seen

    told = ask("predict.future", modelled(peeking), start=start)

    assert told.passed is passed


def test_ids_may_be_changed_like_numbers(
    ask: "Ask", evaluation: MakeEvaluation
) -> None:
    ids = np.arange(60).reshape(10, 6) % 7

    def run(inputs: Mapping[str, Any], call: Call) -> dict[str, Any]:
        return {"next": np.eye(60)[inputs["past"].cumsum(axis=1)]}

    given = evaluation(
        contract=series((None, None), (None, None, 60)),
        inputs={"past": ids},
        run=run,
        next=(ids, np.eye(60)[ids.cumsum(axis=1)]),
    )

    told = ask("predict.future", given)

    assert told.passed


def test_values_that_are_not_finite_differ(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def dividing(batch: Batch) -> Batch:
        known = np.isin(batch[:, -1:], PAST[:1, -1:])
        return summing(batch) + np.where(
            known & (batch[:, :1] != PAST[0, 0]), np.nan, 0
        )

    told = ask("predict.future", modelled(dividing), start=3)

    assert told.rationale == (
        "with other inputs from step 3 on, the steps before it differ: "
        "1 of 100 rows of 'next' differ by NaN or infinity, allowed "
        "0.00021"
    )


@pytest.mark.parametrize(
    "later", [pytest.param(0, id="everywhere"), pytest.param(3, id="not-compared")]
)
def test_a_large_number_does_not_hide_what_the_future_changes(
    ask: "Ask", modelled: Callable[..., Evaluation], later: int
) -> None:
    def far(batch: Batch) -> Batch:
        centred = centring(batch)
        centred[:, later:] += 1e4
        return centred

    told = ask("predict.future", modelled(far), start=3)

    assert not told.passed


def test_steps_that_are_not_compared_may_be_anything(
    ask: "Ask", modelled: Callable[..., Evaluation]
) -> None:
    def exploding(batch: Batch) -> Batch:
        seen = summing(batch)
        seen[:, 3:] *= 1e300
        return seen

    told = ask("predict.future", modelled(exploding), start=3)

    assert told.passed


# What is wrong with parameters


@pytest.mark.parametrize(
    ("given", "contract", "found"),
    [
        pytest.param({}, series(), [], id="nothing"),
        pytest.param({"start": 5}, series(), [], id="the-last-step"),
        pytest.param({"start": 5}, series((None, None), (None, None)), [], id="any"),
        pytest.param(
            {"start": 0},
            series(),
            [("start", "must be at least 1, got 0; no step comes before it")],
            id="no-past",
        ),
        pytest.param(
            {"start": 6},
            series(),
            [
                (
                    "start",
                    "must be below 6, the steps of the input, got 6; nothing comes "
                    "after it",
                )
            ],
            id="no-future",
        ),
        pytest.param(
            {},
            series(returned=(None, 2)),
            [
                (
                    "output",
                    "the output has 2 steps, the input 6; they must have the same",
                )
            ],
            id="a-forecast",
        ),
        pytest.param(
            {},
            series((None,), (None,)),
            [
                (
                    "input",
                    "the input of shape (None,) has no series of steps; name another",
                ),
                ("output", "the output of shape (None,) has no steps; name another"),
            ],
            id="no-series",
        ),
        pytest.param(
            {},
            series(more=(None, 3)),
            [("check", "the task has several inputs; add input: more or past")],
            id="several-inputs",
        ),
        pytest.param(
            {"input_": "pats", "output": "nxt", "tolerance": -1.0},
            series(),
            [
                ("output", "no output 'nxt' in the contract; use next"),
                ("input", "unknown input 'pats'; did you mean 'past'?"),
                ("tolerance", "must be at least 0, got -1"),
            ],
            id="names",
        ),
    ],
)
def test_what_cannot_be_tried_is_named(
    problems: Callable[..., list[tuple[str, str]]],
    given: dict[str, Any],
    contract: Contract,
    found: list[tuple[str, str]],
) -> None:
    named = problems("predict.future", contract, **NOTHING | given)

    assert named == found


@pytest.mark.parametrize(
    ("start", "shape"), [(None, (None, 6)), (3, (None, None)), (3, (None, 6))]
)
def test_the_call_is_named_ahead(
    ask: "Ask", evaluation: MakeEvaluation, start: int | None, shape: Shape
) -> None:
    asked = []

    def run(inputs: Mapping[str, Batch], call: Call) -> dict[str, Batch]:
        asked.append(call)
        return {"next": inputs["past"]}

    contract = series(shape, shape)
    given = evaluation(
        contract=contract, inputs={"past": PAST}, run=run, next=(PAST, PAST)
    )

    ask("predict.future", given, start=start)

    parameters = NOTHING | {"start": start}
    assert asked == CHECKS["predict.future"].calls(parameters, contract)


def test_no_call_is_named_ahead_if_the_dataset_says_where_it_starts() -> None:
    contract = series((None, None), (None, None))

    assert not CHECKS["predict.future"].calls(NOTHING, contract)
