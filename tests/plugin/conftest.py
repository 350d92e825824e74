"""A small course whose rubrics need no TensorFlow: what a file says decides."""

from collections.abc import Callable
from pathlib import Path

import h5py  # noqa: F401 - a run in this process would unload it and NumPy with it
import jinja2  # noqa: F401 - the same; types of Markup must not be there twice
import pytest

MakeModel = Callable[..., Path]
Course = Callable[..., None]

RUBRIC = """\
task: {task}
artifact: {{formats: [keras, h5]}}
contract:
  inputs: {{image: {{shape: [null, 8, 8]}}}}
  outputs: {{y: {{shape: [null, 64]}}}}
criteria:
  - {{id: file, check: file, points: 1}}
  - {{id: shapes, check: model.io, points: 1.5}}
  - {{id: relu, check: model.layers, class: ReLU, points: 2.5, requires: [file]}}
"""


@pytest.fixture
def course(pytester: pytest.Pytester) -> Path:
    """Two tasks, each 5 points; returns the course's folder."""
    rubrics = pytester.mkdir("rubrics")
    for task in ("flat", "wide"):
        text = RUBRIC.format(task=task)
        (rubrics / f"{task}.yaml").write_text(text, encoding="utf-8")
    exam = "exam: Static exam\ntasks: [wide, flat]\npass_mark: 0.5\n"
    (rubrics / "exam.yaml").write_text(exam, encoding="utf-8")
    return pytester.path


@pytest.fixture
def submissions(course: Path, make_model: MakeModel) -> Path:
    """Three candidates: one at full score, one that lacks a layer, one that fails."""
    folder = course / "submissions"
    flatten, relu = ("Flatten", {}), ("ReLU", {})
    hand_in(folder, "alice/flat.keras", make_model("a.keras", flatten, relu))
    hand_in(folder, "alice/category3/wide.keras", make_model("a.keras", flatten, relu))
    hand_in(folder, "alice/wide.keras", make_model("b.keras", flatten, relu))
    hand_in(folder, "bob/flat.keras", make_model("c.keras", flatten))
    hand_in(
        folder, "bob/wide.keras", make_model("d.keras", ("Permute", {"dims": (2, 1)}))
    )
    hand_in(folder, "carol/flat.h5", None)
    return folder


def hand_in(folder: Path, name: str, model: Path | None) -> None:
    """Put a model, or an empty file, where a candidate would."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.read_bytes() if model else b"")
