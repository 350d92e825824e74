"""``tfgrade grade``: pytest, and nothing of a submission is its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

TFGRADE = Path(sys.executable).with_name("tfgrade")
PYTEST = Path(sys.executable).with_name("pytest")

RUBRIC = """\
task: flat
artifact: {formats: [keras]}
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {y: {shape: [null, 64]}}
criteria:
  - {id: file, check: file, points: 1}
  - {id: flatten, check: model.layers, class: Flatten, points: 2}
  - {id: relu, check: model.layers, class: ReLU, points: 2}
"""

CODE = (
    *("conftest.py", "evil.py", "test_own.py", "tests/conftest.py", "setup.py"),
    *("sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "argparse.py"),
    *("pytest.py", "_pytest/__init__.py", "pytest_tfgrade/__init__.py"),
)
"""What Python or pytest would import, if they looked into a submission."""


class Place(NamedTuple):
    """A course, and beside it the repository of a student who attacks it."""

    course: Path
    """One task; it has no settings of its own."""

    repository: Path
    """With a model that has a Flatten layer and no ReLU layer."""

    marker: Path
    """Exists if any code of the student's ran."""


@pytest.fixture
def place(tmp_path: Path, make_model: Callable[..., Path]) -> Place:
    course, repository = tmp_path / "course", tmp_path / "alice"
    (course / "rubrics").mkdir(parents=True)
    (course / "rubrics" / "flat.yaml").write_text(RUBRIC)
    marker = tmp_path / "marker"
    for name in CODE:
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(marker)!r}, 'a').write(__file__)\n")
    settings = "[pytest]\naddopts = -p evil\npythonpath = .\n"
    (repository / "pytest.ini").write_text(settings)
    plugin = repository / "evil-1.0.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Name: evil\nVersion: 1.0\n")
    (plugin / "entry_points.txt").write_text("[pytest11]\nevil = evil\n")
    model = make_model("flat.keras", ("Flatten", {}))
    (repository / "flat.keras").write_bytes(model.read_bytes())
    return Place(course, repository, marker)


class Ended(NamedTuple):
    """How a command ended, and its last lines."""

    status: int
    out: str
    err: str


def run(here: Path, *words: str | Path, **variables: str) -> Ended:
    """Run a command in a folder, as a shell would."""
    ended = subprocess.run(
        [*map(str, words)],
        cwd=here,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def verdicts(report: Path) -> dict[str, str]:
    grades = json.loads((report / "grades.json").read_text())
    (task,) = grades["submissions"][0]["tasks"]
    return {one["id"]: one["verdict"] for one in task["criteria"]}


@pytest.mark.parametrize(
    ("here", "words"),
    [
        ("alice", (".", "--course", "../course")),
        ("alice", (".", "--course", "../course", "-n", "2")),
        ("course", ("../alice",)),
        ("course", ("../alice", "--import-mode=prepend", "--doctest-modules", ".")),
        (".", ("alice", "--course=course", "-p", "cacheprovider", "--lf")),
    ],
    ids=str,
)
def test_a_hostile_repository_is_graded_and_none_of_its_code_runs(
    place: Place, here: str, words: tuple[str, ...]
) -> None:
    folder = place.course.parent / here

    ran = run(folder, TFGRADE, "grade", *words, "--tfgrade-report", "out")

    assert not place.marker.exists()
    assert (ran.status, ran.err) == (1, "")
    found = {"file": "passed", "flatten": "passed", "relu": "failed"}
    assert verdicts(folder / "out") == found


@pytest.mark.parametrize(
    ("here", "words", "python_path"),
    [
        ("course", (PYTEST, "--tfgrade", "../alice"), ""),
        ("alice", (PYTEST, "--tfgrade=."), ""),
        ("alice", (sys.executable, "-m", "pytest", "--tfgrade=."), ""),
        ("course", (PYTEST, "--tfgrade=../alice"), "../alice"),
    ],
    ids=["no-equals-sign", "within", "module", "PYTHONPATH"],
)
def test_its_code_runs_where_pytest_is_started_carelessly(
    place: Place, here: str, words: tuple[str | Path, ...], python_path: str
) -> None:
    """No plug-in can prevent it, as the docs say; and the repository is a threat."""
    run(place.course.parent / here, *words, PYTHONPATH=python_path)

    assert place.marker.exists()


def test_what_lies_around_a_course_is_none_of_its_settings(place: Place) -> None:
    around = place.course.parent
    for name in ("pytest.ini", "conftest.py", "evil.py"):
        (around / name).write_bytes((place.repository / name).read_bytes())

    ran = run(place.course, TFGRADE, "grade", "../alice", "-q")

    assert not place.marker.exists()
    assert "1 failed, 2 passed in " in ran.out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\n{}"),
        ("pyproject.toml", "[tool.pytest.ini_options]\n{}"),
        ("tox.ini", "[tox]\nx = 1\n[pytest]\n{}"),
        ("setup.cfg", "[tool:pytest]\n{}"),
    ],
)
def test_settings_and_conftest_of_the_course_are_read(
    place: Place, name: str, text: str
) -> None:
    here, course = place.repository, place.course
    (course / "rubrics").rename(course / "grading")
    quote = '"' if name.endswith(".toml") else ""
    (course / name).write_text(text.format(f"tfgrade_rubrics = {quote}grading{quote}"))
    if name != "pyproject.toml":
        (course / "pyproject.toml").write_text("[project]\nname = 'course'\n")
    (course / "conftest.py").write_text(
        "def pytest_report_header():\n    return 'the conftest of the course'\n"
    )

    ran = run(here, TFGRADE, "grade", ".", "--course", "../course", "--co")

    assert not place.marker.exists()
    assert ran.status == 0
    assert "the conftest of the course\n" in ran.out
    assert f"\nrootdir: {course}\nconfigfile: {name}\n" in ran.out


