"""What candidates may see: of groups, parts, and criteria that are hidden from them."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.portrait import Rows
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports import FORMATS, PLAIN
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.summary import render_summary

GOLDEN = Path(__file__).parent / "golden"

CANARY = "canary"
"""Stands in every text of a hidden criterion; no candidate may read it."""

HIDDEN_VALUE = 0.123456
"""And in every number but its points."""


def text_of(name: str, gradebook: Gradebook) -> str:
    files = FORMATS[name].render(gradebook, PLAIN)
    return "".join(part for file in files for part in file.text)


def test_the_summary_of_the_whole_language_is_as_it_was_read_and_approved(
    rich: Gradebook,
) -> None:
    approved = (GOLDEN / "rich" / "summary.txt").read_text(encoding="utf-8")

    lines = render_summary(rich, 100)

    assert "".join(f"{line.text}\n" for line in lines) == approved


@pytest.mark.parametrize("name", ["csv", "junit"])
def test_nothing_of_a_hidden_criterion_reaches_a_candidate(
    name: str, rich: Gradebook
) -> None:
    text = text_of(name, rich)

    assert CANARY not in text
    assert str(HIDDEN_VALUE) not in text
    assert "123" not in text
    assert text.count("not shown to candidates") >= 5


def test_the_grader_reads_everything_in_grades_json(rich: Gradebook) -> None:
    text = text_of("json", rich)

    hidden_keys = ("check", "title", "rationale", "hint", "detail", "skills")
    criteria = json.loads(text)["submissions"][0]["tasks"][0]["criteria"]
    assert [CANARY in str(criteria[1][key]) for key in hidden_keys] == [True] * 6
    assert criteria[1]["value"] == HIDDEN_VALUE
    assert criteria[7]["detail"] == "final part: accuracy 0.77 < 0.8"


def test_of_a_hidden_criterion_id_verdict_and_points_are_left(rich: Gradebook) -> None:
    rows = {row["criterion"]: row for row in _rows(rich)}

    told = {name: text for name, text in rows["never"].items() if text}
    assert told == {
        "submission": "alice",
        "task": "digits",
        "criterion": "never",
        "verdict": "failed",
        "points": "0",
        "max_points": "2",
        "rationale": "not shown to candidates",
        "isolated": "yes",
        "complete": "yes",
        "bonus": "no",
        "raw": "0",
    }


def test_a_group_with_a_hidden_member_says_nothing_of_any(rich: Gradebook) -> None:
    rows = {row["criterion"]: row for row in _rows(rich)}

    assert rows["shown-member"]["rationale"] == "shown-member: so it is"
    assert rows["mixed"]["rationale"] == "not shown to candidates"
    assert (rows["mixed"]["points"], rows["mixed"]["hint"]) == ("2", "")


@pytest.mark.parametrize(
    ("revealed", "still_hidden"),
    [
        (set(), {"never", "due", "published", "hidden-member", "mixed"}),
        ({Visibility.AFTER_DUE_DATE}, {"never", "published", "hidden-member", "mixed"}),
        (
            {Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED},
            {"never", "hidden-member", "mixed"},
        ),
    ],
)
def test_what_is_revealed_is_shown_and_the_rest_stays_hidden(
    rich: Gradebook, revealed: set[Visibility], still_hidden: set[str]
) -> None:
    rows = _rows(replace(rich, revealed=frozenset(revealed)))

    assert {
        row["criterion"]
        for row in rows
        if row["rationale"] == "not shown to candidates"
    } == still_hidden


def test_an_ungradable_artifact_is_told_in_fixed_words_whoever_met_it(
    rich: Gradebook,
) -> None:
    hidden = rich.grades[0].tasks[0].criteria[1]
    met = replace(hidden, code=Code.OUTPUT_SHAPE)
    task = replace(rich.grades[0].tasks[0], criteria=(met,))
    grades = (replace(rich.grades[0], tasks=(task,)),)

    (row,) = _rows(replace(rich, grades=grades))

    assert (row["code"], row["rationale"], row["hint"]) == (
        "E_OUTPUT_SHAPE",
        Code.OUTPUT_SHAPE.text,
        Code.OUTPUT_SHAPE.hint,
    )


def test_what_is_revealed_keeps_its_detail_for_the_grader(rich: Gradebook) -> None:
    everything = replace(rich, revealed=frozenset(Visibility))

    shown = for_candidates(everything)

    criteria = shown.grades[0].tasks[0].criteria
    assert {criterion.detail for criterion in criteria} == {None}
    assert criteria[1].rationale == f"{CANARY} 0.1 < 0.2"


def test_a_candidate_reads_values_of_the_public_part_alone(rich: Gradebook) -> None:
    rows = {row["criterion"]: row for row in _rows(rich)}

    told = ("value", "points", "rationale", "n", "standard_error", "borderline")
    assert [rows["accuracy"][name] for name in told] == [
        "0.9",
        "1.25",
        "accuracy 0.9 >= 0.8 on the public part",
        "",
        "",
        "",
    ]
    assert "0.77" not in text_of("csv", rich)
    assert "0.77" not in text_of("junit", rich)


def test_pictures_show_public_rows_alone_and_no_fingerprint(rich: Gradebook) -> None:
    [task] = for_candidates(rich).grades[0].tasks

    assert [picture.rows for picture in task.portrait.pictures] == [Rows.PUBLIC]
    assert task.portrait.architecture == rich.grades[0].tasks[0].portrait.architecture
    assert task.portrait.fingerprint is None


def test_no_picture_shows_a_dataset_that_only_hidden_criteria_look_at(
    rich: Gradebook,
) -> None:
    outline = rich.outlines["digits"]
    criteria = {
        **outline.criteria,
        "never": replace(outline.criteria["never"], datasets=("digits",)),
    }
    outlines = {"digits": replace(outline, criteria=criteria)}

    [task] = for_candidates(replace(rich, outlines=outlines)).grades[0].tasks

    assert task.portrait.pictures == ()


def test_of_an_override_its_comment_is_left(rich: Gradebook) -> None:
    criteria = for_candidates(rich).grades[0].tasks[0].criteria

    override = next(c.override for c in criteria if c.override)
    assert (override.points, override.raw) == (Decimal(1), Decimal(0))
    assert override.comment == "One point for the idea."
    assert (override.by, override.at, override.why) == ("", "", "")


def test_outlines_tell_nothing_of_what_is_hidden(rich: Gradebook) -> None:
    shown = for_candidates(rich)

    assert list(shown.outlines["digits"].criteria) == ["accuracy"]
    assert shown.late_rule is not None
    assert shown.late_rule.extensions == {}


def test_hiding_changes_no_score(rich: Gradebook) -> None:
    shown = for_candidates(rich)

    assert shown.grades[0].points == rich.grades[0].points == Decimal("7.765")
    assert shown.grades[0].passed is rich.grades[0].passed is True


def test_points_in_junit_are_those_of_the_grades(rich: Gradebook) -> None:
    root = ElementTree.fromstring(text_of("junit", rich))

    points = {
        case.get("name"): next(
            one.get("value")
            for one in case.iter("property")
            if one.get("name") == "tfgrade.points"
        )
        for case in root.iter("testcase")
    }
    assert points == {
        "digits::file": "2",
        "digits::never": "0",
        "digits::due": "0",
        "digits::published": "0",
        "digits::shown-member": "2",
        "digits::hidden-member": "0",
        "digits::mixed": "2",
        "digits::accuracy": "1.25",
        "digits::extra": "0.5",
        "digits::looked-at-again": "1",
        "digits::too-many-layers": "-1",
    }


def _rows(gradebook: Gradebook) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of("csv", gradebook))))
