"""Zips, names of platforms, duplicates and late files: who handed in what."""

import os
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from zips import named, put, zipped

from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import Clock, Person, Submission
from pytest_tfgrade.engine.discovery import Intake, take_in
from pytest_tfgrade.engine.submission_folder import Asked
from pytest_tfgrade.rubric.handing_in import Duplicates, HandingIn, Platform

ASKED = Asked(
    {"linear": ("linear", "category1/mymodel"), "digits": ("digits",)},
    {"digits": ("model",)},
)
DUE = datetime(2025, 1, 31, 12, tzinfo=UTC)

Found = dict[str, dict[str, list[str]]]


def shortened(submissions: Iterable[Submission]) -> Found:
    """Return the names of files by submission and task."""
    return {
        submission.id: {
            task: [file.name for file in files]
            for task, files in submission.found.items()
        }
        for submission in submissions
    }


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        put(folder / name, content)
    return folder


def taken(place: Path, rules: HandingIn | None = None) -> Intake:
    """Take in a folder or zip."""
    return take_in(place, ASKED, rules or HandingIn())


def at(path: Path, moment: datetime) -> None:
    """Let a file be of some time."""
    os.utime(path, (moment.timestamp(), moment.timestamp()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return ``class`` in the current directory; messages name it so."""
    monkeypatch.chdir(tmp_path)
    return Path("class")


# Zips


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            {"alice.zip": zipped(named("digits.keras", "category1/mymodel.h5"))},
            {
                "alice": {
                    "linear": ["alice.zip/category1/mymodel.h5"],
                    "digits": ["alice.zip/digits.keras"],
                }
            },
            id="a-zip-for-each-candidate",
        ),
        pytest.param(
            {
                "alice.zip": zipped(named("my exam/digits.keras")),
                "bob.zip": zipped(named("x/digits/saved_model.pb", "x/README.md")),
            },
            {
                "alice": {"digits": ["alice.zip/digits.keras"]},
                "bob": {"digits": ["bob.zip/digits"]},
            },
            id="a-folder-in-the-zip",
        ),
        pytest.param(
            {
                "alice/work.zip": zipped(named("digits.keras", "linear.h5")),
                "alice/linear.keras": b"",
                "bob/linear.zip": zipped(named("mymodel/saved_model.pb")),
            },
            {
                "alice": {
                    "linear": ["linear.keras"],
                    "digits": ["work.zip/digits.keras"],
                },
                "bob": {"linear": ["linear.zip"]},
            },
            id="a-zip-in-a-candidates-folder",
        ),
        pytest.param(
            {
                "alice.zip": zipped(
                    named("__MACOSX/._digits.keras", ".git/digits.h5", "digits.keras")
                )
            },
            {"alice": {"digits": ["alice.zip/digits.keras"]}},
            id="what-macos-adds-is-not-looked-at",
        ),
        pytest.param(
            {"alice.zip": zipped({"a\\digits.keras": b"", "a\\notes.txt": b""})},
            {"alice": {"digits": ["alice.zip/digits.keras"]}},
            id="names-of-old-windows",
        ),
        pytest.param(
            {"alice_digits.zip": zipped(named("digits.keras"))},
            {"alice": {"digits": ["alice_digits.zip"]}},
            id="a-zip-that-is-the-artifact-stays-one",
        ),
    ],
)
def test_zips_of_candidates_are_looked_into(
    folder: Path, files: dict[str, bytes], found: Found
) -> None:
    lay_out(folder, files)

    assert shortened(taken(folder).submissions) == found


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            named("alice/digits.keras", "bob_linear.h5"),
            {
                "alice": {"digits": ["digits.keras"]},
                "bob": {"linear": ["bob_linear.h5"]},
            },
            id="folders-and-files",
        ),
        pytest.param(
            named("exam 1/alice/digits.keras", "exam 1/bob/linear.h5"),
            {"alice": {"digits": ["digits.keras"]}, "bob": {"linear": ["linear.h5"]}},
            id="a-folder-around-them",
        ),
        pytest.param(
            {
                "all/alice.zip": zipped(named("digits.keras")),
                "all/bob.zip": zipped(named("bob/linear.h5")),
            },
            {
                "alice": {"digits": ["alice.zip/digits.keras"]},
                "bob": {"linear": ["bob.zip/linear.h5"]},
            },
            id="zips-in-the-zip",
        ),
        pytest.param(
            named("alice/digits.keras"),
            {"alice": {"digits": ["digits.keras"]}},
            id="one-candidates-folder-in-the-zip",
        ),
        pytest.param(
            named("digits.keras", "linear.h5"),
            {"class": {"linear": ["linear.h5"], "digits": ["digits.keras"]}},
            id="one-candidates-files",
        ),
        pytest.param(
            {"Ada L_7_assignsubmission_file/w.zip": zipped(named("digits.keras"))},
            {"Ada L": {"digits": ["w.zip/digits.keras"]}},
            id="a-platforms-download",
        ),
    ],
)
def test_all_submissions_may_be_a_zip(
    folder: Path, files: dict[str, bytes], found: Found
) -> None:
    archive = put(folder.with_suffix(".zip"), zipped(files))

    assert shortened(taken(archive).submissions) == found


def test_a_broken_zip_is_its_candidates_fault_alone(folder: Path) -> None:
    deep = zipped({"more.zip": zipped({"d.zip": zipped(named("digits.keras"))})})
    good = zipped(named("digits.keras"))
    lay_out(
        folder,
        {
            "alice.zip": good,
            "bob.zip": good[:-30],
            "carol.zip": b"",
            "dan.zip": zipped(named("digits.keras", "../../etc/digits.h5")),
            "eve.zip": zipped(named("digits", "digits/keras.h5")),
            "frank/work.zip": b"PK no zip",
            "frank/linear.keras": b"",
            "grace.zip": deep,
        },
    )
    (folder / "ivan.zip").symlink_to("alice.zip")

    faults = {
        submission.id: submission.fault and submission.fault.text
        for submission in taken(folder).submissions
    }

    end = "is incomplete: the end of the zip is missing"
    assert faults == {
        "alice": None,
        "bob": f"bob.zip {end}",
        "carol": f"carol.zip {end}",
        "dan": "dan.zip is a zip that holds '../../etc/digits.h5', a path out of the "
        "folder",
        "eve": "eve.zip is a zip that holds 'digits/keras.h5', a file and a folder of "
        "one name",
        "frank": f"work.zip {end}",
        "grace": "more.zip is a zip in a zip, which is not opened",
        "ivan": "ivan.zip is a link, not a file",
    }


def test_a_zip_with_too_many_names_is_refused_before_they_are_read(
    folder: Path,
) -> None:
    many = zipped({f"{number}.txt": b"" for number in range(20_001)})
    lay_out(folder, {"alice.zip": many, "bob/digits.keras": b""})

    alice, _ = taken(folder).submissions

    assert alice.fault is not None
    assert alice.fault.text == "alice.zip is a zip that lists more than 20000 files"


def test_a_broken_zip_of_all_submissions_ends_the_run(folder: Path) -> None:
    archive = put(folder.with_suffix(".zip"), zipped(named("a/digits.keras"))[:-9])

    with pytest.raises(SubmissionsError) as caught:
        taken(archive)

    assert str(caught.value) == (
        "class.zip: is incomplete: the end of the zip is missing; download it again"
    )


def test_a_name_in_utf_8_is_read_as_such_though_the_zip_does_not_say_so(
    folder: Path,
) -> None:
    plain = zipped(named("Ada Lxvelace_7_assignsubmission_file/digits.keras"))
    archive = put(folder.with_suffix(".zip"), plain.replace(b"Lxv", b"L\xc3\xb6"))

    assert shortened(taken(archive).submissions) == {
        "Ada Löelace": {"digits": ["digits.keras"]}
    }


# Names of platforms


MOODLE = "_assignsubmission_file"


@pytest.mark.parametrize(
    ("files", "platform", "found"),
    [
        pytest.param(
            [
                f"Ada King Lovelace_12{MOODLE}/digits.keras",
                f"Bob_7{MOODLE}_/linear.h5",
                f"Bob_8{MOODLE}_digits.keras",
                "Carol_9_assignsubmission_onlinetext/onlinetext.html",
                f"Dan_10{MOODLE}/essay.pdf",
                f"Participant_11{MOODLE}_digits.keras",
            ],
            Platform.MOODLE,
            {
                "Ada King Lovelace": {"digits": ["digits.keras"]},
                "Bob_7": {"linear": ["linear.h5"]},
                "Bob_8": {"digits": [f"Bob_8{MOODLE}_digits.keras"]},
                "Dan": {},
                "Participant_11": {"digits": [f"Participant_11{MOODLE}_digits.keras"]},
            },
            id="moodle",
        ),
        pytest.param(
            [
                "lovelaceada_1001_20001_digits.keras",
                "lovelaceada_1001_20002_linear-3.h5",
                "kingbob_LATE_1002_20003_digits.weights-1.h5",
                "kingbob_LATE_1002_20004_model.py",
                "poecarol_1003_20005_essay.pdf",
                "poecarol_1004_20006_digist.keras",
            ],
            Platform.CANVAS,
            {
                "kingbob": {"digits": ["kingbob_LATE_1002_20003_digits.weights-1.h5"]},
                "lovelaceada": {
                    "digits": ["lovelaceada_1001_20001_digits.keras"],
                    "linear": ["lovelaceada_1001_20002_linear-3.h5"],
                },
                "poecarol_1003": {},
                "poecarol_1004": {},
            },
            id="canvas",
        ),
        pytest.param(
            [
                "exam-ada/.git/HEAD",
                "exam-ada/digits.keras",
                "exam-bob-l/.git/HEAD",
                "exam-bob-l/category1/mymodel.h5",
            ],
            Platform.GITHUB_CLASSROOM,
            {
                "ada": {"digits": ["digits.keras"]},
                "bob-l": {"linear": ["category1/mymodel.h5"]},
            },
            id="github-classroom",
        ),
    ],
)
def test_the_names_of_a_download_are_known_where_they_leave_no_doubt(
    folder: Path, files: list[str], platform: Platform, found: Found
) -> None:
    lay_out(folder, named(*files))

    detected, named_ = taken(folder), taken(folder, HandingIn(platform=platform))

    assert shortened(detected.submissions) == found
    assert shortened(named_.submissions) == found
    assert "names are read as those of a download from" in detected.notices[0]
    assert not any("names are read" in notice for notice in named_.notices)


GRADESCOPE = """\
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0012'
    :email: ada@example.edu
  :created_at: 2025-01-31 11:59:59.5 Z
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_2:
  :submitters:
  - :name: Bob
    :email: bob@example.edu
  - :name: Carol
    :email: carol@example.edu
  :created_at: 2025-01-31 13:00:00 +01:00
"""


def test_gradescope_says_who_handed_in_and_when(folder: Path) -> None:
    files = named("submission_1/digits.keras", "submission_2/linear.h5")
    files |= named("submission_3/linear.h5")
    files["submission_metadata.yml"] = GRADESCOPE.encode()
    export = {f"assignment_5_export/{name}": text for name, text in files.items()}
    archive = put(folder.with_suffix(".zip"), zipped(export))

    rules = HandingIn(due=DUE, platform=Platform.GRADESCOPE)
    ada, group, unknown = taken(archive, rules).submissions

    assert (ada.id, group.id, unknown.id) == (
        "ada@example.edu",
        "bob@example.edu+carol@example.edu",
        "submission_3",
    )
    assert ada.people == (
        Person(id="0012", name="Ada Lovelace", email="ada@example.edu"),
    )
    assert [person.name for person in group.people] == ["Bob", "Carol"]
    assert str(ada.handed_in) == "2025-01-31 11:59:59 UTC by the platform"
    assert (ada.late, group.late) == (False, False)
    assert unknown.handed_in is not None
    assert unknown.handed_in.clock is Clock.ZIP


def test_times_of_gradescope_count_less_where_nobody_says_that_it_wrote_them(
    folder: Path,
) -> None:
    files = named("submission_1/digits.keras")
    lay_out(folder, files | {"submission_metadata.yml": GRADESCOPE.encode()})

    [ada] = taken(folder, HandingIn(due=DUE)).submissions

    assert ada.handed_in is not None
    assert ada.handed_in.clock is Clock.ZIP


def test_metadata_that_cannot_be_read_end_the_run(folder: Path) -> None:
    lay_out(
        folder, {"submission_1/digits.keras": b"", "submission_metadata.yml": b"[]"}
    )

    with pytest.raises(SubmissionsError) as caught:
        taken(folder)

    assert str(caught.value) == (
        "submission_metadata.yml: holds no submissions; export the submissions again, "
        "or remove the file"
    )


@pytest.mark.parametrize(
    "files",
    [
        ["group_1_2_digits.keras", "group_1_3_digits.keras"],
        [f"Ada_12{MOODLE}/digits.keras", "bob/digits.keras"],
        ["exam-ada/digits.keras", "exam-bob/digits.keras"],
        ["submission_1/digits.keras", "submission_2/digits.keras"],
    ],
)
def test_names_that_leave_a_doubt_are_taken_as_they_are(
    folder: Path, files: list[str]
) -> None:
    lay_out(folder, named(*files))

    found = taken(folder)

    assert len(found.submissions) == 2
    assert found.notices == ()


def test_a_name_that_the_platform_does_not_give_is_told(folder: Path) -> None:
    lay_out(folder, named(f"Ada_12{MOODLE}/digits.keras", "bob/digits.keras"))

    found = taken(folder, HandingIn(platform=Platform.MOODLE))

    assert [submission.id for submission in found.submissions] == ["Ada", "bob"]
    assert found.notices == (
        "not as Moodle names a download, and taken as they are: bob",
    )


def test_zips_that_github_makes_of_clones_are_known(folder: Path) -> None:
    for name in ("exam-ada-main", "exam-bob-l-master"):
        put(folder / f"{name}.zip", zipped(named(f"{name}/digits.keras")))

    found = taken(folder)

    assert [submission.id for submission in found.submissions] == ["ada", "bob-l"]
    assert "from GitHub Classroom (assignment 'exam')" in found.notices[0]


def test_the_assignment_of_a_classroom_may_be_given(folder: Path) -> None:
    lay_out(folder, named("exam-team-a/digits.keras", "exam-team-b/linear.h5"))
    put(folder / "exam-team-c-main.zip", zipped(named("x/digits.keras")))
    rules = HandingIn(platform=Platform.GITHUB_CLASSROOM, assignment="exam")

    found = taken(folder, rules).submissions

    assert [submission.id for submission in found] == ["team-a", "team-b", "team-c"]


# Handed in more than once


def twice(folder: Path) -> Path:
    """Lay out a folder, a later zip and a file between them, all of one candidate."""
    lay_out(folder, named("alice/digits.keras", "alice_digits.h5"))
    put(folder / "alice.zip", zipped(named("digits.keras", "linear.h5")))
    for minutes, name in enumerate(("alice/digits.keras", "alice_digits.h5")):
        at(folder / name, DUE + timedelta(minutes=minutes))
    at(folder / "alice.zip", DUE + timedelta(hours=1))
    return folder


@pytest.mark.parametrize(
    ("rule", "counts", "aside"),
    [
        (None, ["alice.zip/digits.keras"], ("digits.keras", "alice_digits.h5")),
        (
            Duplicates.FIRST,
            ["digits.keras"],
            ("alice.zip/digits.keras", "alice_digits.h5"),
        ),
        (
            Duplicates.REFUSE,
            ["digits.keras", "alice.zip/digits.keras", "alice_digits.h5"],
            (),
        ),
    ],
)
def test_a_rule_says_what_counts_of_what_was_handed_in_again(
    folder: Path, rule: Duplicates | None, counts: list[str], aside: tuple[str, ...]
) -> None:
    (alice,) = taken(twice(folder), HandingIn(duplicates=rule)).submissions

    assert shortened([alice]) == {
        "alice": {"digits": counts, "linear": ["alice.zip/linear.h5"]}
    }
    assert alice.set_aside == aside


def test_what_does_not_count_is_told_with_the_reason(folder: Path) -> None:
    lay_out(
        folder,
        named(
            "kingbob_1002_20003_digits.keras",
            "kingbob_1002_20004_digits-2.keras",
            "kingbob_1002_20005_digits-1.keras",
        ),
    )
    for path in folder.iterdir():
        at(path, DUE)

    found = taken(folder)

    assert found.notices[1:] == (
        "kingbob, digits: kingbob_1002_20004_digits-2.keras (attempt 2, 2025-01-31 "
        "12:00:00 UTC by the file) counts, not kingbob_1002_20003_digits.keras "
        "(2025-01-31 12:00:00 UTC by the file), kingbob_1002_20005_digits-1.keras "
        "(attempt 1, 2025-01-31 12:00:00 UTC by the file)",
    )


def test_of_two_files_of_one_time_none_is_preferred(folder: Path) -> None:
    lay_out(folder, named("alice/digits.keras", "alice_digits.h5"))
    for name in ("alice/digits.keras", "alice_digits.h5"):
        at(folder / name, DUE)

    (alice,) = taken(folder).submissions

    assert shortened([alice]) == {
        "alice": {"digits": ["digits.keras", "alice_digits.h5"]}
    }


def test_names_that_look_the_same_are_of_one_candidate(folder: Path) -> None:
    composed, apart = "José", unicodedata.normalize("NFD", "José")
    lay_out(folder, named(f"{composed}/digits.keras", f"{apart}_linear.h5"))

    assert shortened(taken(folder).submissions) == {
        composed: {"digits": ["digits.keras"], "linear": [f"{apart}_linear.h5"]}
    }


# Late


def test_the_due_date_decides_what_is_late(folder: Path) -> None:
    lay_out(folder, named("ada/digits.keras", "bob/digits.keras", "bob/linear.h5"))
    put(folder / "carol.zip", zipped(named("digits.keras")))
    put(folder / "dan" / "notes.txt", b"")
    at(folder / "ada" / "digits.keras", DUE)
    at(folder / "bob" / "digits.keras", DUE)
    at(folder / "bob" / "linear.h5", DUE + timedelta(seconds=1))
    at(folder / "carol.zip", DUE - timedelta(days=1))

    found = taken(folder, HandingIn(due=DUE))

    assert {s.id: s.late for s in found.submissions} == {
        "ada": False,
        "bob": True,
        "carol": False,
        "dan": None,
    }
    assert found.notices == (
        "late: bob",
        "when files on this disk were last changed tells when they were handed in; "
        "copying and downloading may change that",
    )


def test_canvas_says_itself_what_is_late(folder: Path) -> None:
    lay_out(
        folder,
        named("ada_LATE_1001_2001_digits.keras", "bob_1002_2002_digits.keras"),
    )

    found = taken(folder).submissions

    assert [(submission.id, submission.late) for submission in found] == [
        ("ada", True),
        ("bob", False),
    ]


def test_when_a_clone_was_made_says_nothing(folder: Path) -> None:
    files = (f"exam-{who}/{name}" for who in "ab" for name in (".git/x", "digits.h5"))
    lay_out(folder, named(*files))

    found = taken(folder, HandingIn(due=DUE))

    assert [(s.handed_in, s.late) for s in found.submissions] == [(None, None)] * 2
    assert found.notices[1:] == ("nothing tells when these were handed in: a, b",)
