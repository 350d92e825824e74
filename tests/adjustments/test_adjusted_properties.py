"""What is true of points that count, whatever the rule and whatever was decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from grades_of_ada import BANDS, DUE, TWO_TASKS, book, criterion, decision, task
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_tfgrade.adjustments import Decision, Target, adjusted, decisions_in
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn
from pytest_tfgrade.core.reckoning import LateRule, Taken
from pytest_tfgrade.core.submission import Clock, Stamp


def _points(most: int = 8) -> st.SearchStrategy[Decimal]:
    return st.integers(0, 100 * most).map(lambda hundredths: Decimal(hundredths) / 100)


@st.composite
def rules(draw: st.DrawFn) -> LateRule:
    """Draw rules by which nobody gains by being later."""
    times = draw(st.lists(st.integers(0, 200), min_size=2, max_size=5, unique=True))
    shares = draw(
        st.lists(st.integers(0, 1000), min_size=len(times), max_size=len(times))
    )
    steps = zip(sorted(times), sorted(shares), strict=True)
    return LateRule(
        due=DUE,
        grace=timedelta(hours=draw(st.integers(0, 30))),
        steps=tuple((timedelta(hours=h), Decimal(s) / 1000) for h, s in steps),
        is_linear=draw(st.booleans()),
        taken=draw(st.sampled_from(Taken)),
        clock=draw(st.sampled_from(Clock)),
    )


@st.composite
def gradebooks(draw: st.DrawFn) -> Gradebook:
    """Draw two submissions of two tasks, also with scores that are open."""
    grades = []
    for id_ in ("ada", "bob"):
        tasks = tuple(
            task(
                name,
                *(
                    criterion(f"c{n}", draw(st.sampled_from((None, "0", "1.25", "4"))))
                    for n in range(2)
                ),
                criterion("cost", draw(st.sampled_from(("0", "-3"))), "0"),
                weight=draw(st.integers(1, 3)),
            )
            for name in ("digits", "text")
        )
        late = timedelta(minutes=draw(st.integers(-500, 20_000)))
        clock = draw(st.sampled_from(Clock))
        (grade,) = book(
            *tasks,
            stamp=draw(st.sampled_from((None, Stamp(DUE + late, clock)))),
            late=draw(st.sampled_from((None, False, True))),
        ).grades
        grades.append(replace(grade, id=id_))
    return replace(TWO_TASKS, grades=tuple(grades))


TARGETS = [
    Target(who, name, what)
    for who in ("ada", "bob", "gone")
    for name in (None, "digits", "text")
    for what in ((None,) if name is None else (None, "c0", "c1", "cost", "none"))
]


@st.composite
def decisions(draw: st.DrawFn) -> Sequence[Decision]:
    targets = draw(st.lists(st.sampled_from(TARGETS), max_size=8, unique=True))
    return tuple(
        replace(
            decision("any"),
            target=target,
            points=draw(st.none() | _points()),
            was=draw(st.none() | st.none() | st.just("open") | _points(4)),
            comment=draw(st.sampled_from(("", "seen"))),
        )
        for target in targets
    )


DATES = st.dictionaries(
    st.sampled_from(("ada", "bob")),
    st.integers(1, 300).map(lambda hours: DUE + timedelta(hours=hours)),
)


@settings(deadline=None, derandomize=True)
@given(gradebooks(), rules() | st.none(), DATES, decisions(), decisions())
def test_the_same_is_never_done_twice(
    gradebook: Gradebook,
    rule: LateRule | None,
    dates: dict[str, datetime],
    first: Sequence[Decision],
    then: Sequence[Decision],
) -> None:
    once = adjusted(gradebook, rule, dates, then)

    again = adjusted(adjusted(gradebook, BANDS, {"bob": DUE}, first), rule, dates, then)

    assert again == once
    assert adjusted(once, None, {}, ()) == gradebook


@settings(deadline=None, derandomize=True)
@given(gradebooks(), rules(), DATES, decisions())
def test_what_was_decided_can_be_read_from_the_grades(
    gradebook: Gradebook,
    rule: LateRule,
    dates: dict[str, datetime],
    said: Sequence[Decision],
) -> None:
    once = adjusted(gradebook, rule, dates, said)

    again = adjusted(once, rule, dates, decisions_in(once))

    assert again.grades == once.grades


@settings(deadline=None, derandomize=True)
@given(gradebooks(), rules(), DATES, decisions())
def test_points_never_fall_below_nothing_and_the_raw_ones_stay(
    gradebook: Gradebook,
    rule: LateRule,
    dates: dict[str, datetime],
    said: Sequence[Decision],
) -> None:
    result = adjusted(gradebook, rule, dates, said)

    for before, after in zip(gradebook.grades, result.grades, strict=True):
        assert after.points is None or after.points >= 0
        assert after.raw == before.raw
        assert [task.raw for task in after.tasks] == [t.raw for t in before.tasks]


@settings(deadline=None, derandomize=True)
@given(gradebooks(), rules(), decisions())
def test_points_that_a_person_gave_always_decide(
    gradebook: Gradebook, rule: LateRule, said: Sequence[Decision]
) -> None:
    sure = [replace(one, was=None) for one in said]

    result = adjusted(gradebook, rule, {}, sure)

    points = {target: value for g in result.grades for target, value in _points_of(g)}
    for one in sure:
        if one.points is not None and one.target in points:
            assert points[one.target] == one.points


def _points_of(grade: Grade) -> list[tuple[Target, Decimal | None]]:
    found = [(Target(grade.id), grade.points)]
    for each in grade.tasks:
        found.append((Target(grade.id, each.id), each.points))
        found += [(Target(grade.id, each.id, c.id), c.points) for c in each.criteria]
    return found


@settings(deadline=None, derandomize=True)
@given(gradebooks(), rules(), decisions(), st.integers(0, 5000), st.integers(0, 5000))
def test_nobody_gets_more_by_being_later(
    gradebook: Gradebook,
    rule: LateRule,
    said: Sequence[Decision],
    minutes: int,
    more: int,
) -> None:
    (ada, _) = gradebook.grades

    def points(late: int) -> Decimal | None:
        stamp = Stamp(DUE + timedelta(minutes=late), Clock.PLATFORM)
        grade = replace(ada, taken_in=TakenIn(handed_in=stamp))
        whole = adjusted(replace(gradebook, grades=(grade,)), rule, {}, said)
        return whole.grades[0].points

    sooner, later = points(minutes), points(minutes + more)

    assert (sooner is None) == (later is None)
    assert sooner is None or later is None or sooner >= later
