"""What a grader looks for among all submissions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pytest_tfgrade.core.criterion import ArtifactRecord
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn
from pytest_tfgrade.core.portrait import Architecture, Portrait
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.core.submission import Clock, Stamp
from pytest_tfgrade.core.verdict import TaskResult
from pytest_tfgrade.reports.cohort.findings import (
    TOP,
    Cost,
    Decided,
    Fault,
    Findings,
    Late,
    Unsure,
)
from pytest_tfgrade.reports.cohort.overview import cohort_of
from pytest_tfgrade.reports.cohort.places import Place

MakeGrade = Callable[..., Grade]


def book(*grades: Grade) -> Gradebook:
    return Gradebook(exam="Winter exam", grades=grades, isolated=True, version="1")


def found_in(gradebook: Gradebook) -> Findings:
    return cohort_of(gradebook).findings


def with_first(grade: Grade, **changes: object) -> Grade:
    """Change the first criterion of the first task."""
    first, *others = grade.tasks[0].criteria
    criteria = (replace(first, **changes), *others)  # type: ignore[arg-type] # by tests
    return replace(
        grade, tasks=(replace(grade.tasks[0], criteria=criteria), *grade.tasks[1:])
    )


def test_where_nothing_is_found_nothing_is_said(graded: MakeGrade) -> None:
    found = found_in(book(graded("anna", digits={"a": 2, "b": 2})))

    assert found == Findings(
        faults=(),
        ungradable={},
        unsure=(),
        near=(),
        late=(),
        decided=(),
        slowest=(),
        largest=(),
    )


def test_errors_of_the_grader_are_told_by_cause_the_widest_spread_first(
    graded: MakeGrade,
) -> None:
    full = "Traceback:\n  line\nOSError: no space left\n"
    one = with_first(graded("one", digits={"a": None, "b": 1}), detail="ValueError: 3")
    two = with_first(graded("two", digits={"a": None, "b": 1}), detail=full)
    three = with_first(graded("three", digits={"a": None}), detail=full)

    found = found_in(book(one, two, three)).faults

    assert found == (
        Fault(
            rationale="a reason",
            cause="OSError: no space left",
            places=(Place("two", "digits", "a"), Place("three", "digits")),
        ),
        Fault(
            rationale="a reason",
            cause="ValueError: 3",
            places=(Place("one", "digits", "a"),),
        ),
    )


def test_a_task_that_struck_whole_is_one_place(graded: MakeGrade) -> None:
    found = found_in(book(graded("one", digits={"a": None, "b": None}))).faults

    assert found == (
        Fault(rationale="a reason", cause="", places=(Place("one", "digits"),)),
    )


def test_ungradable_tasks_are_told_by_code_the_commonest_first(
    graded: MakeGrade,
) -> None:
    grades = (
        graded("a", code="E_LOAD", digits={"a": 0}),
        graded("b", code="E_SIZE", digits={"a": 0}),
        graded("c", code="E_SIZE", digits={"a": 0}),
        graded("d", code="E_FORMAT", digits={"a": 0}),
        graded("e", digits={"a": 0}),
    )

    found = found_in(book(*grades)).ungradable

    assert list(found.items()) == [
        ("E_SIZE", (Place("b", "digits"), Place("c", "digits"))),
        ("E_FORMAT", (Place("d", "digits"),)),
        ("E_LOAD", (Place("a", "digits"),)),
    ]


def test_what_is_borderline_late_or_decided_by_people_is_listed(
    graded: MakeGrade,
) -> None:
    said = Override(by="k", at="2026-11-22", why="appeal", comment="see me")
    stamp = Stamp(datetime(2026, 11, 22, tzinfo=UTC), Clock.ZIP)
    penalty = Penalty(late=timedelta(hours=1), share=Decimal("0.5"))
    unsure = with_first(graded("unsure", digits={"a": 2}), borderline=True)
    late = replace(
        graded("late", digits={"a": 2}),
        taken_in=TakenIn(late=True, handed_in=stamp),
        penalty=penalty,
    )
    let_off = replace(graded("let off", digits={"a": 2}), taken_in=TakenIn(late=True))
    in_time = replace(graded("in time", digits={"a": 2}), taken_in=TakenIn(late=False))
    decided = with_first(graded("decided", digits={"a": 2}), override=said)
    task = replace(decided.tasks[0], override=said)
    decided = replace(decided, tasks=(task,), override=said)

    found = found_in(book(unsure, late, let_off, in_time, decided))

    assert found.unsure == (
        Unsure(
            place=Place("unsure", "digits", "a"), result=unsure.tasks[0].criteria[0]
        ),
    )
    assert found.late == (
        Late(submission="late", handed_in=stamp, penalty=penalty, lost=Decimal(1)),
        Late(submission="let off", handed_in=None, penalty=None, lost=Decimal(0)),
    )
    assert found.decided == (
        Decided(place=Place("decided"), override=said),
        Decided(place=Place("decided", "digits"), override=said),
        Decided(place=Place("decided", "digits", "a"), override=said),
    )


def test_those_near_the_mark_come_in_the_order_of_urgency(graded: MakeGrade) -> None:
    marks = {"far": "0.3", "near": "0.49", "on": "0.5", "below": "0.52"}
    grades = [
        graded(name, mark=mark, digits={"a": 2, "b": 0}) for name, mark in marks.items()
    ]

    found = found_in(book(*grades)).near

    assert [near.submission for near in found] == ["on", "near", "below"]


def test_the_slowest_and_the_largest_models_are_told(graded: MakeGrade) -> None:
    grades = []
    for size in range(TOP + 2):
        grade = graded(f"s{size}", digits={"a": 2})
        task = replace(
            grade.tasks[0],
            seconds={"load": 1.0, "predict": size / 4},
            artifact=ArtifactRecord(
                path="m", format="keras", sha256="", bytes=100 - size
            ),
            portrait=Portrait(architecture=Architecture(layers=(), parameters=size)),
        )
        grades.append(replace(grade, tasks=(task,)))
    absent = graded("absent", code="E_MISSING", digits={"a": 0})

    found = found_in(book(*grades, absent))

    assert found.slowest[0] == Cost(
        place=Place("s11", "digits"),
        seconds={"load": 1.0, "predict": 2.75},
        bytes=89,
        parameters=11,
    )
    assert [cost.whole for cost in found.slowest] == [
        1 + size / 4 for size in range(TOP + 1, 1, -1)
    ]
    assert [cost.bytes for cost in found.largest] == list(range(100, 100 - TOP, -1))


def test_a_cohort_is_told_task_by_task(graded: MakeGrade) -> None:
    grades = (
        graded("a", digits={"a": 2, "b": 1}, fashion={"c": 2}),
        graded("b", digits={"a": 0, "b": None}, fashion={"c": 2}),
        graded("c", code="E_LOAD", digits={"a": 0, "b": 0}, fashion={"c": 0}),
    )

    found = cohort_of(book(*grades))

    assert found.outcomes == {True: 1, False: 1, None: 1}
    assert [(bar.label, bar.count) for bar in found.points.bars] == [
        *(("0", 1), ("1", 0), ("2", 0), ("3", 0), ("4", 0), ("5", 1), ("6", 0)),
    ]
    assert [(task.id, task.results) for task in found.tasks] == [
        (
            "digits",
            {TaskResult.GRADED: 1, TaskResult.UNGRADABLE: 1, TaskResult.ERROR: 1},
        ),
        (
            "fashion",
            {TaskResult.GRADED: 2, TaskResult.UNGRADABLE: 1, TaskResult.ERROR: 0},
        ),
    ]
    assert [[item.criterion for item in task.items] for task in found.tasks] == [
        ["a", "b"],
        ["c"],
    ]


def test_an_exam_without_a_rule_has_no_outcomes(graded: MakeGrade) -> None:
    found = cohort_of(book(graded("a", mark=None, digits={"a": 2})))

    assert found.outcomes == {}


def test_a_cohort_of_nobody_is_empty() -> None:
    found = cohort_of(book())

    assert (found.outcomes, found.tasks, found.points.bars) == ({}, (), ())
