"""Machines that lack a layer of the sandbox: what is graded there, and what is not.

What is lacking is really not to be had (``without.py``); what the machine of the tests
lacks itself comes on top.
"""

import csv
import ctypes
import functools
import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from small_course import NOBODY, SmallCourse, source, with_own_layer

from pytest_tfgrade.core.acts import Layer
from pytest_tfgrade.core.isolation import LAYERS

MakeModel = Callable[..., Path]

IS_ROOT = os.geteuid() == 0
ROOT, ORDINARY = (0, NOBODY) if IS_ROOT else (None, None)

only_root = pytest.mark.skipif(not IS_ROOT, reason="only root can be root")

NAMESPACES, LANDLOCK, SECCOMP, IDENTITY = (
    *(Layer.NAMESPACES, Layer.LANDLOCK, Layer.SECCOMP, Layer.IDENTITY),
)

GRADED = [
    pytest.param(ORDINARY, "", set(), id="user"),
    pytest.param(ORDINARY, "user-namespaces", {NAMESPACES}, id="user-no-namespaces"),
    pytest.param(ORDINARY, "mounts", {NAMESPACES}, id="user-useless-namespaces"),
    pytest.param(ORDINARY, "landlock", {LANDLOCK}, id="user-no-landlock"),
    pytest.param(ROOT, "", set(), id="root", marks=only_root),
    pytest.param(ROOT, "CAP_SETPCAP", set(), id="root-no-setpcap", marks=only_root),
    pytest.param(ROOT, "CAP_SYS_ADMIN", {NAMESPACES}, id="docker", marks=only_root),
    pytest.param(ROOT, "landlock", {LANDLOCK}, id="root-no-landlock", marks=only_root),
]

REFUSED = [
    pytest.param(
        *(ORDINARY, "user-namespaces landlock", {NAMESPACES, LANDLOCK}), id="user-both"
    ),
    pytest.param(ORDINARY, "seccomp", {SECCOMP}, id="user-no-seccomp"),
    pytest.param(ORDINARY, "other-users", {IDENTITY}, id="root-of-a-user-namespace"),
    pytest.param(
        *(ROOT, "CAP_SYS_ADMIN landlock", {NAMESPACES, LANDLOCK}),
        id="docker-both",
        marks=only_root,
    ),
    pytest.param(ROOT, "seccomp", {SECCOMP}, id="root-no-seccomp", marks=only_root),
    pytest.param(ROOT, "CAP_SETUID", {IDENTITY}, id="root-no-setuid", marks=only_root),
]


class Opened:
    """Tells which files in some folders were opened, by whomever (inotify(7))."""

    _OPEN = 0x20
    _EVENT = struct.Struct("=iIII")

    def __init__(self, *folders: Path) -> None:
        """Begin to watch."""
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for folder in folders:
            path = os.fsencode(folder)
            assert libc.inotify_add_watch(self._descriptor, path, self._OPEN) >= 0

    def names(self) -> set[str]:
        """Return names of files that were opened since."""
        try:
            events = os.read(self._descriptor, 1 << 20)
        except BlockingIOError:
            return set()
        found, at = set(), 0
        while at < len(events):
            *_, length = self._EVENT.unpack_from(events, at)
            at += self._EVENT.size
            found.add(os.fsdecode(events[at : at + length].rstrip(b"\0")))
            at += length
        return found - {""}  # the folder itself: it was listed

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def course(tmp_path: Path, make_model: MakeModel) -> SmallCourse:
    """One candidate's file, of which its facts alone decide."""
    folder = tmp_path / "course"
    folder.mkdir()
    course = SmallCourse(folder, static=["flat"], predicted=[])
    model = make_model("model.keras", ("Softmax", {}), shape=(10,))
    course.hand_in("alice", "flat.keras", model.read_bytes())
    return course


@pytest.fixture
def opened(course: SmallCourse) -> Iterator[Opened]:
    """Watch what is handed in."""
    opened = Opened(course.submissions, *course.submissions.iterdir())
    yield opened
    opened.close()


@functools.cache
def own_lacks(who: int | None, folder: Path) -> frozenset[Layer]:
    """Return what the machine of the tests lacks itself."""
    folder.mkdir()
    return lacked(doctor(SmallCourse(folder, static=[], predicted=[]), who, ""))


@pytest.fixture
def missing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[int | None, set[Layer]], set[Layer]]:
    """Add what the machine of the tests lacks itself."""
    base = tmp_path_factory.getbasetemp()

    def add(who: int | None, lacks: set[Layer]) -> set[Layer]:
        return lacks | own_lacks(who, base / f"machine-{who}")

    return add


def doctor(course: SmallCourse, who: int | None, lacks: str) -> Mapping[str, Any]:
    done = course.run(course.doctor(), who=who, lacks=lacks.split())
    assert done.stderr == ""
    found: Mapping[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if found["isolated"] else 1)
    return found


def lacked(found: Mapping[str, Any]) -> frozenset[Layer]:
    return frozenset(
        Layer(layer["name"]) for layer in found["layers"] if not layer["there"]
    )


def profile(missing: set[Layer]) -> str:
    """Return what security.md promises; files are kept shut in two ways, in one."""
    if missing & {SECCOMP, IDENTITY}:
        return "limits"
    shut = {NAMESPACES, LANDLOCK} - missing
    return ("limits", "strong", "full")[len(shut)]


