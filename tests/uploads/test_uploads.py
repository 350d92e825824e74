"""Each way in which an upload can be broken has its code, its cause and a way out."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent

Finding = dict[str, str]
"""Code, rationale and hint."""


@pytest.fixture(scope="module")
def expected() -> dict[str, Finding]:
    """What is expected of each broken upload."""
    table: dict[str, Finding] = yaml.safe_load(
        (HERE / "expected.yaml").read_text(encoding="utf-8")
    )
    return table


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The task ``digits`` as one run of the plug-in grades it, by candidate."""
    course = tmp_path_factory.mktemp("uploads")
    shutil.copytree(HERE / "rubrics", course / "rubrics")
    shutil.copy(HERE / "hidden_data.py", course / "conftest.py")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(
        [sys.executable, HERE / "make_uploads.py", "submissions", "sound"],
        cwd=course,
        env={**os.environ, **quiet},
        capture_output=True,
        check=True,
        timeout=120,
    )
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *("--tfgrade", "submissions", "--tfgrade-report", "out"),
            *("--tfgrade-task", "digits"),
        ],
        cwd=course,
        capture_output=True,
        check=False,  # most of it fails, as it should
        timeout=300,
    )
    grades = json.loads((course / "out" / "grades.json").read_text(encoding="utf-8"))
    return {one["id"]: one["tasks"][0] for one in grades["submissions"]}


def finding(task: Mapping[str, Any]) -> Finding | None:
    """Return what a candidate reads first; None if the model was graded."""
    for result in task["criteria"]:
        if result["verdict"] not in {"passed", "skipped"}:
            found = {"code": task["code"]}
            for part in ("rationale", "hint"):
                text = str(result[part]).replace(version("keras"), "{keras}")
                found[part] = text.replace(version("tf-keras"), "{tf_keras}")
            return found
    return None


def test_every_broken_upload_is_told_what_is_wrong_with_it(
    tasks: Mapping[str, Any], expected: Mapping[str, Finding]
) -> None:
    found = {name: finding(task) for name, task in tasks.items()}

    broken = {name: one for name, one in found.items() if one is not None}
    assert broken == {
        name: expected[row.get("like", name)] for name, row in expected.items()
    }


def test_a_sound_upload_has_all_points_in_every_format(
    tasks: Mapping[str, Any],
) -> None:
    found = {
        name: (task["result"], task["points"])
        for name, task in tasks.items()
        if finding(task) is None
    }

    assert found == {
        "sound-h5": ("graded", 5),
        "sound-keras": ("graded", 5),
        "sound-keras-zip": ("graded", 5),
        "sound-saved-model": ("graded", 5),
        "sound-saved-model-zip": ("graded", 5),
        "sound-tflite": ("graded", 5),
    }


def test_every_cause_has_its_own_text_and_a_way_out(
    expected: Mapping[str, Finding],
) -> None:
    causes = [row for row in expected.values() if "like" not in row]

    missing = [row for row in causes if row["code"] == "E_MISSING"]
    others = [row["rationale"] for row in causes if row not in missing]
    assert len(set(others)) == len(others)
    assert len({row["hint"] for row in missing}) == len(missing) > 1
    assert all(row["hint"].endswith((".", "?")) for row in causes)
