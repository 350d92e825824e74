"""What a person reads in the terminal after a run."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.line import Line, display_width
from pytest_tfgrade.reports.summary import render_summary

GOLDEN = Path(__file__).parent / "golden"


def test_a_whole_summary_is_as_it_was_read_and_approved(gradebook: Gradebook) -> None:
    approved = (GOLDEN / "summary.txt").read_text(encoding="utf-8")
    noted = replace(gradebook, isolated=False, unmatched=("bob/x.h5", "bob/y.h5"))

    lines = render_summary(noted, 80)

    assert "".join(f"{line.tone:8}|{line.text}\n" for line in lines) == approved


def test_full_points_need_no_reasons() -> None:
    text = _text(_gradebook(_grade("anna", _task("digits", _passed("accuracy")))))

    assert text == ("Exam\n\nsubmission  digits  total\nanna           5/5    5/5")


def test_a_run_without_submissions_says_so() -> None:
    assert _text(_gradebook()) == "Exam\n\nno submission was graded"


def test_criteria_lost_for_one_reason_share_a_line() -> None:
    digits = _task(
        "digits",
        _passed("size"),
        _failed("shape", "the output has shape (None, 9)"),
        _skipped("accuracy", "needs 'shape'"),
        _skipped("top3", "needs 'shape'"),
    )

    text = _text(_gradebook(_grade("anna", digits)))

    assert text.partition("lost points\n")[2] == (
        "anna\n"
        "  digits: shape  0/5  the output has shape (None, 9)\n"
        "  digits: accuracy, top3  0/10  needs 'shape'"
    )


def test_tasks_lost_for_one_reason_share_a_line() -> None:
    tasks = [
        _task(name, _ungradable("shape"), _ungradable("accuracy"))
        for name in ("digits", "fashion")
    ]

    text = _text(_gradebook(_grade("anna", *tasks)))

    assert text.partition("lost points\n")[2] == (
        "anna\n"
        "  digits, fashion  0/20  E_MISSING no model was handed in for this task [1]\n"
        "hints\n"
        "  [1] Save the model under the name the task asks for."
    )


def test_a_hint_is_written_once_however_many_submissions_need_it() -> None:
    grades = [
        _grade(f"anna{number:03}", _task("digits", _ungradable("accuracy")))
        for number in range(200)
    ]

    lines = render_summary(_gradebook(*grades), 80)

    hint = Line("  [1] Save the model under the name the task asks for.")
    assert lines.count(hint) == 1
    around_rows_and_reasons = len(["exam", "", "header", "", "lost", "hints", "[1]"])
    assert len(lines) == around_rows_and_reasons + 200 * len(["row", "who", "why"])


def test_what_broke_the_grader_comes_first_and_once() -> None:
    detail = "Traceback (most recent call last):\n  ...\nOSError: no space left\n\n"
    broken = _task("digits", _error("shape", detail), _error("accuracy", detail))
    grades = [_grade(name, broken) for name in ("anna", "bo", "chris")]
    half = _task("fashion", _passed("shape"), _error("accuracy", None))

    text = _text(_gradebook(*grades, _grade("dora", half)))

    assert text.partition("\n\n")[2].partition("\n\n")[2] == (
        "grader's errors; these scores stay open\n"
        "  the grader could not finish this task; the score stays open\n"
        "    OSError: no space left\n"
        "    at 3 places: anna::digits, bo::digits, chris::digits\n"
        "  the grader could not finish this task; the score stays open\n"
        "    at dora::fashion::accuracy"
    )


def test_a_failed_criterion_without_points_still_tells_its_reason() -> None:
    gate = replace(_failed("loads", "it does not"), max_points=Decimal(0))

    text = _text(_gradebook(_grade("anna", _task("digits", gate, _passed("size")))))

    assert text.endswith("anna\n  digits: loads  it does not")


def test_a_short_summary_leaves_the_reasons_out_but_no_fault(
    gradebook: Gradebook,
) -> None:
    text = "\n".join(line.text for line in render_summary(gradebook, 80, reasons=False))

    assert "lost points" not in text
    assert "OSError: no space left" in text


def test_a_partial_run_says_how_much_was_graded() -> None:
    cut = replace(_task("digits", _passed("size")), planned=9)
    whole = _task("fashion", _passed("size"), _passed("loss"))

    text = _text(replace(_gradebook(_grade("anna", cut, whole)), planned=11))

    assert text.endswith(
        "\n\npartial run: 3 of 11 criteria were graded; * marks what is not complete"
    )


@pytest.mark.parametrize("width", [1, 40, 80, 200])
def test_hostile_text_stays_printable_and_within_the_terminal(
    width: int, hostile_gradebook: Gradebook
) -> None:
    lines = render_summary(hostile_gradebook, width)

    assert all(printable(line.text) == line.text for line in lines)
    assert max(display_width(line.text) for line in lines) <= max(width, 40)


def test_the_same_grades_give_the_same_lines(gradebook: Gradebook) -> None:
    assert render_summary(gradebook, 80) == render_summary(replace(gradebook), 80)


def _text(gradebook: Gradebook) -> str:
    return "\n".join(line.text for line in render_summary(gradebook, 80))


def _gradebook(*grades: Grade) -> Gradebook:
    return Gradebook(exam="Exam", grades=grades, isolated=True, version="1")


def _grade(id_: str, *tasks: TaskGrade) -> Grade:
    return Grade(id=id_, tasks=tasks, pass_mark=None)


def _task(id_: str, *criteria: CriterionResult) -> TaskGrade:
    possible = sum((criterion.max_points for criterion in criteria), Decimal(0))
    return TaskGrade(id=id_, criteria=criteria, max_points=possible)


def _passed(id_: str) -> CriterionResult:
    return CriterionResult(
        id=id_,
        check="predict.metric",
        verdict=Verdict.PASSED,
        points=Decimal(5),
        max_points=Decimal(5),
        rationale="as it should be",
    )


def _failed(id_: str, rationale: str) -> CriterionResult:
    return replace(
        _passed(id_), verdict=Verdict.FAILED, points=Decimal(0), rationale=rationale
    )


def _skipped(id_: str, rationale: str) -> CriterionResult:
    return replace(_failed(id_, rationale), verdict=Verdict.SKIPPED)


def _ungradable(id_: str) -> CriterionResult:
    code = Code.MISSING
    return replace(_failed(id_, code.text), hint=code.hint, code=code)


def _error(id_: str, detail: str | None) -> CriterionResult:
    code = Code.INFRA
    return replace(
        _failed(id_, code.text),
        verdict=Verdict.ERROR,
        points=None,
        code=code,
        detail=detail,
    )
