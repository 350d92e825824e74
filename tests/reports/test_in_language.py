"""Grades in Chinese: what candidates read of rubrics, checks and codes."""

# ruff: noqa: RUF001 - Chinese has marks of its own

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import (
    ON_PUBLIC_PART,
    CriterionResult,
    RunRecord,
)
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.outline import CriterionOutline, TaskOutline
from pytest_tfgrade.core.portrait import Architecture, DrawnLayer, Portrait
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.text import told
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports.audience import NOT_SHOWN, for_candidates
from pytest_tfgrade.reports.in_language import GROUP_TITLE, in_language
from pytest_tfgrade.rubric.reading import read_rubric

METRIC = "The metric is good enough on the evaluation dataset."
LONG = "Read this. " * 200


def result(id_: str, **changes: Any) -> CriterionResult:
    """Return a result whose title is that of its check."""
    plain = CriterionResult(
        id=id_,
        check="predict.metric",
        title=METRIC,
        verdict=Verdict.FAILED,
        points=Decimal(0),
        max_points=Decimal(2),
        rationale=f"accuracy 0.7 < 0.8 {ON_PUBLIC_PART}",
    )
    return replace(plain, **changes)


def outline(title: Localized, hint: Localized | None = None) -> CriterionOutline:
    """Return what a rubric says of a criterion."""
    return CriterionOutline(title=title, hint=hint)


def book(
    *criteria: CriterionResult,
    outlines: dict[str, CriterionOutline] | None = None,
    **changes: Any,
) -> Gradebook:
    """Return the grades of one submission for one task."""
    task = TaskGrade(
        id="digits",
        title="Digits",
        criteria=criteria,
        max_points=Decimal(2),
        run=RunRecord(
            runtime="keras3",
            adapted=("image: (None, 8, 8) given as (None, 8, 8, 1)",),
        ),
    )
    titles = Localized({"en": "Digits", "zh": "手写数字"})
    plain = Gradebook(
        exam="Winter exam",
        titles=Localized({"en": "Winter exam", "zh": "冬季考试"}),
        grades=(Grade(id="alice", tasks=(task,), pass_mark=None),),
        isolated=True,
        version="0.1.0",
        outlines={"digits": TaskOutline(title=titles, criteria=outlines or {})},
    )
    return replace(plain, **changes)


def criteria(gradebook: Gradebook) -> tuple[CriterionResult, ...]:
    return gradebook.grades[0].tasks[0].criteria


def test_titles_rationales_hints_and_notes_are_chinese() -> None:
    hint = "Compare with your own validation score, on data the model never saw."

    chinese = in_language(book(result("accuracy", hint=hint)), "zh")

    (task,) = chinese.grades[0].tasks
    assert (chinese.exam, chinese.language, task.title) == (
        "冬季考试",
        "zh",
        "手写数字",
    )
    assert task.run == RunRecord(
        runtime="keras3", adapted=("image：(None, 8, 8) 以 (None, 8, 8, 1) 的形式给出",)
    )
    assert task.criteria == (
        result(
            "accuracy",
            title="指标在评估数据集上达到要求。",
            rationale="accuracy 0.7 < 0.8，这是公开部分的结果（得分由其余行决定）",
            hint="请与您自己在模型从未见过的数据上得到的验证分数比较。",
        ),
    )


@pytest.mark.parametrize("code", Code)
def test_the_texts_of_codes_are_chinese(code: Code) -> None:
    ungradable = result("file", rationale=code.text, hint=code.hint, code=code)

    (found,) = criteria(in_language(book(ungradable), "zh"))

    assert found.code == code
    assert not found.rationale.isascii()
    assert found.hint is not None
    assert not found.hint.isascii()


@pytest.mark.parametrize("title", [*(check.title for check in CHECKS.values())])
def test_the_title_of_a_check_is_chinese(title: str) -> None:
    (found,) = criteria(in_language(book(result("any", title=title)), "zh"))

    assert not found.title.isascii()


def test_a_group_without_a_title_has_a_chinese_one(tmp_path: Any) -> None:
    rubric = tmp_path / "digits.yaml"
    rubric.write_text(
        "task: digits\n"
        "criteria:\n"
        "- id: both\n"
        "  group: all\n"
        "  points: 2\n"
        "  criteria:\n"
        "  - {id: file, check: file}\n"
    )

    title = read_rubric(rubric).criteria[-1].title.text()

    assert title == GROUP_TITLE
    (found,) = criteria(in_language(book(result("both", title=title)), "zh"))
    assert found.title == "多个评分项的合计得分。"


def test_a_rubric_says_its_own_titles_and_hints() -> None:
    titled = Localized({"en": "Good digits", "zh": "识别得好"})
    hint = Localized({"en": "Read chapter 3.", "zh": "请读第三章。"})
    own = result("accuracy", title="Good digits", hint="Read chapter 3.")
    next_ = result("next", verdict=Verdict.SKIPPED, hint="Read chapter 3.")
    outlines = {"accuracy": outline(titled, hint)}

    found = criteria(in_language(book(own, next_, outlines=outlines), "zh-Hans"))

    assert [(c.title, c.hint) for c in found] == [
        ("识别得好", "请读第三章。"),
        ("指标在评估数据集上达到要求。", "请读第三章。"),
    ]


