"""What there is to override is the same by the course and by the grades."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from grades_of_ada import TWO_TASKS, book, criterion, task

from pytest_tfgrade.adjustments import CriterionWorth, Known, TaskWorth, known_by
from pytest_tfgrade.engine.course import read_course

RUBRIC = """\
task: digits
criteria:
  - {id: file, check: file, points: 2}
  - id: form
    group: sum
    points: 1
    criteria:
      - {id: small, check: model.params, max: 100, points: 1}
      - {id: conv, check: model.layers, class: Conv2D, points: 1}
  - {id: tiny, check: model.params, max: 10, points: 0.5, bonus: true}
  - {id: size, check: model.params, max: 1000, penalty: 2}
"""
EXAM = """\
exam: Winter exam
tasks: [{task: digits, weight: 2}]
due: 2025-01-31T23:59Z
late: {bands: {0: 10%}}
"""


def test_a_course_knows_what_there_is_to_override(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text(RUBRIC)
    (tmp_path / "exam.yaml").write_text(EXAM)

    course = read_course(tmp_path, tmp_path)

    worth = course.worth["digits"]
    assert worth == TaskWorth(
        weight=Decimal(2),
        criteria={
            "file": CriterionWorth(points=Decimal(2)),
            "small": CriterionWorth(points=Decimal(1), group="form"),
            "conv": CriterionWorth(points=Decimal(1), group="form"),
            "form": CriterionWorth(points=Decimal(1)),
            "tiny": CriterionWorth(points=Decimal("0.5")),
            "size": CriterionWorth(points=Decimal(0)),
        },
    )
    assert worth.most == Decimal("3.5")
    assert Known(candidates={}, tasks=course.worth).most == 7
    assert course.late is not None


def test_the_late_rule_of_an_exam_is_that_of_one_rubric_of_it(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text(RUBRIC)
    (tmp_path / "exam.yaml").write_text(EXAM)

    whole = read_course(tmp_path, tmp_path)
    one = read_course(tmp_path / "digits.yaml", tmp_path)

    assert one.late == whole.late


def test_grades_tell_what_there_is_to_override() -> None:
    assert known_by(TWO_TASKS) == Known(
        candidates={"ada": ()},
        tasks={
            "digits": TaskWorth(
                weight=Decimal(2),
                criteria={
                    "accuracy": CriterionWorth(points=Decimal(4)),
                    "tiny": CriterionWorth(points=Decimal(1)),
                },
            ),
            "text": TaskWorth(criteria={"loss": CriterionWorth(points=Decimal(4))}),
        },
    )


@pytest.mark.parametrize("left_out", ["a criterion", "a task"])
def test_of_a_run_that_was_cut_short_not_all_is_known(left_out: str) -> None:
    digits = task("digits", criterion("accuracy", "3"))
    if left_out == "a criterion":
        cut = book(replace(digits, planned=2))
    else:
        (grade,) = book(digits).grades
        cut = replace(TWO_TASKS, grades=(replace(grade, whole=False),))

    assert not known_by(cut).whole
