"""Nothing in a submission is ever imported by pytest, whether it grades or not."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

INSTALLED = (str(Path(sys.executable).parent / "pytest"),)
MODULE = (sys.executable, "-m", "pytest")
SAFE = (sys.executable, "-P", "-m", "pytest")
PASSED_OVER = "tfgrade: not looked into for tests: submissions"
REFUSED = "pytest would take files of submissions for its own"

CODE = (
    "conftest.py",
    "test_own.py",
    "tests/conftest.py",
    "test_more/conftest.py",
    "__init__.py",
    "setup.py",
    "numpy.py",
    "yaml.py",
    "socket.py",
    "sitecustomize.py",
    "usercustomize.py",
    "evil.py",
)


class Hostile(NamedTuple):
    """A course with a test of its own, and what candidates handed in."""

    submissions: Path
    """With a file of every kind that Python or pytest would read on its own."""

    tests: Path
    """The course's own; one test passes, and links lead into submissions."""

    marker: Path
    """Exists if any code of a submission ran."""

    link: Path
    """Another name of the course's folder."""


@pytest.fixture
def hostile(pytester: pytest.Pytester, submissions: Path) -> Hostile:
    """Return a course that some candidates attack."""
    marker, tests = pytester.path / "marker", pytester.mkdir("tests")
    for folder in (submissions, submissions / "alice"):
        for name in CODE:
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            code = f"open({str(marker)!r}, 'a').write(__file__)\ndef test(): pass\n"
            path.write_text(code, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (pytester.path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    own = "def test_course(): pass\n"
    (tests / "test_course.py").write_text(own, encoding="utf-8")
    (tests / "linked").symlink_to(submissions / "alice")
    (tests / "test_linked.py").symlink_to(submissions / "test_own.py")
    link = pytester.path.parent / f"{pytester.path.name}-link"
    link.symlink_to(pytester.path)
    return Hostile(submissions, tests, marker, link)


def add_entry_point(folder: Path) -> None:
    """Make a folder one that pytest loads a plug-in from, if Python imports from it."""
    plugin = folder / "evil-1.0.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Name: evil\nVersion: 1.0\n")
    (plugin / "entry_points.txt").write_text("[pytest11]\nevil = evil\n")


def run(*words: str) -> pytest.RunResult:
    """Run a command in the current folder, as a shell would.

    ``pytester.run`` would let Python import from the current folder.
    """
    ended = subprocess.run(words, capture_output=True, check=False, timeout=60)
    out, err = (text.decode().splitlines() for text in (ended.stdout, ended.stderr))
    return pytest.RunResult(ended.returncode, out, err, duration=0)


@pytest.mark.parametrize(
    "words",
    [
        (),
        (".",),
        ("tests", "."),
        ("{link}",),
        ("{link}/tests", "{link}"),
        ("--import-mode=prepend",),
        ("--import-mode=append",),
        ("--import-mode=importlib",),
        ("--confcutdir=/", "--doctest-modules"),
        ("--rootdir=/", "--noconftest"),
        ("-c", os.devnull),
        ("-o", "norecursedirs=", "-o", "python_files=*.py", "tests"),
        ("-n", "2", "--collect-in-virtualenv"),
    ],
    ids=" ".join,
)
def test_a_plain_run_passes_submissions_over(
    hostile: Hostile, words: tuple[str, ...]
) -> None:
    add_entry_point(hostile.submissions / "alice")

    result = run(*MODULE, *(word.format(**hostile._asdict()) for word in words))

    assert not hostile.marker.exists()
    result.assert_outcomes(passed=1)


def test_a_plain_run_says_what_it_passed_over(
    pytester: pytest.Pytester, hostile: Hostile
) -> None:
    result = pytester.runpytest_subprocess()

    assert result.stdout.lines.count(PASSED_OVER) == 1


@pytest.mark.parametrize(
    ("words", "way"),
    [
        (("submissions",), "the argument submissions lies in them"),
        (("tests", "submissions/bob"), "the argument submissions/bob lies in them"),
        (
            ("submissions/alice/test_own.py::test",),
            "the argument submissions/alice/test_own.py::test lies in them",
        ),
        (
            ("--pyargs", "submissions.alice.test_own"),
            "the argument submissions.alice.test_own lies in them",
        ),
        (("tests/linked",), "the argument tests/linked lies in them"),
        (("-o", "testpaths=*"), "testpaths of the ini file name {here}/submissions"),
        (
            ("-o", "pythonpath=submissions/alice"),
            "they are, or hold, the import path {here}/submissions/alice; "
            "what lies there may have run already",
        ),
        (
            ("-c", "submissions/alice/pytest.ini"),
            "they hold the ini file {here}/submissions/alice/pytest.ini; "
            "what it names, by -p or pythonpath, may have run already",
        ),
        (
            ("--rootdir", "submissions/alice", "tests"),
            "they are, or hold, the rootdir {here}/submissions/alice",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_plain_run_that_names_submissions_is_refused(
    pytester: pytest.Pytester,
    hostile: Hostile,
    words: tuple[str, ...],
    way: str,
) -> None:
    result = run(*MODULE, *words)

    assert not hostile.marker.exists()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = result.stderr.str().strip().splitlines()
    assert lines[0] == f"ERROR: {REFUSED}"
    assert f"  {way.format(here=pytester.path)}" in lines
    assert lines[-2:] == [
        "  give other places of tests; --tfgrade=submissions grades what was handed in",
        "  or run their code in this process all the same: -p no:tfgrade",
    ]


def test_a_plain_run_inside_a_submission_is_refused(
    pytester: pytest.Pytester,
    hostile: Hostile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(hostile.submissions / "alice")

    results = [
        run(*c, *more) for c in (INSTALLED, SAFE) for more in ((), ("--noconftest",))
    ]

    assert not hostile.marker.exists()
    for result in results:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            [f"  they are, or hold, the current folder {hostile.submissions}/alice"]
        )


def test_options_in_the_environment_are_looked_at_too(
    pytester: pytest.Pytester,
    hostile: Hostile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "submissions/alice")

    result = run(*INSTALLED)

    assert not hostile.marker.exists()
    result.stderr.fnmatch_lines(["  the argument submissions/alice lies in them"])


def test_a_folder_of_that_name_without_rubrics_beside_it_is_an_ordinary_one(
    pytester: pytest.Pytester,
) -> None:
    for folder in ("", "rubrics"):
        (pytester.path / folder).mkdir(exist_ok=True)
    (pytester.path / "rubrics" / "style.yaml").write_text("task: x\nrules: []\n")
    ordinary = pytester.mkdir("submissions") / "test_forms.py"
    ordinary.write_text("def test(): pass\n", encoding="utf-8")

    everything = run(*INSTALLED)
    named = run(*INSTALLED, "submissions")

    everything.assert_outcomes(passed=1)
    named.assert_outcomes(passed=1)


@pytest.mark.parametrize("where", ["ini", "exam", "link"])
def test_a_course_is_known_by_its_settings_its_exam_or_through_a_link(
    pytester: pytest.Pytester, hostile: Hostile, where: str
) -> None:
    rubrics = pytester.path / "rubrics"
    match where:
        case "ini":
            rubrics.rename(pytester.path / "grading")
            (pytester.path / "pytest.ini").write_text(
                "[pytest]\ntfgrade_rubrics = grading\n", encoding="utf-8"
            )
        case "exam":
            for rubric in ("flat", "wide"):
                (rubrics / f"{rubric}.yaml").unlink()
        case "link":
            hostile.submissions.rename(pytester.path / "handed_in")
            hostile.submissions.symlink_to(pytester.path / "handed_in")

    result = run(*INSTALLED, ".")

    assert not hostile.marker.exists()
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "words",
    [
        ("--tfgrade=submissions",),
        ("--tfgrade=submissions", "--import-mode=prepend", "tests"),
        ("--tfgrade=submissions", "."),
        ("--tfgrade=submissions", "{link}"),
        ("--tfgrade={link}/submissions/", "--confcutdir=/", "."),
        ("--tfgrade=submissions/alice", "--doctest-modules", "."),
        ("--tfgrade=submissions", "-n", "2"),
        ("--tfgrade=submissions", "-c", "pytest.ini", "--rootdir=."),
    ],
    ids=" ".join,
)
def test_a_run_that_grades_imports_nothing_of_what_it_grades(
    hostile: Hostile, words: tuple[str, ...]
) -> None:
    add_entry_point(hostile.submissions / "alice")

    result = run(*MODULE, *(word.format(**hostile._asdict()) for word in words))

    assert not hostile.marker.exists()
    assert re.search(r"\d+ passed", result.stdout.str())


@pytest.mark.parametrize(
    "words",
    [
        ("--tfgrade=submissions", "submissions/bob"),
        ("--tfgrade=submissions", "--pyargs", "submissions.alice"),
        ("--tfgrade=submissions", "-o", "pythonpath=submissions/alice"),
        ("--tfgrade=submissions", "-o", "testpaths=submissions/*"),
        ("--tfgrade=submissions", "--rootdir=submissions"),
        ("--tfgrade=submissions", "-c", "submissions/pytest.ini"),
        ("--tfgrade", "submissions"),
        ("--tfgrade=handed_in", "submissions/bob"),
        ("--tfgrade=.",),
    ],
    ids=" ".join,
)
def test_a_run_that_grades_is_refused_where_it_could(
    pytester: pytest.Pytester,
    hostile: Hostile,
    words: tuple[str, ...],
) -> None:
    pytester.mkdir("handed_in")

    result = run(*INSTALLED, *words)

    assert not hostile.marker.exists()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *: {REFUSED}"])


def test_a_path_that_misled_pytest_is_refused_with_the_ways_out(
    pytester: pytest.Pytester, hostile: Hostile
) -> None:
    """What it may have loaded before any plug-in is owned up to."""
    settings = "[pytest]\naddopts = -p evil\npythonpath = .\n"
    (hostile.submissions / "alice" / "pytest.ini").write_text(settings)

    result = run(*INSTALLED, "--tfgrade", "submissions/alice")

    alice = f"{pytester.path}/submissions/alice"
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().strip().splitlines() == [
        f"ERROR: submissions/alice: {REFUSED}",
        f"  they are, or hold, the import path {alice}; "
        "what lies there may have run already",
        f"  they are, or hold, the rootdir {alice}",
        f"  they hold the ini file {alice}/pytest.ini; what it names, by -p or "
        "pythonpath, may have run already",
        "  stand in the course's folder and write, with the equals sign, "
        "--tfgrade=submissions/alice",
        "  or say where the course is, and nothing of theirs is read: "
        "tfgrade grade submissions/alice --course COURSE",
    ]


def test_the_same_path_with_the_equals_sign_misleads_nobody(hostile: Hostile) -> None:
    settings = "[pytest]\naddopts = -p evil\npythonpath = .\n"
    (hostile.submissions / "alice" / "pytest.ini").write_text(settings)

    result = run(*INSTALLED, "--tfgrade=submissions/alice")

    assert not hostile.marker.exists()
    assert re.search(r"\d+ passed", result.stdout.str())


@pytest.mark.parametrize("command", [INSTALLED, SAFE], ids=["command", "safe-module"])
def test_a_student_repository_is_graded_from_within_by_a_course_elsewhere(
    pytester: pytest.Pytester,
    hostile: Hostile,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    course, repository = pytester.path, hostile.submissions / "alice"
    (repository / "category3" / "wide.keras").unlink()
    monkeypatch.chdir(repository)

    where = ("--rootdir", str(course), "-c", f"{course}/pytest.ini", "--noconftest")
    plain = run(*command, "--tfgrade=.", *where)
    parallel = run(*command, "--tfgrade=.", *where, "-n", "2")

    assert not hostile.marker.exists()
    plain.assert_outcomes(passed=6)
    assert parallel.ret == pytest.ExitCode.USAGE_ERROR
    parallel.stderr.fnmatch_lines(
        [f"  pytest-xdist's workers import from the current folder {repository}"]
    )


def test_a_file_in_place_of_a_folder_of_submissions_is_refused(
    pytester: pytest.Pytester, hostile: Hostile
) -> None:
    result = run(*INSTALLED, "--tfgrade=submissions/conftest.py")

    assert not hostile.marker.exists()
    assert result.stderr.str().strip() == (
        "ERROR: submissions/conftest.py: is not a folder; "
        "give the folder that holds the submissions"
    )
