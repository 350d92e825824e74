"""``tfgrade rubric selftest``: the calibration table, and when it fails."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

RUBRIC = """\
task: fruit
dataset: fruit
contract:
  inputs: {{weight: {{shape: [null, 1]}}}}
  outputs: {{kind: {{shape: [null, 3], kind: probabilities}}}}
criteria:
  - {{id: file, check: file, points: 1}}
  - id: accuracy
    check: predict.metric
    metric: accuracy
    bands: {bands}
selftest:
  predictors: {predictors}
"""

LEGEND = """\
due: what a file must get exactly, and a trivial predictor at most
n: examples; se: standard error of the value
borderline: one standard error more or less would earn other points
"""


@pytest.fixture
def rubric(fruit: Path) -> Path:
    """Write a rubric in which everything is as it must be."""
    return write("{5: 0.9, 2: 0.6}", "{majority: 0, linear: 5}", fruit.parents[1])


def write(bands: str, predictors: str, folder: Path) -> Path:
    path = folder / "rubrics" / "fruit.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(RUBRIC.format(bands=bands, predictors=predictors))
    return path


def test_the_table_shows_what_predictors_reach(run: "Run", rubric: Path) -> None:
    ran = run("rubric", "selftest")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "fruit: 6 points\n"
        "  accuracy: accuracy >= 0.9 earns 5 points, >= 0.6 earns 2\n"
        "  tried     criterion  value    n     se  points        due\n"
        "  majority  accuracy   0.375  200  0.033       0  at most 0  ok\n"
        "  linear    accuracy       1  200      0       5  at most 5  ok\n"
        f"\n{LEGEND}\n"
        "1 task: every score is as it must be\n"
    )


def test_a_predictor_that_earns_too_much_fails_the_rubric(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    write("{5: 0.9, 2: 0.36}", "{majority: 0, linear: 4}", tmp_path)

    ran = run("rubric", "selftest")

    assert ran.status == 1
    assert ran.out == (
        "fruit: 6 points\n"
        "  accuracy: accuracy >= 0.9 earns 5 points, >= 0.36 earns 2\n"
        "  tried     criterion  value    n     se  points        due\n"
        "  majority  accuracy   0.375  200  0.033       2  at most 0  WRONG, "
        "borderline\n"
        "  linear    accuracy       1  200      0       5  at most 4  WRONG\n"
        f"\n{LEGEND}\n"
    )
    assert ran.err == (
        "rubrics/fruit.yaml: majority earns 2 points and may earn 0; make the bounds "
        "harder, or allow it\n"
        "rubrics/fruit.yaml: linear earns 5 points and may earn 4; make the bounds "
        "harder, or allow it\n"
    )


def test_one_point_is_not_called_points(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    write("{5: 0.9, 1: 0.36}", "{majority: 0}", tmp_path)

    ran = run("rubric", "selftest")

    assert ran.err == (
        "rubrics/fruit.yaml: majority earns 1 point and may earn 0; make the bounds "
        "harder, or allow it\n"
    )


GATED = """\
task: fruit
dataset: fruit
contract:
  inputs: {{weight: {{shape: [null, 1]}}}}
  outputs: {{kind: {{shape: [null, 3], kind: probabilities}}}}
criteria:
  - {{id: gate, check: {gate}}}
  - {{id: chain, check: predict.contract, requires: [gate]}}
  - id: accuracy
    check: predict.metric
    metric: {metric}
    threshold: 0.9
    points: 1
    requires: [chain]
"""


def gated(folder: Path, gate: str, metric: str = "accuracy") -> None:
    path = folder / "rubrics" / "fruit.yaml"
    path.parent.mkdir()
    path.write_text(GATED.format(gate=gate, metric=metric))


def test_a_contract_that_no_predictor_keeps_fails_the_rubric(
    run: "Run", fruit: Path, tmp_path: Path
) -> None:
    gated(tmp_path, "predict.contract, range: [5, 6]")

    ran = run("rubric", "selftest")

    assert ran.status == 1
    assert ran.err == (
        "rubrics/fruit.yaml:7:23: no predictor got past 'gate' (600 of 600 values of "
        "'kind' lie outside 5 to 6; all are between 0 and 1); the bounds of "
        "'accuracy' were not tried; correct the contract\n"
    )


def test_another_gate_that_stops_every_predictor_is_noted(
    run: "Run", fruit: Path, tmp_path: Path
) -> None:
    gate = "predict.baseline, metric: accuracy, predictor: majority, margin: 0.5"
    gated(tmp_path, gate)

    ran = run("rubric", "selftest")

    assert (ran.status, ran.err) == (0, "")
    assert (
        "\n  note: no predictor got past 'gate' (accuracy 0.375, majority predictor "
        "0.375: no better, required better by 0.5); the bounds of 'accuracy' were not "
        "tried\n" in ran.out
    )


def test_a_gate_is_found_through_a_group(
    run: "Run", fruit: Path, tmp_path: Path
) -> None:
    gate = "predict.contract, range: [5, 6]"
    gated(tmp_path, gate)
    path = tmp_path / "rubrics/fruit.yaml"
    member = "{id: inner, check: predict.contract, requires: [gate]}"
    path.write_text(
        path.read_text().replace(
            "{id: chain, check: predict.contract, requires: [gate]}",
            f"{{id: chain, group: all, points: 1, criteria: [{member}]}}",
        )
    )

    ran = run("rubric", "selftest")

    assert ran.err.startswith("rubrics/fruit.yaml:7:23: no predictor got past 'gate' (")


OWN_METRIC = """\
from pytest_tfgrade.api import Direction, metric


