"""The table of points, at several widths."""

from dataclasses import replace
from decimal import Decimal

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, TaskGrade
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.line import Tone, display_width
from pytest_tfgrade.reports.table import render_table


def test_numbers_are_aligned_and_every_kind_of_result_has_its_mark() -> None:
    ungradable = _task("fashion", 0, code="E_CUSTOM_OBJECT")
    grades = (
        _grade("anna", _task("digits", 5), _task("fashion", "4.5")),
        _grade("bo", _task("digits", 0), ungradable),
        _grade("christian", _task("digits", None), _task("fashion", 1)),
        _grade("dora", _ungraded("digits"), _cut_short("fashion", 2)),
        _grade("emil", _task("digits", 5), _task("fashion", 5)),
    )

    assert _text(grades, 80) == (
        "submission  digits          fashion    total  passed\n"
        "anna           5/5            4.5/5   9.5/10     yes\n"
        "bo             0/5  E_CUSTOM_OBJECT     0/10      no\n"
        "christian    error              1/5  open/10    open\n"
        "dora             -             2/5*    2/10*    open\n"
        "emil           5/5              5/5    10/10     yes"
    )


def test_a_row_is_toned_by_how_the_submission_did() -> None:
    both = (_task("digits", 5), _task("fashion", 4))
    grades = (
        _grade("passed", *both),
        _grade("failed", _task("digits", 1)),
        _grade("error", _task("digits", None), _task("fashion", 5)),
        _grade("some", *both, pass_mark=None),
        _grade("all", _task("digits", 5), pass_mark=None),
        _grade("none", _task("digits", 0), pass_mark=None),
    )

    header, *rows = render_table(grades, 80)

    assert header.tone is Tone.PLAIN
    assert {line.text.split()[0]: line.tone for line in rows} == {
        "passed": Tone.GOOD,
        "failed": Tone.BAD,
        "error": Tone.ERROR,
        "some": Tone.PARTIAL,
        "all": Tone.GOOD,
        "none": Tone.BAD,
    }


def test_without_a_pass_rule_there_is_no_such_column() -> None:
    grades = (_grade("anna", _task("digits", 5), pass_mark=None),)

    assert _text(grades, 80) == ("submission  digits  total\nanna           5/5    5/5")


def test_long_names_are_cut_before_any_score() -> None:
    grades = (
        _grade("a" * 300, _task("time-series-forecasting", "3.75")),
        _grade("b", _task("time-series-forecasting", 0, code="E_MEMORY")),
    )

    assert _text(grades, 40) == (
        "submission   time-se…ing   total  passed\n"
        "aaaaaaaaaa…       3.75/5  3.75/5     yes\n"
        "b               E_MEMORY     0/5      no"
    )


def test_an_ungradable_task_with_points_shows_both() -> None:
    task = _task("digits", 1, code="E_NONFINITE")

    assert _text((_grade("anna", task),), 80) == (
        "submission           digits  total  passed\n"
        "anna        1/5 E_NONFINITE    1/5      no"
    )


def test_wide_characters_keep_the_columns_straight() -> None:
    grades = (_grade("模型", _task("数字", 5)), _grade("abcdef", _task("数字", 4)))

    assert _text(grades, 80) == (
        "submission  数字  total  passed\n"
        "模型         5/5    5/5     yes\n"
        "abcdef       4/5    4/5     yes"
    )


def test_tasks_that_do_not_fit_make_place_for_a_sign_of_them() -> None:
    tasks = [_task(f"category{number}", 5) for number in range(20)]
    grades = (_grade("anna", *tasks), _grade("bo", *tasks))

    assert _text(grades, 40) == (
        "su…n  ca…0  c…1  c…2  …    total  passed\n"
        "anna   5/5  5/5  5/5  …  100/100     yes\n"
        "bo     5/5  5/5  5/5  …  100/100     yes"
    )


def test_no_line_is_wider_than_the_terminal_and_no_score_is_cut() -> None:
    tasks = [_task(f"a-rather-long-name-{number}", "4.25") for number in range(5)]
    grades = (_grade("anna" * 9, *tasks),)

    for width in range(40, 200):
        lines = render_table(grades, width)

        assert max(display_width(line.text) for line in lines) <= width
        assert set(lines[1].text.split()[1:]) <= {"4.25/5", "21.25/25", "…", "yes"}
        assert lines[1].text.endswith("21.25/25     yes")


def test_a_code_is_cut_to_what_still_tells_it_from_others() -> None:
    codes = ("E_MEMORY", "E_MISSING", "E_FORMAT", "E_CUSTOM_OBJECT")
    tasks = [_task(f"t{place}", 0, code=code) for place, code in enumerate(codes)]

    assert _text((_grade("anna", *tasks),), 55) == (
        "su…n       t0       t1       t2       t3  total  passed\n"
        "anna  E_MEMO…  E_MISS…  E_FORM…  E_CUST…   0/20      no"
    )


def test_a_score_too_long_for_any_terminal_is_written_all_the_same() -> None:
    task = replace(_task("digits", 5), max_points=Decimal("9" * 28))

    assert _text((_grade("anna", task),), 40) == (
        "su…n  …                           total  passed\n"
        f"anna  …  5/{'9' * 28}      no"
    )


def test_a_code_of_a_plugin_is_printable() -> None:
    task = _task("digits", 0, code="E_\x1b[2J")

    assert "E_\\x1b[2J" in _text((_grade("anna", task),), 80)


def test_submissions_may_have_different_tasks() -> None:
    grades = (_grade("a", _task("digits", 5)), _grade("b", _task("fashion", 4)))

    assert _text(grades, 80) == (
        "submission  digits  fashion  total  passed\n"
        "a              5/5        -    5/5     yes\n"
        "b                -      4/5    4/5     yes"
    )


def _text(grades: tuple[Grade, ...], width: int) -> str:
    return "\n".join(line.text for line in render_table(grades, width))


def _grade(
    id_: str, *tasks: TaskGrade, pass_mark: Decimal | None = Decimal("0.5")
) -> Grade:
    return Grade(id=id_, tasks=tasks, pass_mark=pass_mark)


def _task(id_: str, points: int | str | None, *, code: str | None = None) -> TaskGrade:
    criterion = CriterionResult(
        id="accuracy",
        check="predict.metric",
        verdict=Verdict.ERROR if points is None else Verdict.PARTIAL,
        points=None if points is None else Decimal(points),
        max_points=Decimal(5),
        rationale="so it is",
        code=code,
    )
    return TaskGrade(id=id_, criteria=(criterion,), max_points=Decimal(5))


def _cut_short(id_: str, points: int) -> TaskGrade:
    return replace(_task(id_, points), planned=9)


def _ungraded(id_: str) -> TaskGrade:
    return TaskGrade(id=id_, criteria=(), max_points=Decimal(5), planned=9)
