"""Runs that start TensorFlow: what models do, and what a grader's own tests see."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

MakeModel = Callable[..., Path]

RUBRIC = """\
task: flat
dataset: squares
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {y: {shape: [null, 64]}}
limits: {seconds: 4, memory: 512 MiB}
criteria:
  - {id: file, check: file, points: 1}
  - {id: error, check: predict.metric, metric: mae, threshold: 0.1, points: 4}
"""

CONFTEST = """\
import numpy as np
import pytest
from pytest_tfgrade.datasets import EvaluationDataset

def squares(rows, seed=0):
    image = np.random.default_rng(seed).random((rows, 8, 8), dtype=np.float32)
    targets = {"y": image.reshape(rows, 64)}
    return EvaluationDataset.of("squares", {"image": image}, targets)

def pytest_tfgrade_load_dataset(config, name, folder):
    assert (name, folder.name) == ("squares", "squares")
    return squares(200)
"""

OWN_TESTS = """\
import numpy as np
import pytest
from conftest import squares

class TestOnTheHiddenData:
    def test_predictions(self, tfgrade_predictions, tfgrade_dataset):
        expected = tfgrade_dataset.targets["y"]
        assert tfgrade_predictions["y"].shape == expected.shape == (200, 64)

class TestOnOtherData:
    @pytest.fixture
    def tfgrade_dataset(self):
        return squares(7, seed=1)

    def test_predictions(self, tfgrade_predictions, tfgrade_dataset):
        np.testing.assert_array_equal(
            tfgrade_predictions["y"], tfgrade_dataset.targets["y"]
        )

def test_facts(tfgrade_submission, tfgrade_facts):
    assert tfgrade_submission.id in {"fine", "hungry", "slow", "twin", "wide"}
    assert [layer.class_name for layer in tfgrade_facts.walk()][:2] == [
        "InputLayer", "Flatten"
    ]
