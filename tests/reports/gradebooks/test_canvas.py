"""Canvas' gradebook, read back by the rules of its own importer."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.reports.canvas import CanvasReport
from pytest_tfgrade.reports.interface import Audience, PlatformFile, Request

GradeOf = Callable[..., Grade]
GradebookOf = Callable[..., Gradebook]
FilesOf = Callable[..., dict[str, str]]

EXPORT = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Homework (11),Exam (12),Final Score\r
,,,,,,,Manual Posting,\r
    Points Possible,,,,,,5.00,10.00,(read only)\r
"Lovelace, Ada",101,s1,ada@x.org,"A, B","say ""hi"", do",4.00,,80.1\r
"Berg, Bob",102,s2,bob,A,,,3.25,\r
"Zorn, Zoe",103,s3,zoe,A,,,,\r
"Student, Test",104,,d41d8c,A,,,,\r
"""

ADA = Person(number="101", name="lovelaceada")
BOB = Person(id="s2")


def asked(text: str = EXPORT, column: str | None = None) -> Request:
    return Request(fill=PlatformFile(name="export.csv", text=text), column=column)


def read_by_canvas(text: str) -> dict[str, dict[str, Decimal | None]]:
    """Return the scores of each assignment by student, as the importer takes them.

    Written from ``lib/gradebook_importer.rb``: the delimiter is told by the first three
    lines; numbers may have a decimal comma; a blank or a dash is no score.
    """
    lines = text.removeprefix("\ufeff").splitlines()[:3]
    widths = {
        sign: {len(row) for row in csv.reader(lines, delimiter=sign)} for sign in ",;"
    }
    fitting = [sign for sign in ",;" if len(widths[sign]) == 1]
    delimiter = max(fitting, key=lambda sign: max(widths[sign]))
    header, *rows = csv.reader(
        io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter
    )
    named_apart = header[:2] == ["LastName", "FirstName"]
    assert len(header) > 3
    assert named_apart or ("Student" in header[0] and "ID" in header[1])
    section = header.index("Section")
    computed = re.compile("(Current|Final) (Score|Points|Grade)")
    assignments = {
        place: title
        for place, title in enumerate(header)
        if place > section and re.search(r"\(\d+\)$", title)
        if not computed.search(title)
    }
    scores = {}
    for row in rows:
        is_of_all = all(
            re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", c) for c in row
        )
        if is_of_all or "Points Possible" in row[0]:
            continue
        student = row[2 if named_apart else 1]
        scores[student] = {
            title: _score(row[place]) for place, title in assignments.items()
        }
    return scores


def _score(cell: str) -> Decimal | None:
    text = cell.strip()
    if text in {"", "-"}:
        return None
    if not re.fullmatch(r"-?[0-9.,]+%?", text):
        return Decimal("NaN")  # no number: EX, N/A
    *whole, last = re.split("[,.]", text)
    return Decimal(f"{''.join(whole)}.{last}" if whole else last)


