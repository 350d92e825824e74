"""Code that goes with a model, and what happens where it is missing."""

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.engine import Job

if TYPE_CHECKING:
    from conftest import School

TARGETS = np.array([[2.0], [4.0], [6.0], [8.0]], np.float32)

RUBRIC = """\
task: line
dataset: numbers
artifact: {{source: {source}}}
contract:
  inputs: {{x: {{shape: [null, 1]}}}}
  outputs: {{y: {{shape: [null, 1]}}}}
criteria:
  - {{id: contract, check: predict.contract, points: 5}}
"""

CODE = b"raise SystemExit('run where it must not be')\n"


def with_own_class(model: bytes) -> bytes:
    """Return a model one layer of which is of a class of the candidate's."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(model)) as old,
        zipfile.ZipFile(changed, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                own = {"module": None, "registered_name": "mine>Dense"}
                config["config"]["layers"][-1].update(own)
                content = json.dumps(config).encode()
            new.writestr(name, content)
    return changed.getvalue()


@pytest.fixture
def alice(school: "School") -> "School":
    """Return a school whose task takes code, and a model that needs it."""
    text = RUBRIC.format(source="{names: [model]}")
    (school.rubrics / "line.yaml").write_text(text)
    school.hand_in("alice/line.keras", with_own_class(school.model))
    return school


def told(grade: TaskGrade) -> tuple[str | None, str, str | None]:
    criterion = grade.criteria[0]
    return criterion.code, criterion.rationale, criterion.hint


def test_code_that_is_missing_is_asked_for_by_its_name(alice: "School") -> None:
    assert told(alice.grade()) == (
        Code.CUSTOM_OBJECT,
        "the model needs 'mine>Dense' (layer 'dense'), which the grader does not have",
        "Hand in model.py, too: the code that defines it.",
    )


def test_code_beside_a_model_goes_along_and_is_not_run_here(alice: "School") -> None:
    alice.hand_in("alice/model.py", CODE)
    seen: list[bytes] = []
    alice.runner.answer = lambda artifact: (
        seen.append(artifact.source.path.read_bytes()) or TARGETS
    )

    grade = alice.grade()

    assert (grade.points, seen) == (5, [CODE])
    assert grade.artifact is not None
    assert grade.artifact.source == "model.py"


def test_the_same_weights_with_other_code_are_another_model(alice: "School") -> None:
    alice.hand_in("alice/model.py", CODE)
    alice.hand_in("bob/line.keras", with_own_class(alice.model))
    alice.hand_in("bob/model.py", CODE + b"# other\n")

    with alice.run() as run:
        for candidate in ("alice", "bob"):
            run.grade(Job(candidate, "line"))

    assert alice.runner.calls == ["line.keras", "line.keras"]


def test_the_courses_own_code_takes_the_place_of_the_candidates(
    alice: "School",
) -> None:
    (alice.rubrics / "layers.py").write_bytes(b"# of the course\n")
    text = RUBRIC.format(source="{file: layers.py}")
    (alice.rubrics / "line.yaml").write_text(text)
    alice.hand_in("alice/model.py", CODE)
    seen: list[bytes] = []
    alice.runner.answer = lambda artifact: (
        seen.append(artifact.source.path.read_bytes()) or TARGETS
    )

    alice.grade()

    assert seen == [b"# of the course\n"]


def test_code_that_cannot_be_used_is_the_reason_where_it_is_needed(
    alice: "School",
) -> None:
    alice.hand_in("alice/model.py", b"caf\xe9")

    assert told(alice.grade()) == (
        Code.CUSTOM_OBJECT,
        "the model needs 'mine>Dense' (layer 'dense'), which the grader does not have, "
        "and model.py is not a text in UTF-8",
        "Hand in the code as one text file in UTF-8.",
    )


def test_code_that_cannot_be_used_costs_nothing_where_it_is_not_needed(
    alice: "School",
) -> None:
    alice.hand_in("alice/line.keras")
    alice.hand_in("alice/model.py", b"caf\xe9")

    assert alice.grade().points == 5
