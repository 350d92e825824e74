"""The pages of graders, read back as a browser reads them."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.portrait import Portrait, Rows
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.reports.cohort.overview import cohort_of
from pytest_tfgrade.reports.html.cohort_pages import CohortPages
from pytest_tfgrade.reports.html.cohort_table import rendered, table_of
from pytest_tfgrade.reports.interface import PLAIN, Audience

HERE = Path(__file__).parent

VOID = {"meta", "link", "br", "input"}

LINES = {"h1", "h2", "h3", "h4", "p", "li", "tr", "dt", "figcaption", "caption", "pre"}
"""Elements that begin a line."""

CELLS = {"td", "th", "dd"}
"""Elements that are told apart within a line."""


class Page(HTMLParser):
    """Reads a page: its lines of text, and what its scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.scripts: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.policy = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open
        told = (" ".join(line.split()).removeprefix("| ") for line in self.lines)
        self.lines = [line for line in told if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.ids += [id_] if (id_ := known.get("id")) else []
        self.links += [known["href"] or ""] if tag == "a" else []
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = known["content"] or ""
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")
        elif tag == "svg" and known.get("aria-label"):
            self.lines += [f"[{known['aria-label']}]", ""]
        elif tag in LINES:
            self.lines.append("")
        elif tag in CELLS:
            self.lines[-1] += " | "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in LINES - {"dt"}:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            self.scripts[-1] += data
        elif not {"style", "svg", "form", "title"} & {*self.open}:
            self.lines[-1] += data


def written(gradebook: Gradebook) -> dict[str, str]:
    files = CohortPages().render(gradebook, PLAIN)
    return {file.name: "".join(file.text) for file in files}


def index(gradebook: Gradebook) -> Page:
    return Page(written(gradebook)["cohort/index.html"])


def table(gradebook: Gradebook) -> tuple[dict[str, Any], list[list[Any]]]:
    """Return head and rows of the table."""
    head, *rows = json.loads(index(gradebook).scripts[0])
    return head, rows


def keys(head: dict[str, Any]) -> list[str]:
    return [column["key"] for column in head["columns"]]


def approved(name: str) -> list[str]:
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def decided(points: str | None) -> Override:
    return Override(
        points=None if points is None else Decimal(points),
        raw=Decimal(1),
        by="K. Meyer",
        at="2026-11-22",
        why="appeal",
    )


def test_there_is_a_page_for_the_cohort_and_one_for_each_submission(
    gradebook: Gradebook,
) -> None:
    report = CohortPages()

    names = [file.name for file in report.render(gradebook, PLAIN)]

    assert (report.file_name, report.audience) == ("cohort", Audience.GRADER)
    assert names == [
        "cohort/index.html",
        "cohort/submissions/alice.html",
        "cohort/submissions/bob.html",
    ]


def test_the_page_of_the_cohort_is_as_it_was_read_and_approved(
    gradebook: Gradebook,
) -> None:
    assert index(gradebook).lines == approved("cohort_index.txt")


def test_the_page_of_a_submission_is_as_it_was_read_and_approved(
    rich: Gradebook,
) -> None:
    text = written(rich)["cohort/submissions/alice.html"]

    assert Page(text).lines == approved("cohort_submission.txt")


def test_only_criteria_in_which_submissions_differ_are_drawn(
    gradebook: Gradebook,
) -> None:
    alice = gradebook.grades[0]
    digits, fashion = alice.tasks
    shape, accuracy = digits.criteria
    lost = replace(
        digits,
        criteria=(
            replace(shape, points=Decimal(0)),
            replace(accuracy, points=Decimal(0)),
        ),
    )
    other = replace(alice, id="carol", tasks=(lost, fashion))

    lines = index(replace(gradebook, grades=(alice, other))).lines

    ends = "0\N{EN DASH}1: 1, 3\N{EN DASH}4: 1"
    assert [line for line in lines if line.startswith("[")] == [
        f"[How many submissions have how many points of all tasks; {ends}]",
        "[How many submissions have how many points of digits; 0: 1, 3.5: 1]",
        "[How many submissions have how many points of shape; 0: 1, 1: 1]",
        "[How many submissions have how many points of accuracy; 0: 1, 2.5: 1]",
        "[How many submissions have how many points of fashion; 0: 2]",
    ]


def test_a_grader_sees_details_people_and_all_pictures(gradebook: Gradebook) -> None:
    pages = written(gradebook)

    alice, bob = (
        Page(pages[f"cohort/submissions/{id_}.html"]) for id_ in ("alice", "bob")
    )
    assert "By | =Alice, a@example.org, id 7" in alice.lines
    assert "Mended | time_major, lr" in alice.lines
    assert "OSError: no space left" in " ".join(bob.lines)


def test_pictures_of_every_part_are_shown(rich: Gradebook) -> None:
    grade = rich.grades[0]
    picture = grade.tasks[0].portrait.pictures[0]
    pictures = tuple(replace(picture, rows=rows) for rows in Rows)
    task = replace(grade.tasks[0], portrait=Portrait(pictures=pictures))
    book = replace(rich, grades=(replace(grade, tasks=(task,)),))

    page = Page(written(book)["cohort/submissions/alice.html"])

    captions = [line for line in page.lines if line.startswith("What was taken")]
    assert [re.findall("digit, (.*rows[^A]*)", line)[0] for line in captions] == [
        "all rows ",
        "public rows ",
        "rows that decide the points ",
    ]


def test_every_link_leads_to_a_page_or_a_place_on_it(
    gradebook: Gradebook, rich: Gradebook
) -> None:
    for book in (gradebook, rich):
        pages = {name: Page(text) for name, text in written(book).items()}

        for name, page in pages.items():
            for link in page.links:
                file, _, place = link.partition("#")
                there = (Path("/") / name).parent / file if file else Path("/") / name
                target = pages[str(Path("/", *_resolved(there)))[1:]]
                assert not place or place.partition("?")[0] in target.ids


def _resolved(path: Path) -> list[str]:
    parts: list[str] = []
    for part in path.parts[1:]:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return parts


def test_a_page_may_run_our_script_and_nothing_else(gradebook: Gradebook) -> None:
    pages = written(gradebook)

    first = Page(pages["cohort/index.html"])
    digest = hashlib.sha256(first.scripts[1].encode()).digest()
    allowed = f"; script-src 'sha256-{base64.b64encode(digest).decode()}'"
    assert first.policy.endswith(allowed)
    assert first.policy.startswith("default-src 'none'")
    assert "script" not in Page(pages["cohort/submissions/bob.html"]).policy


def test_a_row_has_what_is_known_of_a_submission(gradebook: Gradebook) -> None:
    head, rows = table(gradebook)

    assert head == {
        "size": 100,
        "codes": ["E_FORMAT", "E_INFRA"],
        "columns": [
            {"key": "id", "kind": "link", "most": None},
            {"key": "people", "kind": "text", "most": None},
            {"key": "points", "kind": "number", "most": 10},
            {"key": "passed", "kind": "text", "most": None},
            {"key": "task", "kind": "task", "most": 5},
            {"key": "task", "kind": "task", "most": 5},
            {"key": "notes", "kind": "text", "most": None},
        ],
    }
    assert rows == [
        ["alice", "=Alice", 3.5, "no", 3.5, 0, "", 0],
        [
            *("bob", "", "open", "open"),
            *([0, "E_FORMAT", "E_FORMAT"], [None, "open", "E_INFRA"]),
            *("", 0),
        ],
    ]


def test_raw_penalty_override_and_final_stay_apart(rich: Gradebook) -> None:
    alice = rich.grades[0]
    bob = replace(alice, id="Bob", penalty=None, override=decided("9"))

    head, rows = table(replace(rich, grades=(alice, bob)))

    assert keys(head) == [
        *("id", "points", "passed", "raw", "in_time", "penalty", "override"),
        *("task", "notes"),
    ]
    raw = {grade.id: grade.raw for grade in (alice, bob)}
    assert rows == [
        [
            *("alice", float(alice.points or 0), "yes", float(raw["alice"] or 0)),
            *(float(alice.in_time or 0), float(alice.penalty_points or 0), ""),
            *(float(alice.tasks[0].points or 0), "borderline, late, override", 0),
        ],
        [
            *("Bob", 9, "yes", float(raw["Bob"] or 0), float(bob.in_time or 0), "", 9),
            *(float(bob.tasks[0].points or 0), "borderline, override"),
            rows[1][-1],
        ],
    ]
    assert re.fullmatch("bob-[0-9a-f]{20}", rows[1][-1])


def test_what_nobody_has_takes_no_column(gradebook: Gradebook) -> None:
    grades = tuple(
        replace(grade, taken_in=TakenIn(), pass_mark=None) for grade in gradebook.grades
    )

    head, _ = table(replace(gradebook, grades=grades))

    assert keys(head) == ["id", "points", "task", "task", "notes"]


def test_sections_can_be_chosen(gradebook: Gradebook) -> None:
    people = (Person(name="A", section="2"), Person(name="B", section="1"))
    alice = replace(gradebook.grades[0], taken_in=TakenIn(people=people))
    book = replace(gradebook, grades=(alice, gradebook.grades[1]))

    head, rows = table(book)

    place = keys(head).index("section")
    assert [row[place] for row in rows] == ["2 + 1", ""]
    assert table_of(cohort_of(book)).sections == ("2 + 1",)


def test_a_task_that_was_not_wholly_graded_is_marked(gradebook: Gradebook) -> None:
    alice = gradebook.grades[0]
    part = replace(alice.tasks[0], planned=3)
    none = TaskGrade(id="fashion", criteria=(), max_points=Decimal(5), planned=2)
    book = replace(gradebook, grades=(replace(alice, tasks=(part, none)),), planned=5)

    _, rows = table(book)

    assert rows == [
        [
            "alice",
            "=Alice",
            [3.5, "3.5*", ""],
            "open",
            [3.5, "3.5*", ""],
            "",
            "incomplete",
            0,
        ]
    ]


@given(st.text(max_size=50))
def test_no_text_of_a_row_is_read_as_markup(text: str) -> None:
    dangerous = f"{text}</script><!--<script>\u2028&amp;"
    grade = Grade(
        id=dangerous,
        tasks=(),
        pass_mark=None,
        taken_in=TakenIn(people=(Person(name=dangerous, section=dangerous),)),
    )
    cohort = cohort_of(Gradebook(exam="x", grades=(grade,), isolated=True, version="1"))

    found = "".join(rendered(table_of(cohort), cohort.standings))

    assert not {*"<>&\u2028\u2029"} & {*found}
    _, (id_, name, section, *_) = json.loads(found)
    assert name == section == printable(dangerous)
    assert id_ == printable(with_visible_ends(dangerous))


def test_hostile_texts_stay_texts(hostile_gradebook: Gradebook) -> None:
    for text in written(hostile_gradebook).values():
        page = Page(text)

        assert all(re.fullmatch("[a-z0-9_.#?=/+-]+", link) for link in page.links)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert text.encode("utf-8")


def test_the_same_grades_give_the_same_pages(
    gradebook: Gradebook, rich: Gradebook
) -> None:
    for book in (gradebook, rich):
        grades = tuple(
            replace(
                grade,
                tasks=tuple(
                    replace(task, seconds=dict(reversed(task.seconds.items())))
                    for task in grade.tasks
                ),
            )
            for grade in book.grades
        )
        runtimes = {
            name: dict(reversed(versions.items()))
            for name, versions in reversed(book.runtimes.items())
        }

        other = replace(book, grades=grades, runtimes=runtimes)

        assert written(other) == written(book)


def test_the_grader_is_told_first_what_went_wrong(gradebook: Gradebook) -> None:
    book = replace(gradebook, isolated=False, planned=20)

    lines = index(book).lines

    assert lines[2:9] == [
        "Errors of the grader",
        "These are not the candidates' fault; their scores stay open until they are "
        "graded again.",
        "the grader could not finish this task; the score stays open"
        "OSError: no space left at 1 place: bob · fashion · loss",
        "Show all in the table",
        "NOT ISOLATED: models ran without the whole sandbox; do not rely on grades of "
        "submissions you do not trust",
        "partial run: 8 of 20 criteria were graded; * marks what is not complete",
        "Points",
    ]


def test_long_lists_are_cut_and_say_so(gradebook: Gradebook) -> None:
    book = replace(gradebook, unmatched=tuple(f"file{at}.h5" for at in range(25)))

    lines = index(book).lines

    at = lines.index("Files that no task asked for (25)")
    assert lines[at + 10 : at + 12] == ["file9.h5", "10 of 25 are listed."]


def test_an_exam_of_nobody_has_a_page() -> None:
    book = Gradebook(exam="Nobody", grades=(), isolated=True, version="1")

    head, rows = table(book)

    assert (keys(head), rows) == (["id", "points", "notes"], [])
    assert "Nobody has a score." in index(book).lines
