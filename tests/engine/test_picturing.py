"""What pictures there are of predictions, and what they show."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pydantic import TypeAdapter

from pytest_tfgrade.checks import CHECKS, Evaluation, Model
from pytest_tfgrade.checks.interface import Usage
from pytest_tfgrade.core.contract import Contract, OutputKind, OutputSpec
from pytest_tfgrade.core.facts import Facts, StoredWeights, Weights
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.portrait import (
    Confusion,
    ErrorDistribution,
    Forecast,
    Picture,
    Portrait,
    Rows,
)
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.documents import Document
from pytest_tfgrade.engine.picturing import pictures_of
from pytest_tfgrade.metrics import METRICS, Metric
from pytest_tfgrade.rubric import ArtifactRule, BoundCriterion, Rubric

Arrays = Mapping[str, NDArray[Any]]

ANY = OutputKind.ANY
PROBABILITIES = OutputKind.PROBABILITIES

FACTS = Facts(
    format=ArtifactFormat.KERAS,
    keras_version=None,
    model_class="Sequential",
    layers=(),
    inputs=(),
    outputs=(),
    last_activation=None,
    weights=Weights(parameters=0, model_bytes=0, optimizer_bytes=0),
    compile_settings=None,
)


def accuracy(y_true: Any, y_pred: Any) -> float:
    """Return a measure of a course's own, of the name of one of ours."""
    return float(np.mean(y_true - y_pred))


OWN = Metric(name="accuracy", function=accuracy, direction=Direction.LOWER_IS_BETTER)


def pictures(  # noqa: PLR0913 - what a picture depends on
    targets: Arrays,
    predictions: Arrays,
    *,
    metrics: Mapping[str, Sequence[Metric | str]] | None = None,
    kind: OutputKind = ANY,
    public: Sequence[bool] | None = None,
    classes: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Picture, ...]:
    """Return the pictures of one dataset, ``hidden``."""
    specs = {name: OutputSpec(shape=(None,), kind=kind) for name in targets}
    contract = Contract(inputs={}, outputs=specs)
    named = [
        (output, METRICS[m] if isinstance(m, str) else m)
        for output, measures in (metrics or {}).items()
        for m in measures
    ]
    rubric = Rubric(
        task="task",
        title=Localized.of("task"),
        dataset="hidden",
        artifact=ArtifactRule(names=(), formats=(), max_size=1),
        contract=contract,
        limits=Limits(),
        criteria=tuple(_criterion(output, metric) for output, metric in named),
        document=Document(path=Path("task.yaml"), value={}, values={}, keys={}),
    )
    evaluation = Evaluation(
        dataset="hidden",
        model=Model(
            facts=FACTS,
            contract=contract,
            read_weights=lambda: StoredWeights(model=(), optimizer=()),
            open_reference=_never,
        ),
        inputs={},
        targets=targets,
        predictions=predictions,
        public=None if public is None else np.array(public),
        usage=Usage(seconds=0.0, memory=None),
        ask=_never,
        switch=_never,
        refer=_never,
    )
    return pictures_of(rubric, [evaluation], lambda dataset: classes or {})


def _criterion(output: str, metric: Metric) -> BoundCriterion:
    return BoundCriterion(
        id=output,
        title=Localized.of(output),
        points=0,  # type: ignore[arg-type]
        check=CHECKS["predict.metric"],
        parameters={"metric": metric, "options": None, "output": output},
    )


def _never(asked: Any) -> Any:
    raise AssertionError(f"a picture asked for {asked}")


def one_hot(labels: Sequence[int], classes: int) -> NDArray[Any]:
    """Return scores that put the labels first."""
    return np.eye(classes)[list(labels)]


def test_a_confusion_matrix_has_targets_as_rows_and_predictions_as_columns() -> None:
    found = pictures(
        {"y": np.array([0, 0, 1, 2, 2, 2])},
        {"y": one_hot([0, 1, 1, 0, 2, 2], 3)},
        metrics={"y": ["accuracy"]},
        classes={"y": ["cat", "dog", "cow"]},
    )

    assert found == (
        Confusion(
            dataset="hidden",
            output="y",
            rows=Rows.ALL,
            labels=("cat", "dog", "cow"),
            counts=((1, 1, 0), (0, 1, 0), (1, 0, 2)),
        ),
    )


def test_one_probability_is_class_1_from_one_half_on_as_for_the_metric() -> None:
    (found,) = pictures(
        {"y": np.array([[0], [0], [1], [1]])},
        {"y": np.array([[0.1], [0.5], [0.49], [0.9]])},
        metrics={"y": ["f1"]},
    )

    assert isinstance(found, Confusion)
    assert (found.labels, found.counts) == (("0", "1"), ((1, 1), (1, 1)))


