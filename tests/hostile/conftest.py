"""The corpus made once, and graded once as each user; only the rows that are asked for.

``pytest tests/hostile -k R05`` makes and grades these rows and the honest submissions.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from corpus import ROWS  # noqa: E402 - found by the line above
from course import Course  # noqa: E402
from honest import NAMES  # noqa: E402
from listeners import Listeners  # noqa: E402
from rows import Row  # noqa: E402
from runs import NOBODY, Run, run  # noqa: E402

USERS = [
    pytest.param(None, id="as-is"),
    pytest.param(
        NOBODY,
        id="as-nobody",
        marks=pytest.mark.skipif(os.getuid() != 0, reason="only root can be another"),
    ),
]

CONTROLS = ("K04-marker", "K04-net")
"""Rows that are always made; they show that what they do would be noticed."""

Corpus = tuple[Course, Listeners, dict[str, str]]
"""The third: tracebacks of rows that could not be made."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for ``who`` as each user, and what asks for ``row`` for each."""
    if "who" in metafunc.fixturenames:
        metafunc.parametrize("who", USERS, scope="session")
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", ROWS, ids=[row.id for row in ROWS])


def chosen(session: pytest.Session) -> list[Row]:
    """Return the rows of the tests that will run."""
    asked = [getattr(item, "callspec", None) for item in session.items]
    given = [spec.params.get("row") for spec in asked if spec]
    ids = {row.id for row in given if isinstance(row, Row)}  # others have rows, too
    return [row for row in ROWS if row.id in {*ids, *CONTROLS}]


@pytest.fixture(scope="session")
def corpus(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Corpus]:
    """A course with all submissions, and those that are honest alone."""
    top = tmp_path_factory.mktemp("hostile")
    course = Course(top / "course")
    targets = course.targets("", 0)
    listeners = Listeners(targets.socket)
    rows = {
        row.id: asdict(course.targets(row.id, listeners.port))
        for row in chosen(request.session)
    }
    submissions, failed = course.folder / "submissions", top / "failed.json"
    order = {"folder": submissions, "failed": failed, "rows": rows}
    (top / "order.json").write_text(json.dumps(order, default=str), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, HERE / "make.py", top / "order.json"],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    course.taken_effects()  # who saves a model calls it
    tuple(listeners.received())
    for name in NAMES:
        shutil.copytree(submissions / name, course.folder / "alone" / name)
    for name in CONTROLS:
        shutil.copytree(submissions / name, course.folder / "controls" / name)
    yield course, listeners, json.loads(failed.read_text(encoding="utf-8"))
    listeners.close()


@pytest.fixture(scope="session")
def alone(corpus: Corpus, who: int | None) -> Run:
    """The run of the honest submissions."""
    course, listeners, _ = corpus
    return run(course, "alone", who, listeners)


@pytest.fixture(scope="session")
def among(corpus: Corpus, who: int | None) -> Run:
    """The run of the honest submissions among all rows."""
    course, listeners, _ = corpus
    return run(course, "submissions", who, listeners)


@pytest.fixture(scope="session")
def require_made(corpus: Corpus) -> Callable[[Row], None]:
    """Fail for a row that could not be made."""
    failed = corpus[2]

    def require(row: Row) -> None:
        assert row.id not in failed, failed[row.id]

    return require