@pytest.mark.parametrize(("user", "lacks", "gone"), GRADED)
def test_without_one_layer_grades_are_made_in_what_is_left(  # noqa: PLR0913, PLR0917 - a machine
    course: SmallCourse,
    opened: Opened,
    missing: Callable[[int | None, set[Layer]], set[Layer]],
    user: int | None,
    lacks: str,
    gone: set[Layer],
) -> None:
    expected = profile(missing(user, gone))
    if expected == "limits":
        pytest.skip("this machine lacks more")

    done = course.run(course.grading(), who=user, lacks=lacks.split())

    assert done.returncode == 0, done.stdout
    assert "NOT ISOLATED" not in done.stdout
    grades = json.loads((course.reports / "grades.json").read_text())
    assert (grades["isolated"], grades["sandbox"]) == (True, expected)
    assert [one["points"] for one in grades["submissions"]] == [2]
    assert opened.names() == {"alice", "flat.keras"}
    assert list(course.temporary.iterdir()) == []


@pytest.mark.parametrize(("user", "lacks", "gone"), REFUSED)
def test_without_enough_layers_nothing_is_touched_and_the_ways_out_are_told(  # noqa: PLR0913, PLR0917 - a machine
    course: SmallCourse,
    opened: Opened,
    missing: Callable[[int | None, set[Layer]], set[Layer]],
    user: int | None,
    lacks: str,
    gone: set[Layer],
) -> None:
    gone = missing(user, gone)

    done = course.run(course.grading(), who=user, lacks=lacks.split())

    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    told = done.stderr
    assert told.startswith(
        "ERROR: models cannot be isolated on this machine, so nothing was graded\n"
    )
    assert "--tfgrade-sandbox=limits" in told
    named = [line.split()[1] for line in told.splitlines() if "  missing: " in line]
    assert set(named) == gone
    for layer in gone:
        assert all(remedy in told for remedy in LAYERS[layer].remedies)
    assert "Traceback" not in told
    assert opened.names() <= {"alice"}
    assert list(course.reports.iterdir()) == []
    assert list(course.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("user", "lacks", "gone"),
    [GRADED[1], GRADED[3], REFUSED[0], REFUSED[1], REFUSED[5]],
)
def test_doctor_finds_the_same(
    course: SmallCourse,
    missing: Callable[[int | None, set[Layer]], set[Layer]],
    user: int | None,
    lacks: str,
    gone: set[Layer],
) -> None:
    expected = missing(user, gone)

    found = doctor(course, user, lacks)

    assert lacked(found) == expected
    assert found["sandbox"] == profile(expected)
    assert found["isolated"] is (profile(expected) != "limits")
    assert list(course.temporary.iterdir()) == []


@pytest.mark.parametrize("mode", ["limits", "off"])
def test_on_request_all_is_graded_and_every_report_says_how(
    course: SmallCourse, mode: str
) -> None:
    lacks = ["user-namespaces", "landlock", "seccomp"]

    done = course.run(
        course.grading(f"--tfgrade-sandbox={mode}"), who=ORDINARY, lacks=lacks
    )

    assert done.returncode == 0, done.stdout
    assert "NOT ISOLATED" in done.stdout
    grades = json.loads((course.reports / "grades.json").read_text())
    assert (grades["isolated"], grades["sandbox"]) == (False, mode)
    assert [one["points"] for one in grades["submissions"]] == [2]
    junit = (course.reports / "junit.xml").read_text()
    ElementTree.fromstring(junit)
    assert "NOT ISOLATED" in junit
    for name in ("grades.csv", "totals.csv"):
        with (course.reports / name).open(newline="") as table:
            assert {row["isolated"] for row in csv.DictReader(table)} == {"no"}
    assert list(course.temporary.iterdir()) == []


@pytest.mark.parametrize(("user", "lacks", "gone"), [GRADED[2], GRADED[6]])
def test_a_model_runs_in_what_is_left(  # noqa: PLR0913, PLR0917 - a machine
    tmp_path: Path,
    make_model: MakeModel,
    missing: Callable[[int | None, set[Layer]], set[Layer]],
    user: int | None,
    lacks: str,
    gone: set[Layer],
) -> None:
    expected = profile(missing(user, gone))
    if expected == "limits":
        pytest.skip("this machine lacks more")
    folder = tmp_path / "course"
    folder.mkdir()
    course = SmallCourse(folder, static=[], predicted=["digit"])
    model = make_model("model.keras", ("Softmax", {}), shape=(10,)).read_bytes()
    course.hand_in("alice", "digit.keras", model)
    secret = folder / "hidden.npz"
    for name, act in {
        "bob": "",
        "carol": f"open({str(secret)!r}).read()",
        "dave": "import os; os.fork()",
    }.items():
        course.hand_in(name, "digit.keras", with_own_layer(model))
        course.hand_in(name, "source.py", source(act))

    done = course.run(course.grading(), who=user, lacks=lacks.split())

    grades = json.loads((course.reports / "grades.json").read_text())
    codes = [one["tasks"][0]["code"] for one in grades["submissions"]]
    assert codes == [None, None, "E_POLICY", "E_POLICY"], done.stdout
    assert (grades["isolated"], grades["sandbox"]) == (True, expected)
    assert list(course.temporary.iterdir()) == []