def test_of_a_dataset_that_is_split_each_part_has_pictures_of_its_own() -> None:
    found = pictures(
        {"y": np.array([0, 1, 0, 1])},
        {"y": one_hot([0, 1, 1, 1], 2)},
        kind=PROBABILITIES,
        public=[True, True, False, False],
    )

    assert [(p.rows, p.counts) for p in found if isinstance(p, Confusion)] == [
        (Rows.PUBLIC, ((1, 0), (0, 1))),
        (Rows.FINAL, ((0, 1), (0, 1))),
    ]


def test_of_many_classes_those_that_occur_are_shown() -> None:
    (found,) = pictures(
        {"y": np.array([7, 7, 900])}, {"y": one_hot([7, 31, 900], 1000)}
    )

    assert isinstance(found, Confusion)
    assert (found.labels, found.counts) == (
        ("7", "31", "900"),
        ((1, 1, 0), (0, 0, 0), (0, 0, 1)),
    )


def test_of_too_many_classes_that_occur_there_is_no_picture() -> None:
    labels = range(21)

    found = pictures({"y": np.array(labels)}, {"y": one_hot(labels, 1000)})

    assert found == ()


def test_of_a_mask_every_pixel_counts_and_the_picture_says_so() -> None:
    mask = np.array([[[0, 1], [1, 1]]] * 3)

    (found,) = pictures(
        {"y": mask}, {"y": mask[..., None] * 0.9}, metrics={"y": ["iou"]}
    )

    assert isinstance(found, Confusion)
    assert (found.counts, found.positions) == (((3, 0), (0, 9)), 4)


def test_a_number_a_row_is_shown_row_by_row_and_its_errors_are_counted() -> None:
    true = np.arange(40.0)
    predicted = true + np.arange(40) % 2 + 1 / 3

    found = pictures({"y": true[:, None]}, {"y": predicted}, metrics={"y": ["mae"]})

    edges = (n / 20 + 1 / 3 for n in range(21))
    assert found == (
        ErrorDistribution(
            dataset="hidden",
            output="y",
            rows=Rows.ALL,
            edges=tuple(round(edge, 5) for edge in edges),
            counts=(20, *[0] * 18, 20),
        ),
        Forecast(
            dataset="hidden",
            output="y",
            rows=Rows.ALL,
            truth=tuple(map(float, range(40))),
            predicted=tuple(float(f"{value:.6g}") for value in predicted.tolist()),
        ),
    )


def test_a_few_errors_far_off_are_counted_apart_and_do_not_widen_the_bins() -> None:
    near = np.linspace(-1.0, 1.0, 1001)
    errors = np.concatenate([near, [500.0, 900.0], [-80.0]])

    found, _ = pictures({"y": 0 * errors}, {"y": errors}, metrics={"y": ["rmse"]})

    assert isinstance(found, ErrorDistribution)
    assert (found.below, sum(found.counts), found.above) == (1, 1001, 2)
    assert found.edges[0] == pytest.approx(-3.5, abs=0.02)
    assert found.edges[-1] == pytest.approx(3.5, abs=0.02)


