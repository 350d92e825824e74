"""The roster: read as platforms export it, and joined with what was handed in."""

from pathlib import Path

import pytest
from test_intake import ASKED, MOODLE, lay_out
from zips import named, put

from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.engine.discovery import take_in
from pytest_tfgrade.engine.intake.roster import read_roster
from pytest_tfgrade.rubric.handing_in import HandingIn, Platform

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Exam (12345)
    Points Possible,,,,,10
"Lovelace, Ada",1001,m-7,ada1,Group A,
"King, Bob",1002,m-8,bob1,Group B,
"Student, Test",9999,,,Group A,
"""


@pytest.fixture
def roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return ``roster.csv`` in the current directory; messages name it so."""
    monkeypatch.chdir(tmp_path)
    return Path("roster.csv")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        pytest.param(
            CANVAS,
            [
                Person(
                    id="m-7",
                    name="Lovelace, Ada",
                    section="Group A",
                    login="ada1",
                    number="1001",
                ),
                Person(
                    id="m-8",
                    name="King, Bob",
                    section="Group B",
                    login="bob1",
                    number="1002",
                ),
            ],
            id="canvas-gradebook",
        ),
        pytest.param(
            "\ufeffFirst name,Surname,ID number,Email address,Groups\n"
            "Ada,Lovelace,007,ada@example.edu,A\n",
            [
                Person(
                    id="007", name="Ada Lovelace", email="ada@example.edu", section="A"
                )
            ],
            id="moodle-participants",
        ),
        pytest.param(
            "Identifier,Full name,Email address,Status,Grade\n"
            "Teilnehmer/in 12,Ada Lovelace,ada@example.edu,No submission,\n",
            [Person(name="Ada Lovelace", email="ada@example.edu", number="12")],
            id="moodle-grading-worksheet",
        ),
        pytest.param(
            '"identifier","github_username","github_id","name"\n"m-7","ada","99",""\n',
            [Person(id="m-7", github="ada")],
            id="github-classroom",
        ),
        pytest.param(
            "First Name,Last Name,SID,Email,Section(s)\nAda,Lovelace,7,a@x.edu,1\n",
            [Person(id="7", name="Ada Lovelace", email="a@x.edu", section="1")],
            id="gradescope",
        ),
        pytest.param(
            'sep=;\r\nID; Name \r\n7;"Lovelace; Ada"\r\n\r\n;;\r\n8;Bob\r\n',
            [Person(id="7", name="Lovelace; Ada"), Person(id="8", name="Bob")],
            id="semicolons-as-excel-writes-them",
        ),
    ],
)
def test_exports_of_platforms_are_read_as_they_are(
    roster: Path, text: str, people: list[Person]
) -> None:
    roster.write_bytes(text.encode())

    found = read_roster(roster)

    assert [listed.person for listed in found.people] == people
    assert found.notices == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_tells_the_encoding(roster: Path, encoding: str) -> None:
    roster.write_text("name\nJosé\n", encoding=encoding)

    assert read_roster(roster).people[0].person.name == "José"


