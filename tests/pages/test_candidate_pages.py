"""Pages of candidates as a reader sees them: on a phone, on a desk, in the dark."""

import books
import pytest
from conftest import Visit, Write

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.html.candidate_pages import CandidatePages

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>"
    "<a href='http://evil'>]]>--></style></svg>{{ 7*7 }}\x1b[2J\u202egnp."
    "\ud800::set-output name=x::1\n"
)

BOOKS = {
    "everything": books.winter_exam(),
    "not-isolated": books.not_isolated(books.winter_exam()),
    "chinese": books.in_chinese(),
    "hostile": books.hostile(HOSTILE),
    "crowded": books.crowded(),
}


@pytest.fixture(params=BOOKS.values(), ids=BOOKS)
def book(request: pytest.FixtureRequest) -> Gradebook:
    """Return one gradebook after another."""
    found: Gradebook = request.param
    return found


@pytest.mark.parametrize("width", [360, 1440])
def test_a_page_asks_for_nothing_complains_of_nothing_and_has_room_for_its_texts(
    book: Gradebook, width: int, write: Write, visit: Visit
) -> None:
    for path in write(CandidatePages(), book):
        with visit(path, width=width) as seen:
            overflows = seen.overflows()

        assert (seen.complaints, seen.requests, overflows) == ([], [], [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_on_a_page_is_in_the_way_of_a_reader(
    book: Gradebook, dark: bool, write: Write, visit: Visit
) -> None:
    for path in write(CandidatePages(), book):
        with visit(path, dark=dark) as seen:
            assert seen.unfit() == []


def test_a_page_in_chinese_says_so_and_has_room_for_its_texts(
    write: Write, visit: Visit
) -> None:
    path = write(CandidatePages(), books.in_chinese(), language="zh")[0]

    with visit(path, width=360) as seen:
        language = seen.page.evaluate("document.documentElement.lang")

        assert (language, seen.overflows(), seen.unfit()) == ("zh", [], [])


def test_hostile_texts_become_no_elements(write: Write, visit: Visit) -> None:
    tags = "[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))].sort()"
    path = write(CandidatePages(), books.winter_exam())[0]
    with visit(path) as seen:
        harmless = seen.page.evaluate(tags)
    path = write(CandidatePages(), books.hostile(HOSTILE))[0]

    with visit(path) as seen:
        assert seen.page.evaluate(tags) == harmless
        assert seen.page.locator("h1").inner_text().startswith("<img src=x onerror=")


def test_a_page_is_printed_in_dark_ink_on_white_paper(
    write: Write, visit: Visit
) -> None:
    path = write(CandidatePages(), books.winter_exam())[0]
    colours = (
        "['color', 'backgroundColor'].map("
        "name => getComputedStyle(document.documentElement)[name])"
    )

    with visit(path, dark=True) as seen:
        seen.page.emulate_media(media="print")

        assert seen.page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert seen.page.pdf()[:4] == b"%PDF"


def test_a_table_that_is_too_wide_is_scrolled_by_the_keyboard(
    write: Write, visit: Visit
) -> None:
    path = write(CandidatePages(), books.winter_exam())[0]

    with visit(path, width=360) as seen:
        box = seen.page.get_by_role("group", name="Confusion matrix 1.1")
        box.focus()
        for _ in range(5):
            seen.page.keyboard.press("ArrowRight")
        seen.page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())

        assert seen.page.evaluate("document.documentElement.scrollLeft") == 0
