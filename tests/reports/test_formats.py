"""What holds for every report format."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports import FORMATS, PLAIN, Audience, Request
from pytest_tfgrade.reports.interface import PlatformFile

GOLDEN = Path(__file__).parent / "golden"

COMMANDS = {"github-classroom", "github-annotations"}
"""Formats that hold commands for GitHub's runner."""

PAGES = {"html", "cohort", "integrity"}
"""Formats of pages, which tests/pages opens; here they are too long to be approved."""

OF_ONE = {"gradescope", "github-classroom"}
"""Formats of one submission alone."""

EXPORT = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Exam (5)\n"
    "    Points Possible,,,,,10\n"
    '"Liddell, Alice",7,,alice,A,\n'
)
"""What Canvas exports."""

WORKSHEET = (
    "Identifier,Full name,Email address,Grade,Last modified (grade),Feedback comments\n"
    "Participant 11,=Alice,a@example.org,,-,\n"
)
"""What Moodle exports."""

FILLED = {"canvas": EXPORT, "moodle": WORKSHEET}

CANARY = "canary"
"""Stands in every text of ``rich`` that is for graders alone."""


def files_of(
    name: str, gradebook: Gradebook, request: Request = PLAIN
) -> dict[str, str]:
    if name in OF_ONE:
        gradebook = replace(gradebook, grades=gradebook.grades[:1])
    if name in FILLED:
        request = Request(fill=PlatformFile(name="export.csv", text=FILLED[name]))
    files = FORMATS[name].render(gradebook, request)
    return {file.name: "".join(file.text) for file in files}


def text_of(name: str, gradebook: Gradebook) -> str:
    return "".join(files_of(name, gradebook).values())


def test_the_formats_and_their_file_names_are_fixed() -> None:
    names = {name: format_.file_name for name, format_ in FORMATS.items()}

    assert names == {
        "json": "grades.json",
        "csv": "grades.csv",
        "totals": "totals.csv",
        "junit": "junit.xml",
        "html": "candidates",
        "cohort": "cohort",
        "markdown": "grades.md",
        "github-classroom": "github-classroom",
        "github-summary": "github-summary.md",
        "github-annotations": "github-annotations.txt",
        "gradescope": "results.json",
        "canvas": "canvas",
        "moodle": "moodle",
        "integrity": "integrity",
    }


@pytest.mark.parametrize("name", FORMATS)
def test_every_file_lies_where_the_format_says(name: str, rich: Gradebook) -> None:
    files = files_of(name, rich)

    assert {PurePosixPath(file).parts[0] for file in files} == {FORMATS[name].file_name}


@pytest.mark.parametrize("which", [".", "rich"])
@pytest.mark.parametrize("name", sorted({*FORMATS} - PAGES))
def test_a_whole_report_is_as_it_was_read_and_approved(
    name: str, which: str, request: pytest.FixtureRequest
) -> None:
    folder = GOLDEN / which

    files = files_of(name, request.getfixturevalue(which.replace(".", "gradebook")))

    approved = {file: (folder / file).read_text(encoding="utf-8") for file in files}
    assert files == approved


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_grades_give_the_same_bytes_whatever_order_mappings_have(
    name: str, gradebook: Gradebook
) -> None:
    runtimes = {
        "keras3": {"keras": "3.15.1", "tensorflow": "2.21.0"},
        "keras2": {"tf-keras": "2.21.0"},
    }
    one = replace(gradebook, runtimes=runtimes)
    other = _with_mappings_reversed(one)

    texts = {str(files_of(name, grades)) for grades in (one, one, other)}

    assert len(texts) == 1


@pytest.mark.parametrize("name", sorted({*FORMATS} - PAGES - COMMANDS))
def test_nothing_in_a_report_can_steer_a_terminal(
    name: str, hostile_gradebook: Gradebook
) -> None:
    text = text_of(name, hostile_gradebook)

    lines = text.split("\n")
    assert [line for line in lines if printable(line, limit=10**6) != line] == []


@pytest.mark.parametrize("name", FORMATS)
def test_no_character_of_a_report_changes_how_others_are_read(
    name: str, hostile_gradebook: Gradebook
) -> None:
    text = text_of(name, hostile_gradebook)

    steering = "\x1b\x9b\0\r\ud800\ufffe\u202e"
    assert [character for character in steering if character in text] == []


@pytest.mark.parametrize(
    "name", [*sorted(PAGES), "junit", "markdown", "github-summary"]
)
def test_no_markup_of_a_candidate_s_is_markup(
    name: str, hostile_gradebook: Gradebook
) -> None:
    files = files_of(name, hostile_gradebook)

    for_people = {
        file: text for file, text in files.items() if "/findings." not in file
    }
    assert for_people
    assert [file for file, text in for_people.items() if "<script>a" in text] == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_report_shows_that_models_were_not_isolated(
    name: str, gradebook: Gradebook
) -> None:
    isolated = text_of(name, gradebook)
    not_isolated = text_of(name, replace(gradebook, isolated=False))

    marks = {
        "json": '"isolated": false',
        "csv": ",no,yes,",
        "totals": ",yes,no,",
    }
    mark = marks.get(name, "NOT ISOLATED")
    assert mark not in isolated
    assert mark in not_isolated


@pytest.mark.parametrize(
    "name", [n for n, f in FORMATS.items() if f.audience is Audience.CANDIDATE]
)
def test_what_only_the_grader_may_see_stays_out_of_what_candidates_see(
    name: str, gradebook: Gradebook, rich: Gradebook
) -> None:
    text = text_of(name, gradebook) + text_of(name, rich)

    assert "OSError" not in text
    # Gradescope itself shows what candidates may see later, and is told when.
    assert name == "gradescope" or CANARY not in text


@pytest.mark.parametrize("name", FORMATS)
def test_each_report_is_for_somebody(name: str) -> None:
    candidates = {
        *("csv", "junit", "html", "markdown", "gradescope"),
        *("github-classroom", "github-summary", "github-annotations"),
    }

    assert (FORMATS[name].audience is Audience.CANDIDATE) is (name in candidates)


@pytest.mark.parametrize("name", sorted({*FORMATS} - OF_ONE))
def test_a_run_without_submissions_breaks_no_report(name: str) -> None:
    empty = Gradebook(exam="x", grades=(), isolated=True, version="1")

    files = files_of(name, empty)

    assert files or name == "html"  # it has a page for each, and nothing else


def _with_mappings_reversed(gradebook: Gradebook) -> Gradebook:
    runtimes = {
        name: dict(reversed(list(versions.items())))
        for name, versions in reversed(list(gradebook.runtimes.items()))
    }
    grades = tuple(_with_seconds_reversed(grade) for grade in gradebook.grades)
    return replace(gradebook, runtimes=runtimes, grades=grades)


def _with_seconds_reversed(grade: Grade) -> Grade:
    tasks = (
        replace(task, seconds=dict(reversed(list(task.seconds.items()))))
        for task in grade.tasks
    )
    return replace(grade, tasks=tuple(tasks))
