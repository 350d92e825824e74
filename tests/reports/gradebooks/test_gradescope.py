"""Gradescope's ``results.json``, held against a schema of what Gradescope reads."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from pytest_tfgrade.core.criterion import CriterionResult, PublicPart
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.outline import CriterionOutline, ScaleOutline, TaskOutline
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports.gradescope import GradescopeReport
from pytest_tfgrade.reports.interface import PLAIN, Audience, PlatformFile, Request

CriterionOf = Callable[..., CriterionResult]
GradeOf = Callable[..., Grade]
GradebookOf = Callable[..., Gradebook]
FilesOf = Callable[..., dict[str, str]]

_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_TEST = {
    "type": "object",
    "properties": {
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": {"type": "string"},
        "name_format": _FORMAT,
        "number": {"type": "string"},
        "output": {"type": "string"},
        "output_format": _FORMAT,
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
    },
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number", "minimum": 0},
        "output": {"type": "string"},
        "output_format": _FORMAT,
        "test_output_format": _FORMAT,
        "test_name_format": _FORMAT,
        "visibility": _VISIBILITY,
        "stdout_visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": _TEST},
        "leaderboard": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "value": {"type": ["number", "string"]},
                    "order": {"enum": ["asc", "desc"]},
                },
                "required": ["name", "value"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["tests"],
    "additionalProperties": False,
}
"""Written from Gradescope's specification, which has no schema of its own."""

METADATA = {
    "id": 123456,
    "created_at": "2026-07-31T23:30:00.365935-07:00",
    "assignment": {
        "due_date": "2026-07-31T23:00:00.000000-07:00",
        "group_size": 4,
        "late_due_date": None,
        "title": "Exam",
        "total_points": "20.0",
    },
    "submission_method": "upload",
    "users": [{"email": "ada@x.org", "id": 1234, "name": "Ada"}],
    "previous_submissions": [
        {"submission_time": "2026-07-01T00:00:00-07:00", "score": "4.5", "results": {}},
        {"submission_time": "2026-07-02T00:00:00-07:00", "score": None},
    ],
}


@pytest.fixture
def results_of(files_of: FilesOf) -> Callable[..., Any]:
    """Return what renders a gradebook and holds the file against the schema."""

    def render(gradebook: Gradebook, request: Request = PLAIN) -> Any:
        files = files_of(GradescopeReport(), gradebook, request)
        assert files.keys() == {"results.json"}
        results = json.loads(files["results.json"])
        jsonschema.validate(results, SCHEMA)
        return results

    return render


@pytest.fixture
def of_criteria(gradebook_of: GradebookOf) -> GradebookOf:
    """Return what makes a gradebook of one task of a submission."""

    def make(*criteria: CriterionResult, **changes: Any) -> Gradebook:
        counting = [c for c in criteria if c.group is None and not c.bonus]
        task = TaskGrade(
            id="digits",
            title="Digits",
            criteria=criteria,
            max_points=sum((c.max_points for c in counting), Decimal(0)),
        )
        grade = Grade(id="submission", tasks=(task,), pass_mark=None)
        return gradebook_of(replace(grade, **changes))

    return make


def about(metadata: Any) -> Request:
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    return Request(metadata=PlatformFile(name="submission_metadata.json", text=text))


def visibilities(results: Any) -> dict[str, str]:
    return {test["number"]: test["visibility"] for test in results["tests"]}


def test_a_whole_report(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(
        criterion_of("shape", title="The output has the right shape", skills=("s1",)),
        criterion_of(
            "accuracy",
            verdict=Verdict.PARTIAL,
            points=Decimal("1.3333333"),
            value=0.79,
            rationale="accuracy 0.79 < 0.82",
            hint="Train for longer.",
            detail="a secret of the grader",
        ),
    )

    results = results_of(book)

    assert results == {
        "score": 3.33333,
        "execution_time": 0,
        "output": "Total: 3.3333333 of 4 points",
        "output_format": "text",
        "test_name_format": "text",
        "test_output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": "The output has the right shape",
                "number": "1.1",
                "score": 2,
                "max_score": 2,
                "status": "passed",
                "output": "shape: so it is",
                "output_format": "text",
                "tags": ["s1"],
                "visibility": "visible",
                "extra_data": {
                    "task": "digits",
                    "criterion": "shape",
                    "verdict": "passed",
                    "value": None,
                },
            },
            {
                "name": "accuracy",
                "number": "1.2",
                "score": 1.33333,
                "max_score": 2,
                "status": "failed",
                "output": "accuracy 0.79 < 0.82\nTrain for longer.",
                "output_format": "text",
                "tags": [],
                "visibility": "visible",
                "extra_data": {
                    "task": "digits",
                    "criterion": "accuracy",
                    "verdict": "partial",
                    "value": 0.79,
                },
            },
        ],
        "leaderboard": [{"name": "Points", "value": 3.33333}],
        "extra_data": {"isolated": True, "complete": True},
    }


