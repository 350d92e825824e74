"""``tfgrade compare``: who moved between two runs, and what is known of why."""

import copy
import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports import PLAIN
from pytest_tfgrade.reports.grades_json import JsonReport
from pytest_tfgrade.reports.line import display_width

if TYPE_CHECKING:
    from conftest import Run

Tree = dict[str, Any]


VERDICTS: dict[float | None, str] = {None: "error", 0: "failed", 5: "passed"}


def criterion(id_: str = "accuracy", points: float | None = 3, **more: Any) -> Tree:
    verdict = VERDICTS.get(points, "partial")
    return {
        "id": id_,
        "check": "predict.metric",
        "verdict": verdict,
        "points": points,
        "max_points": 5,
        "value": 0.81,
        "rationale": "accuracy 0.81 < 0.9",
        **more,
    }


def task(*criteria: Tree, id_: str = "digits", **more: Any) -> Tree:
    points = [c["points"] for c in criteria]
    return {
        "id": id_,
        "weight": 1,
        "minimum": 0,
        "result": "error" if None in points else "graded",
        "code": None,
        "points": None if None in points else sum(points),
        "max_points": sum(c["max_points"] for c in criteria),
        "artifact": {"path": "digits.keras", "sha256": "aa", "format": "keras"},
        "run": {"runtime": "keras3", "repairs": [], "adapted": []},
        "criteria": list(criteria),
        **more,
    }


def submission(id_: str, *tasks: Tree, **more: Any) -> Tree:
    points = [t["points"] for t in tasks]
    return {
        "id": id_,
        "points": None if None in points else sum(points),
        "max_points": sum(t["max_points"] for t in tasks),
        "passed": None,
        "tasks": list(tasks),
        **more,
    }


def run_of(*submissions: Tree, **more: Any) -> Tree:
    return {
        "schema": 1,
        "exam": "Digits",
        "isolated": True,
        "sandbox": "full",
        "complete": True,
        "tool": {"version": "0.2.0", "runtimes": {"keras3": {"keras": "3.15.1"}}},
        "course": {"digits": {"rubric": "r1", "data": {"digits": "d1"}}},
        "submissions": list(submissions),
        "unmatched": [],
        **more,
    }


def alice(points: float | None = 3, **more: Any) -> Tree:
    return submission("alice", task(criterion(points=points)), **more)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def compare(run: "Run", tmp_path: Path, wide: None) -> Any:
    """Run ``tfgrade compare`` on two trees."""

    def compared(old: Tree, new: Tree, *words: str) -> Any:
        for name, tree in (("old", old), ("new", new)):
            (tmp_path / f"{name}.json").write_text(json.dumps(tree), encoding="utf-8")
        return run("compare", "old.json", "new.json", *words)

    return compared


def table(text: str) -> list[list[str]]:
    """Return the cells of the table, without its header."""
    lines = next(b for b in text.split("\n\n") if b.startswith("submission"))
    header, *rows = lines.splitlines()
    starts = [header.index(word) for word in header.split()]
    ends = [*starts[1:], None]
    spans = list(zip(starts, ends, strict=True))
    return [[row[start:end].strip() for start, end in spans] for row in rows]


def reasons(text: str) -> str:
    """Return why the first task of a table moved."""
    return table(text)[1][-1]


def test_equal_runs_moved_nobody(compare: Any) -> None:
    ran = compare(run_of(alice()), run_of(alice()))

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == (
        "old  Digits, 1 submission\nnew  Digits, 1 submission\n\nnone of 1 moved\n"
    )


def test_who_moved_is_shown_with_criteria_reasons_and_counts(compare: Any) -> None:
    better = criterion(
        points=5, value=0.92, rationale="accuracy 0.92 >= 0.9", verdict="passed"
    )
    old = run_of(
        alice(passed=False), alice() | {"id": "bob"}, alice() | {"id": "carol"}
    )
    new = run_of(
        submission(
            "alice",
            task(better, artifact={"path": "d.keras", "sha256": "bb"}),
            passed=True,
        ),
        alice() | {"id": "bob"},
        alice() | {"id": "dave"},
        course={"digits": {"rubric": "r2", "data": {"digits": "d2"}}},
    )

    ran = compare(old, new)

    assert ran.status == 1
    assert (
        ran.out
        == """\
old  Digits, 3 submissions
new  Digits, 3 submissions
rubric changed: digits
data changed: digits

submission  task    criterion  before     after     why
alice                          3/5        5/5       failed -> passed
            digits             3/5        5/5       another file; rubric; data: digits
                    accuracy   3 partial  5 passed  accuracy 0.92 >= 0.9 (was 0.81)
dave                           -          3/5       new
carol                          3/5        -         gone

3 of 4 moved: 1 up, 1 failed -> passed, 1 new, 1 gone
"""
    )