def test_a_long_hint_of_a_rubric_is_recognised_though_it_was_cut() -> None:
    hint = Localized({"en": LONG, "zh": "请读这一段。"})
    cut = result("accuracy", hint=told(LONG))
    outlines = {"accuracy": outline(Localized.of(METRIC), hint)}

    (found,) = criteria(in_language(book(cut, outlines=outlines), "zh"))

    assert found.hint == "请读这一段。"


def test_what_a_rubric_says_in_one_language_stays() -> None:
    titled, hint = Localized.of("Gute Ziffern"), Localized.of("Lies Kapitel 3.")
    own = result(
        "accuracy",
        title="Gute Ziffern",
        hint="Lies Kapitel 3.",
        rationale="zu ungenau, sagt die eigene Prüfung",
    )
    outlines = {"accuracy": outline(titled, hint)}

    found = criteria(in_language(book(own, outlines=outlines), "zh"))

    assert found == (own,)


def test_settings_of_layers_are_chinese_and_those_of_keras_stay() -> None:
    settings = "frozen, 8 filters, kernel 3x3, padding same, relu"
    layer = DrawnLayer(name="frozen", kind="Conv2D", settings=settings)
    grades = book()
    (grade,) = grades.grades
    drawn = Portrait(architecture=Architecture(layers=(layer,)))
    task = replace(grade.tasks[0], portrait=drawn)

    chinese = in_language(
        replace(grades, grades=(replace(grade, tasks=(task,)),)), "zh"
    )

    found = chinese.grades[0].tasks[0].portrait.architecture
    said = "已冻结, 8 个滤波器, 卷积核 3x3, padding same, relu"
    assert found == Architecture(layers=(replace(layer, settings=said),))


def test_another_language_of_a_rubric_is_taken_though_there_is_no_catalogue() -> None:
    titled = Localized({"en": "Good digits", "de": "Gute Ziffern"})
    own = result("accuracy", title="Good digits")

    german = in_language(book(own, outlines={"accuracy": outline(titled)}), "de")

    assert criteria(german) == (replace(own, title="Gute Ziffern"),)


def test_what_persons_wrote_and_what_graders_read_stays() -> None:
    override = Override(by="B", at="2025-01-31", why="file", comment="passed")
    judged = result("accuracy", detail="the file is empty", override=override)
    grades = book(judged, notices=("the file is empty",))

    chinese = in_language(grades, "zh")

    assert chinese.notices == grades.notices
    (found,) = criteria(chinese)
    assert (found.detail, found.override) == (judged.detail, override)


def test_english_grades_stay_what_they_are() -> None:
    grades = book(result("accuracy"))

    assert in_language(grades, "en") is grades


def test_grades_without_outlines_keep_their_titles() -> None:
    plain = replace(book(result("accuracy")), outlines={}, titles=None)

    chinese = in_language(plain, "zh")

    assert (chinese.exam, chinese.grades[0].tasks[0].title) == ("Winter exam", "Digits")


def test_putting_grades_into_a_language_twice_changes_nothing() -> None:
    once = in_language(book(result("accuracy")), "zh")

    assert in_language(once, "zh") == once


def test_what_is_hidden_stays_hidden_in_either_order() -> None:
    hidden = result("accuracy", hint="Secret.", visibility=Visibility.HIDDEN)
    refused = replace(hidden, id="file", code=Code.SIZE)
    titled = Localized({"en": "Secret", "zh": "秘密"})
    outlines = {
        "accuracy": replace(outline(titled), visibility=Visibility.HIDDEN),
        "file": replace(outline(titled), visibility=Visibility.HIDDEN),
    }
    grades = book(hidden, refused, outlines=outlines)

    one = for_candidates(in_language(grades, "zh"))
    other = in_language(for_candidates(grades), "zh")

    assert one == other
    assert [(c.title, c.rationale, c.hint) for c in criteria(one)] == [
        ("", "不向考生显示", None),
        (
            "",
            "文件超过任务允许的大小",
            "请保存一份不含优化器状态的副本（keras.models.clone_model、"
            "set_weights），或使用更小的模型。",
        ),
    ]
    assert NOT_SHOWN == "not shown to candidates"


def test_hostile_texts_stay_what_they_are(
    hostile: str, hostile_gradebook: Gradebook
) -> None:
    chinese = in_language(hostile_gradebook, "zh")

    assert chinese == replace(hostile_gradebook, language="zh")
    quoted = result("x", rationale=f"the file is a zip that holds {hostile!r}")
    (found,) = criteria(in_language(book(quoted), "zh"))
    assert found.rationale == f"该文件是包含 {hostile!r} 的 zip"
