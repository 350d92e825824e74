"""Metrics and predictors that no data as described can have: whole messages."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_tfgrade.core.errors import RubricError
from pytest_tfgrade.engine import read_course
from pytest_tfgrade.metrics import METRICS

ROOT: Final = Path(__file__).parents[2]

Course = Callable[..., list[str]]
"""Writes a course of one criterion and returns the lines of its refusal."""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(tmp_path)
    return refusal


def refusal(  # noqa: PLR0913 - what a course can say
    *,
    target: dict[str, Any],
    output: dict[str, Any],
    criterion: dict[str, Any],
    series: tuple[int, ...] = (48, 6),
    described: dict[str, Any] | None = None,
    stated: dict[str, Any] | None = None,
) -> list[str]:
    """Return what is said of a course; nothing if it is in order."""
    for folder in ("rubrics", "data/line"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    field = {"file": "hidden.npz", "field": "a"}
    given = {"dtype": "float32", "shape": list(series)} | (described or {})
    write(
        "data/line/dataset.yaml",
        dataset="line",
        title="Made up",
        source="made up",
        license="CC0-1.0",
        files={"hidden.npz": "a" * 64},
        rows=100,
        inputs={"x": field | given},
        targets={"y": field | target},
    )
    Path("data/line/hidden.npz").write_text("not opened here")
    inputs = {"x": {"shape": [None, *series]} | (stated or {})}
    write(
        "rubrics/line.yaml",
        task="line",
        dataset="line",
        contract={"inputs": inputs, "outputs": {"y": output}},
        criteria=[{"id": "quality", "points": 1, **criterion}],
    )
    try:
        read_course(Path("rubrics"), Path("data"))
    except RubricError as error:
        return str(error).splitlines()
    return []


def write(path: str, **content: Any) -> None:
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=None)
    Path(path).write_text(text)


def measured(name: str, **options: Any) -> dict[str, Any]:
    """Return a criterion that measures a metric."""
    bound = 0 if METRICS[name].direction == ">=" else 100
    more = {"options": options} if options else {}
    return {"check": "predict.metric", "metric": name, "threshold": bound} | more


NUMBER: Final = {"dtype": "float32", "shape": [1], "unit": "metres"}
NUMBERS: Final = {"dtype": "float32", "shape": [7], "unit": "metres"}
THREE: Final = {"dtype": "int64", "shape": [], "classes": ["a", "b", "c"]}
FIVE_FLAGS: Final = {"dtype": "int64", "shape": [5], "classes": ["no", "yes"]}
ONE: Final = {"shape": [None, 1]}
SEVEN: Final = {"shape": [None, 7]}
WAY_OUT: Final = "choose another metric, or correct the contract or the description"


@pytest.mark.parametrize(
    ("target", "output", "criterion", "what"),
    [
        pytest.param(
            NUMBER,
            ONE,
            measured("accuracy"),
            "accuracy does not fit {y}: targets are not all labels in 0..1",
            id="labels-for-numbers",
        ),
        pytest.param(
            NUMBER,
            ONE,
            measured("iou"),
            "iou does not fit {y}: predictions of shape (n, 1) are no masks of images, "
            "height, width and classes",
            id="masks-for-numbers",
        ),
        pytest.param(
            NUMBERS,
            SEVEN,
            measured("step_mae", step=99),
            "step_mae does not fit {y}: step must be between 1 and 7, got 99",
            id="a-step-beyond-the-horizon",
        ),
        pytest.param(
            {"dtype": "float32", "shape": [12, 1], "unit": "metres"},
            {"shape": [None, 12, 1]},
            measured("accuracy"),
            "accuracy does not fit {y}: targets are not all labels in 0..1",
            id="labels-for-a-forecast",
        ),
        pytest.param(
            FIVE_FLAGS,
            {"shape": [None, 5]},
            measured("accuracy"),
            "accuracy does not fit {y}: targets of shape (n, 5) are not one-hot",
            id="one-label-for-several",
        ),
        pytest.param(
            THREE,
            ONE,
            measured("accuracy"),
            "accuracy does not fit {y}: targets are not all labels in 0..1",
            id="one-column-for-three-classes",
        ),
        pytest.param(
            {"dtype": "float32", "shape": [5]},
            {"shape": [None, 6]},
            measured("mae"),
            "mae does not fit {y}: targets of shape (n, 5) and predictions of shape "
            "(n, 6) cannot be compared",
            id="a-column-too-many",
        ),
        pytest.param(
            THREE,
            {"shape": [None, 3], "kind": "probabilities"},
            measured("top_k_accuracy"),
            "top_k_accuracy does not fit {y}: k must be below the number of classes, "
            "3, got 5",
            id="more-guesses-than-classes",
        ),
        pytest.param(
            NUMBER | {"range": [-5, -1]},
            ONE,
            measured("msle"),
            "msle does not fit {y}: msle has no value where a target is below 0",
            id="logarithms-below-zero",
        ),
        pytest.param(
            {"dtype": "string", "shape": []},
            ONE,
            measured("mae"),
            "mae does not fit {y}: targets of dtype <U4 are not real numbers",
            id="texts",
        ),
    ],
)
def test_a_metric_that_no_such_data_can_have_is_refused(
    course: Course,
    target: dict[str, Any],
    output: dict[str, Any],
    criterion: dict[str, Any],
    what: str,
) -> None:
    found = course(target=target, output=output, criterion=criterion)

    said = what.format(y="the target 'y' of the dataset 'line'")
    place = place_of(criterion["metric"])
    assert found == [f"{place}: {said}; {WAY_OUT}"]


def place_of(name: str) -> str:
    """Return where a name stands in the rubric."""
    lines = Path("rubrics/line.yaml").read_text().splitlines()
    for number, line in enumerate(lines, 1):
        found = re.search(f": ('?{name})", line)
        if found:
            return f"rubrics/line.yaml:{number}:{found.start(1) + 1}"
    raise AssertionError(name)


@pytest.mark.parametrize(
    ("target", "predictor", "options", "why"),
    [
        (
            NUMBER,
            "majority",
            {},
            "majority is for labels, and the targets are numbers; use mean or median",
        ),
        (
            NUMBER,
            "seasonal_naive",
            {"period": 100},
            "'x' has 48 steps, a season has 100; choose another predictor, or other "
            "options",
        ),
        (
            NUMBER,
            "last_value",
            {"channel": 6},
            "'x' has 6 channels, numbered from 0; 1 from number 6 are predicted",
        ),
    ],
)
def test_a_predictor_that_makes_no_sense_is_refused(
    course: Course,
    target: dict[str, Any],
    predictor: str,
    options: dict[str, Any],
    why: str,
) -> None:
    found = course(
        target=target,
        output=ONE,
        criterion={
            "check": "predict.baseline",
            "metric": "mae",
            "predictor": predictor,
            "predictor_options": options,
        },
    )

    what = f"{predictor} does not fit the target 'y' of the dataset 'line': {why}"
    assert found == [f"{place_of(predictor)}: {what}"]


@pytest.mark.parametrize(
    ("target", "predictor", "options"),
    [
        (NUMBER, "mean", {}),
        (NUMBER, "seasonal_naive", {"period": 48}),
        (NUMBER, "linear", {}),
        (NUMBER | {"dtype": "int64"}, "majority", {}),
        (NUMBER | {"dtype": "int64"}, "uniform", {}),
    ],
)
def test_a_predictor_that_may_make_sense_is_taken(
    course: Course, target: dict[str, Any], predictor: str, options: dict[str, Any]
) -> None:
    found = course(
        target=target,
        output=ONE,
        criterion={
            "check": "predict.baseline",
            "metric": "mae",
            "predictor": predictor,
            "predictor_options": options,
        },
    )

    assert found == []


OF_LABELS: Final = (
    *("accuracy", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa"),
    *("precision", "recall", "f1", "roc_auc", "average_precision", "log_loss", "brier"),
    "top_k_accuracy",
)
OF_NUMBERS: Final = (
    *("mae", "mse", "rmse", "median_absolute_error", "max_error", "mape", "msle"),
    *("r2", "explained_variance", "mase", "smape", "step_mae", "worst_step_mae"),
)
OF_FLAGS: Final = (
    *("subset_accuracy", "hamming_loss", "multilabel_precision", "multilabel_recall"),
    *("multilabel_f1", "jaccard", "label_ranking_average_precision"),
    "binary_crossentropy",
)
OF_MASKS: Final = ("iou", "binary_iou", "dice", "binary_dice")
OF_TOKENS: Final = ("bits_per_character", "perplexity")
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "top_k_accuracy": {"k": 2},
    "mase": {"scale": 2.5},
    "step_mae": {"step": 1},
    "perplexity": {"ignore": 0},
}
WHOLE: Final = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32")


def classes(count: int) -> list[str]:
    return [f"class {number}" for number in range(count)]


@st.composite
def labels(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a target of one of several classes, and an output for it."""
    count = draw(st.integers(3, 60))
    output = {"shape": [None, count], "kind": draw(KINDS)}
    dtype = draw(st.sampled_from((*WHOLE, "float32")))
    one_hot = draw(st.booleans())
    shape = [count] if one_hot else draw(st.sampled_from([[], [1]]))
    more: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"classes": classes(count)}, {"range": [0, 1 if one_hot else count]}]
        )
    )
    return {"dtype": dtype, "shape": shape, **more}, output