def test_a_move_that_nothing_explains_stands_first_and_is_told_again(
    compare: Any,
) -> None:
    changed = task(criterion(points=5), artifact={"path": "d.keras", "sha256": "bb"})
    old = run_of(alice(), submission("zoe", task(criterion())))
    new = run_of(
        submission("alice", changed), submission("zoe", task(criterion("accuracy", 0)))
    )

    ran = compare(old, new)

    assert [row[0] for row in table(ran.out) if row[0]] == ["zoe", "alice"]
    assert reasons(ran.out) == "NOTHING KNOWN CHANGED"
    assert ran.out.splitlines()[-2:] == [
        "moved though NOTHING KNOWN CHANGED: 1; the same file, rubric, data and "
        "runtime earned another score: a fault of the grader's tools, or a check "
        "of time",
        "2 of 2 moved: 1 up, 1 down",
    ]


def test_points_that_a_person_gave_are_told_as_such(compare: Any) -> None:
    override = {"points": 4, "raw": 3, "by": "ada", "at": "2026-11-22", "why": "so"}
    by_hand = submission("alice", task(criterion(points=4, override=override)))

    ran = compare(run_of(alice()), run_of(by_hand))

    assert reasons(ran.out) == "override by ada"


def test_what_lateness_costs_is_told_though_no_task_moved(compare: Any) -> None:
    late = alice() | {"points": 2.7, "penalty": {"points": 0.3, "share": 0.1}}

    ran = compare(run_of(alice()), run_of(late))

    assert table(ran.out)[0][-1] == "late penalty: 0 -> 0.3"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(
            {"course": {"digits": {"rubric": "r2", "data": {"digits": "d1"}}}},
            "rubric",
            id="rubric",
        ),
        pytest.param(
            {"course": {"digits": {"rubric": "r1", "data": {"digits": "d", "x": ""}}}},
            "data: digits, x",
            id="data",
        ),
        pytest.param(
            {"tool": {"version": "0.2.0", "runtimes": {"keras3": {"keras": "3.16"}}}},
            "runtime keras3: keras 3.15.1 -> 3.16",
            id="runtime",
        ),
        pytest.param(
            {"tool": {"version": "9", "runtimes": {"keras3": {"keras": "3.15.1"}}}},
            "pytest-tfgrade 0.2.0 -> 9",
            id="version",
        ),
        pytest.param(
            {"isolated": False, "sandbox": "limits"},
            "sandbox: full -> NOT ISOLATED",
            id="isolation",
        ),
        pytest.param({"exam": "Other title"}, "NOTHING KNOWN CHANGED", id="title"),
    ],
)
def test_what_changed_for_a_run_is_told_where_a_score_moved(
    compare: Any, change: Tree, why: str
) -> None:
    ran = compare(run_of(alice()), run_of(alice(4), **change))

    assert reasons(ran.out) == why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(
            {"artifact": None}, "no file that can be read any more", id="gone"
        ),
        pytest.param(
            {"run": {"runtime": "tf_keras"}},
            "runtime: keras3 -> tf_keras",
            id="another-runtime",
        ),
        pytest.param(
            {"run": {"runtime": "keras3", "repairs": ["lr"]}},
            "other repairs or adaptations",
            id="repairs",
        ),
        pytest.param({"points": None, "result": "error"}, "is open now", id="open"),
    ],
)
def test_what_changed_for_a_task_is_told(compare: Any, change: Tree, why: str) -> None:
    ran = compare(
        run_of(alice()),
        run_of(submission("alice", task(criterion(points=4)) | change)),
    )

    assert reasons(ran.out) == why


def test_a_score_that_was_open_says_so(compare: Any) -> None:
    ran = compare(run_of(alice(None)), run_of(alice(5)))

    assert table(ran.out) == [
        ["alice", "", "", "open/5", "5/5", ""],
        ["", "digits", "", "open/5", "5/5", "was open"],
        ["", "", "accuracy", "open error", "5 passed", "accuracy 0.81 < 0.9"],
    ]