def test_gradescope_itself_shows_what_comes_later_and_never_what_is_hidden(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(
        criterion_of("shape"),
        criterion_of("due", visibility=Visibility.AFTER_DUE_DATE),
        criterion_of("published", visibility=Visibility.AFTER_PUBLISHED),
        criterion_of("never", visibility=Visibility.HIDDEN, hint="a secret"),
    )

    results = results_of(book)

    assert visibilities(results) == {
        "0": "visible",
        "1.1": "visible",
        "1.2": "after_due_date",
        "1.3": "after_published",
        "1.4": "hidden",
    }
    assert [test["output"] for test in results["tests"]] == [
        "What is shown so far: 2 of 2 points\nMore is shown after the due date.\n"
        "More is shown when grades are published.",
        "shape: so it is",
        "due: so it is",
        "published: so it is",
        "not shown to candidates",
    ]
    assert results["score"] == 8
    assert "8" not in results["output"]
    assert results["leaderboard"] == []


def test_what_students_see_at_once_has_nothing_that_comes_later_or_never(
    rich: Gradebook, results_of: Callable[..., Any]
) -> None:
    results = results_of(replace(rich, grades=rich.grades[:1]))

    tests = results.pop("tests")
    later = {"after_due_date", "after_published"}
    at_once = [test for test in tests if test["visibility"] == "visible"]
    never = [test for test in tests if test["visibility"] == "hidden"]
    shown_later = [test for test in tests if test["visibility"] in later]
    assert min(len(at_once), len(never), len(shown_later)) > 0
    assert "canary" not in json.dumps([results, at_once, never])
    assert "canary" in json.dumps(shown_later)


def test_what_the_course_has_revealed_is_visible_at_once(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(
        criterion_of("shape"),
        criterion_of("due", visibility=Visibility.AFTER_DUE_DATE),
    )

    results = results_of(replace(book, revealed=frozenset({Visibility.AFTER_DUE_DATE})))

    assert visibilities(results) == {"1.1": "visible", "1.2": "visible"}
    assert results["output"] == "Total: 4 of 4 points"


def test_a_group_is_shown_when_all_it_speaks_of_is(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(
        criterion_of("group"),
        criterion_of("one", group="group"),
        criterion_of("two", group="group", visibility=Visibility.AFTER_DUE_DATE),
        criterion_of("other"),
        criterion_of("third", group="other", visibility=Visibility.HIDDEN),
    )

    results = results_of(book)

    assert visibilities(results) == {
        "0": "visible",
        "1.1": "after_due_date",
        "1.2": "visible",
        "1.3": "after_due_date",
        "1.4": "hidden",
        "1.5": "hidden",
    }
    assert [test.get("score") for test in results["tests"][1:]] == [
        2,
        None,
        None,
        2,
        None,
    ]
    assert results["tests"][2]["output"] == "2/2 points\none: so it is"


@pytest.mark.parametrize("whole", [True, False], ids=["open", "in-part"])
def test_without_a_score_there_is_no_score_anywhere_that_could_be_added_up(
    of_criteria: GradebookOf,
    criterion_of: CriterionOf,
    results_of: Callable[..., Any],
    whole: bool,
) -> None:
    points = None if whole else Decimal(0)
    book = of_criteria(
        criterion_of("shape"),
        criterion_of("loss", verdict=Verdict.ERROR, points=points, code="E_INFRA"),
        criterion_of("due", visibility=Visibility.AFTER_DUE_DATE),
        whole=whole,
    )

    results = results_of(book)

    assert "score" not in results
    assert not [
        test for test in results["tests"] if "score" in test or "max_score" in test
    ]
    assert results["output"].startswith(
        "There is no score yet: the grader could not finish.\n"
        "This is not your fault, and costs nothing.\n"
        "The course staff has to run the autograder again."
    )
    assert results["leaderboard"] == []


def test_weights_make_tests_add_up_to_the_score(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(criterion_of("shape"), criterion_of("loss", points=Decimal(1)))
    (grade,) = book.grades
    task = replace(grade.tasks[0], weight=Decimal("1.5"))
    weighted = replace(book, grades=(replace(grade, tasks=(task, task)),))

    results = results_of(weighted)

    scores = [(test["score"], test["max_score"]) for test in results["tests"]]
    assert scores == [(3, 3), (1.5, 3), (3, 3), (1.5, 3)]
    assert results["score"] == 9
    assert [test["number"] for test in results["tests"]] == ["1.1", "1.2", "2.1", "2.2"]
    assert results["tests"][2]["name"] == "Digits: shape"


def test_a_bonus_that_was_not_earned_is_not_failed(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    missed = criterion_of("more", bonus=True, verdict=Verdict.FAILED, points=Decimal(0))

    results = results_of(of_criteria(criterion_of("shape"), missed))

    assert [test.get("status") for test in results["tests"]] == ["passed", None]


def test_the_leaderboard_has_values_that_are_public_and_which_are_better(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    part = PublicPart(value=0.5, points=Decimal(1), n=10)
    book = of_criteria(
        criterion_of("accuracy", value=0.123456, public=part),
        criterion_of("error", value=0.2),
        criterion_of("other", value=0.3),
        criterion_of("unknown", value=0.4),
        criterion_of("due", value=0.6, visibility=Visibility.AFTER_DUE_DATE),
    )

    def rule(measure: str, direction: Direction) -> CriterionOutline:
        scale = ScaleOutline(kind="threshold", direction=direction, steps=())
        return CriterionOutline(title=Localized.of("x"), scale=scale, measure=measure)

    rules = {
        "accuracy": rule("accuracy", Direction.HIGHER_IS_BETTER),
        "error": rule("mae", Direction.LOWER_IS_BETTER),
        "other": rule("mae", Direction.LOWER_IS_BETTER),
        "due": rule("accuracy", Direction.HIGHER_IS_BETTER),
    }
    outline = TaskOutline(title=Localized.of("Digits"), criteria=rules)

    results = results_of(replace(book, outlines={"digits": outline}))

    assert results["leaderboard"] == [
        {"name": "Digits: accuracy", "value": 0.5},
        {"name": "Digits: mae", "value": 0.2, "order": "asc"},
        {"name": "Digits: mae (other)", "value": 0.3, "order": "asc"},
    ]
    assert "0.123456" not in json.dumps(results)


def test_what_gradescope_says_is_told_above_all_tests(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(criterion_of("shape"))

    results = results_of(book, about(METADATA))

    assert results["output"].splitlines() == [
        "Total: 2 of 2 points",
        "This is attempt 3.",
        "The best score of earlier attempts: 4.5 points",
        "Handed in 2026-07-31 23:30-07:00, due 2026-07-31 23:00-07:00 on Gradescope: "
        "late.",
    ]


def test_earlier_scores_are_not_told_while_the_total_is_kept_back(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    later = criterion_of("due", visibility=Visibility.AFTER_DUE_DATE)

    results = results_of(of_criteria(criterion_of("shape"), later), about(METADATA))

    assert "4.5" not in results["output"]
    assert "This is attempt 3." in results["output"]


def test_late_penalty_and_what_people_said_are_told(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    said = Override(comment="Well tried.", by="Prof", at="2026-05-05", why="a secret")
    book = of_criteria(
        criterion_of("shape", override=replace(said, comment="Nearly.")),
        penalty=Penalty(late=timedelta(days=1), share=Decimal("0.25")),
        override=said,
    )

    results = results_of(book)

    assert results["output"].splitlines() == [
        "Total: 1.5 of 2 points",
        "Lost for lateness: 0.5 points",
        "Well tried.",
    ]
    assert results["tests"][0]["output"] == "shape: so it is\nNearly."
    assert "a secret" not in json.dumps(results)


def test_that_models_were_not_isolated_is_said(
    of_criteria: GradebookOf, criterion_of: CriterionOf, results_of: Callable[..., Any]
) -> None:
    book = of_criteria(criterion_of("shape"))

    results = results_of(replace(book, isolated=False))

    assert results["output"].startswith("NOT ISOLATED:")
    assert results["extra_data"]["isolated"] is False


def test_hostile_texts_come_out_as_text(
    hostile_gradebook: Gradebook, results_of: Callable[..., Any]
) -> None:
    results = results_of(hostile_gradebook)

    shown = [results["output"], *(test["output"] for test in results["tests"])]
    assert all(line.isprintable() for text in shown for line in text.splitlines())
    assert all(test["name"].isprintable() for test in results["tests"])
    assert {test["output_format"] for test in results["tests"]} == {"text"}


@pytest.mark.parametrize("count", [0, 2])
def test_results_are_of_one_submission(
    grade_of: GradeOf, gradebook_of: GradebookOf, count: int
) -> None:
    book = gradebook_of(*(grade_of(str(number), "1") for number in range(count)))

    with pytest.raises(UsageError) as raised:
        GradescopeReport().render(book, PLAIN)

    assert str(raised.value) == (
        f"gradescope: there are {count} submissions, and results.json is of one; "
        "choose one by --tfgrade-candidate (tfgrade report: --candidate)"
    )


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        pytest.param(
            "{",
            "Invalid JSON",
            id="no-json",
        ),
        pytest.param(
            {**METADATA, "created_at": "yesterday"},
            "created_at: Input should be a valid datetime",
            id="no-time",
        ),
        pytest.param(
            {**METADATA, "previous_submissions": [{"score": "many"}]},
            "previous_submissions.0.score: ",
            id="no-score",
        ),
    ],
)
def test_what_gradescope_does_not_write_is_refused(
    grade_of: GradeOf, gradebook_of: GradebookOf, metadata: Any, problem: str
) -> None:
    book = gradebook_of(grade_of("a", "1"))

    with pytest.raises(UsageError) as raised:
        GradescopeReport().render(book, about(metadata))

    text = str(raised.value)
    assert text.startswith(f"submission_metadata.json: {problem}")
    assert text.endswith("; give the submission_metadata.json of Gradescope")


def test_it_is_for_a_candidate() -> None:
    report = GradescopeReport()

    assert (report.file_name, report.audience) == ("results.json", Audience.CANDIDATE)