@given(
    errors=arrays(
        np.float64,
        st.integers(1, 40),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_every_error_is_counted_once_whatever_its_size(
    errors: NDArray[np.float64],
) -> None:
    found, *_ = pictures({"y": 0 * errors}, {"y": errors}, metrics={"y": ["mae"]})

    if isinstance(found, ErrorDistribution):
        assert found.below + sum(found.counts) + found.above == len(errors)
        assert all(one < other for one, other in pairwise(found.edges))
        assert np.isfinite(found.edges).all()


def test_rows_that_come_in_periods_do_not_mislead_about_the_spread() -> None:
    errors = np.tile(np.linspace(-1.0, 1.0, 30), 4096)

    found, _ = pictures({"y": 0 * errors}, {"y": errors}, metrics={"y": ["mae"]})

    assert isinstance(found, ErrorDistribution)
    assert (found.edges[0], found.edges[-1]) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("error", "edges"),
    [
        pytest.param(0.0, (-0.525, 0.475), id="none"),
        pytest.param(-2.0, (-3.05, -1.05), id="a-bias"),
        pytest.param(1e300, (4.75e299, 1.475e300), id="a-huge-one"),
    ],
)
def test_errors_that_are_all_the_same_lie_in_the_middle(
    error: float, edges: tuple[float, float]
) -> None:
    found, _ = pictures(
        {"y": np.zeros(30)}, {"y": np.full(30, error)}, metrics={"y": ["mae"]}
    )

    assert isinstance(found, ErrorDistribution)
    assert (found.edges[0], found.edges[-1]) == pytest.approx(edges)
    assert found.counts == (0,) * 10 + (30,) + (0,) * 9


def test_errors_too_large_for_a_number_have_no_picture() -> None:
    found = pictures({"y": np.full(30, -1.7e308)}, {"y": np.full(30, 1.7e308)})

    assert [picture.kind for picture in found] == ["forecast"]


def test_the_steps_of_a_horizon_follow_one_another() -> None:
    true = np.arange(300.0).reshape(60, 5, 1)

    _, found = pictures({"y": true}, {"y": true}, metrics={"y": ["mase"]})

    assert isinstance(found, Forecast)
    assert (found.steps, found.truth) == (5, tuple(map(float, range(200))))


@pytest.mark.parametrize("metric", ["mae", "smape"])
def test_several_numbers_a_row_are_a_line_only_if_a_metric_of_forecasts_says_so(
    metric: str,
) -> None:
    true = np.arange(90.0).reshape(30, 3)

    found = pictures({"y": true}, {"y": true + 1}, metrics={"y": [metric]})

    kinds = {"mae": ["errors"], "smape": ["errors", "forecast"]}
    assert [picture.kind for picture in found] == kinds[metric]


@pytest.mark.parametrize(
    ("metrics", "kinds"),
    [
        pytest.param(["mae", "accuracy"], ["confusion"], id="labels-before-numbers"),
        pytest.param([OWN], ["errors", "forecast"], id="a-course's-own-tells-nothing"),
        pytest.param(["subset_accuracy"], [], id="labels-beside-each-other"),
        pytest.param(["bits_per_character"], [], id="tokens"),
        pytest.param(["roc_auc"], ["errors", "forecast"], id="one-of-several-kinds"),
    ],
)
def test_metrics_tell_what_an_output_is(
    metrics: list[Metric | str], kinds: list[str]
) -> None:
    stars = np.array([0, 1, 1, 0, 1] * 8)
    stars[0] = 1 if metrics == ["mae", "accuracy"] else 3 * (metrics[0] != "accuracy")

    found = pictures({"y": stars}, {"y": stars * 0.9}, metrics={"y": metrics})

    assert [picture.kind for picture in found] == kinds


@pytest.mark.parametrize(
    ("targets", "predictions", "kind", "kinds"),
    [
        pytest.param([1, 0, 1], [0.2, 0.4, 1.0], ANY, [], id="may-be-either"),
        pytest.param(
            [1, 0, 1], [0.2, 0.4, 1.0], PROBABILITIES, ["confusion"], id="probabilities"
        ),
        pytest.param(
            [[1, 0], [0, 1]], [[3, -1], [0, 9]], ANY, ["confusion"], id="one-hot-logits"
        ),
        pytest.param(
            [[1, 1], [0, 1]], [[1, 1], [0, 1]], PROBABILITIES, [], id="labels"
        ),
        pytest.param(
            [0.5, 1.5], [[1, 2, 3], [1, 2, 3]], ANY, [], id="three-quantiles-of-one"
        ),
        pytest.param(["a", "b"], [[1, 2], [1, 2]], ANY, [], id="texts"),
        pytest.param([[2.5], [1]], [2, 1], ANY, ["errors"], id="numbers"),
    ],
)
def test_without_a_metric_an_output_is_what_it_looks_like(
    targets: list[Any], predictions: list[Any], kind: OutputKind, kinds: list[str]
) -> None:
    found = pictures({"y": np.array(targets)}, {"y": np.array(predictions)}, kind=kind)

    assert [picture.kind for picture in found if picture.kind != "forecast"] == kinds


def test_each_output_has_pictures_of_its_own_by_the_metrics_that_name_it() -> None:
    rows = np.arange(40) % 2

    found = pictures(
        {"cls": rows, "reg": rows},
        {"cls": rows * 0.9, "reg": rows * 0.9},
        metrics={"cls": ["accuracy"], "reg": ["mae"]},
    )

    assert [(picture.output, picture.kind) for picture in found] == [
        ("cls", "confusion"),
        ("reg", "errors"),
        ("reg", "forecast"),
    ]


@pytest.mark.parametrize("outputs", [1, 2, 5, 40])
@pytest.mark.parametrize("public", [None, [True, False] * 500])
def test_pictures_of_a_task_take_less_than_seven_kilobytes(
    outputs: int, public: list[bool] | None
) -> None:
    generator = np.random.default_rng(0)
    true = {f"output_{n}": generator.normal(size=1000) for n in range(outputs)}
    predicted = {name: values - 1e-3 * values**2 for name, values in true.items()}

    found = pictures(true, predicted, public=public)

    written = TypeAdapter(Portrait).dump_json(Portrait(pictures=found))
    assert found
    assert len(written) < 7_000


def test_a_name_of_a_class_is_printable_and_of_bounded_length() -> None:
    (found,) = pictures(
        {"y": np.array([0, 1])},
        {"y": one_hot([0, 1], 2)},
        classes={"y": ["\x1b[31mred", "x" * 300]},
    )

    assert isinstance(found, Confusion)
    assert found.labels == ("\\x1b[31mred", "x" * 37 + "...")