def test_files_of_older_versions_say_that_they_do_not_know(compare: Any) -> None:
    old = run_of(alice())
    del old["course"], old["sandbox"]

    ran = compare(old, run_of(alice(4)))

    assert reasons(ran.out) == (
        "rubric and data: not recorded by the version that graded"
    )
    assert ran.out.splitlines()[2] == (
        "the old file does not tell which rubrics and data it was graded by: an "
        "earlier version wrote it"
    )


def test_a_task_that_nobody_handed_in_was_recorded_by_no_run(compare: Any) -> None:
    nothing = {"artifact": None, "run": None}
    old = submission("alice", task(criterion(points=0)) | nothing)
    new = submission("alice", task(criterion(points=0, max_points=6)) | nothing)

    ran = compare(run_of(old, course={}), run_of(new, course={}))

    assert reasons(ran.out) == (
        "rubric; rubric and data: not recorded where nobody's file was graded"
    )


def test_other_points_of_a_criterion_prove_another_rubric(compare: Any) -> None:
    old, new = run_of(alice()), run_of(alice(4))
    del old["course"]
    new["submissions"][0]["tasks"][0]["criteria"][0]["max_points"] = 6

    ran = compare(old, new)

    assert reasons(ran.out).startswith("rubric; rubric and data: not recorded")


def test_a_run_that_was_cut_short_explains_what_is_missing(compare: Any) -> None:
    both = task(criterion(), criterion("size", 1))
    old = run_of(submission("alice", both, task(criterion(), id_="late")))
    new = run_of(
        submission("alice", task(criterion()) | {"max_points": 10}), complete=False
    )

    ran = compare(old, new)

    assert table(ran.out) == [
        ["alice", "", "", "7/15", "3/10", ""],
        ["", "digits", "", "4/10", "3/10", "the new run did not grade all of it"],
        ["", "", "size", "1 partial", "-", "not asked any more"],
        ["", "late", "", "3/5", "-", "the new run did not grade everything"],
    ]


def test_who_passes_by_another_rule_moved(compare: Any) -> None:
    ran = compare(run_of(alice(passed=True)), run_of(alice(passed=False)))

    assert table(ran.out) == [
        ["alice", "", "", "3/5", "3/5", "passed -> failed; the exam's rule for passing"]
    ]


def test_weights_move_a_total_and_no_task(compare: Any) -> None:
    heavy = task(criterion(), weight=2)

    ran = compare(
        run_of(alice()), run_of(submission("alice", heavy, points=6, max_points=10))
    )

    assert table(ran.out) == [
        ["alice", "", "", "3/5", "6/10", "weights or minimums of the exam"]
    ]


def test_criteria_that_even_out_moved_all_the_same(compare: Any) -> None:
    old = task(criterion("a", 5), criterion("b", 0))
    new = task(criterion("a", 0), criterion("b", 5))

    ran = compare(run_of(submission("al", old)), run_of(submission("al", new)))

    assert ran.status == 1
    assert [row[2] for row in table(ran.out)] == ["", "", "a", "b"]


def test_a_value_that_earns_the_same_points_moved_nobody(compare: Any) -> None:
    near = submission("alice", task(criterion(value=0.8101)))

    ran = compare(run_of(alice()), run_of(near))

    assert ran.status == 0


@pytest.mark.parametrize(
    ("tolerance", "status"),
    [
        pytest.param("0.5", 0, id="the-tolerance-itself-is-no-move"),
        pytest.param("0.4", 1, id="more-than-the-tolerance-is-one"),
    ],
)
def test_small_differences_can_be_taken_for_none(
    compare: Any, tolerance: str, status: int
) -> None:
    ran = compare(run_of(alice()), run_of(alice(3.5)), "--tolerance", tolerance)

    assert ran.status == status


def test_who_passes_by_a_small_difference_moved_by_that_task(compare: Any) -> None:
    old, new = run_of(alice(passed=False)), run_of(alice(3.5, passed=True))

    ran = compare(old, new, "--tolerance", "1")

    assert ran.status == 1
    assert [row[:3] for row in table(ran.out)] == [
        ["alice", "", ""],
        ["", "digits", ""],
        ["", "", "accuracy"],
    ]


