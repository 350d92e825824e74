"""A course's own code: named by a rubric, beside it or installed, and at fault."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.checks import Needs
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.documents import Invalid
from pytest_tfgrade.rubric import BoundCriterion, Rubric, read_rubric

MakeModel = Callable[..., Path]

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_checks"

RUBRIC = """\
task: tiny
dataset: numbers
contract: {inputs: {x: {shape: [null, 8]}}, outputs: {y: {shape: [null, 8]}}}
criteria:
"""

CHECKS = """\
from pytest_tfgrade.api import (
    Artifact,
    Check,
    CheckFailed,
    Direction,
    Evaluation,
    Measured,
    Measurement,
    Metric,
    Model,
    Needs,
    metric,
)


def of_the_file(artifact: Artifact) -> Measured:
    '''The file is there.'''
    return Measured(rationale=artifact.name)


def of_facts(model: Model, *, layers: int, kinds: list[str] | None = None) -> Measured:
    '''The model has so many layers.'''
    return Measured(rationale=f"{layers}")


def of_predictions(run: Evaluation) -> Measured:
    '''The model predicts.'''
    return Measured(rationale="it does")


def spread(run: Evaluation) -> Measurement:
    '''How far predictions lie apart.'''
    values = run.predictions["y"]
    return Measurement(
        name="spread",
        value=float(values.max() - values.min()),
        direction=Direction.LOWER_IS_BETTER,
    )


SPREAD = Check(
    name="spread", needs=Needs.PREDICTIONS, function=spread, measures=True
)


@metric(direction=Direction.LOWER_IS_BETTER)
def bias(y_true, y_pred, *, scale: float = 1.0):
    return float((y_pred - y_true).mean() / scale)


def of_unknown(model: "Modle") -> Measured:
    return Measured(rationale="it is so")


def with_array(model: Model, *, layers: memoryview) -> Measured:
    return Measured(rationale=f"{len(layers)}")


def without_annotation(model):
    return Measured(rationale="it is so")


def with_points(model: Model, *, points: int) -> Measured:
    return Measured(rationale=f"{points}")


def by_position(model: Model, at_most: int = 3) -> Measured:
    return Measured(rationale=f"{at_most}")


def by_position_alone(model: Model, at_most: int) -> Measured:
    return Measured(rationale=f"{at_most}")


def plain(y_true, y_pred):
    return 1.0


LIMIT = 7
"""

BROKEN = {
    "syntax": "def f(\n",
    "imports": "import nothing_of_that_name\n",
    "raises": "LIMITS = {}\nLIMIT = LIMITS['layers']\n",
    "empty": "",
    "exits": "import sys\nsys.exit(3)\n",
    "skips": "import pytest\npytest.skip('not today')\n",
}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with modules, which the test stands in."""
    (tmp_path / "checks.py").write_text(CHECKS, encoding="utf-8")
    for name, source in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rubric(*criteria: str) -> Rubric:
    """Return a rubric of criteria, as read from the current folder."""
    lines = [f"  - {{id: c{n}, {text}}}\n" for n, text in enumerate(criteria, 1)]
    Path("tiny.yaml").write_text(RUBRIC + "".join(lines), encoding="utf-8")
    return read_rubric(Path("tiny.yaml"))


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("of_the_file", Needs.ARTIFACT),
        ("of_facts", Needs.FACTS),
        ("of_predictions", Needs.PREDICTIONS),
    ],
)
def test_the_first_parameter_of_a_function_says_what_it_looks_at(
    name: str, needs: Needs
) -> None:
    more = "layers: 3" if name == "of_facts" else "hint: Look"

    (criterion,) = rubric(f"check: checks:{name}, points: 1, {more}").criteria

    assert isinstance(criterion, BoundCriterion)
    assert (criterion.check.name, criterion.check.needs) == (f"checks:{name}", needs)


