"""Moodle's two files, read back by the rules of its own importers."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.visibility import Visibility
from pytest_tfgrade.reports.feedback import as_html
from pytest_tfgrade.reports.interface import PLAIN, Audience, PlatformFile, Request
from pytest_tfgrade.reports.moodle import MoodleReport

GradeOf = Callable[..., Grade]
GradebookOf = Callable[..., Gradebook]
FilesOf = Callable[..., dict[str, str]]

WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
    '"Participant 11","Ada King Lovelace",ada@x.org,"Submitted for grading",'
    '"","10.00",Yes,"Monday, 3 May 2026, 10:00 AM",-,\n'
    '"Participant 12","Bob Berg",bob@x.org,"Submitted for grading",'
    '"3.00","10.00",Yes,"Monday, 3 May 2026, 10:01 AM",'
    '"Tuesday, 4 May 2026, 9:00 AM","as before"\n'
    '"Participant 13","Zoe Zorn",zoe@x.org,"No submission","","10.00",Yes,-,-,\n'
)

GERMAN = (
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,"
    "Bewertung kann geändert werden,Zuletzt geändert (Abgabe),"
    "Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
    'Teilnehmer/in11,Ada King Lovelace,ada@x.org,Abgegeben,,"10,00",Ja,-,-,\n'
    'Teilnehmer/in12,Bob Berg,bob@x.org,Abgegeben,,"10,00",Ja,-,-,\n'
)

ADA = Person(number="11", name="Ada King Lovelace")
BOB = Person(email="bob@x.org", id="s2")


def asked(text: str = WORKSHEET, column: str | None = None) -> Request:
    return Request(fill=PlatformFile(name="sheet.csv", text=text), column=column)


def read_worksheet(
    text: str, *, word: str = "Participant ", grade: str = "Grade", places: str = "."
) -> dict[str, tuple[Decimal | None, str]]:
    """Return grade and feedback by participant, as the importer takes them.

    Written from ``mod/assign/feedback/offline/importgradeslib.php``: columns are found
    by what their headers are called in the language of the site, identifier, grade and
    last change of the grade are needed, the number follows a word; a blank is no grade.
    """
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    last = [title for title in header if "(" in title][-1]
    needed = [header.index(title) for title in (header[0], grade, last)]
    assert len({*needed}) == 3
    taken = {}
    for row in rows:
        assert len(row) == len(header)  # or the import stops
        assert row[0].startswith(word)
        number = row[needed[1]].replace(" ", "").replace(places, ".")
        taken[row[0][len(word) :]] = (Decimal(number) if number else None, row[-1])
    return taken


def read_import(text: str, known: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return grade and feedback by user, as the import of the gradebook takes them.

    Written from ``grade/import/csv/classes/load_data.php``: a row without a person goes
    to the one before, an unknown one stops the import, and PHP takes a backslash for a
    sign that spares the quote after it.
    """
    assert "\\" not in text
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert all(row[0] in known for row in rows)
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", row[1]) for row in rows)
    return {known[row[0]]: (row[1], row[2]) for row in rows}


