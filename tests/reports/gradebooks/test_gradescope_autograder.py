"""The autograder in examples/gradescope, run as Gradescope runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from pytest_tfgrade.cli import main
from pytest_tfgrade.options import OPTIONS

ROOT: Final = Path(__file__).parents[3]
BASH: Final = shutil.which("bash") or "/bin/bash"
SCRIPTS: Final = ROOT / "examples" / "gradescope"


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_gradescope_can_start_the_scripts(name: str) -> None:
    path = SCRIPTS / name

    checked = subprocess.run([BASH, "-n", str(path)], check=False)

    assert checked.returncode == 0
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")


def test_the_script_and_the_how_to_name_options_that_there_are() -> None:
    pages = [SCRIPTS / "run_autograder", ROOT / "docs" / "howto" / "gradebooks.md"]

    named = {
        flag
        for page in pages
        for flag in re.findall(r"--tfgrade-[a-z]+", page.read_text(encoding="utf-8"))
    }

    assert named <= {option.flag for option in OPTIONS}
    assert "--tfgrade-format" in named


def test_a_submission_is_graded_where_gradescope_puts_it(tmp_path: Path) -> None:
    main(["init", str(tmp_path / "source" / "course")])
    submission = tmp_path / "submission"
    submission.mkdir()
    (submission / "line.keras").write_bytes(b"no model")
    (tmp_path / "results").mkdir()
    script = (SCRIPTS / "run_autograder").read_text(encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    ran = subprocess.run(
        [BASH, "-c", script.replace("/autograder", str(tmp_path))],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = json.loads((tmp_path / "results" / "results.json").read_text("utf-8"))
    assert results["score"] == 0
    assert "the file is plain text" in results["tests"][0]["output"]
