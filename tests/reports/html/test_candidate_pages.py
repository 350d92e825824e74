"""The page of a candidate, read back as a browser reads it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult, PublicPart
from pytest_tfgrade.core.fingerprint import Fingerprint
from pytest_tfgrade.core.grade import Grade, Gradebook, TakenIn, TaskGrade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.outline import CriterionOutline, ScaleOutline, TaskOutline
from pytest_tfgrade.core.portrait import (
    Architecture,
    Confusion,
    DrawnLayer,
    ErrorDistribution,
    Forecast,
    Portrait,
    Rows,
)
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports.html import pages
from pytest_tfgrade.reports.html.candidate_pages import CandidatePages
from pytest_tfgrade.reports.interface import PLAIN, Audience, Request

CANARY = "canary"

VOID = {"meta", "link", "br"}

INLINE = {"a", "b", "code", "i", "span", "strong", "summary", "svg"}


class Page(HTMLParser):
    """Reads a page: its lines of text, elements, and whether all of them are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        self.lines = [" ".join(line.split()) for line in self.lines if line.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "svg" and (label := dict(attrs).get("aria-label")):
            self.lines += [f"[{label}]", ""]
        elif tag not in INLINE and "svg" not in self.open:
            self.lines.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag not in INLINE and "svg" not in self.open:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not {"style", "svg"} & {*self.open}:
            self.lines[-1] += data


def written(gradebook: Gradebook, request: Request = PLAIN) -> dict[str, str]:
    files = CandidatePages().render(gradebook, request)
    return {file.name: "".join(file.text) for file in files}


def only_page(gradebook: Gradebook) -> Page:
    (text,) = written(gradebook).values()
    return Page(text)


def result(id_: str, verdict: Verdict, score: str, **more: Any) -> CriterionResult:
    earned, possible = score.split("/")
    more.setdefault("rationale", f"so it is with {id_}")
    return CriterionResult(
        id=id_,
        check="predict.metric",
        verdict=verdict,
        points=None if earned == "open" else Decimal(earned),
        max_points=Decimal(possible),
        **more,
    )


def override(points: str | None, **more: Any) -> Override:
    return Override(
        points=None if points is None else Decimal(points),
        by=f"{CANARY} by",
        at="2026-11-22",
        why=f"{CANARY} why",
        **more,
    )


@pytest.fixture
def digits() -> TaskGrade:
    """Return a task with every verdict that has points."""
    spread = Uncertainty(n=400, standard_error=0.02, interval=(0.751, 0.829))
    return TaskGrade(
        id="digits",
        title="Handwritten digits",
        weight=Decimal("1.5"),
        minimum=Decimal(4),
        max_points=Decimal(10),
        criteria=(
            result("shape", Verdict.PASSED, "1/1", title="Ten classes"),
            result(
                "accuracy",
                Verdict.PARTIAL,
                "2/5",
                rationale="accuracy 0.79 < 0.82",
                hint="Train longer.",
                value=0.79,
                uncertainty=spread,
                borderline=True,
                skills=("s1", "s2"),
                detail=f"{CANARY} traceback",
            ),
            result("both", Verdict.PARTIAL, "1/3"),
            result("first", Verdict.PASSED, "1/1", group="both"),
            result(
                "second",
                Verdict.PASSED,
                "2/2",
                group="both",
                override=override("2", raw=Decimal(0), comment="I looked at it."),
            ),
            result("after", Verdict.SKIPPED, "0/1"),
            result("size", Verdict.FAILED, "-1/0", rationale="9 layers > 5"),
            result("extra", Verdict.PASSED, "0.5/0.5", bonus=True),
        ),
    )


@pytest.fixture
def outlines() -> dict[str, TaskOutline]:
    scale = ScaleOutline(
        kind="bands",
        direction=Direction.HIGHER_IS_BETTER,
        steps=((Decimal(2), Decimal("0.7")), (Decimal(5), Decimal("0.82"))),
    )
    accuracy = CriterionOutline(title=Localized.of("Accuracy"), scale=scale)
    return {
        "digits": TaskOutline(
            title=Localized.of("Digits"), criteria={"accuracy": accuracy}
        )
    }


@pytest.fixture
def book(digits: TaskGrade, outlines: dict[str, TaskOutline]) -> Gradebook:
    """Return the grades of one candidate, isolated, with one task."""
    return Gradebook(
        exam="Winter exam",
        grades=(Grade(id="alice", tasks=(digits,), pass_mark=Decimal("0.6")),),
        isolated=True,
        version="1.2",
        outlines=outlines,
    )


def test_a_page_says_what_came_of_a_submission_and_why(book: Gradebook) -> None:
    page = only_page(book)

    assert page.lines == [
        "alice · Winter exam",
        "Winter exam",
        "Submission alice",
        "Result",
        "5.25 of 15 points",
        "exam not passed",
        "60 % of the points pass the exam.",
        "Handwritten digits",
        "graded 3.5 of 10 points",
        "Its points count 1.5 times.",
        "At least 4 points here are needed to pass the exam. not reached",
        "Ten classes",
        "passed 1 of 1 point",
        "so it is with shape",
        "accuracy",
        "partly passed 2 of 5 points",
        "accuracy 0.79 < 0.82",
        "Hint: Train longer.",
        "[Points over the value of accuracy, and where the value of this model lies]",
        "Value 0.79; other examples would likely give 0.751 to 0.829 (95 % interval, "
        "400 examples). It is so close to other points that other examples could have "
        "given them. 0.7 or more: 2 points. 0.82 or more: 5 points.",
        "skill s1",
        "skill s2",
        "both",
        "partly passed 1 of 3 points",
        "so it is with both",
        "first",
        "passed 1 of 1 point",
        "so it is with first",
        "counts within its group",
        "second",
        "passed 2 of 2 points",
        "so it is with second",
        "Changed by a person; before: 0 of 2 points.",
        "Comment: I looked at it.",
        "counts within its group",
        "after",
        "skipped 0 of 1 point",
        "so it is with after",
        "size",
        "failed -1 points",
        "9 layers > 5",
        "extra",
        "passed 0.5 of 0.5 points",
        "so it is with extra",
        "bonus",
        "pytest-tfgrade 1.2",
    ]


def test_every_verdict_has_a_word_and_a_shape(book: Gradebook) -> None:
    page = only_page(book)

    shapes = [attrs["href"] for tag, attrs in page.elements if tag == "use"]
    marks = {attrs["id"] for tag, attrs in page.elements if tag == "symbol"}
    assert len(shapes) == 10
    assert {f"#{mark}" for mark in marks} == {
        *("#mark-passed", "#mark-partial", "#mark-failed", "#mark-skipped"),
        "#mark-error",
    }
    assert {*shapes} == {f"#{mark}" for mark in marks} - {"#mark-error"}


def test_raw_points_penalty_override_and_final_points_are_kept_apart(
    book: Gradebook, digits: TaskGrade
) -> None:
    late = Penalty(late=timedelta(days=1, hours=3, minutes=5), share=Decimal("0.1"))
    graded = replace(digits, override=override("8", comment="Seen in class."))
    grade = replace(
        book.grades[0],
        tasks=(graded,),
        penalty=late,
        override=override("9", comment="Oral exam."),
    )

    page = only_page(replace(book, grades=(grade,)))

    assert page.lines[3:19] == [
        "Result",
        "9 of 15 points",
        "exam passed",
        "60 % of the points pass the exam.",
        "From the checks",
        "5.25",
        "After changes by a person",
        "12",
        "Late by 1 day 3 hours 5 minutes: 10 % of the points earned",
        "-1.2",
        "Set by a person",
        "9",
        "Final",
        "9",
        "Comment: Oral exam.",
        "Handwritten digits",
    ]
    assert "Changed by a person; before: 3.5 of 10 points." in page.lines
    assert "Comment: Seen in class." in page.lines


@pytest.mark.parametrize(
    ("late", "told"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=20), "1 minute"),
        (timedelta(hours=2, minutes=30), "2 hours 30 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=2, minutes=30), "2 days 30 minutes"),
    ],
)
def test_how_late_it_was_is_said_to_the_minute(
    book: Gradebook, late: timedelta, told: str
) -> None:
    grade = replace(book.grades[0], penalty=Penalty(late=late, share=Decimal("0.05")))

    page = only_page(replace(book, grades=(grade,)))

    assert f"Late by {told}: 5 % of the points earned" in page.lines


