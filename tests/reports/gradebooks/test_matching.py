"""Whose row is whose: never a guess."""

from collections.abc import Callable, Mapping

import pytest

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.reports.matching import match

GradeOf = Callable[..., Grade]

ADA = Person(
    number="101", id="s1", login="ada", email="ada@x.org", name="Lovelace, Ada"
)
BOB = Person(number="102", id="s2", login="bob@x.org", name="Bob Berg")
OTHER_BOB = Person(number="103", id="s3", login="bob3", name="Berg, Bob")
ROWS = {0: ADA, 1: BOB, 2: OTHER_BOB}


def found(grade: Grade, rows: Mapping[int, Person] = ROWS) -> int | str:
    """Return the row of a submission, or why it has none."""
    matching = match([grade], rows)
    outcomes: list[int | str] = [*matching.rows]
    outcomes += [miss.why for miss in matching.misses]
    assert len(outcomes) == 1
    return outcomes[0]


@pytest.mark.parametrize(
    ("person", "row"),
    [
        pytest.param(Person(number="102"), 1, id="number"),
        pytest.param(Person(id="S2"), 1, id="id-in-another-case"),
        pytest.param(Person(login="bob3"), 2, id="login"),
        pytest.param(Person(email="Bob@x.org"), 1, id="address-that-is-the-login"),
        pytest.param(Person(name="Ada Lovelace"), 0, id="name-in-another-order"),
        pytest.param(Person(name="lovelaceada"), 0, id="name-as-canvas-shortens-it"),
        pytest.param(Person(name="Bob", id="s3"), 2, id="id-goes-before-name"),
        pytest.param(
            Person(number="102", name="bergbob"), 1, id="number-and-a-name-of-two"
        ),
    ],
)
def test_somebody_is_found_by_what_is_known(
    grade_of: GradeOf, person: Person, row: int
) -> None:
    assert found(grade_of("x", "1", person)) == row


@pytest.mark.parametrize(
    ("id_", "row"),
    [
        ("101", 0),
        ("s2", 1),
        ("bob3", 2),
        ("Bob@x.org", 1),
        pytest.param("ada", 0, id="login-and-start-of-the-address"),
        pytest.param("Ada Lovelace", 0, id="name"),
        pytest.param("bob", "nobody of the file fits", id="not-the-start-of-a-login"),
        pytest.param("ada@y.org", "nobody of the file fits", id="another-address"),
        pytest.param("Bob Berg", "the name fits 2 rows", id="name-of-two"),
    ],
)
def test_where_nothing_else_is_known_the_id_of_a_submission_may_be_anything(
    grade_of: GradeOf, id_: str, row: int | str
) -> None:
    assert found(grade_of(id_, "1")) == row


@pytest.mark.parametrize(
    ("person", "why"),
    [
        pytest.param(
            Person(name="Bob Berg"), "the name fits 2 rows", id="two-of-one-name"
        ),
        pytest.param(
            Person(number="101", id="s2"),
            "the number and id fit 2 rows",
            id="number-and-id-of-two",
        ),
        pytest.param(
            Person(number="101", name="Carl Carlsen"),
            "the row with this number has another name",
            id="number-of-another-platform",
        ),
        pytest.param(
            Person(name="Ada Lovelace", email="other@x.org"),
            "the row with this name has another address",
            id="namesake-with-another-address",
        ),
        pytest.param(
            Person(github="ada"),
            "nobody of the file has the same number, id, login or address",
            id="an-account-is-chosen-by-its-owner",
        ),
        pytest.param(
            Person(id="s9"),
            "nobody of the file has the same number, id, login or address",
            id="unknown",
        ),
    ],
)
def test_what_could_be_somebody_else_is_not_matched(
    grade_of: GradeOf, person: Person, why: str
) -> None:
    assert found(grade_of("ada", "1", person)) == why


def test_two_submissions_of_one_row_leave_it_alone(grade_of: GradeOf) -> None:
    first = grade_of("a", "1", Person(id="s1"))
    second = grade_of("b", "2", Person(name="Ada Lovelace"))

    matching = match([first, second], ROWS)

    assert dict(matching.rows) == {}
    assert [(miss.grade.id, miss.why) for miss in matching.misses] == [
        ("a", "another submission has the same row"),
        ("b", "another submission has the same row"),
    ]


def test_all_of_a_group_are_found(grade_of: GradeOf) -> None:
    grade = grade_of("team", "1", Person(id="s1"), Person(id="s2"), Person(id="s9"))

    matching = match([grade], ROWS)

    assert {row: taken.id for row, taken in matching.rows.items()} == {
        0: "team",
        1: "team",
    }
    assert len(matching.misses) == 1
