"""A small course for tests of the grader's own faults: models without weights.

Its commands are run as other users, and on machines that lack something.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

import pytest_tfgrade

HERE: Final = Path(__file__).parent
NOBODY: Final = 65534
"""A user who owns nothing."""

_PYTHON: Final = Path(sys.executable)

_STATIC: Final = """\
task: {task}
artifact: {{formats: [keras, h5]}}
contract:
  inputs: {{image: {{shape: [null, 10]}}}}
  outputs: {{digit: {{shape: [null, 10]}}}}
criteria:
  - {{id: file, check: file, points: 1}}
  - {{id: shapes, check: model.io, points: 1}}
"""

_PREDICTED: Final = """\
task: {task}
dataset: digits
artifact: {{source: {{names: [source]}}}}
contract:
  inputs: {{image: {{shape: [null, 10]}}}}
  outputs: {{digit: {{shape: [null, 10]}}}}
limits: {{seconds: 60, memory: 1 GiB}}
criteria:
  - {{id: accuracy, check: predict.metric, metric: accuracy, threshold: 0.8, points: 4}}
"""

_CONFTEST: Final = """\
import numpy as np
from pytest_tfgrade.datasets import EvaluationDataset

def pytest_tfgrade_load_dataset(config, name, folder):
    with np.load(config.rootpath / "hidden.npz") as hidden:
        inputs, targets = ({key: hidden[key]} for key in ("image", "digit"))
    return EvaluationDataset.of(name, inputs, targets)
"""


class SmallCourse:
    """A folder with rubrics, hidden data and submissions."""

    def __init__(
        self, folder: Path, *, static: Sequence[str], predicted: Sequence[str]
    ) -> None:
        """Make it, without submissions.

        Args:
            folder: An existing one.
            static: Tasks of which the file alone decides.
            predicted: Tasks for which a model runs; its largest input decides.
        """
        self.folder = folder
        self.submissions = folder / "submissions"
        self.temporary = folder / "tmp"
        self.reports = folder / "out"
        rubrics = folder / "rubrics"
        for made in (self.submissions, self.temporary, rubrics):
            made.mkdir()
        for text, tasks in ((_STATIC, static), (_PREDICTED, predicted)):
            for task in tasks:
                rubric = text.format(task=task)
                (rubrics / f"{task}.yaml").write_text(rubric, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
        digits = np.arange(40) % 10
        image = np.eye(10, dtype=np.float32)[digits]
        np.savez(folder / "hidden.npz", image=image, digit=digits)

    def hand_in(self, candidate: str, name: str, content: bytes) -> Path:
        """Write a file of a candidate's; return it."""
        file = self.submissions / candidate / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        return file

    def grading(self, *words: str) -> list[str]:
        """Return the command that grades all submissions."""
        return [
            *(str(_PYTHON), "-m", "pytest", "-p", "no:cacheprovider"),
            *("--tfgrade=submissions", "--tfgrade-report=out"),
            *("--tfgrade-cache=off", *words),
        ]

    def doctor(self) -> list[str]:
        """Return the command that examines the machine."""
        return [str(_PYTHON), "-m", "pytest_tfgrade.cli", "doctor", "--json"]

    def command(
        self,
        command: Sequence[str],
        *,
        who: int | None = None,
        lacks: Sequence[str] = (),
    ) -> list[str]:
        """Return what runs a command as another user, or without something.

        Args:
            command: What ``grading`` or ``doctor`` returned.
            who: A user that root becomes; root itself if 0, with a Python that other
                users can read; None for who we are.
            lacks: Names of ``without.LACKS``.
        """
        package = Path(pytest_tfgrade.__file__).parents[1]
        needed = (sys.prefix, sys.base_prefix, package, self.folder)
        words: list[object] = []
        if who is not None:
            words += [_PYTHON, HERE / "as_user.py", who, *needed, "--"]
        if lacks:
            words += [_PYTHON, HERE / "without.py", *lacks, "--"]
        return [*map(str, words), *command]

    def environment(self) -> dict[str, str]:
        """Return variables of a run: its temporary files lie in a folder of its own."""
        ours = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        return {**ours, "TMPDIR": str(self.temporary), "HOME": str(self.folder)}

    def run(
        self,
        command: Sequence[str],
        *,
        who: int | None = None,
        lacks: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        if who is not None:
            self.hand_over(who)
        return subprocess.run(
            self.command(command, who=who, lacks=lacks),
            cwd=self.folder,
            env={**self.environment(), **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def hand_over(self, who: int) -> None:
        """Make all of it another user's."""
        for path in (self.folder, *self.folder.rglob("*")):
            os.lchown(path, who, who)


def with_own_layer(content: bytes) -> bytes:
    """Return a ``.keras`` file whose last layer is ``Own``, of the candidate's code."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as whole,
        zipfile.ZipFile(changed, "w") as copy,
    ):
        for name in whole.namelist():
            member = whole.read(name)
            if name == "config.json":
                config = json.loads(member)
                own = {
                    "module": "source",
                    "class_name": "Own",
                    "registered_name": "Own",
                }
                config["config"]["layers"][-1] |= own
                member = json.dumps(config).encode()
            copy.writestr(name, member)
    return changed.getvalue()


def source(act: str) -> bytes:
    """Return code that does something when it is loaded, and defines ``Own``."""
    text = f"""\
import keras

{act}

class Own(keras.layers.Layer):
    def call(self, inputs):
        return keras.ops.softmax(inputs)
"""
    return text.encode()
