"""Downloads of platforms, broken zips and the roster, as a pytest user sees them."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

MakeModel = Callable[..., Path]

MOODLE = "_assignsubmission_file"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files, all of one time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, (2025, 1, 31, 12, 0, 0))
            archive.writestr(info, text)
    return content.getvalue()


@pytest.fixture
def download(course: Path, make_model: MakeModel) -> Path:
    """Return a course whose submissions are a zip as Moodle makes it."""
    good = make_model("a.keras", ("Flatten", {}), ("ReLU", {})).read_bytes()
    files = {
        f"Zoë Ångström_12{MOODLE}_flat.keras": good,
        f"Zoë Ångström_12{MOODLE}_wide.keras": good,
        f"Bob King_13{MOODLE}_exam.zip": zipped({"my exam/flat.keras": good}),
        f"Carol_14{MOODLE}_exam.zip": zipped({"flat.keras": good})[:-5],
        f"Dan_15{MOODLE}_essay.pdf": b"%PDF",
    }
    (course / "submissions.zip").write_bytes(zipped(files))
    (course / "roster.csv").write_text(
        "Full name;Email address\nBob King;bob@x\nZoë Ångström;zoe@x\nEve;eve@x\n",
        encoding="utf-8",
    )
    return course


GRADE = ("--tfgrade=submissions.zip", "-p", "no:cacheprovider")


def test_a_download_is_graded_as_it_is(
    pytester: pytest.Pytester, download: Path
) -> None:
    result = pytester.runpytest_subprocess(
        *GRADE, "--tfgrade-roster=roster.csv", "--tfgrade-report=out"
    )

    result.stdout.fnmatch_lines(
        [
            "tfgrade: names are read as those of a download from Moodle; if they "
            "are not, write 'candidates' in the exam file",
            "tfgrade: not on the roster, and graded all the same: Carol, Dan",
            "tfgrade: handed in nothing, 1 of 3 on the roster: Eve",
        ]
    )
    text = (download / "out" / "grades.json").read_text(encoding="utf-8")
    missing = "no model was handed in for this task"
    zip_ = f"Carol_14{MOODLE}_exam.zip is incomplete: the end of the zip is missing"
    name = f"Bob King_13{MOODLE}_exam.zip/flat.keras, keras, 3 kB"
    assert {
        one["id"]: [
            (task["id"], task["points"], task["code"], task["criteria"][0]["rationale"])
            for task in one["tasks"]
        ]
        for one in json.loads(text)["submissions"]
    } == {
        "Bob King": [("wide", 0, "E_MISSING", missing), ("flat", 5, None, name)],
        "Carol": [("wide", 0, "E_FORMAT", zip_), ("flat", 0, "E_FORMAT", zip_)],
        "Dan": [("wide", 0, "E_MISSING", missing), ("flat", 0, "E_MISSING", missing)],
        "Eve": [("wide", 0, "E_MISSING", missing), ("flat", 0, "E_MISSING", missing)],
        "Zoë Ångström": [
            ("wide", 5, None, f"Zoë Ångström_12{MOODLE}_wide.keras, keras, 3 kB"),
            ("flat", 5, None, f"Zoë Ångström_12{MOODLE}_flat.keras, keras, 3 kB"),
        ],
    }


@pytest.mark.usefixtures("download")
@pytest.mark.parametrize("name", ["Zoë Ångström", "Zoe\u0308 A\u030angstro\u0308m"])
def test_one_of_a_download_is_chosen_by_name(
    pytester: pytest.Pytester, name: str
) -> None:
    chosen = (f"--tfgrade-candidate={name}", "--tfgrade-task=flat")

    result = pytester.runpytest(*GRADE, *chosen, "--collect-only", "-q")

    assert result.outlines[:3] == [
        "Zoë Ångström::flat::file",
        "Zoë Ångström::flat::shapes",
        "Zoë Ångström::flat::relu",
    ]


@pytest.mark.usefixtures("download")
def test_a_slip_in_a_name_is_found(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*GRADE, "--tfgrade-candidate=Bob Kong")

    assert result.errlines[0] == (
        "ERROR: --tfgrade-candidate Bob Kong: no such submission; "
        "did you mean 'Bob King'?"
    )


def test_a_roster_that_is_wrong_ends_the_run_before_it_begins(
    pytester: pytest.Pytester, download: Path
) -> None:
    (download / "roster.csv").write_text("id,name\n7,Ada\n7,Bob\n,\n,,x\n")

    result = pytester.runpytest(*GRADE, "--tfgrade-roster=roster.csv")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines[:2] == [
        "ERROR: roster.csv:3: the id '7' stands in line 2, too; remove one",
        "roster.csv:5: has 3 cells under a header of 2; put in quotes what holds the "
        "sign between cells",
    ]
