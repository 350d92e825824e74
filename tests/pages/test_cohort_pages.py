"""Pages of graders as they use them: read, sorted, filtered, leafed through."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import books
import pytest
from conftest import Seen, Visit, Write

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.html.cohort_pages import CohortPages

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>\u2028"
    "<!--<script><a href='http://evil'>]]>--></style></svg>{{ 7*7 }}\x1b[2J\u202e"
    "\ud800::set-output name=x::1\n"
)

BOOKS = {
    "everything": books.not_isolated(books.winter_exam()),
    "hostile": books.hostile(HOSTILE),
    "crowded": books.crowded(),
}

MANY = 250


def cohort() -> Gradebook:
    """Return 250 submissions of one task: points 0 to 5 again and again."""
    return Gradebook(
        exam="Many",
        grades=tuple(_grade(number) for number in range(MANY)),
        isolated=True,
        version="1",
    )


def _grade(number: int) -> Grade:
    points = number % 6
    code = None if points else Code.MISSING
    verdict = Verdict.PASSED if points == 5 else Verdict.FAILED
    result = books.criterion("all", verdict, f"{points}/5", "so it is", code=code)
    task = TaskGrade(id="digits", criteria=(result,), max_points=Decimal(5))
    person = Person(name=f"Ann {number}", section="even" if number % 2 == 0 else "odd")
    return Grade(
        id=f"s{number}",
        tasks=(task,),
        pass_mark=Decimal("0.5"),
        taken_in=TakenIn(people=(person,), late=number == 7),
    )


@pytest.fixture
def index(write: Write) -> Path:
    """Return the page of 250 submissions."""
    return write(CohortPages(), cohort())[0]


def rows(seen: Seen, column: int = 0) -> list[str]:
    """Return a column of the table as it is shown."""
    found: list[str] = seen.page.evaluate(
        "at => [...document.querySelectorAll('#all tbody tr')]"
        ".map(row => row.children[at].textContent)",
        column,
    )
    return found


def shown(seen: Seen) -> str:
    text: str = seen.page.locator("#shown").inner_text()
    return text


def press(seen: Seen, name: str, key: str) -> None:
    seen.page.get_by_role("button", name=name).focus()
    seen.page.keyboard.press(key)


@pytest.mark.parametrize(
    ("width", "dark"), [(360, False), (1440, True)], ids=["phone-light", "desk-dark"]
)
@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_a_page_is_quiet_and_fits_and_can_be_read(
    book: Gradebook, width: int, dark: bool, write: Write, visit: Visit
) -> None:
    for path in write(CohortPages(), book):
        with visit(path, width=width, dark=dark) as seen:
            overflows = seen.overflows()
            unfit = seen.unfit()

        assert (seen.complaints, seen.requests, overflows, unfit) == ([], [], [], [])


def test_hostile_texts_become_no_elements(write: Write, visit: Visit) -> None:
    tags = (
        "[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))].sort()"
    )
    found = []
    for book in (books.winter_exam(), books.hostile(HOSTILE)):
        of_book = []
        for path in write(CohortPages(), book):
            with visit(path) as seen:
                of_book.append(seen.page.evaluate(tags))
            assert (seen.complaints, seen.requests) == ([], [])
        found.append(of_book)

    harmless, hostile = found
    assert hostile == harmless


def test_hostile_ids_are_shown_and_lead_to_their_pages(
    write: Write, visit: Visit
) -> None:
    path = write(CohortPages(), books.hostile(HOSTILE))[0]

    with visit(path) as seen:
        first = rows(seen)[0]
        seen.page.locator("#all tbody a").first.click()

        assert first.startswith("<img src=x onerror=alert(1)><script>alert(2)")
        assert seen.page.locator("h1").inner_text() == first


def test_no_other_script_than_ours_runs(index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        seen.page.evaluate(
            "() => { const more = document.createElement('script');"
            " more.textContent = 'window.evil = 1'; document.body.append(more); }"
        )

        assert seen.page.evaluate("window.evil") is None
        assert [text for text in seen.complaints if "Content Security" in text]


def test_a_click_sorts_and_another_sorts_the_other_way(
    index: Path, visit: Visit
) -> None:
    with visit(index) as seen:
        header = seen.page.get_by_role("columnheader", name="Points /5")
        before = rows(seen)
        header.get_by_role("button").click()
        up = header.get_attribute("aria-sort"), rows(seen)[:2], rows(seen, 3)[:43]
        header.get_by_role("button").click()
        down = header.get_attribute("aria-sort"), rows(seen)[:2], rows(seen, 3)[:43]

    assert before[:3] == ["s0", "s1", "s2"]
    assert up == ("ascending", ["s0", "s6"], ["0"] * 42 + ["1"])
    assert down == ("descending", ["s5", "s11"], ["5"] * 41 + ["4"] * 2)


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_sorts(key: str, index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        press(seen, "Submission", key)
        press(seen, "Submission", key)

        assert rows(seen)[:3] == ["s249", "s248", "s247"]


def test_one_column_at_a_time_says_that_it_is_sorted(index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        press(seen, "Submission", "Enter")
        press(seen, "Points /5", "Enter")

        assert seen.page.locator("[aria-sort]").all_inner_texts() == ["Points /5"]


def test_what_could_not_be_graded_is_sorted_by_its_points(
    write: Write, visit: Visit
) -> None:
    book = books.winter_exam()

    with visit(write(CohortPages(), book)[0]) as seen:
        place = seen.page.locator("#all thead th").all_inner_texts()
        press(seen, "sunspots /5", "Enter")
        press(seen, "sunspots /5", "Enter")
        column = rows(seen, [text.split()[0] for text in place].index("sunspots"))

    assert column == ["open", "4.25"]


def test_typing_in_the_search_box_filters(index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        seen.page.get_by_role("searchbox", name="Search").focus()
        seen.page.keyboard.type("ann 24 ODD")

        assert rows(seen) == ["s241", "s243", "s245", "s247", "s249"]
        assert shown(seen) == "Submissions shown: 1 to 5 of 5 (250 in all)"


@pytest.mark.parametrize(
    ("chosen", "expected", "count"),
    [
        ({"Result": "all points"}, ["s5", "s11"], 41),
        ({"Result": "graded, points lost"}, ["s1", "s2"], 167),
        ({"Result": "could not be graded"}, ["s0", "s6"], 42),
        ({"Result": "E_MISSING", "Task": "digits"}, ["s0", "s6"], 42),
        ({"Result": "E_MISSING", "Section": "odd"}, [], 0),
        ({"Passed": "yes"}, ["s3", "s4"], 124),
        ({"Passed": "no", "Section": "odd"}, ["s1", "s7"], 42),
        ({"Noted": "late"}, ["s7"], 1),
        ({"Result": "open"}, [], 0),
    ],
)
def test_choices_filter_together(
    chosen: dict[str, str], expected: list[str], count: int, index: Path, visit: Visit
) -> None:
    with visit(index) as seen:
        for name, label in chosen.items():
            seen.page.get_by_role("combobox", name=name, exact=True).select_option(
                label=label
            )
        found = rows(seen)[:2], shown(seen)
        press(seen, "Show all", "Enter")
        seen.page.wait_for_function("document.querySelector('#all tbody').rows[99]")
        again = shown(seen)

    last = min(count, 100)
    which = f"1 to {last} of {count}" if count else "none"
    assert found == (expected, f"Submissions shown: {which} (250 in all)")
    assert again == "Submissions shown: 1 to 100 of 250"


def test_a_choice_by_keyboard_filters(index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        seen.page.get_by_role("combobox", name="Passed", exact=True).focus()
        seen.page.keyboard.press("y")

        assert set(rows(seen, 4)) == {"yes"}


def test_leafing_shows_a_hundred_rows_at_a_time(index: Path, visit: Visit) -> None:
    told = []
    with visit(index) as seen:
        for name in ("Previous", "Next", "Last", "Next", "Previous", "First"):
            press(seen, name, "Enter")
            told.append((name, shown(seen).removeprefix("Submissions shown: ")))
        off = seen.page.locator("#steps [aria-disabled=true]").all_inner_texts()

    assert told == [
        ("Previous", "1 to 100 of 250"),
        ("Next", "101 to 200 of 250"),
        ("Last", "201 to 250 of 250"),
        ("Next", "201 to 250 of 250"),
        ("Previous", "101 to 200 of 250"),
        ("First", "1 to 100 of 250"),
    ]
    assert off == ["First", "Previous"]


def test_lists_lead_to_the_table_with_their_filter(index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        seen.page.get_by_role("link", name="all 42").click()
        seen.page.wait_for_function(
            "document.querySelector('#all tbody').rows.length < 100"
        )

        assert shown(seen) == "Submissions shown: 1 to 42 of 42 (250 in all)"
        assert seen.page.evaluate("document.activeElement.id") == "submissions"


def test_a_page_leads_to_its_neighbours_and_back(index: Path, visit: Visit) -> None:
    with visit(index) as seen:
        seen.page.get_by_role("link", name="s1", exact=True).click()
        seen.page.get_by_role("link", name="Next: s2").click()
        there = seen.page.locator("h1").inner_text()
        seen.page.get_by_role("link", name="All submissions").click()

        assert (there, seen.page.locator("h1").inner_text()) == ("s2", "Many")


def test_without_scripts_the_page_says_what_to_open(index: Path, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(index.as_uri())

    told = page.locator("noscript").inner_text()
    visible = page.locator("#table").is_visible()

    context.close()
    assert told == (
        "This table needs a script. Without one, open totals.csv or grades.csv beside "
        "this folder, if they were asked for, or the pages in the folder submissions."
    )
    assert not visible


def test_open_scores_come_behind_all_others(write: Write, visit: Visit) -> None:
    book = cohort()
    grade = book.grades[0]
    (result,) = grade.tasks[0].criteria
    failed = replace(result, points=None, verdict=Verdict.ERROR, code=Code.INFRA)
    first = replace(grade, tasks=(replace(grade.tasks[0], criteria=(failed,)),))
    few = replace(book, grades=(first, *book.grades[1:5]))

    with visit(write(CohortPages(), few)[0]) as seen:
        press(seen, "Points /5", "Enter")
        up = rows(seen, 3)
        press(seen, "Points /5", "Enter")
        down = rows(seen, 3)

    assert (up, down) == (["1", "2", "3", "4", "open"], ["open", "4", "3", "2", "1"])
