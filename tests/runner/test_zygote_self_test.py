"""The self-test finds out whether a warm child can run a graph."""

import os
import subprocess
import sys
from pathlib import Path

import pytest_tfgrade

CODE = """
import sys
sys.path.insert(0, sys.argv[1])
from worker import models, zygote
zygote.SELF_TEST_SECONDS = 4
program = models.Models("keras")
program.prepare(sys.argv[2], True)
print(zygote.passes_self_test(program))
program._refresh = lambda: None  # as if the private function had gone
print(zygote.passes_self_test(program))
"""


def test_without_a_new_context_a_warm_child_hangs_and_the_test_fails(
    tmp_path: Path,
) -> None:
    runner = Path(pytest_tfgrade.__file__).parent / "runner"
    threads = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

    shown = subprocess.run(
        [sys.executable, "-c", CODE, str(runner), str(tmp_path)],
        env={**os.environ, **threads, "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.split() == ["True", "False"]
