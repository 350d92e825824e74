"""A run without TensorFlow, as a pytest user sees it."""

import csv
import json
import re
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest


def grades(path: Path) -> dict[str, dict[str, object]]:
    """Return points by submission and task."""
    document = json.loads((path / "grades.json").read_text(encoding="utf-8"))
    return {
        submission["id"]: {task["id"]: task["points"] for task in submission["tasks"]}
        for submission in document["submissions"]
    }


def test_an_installed_plugin_leaves_an_ordinary_run_untouched(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_ordinary(request):
            manager = request.config.pluginmanager
            assert not manager.has_plugin("tfgrade-session")
            assert "pytest_tfgrade.engine" not in sys.modules
        """
    )

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*grade*=*")


def test_items_have_static_ids_and_are_shown_as_a_tree(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest("--tfgrade", "submissions", "--collect-only")

    result.stdout.fnmatch_lines(
        [
            "collected 18 items",
            "",
            "<Submission alice>",
            "  <Task wide>",
            "    <Criterion file>",
            "    <Criterion shapes>",
            "    <Criterion relu>",
            "  <Task flat>",
            "    <Criterion file>",
            "    <Criterion shapes>",
            "    <Criterion relu>",
            "<Submission bob>",
        ],
        consecutive=True,
    )
    result = pytester.runpytest("--tfgrade", "submissions", "--collect-only", "-q")
    result.stdout.fnmatch_lines(
        ["alice::wide::file", "alice::wide::shapes", "alice::wide::relu"],
        consecutive=True,
    )


def test_verdicts_become_outcomes_and_a_table(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest("--tfgrade", "submissions", "-v")

    result.assert_outcomes(passed=9, failed=5, skipped=4)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "alice::wide::file PASSED*",
            "bob::wide::shapes FAILED*",
            "carol::flat::file FAILED*",
            "carol::flat::shapes SKIPPED (not checked: E_FORMAT, as said above)*",
            "______*bob::wide::shapes*",
            "the output has shape (None, 8, 8), required (None, 64) (0/1.5 points)",
            "hint: Check the number of units of the last layer and its output rank.",
            "*= grades =*",
            "Static exam",
            "submission       wide      flat   total  passed",
            "alice             5/5       5/5   10/10     yes",
            "bob               1/5     2.5/5  3.5/10      no",
            "carol       E_MISSING  E_FORMAT    0/10      no",
        ]
    )


def test_reports_hold_every_submission_and_say_how_it_was_isolated(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "out")

    out = pytester.path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "grades.csv",
        "grades.json",
        "junit.xml",
        "totals.csv",
    ]
    assert grades(out) == {
        "alice": {"wide": 5, "flat": 5},
        "bob": {"wide": 1, "flat": 2.5},
        "carol": {"wide": 0, "flat": 0},
    }
    document = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    assert document["isolated"] is True
    assert document["sandbox"] in {"full", "strong"}
    assert [s["passed"] for s in document["submissions"]] == [True, False, False]
    assert document["submissions"][2]["tasks"][1] == {
        "id": "flat",
        "title": "flat",
        "weight": 1,
        "minimum": 0,
        "result": "ungradable",
        "code": "E_FORMAT",
        "points": 0,
        "max_points": 5,
        "artifact": None,
        "run": None,
        "seconds": {},
        "criteria": [
            {
                "id": "file",
                "title": "One saved model of an accepted format and size was "
                "handed in.",
                "check": "file",
                "verdict": "failed",
                "points": 0,
                "max_points": 1,
                "group": None,
                "bonus": False,
                "value": None,
                "rationale": "the file is empty",
                "hint": "Upload the file again.",
                "visibility": "visible",
                "skills": [],
                "code": "E_FORMAT",
            },
            {
                "id": "shapes",
                "title": "The file declares the inputs and outputs that the task asks "
                "for.",
                "check": "model.io",
                "verdict": "skipped",
                "points": 0,
                "max_points": 1.5,
                "group": None,
                "bonus": False,
                "value": None,
                "rationale": "not checked: E_FORMAT, as said above",
                "hint": None,
                "visibility": "visible",
                "skills": [],
            },
            {
                "id": "relu",
                "title": "The model has the required layers.",
                "check": "model.layers",
                "verdict": "skipped",
                "points": 0,
                "max_points": 2.5,
                "group": None,
                "bonus": False,
                "value": None,
                "rationale": "needs file, which did not pass",
                "hint": None,
                "visibility": "visible",
                "skills": [],
            },
        ],
    }
    suites = ElementTree.parse(out / "junit.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["alice", "bob", "carol"]


def test_a_run_leaves_the_signals_of_its_process_as_they_were(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    pytester.runpytest_inprocess("--tfgrade", "submissions")

    assert signal.getsignal(signal.SIGTERM) is before


def test_two_runs_write_the_same_bytes(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "one")
    arguments = ("--tfgrade-report", "two", "--tfgrade-workers", "1")
    pytester.runpytest("--tfgrade", "submissions", *arguments)

    for name in ("grades.json", "grades.csv", "totals.csv", "junit.xml"):
        one, two = ((pytester.path / folder / name) for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name


def test_pytests_own_junit_file_carries_the_same_properties(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest("--tfgrade", "submissions", "--junitxml", "own.xml")

    root = ElementTree.parse(pytester.path / "own.xml").getroot()
    cases = {(c.get("classname"), c.get("name")): c for c in root.iter("testcase")}
    shapes = cases["bob.wide", "shapes"]
    properties = {p.get("name"): p.get("value") for p in shapes.iter("property")}
    sha256 = properties.pop("tfgrade.sha256")
    assert properties == {
        "tfgrade.verdict": "failed",
        "tfgrade.points": "0",
        "tfgrade.max_points": "1.5",
    }
    assert sha256 is not None
    assert len(sha256) == 64
    assert len(cases) == 18


def test_k_and_x_and_lf_choose_as_ever(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    chosen = pytester.runpytest("--tfgrade", "submissions", "-k", "relu and flat")
    chosen.assert_outcomes(passed=1, failed=1, skipped=1, deselected=15)
    chosen.stdout.fnmatch_lines(
        ["partial run: 3 of 18 criteria were graded; * marks what is not complete"]
    )

    stopped = pytester.runpytest("--tfgrade", "submissions", "-x")
    stopped.assert_outcomes(passed=7, failed=1)

    pytester.runpytest("--tfgrade", "submissions")
    again = pytester.runpytest("--tfgrade", "submissions", "--lf")
    again.assert_outcomes(failed=5, deselected=13)


def test_options_choose_candidates_and_tasks(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest(
        *("--tfgrade", "submissions", "--tfgrade-task", "fl*"),
        *("--tfgrade-candidate", "bob", "--tfgrade-candidate", "al*", "-q"),
    )

    result.stdout.fnmatch_lines(
        [
            "submission   flat   total  passed",
            "alice         5/5    5/5[*]    open",
            "bob         2.5/5  2.5/5[*]    open",
        ],
        consecutive=True,
    )


def test_ini_settings_stand_for_options(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini(
        """
        [pytest]
        tfgrade = submissions
        tfgrade_task = flat
        tfgrade_report = out
        """
    )
    elsewhere = pytester.mkdir("elsewhere")
    monkeypatch.chdir(elsewhere)
    result = pytester.runpytest_subprocess("-q")

    result.assert_outcomes(passed=5, failed=2, skipped=2)
    assert grades(pytester.path / "out")["alice"] == {"flat": 5}


def test_nothing_else_is_collected_unless_it_is_named(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makepyfile("def test_ordinary(): pass")

    alone = pytester.runpytest("--tfgrade", "submissions", "--co", "-q")
    both = pytester.runpytest("--tfgrade", "submissions", "--co", "-q", ".")

    assert "test_ordinary" not in alone.stdout.str()
    both.stdout.fnmatch_lines(["alice::*", "*::test_ordinary", "19 tests collected*"])


def test_test_files_in_submissions_are_never_imported(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    hostile = "raise SystemExit('imported')\n"
    for name in ("conftest.py", "test_mine.py", "sitecustomize.py", "numpy.py"):
        (submissions / "bob" / name).write_text(hostile, encoding="utf-8")

    result = pytester.runpytest_subprocess("--tfgrade", "submissions", ".")

    result.assert_outcomes(passed=9, failed=5, skipped=4)


def test_xdist_gives_the_same_report_and_keeps_a_task_on_one_worker(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    alone = ("--tfgrade", "submissions", "--tfgrade-report", "alone")
    shared = ("--tfgrade", "submissions", "--tfgrade-report", "shared", "-n", "2")
    pytester.runpytest_subprocess(*alone)

    result = pytester.runpytest_subprocess(*shared, "-v")

    result.assert_outcomes(passed=9, failed=5, skipped=4)
    for name in ("grades.json", "grades.csv", "totals.csv", "junit.xml"):
        one, two = ((pytester.path / folder / name) for folder in ("alone", "shared"))
        assert one.read_bytes() == two.read_bytes(), name
    workers: dict[str, set[str]] = {}
    for line in result.outlines:
        if line.startswith("[gw") and "%]" in line:
            worker, *_, node = line.split()
            workers.setdefault(node.rpartition("::")[0], set()).add(worker)
    assert len(workers) == 6
    assert all(len(names) == 1 for names in workers.values())


def test_the_pytest_process_imports_nothing_that_opens_models(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    code = (
        "import sys, pytest; pytest.main(['--tfgrade', 'submissions', '-q']); "
        "print(sorted({'tensorflow', 'keras', 'h5py'} & set(sys.modules)))"
    )

    result = pytester.run(sys.executable, "-c", code)

    assert result.outlines[-1] == "[]"
    result.stdout.fnmatch_lines(["5 failed, 9 passed, 4 skipped in *"])


# What an exam says of its tasks, and what candidates may see


def test_weights_and_minimums_decide_with_the_pass_mark(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    (pytester.path / "rubrics" / "exam.yaml").write_text(
        "exam: Static exam\n"
        "tasks: [{task: wide, weight: 2}, {task: flat, minimum: 3}]\n"
        "pass_mark: 0.3\n",
        encoding="utf-8",
    )

    result = pytester.runpytest(
        "--tfgrade", "submissions", "--tfgrade-report", "out", "-q"
    )

    result.stdout.fnmatch_lines(
        [
            "submission       wide      flat   total  passed",
            "alice             5/5       5/5   15/15     yes",
            "bob               1/5     2.5/5  4.5/15      no",
            "carol       E_MISSING  E_FORMAT    0/15      no",
        ],
        consecutive=True,
    )
    document = json.loads((pytester.path / "out" / "grades.json").read_text())
    bob = document["submissions"][1]
    assert (bob["points"], bob["max_points"], bob["passed"]) == (4.5, 15, False)
    assert [(t["weight"], t["minimum"]) for t in bob["tasks"]] == [(2, 0), (1, 3)]


def test_a_pattern_in_the_exam_file_names_the_candidates(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    exam = pytester.path / "rubrics" / "exam.yaml"
    text = exam.read_text(encoding="utf-8")
    pattern = "candidates: '^(?P<candidate>.+)_[0-9]+$'\n"
    exam.write_text(text + pattern, encoding="utf-8")
    (submissions / "bob").rename(submissions / "bob_0815")

    result = pytester.runpytest("--tfgrade", "submissions", "--co", "-q")

    result.stdout.fnmatch_lines(["alice::wide::file", "bob::wide::file"])
    result.stdout.no_fnmatch_line("*0815*")


REASON = "0 ReLU layers, required >= 1"
NOT_SHOWN = "not shown to candidates"


MORE = """\
  - {id: due, check: model.layers, class: ReLU, visibility: after_due_date}
  - {id: published, check: model.layers, class: ReLU, visibility: after_published}
  - {id: never, check: model.layers, class: ReLU, visibility: hidden}
"""


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ((), [REASON, NOT_SHOWN, NOT_SHOWN, NOT_SHOWN]),
        (
            ("--tfgrade-reveal", "after_due_date"),
            [REASON, REASON, NOT_SHOWN, NOT_SHOWN],
        ),
    ],
)
def test_candidates_see_what_is_revealed_by_now_and_graders_everything(
    pytester: pytest.Pytester,
    submissions: Path,
    more: tuple[str, ...],
    shown: list[str],
) -> None:
    rubric = pytester.path / "rubrics" / "flat.yaml"
    rubric.write_text(rubric.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    chosen = ("--tfgrade-candidate", "bob", "--tfgrade-task", "flat")

    pytester.runpytest(
        *("--tfgrade", "submissions", "--tfgrade-report", "out"), *chosen, *more
    )

    out = pytester.path / "out"
    with (out / "grades.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["rationale"] for row in rows[2:]] == shown
    assert (out / "grades.json").read_text(encoding="utf-8").count(REASON) == 4


def test_what_cannot_be_revealed_is_named(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-reveal", "all")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: --tfgrade-reveal: cannot use 'all'; "
            "write after_due_date or after_published"
        ]
    )


@pytest.mark.parametrize(("audience", "told"), [("grader", 4), ("candidate", 1)])
def test_a_log_that_candidates_read_tells_nothing_of_hidden_criteria(
    pytester: pytest.Pytester, submissions: Path, audience: str, told: int
) -> None:
    rubric = pytester.path / "rubrics" / "flat.yaml"
    hidden = MORE.replace("class: ReLU", "class: ReLU, hint: the canary")
    rubric.write_text(rubric.read_text(encoding="utf-8") + hidden, encoding="utf-8")
    chosen = ("--tfgrade-candidate", "bob", "--tfgrade-task", "flat")

    result = pytester.runpytest(
        *("--tfgrade", "submissions", "--tfgrade-audience", audience),
        *("--junitxml", "own.xml", "--tfgrade-report", "out"),
        *chosen,
    )

    own = (pytester.path / "own.xml").read_text(encoding="utf-8")
    assert len(re.findall(f'message="[^"]*{REASON.partition(",")[0]}', own)) == told
    assert ("the canary" in own) == (audience == "grader")
    assert ("the canary" in result.stdout.str()) == (audience == "grader")
    document = (pytester.path / "out" / "grades.json").read_text(encoding="utf-8")
    assert document.count("the canary") == 3 + 3  # in results, and once for all


FORMS = """\
task: flat
artifact: {formats: [keras, h5]}
criteria:
  - id: form
    group: any
    points: 1
    criteria:
      - {id: flat, check: model.layers, class: Flatten}
      - {id: relu, check: model.layers, class: ReLU}
  - {id: tiny, check: model.params, min: 20, points: 1, bonus: true}
"""


def test_whoever_has_all_points_fails_nothing(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    (pytester.path / "rubrics" / "flat.yaml").write_text(FORMS, encoding="utf-8")

    result = pytester.runpytest(
        *("--tfgrade", "submissions", "--tfgrade-report", "out"),
        *("--tfgrade-candidate", "bob", "--tfgrade-task", "flat"),
    )

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=2, xfailed=2)
    result.stdout.no_fnmatch_line("lost points")
    suite = ElementTree.parse(pytester.path / "out" / "junit.xml").getroot()
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "2")


def test_a_task_below_its_minimum_is_named(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    exam = "exam: Static exam\ntasks: [{task: flat, minimum: 4.5}]\npass_mark: 0.4\n"
    (pytester.path / "rubrics" / "exam.yaml").write_text(exam, encoding="utf-8")

    result = pytester.runpytest(
        "--tfgrade", "submissions", "--tfgrade-candidate", "bob"
    )

    result.stdout.fnmatch_lines(
        [
            "bob*2.5/5*no",
            "  flat: 2.5/5, and the exam is not passed below 4.5",
        ]
    )


BONUS_FIRST = """\
task: flat
artifact: {formats: [keras, h5]}
criteria:
  - {id: small, check: model.params, max: 9, points: 1, bonus: true}
  - {id: relu, check: model.layers, class: ReLU, points: 5}
"""


def test_a_bonus_that_meets_an_ungradable_file_first_hides_nothing(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    (pytester.path / "rubrics" / "flat.yaml").write_text(BONUS_FIRST, encoding="utf-8")

    result = pytester.runpytest(
        *("--tfgrade", "submissions", "--tfgrade-task", "flat"),
        *("--tfgrade-candidate", "carol"),
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "carol*E_FORMAT*0/5[*]*",
            "  flat  0/5  E_FORMAT the file is empty [[]1[]]",
        ]
    )