def test_a_score_that_the_grader_left_open_is_open_and_no_zero(
    book: Gradebook, digits: TaskGrade
) -> None:
    fault = result(
        "mae",
        Verdict.ERROR,
        "open/5",
        rationale=Code.INFRA.text,
        hint=Code.INFRA.hint,
        code=Code.INFRA,
    )
    task = TaskGrade(id="series", criteria=(fault,), max_points=Decimal(5))
    grade = replace(book.grades[0], tasks=(digits, task))

    page = only_page(replace(book, grades=(grade,)))

    assert page.lines[3:17] == [
        "Result",
        "open of 20 points",
        "Whether the exam is passed is still open.",
        "60 % of the points pass the exam.",
        "The grader could not finish a task. That costs you nothing: "
        "it will be graded again.",
        *("Task", "Points", "Result"),
        *("Handwritten digits", "3.5/10", "graded"),
        *("series", "open/5", "open: the grader failed E_INFRA"),
    ]
    assert page.lines[-7:] == [
        "series",
        "open: the grader failed E_INFRA open of 5 points",
        "mae",
        "open: the grader failed open of 5 points",
        "E_INFRA the grader could not finish this task; the score stays open",
        "Hint: Nothing to do: the grader has to run this task again.",
        "pytest-tfgrade 1.2",
    ]


