"""What people decided is read from a YAML file, and every mistake in it is told."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.adjustments import (
    CriterionWorth,
    Decision,
    Known,
    Target,
    TaskWorth,
    read_overrides,
)
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.documents import Location

DIGITS = TaskWorth(
    weight=Decimal(2),
    criteria={
        "accuracy": CriterionWorth(points=Decimal(4)),
        "tiny": CriterionWorth(points=Decimal(1)),
        "form": CriterionWorth(points=Decimal(1)),
        "conv": CriterionWorth(points=Decimal(1), group="form"),
    },
)
KNOWN = Known(candidates={"ada": (), "bob": ()}, tasks={"digits": DIGITS})
WHO = "by: M. Curie, at: 2025-02-03, why: seen by hand"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "overrides.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_override_says_of_what_how_much_who_when_and_why(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """\
# reviewed by the board
- submission: ada
  task: digits
  criterion: accuracy
  points: 3.5
  was: 3
  comment: |
    The second model
      in your folder was meant.
  by: M. Curie
  at: 2025-02-03
  why: the sheet of the first week named the file otherwise
- {submission: ada, task: digits, points: 6, was: open, by: A, at: "2025-02-04", why: b}
- {submission: bob, comment: Come to see me., by: A, at: 2025-02-04, why: b}
""",
    )

    decisions = read_overrides(path, KNOWN)

    assert decisions == (
        Decision(
            target=Target("ada", "digits", "accuracy"),
            points=Decimal("3.5"),
            was=Decimal(3),
            comment="The second model in your folder was meant.",
            by="M. Curie",
            at="2025-02-03",
            why="the sheet of the first week named the file otherwise",
            place=Location(path, 2, 3),
        ),
        Decision(
            target=Target("ada", "digits"),
            points=Decimal(6),
            was="open",
            by="A",
            at="2025-02-04",
            why="b",
            place=Location(path, 13, 3),
        ),
        Decision(
            target=Target("bob"),
            comment="Come to see me.",
            by="A",
            at="2025-02-04",
            why="b",
            place=Location(path, 14, 3),
        ),
    )


@pytest.mark.parametrize("text", ["[]\n", "# none yet\n\n", ""])
def test_a_file_may_hold_none_yet(tmp_path: Path, text: str) -> None:
    assert read_overrides(written(tmp_path, text), KNOWN) == ()


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "submission: aad, points: 1",
            "1:16: no submission is called 'aad'; did you mean 'ada'?",
        ),
        ("submission: 17, points: 1", "1:16: must be text, got 17; put it in quotes"),
        (
            "submission: ada, task: digit, points: 1",
            "1:27: there is no task 'digit'; did you mean 'digits'?",
        ),
        (
            "submission: ada, task: digits, criterion: acuracy, points: 1",
            "1:46: no criterion of the task is called 'acuracy'; did you mean "
            "'accuracy'?",
        ),
        (
            "submission: ada, task: digits, criterion: conv, points: 1",
            "1:46: 'conv' is a member of the group 'form', whose points count; "
            "override the group",
        ),
        (
            "submission: ada, criterion: accuracy, points: 1",
            "1:32: a criterion is one of a task; add its task",
        ),
        (
            "submission: ada, task: digits, criterion: accuracy, points: 4.5",
            "1:56: the criterion 'accuracy' has at most 4 points, got 4.5; correct it",
        ),
        (
            "submission: ada, task: digits, points: 6.5",
            "1:35: the task 'digits' has at most 6 points, got 6.5; correct it",
        ),
        (
            "submission: ada, points: 12.5",
            "1:21: a submission has at most 12 points, got 12.5; correct it",
        ),
        ("submission: ada, points: -1", "1:29: must be at least 0, got -1"),
        ("submission: ada, points: yes", "1:29: must be a number, got true"),
        ("submission: ada, points: .nan", "1:29: must be a number, got nan"),
        ("submission: ada, points: two", "1:29: must be a number, got 'two'"),
        (
            f"submission: ada, comment: {'x' * 1001}",
            f"1:30: must have at most 1000 characters, got '{'x' * 59}...",
        ),
        ("submission: ada", "1:16: overrides nothing; add points or a comment"),
        (
            "submission: ada, points: 1, was: three",
            "1:37: must be points, or 'open', got 'three'",
        ),
        (
            "submission: ada, point: 1",
            "1:21: unknown key 'point'; did you mean 'points'?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_way_out(
    tmp_path: Path, entry: str, problem: str
) -> None:
    path = written(tmp_path, f"- {{{entry}, {WHO}}}\n")

    with pytest.raises(UsageError) as caught:
        read_overrides(path, KNOWN)

    assert str(caught.value) == f"{path}:{problem}"


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        (
            "points: 1",
            [f"1:3: the key {key!r} is missing; add it" for key in ("at", "by", "why")],
        ),
        (
            "points: 1, by: '', at: 2025-02-03 14:00:00, why: ' '",
            [
                "1:36: must not be empty; write it out",
                "1:44: must be a day, got 2025-02-03 14:00:00; write it as 2025-01-31",
                "1:70: must not be empty; write it out",
            ],
        ),
        (
            "points: 1, by: A, at: yesterday, why: b",
            ["1:43: must be a day, got 'yesterday'; write it as 2025-01-31"],
        ),
    ],
)
def test_nothing_is_overridden_without_who_when_and_why(
    tmp_path: Path, entry: str, problems: list[str]
) -> None:
    path = written(tmp_path, f"- {{submission: ada, {entry}}}\n")

    with pytest.raises(UsageError) as caught:
        read_overrides(path, KNOWN)

    assert str(caught.value).splitlines() == [f"{path}:{text}" for text in problems]


def test_what_is_overridden_twice_is_told_with_all_other_mistakes(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        f"""\
- {{submission: ada, task: digits, points: 1, {WHO}}}
- {{submission: ada, points: 20, {WHO}}}
- {{submission: ada, task: digits, comment: again, {WHO}}}
- nothing
""",
    )

    with pytest.raises(UsageError) as caught:
        read_overrides(path, KNOWN)

    assert str(caught.value).splitlines() == [
        f"{path}:2:21: a submission has at most 12 points, got 20; correct it",
        f"{path}:3:16: line 1 overrides the same; remove one",
        f"{path}:4:3: must be a mapping of keys to values, got 'nothing'",
    ]


def test_a_mapping_is_no_list(tmp_path: Path) -> None:
    path = written(tmp_path, f"{{submission: ada, points: 1, {WHO}}}\n")

    with pytest.raises(UsageError) as caught:
        read_overrides(path, KNOWN)

    what = "must be a list of overrides; begin each with '- '"
    assert str(caught.value) == f"{path}:1:1: {what}"


def test_a_member_of_a_group_may_have_a_comment(tmp_path: Path) -> None:
    target = "submission: ada, task: digits, criterion: conv"
    path = written(tmp_path, f"- {{{target}, comment: nice, {WHO}}}\n")

    (decision,) = read_overrides(path, KNOWN)

    assert decision.comment == "nice"


def test_who_was_left_out_of_a_run_is_no_mistake(tmp_path: Path) -> None:
    known = Known(candidates={"ada": ()}, tasks={"digits": DIGITS}, whole=False)
    path = written(
        tmp_path,
        f"""\
- {{submission: bob, points: 40, {WHO}}}
- {{submission: ada, task: text, points: 1, {WHO}}}
- {{submission: ada, task: digits, criterion: accuracy, points: 1, {WHO}}}
""",
    )

    assert len(read_overrides(path, known)) == 3


HOW_TO = Path(__file__).parents[2] / "docs/howto/late-and-overrides.md"


def test_the_overrides_in_the_docs_are_in_order(tmp_path: Path) -> None:
    shown = re.search(r"```yaml overrides.yaml\n(.*?)```", HOW_TO.read_text(), re.S)
    assert shown is not None

    decisions = read_overrides(written(tmp_path, shown[1]), KNOWN)

    assert [str(decision.target) for decision in decisions] == [
        "ada::digits::accuracy",
        "bob::digits",
        "bob",
    ]