class Shown(HTMLParser):
    """What a browser makes of feedback."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.lines: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.lines.append(data)


def test_grade_and_feedback_reach_the_participants_they_are_of(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(
        grade_of("a", "7.5", ADA), grade_of("b", "4", BOB), grade_of("c", "9")
    )

    files = files_of(MoodleReport(), book, asked())

    read = read_worksheet(files["moodle/import.csv"])
    assert {who: grade for who, (grade, _) in read.items()} == {
        "11": Decimal("7.5"),
        "12": Decimal(4),
        "13": None,
    }
    assert Shown(read["11"][1]).lines == [
        "Total: 7.5 of 10 points",
        "digits (7.5/10)",
        "accuracy (7.5/10)",
        "accuracy 0.79 < 0.82",
        "Train for longer.",
    ]
    assert read["13"] == (None, "")
    assert files["moodle/unmatched.csv"] == (
        "what,line,submission,name,points,why\n"
        "submission,,c,,9,nobody of the file fits\n"
        "row,4,,Zoe Zorn,,no submission is of this participant\n"
    )


def test_all_but_grade_and_feedback_keeps_its_bytes(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(grade_of("a", "7.5", ADA))

    files = files_of(MoodleReport(), book, asked())

    before, after = WORKSHEET.splitlines(), files["moodle/import.csv"].splitlines()
    assert after[0] == before[0]
    assert after[2:] == before[2:]
    grade_and_more = before[1].replace('"","10.00"', '"7.5","10.00"')
    assert after[1].startswith(grade_and_more)


def test_headers_and_numbers_may_be_in_another_language(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(grade_of("a", "7.5", ADA), grade_of("b", "4", BOB))

    files = files_of(MoodleReport(), book, asked(GERMAN))

    read = read_worksheet(
        files["moodle/import.csv"],
        word="Teilnehmer/in",
        grade="Bewertung",
        places=",",
    )
    assert [grade for grade, _ in read.values()] == [Decimal("7.5"), Decimal(4)]
    assert all(Shown(feedback).lines for _, feedback in read.values())
    assert '"7,5"' in files["moodle/import.csv"]


def test_without_feedback_comments_points_are_filled_in_and_the_lack_is_told(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    lines = [line.rpartition(",")[0] for line in WORKSHEET.splitlines()]
    book = gradebook_of(grade_of("a", "7.5", ADA))

    files = files_of(MoodleReport(), book, asked("\n".join(lines)))

    lines[1] = lines[1].replace('"","10.00"', '"7.5","10.00"')
    assert files["moodle/import.csv"] == "\n".join(lines)
    assert files["moodle/unmatched.csv"].splitlines()[1] == (
        "column,,,,,no column for feedback: turn on feedback comments in the assignment"
    )


def test_what_is_open_or_graded_in_part_or_locked_stays_as_moodle_has_it(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    zoe = Person(email="zoe@x.org")
    text = WORKSHEET.replace('"No submission","","10.00",Yes', 'x,"","10.00",No')
    book = gradebook_of(
        grade_of("a", None, ADA),
        grade_of("b", "4", BOB, whole=False),
        grade_of("c", "5", zoe),
    )

    files = files_of(MoodleReport(), book, asked(text))

    assert files["moodle/import.csv"] == text
    assert files["moodle/unmatched.csv"].splitlines()[1:] == [
        "row,2,a,Ada King Lovelace,,the score is open; grade it again",
        "row,3,b,Bob Berg,4,only a part of it was graded",
        "row,4,c,Zoe Zorn,5,Moodle says that the grade cannot be changed",
    ]


def test_more_than_the_maximum_is_told_and_nothing_is_scaled(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    text = WORKSHEET.replace("10.00", "5.00")
    book = gradebook_of(grade_of("a", "7.5", ADA))

    files = files_of(MoodleReport(), book, asked(text))

    assert read_worksheet(files["moodle/import.csv"])["11"][0] == Decimal("7.5")
    assert files["moodle/unmatched.csv"].splitlines()[1:3] == [
        'column,,,,,"5 points are possible on Moodle, 10 in the exam; not scaled"',
        'row,2,a,Ada King Lovelace,7.5,"filled in, but more than the maximum grade: '
        'Moodle passes over it"',
    ]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        pytest.param(
            "Student,ID\nAda,1\n",
            None,
            "sheet.csv:1: is no grading worksheet of Moodle: no column has "
            "participants' numbers; download the grading worksheet of the assignment, "
            "and name the file",
            id="of-another-platform",
        ),
        pytest.param(
            "ID,Name,Note\nParticipant 1,Ada,\n",
            None,
            "sheet.csv:1: which column takes the points is not clear; name one as it "
            "stands there; there are 'ID', 'Name', 'Note'",
            id="which-column-is-not-clear",
        ),
        pytest.param(
            WORKSHEET,
            "Points",
            "sheet.csv:1: there are 0 columns 'Points'; name one as it stands there; "
            "there are 'Identifier', 'Full name', 'Email address', 'Status', 'Grade', "
            "'Maximum Grade', 'Grade can be changed', 'Last modified (submission)', "
            "'Last modified (grade)', 'Feedback comments'",
            id="no-such-column",
        ),
        pytest.param(
            "Identifier,Grade,Scale\nParticipant 1,,good\n",
            None,
            "sheet.csv:1: the assignment is graded by a scale, not by points; change "
            "its grade to points in Moodle",
            id="a-scale",
        ),
    ],
)
def test_what_is_no_worksheet_is_refused_before_anything_is_written(
    grade_of: GradeOf,
    gradebook_of: GradebookOf,
    text: str,
    column: str | None,
    message: str,
) -> None:
    book = gradebook_of(grade_of("a", "7.5", ADA))

    with pytest.raises(UsageError) as raised:
        MoodleReport().render(book, asked(text, column))

    assert str(raised.value) == message


def test_a_column_may_be_asked_for(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    text = "ID,Name,Note\nParticipant 1,Ada,\n"
    book = gradebook_of(grade_of("a", "7.5", Person(number="1")))

    files = files_of(MoodleReport(), book, asked(text, "Note"))

    assert files["moodle/import.csv"] == "ID,Name,Note\nParticipant 1,Ada,7.5\n"


def test_without_a_worksheet_the_file_is_for_the_import_of_the_gradebook(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    ada = Person(email="Ada@X.org")
    book = gradebook_of(
        grade_of("a", "7.5", ada),
        grade_of("b", "4", BOB),
        grade_of("team", "3", Person(email="c@x.org"), Person(email="d@x.org")),
    )

    files = files_of(MoodleReport(), book, PLAIN)

    users = {"Ada@X.org": "ada", "bob@x.org": "bob", "c@x.org": "c", "d@x.org": "d"}
    read = read_import(files["moodle/import.csv"], users)
    assert {user: points for user, (points, _) in read.items()} == {
        "ada": "7.5",
        "bob": "4",
        "c": "3",
        "d": "3",
    }
    assert files["moodle/import.csv"].startswith(
        "Email address,Exam,Feedback comments\n"
    )


def test_rows_that_would_harm_others_are_not_written(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(
        grade_of("a", "7.5", Person(email="ada@x.org")),
        grade_of("blank", "4", Person(name="Bob")),
        grade_of("formula", "4", Person(email="=1+1@x.org")),
        grade_of("open", None, Person(email="open@x.org")),
        grade_of("one", "4", Person(email="same@x.org")),
        grade_of("two", "5", Person(email="Same@x.org")),
    )

    files = files_of(MoodleReport(), book, PLAIN)

    assert read_import(files["moodle/import.csv"], {"ada@x.org": "ada"}).keys() == {
        "ada"
    }
    assert files["moodle/unmatched.csv"].splitlines()[1:] == [
        "submission,,blank,Bob,4,Email address is not known",
        "submission,,formula,,4,Email address cannot be written to a file that "
        "spreadsheets may open",
        "submission,,open,,,the score is open; grade it again",
        "submission,,one,,4,another submission has the same Email address",
        "submission,,two,,5,another submission has the same Email address",
    ]


def test_id_numbers_are_taken_where_more_of_them_are_known(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(grade_of("a", "7.5", Person(id="s1")), grade_of("b", "4", BOB))

    files = files_of(MoodleReport(), book, PLAIN)

    assert read_import(files["moodle/import.csv"], {"s1": "a", "s2": "b"}).keys() == {
        "a",
        "b",
    }


def test_where_nobody_is_known_it_says_what_to_give(
    grade_of: GradeOf, gradebook_of: GradebookOf
) -> None:
    book = gradebook_of(grade_of("a", "7.5"))

    with pytest.raises(UsageError) as raised:
        MoodleReport().render(book, PLAIN)

    assert str(raised.value) == (
        "moodle: nobody's e-mail address or ID number is known; name a grading "
        "worksheet by --tfgrade-fill (tfgrade report: --fill), or grade with "
        "--tfgrade-roster"
    )


def test_feedback_holds_what_candidates_may_see_and_what_people_said(
    grade_of: GradeOf,
    gradebook_of: GradebookOf,
    files_of: FilesOf,
    criterion_of: Callable[..., CriterionResult],
) -> None:
    said = Override(comment="Well tried.", by="Prof", at="2026-05-05", why="a secret")
    grade = grade_of("a", "8", Person(email="ada@x.org"))
    hidden = criterion_of(
        "extra",
        points=Decimal(0),
        rationale="a secret",
        visibility=Visibility.HIDDEN,
        verdict=grade.tasks[0].criteria[0].verdict,
    )
    passed = criterion_of("shape")
    criteria = (*grade.tasks[0].criteria, hidden, passed)
    late = Penalty(late=timedelta(days=1), share=Decimal("0.1"))
    changed = replace(
        grade,
        tasks=(replace(grade.tasks[0], criteria=criteria),),
        override=said,
        penalty=late,
    )

    files = files_of(MoodleReport(), gradebook_of(changed), PLAIN)

    ((_, feedback),) = read_import(
        files["moodle/import.csv"], {"ada@x.org": "ada"}
    ).values()
    assert Shown(feedback).lines == [
        "Total: 9 of 10 points",
        "Lost for lateness: 1 points",
        "Well tried.",
        "digits (10/10)",
        "accuracy (8/10)",
        "accuracy 0.79 < 0.82",
        "Train for longer.",
        "extra (0/2)",
        "not shown to candidates",
    ]


def test_hostile_grades_come_out_harmless(
    hostile_gradebook: Gradebook, files_of: FilesOf, grade_of: GradeOf
) -> None:
    grade = hostile_gradebook.grades[0]
    criteria = tuple(replace(c, points=Decimal(1)) for c in grade.tasks[0].criteria)
    closed = replace(
        grade,
        tasks=(replace(grade.tasks[0], criteria=criteria),),
        taken_in=replace(grade.taken_in, people=(ADA, Person(email="a@x.org"))),
    )
    book = replace(hostile_gradebook, grades=(closed,))

    sheet = files_of(MoodleReport(), book, asked())
    plain = files_of(MoodleReport(), book, PLAIN)

    told = read_worksheet(sheet["moodle/import.csv"])["11"][1]
    assert Shown(told).tags == {"p", "b", "ul", "li", "br"}
    assert Shown(told).attributes == []
    assert told.isprintable()
    header = next(csv.reader(io.StringIO(plain["moodle/import.csv"], newline="")))
    assert header[1].startswith("'=HYPERLINK")
    for files in (sheet, plain):
        for text in files.values():
            rows = [*csv.reader(io.StringIO(text, newline=""))]
            assert not [
                cell
                for row in rows
                for cell in row
                if cell.startswith(tuple("=+-@")) and cell != "-"
            ]


@given(st.text(st.sampled_from("a1 =+-@;:/<>&\"'\\$[]()wx.\n=\uff0bé"), max_size=30))
def test_any_text_is_shown_and_begins_nothing(text: str) -> None:
    html = as_html(text)

    assert "".join(Shown(html).lines) == printable(text)
    assert not Shown(html).tags
    assert not re.search(r"(^|;)\s*[=+\-@\uff0b]|[\"'\\<>$\[\]]|://|www\.", html)


def test_it_is_for_graders() -> None:
    report = MoodleReport()

    assert (report.file_name, report.audience) == ("moodle", Audience.GRADER)
