"""Pages of candidates as a reader sees them: on a phone, on a desk, in the dark."""

from pathlib import Path

import books
import pytest
from conftest import Visit, Write

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.html.candidate_pages import CandidatePages

TAGS = "[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))].sort()"
"""JavaScript for the kinds of elements of a page."""

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>"
    "<a href='http://evil'>]]>--></style></svg>{{ 7*7 }}\x1b[2J\u202egnp."
    "\ud800::set-output name=x::1\n"
)

BOOKS = {
    "everything": books.not_isolated(books.winter_exam()),
    "chinese": books.in_chinese(),
    "hostile": books.hostile(HOSTILE),
    "crowded": books.crowded(),
}


@pytest.fixture(params=BOOKS.values(), ids=BOOKS)
def book(request: pytest.FixtureRequest) -> Gradebook:
    """Return one gradebook after another."""
    found: Gradebook = request.param
    return found


@pytest.mark.parametrize(
    ("width", "dark"), [(360, False), (1440, True)], ids=["phone-light", "desk-dark"]
)
def test_a_page_is_quiet_and_fits_and_can_be_read(
    book: Gradebook, width: int, dark: bool, write: Write, visit: Visit
) -> None:
    for path in write(CandidatePages(), book):
        with visit(path, width=width, dark=dark) as seen:
            overflows = seen.overflows()
            unfit = seen.unfit()

        assert (seen.complaints, seen.requests, overflows, unfit) == ([], [], [], [])


def test_a_page_in_chinese_says_so_and_has_room_for_its_texts(
    write: Write, visit: Visit
) -> None:
    path = write(CandidatePages(), books.in_chinese(), language="zh")[0]

    with visit(path, width=360) as seen:
        language = seen.page.evaluate("document.documentElement.lang")

        assert (language, seen.overflows(), seen.unfit()) == ("zh", [], [])


def test_hostile_texts_become_no_elements(write: Write, visit: Visit) -> None:
    path = write(CandidatePages(), books.winter_exam())[0]
    with visit(path) as seen:
        harmless = seen.page.evaluate(TAGS)
    path = write(CandidatePages(), books.hostile(HOSTILE))[0]

    with visit(path) as seen:
        assert seen.page.evaluate(TAGS) == harmless
        assert seen.page.locator("h1").inner_text().startswith("<img src=x onerror=")


def test_what_is_wrong_with_a_page_is_noticed(tmp_path: Path, visit: Visit) -> None:
    path = tmp_path / "bad.html"
    path.write_text(
        f"<title>Bad</title><p style='white-space: nowrap; color: #eee'>{'W' * 300}</p>"
        "<img src='http://example.org/x.png'><script>alert(1); nothing()</script>",
        encoding="utf-8",
    )

    with visit(path, width=360) as seen:
        rules = {line.partition(":")[0] for line in seen.unfit()}

        assert len(seen.overflows()) == 2
        assert {"color-contrast", "html-has-lang", "image-alt"} <= rules
        assert seen.requests == ["http://example.org/x.png"]
        assert "dialog: 1" in seen.complaints
        assert "nothing is not defined" in seen.complaints


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
        seen.page.wait_for_function(
            "box => box.scrollLeft > 0", arg=box.element_handle()
        )

        assert seen.page.evaluate("document.documentElement.scrollLeft") == 0