def test_a_page_says_that_models_ran_without_the_sandbox(book: Gradebook) -> None:
    page = only_page(replace(book, isolated=False))

    assert page.lines[3] == (
        "NOT ISOLATED: models ran without the whole sandbox; do not rely on these "
        "points."
    )


def test_a_page_says_that_not_everything_was_graded(
    book: Gradebook, digits: TaskGrade
) -> None:
    grade = replace(book.grades[0], tasks=(replace(digits, planned=20),))

    page = only_page(replace(book, grades=(grade,)))

    assert page.lines[3] == "Not everything has been graded yet."


def test_a_page_holds_nothing_that_is_not_for_its_candidate(book: Gradebook) -> None:
    hidden = result(
        "secret",
        Verdict.FAILED,
        "0/1",
        title=f"{CANARY} title",
        rationale=f"{CANARY} 0.3 < 0.4",
        hint=f"{CANARY} hint",
        value=0.123456,
        visibility=Visibility.HIDDEN,
        public=PublicPart(value=0.123456, points=Decimal(1), n=5),
    )
    scale = ScaleOutline(
        kind="threshold",
        direction=Direction.HIGHER_IS_BETTER,
        steps=((Decimal(1), Decimal("0.654321")),),
    )
    rule = CriterionOutline(
        title=Localized.of(CANARY), scale=scale, visibility=Visibility.HIDDEN
    )
    final = replace(pictures()[0], rows=Rows.FINAL, labels=(CANARY, CANARY))
    task = TaskGrade(
        id="digits",
        criteria=(hidden,),
        max_points=Decimal(1),
        override=override(None),
        portrait=Portrait(pictures=(final,), fingerprint=Fingerprint()),
    )
    people = TakenIn(people=(Person(name=CANARY, email=CANARY),), set_aside=(CANARY,))
    alice = Grade(id="alice", tasks=(task,), pass_mark=None, taken_in=people)
    bob = replace(alice, id="bob")
    shown = replace(
        book,
        grades=(alice, bob),
        notices=(CANARY,),
        unmatched=(CANARY,),
        outlines={
            "digits": TaskOutline(
                title=Localized.of("Digits"), criteria={"secret": rule}
            )
        },
    )

    pages_ = written(shown)

    assert list(pages_) == ["candidates/alice.html", "candidates/bob.html"]
    for text in pages_.values():
        assert not [word for word in (CANARY, "0.123456", "0.654321") if word in text]
    assert "bob" not in pages_["candidates/alice.html"]
    assert Page(pages_["candidates/alice.html"]).lines[-6:] == [
        "digits",
        "graded 0 of 1 point",
        "secret",
        "failed 0 of 1 point",
        "not shown to candidates",
        "pytest-tfgrade 1.2",
    ]