@metric(direction=Direction.HIGHER_IS_BETTER)
def fussy(y_true, y_pred):
    if len(y_true) == 200:  # so only with the hidden data, which have so many rows
        {body}
    return 0.5
"""


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "raise ValueError('kinds are numbers')",
            "fussy does not fit the data: kinds are numbers; correct the criterion, or "
            "the data",
        ),
        ("return {}['x']", "fussy fails: KeyError: 'x'; correct it"),
    ],
    ids=["a-value-error", "another"],
)
def test_a_metric_that_does_not_fit_the_data_is_named_once_with_its_place(
    run: "Run", fruit: Path, tmp_path: Path, body: str, text: str
) -> None:
    gated(tmp_path, "predict.contract", metric="checks:fussy")
    (tmp_path / "rubrics/checks.py").write_text(OWN_METRIC.format(body=body))

    ran = run("rubric", "selftest")

    assert ran.status == 1
    assert ran.err == f"rubrics/fruit.yaml:11:13: {text}\n"


def test_bands_that_chance_decides_between_fail_the_rubric(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    write("{5: 0.64, 2: 0.6}", "{majority: 0}", tmp_path)

    ran = run("rubric", "selftest")

    assert ran.status == 1
    assert ran.err == (
        "rubrics/fruit.yaml: accuracy: the bands for 2 and 5 points lie 0.04 apart, "
        "less than 3 standard errors of 0.033; move them apart\n"
    )


def test_a_predictor_that_makes_no_sense_has_a_place(
    run: "Run", rubric: Path, tmp_path: Path
) -> None:
    write("{5: 0.9}", "{median: 0}", tmp_path)

    ran = run("rubric", "selftest")

    assert ran.status == 2
    assert ran.err == (
        "rubrics/fruit.yaml:13:15: median is for numbers, and the targets are classes; "
        "use majority or mean; remove it\n"
    )


def test_models_can_be_left_out(run: "Run", rubric: Path) -> None:
    text = rubric.read_text()
    rubric.with_name("any.keras").write_bytes(b"this is no model")
    rubric.write_text(text + "  artifacts: [{file: any.keras, points: 6}]\n")

    ran = run("rubric", "selftest", "--no-models")

    assert (ran.status, ran.err) == (0, "")
    assert "any.keras" not in ran.out


def test_a_file_of_which_nothing_is_measured_shows_what_failed(
    run: "Run", rubric: Path
) -> None:
    rubric.with_name("any.keras").write_bytes(b"this is no model")
    rubric.write_text(
        "task: fruit\n"
        "criteria: [{id: small, check: model.params, max: 9, points: 1}]\n"
        "selftest: {artifacts: [{file: any.keras, points: 0}]}\n"
    )

    ran = run("rubric", "selftest")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(
        "fruit: 1 point\n"
        "  tried              criterion     value  n  se  points  due\n"
        "  rubrics/any.keras  small failed                     0    0  ok\n"
    )


def test_only_tasks_that_are_named_are_tried(run: "Run", rubric: Path) -> None:
    other = rubric.read_text().replace("task: fruit", "task: nuts")
    rubric.with_name("nuts.yaml").write_text(other)

    ran = run("rubric", "selftest", "--task", "nuts")

    assert ran.out.startswith("nuts: 6 points\n")
    assert ran.out.endswith("\n1 task: every score is as it must be\n")


def test_a_task_that_is_not_there_is_a_mistake(run: "Run", rubric: Path) -> None:
    ran = run("rubric", "selftest", "--task", "friut")

    assert (ran.status, ran.out, ran.err) == (
        2,
        "",
        "--task: no rubric has the task 'friut'; did you mean 'fruit'?\n",
    )


def test_hidden_data_that_are_wrong_are_the_datas_fault(
    run: "Run", rubric: Path, fruit: Path
) -> None:
    (fruit / "generate.py").write_text("raise OSError('no disk')\n")

    ran = run("rubric", "selftest")

    assert (ran.status, ran.out) == (3, "")
    assert "no disk" in ran.err


def test_a_rubric_that_runs_no_model_has_nothing_to_try(
    run: "Run", tmp_path: Path
) -> None:
    folder = tmp_path / "rubrics"
    folder.mkdir()
    (folder / "any.yaml").write_text(
        "task: any\ncriteria: [{id: file, check: file, points: 1}]\n"
    )

    ran = run("rubric", "selftest")

    assert ran.out == (
        "any: 1 point; nothing to try: add selftest:\n\n"
        f"{LEGEND}\n1 task: every score is as it must be\n"
    )
