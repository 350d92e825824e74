"""``tfgrade rubric check`` and ``schema``: where a course is looked for."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_tfgrade.rubric import json_schema

if TYPE_CHECKING:
    from conftest import Run

RUBRIC = """\
task: fruit
dataset: fruit
contract:
  inputs: {weight: {shape: [null, 1]}}
  outputs: {kind: {shape: [null, 3]}}
criteria: [{id: contract, check: predict.contract, points: 2.5}]
"""


@pytest.fixture
def course(tmp_path: Path, fruit: Path) -> Path:
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "rubrics/fruit.yaml").write_text(RUBRIC)
    (tmp_path / "rubrics/exam.yaml").write_text("exam: Fair\ntasks: [fruit]\n")
    return tmp_path


@pytest.mark.parametrize("place", [[], ["rubrics"], ["."]], ids=" ".join)
def test_a_course_is_found_by_its_folder_or_that_of_its_rubrics(
    run: "Run", course: Path, place: list[str]
) -> None:
    ran = run("rubric", "check", *place)

    assert (ran.status, ran.out, ran.err) == (
        0,
        "Fair: 1 task, all in order\n  fruit: 2.5 points, 1 criterion, data fruit\n",
        "",
    )


def test_one_rubric_can_be_checked_by_itself(run: "Run", course: Path) -> None:
    ran = run("rubric", "check", "rubrics/fruit.yaml")

    assert (ran.status, ran.err) == (0, "")


def test_rubrics_that_the_exam_leaves_out_are_named(run: "Run", course: Path) -> None:
    for name in ("nuts", "herbs"):
        other = RUBRIC.replace("task: fruit", f"task: {name}")
        (course / f"rubrics/{name}.yaml").write_text(other)

    ran = run("rubric", "check")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "Fair: 1 task, all in order\n"
        "  fruit: 2.5 points, 1 criterion, data fruit\n"
        "  not graded: herbs.yaml, nuts.yaml; exam.yaml does not name the task\n"
    )


def test_data_may_lie_elsewhere(run: "Run", course: Path) -> None:
    (course / "reference_data").rename(course / "hidden")

    missing = run("rubric", "check")
    found = run("rubric", "check", "--data", "hidden")

    assert (missing.status, missing.err) == (
        2,
        "rubrics/fruit.yaml:2:10: there is no evaluation dataset 'fruit' in "
        "reference_data; give the place of the folder that holds the datasets\n",
    )
    assert (found.status, found.err) == (0, "")


def test_a_description_that_is_wrong_is_the_datas_fault(
    run: "Run", course: Path, fruit: Path
) -> None:
    text = (fruit / "dataset.yaml").read_text()
    (fruit / "dataset.yaml").write_text(text.replace("rows:", "row:"))

    ran = run("rubric", "check")

    assert ran.status == 3
    assert "unknown key 'row'; did you mean 'rows'?" in ran.err


def test_the_schema_is_that_of_rubrics(run: "Run") -> None:
    ran = run("rubric", "schema")

    assert json.loads(ran.out) == json_schema()