def test_tests_of_the_course_have_their_own_conftest(place: Place) -> None:
    tests = place.course / "tests"
    tests.mkdir()
    fixture = "import pytest\n\n\n@pytest.fixture\ndef two():\n    return 2\n"
    (tests / "conftest.py").write_text(fixture)
    (tests / "test_own.py").write_text("def test_two(two):\n    assert two == 2\n")

    ran = run(place.course, TFGRADE, "grade", "../alice", "-q", "tests")

    assert not place.marker.exists()
    assert "1 failed, 3 passed in " in ran.out


@pytest.mark.parametrize(
    "words",
    [
        ("-k", "file or flatten", "-v", "--junitxml", "out.xml"),
        ("--junitxml=out.xml", "--deselect=x", "--", "-k", "file or flatten", "-v"),
        ("-kfile or flatten", "-v", "--junit-xml=out.xml", "--tfgrade-workers", "1"),
    ],
    ids=" ".join,
)
def test_what_is_pytests_goes_to_pytest(place: Place, words: tuple[str, ...]) -> None:
    here = place.course.parent

    ran = run(here, TFGRADE, "grade", "alice", "--course", "course", *words)

    assert (ran.status, ran.err) == (0, "")
    assert "2 passed, 1 deselected in " in ran.out
    assert (here / "out.xml").exists()


def test_files_of_the_caller_are_where_they_stand(place: Place) -> None:
    here = place.course.parent / "here"
    here.mkdir()
    (place.course / "rubrics").rename(here / "grading")
    places = ("--tfgrade-rubrics", "grading", "--tfgrade-data=none")

    ran = run(here, TFGRADE, "grade", "../alice", "--course=../course", *places, "-q")

    assert "1 failed, 2 passed in " in ran.out


def test_other_places_of_modules_stay(place: Place) -> None:
    library = place.course.parent / "library"
    library.mkdir()
    (library / "ours.py").write_text("def pytest_report_header():\n    return 'ours'\n")
    words = ("grade", "alice", "--course=course", "--co", "-p", "ours")

    ran = run(library.parent, TFGRADE, *words, PYTHONPATH="library")

    assert (ran.status, ran.err) == (0, "")
    assert "\nours\n" in ran.out


LIES_IN = "lies in the submissions; say where the course is: --course DIR"
NO_RUBRICS = "holds no rubrics; say where the course is: --course DIR"
IMPORTS = (
    "Python imports from this folder of the submissions, whose code may have run "
    "already; unset PYTHONPATH, and call tfgrade by its name"
)
SET_HERE = "is set by tfgrade grade; leave it out; --course says where the course is"


@pytest.mark.parametrize(
    ("here", "words", "said"),
    [
        ("alice", ".", f"{{top}}/alice: {LIES_IN}"),
        ("alice/tests", "..", f"{{top}}/alice/tests: {LIES_IN}"),
        ("course", ". --course ../alice", f"{{top}}/alice: {NO_RUBRICS}"),
        ("alice", "tests", f"{{top}}/alice: {NO_RUBRICS}"),
        (
            "course",
            "-k x ../alice",
            "x: is not a folder; give SUBMISSIONS before options of pytest",
        ),
        (
            "alice",
            ". --course none",
            "none: is not a folder; give the folder of the course",
        ),
        ("course", "../alice --tfgrade=x", f"--tfgrade=x: {SET_HERE}"),
        ("course", "../alice --rootdir ../alice", f"--rootdir: {SET_HERE}"),
        ("course", "../alice -- -cx.ini", f"-cx.ini: {SET_HERE}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_call_that_makes_no_sense_is_a_mistake(
    place: Place, here: str, words: str, said: str
) -> None:
    top = place.course.parent

    ran = run(top / here, TFGRADE, "grade", *words.split())

    assert not place.marker.exists()
    assert (ran.status, ran.out, ran.err) == (2, "", f"{said.format(top=top)}\n")


def test_a_way_that_python_took_into_submissions_is_owned_up_to(place: Place) -> None:
    entry = place.repository / "tests"

    ran = run(place.course, TFGRADE, "grade", "../alice", PYTHONPATH="../alice/tests")

    assert (ran.status, ran.out, ran.err) == (2, "", f"{entry}: {IMPORTS}\n")


def test_settings_that_lead_into_submissions_are_refused(place: Place) -> None:
    (place.course / "pytest.ini").symlink_to(place.repository / "pytest.ini")

    ran = run(place.course, TFGRADE, "grade", "../alice")

    assert not place.marker.exists()
    assert (ran.status, ran.out, ran.err) == (
        2,
        "",
        f"{place.course}/pytest.ini: leads into the submissions, whose code it could "
        "load; remove it\n",
    )


WAIT = """\
import time
from pathlib import Path


def test_wait():
    Path("waits").touch()
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_pytest_which_writes_its_reports(
    place: Place, number: signal.Signals
) -> None:
    (place.course / "test_wait.py").write_text(WAIT)
    words = [TFGRADE, "grade", "../alice", "--tfgrade-report=out", "test_wait.py"]
    with subprocess.Popen(words, cwd=place.course, stdout=subprocess.DEVNULL) as begun:
        while not (place.course / "waits").exists() and begun.poll() is None:
            time.sleep(0.05)

        begun.send_signal(number)

    assert begun.returncode == pytest.ExitCode.INTERRUPTED
    assert verdicts(place.course / "out")["flatten"] == "passed"