def test_a_guessed_encoding_is_told(roster: Path) -> None:
    roster.write_text("name;id\nJosé;7\n", encoding="cp1252")

    found = read_roster(roster)

    assert found.people[0].person == Person(id="7", name="José")
    assert found.notices == (
        "roster.csv: is not UTF-8 and was read as Windows-1252, as Excel saves it; "
        "if names look wrong, save it as CSV UTF-8",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "roster.csv: cannot be read: No such file or directory; give a CSV file "
               "after --tfgrade-roster"),
        (b"", "roster.csv: is empty; write a header and a line for each"),
        (b"name\n\n", "roster.csv: there is nobody under the header; add lines"),
        (b"PK\x03\x04xlsx", "roster.csv: is a spreadsheet; save it as CSV UTF-8"),
        (b"name\n\x81\n", "roster.csv:2: is neither UTF-8 nor Windows-1252; save the "
                          "file as CSV UTF-8"),
        (
            b"Prenom,Nom\nAda,L\n",
            "roster.csv:1: no column says who somebody is; name one of them id, name, "
            "email, login or github_username; there are 'Prenom', 'Nom'",
        ),
        (
            b'id,name,email\n7,Ada,a@x\n8,Bob,b@x,more\n7,Cy,A@X\n,,\n"",x"y,\n9,"Dan,\n'
            b'10,Eve,\n',
            "roster.csv:3: has 4 cells under a header of 3; put in quotes what holds "
            "the sign between cells\n"
            "roster.csv:4: the id '7' stands in line 2, too; remove one\n"
            "roster.csv:4: the email 'A@X' stands in line 2, too; remove one\n"
            "roster.csv:7: a cell goes on over several lines; close its quote",
        ),
        (
            b"name,section\nAda,A\n,B\n",
            "roster.csv:3: names nobody; fill in or remove the line",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_roster_is_told_by_line_and_all_at_once(
    roster: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        roster.write_bytes(content)

    with pytest.raises(SubmissionsError) as caught:
        read_roster(roster)

    assert str(caught.value) == message


def test_who_handed_in_nothing_is_there_and_who_is_not_listed_is_told(
    roster: Path,
) -> None:
    roster.write_text(CANVAS)
    folder = lay_out(
        Path("class"),
        named("lovelaceada_1001_2001_digits.keras", "newcomer_1003_2002_digits.keras"),
    )

    found = take_in(folder, ASKED, roster=read_roster(roster))

    assert [
        (s.id, [p.id for p in s.people], s.on_roster, sorted(s.found))
        for s in found.submissions
    ] == [
        ("kingbob", ["m-8"], True, []),
        ("lovelaceada", ["m-7"], True, ["digits"]),
        ("newcomer", [""], False, ["digits"]),
    ]
    assert found.notices[1:] == (
        "not on the roster, and graded all the same: newcomer",
        "handed in nothing, 1 of 2 on the roster: kingbob",
    )


@pytest.mark.parametrize(
    "called",
    ["m-7", "ADA1", "ada-l", "ada@example.edu", "ada", "Ada King Lovelace",
     "Lovelace, Ada King", "lovelaceadaking"],
)  # fmt: skip
def test_somebody_is_found_by_whatever_name(roster: Path, called: str) -> None:
    roster.write_text(
        "id,login,github,email,name\n"
        "m-7,ada1,ada-l,ada@example.edu,Ada King Lovelace\n"
        "m-8,bob1,bob-k,bob@example.edu,Bob\n"
    )
    folder = lay_out(Path("class"), named(f"{called}/digits.keras"))

    found = take_in(folder, ASKED, roster=read_roster(roster)).submissions

    assert [(s.id, s.people[0].id) for s in found] == sorted(
        [(called, "m-7"), ("m-8", "m-8")]
    )


def test_the_name_of_an_account_is_nobody_elses_id(roster: Path) -> None:
    # Candidates choose it, and may choose the id of another.
    roster.write_text("identifier,github_username\n1001,ada-l\n1002,bob-k\n")
    folder = lay_out(
        Path("class"), named("exam-ada-l/digits.keras", "exam-1001/digits.keras")
    )
    rules = HandingIn(platform=Platform.GITHUB_CLASSROOM, assignment="exam")

    found = take_in(folder, ASKED, rules, read_roster(roster)).submissions

    assert [(s.id, s.people[0].id, s.on_roster, sorted(s.found)) for s in found] == [
        ("1001", "", False, ["digits"]),
        ("ada-l", "1001", True, ["digits"]),
        ("bob-k", "1002", True, []),
    ]


def test_one_person_under_two_names_is_one_candidate(roster: Path) -> None:
    roster.write_text("id,name\n7,Ada Lovelace\n")
    folder = lay_out(
        Path("class"), named("7_digits.keras", "Lovelace Ada/category1/mymodel.h5")
    )

    (ada,) = take_in(folder, ASKED, roster=read_roster(roster)).submissions

    assert sorted(ada.found) == ["digits", "linear"]


def test_who_may_be_several_of_the_roster_stops_the_run(roster: Path) -> None:
    roster.write_text("id,name\n7,Ada L\n8,Ada L\n9,Bob K\n")
    folder = lay_out(
        Path("class"),
        named(f"Ada L_1{MOODLE}/digits.keras", f"Ada L_2{MOODLE}/digits.keras"),
    )

    with pytest.raises(SubmissionsError) as caught:
        take_in(folder, ASKED, roster=read_roster(roster))

    what = "is of 'Ada L', who may be each of the lines 2 and 3 of the roster; add a "
    what += "column with what tells them apart in names of files"
    assert str(caught.value) == "\n".join(
        f"Ada L_{number}{MOODLE}: {what}" for number in (1, 2)
    )


def test_two_whom_the_platform_tells_apart_are_not_one_line(roster: Path) -> None:
    roster.write_text("id,name\n7,Ada L\n9,Bob K\n")
    folder = lay_out(
        Path("class"),
        named(f"Ada L_1{MOODLE}/digits.keras", f"Ada L_2{MOODLE}/digits.keras"),
    )

    with pytest.raises(SubmissionsError) as caught:
        take_in(folder, ASKED, roster=read_roster(roster))

    assert str(caught.value) == (
        f"roster.csv:2: Ada L_1{MOODLE} and Ada L_2{MOODLE} are of two, and both fit "
        "this line; add the line of the other"
    )


def test_the_folder_of_one_candidate_makes_no_rows_for_others(roster: Path) -> None:
    roster.write_text("id,name\n7,Ada\n8,Bob\n")
    folder = put(Path("Ada/digits.keras"), b"").parent

    (ada,) = take_in(folder, ASKED, roster=read_roster(roster)).submissions

    assert (ada.id, ada.people[0].id) == ("Ada", "7")