@pytest.mark.usefixtures("course")
def test_keyword_parameters_are_what_a_rubric_may_write() -> None:
    text = "check: checks:of_facts, layers: 3, kinds: [Dense], points: 1"

    (criterion,) = rubric(text).criteria

    assert isinstance(criterion, BoundCriterion)
    assert criterion.parameters == {"layers": 3, "kinds": ["Dense"]}
    assert criterion.title.text() == "The model has so many layers."


@pytest.mark.usefixtures("course")
def test_a_check_that_measures_takes_a_scale() -> None:
    for name in ("checks:SPREAD", "checks:spread"):
        (criterion,) = rubric(f"check: {name}, bands: {{2: 0.1, 1: 0.2}}").criteria

        assert isinstance(criterion, BoundCriterion)
        assert (criterion.check.name, criterion.points) == (name, 2)


@pytest.mark.usefixtures("course")
def test_a_metric_of_the_course_takes_options_and_has_a_direction() -> None:
    text = "metric: checks:bias, options: {scale: 2}, threshold: 0.1, points: 1"

    (criterion,) = rubric(f"check: predict.metric, {text}").criteria

    assert isinstance(criterion, BoundCriterion)
    metric = criterion.parameters["metric"]
    assert (metric.name, metric.direction) == ("bias", Direction.LOWER_IS_BETTER)


@pytest.mark.usefixtures("course")
def test_two_criteria_share_one_module() -> None:
    Path("counting.py").write_text(
        "from pathlib import Path\n"
        "from pytest_tfgrade.api import Measured, Model\n"
        "with Path('runs').open('a') as file:\n"
        "    file.write('once ')\n"
        "def one(model: Model) -> Measured: ...\n"
        "def two(model: Model) -> Measured: ...\n"
    )

    rubric("check: counting:one, points: 1", "check: counting:two, points: 1")

    assert Path("runs").read_text() == "once "


def test_modules_of_one_name_beside_two_rubrics_do_not_meet(tmp_path: Path) -> None:
    titles = []
    for title in ("Here", "There"):
        folder = tmp_path / title
        folder.mkdir()
        (folder / "checks.py").write_text(
            "from pytest_tfgrade.api import Measured, Model\n"
            f"def mine(model: Model) -> Measured:\n    '''{title}'''\n"
        )
        path = folder / "tiny.yaml"
        path.write_text(f"{RUBRIC}  - {{id: a, check: checks:mine, points: 1}}\n")
        titles.append(read_rubric(path).criteria[0].title.text())

    assert titles == ["Here", "There"]