def test_only_what_is_asked_for_is_compared(compare: Any) -> None:
    def both(id_: str, digits: float, fruit: float) -> Tree:
        tasks = (
            task(criterion(points=digits)),
            task(criterion(points=fruit), id_="fruit"),
        )
        return submission(id_, *tasks)

    old = run_of(both("alice", 3, 3), both("bob", 3, 3))
    new = run_of(both("alice", 4, 4), both("bob", 4, 3))

    by_task = compare(old, new, "--task", "fru*")
    by_candidate = compare(old, new, "--candidate", "bob")

    assert [row[:2] for row in table(by_task.out) if row[1]] == [["", "fruit"]]
    assert by_task.out.splitlines()[-1] == "1 of 2 moved: 1 up"
    assert [row[0] for row in table(by_candidate.out) if row[0]] == ["bob"]
    assert by_candidate.out.splitlines()[-1] == "1 of 1 moved: 1 up"


def test_a_name_that_chooses_nothing_is_a_mistake(compare: Any) -> None:
    ran = compare(run_of(alice()), run_of(alice()), "--candidate", "al")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "--candidate al: neither run has one; give a name as the reports have it, or a "
        "glob\n"
    )


def test_csv_has_a_row_for_each_level_and_computes_nothing(compare: Any) -> None:
    evil = {"id": "=1+1"}
    old = run_of(alice(passed=True) | evil)
    new = run_of(alice(5, passed=False) | evil, alice() | {"id": "bob"})

    ran = compare(old, new, "--format", "csv")

    header, *rows = csv.reader(io.StringIO(ran.out))
    assert header == [
        *("submission", "task", "criterion", "old_points", "new_points", "change"),
        *("old_max_points", "new_max_points", "old_verdict", "new_verdict"),
        *("old_value", "new_value", "reasons", "why"),
    ]
    assert rows == [
        ["'=1+1", "", "", "3", "5", "2", "5", "5", "passed", "failed", *[""] * 4],
        [
            *("'=1+1", "digits", "", "3", "5", "2", "5", "5", "graded", "graded"),
            *("", "", "nothing", "NOTHING KNOWN CHANGED"),
        ],
        [
            *("'=1+1", "digits", "accuracy", "3", "5", "2", "5", "5"),
            *("partial", "passed", "0.81", "0.81", "", "accuracy 0.81 < 0.9"),
        ],
        ["bob", "", "", "", "3", "", "", "5", "", "", "", "", "new", "new"],
    ]
    assert ran.status == 1


def test_csv_of_equal_runs_is_its_header(compare: Any) -> None:
    ran = compare(run_of(alice()), run_of(alice()), "--format", "csv")

    assert (ran.status, len(ran.out.splitlines())) == (0, 1)


