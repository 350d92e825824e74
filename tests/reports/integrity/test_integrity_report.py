"""The files of the report, as they are written."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.integrity import IntegrityReport
from pytest_tfgrade.reports.integrity.finding import Kind
from pytest_tfgrade.reports.integrity.measured import MEASURED, MODELS, PAIRS
from pytest_tfgrade.reports.integrity.report import HEADER
from pytest_tfgrade.reports.integrity.wording import CAUTION
from pytest_tfgrade.reports.interface import PLAIN, Audience

FIGURES = Path(__file__).parents[3] / "docs" / "figures" / "integrity.json"


def files(book: Gradebook) -> dict[str, str]:
    return {
        file.name: "".join(file.text) for file in IntegrityReport().render(book, PLAIN)
    }


@pytest.fixture(scope="module")
def everything(made: Any) -> Gradebook:
    """Return a class with a finding of each kind."""
    tasks = {
        f"s{seed:02d}": made.task_grade(
            made.print_of(made.weights(seed)), made.answer_of(made.answers(seed))
        )
        for seed in range(30)
    }
    untrained = made.weights(40)
    untrained[1], untrained[3] = np.zeros(20), np.zeros(10)
    flat = made.answer_of(np.tile(np.eye(10)[3], (400, 1)))
    shared = [*made.weights(6)[:2], *made.weights(77)[2:]]
    nearly = made.answers(7) + 1e-9 * np.arange(10)
    tasks |= {
        "copy of s01": tasks["s01"],
        "copy of s02": made.task_grade(made.print_of(made.weights(2)), file="anew"),
        "like s03": made.task_grade(made.print_of(made.tuned(made.weights(3), 0.04))),
        "like s04": made.task_grade(made.print_of(made.permuted(made.weights(4)))),
        "like s05": made.task_grade(None, made.answer_of(made.answers(5))),
        "like s06": made.task_grade(made.print_of(shared)),
        "like s07": made.task_grade(None, made.answer_of(nearly)),
        "lazy": made.task_grade(made.print_of(untrained), flat),
    }
    book: Gradebook = made.book(tasks)
    return book


def test_every_kind_of_finding_is_in_every_file(everything: Gradebook) -> None:
    written = files(everything)
    told = json.loads(written["integrity/findings.json"])
    rows = list(csv.DictReader(io.StringIO(written["integrity/findings.csv"])))

    assert set(written) == {
        "integrity/index.html",
        "integrity/findings.json",
        "integrity/findings.csv",
    }
    assert {finding["kind"] for finding in told["findings"]} == set(Kind)
    assert {row["kind"] for row in rows} == set(Kind)
    assert CAUTION in written["integrity/index.html"]
    assert told["note"] == CAUTION
    for finding in told["findings"]:
        for name in finding["submissions"]:
            assert name in written["integrity/index.html"]
            assert any(row["submission"] == name for row in rows)


def test_a_row_says_who_is_nearest_and_by_which_figures(everything: Gradebook) -> None:
    text = files(everything)["integrity/findings.csv"]
    rows = list(csv.DictReader(io.StringIO(text)))
    (row,) = [row for row in rows if row["submission"] == "like s04"]

    measured = row.pop("measured")

    assert measured.startswith("distance of kernels 1.")
    assert row == {
        "task": "digits",
        "finding": row["finding"],
        "kind": "reordered-weights",
        "submission": "like s04",
        "alike": "2",
        "compared": "36",
        "may_be_given": "no",
        "with": "s04",
    }
    assert tuple(rows[0]) == HEADER[:-1] + HEADER[-1:]


def test_a_class_without_findings_is_told_so(made: Any) -> None:
    written = files(made.book({"a": made.task_grade()}))

    assert "Nothing was found." in written["integrity/index.html"]
    assert json.loads(written["integrity/findings.json"])["findings"] == []
    assert written["integrity/findings.csv"] == ",".join(HEADER) + "\n"


def test_a_run_without_submissions_has_a_report(made: Any) -> None:
    written = files(made.book({}))

    assert json.loads(written["integrity/findings.json"])["compared"] == []


def test_the_same_grades_give_the_same_bytes(everything: Gradebook) -> None:
    assert files(everything) == files(replace(everything))


def test_hostile_names_do_no_harm(made: Any) -> None:
    hostile = '=HYPERLINK("http://evil")<script>a</script>\x1b[2J\u202egnp\ud800'
    task = made.task_grade(made.print_of(made.weights(1)), id_=hostile)
    book = replace(made.book({hostile: task, "a": task}), exam=hostile)

    written = files(book)

    for text in written.values():
        text.encode()
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script" not in written["integrity/index.html"]
    assert "\n=" not in written["integrity/findings.csv"]
    assert ",=" not in written["integrity/findings.csv"]
    assert len(json.loads(written["integrity/findings.json"])["findings"]) == 1


def test_it_is_for_graders_and_points_are_not_in_it(everything: Gradebook) -> None:
    told = json.loads(files(everything)["integrity/findings.json"])

    assert IntegrityReport().audience is Audience.GRADER
    assert "points" not in str(told["findings"])


def test_what_is_said_of_chance_was_measured() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    alarms = figures["false alarms"]

    assert (alarms["pairs"], alarms["models"]) == (PAIRS, MODELS)
    assert {kind.value: one.alarms for kind, one in MEASURED.items()} == {
        kind.value: alarms["alarms"].get(kind.value, 0) for kind in Kind
    }
