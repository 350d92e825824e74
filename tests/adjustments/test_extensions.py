"""Who may hand in later is read from a CSV file, and every mistake in it is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.adjustments import Known, read_extensions
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.reckoning import LateRule
from pytest_tfgrade.core.submission import Person

DUE = datetime(2025, 1, 31, 22, 59, tzinfo=UTC)
RULE = LateRule(due=DUE, steps=((timedelta(0), Decimal("0.1")),))
LATER = DUE + timedelta(days=2)

ADA = Person(id="S17", email="Ada@uni.example")
BOB = Person(id="S18", email="bob@uni.example")
EVE = Person(id="S19", email="eve@uni.example")
CLASS = Known(candidates={"ada": (ADA,), "team": (BOB, EVE), "zoe": ()}, tasks={})


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "extensions.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "submission,due\nada,+2 days\n",
        "Submission;Due date;reason\nADA;+ 48h;ill\n",
        "id,due\ns17,2025-02-02 23:59 Europe/Berlin\n",
        "E-Mail,until\nada@uni.example,2025-02-02T22:59Z\n",
        "id,email,due\nS17,ada@uni.example,+2 days\n",
        "id,email,due\n,ada@uni.example,+2 days\n",
    ],
)
def test_a_candidate_is_named_by_submission_id_or_address(
    tmp_path: Path, text: str
) -> None:
    dates = read_extensions(written(tmp_path, text), CLASS, RULE)

    assert dates == {"ada": LATER}


def test_of_a_group_the_latest_date_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "id,due\nS19,+2 days\nS18,+1 day\n")

    assert read_extensions(path, CLASS, RULE) == {"team": LATER}


def test_without_a_roster_ids_are_the_names_of_submissions(tmp_path: Path) -> None:
    known = Known(candidates={"S17": (), "S18": ()}, tasks={})

    dates = read_extensions(written(tmp_path, "id,due\ns17,+2 days\n"), known, RULE)

    assert dates == {"S17": LATER}


def test_nobody_gets_an_extension_by_the_name_of_an_account(tmp_path: Path) -> None:
    known = Known(candidates={"S99": (Person(id="S17", github="S99"),)}, tasks={})

    with pytest.raises(UsageError, match="'S99' is nobody here"):
        read_extensions(written(tmp_path, "id,due\nS99,+2 days\n"), known, RULE)


def test_a_name_as_it_is_spelt_goes_before_one_in_other_case(tmp_path: Path) -> None:
    known = Known(candidates={"Bob": (), "bob": ()}, tasks={})

    path = written(tmp_path, "submission,due\nBob,+2 days\n")

    assert read_extensions(path, known, RULE) == {"Bob": LATER}


def test_who_was_left_out_of_a_run_is_no_mistake(tmp_path: Path) -> None:
    known = Known(candidates={"ada": ()}, tasks={}, whole=False)

    path = written(tmp_path, "submission,due\nbob,+1 day\nada,+2 days\n")

    assert read_extensions(path, known, RULE) == {"ada": LATER}


def test_all_mistakes_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """\
submission,id,due
aad,,+2 days
mallory,,+2 days
,S1,+2 days
zoe,S17,+2 days
zoe,,+2 d
ada,,2025-01-30 23:59 Europe/Berlin
ada,,+2
zoe,,+2 days
,,+2 days
team,,
team
team,,2025-01-31T22:59Z
""",
    )

    with pytest.raises(UsageError) as caught:
        read_extensions(path, CLASS, RULE)

    assert str(caught.value).splitlines() == [
        f"{path}:{text}"
        for text in (
            "2:1: 'aad' is nobody here; did you mean 'ada'?",
            "3:1: 'mallory' is nobody here; correct or remove the line",
            "4:2: 'S1' is nobody here; did you mean 'S19'?",
            "5:1: names two; correct one of the cells",
            "7:6: is not later than the due date of all, 2025-01-31 22:59 UTC; correct "
            "it, or remove the line",
            "8:1: 'ada' stands in line 7, too; remove one",
            "8:6: must be a number and a unit, as 15 min, got '2'",
            "9:1: 'zoe' stands in line 6, too; remove one",
            "10:1: names nobody; fill in or remove the line",
            "11:7: has no due date; write it as 2025-01-31T23:59+01:00 or 2025-01-31 "
            "23:59 Europe/Berlin, or +2 days",
            "12:1: has no due date; write it as 2025-01-31T23:59+01:00 or 2025-01-31 "
            "23:59 Europe/Berlin, or +2 days",
            "13:7: is not later than the due date of all, 2025-01-31 22:59 UTC; "
            "correct it, or remove the line",
        )
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "name,when\nada,+2 days\n",
            [
                "1:1: no column says when; name one due; there are 'name', 'when'",
                "1:1: no column says who somebody is; name one submission, id or "
                "email; there are 'name', 'when'",
            ],
        ),
        (
            "email,due\nx@uni.example,+2 days\n",
            [
                "2:1: 'x@uni.example' is nobody here; no address is known; name the "
                "submission, or give a roster"
            ],
        ),
        (
            "id,due\nS17,+2 days\n",
            ["2:1: may be ada or eva; name the submission"],
        ),
    ],
)
def test_what_a_file_lacks_is_told(
    tmp_path: Path, text: str, problems: list[str]
) -> None:
    same = Person(id="S17")
    known = Known(candidates={"ada": (same,), "eva": (same,)}, tasks={})
    path = written(tmp_path, text)

    with pytest.raises(UsageError) as caught:
        read_extensions(path, known, RULE)

    assert str(caught.value).splitlines() == [f"{path}:{text}" for text in problems]


def test_an_extension_means_nothing_where_lateness_costs_nothing(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "submission,due\nada,+2 days\n")

    with pytest.raises(UsageError) as caught:
        read_extensions(path, CLASS, None)

    assert str(caught.value) == (
        f"{path}: lateness costs nothing, so nobody needs an extension; write 'due' "
        "and 'late' into the exam file"
    )