def test_pictures_and_layers_are_shown_with_their_words(book: Gradebook) -> None:
    task = replace(
        book.grades[0].tasks[0],
        criteria=(),
        portrait=Portrait(pictures=pictures(), architecture=architecture()),
    )
    grade = replace(book.grades[0], tasks=(task,))

    page = only_page(replace(book, grades=(grade,)))

    assert page.lines[page.lines.index("Predictions") :] == [
        "Predictions",
        "What was taken for what digits, output label, public rows",
        "A row for each true class, a column for each predicted one; "
        "outlined is right.",
        *("true class", "cat", "dog"),
        *("cat", "8", "2"),
        *("dog", "0", "0"),
        "Truth and prediction, row by row series, output next, public rows",
        "truth prediction",
        "[series, output next, public rows]",
        "How far predictions are off series, output next, public rows",
        "Across: prediction minus truth. Up: how often.",
        "[series, output next, public rows]",
        "Layers of the model 1,234 parameters",
        "in InputLayer",
        "a Dense 8 units · 1 parameter",
        "b Dense takes in",
        "sum Add takes a, b",
        "2 more layers are not drawn.",
        "pytest-tfgrade 1.2",
    ]
    cells = [attrs.get("class") for tag, attrs in page.elements if tag == "td"]
    assert cells == ["r s8", "s2", None, "r s0"]