ANNOTATE = (
    "does not say what it looks at; "
    "annotate its first parameter with Artifact, Model or Evaluation"
)


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "check: chekcs:of_facts",
            21,
            "there is no chekcs.py and no installed module 'chekcs'; correct the name",
        ),
        (
            "check: json.missing:thing",
            21,
            "json.missing cannot be imported: No module named 'json.missing'",
        ),
        (
            "check: checks:of_fact",
            21,
            "checks has no 'of_fact'; did you mean 'of_facts'?",
        ),
        ("check: empty:thing", 21, "empty has no 'thing'; write it"),
        (
            "check: checks:without_annotation",
            21,
            f"checks:without_annotation {ANNOTATE}",
        ),
        (
            "check: checks:LIMIT",
            21,
            "checks:LIMIT is no function and no Check; name one of these",
        ),
        (
            "check: checks:with_points",
            21,
            "checks:with_points cannot be used: its parameter 'points' is a key that "
            "every criterion has; rename it",
        ),
        (
            "check: checks:with_array",
            21,
            "checks:with_array cannot be used: its parameter 'layers' is of a type "
            "that YAML does not have; annotate it with int, float, str, bool or lists "
            "of them",
        ),
        (
            "check: checks:of_unknown",
            21,
            "an annotation of of_unknown means nothing: name 'Modle' is not defined; "
            "import what it names",
        ),
        (
            "check: checks:of_facts, layers: three",
            46,
            "must be a whole number, got 'three'",
        ),
        (
            "check: checks:of_facts, layer: 3",
            38,
            "unknown key 'layer'; did you mean 'layers'?",
        ),
        (
            "check: predict.metric, threshold: 1, metric: checks:plain",
            59,
            "checks:plain is no metric; "
            "decorate the function with @metric(direction=...)",
        ),
        (
            "check: checks:of_facts, layers: 3, deep: 2",
            49,
            "unknown key 'deep'; use 'bonus', 'check', 'hint', 'id', 'if_unknown', "
            "'kinds', 'layers', 'penalty', 'points', 'requires', 'skills', 'title' or "
            "'visibility'",
        ),
        (
            "check: checks:by_position, at_most: 3",
            41,
            "at_most is no keyword-only parameter of checks:by_position; write '*, ' "
            "before it in the function",
        ),
        (
            "check: checks:by_position_alone, at_most: 3",
            21,
            "checks:by_position_alone cannot be given 'at_most', which is not "
            "keyword-only; write '*, ' before it in the function",
        ),
        (
            "check: predict.metric, threshold: 1, metric: checks:bias, scale: 2",
            72,
            "scale is an option of bias; write options: {scale: 2}",
        ),
    ],
)
def test_code_that_cannot_be_used_is_said_with_the_place_in_the_rubric(
    text: str, place: int, message: str
) -> None:
    with pytest.raises(Invalid) as caught:
        rubric(f"{text}, points: 1")

    first = next(line for line in str(caught.value).splitlines() if "5:" in line)
    assert first == f"tiny.yaml:5:{place}: {message}"


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(
    ("module", "line", "column", "cause"),
    [
        ("syntax", 1, 6, "SyntaxError: '(' was never closed"),
        (
            "imports",
            1,
            1,
            "ModuleNotFoundError: No module named 'nothing_of_that_name'",
        ),
        ("raises", 2, 1, "KeyError: 'layers'"),
        ("exits", 2, 1, "SystemExit: 3"),
        ("skips", 2, 1, "Skipped: not today"),
    ],
)
def test_a_broken_file_is_said_once_with_the_place_in_it(
    module: str, line: int, column: int, cause: str
) -> None:
    with pytest.raises(Invalid) as caught:
        rubric(
            f"check: {module}:one, points: 1",
            f"check: {module}:two, points: 1",
            f"check: predict.metric, metric: {module}:three, threshold: 1, points: 1",
        )

    message = f"{module}.py:{line}:{column}: cannot be imported: {cause}"
    assert str(caught.value) == f"{message}; correct the file"


@pytest.mark.usefixtures("course")
def test_a_parameter_by_position_that_no_rubric_gives_keeps_its_default() -> None:
    (criterion,) = rubric("check: checks:by_position, points: 1").criteria

    assert isinstance(criterion, BoundCriterion)
    assert criterion.parameters == {}


def linked(layers: list[tuple[str, dict[str, Any], list[str]]]) -> dict[str, Any]:
    """Return a functional model as Keras 3 saves it; every tensor ``(None, 3)``."""

    def tensor(name: str) -> dict[str, Any]:
        config = {
            "shape": [None, 3],
            "dtype": "float32",
            "keras_history": [name, 0, 0],
        }
        return {"class_name": "__keras_tensor__", "config": config}

    saved = []
    for class_name, config, sources in layers:
        tensors = [tensor(name) for name in sources]
        given = [tensors] if len(tensors) > 1 else tensors
        saved.append(
            {
                "module": "keras.layers",
                "class_name": class_name,
                "config": config,
                "registered_name": None,
                "name": config["name"],
                "inbound_nodes": [{"args": given, "kwargs": {}}] if given else [],
            }
        )
    ends = (layers[0][1]["name"], layers[-1][1]["name"])
    config = {
        "name": "made",
        "layers": saved,
        "input_layers": [[ends[0], 0, 0]],
        "output_layers": [[ends[1], 0, 0]],
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": None,
    }


