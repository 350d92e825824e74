"""Whatever is handed in: it gets its code, and nobody and nothing else notices."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course import SECONDS, Course, hidden
from honest import NAMES
from rows import OK, Row
from runs import Run

from pytest_tfgrade.core.text import identifier

SLACK = 2.0
"""Seconds beyond its limit after which nothing is left of a model."""

MORE = 400 << 20
"""Bytes that the grader may have in memory beyond those of an honest run.

A configuration of 8 MiB takes 190 MB while it is read, and two are read at a time.
"""


def test_a_row_gets_its_code_and_its_reason(
    among: Run, row: Row, require_made: Callable[[Row], None]
) -> None:
    require_made(row)

    name = unicodedata.normalize("NFC", row.candidate or row.id)
    task = of_task(among.grades[identifier(name)], row.task)

    found = (task["code"] or task["result"].replace("graded", OK), reason(task))
    assert found[0] in row.expected, (found, detail(task))
    assert re.search(row.says, found[1]), (found, detail(task))


def test_a_row_has_no_effect_outside_its_sandbox(among: Run, row: Row) -> None:
    assert row.id not in among.effects


def test_honest_submissions_get_the_same_bytes_as_without_the_rows(
    alone: Run, among: Run
) -> None:
    without = {name: timeless(alone.grades[name]) for name in NAMES}

    assert {name: timeless(among.grades[name]) for name in NAMES} == without
    for report in ("grades.csv", "totals.csv"):
        lines = set(among.written[report].splitlines())
        assert set(alone.written[report].splitlines()) <= lines


def test_honest_submissions_are_graded(alone: Run) -> None:
    tasks = {
        name: [one for one in alone.grades[name]["tasks"] if one["code"] != "E_MISSING"]
        for name in NAMES
    }

    told = {name: [reason(one) for one in found] for name, found in tasks.items()}
    assert all(one["result"] == "graded" for found in tasks.values() for one in found)
    assert all(found[0]["points"] == 5 for found in tasks.values()), told


def test_the_run_ends_as_any_other(alone: Run, among: Run) -> None:
    assert alone.status in {0, 1}, alone.written["terminal"]
    assert among.status in {0, 1}, among.written["terminal"]


def test_nothing_is_left_of_the_run(among: Run) -> None:
    assert (among.left, among.files, among.changed) == ((), (), ())


def test_nothing_leaves_the_machine_or_a_mark(among: Run) -> None:
    assert (among.received, among.effects) == ((), ())


def test_no_model_outlives_its_limit(alone: Run, among: Run) -> None:
    assert among.oldest <= max(SECONDS, alone.oldest) + SLACK, among.oldest_at


def test_the_grader_needs_no_more_memory_than_for_honest_submissions(
    alone: Run, among: Run
) -> None:
    assert among.peak <= alone.peak + MORE


def test_no_secret_gets_into_any_report(
    among: Run, corpus: tuple[Course, object, object]
) -> None:
    secrets = corpus[0].secrets

    told = [n for n, t in among.written.items() if any(s in t for s in secrets)]

    assert told == []


def test_candidates_see_no_hidden_value_no_canary_and_no_path(
    among: Run, corpus: tuple[Course, object, object]
) -> None:
    told = {n: list(hidden_in(text, corpus[0].folder)) for n, text in shown(among)}

    assert told == {name: [] for name in told}
    assert told.keys() >= {"junit.xml", "grades.csv", "totals.csv", "terminal"}


def shown(run: Run) -> list[tuple[str, str]]:
    """Return what candidates see, without what pytest itself says of its folders."""
    own = re.compile(r"^(rootdir|- generated xml file): .*$", re.MULTILINE)
    return [(name, own.sub("", text)) for name, text in run.shown.items()]


def hidden_in(text: str, course: Path) -> list[str]:
    """Return what of a text candidates should not see."""
    images, digits = hidden()
    values = {f"{value:.6f}" for value in images.ravel()}
    numbers = re.findall(r"-?\d+\.\d{6,}", text)
    found = [number for number in numbers if f"{float(number):.6f}" in values]
    first = "".join(map(str, digits[:10]))
    found += [first] if first in re.sub(r"[\s,.\[\]()]+", "", text) else []
    words = "|".join(map(re.escape, ("canary-", str(course))))
    return found + re.findall(f".{{0,60}}(?:{words}).{{0,30}}", text)


def of_task(grade: Mapping[str, Any], task: str) -> Mapping[str, Any]:
    """Return the part of a grade that is of a task."""
    return next(one for one in grade["tasks"] if one["id"] == task)


def reason(task: Mapping[str, Any]) -> str:
    """Return what is told first of what did not pass."""
    texts = (
        one["rationale"]
        for one in task["criteria"]
        if one["verdict"] not in {"passed", "skipped"}
    )
    return str(next(texts, ""))


def detail(task: Mapping[str, Any]) -> str:
    """Return what the grader sees beside, to tell why a row has another code."""
    return "\n".join(str(one["detail"]) for one in task["criteria"] if "detail" in one)


def timeless(grade: Mapping[str, Any]) -> dict[str, Any]:
    """Return a grade without the times that it took."""
    tasks = [{**task, "seconds": None} for task in grade["tasks"]]
    return {**grade, "tasks": tasks}