def test_hostile_texts_become_neither_elements_nor_attributes(
    hostile_gradebook: Gradebook, hostile: str
) -> None:
    task = replace(
        hostile_gradebook.grades[0].tasks[0],
        portrait=Portrait(
            pictures=tuple(
                replace(picture, dataset=hostile, output=hostile)
                for picture in (
                    replace(pictures()[0], labels=(hostile, hostile)),
                    *pictures()[1:],
                )
            ),
            architecture=Architecture(
                layers=(
                    DrawnLayer(
                        name=hostile, kind=hostile, settings=hostile, parameters=5
                    ),
                    DrawnLayer(name="b", kind=hostile, inputs=(hostile, hostile)),
                )
            ),
        ),
        override=override("1", comment=hostile),
    )
    grade = replace(
        hostile_gradebook.grades[0],
        tasks=(task, task),
        override=override("1", comment=hostile),
    )

    page = only_page(replace(hostile_gradebook, grades=(grade,)))

    assert {tag for tag, _ in page.elements} == {
        *("html", "head", "meta", "title", "link", "style", "body", "header", "main"),
        *("footer", "section", "div", "span", "p", "h1", "h2", "h3", "strong", "code"),
        *("a", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead"),
        *("tbody", "tr", "th", "td", "figure", "figcaption", "details", "summary"),
        *(
            "b",
            "br",
            "i",
            "svg",
            "symbol",
            "use",
            "path",
            "circle",
            "g",
            "rect",
            "text",
        ),
    }
    names = {name for _, attrs in page.elements for name in attrs}
    assert not [name for name in names if name.startswith("on")]
    links = {attrs["href"] for tag, attrs in page.elements if "href" in attrs}
    assert all(link and link.startswith(("#", "data:,")) for link in links)
    text = "\n".join(page.lines)
    assert text.replace("\n", "").isprintable()
    assert '=HYPERLINK("http://evil")<script>a]]>b</script>&amp;\\x1b[2J' in text


def test_a_page_asks_for_nothing_from_outside(book: Gradebook) -> None:
    (text,) = written(book).values()

    page = Page(text)
    policies = [
        attrs["content"]
        for tag, attrs in page.elements
        if tag == "meta" and "http-equiv" in attrs
    ]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert not [word for word in ("http:", "https:", "@import", "url(") if word in text]
    assert not [attrs for _, attrs in page.elements if "src" in attrs]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_says_in_which_language_it_is(book: Gradebook, language: str) -> None:
    (text,) = written(book, Request(language=language)).values()

    assert Page(text).elements[0] == ("html", {"lang": language})


def test_the_same_grades_give_the_same_bytes(book: Gradebook) -> None:
    task = replace(
        book.grades[0].tasks[0],
        portrait=Portrait(pictures=pictures(), architecture=architecture()),
    )
    shown = replace(book, grades=(replace(book.grades[0], tasks=(task,)),))

    first = written(shown)
    pages.environment.cache_clear()

    assert written(shown) == first


def test_pages_are_made_one_after_another(book: Gradebook) -> None:
    taken: list[str] = []

    def grades() -> Iterator[Grade]:
        for name in ("a", "b"):
            yield replace(book.grades[0], id=name)

    files = CandidatePages().render(replace(book, grades=tuple(grades())), PLAIN)
    for file in files:
        taken.append(file.name)
        parts = iter(file.text)
        assert "".join(parts).startswith("<!doctype html>")
        assert next(parts, None) is None

    assert taken == ["candidates/a.html", "candidates/b.html"]


def test_candidates_with_similar_ids_have_pages_of_their_own(book: Gradebook) -> None:
    ids = ("Alice", "alice", "alice ", "../alice", "ålice")
    grades = tuple(replace(book.grades[0], id=id_) for id_ in ids)

    names = list(written(replace(book, grades=grades)))

    assert len({name.casefold() for name in names}) == len(ids)
    assert all(name.count("/") == 1 and name.isascii() for name in names)


def test_a_large_page_stays_below_100_kilobytes(book: Gradebook) -> None:
    classes, rows = 20, 200
    large = (
        replace(
            pictures()[0],
            labels=tuple(f"class number {at}" for at in range(classes)),
            counts=tuple(tuple(range(classes)) for _ in range(classes)),
        ),
        replace(
            pictures()[1],
            truth=tuple(at / 7 for at in range(rows)),
            predicted=tuple(at**0.5 for at in range(rows)),
        ),
    )
    layers = tuple(
        DrawnLayer(
            name=f"convolution_{at}",
            kind="Conv2D",
            settings="32 filters, 3 x 3, relu",
            parameters=9248,
            inputs=(f"convolution_{at - 1}",),
        )
        for at in range(80)
    )
    tasks = tuple(
        replace(
            book.grades[0].tasks[0],
            id=f"task-{at}",
            portrait=Portrait(
                pictures=large[at % 2 : at % 2 + 1],
                architecture=Architecture(layers=layers),
            ),
        )
        for at in range(5)
    )

    (text,) = written(
        replace(book, grades=(replace(book.grades[0], tasks=tasks),))
    ).values()

    assert len(text.encode()) < 100_000


def test_these_pages_are_for_candidates() -> None:
    report = CandidatePages()

    assert (report.file_name, report.audience) == ("candidates", Audience.CANDIDATE)


def pictures() -> tuple[Confusion, Forecast, ErrorDistribution]:
    of: dict[str, Any] = {"dataset": "series", "output": "next", "rows": Rows.PUBLIC}
    return (
        Confusion(
            dataset="digits",
            output="label",
            rows=Rows.PUBLIC,
            labels=("cat", "dog"),
            counts=((8, 2), (0, 0)),
        ),
        Forecast(**of, truth=(1.0, 2.0, 3.0), predicted=(1.5, 2.0, 2.5)),
        ErrorDistribution(**of, edges=(-1.0, 0.0, 1.0), counts=(2, 1)),
    )


def architecture() -> Architecture:
    return Architecture(
        layers=(
            DrawnLayer(name="in", kind="InputLayer", parameters=0),
            DrawnLayer(
                name="a", kind="Dense", settings="8 units", parameters=1, inputs=("in",)
            ),
            DrawnLayer(name="b", kind="Dense", inputs=("in",)),
            DrawnLayer(name="sum", kind="Add", inputs=("a", "b")),
        ),
        left_out=2,
        parameters=1234,
    )