"""


@pytest.fixture
def class_of_five(pytester: pytest.Pytester, make_model: MakeModel) -> Path:
    """Models that compute, return too much, take too long, and eat memory."""
    pytester.makeconftest(CONFTEST)
    rubrics = pytester.mkdir("rubrics")
    (rubrics / "flat.yaml").write_text(RUBRIC, encoding="utf-8")
    flatten = ("Flatten", {})
    again = ("Reshape", {"target_shape": [8, 8]})
    slow = (
        ("UpSampling1D", {"size": 4000}),
        ("AveragePooling1D", {"pool_size": 3001, "strides": 1, "padding": "same"}),
    )
    folder = pytester.mkdir("submissions")
    for name, layers in {
        "fine": (flatten,),
        "hungry": (flatten, ("RepeatVector", {"n": 20_000_000})),
        "slow": (flatten, again, *slow),
        "twin": (flatten,),
        "wide": (flatten, ("RepeatVector", {"n": 2})),
    }.items():
        folder.joinpath(f"{name}_flat.keras").write_bytes(
            make_model("model.keras", *layers).read_bytes()
        )
    return folder


def test_each_model_gets_its_own_code_and_its_neighbours_their_points(
    pytester: pytest.Pytester, class_of_five: Path
) -> None:
    pytester.makepyfile(test_own=OWN_TESTS)

    result = pytester.runpytest_subprocess(
        *("--tfgrade", "submissions", "--tfgrade-report", "out", "."),
        "--import-mode=prepend",
    )

    grades = _grades(pytester.path / "out")
    assert {
        name: (g["result"], g["code"], g["points"]) for name, g in grades.items()
    } == {
        "fine": ("graded", None, 5),
        "hungry": ("ungradable", "E_MEMORY", 1),
        "slow": ("ungradable", "E_TIMEOUT", 1),
        "twin": ("graded", None, 5),
        "wide": ("ungradable", "E_OUTPUT_SHAPE", 1),
    }
    assert grades["slow"]["criteria"][1]["rationale"] == (
        "the model was still busy after 4 s, in the phase 'predict'"
    )
    own_passed, own_skipped = 2 * 2 + 5, 3 * 2  # predictions of two models; all facts
    result.assert_outcomes(passed=7 + own_passed, failed=3, skipped=own_skipped)


def test_a_grader_without_tensorflow_is_told_what_to_install(
    pytester: pytest.Pytester, class_of_five: Path
) -> None:
    pytester.makeconftest(f"import sys\nsys.modules['tensorflow'] = None\n{CONFTEST}")

    result = pytester.runpytest_subprocess("--tfgrade", "submissions")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: * has no tensorflow; install TensorFlow: "
            "pip install 'pytest-tfgrade[[]cpu]', or [[]tensorflow]"
        ]
    )


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_data_that_cannot_be_read_end_the_run_before_any_model(
    pytester: pytest.Pytester, class_of_five: Path, more: tuple[str, ...]
) -> None:
    folder = pytester.mkdir("reference_data") / "squares"
    folder.mkdir()
    folder.joinpath("dataset.yaml").write_text("dataset: squares\n", encoding="utf-8")
    pytester.makeconftest(CONFTEST.replace("return squares(200)", "return None"))

    result = pytester.runpytest_subprocess("--tfgrade", "submissions", *more)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: reference_data/squares/dataset.yaml:1:1: the key 'files' is missing*"]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("{}['db']", "*asked for 'squares', failed:*KeyError: 'db'*"),
        ("{'x': 1}", "*asked for 'squares', returned a dict; return Eval*"),
        (
            "EvaluationDataset.of(name, {'image': [1]}, {'y': [1, 2]})",
            "*ValueError: squares: inputs and targets must have as many rows each, "
            "got 1, 2*",
        ),
    ],
)
def test_a_hook_that_fails_is_named(
    pytester: pytest.Pytester, class_of_five: Path, answer: str, complaint: str
) -> None:
    pytester.makeconftest(CONFTEST.replace("squares(200)", answer))

    result = pytester.runpytest_subprocess("--tfgrade", "submissions")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert fnmatch(result.stderr.str(), complaint)


def test_a_fault_of_the_grader_leaves_the_score_open(
    pytester: pytest.Pytester, class_of_five: Path
) -> None:
    """The targets are of another shape than the contract: no model can help it."""
    pytester.makeconftest(CONFTEST.replace("reshape(rows, 64)", "reshape(rows, 8, 8)"))

    result = pytester.runpytest_subprocess(
        *("--tfgrade", "submissions", "--tfgrade-candidate", "fine"),
        *("--tfgrade-report", "out"),
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, errors=1)
    fine = _grades(pytester.path / "out")["fine"]
    assert (fine["result"], fine["code"], fine["points"]) == ("error", "E_INFRA", None)
    assert fine["criteria"][1]["rationale"] == (
        "the grader could not finish this task; the score stays open"
    )
    result.stdout.fnmatch_lines(["fine*error*open/5*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_reports_what_it_has_and_leaves_nothing_behind(
    pytester: pytest.Pytester,
    class_of_five: Path,
    monkeypatch: pytest.MonkeyPatch,
    sent: signal.Signals,
) -> None:
    rubric = pytester.path / "rubrics" / "flat.yaml"
    text = rubric.read_text(encoding="utf-8")
    rubric.write_text(text.replace("seconds: 4", "seconds: 600"), encoding="utf-8")
    temporary = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    command = (sys.executable, "-m", "pytest", "-v", "--tfgrade", "submissions")
    chosen = ("--tfgrade-candidate", "fine", "--tfgrade-candidate", "slow")

    with subprocess.Popen(
        [*command, *chosen, "--tfgrade-report", "out"],
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        while "fine::flat::error" not in (line := run.stdout.readline()):
            assert line, "the run ended before a model was graded"
        time.sleep(1)  # the slow one is in flight by now, and is for long
        assert any(temporary.iterdir())
        run.send_signal(sent)
        shown = run.stdout.read()

    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "partial run: 2 of 4 criteria were graded" in shown
    assert "what was graded is kept: the same command goes on from there" in shown
    assert list(_grades(pytester.path / "out")) == ["fine"]
    assert list(temporary.iterdir()) == []
    commands = (_command(folder) for folder in Path("/proc").glob("[0-9]*"))
    assert not any(str(temporary) in command for command in commands)


def test_own_tests_are_skipped_without_submissions(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(tfgrade_facts): pass")

    result = pytester.runpytest("-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no submissions were given; add --tfgrade PATH*"])


def test_a_test_has_to_say_its_task_if_there_are_several(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makepyfile(
        """
        import pytest

        def test_unmarked(tfgrade_facts): pass

        @pytest.mark.tfgrade_task("flta")
        def test_wrongly_marked(tfgrade_facts): pass

        @pytest.mark.tfgrade_task("flat")
        def test_marked(tfgrade_facts): pass
        """
    )

    result = pytester.runpytest(
        *("--tfgrade", "submissions", "--tfgrade-candidate", "alice"),
        *(".", "--strict-markers", "-k", "marked"),
    )

    result.assert_outcomes(passed=1, errors=2, deselected=6)
    result.stdout.fnmatch_lines(
        [
            "*test_unmarked[[]alice[]]: mark it @pytest.mark.tfgrade_task(NAME) with "
            "one of 'wide', 'flat'; got None",
            "*test_wrongly_marked[[]alice[]]: mark it @pytest.mark.tfgrade_task(NAME) "
            "with one of 'wide', 'flat'; got 'flta'",
        ]
    )


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # it has ended


def _grades(out: Path) -> dict[str, dict[str, Any]]:
    document = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    return {s["id"]: s["tasks"][0] for s in document["submissions"]}