def test_json_holds_all_of_a_move(compare: Any) -> None:
    old, new = run_of(alice(passed=False)), run_of(alice(5, passed=True))

    ran = compare(old, new, "--format", "json")

    assert json.loads(ran.out) == {
        "schema": 1,
        "compared": 1,
        "moved": 1,
        "up": 1,
        "down": 0,
        "new": 0,
        "gone": 0,
        "passes": [{"before": False, "after": True, "submissions": 1}],
        "unexplained": 1,
        "moves": [
            {
                "id": "alice",
                "before": {"points": 3, "max_points": 5, "passed": False},
                "after": {"points": 5, "max_points": 5, "passed": True},
                "reasons": [],
                "tasks": [
                    {
                        "id": "digits",
                        "before": {
                            "points": 3,
                            "max_points": 5,
                            "result": "graded",
                            "code": None,
                        },
                        "after": {
                            "points": 5,
                            "max_points": 5,
                            "result": "graded",
                            "code": None,
                        },
                        "reasons": [
                            {"name": "nothing", "text": "NOTHING KNOWN CHANGED"}
                        ],
                        "criteria": [
                            {
                                "id": "accuracy",
                                "before": {
                                    "points": 3,
                                    "max_points": 5,
                                    "verdict": "partial",
                                    "value": 0.81,
                                    "rationale": "accuracy 0.81 < 0.9",
                                },
                                "after": {
                                    "points": 5,
                                    "max_points": 5,
                                    "verdict": "passed",
                                    "value": 0.81,
                                    "rationale": "accuracy 0.81 < 0.9",
                                },
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_hostile_names_steer_no_terminal_and_wide_ones_fit(compare: Any) -> None:
    def named(points: float) -> Tree:
        tasks = task(criterion("c\x1b[2J", points), id_="\u202etask")
        return submission("模型" * 10 + "\n::error::x", tasks)

    ran = compare(run_of(named(3)), run_of(named(4)))

    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "\n::error" not in ran.out
    assert r"c\x1b[2J" in ran.out
    name, _, criterion_ = ran.out.split("\n\n")[1].splitlines()[1:]
    before = name[: name.index("3/5")], criterion_[: criterion_.index("3 partial")]
    assert display_width(before[0]) == display_width(before[1])


def test_a_table_of_many_ends_with_how_many_more_there_are(compare: Any) -> None:
    def named(points: float) -> list[Tree]:
        return [alice(points) | {"id": f"c{n:03}"} for n in range(203)]

    ran = compare(run_of(*named(3)), run_of(*named(4)))

    assert ran.out.split("\n\n")[2] == "and 3 more, all of them with --format csv"
    assert len(table(ran.out)) == 3 * 200


def test_folders_of_reports_are_taken(run: "Run", tmp_path: Path) -> None:
    for name in ("may", "june"):
        (tmp_path / name).mkdir()
        text = json.dumps(run_of(alice()))
        (tmp_path / name / "grades.json").write_text(text, encoding="utf-8")

    ran = run("compare", "may", "june")

    assert ran.status == 0


def test_what_this_version_writes_can_be_compared(run: "Run", tmp_path: Path) -> None:
    def book(points: int, verdict: Verdict) -> Gradebook:
        result = CriterionResult(
            id="size",
            check="model.params",
            verdict=verdict,
            points=Decimal(points),
            max_points=Decimal(2),
            rationale="15 parameters",
        )
        graded = TaskGrade(id="digits", criteria=(result,), max_points=Decimal(2))
        grade = Grade(id="alice", tasks=(graded,), pass_mark=Decimal("0.5"))
        return Gradebook(exam="E", grades=(grade,), isolated=True, version="0.2.0")

    for name, gradebook in (
        ("old.json", book(0, Verdict.FAILED)),
        ("new.json", book(2, Verdict.PASSED)),
    ):
        [file] = JsonReport().render(gradebook, PLAIN)
        (tmp_path / name).write_text("".join(file.text), encoding="utf-8")

    ran = run("compare", "old.json", "new.json")

    assert ran.status == 1
    assert ran.out.splitlines()[-1] == "1 of 1 moved: 1 up, 1 failed -> passed"


def broken(**changes: Any) -> bytes:
    tree = copy.deepcopy(run_of(alice()))
    tree.update(changes)
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            broken(schema=2),
            "written in schema 2, this version reads 1; use the pytest-tfgrade that "
            "wrote it",
            id="another-schema",
        ),
        pytest.param(
            b'{"schema": 7, "grades": []}',
            "written in schema 7, this version reads 1; use the pytest-tfgrade that "
            "wrote it",
            id="another-schema-that-looks-otherwise",
        ),
        pytest.param(
            broken(submissions=[alice() | {"points": "NaN"}]),
            "submissions.0.points: input should be a finite number; give the file as a "
            "run wrote it",
            id="no-number",
        ),
        pytest.param(
            broken(submissions=[alice(), alice()]),
            "submission 'alice' is there twice; give the file as a run wrote it",
            id="twice",
        ),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(
    run: "Run", tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "old.json").write_bytes(content)
    (tmp_path / "new.json").write_bytes(broken())

    ran = run("compare", "old.json", "new.json")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"old.json: {message}\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe{}", id="no-utf-8"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(broken()[:-20], id="cut"),
        pytest.param(b'"\\ud800"', id="half-a-character"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(
    run: "Run", tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "old.json").write_bytes(content)
    (tmp_path / "new.json").write_bytes(broken())

    ran = run("compare", "old.json", "new.json")

    assert (ran.status, ran.out) == (2, "")
    assert re.fullmatch(
        r"old.json: invalid JSON: .* at line 1 column \d+; "
        r"give the file as a run wrote it\n",
        ran.err,
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "nowhere: there is no such file"),
        ("folder", "folder/grades.json: there is no such file"),
        ("/dev/zero", "/dev/zero: it is no file"),
    ],
)
def test_a_file_that_is_not_there_is_named(
    run: "Run", tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "new.json").write_bytes(broken())

    ran = run("compare", name, "new.json")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"{message}; give grades.json of a run, or the folder of its reports\n"
    )


def test_a_tolerance_that_is_none_is_a_mistake(run: "Run") -> None:
    ran = run("compare", "old.json", "new.json", "--tolerance", "-1")

    assert ran.status == 2
    assert ran.err.splitlines()[-1] == (
        "tfgrade compare: error: argument --tolerance: '-1' is no number of points; "
        "write 0 or more, as 0.5"
    )