def hand_in(model: Path, path: Path, *, skip: bool) -> None:
    """Write a model that predicts the mean of three ratings."""
    layers: list[tuple[str, dict[str, Any], list[str]]] = [
        ("InputLayer", {"name": "in", "batch_shape": [None, 3]}, []),
        ("ReLU", {"name": "relu"}, ["in"]),
        ("Average", {"name": "mix"}, ["in", "relu"]),
        ("Reshape", {"name": "series", "target_shape": [3, 1]}, ["mix"]),
        ("GlobalAveragePooling1D", {"name": "mean"}, ["series"]),
    ]
    if not skip:
        layers[2] = ("ReLU", {"name": "mix"}, ["relu"])
    with zipfile.ZipFile(model) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            made = json.dumps(linked(layers)).encode()
            new.writestr(name, made if name == "config.json" else old.read(name))


def test_the_example_grades_by_a_check_and_a_metric_of_its_own(
    pytester: pytest.Pytester, make_model: MakeModel
) -> None:
    """Starts TensorFlow."""
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True)
    model = make_model("model.keras", ("ReLU", {}))
    pytester.mkdir("submissions")
    hand_in(model, pytester.path / "submissions" / "anna_stars.keras", skip=True)
    hand_in(model, pytester.path / "submissions" / "ben_stars.keras", skip=False)

    pytester.runpytest_subprocess("--tfgrade", "submissions", "--tfgrade-report", "out")

    assert results(pytester.path) == {
        "anna": {
            "skip": ("passed", 2, "1 outputs skip a layer"),
            "ratings": ("passed", 3, "within_one 0.9033 >= 0.8"),
        },
        "ben": {
            "skip": ("failed", 0, "0 outputs skip a layer, required >= 1"),
            "ratings": ("passed", 3, "within_one 0.9033 >= 0.8"),
        },
    }


def results(folder: Path) -> dict[str, dict[str, tuple[str, float, str]]]:
    """Return verdict, points and rationale of criteria, by submission."""
    document = json.loads((folder / "out" / "grades.json").read_text())
    return {
        submission["id"]: {
            c["id"]: (c["verdict"], c["points"], c["rationale"])
            for c in submission["tasks"][0]["criteria"]
        }
        for submission in document["submissions"]
    }


MISBEHAVING = """\
import sys
import pytest
from pytest_tfgrade.api import CheckFailed, Measured, Model

def raises(model: Model) -> Measured:
    layers = {}
    return layers["first"]

def skips(model: Model) -> Measured:
    pytest.skip("not today")

def exits(model: Model) -> Measured:
    sys.exit(3)

def returns(model: Model) -> Measured:
    return True

def fails(model: Model) -> Measured:
    raise CheckFailed("the model is too plain", hint="Add a layer.")
"""

NAMES = ("raises", "skips", "exits", "returns", "fails")


def test_a_check_of_the_course_that_misbehaves_is_an_error_and_the_run_goes_on(
    pytester: pytest.Pytester, make_model: MakeModel
) -> None:
    rubrics = pytester.mkdir("rubrics")
    (rubrics / "checks.py").write_text(MISBEHAVING, encoding="utf-8")
    criteria = [f"- {{id: {n}, check: checks:{n}, points: 1}}\n" for n in NAMES]
    text = "task: tiny\ncriteria:\n" + "".join(criteria)
    (rubrics / "tiny.yaml").write_text(text, encoding="utf-8")
    folder = pytester.mkdir("submissions")
    for name in ("anna", "ben"):
        shutil.copy(make_model("m.keras", ("ReLU", {})), folder / f"{name}_tiny.keras")

    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "out")

    result.assert_outcomes(failed=2, errors=8)
    said = results(pytester.path)
    assert said["anna"] == said["ben"]
    ours = "the grader could not finish this task; the score stays open"
    assert said["anna"] == {
        **dict.fromkeys(NAMES[:-1], ("error", None, ours)),
        "fails": ("failed", 0, "the model is too plain"),
    }
    shown = result.stdout.str()
    for line in (
        "for the grader:",
        r'    File ".*/rubrics/checks.py", line 7, in raises',
        "  KeyError: 'first'",
        "  Skipped: not today",
        "  SystemExit: 3",
        "  TypeError: checks:returns returned bool, not Measured; correct the check",
    ):
        assert re.search(f"^{line}$", shown, re.MULTILINE), line
