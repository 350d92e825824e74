"""The list of totals: what the machine gave, what it cost, what counts."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.reports.interface import PLAIN, Audience
from pytest_tfgrade.reports.totals_csv import RECKONING, TotalsReport

SAID = Override(
    points=Decimal(5), comment="Well tried.", by="Prof", at="2026-05-05", why="so"
)


def read(gradebook: Gradebook) -> list[dict[str, str]]:
    (file,) = TotalsReport().render(gradebook, PLAIN)
    return list(csv.DictReader(io.StringIO("".join(file.text))))


def reckoning(row: dict[str, str]) -> list[str]:
    return [row["points"], *(row[name] for name in RECKONING)]


def test_raw_penalty_and_final_points_are_kept_apart(gradebook: Gradebook) -> None:
    alice, bob = gradebook.grades
    late = replace(
        alice, penalty=Penalty(late=timedelta(hours=25.5), share=Decimal("0.2"))
    )

    rows = read(replace(gradebook, grades=(late, bob)))

    assert reckoning(rows[0]) == ["2.8", "3.5", "3.5", "25.5", "0.7", "", ""]
    assert reckoning(rows[1]) == ["", "", "", "", "", "", ""]


def test_what_people_said_of_tasks_counts_before_the_penalty(
    gradebook: Gradebook,
) -> None:
    alice = gradebook.grades[0]
    digits, fashion = alice.tasks
    late = replace(
        alice,
        tasks=(replace(digits, override=SAID), fashion),
        penalty=Penalty(late=timedelta(hours=1), share=Decimal("0.2")),
    )

    (row,) = read(replace(gradebook, grades=(late,)))

    assert reckoning(row) == ["4", "3.5", "5", "1", "1", "", ""]
    assert row["digits"] == "5"


def test_what_a_person_said_of_the_whole_is_what_counts(gradebook: Gradebook) -> None:
    said = [replace(grade, override=SAID) for grade in gradebook.grades]

    alice, bob = read(replace(gradebook, grades=tuple(said)))

    assert reckoning(alice) == ["5", "3.5", "3.5", "", "0", "5", "Well tried."]
    assert reckoning(bob) == ["5", "", "", "", "", "5", "Well tried."]


def test_it_holds_names_and_is_for_graders() -> None:
    report = TotalsReport()

    assert (report.file_name, report.audience) == ("totals.csv", Audience.GRADER)