def test_points_reach_the_students_they_are_of_and_nothing_else_changes(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(
        grade_of("a", "7.5", ADA), grade_of("b", "2", BOB), grade_of("c", "9")
    )

    files = files_of(CanvasReport(), book, asked())

    assert read_by_canvas(files["canvas/import.csv"]) == {
        "101": {"Homework (11)": Decimal(4), "Exam (12)": Decimal("7.5")},
        "102": {"Homework (11)": None, "Exam (12)": Decimal(2)},
        "103": {"Homework (11)": None, "Exam (12)": None},
        "104": {"Homework (11)": None, "Exam (12)": None},
    }
    assert files["canvas/import.csv"] == EXPORT.replace(
        "4.00,,80.1", "4.00,7.5,80.1"
    ).replace(",,3.25,", ",,2,")
    assert files["canvas/unmatched.csv"] == (
        "what,line,submission,name,points,why\n"
        "submission,,c,,9,nobody of the file fits\n"
        'row,6,,"Zorn, Zoe",,no submission is of this student\n'
    )


def test_what_is_open_or_graded_in_part_stays_as_canvas_has_it(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(grade_of("a", None, ADA), grade_of("b", "2", BOB, whole=False))

    files = files_of(CanvasReport(), book, asked())

    assert files["canvas/import.csv"] == EXPORT
    assert files["canvas/unmatched.csv"].splitlines()[1:] == [
        'row,4,a,"Lovelace, Ada",,the score is open; grade it again',
        'row,5,b,"Berg, Bob",2,only a part of it was graded',
        'row,6,,"Zorn, Zoe",,no submission is of this student',
    ]


def test_who_is_excused_or_not_assigned_stays_so(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    text = EXPORT.replace("4.00,,80.1", "4.00,EX,80.1").replace("3.25", "N/A")
    book = gradebook_of(grade_of("a", "1", ADA), grade_of("b", "2", BOB))

    files = files_of(CanvasReport(), book, asked(text))

    assert files["canvas/import.csv"] == text
    assert [line.split(",")[-1] for line in _left(files)[:2]] == [
        "is excused on Canvas; empty the cell to have it filled",
        "is not assigned to this student on Canvas",
    ]


def test_an_export_with_semicolons_decimal_commas_and_a_mark_stays_one(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    text = (
        "\ufeffLastName;FirstName;ID;SIS Login ID;Section;Exam (12)\n"
        "    Points Possible;;;;;10,00\n"
        "Lovelace;Ada;101;ada@x.org;A;\n"
    )
    book = gradebook_of(grade_of("a", "7.25", Person(name="Ada Lovelace")))

    files = files_of(CanvasReport(), book, asked(text))

    assert files["canvas/import.csv"] == text.replace(";A;\n", ";A;7,25\n")
    assert read_by_canvas(files["canvas/import.csv"]) == {
        "101": {"Exam (12)": Decimal("7.25")}
    }
    assert _left(files) == []


def test_other_points_possible_are_told_and_nothing_is_scaled(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    text = EXPORT.replace("5.00,10.00", "5.00,100.00")
    book = gradebook_of(grade_of("a", "7.5", ADA))

    files = files_of(CanvasReport(), book, asked(text))

    assert read_by_canvas(files["canvas/import.csv"])["101"]["Exam (12)"] == Decimal(
        "7.5"
    )
    assert _left(files)[0] == (
        'column,,,,,"100 points are possible on Canvas, 10 in the exam; not scaled"'
    )


@pytest.mark.parametrize("column", ["Exam (12)", " exam  (12)", "Exam", "12"], ids=repr)
def test_a_column_may_be_asked_for_by_title_or_number(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf, column: str
) -> None:
    book = gradebook_of(grade_of("a", "7.5", ADA), exam="Another title")

    files = files_of(CanvasReport(), book, asked(column=column))

    assert read_by_canvas(files["canvas/import.csv"])["101"]["Exam (12)"] == Decimal(
        "7.5"
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        pytest.param(
            Request(),
            "canvas fills in a gradebook, and there is none; export it in Canvas "
            "(Grades, Export) and name the file by --tfgrade-fill "
            "(tfgrade report: --fill)",
            id="no-export",
        ),
        pytest.param(
            asked("Identifier,Grade\nParticipant 1,\n"),
            "export.csv:1: is no gradebook of Canvas: its header lacks Student, ID or "
            "Section; export it in Canvas (Grades, Export)",
            id="of-another-platform",
        ),
        pytest.param(
            asked(column="Exm"),
            "export.csv:1: there is no column 'Exm' that takes points; name one as it "
            "stands there, as \"Exam (12345)\"; there are 'Homework (11)', 'Exam (12)'",
            id="no-such-column",
        ),
        pytest.param(
            asked(column="Final Score"),
            "export.csv:1: there is no column 'Final Score' that takes points; name "
            "one as it stands there, as \"Exam (12345)\"; there are 'Homework (11)', "
            "'Exam (12)'",
            id="a-column-that-canvas-computes",
        ),
        pytest.param(
            asked(EXPORT.replace("Exam (12)", "Quiz (12)")),
            "export.csv:1: which column takes the points is not clear; name one as it "
            "stands there, as \"Exam (12345)\"; there are 'Homework (11)', 'Quiz (12)'",
            id="which-column-is-not-clear",
        ),
        pytest.param(
            asked(EXPORT.replace("5.00,10.00", "5.00,(read only)"), column="Exam"),
            "export.csv:1: there is no column 'Exam' that takes points; name one as it "
            "stands there, as \"Exam (12345)\"; there are 'Homework (11)'",
            id="a-column-that-is-read-only",
        ),
    ],
)
def test_what_cannot_be_filled_is_said_before_anything_is_written(
    grade_of: GradeOf, gradebook_of: GradebookOf, request_: Request, message: str
) -> None:
    book = gradebook_of(grade_of("a", "7.5", ADA))

    with pytest.raises(UsageError) as raised:
        CanvasReport().render(book, request_)

    assert str(raised.value) == message


def test_the_list_says_that_models_were_not_isolated(
    grade_of: GradeOf, gradebook_of: GradebookOf, files_of: FilesOf
) -> None:
    book = gradebook_of(grade_of("a", "7.5", ADA), isolated=False)

    files = files_of(CanvasReport(), book, asked())

    assert _left(files)[0].startswith("run,,,,,NOT ISOLATED:")


def test_hostile_grades_come_out_harmless(
    hostile_gradebook: Gradebook, files_of: FilesOf
) -> None:
    person = hostile_gradebook.grades[0].taken_in.people[0]
    named = replace(person, number="101")
    grade = hostile_gradebook.grades[0]
    known = replace(grade, taken_in=replace(grade.taken_in, people=(named,)))

    for each in (grade, known):
        book = replace(hostile_gradebook, grades=(each,))
        files = files_of(CanvasReport(), book, asked(column="Exam"))

        assert files["canvas/import.csv"] == EXPORT
        rows = [*csv.reader(io.StringIO(files["canvas/unmatched.csv"], newline=""))]
        assert {len(row) for row in rows} == {6}
        assert not [
            cell for row in rows for cell in row if cell.startswith(tuple("=+-@"))
        ]
        assert files["canvas/unmatched.csv"].replace("\n", "").isprintable()


def test_it_is_for_graders() -> None:
    report = CanvasReport()

    assert (report.file_name, report.audience) == ("canvas", Audience.GRADER)


def _left(files: dict[str, str]) -> list[str]:
    """Return the lines of the list that are not of students who handed in nothing."""
    lines = files["canvas/unmatched.csv"].splitlines()[1:]
    return [line for line in lines if not line.endswith("is of this student")]