KINDS: Final = st.sampled_from(["any", "probabilities"])


@st.composite
def numbers(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    shape = draw(st.lists(st.integers(1, 30), min_size=1, max_size=3))
    more: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"range": [0, 1]}, {"range": [0, 500]}, {"range": [2.5, 3.5]}]
        )
    )
    dtype = draw(st.sampled_from(("float16", "float32", "float64", "int32")))
    if dtype == "int32":
        more = {}
    return {"dtype": dtype, "shape": shape, **more}, {"shape": [None, *shape]}


@st.composite
def flags(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    count = draw(st.integers(2, 40))
    more: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {"range": [0, 1]},
                {"classes": ["no", "yes"]},
                {"classes": classes(count)},
            ]
        )
    )
    dtype = draw(st.sampled_from((*WHOLE, "bool", "float32")))
    if dtype == "bool":
        more = {}
    output = {"shape": [None, count], "kind": draw(KINDS)}
    return {"dtype": dtype, "shape": [count], **more}, output


@st.composite
def masks(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    size = draw(st.lists(st.integers(1, 20), min_size=2, max_size=2))
    last = draw(st.sampled_from([[], [1]]))
    dtype = draw(st.sampled_from((*WHOLE, "bool", "float32")))
    sizes: list[int | None] = draw(st.sampled_from([size, [None, None]]))
    more = {} if dtype == "bool" else draw(st.sampled_from([{}, {"range": [0, 1]}]))
    if dtype == "float32" and size[1] == 1:
        more = {"range": [0, 1]}
    return (
        {"dtype": dtype, "shape": [*size, *last], **more},
        {"shape": [None, *sizes, 1], "kind": draw(KINDS)},
    )


@st.composite
def tokens(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    steps, size = draw(st.integers(1, 70)), draw(st.integers(2, 3000))
    more = draw(st.sampled_from([{}, {"range": [0, size - 1]}, {"range": [-1, 9]}]))
    axis = draw(st.sampled_from([steps, None]))
    return (
        {"dtype": draw(st.sampled_from(["int32", "int64"])), "shape": [steps], **more},
        {"shape": [None, axis, size], "kind": draw(KINDS)},
    )


FITTING: Final[list[tuple[str, st.SearchStrategy[Any]]]] = [
    *((name, labels()) for name in OF_LABELS),
    *((name, numbers()) for name in OF_NUMBERS),
    *((name, flags()) for name in OF_FLAGS),
    *((name, masks()) for name in OF_MASKS),
    *((name, tokens()) for name in OF_TOKENS),
]


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(("name", "described"), FITTING, ids=[n for n, _ in FITTING])
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_metric_that_fits_the_data_is_taken(
    name: str, described: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    target, output = data.draw(described)

    found = refusal(
        target=target,
        output=output,
        criterion=measured(name, **OPTIONS.get(name, {})),
        series=(4,),
    )

    assert found == []


def test_every_metric_is_tried_on_data_that_fit() -> None:
    tried = {name for name, _ in FITTING}

    assert tried == {metric.name for metric in METRICS.values()}


def test_numbers_of_which_nothing_is_told_may_be_labels(course: Course) -> None:
    target = {"dtype": "float32", "shape": [1]}

    found = course(target=target, output=ONE, criterion=measured("roc_auc"))

    assert found == []


def test_two_classes_in_one_column_fit(course: Course) -> None:
    target = {"dtype": "float32", "shape": []}
    output = {"shape": [None, 1], "kind": "probabilities"}

    found = course(target=target, output=output, criterion=measured("accuracy"))

    assert found == []


def test_what_is_too_large_to_be_tried_is_taken(course: Course) -> None:
    target = {"dtype": "int32", "shape": [512, 512]}
    output = {"shape": [None, 512, 512, 1000]}

    found = course(target=target, output=output, criterion=measured("iou"))

    assert found == []


OWN: Final = """\
from pytest_tfgrade.api import Direction, metric

@metric(direction=Direction.LOWER_IS_BETTER)
def fussy(y_true, y_pred):
    raise KeyError("no such season")

@metric(direction=Direction.LOWER_IS_BETTER)
def refusing(y_true, y_pred):
    raise ValueError("the moon is full")
"""


def test_a_metric_of_the_course_that_fails_otherwise_is_not_judged(
    course: Course,
) -> None:
    Path("rubrics").mkdir()
    Path("rubrics/own.py").write_text(OWN)
    own = {"check": "predict.metric", "threshold": 1}

    found = course(target=NUMBER, output=ONE, criterion=own | {"metric": "own:fussy"})

    assert found == []


def test_a_metric_of_the_course_that_refuses_the_data_is_told(course: Course) -> None:
    Path("rubrics").mkdir()
    Path("rubrics/own.py").write_text(OWN)
    own = {"check": "predict.metric", "threshold": 1, "metric": "own:refusing"}

    found = course(target=NUMBER, output=ONE, criterion=own)

    assert found == [
        f"{place_of('own:refusing')}: refusing does not fit the target 'y' of the "
        f"dataset 'line': the moon is full; {WAY_OUT}"
    ]


@pytest.mark.parametrize(
    ("rubrics", "data"),
    [
        ("rubrics", "reference_data"),
        ("examples/rubrics", "reference_data"),
        ("examples/own_checks/rubrics", "examples/own_checks/reference_data"),
    ],
)
def test_every_shipped_rubric_fits_its_data(rubrics: str, data: str) -> None:
    course = read_course(ROOT / rubrics, ROOT / data)

    assert course.rubrics


@pytest.mark.parametrize(
    ("described", "stated", "says"),
    [
        pytest.param(
            {"range": [0, 255]},
            [0, 1],
            "the dataset 'line' says 0 to 255 of 'x', the contract says 0 to 1; "
            "correct one, or describe the input as uint8, so that pixels are mapped",
            id="pixels-described-as-numbers",
        ),
        pytest.param(
            {"range": [-2, 0.5]},
            [-1, 1],
            "the dataset 'line' says -2 to 0.5 of 'x', the contract says -1 to 1; "
            "correct one",
            id="numbers",
        ),
        pytest.param(
            {"range": [0, 16], "dtype": "uint8"},
            [0, 1],
            "the dataset 'line' says 0 to 16 of 'x', the contract says 0 to 1; "
            "correct one",
            id="bytes-that-are-no-pixels",
        ),
        pytest.param({"range": [0, 255], "dtype": "uint8"}, [0, 1], None, id="pixels"),
        pytest.param({"dtype": "uint8"}, [0, 1], None, id="pixels-of-no-told-range"),
        pytest.param({"range": [0, 0.5]}, [0, 1], None, id="inside"),
        pytest.param({}, [0, 1], None, id="nothing-is-told"),
    ],
)
def test_a_range_that_the_data_leave_is_found_before_they_are_read(
    course: Course, described: dict[str, Any], stated: list[float], says: str | None
) -> None:
    said = course(
        target=NUMBER,
        output=ONE,
        criterion=measured("mae"),
        described=described,
        stated={"range": stated},
    )

    assert said == ([f"rubrics/line.yaml:5:5: {says}"] if says else [])
