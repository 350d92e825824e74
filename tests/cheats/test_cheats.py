"""Every check against real models: the honest one wins, the cheating one loses."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import TaskGrade
from pytest_tfgrade.core.verdict import Verdict

if TYPE_CHECKING:
    from conftest import Grades

CHEATS: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "cheats.yaml").read_text(encoding="utf-8")
)
PAIRS = [
    pytest.param(name, pair, id=f"{name}-{pair['cheat']}")
    for name, pairs in CHEATS.items()
    for pair in pairs
]
OF_CHECKS = [pair for pair in PAIRS if pair.values[0] in CHECKS]
HONEST = [
    *dict.fromkeys((p["task"], "honest") for pairs in CHEATS.values() for p in pairs),
    ("bars", "nested"),
    ("pair", "other_order"),
]
COST = re.compile(r"(?<![<>] )\b[\d.]+")
"""Any number but a bound."""

SPREAD = re.compile(r"(by up to|allowed) [\d.e-]+")
"""How far two answers are apart, where the last digit depends on the processor."""


def test_every_check_has_a_cheat_that_it_finds_out() -> None:
    assert CHEATS.keys() - {"E_UNSAFE"} == CHECKS.keys()


def test_every_model_that_was_made_is_graded(grades: "Grades") -> None:
    cheats = [(p["task"], p["cheat"]) for pairs in CHEATS.values() for p in pairs]

    assert grades.keys() == {*cheats, *HONEST}


@pytest.mark.parametrize(("check", "pair"), OF_CHECKS)
def test_the_honest_model_wins_and_the_cheat_loses(
    grades: "Grades", check: str, pair: Mapping[str, Any]
) -> None:
    honest = verdicts(grades[pair["task"], "honest"], check)
    cheating = verdicts(grades[pair["task"], pair["cheat"]], check)

    if CHECKS[check].informs:
        assert {*honest.values(), *cheating.values()} == {Verdict.PASSED}
        return
    assert set(honest.values()) == {Verdict.PASSED}, table(grades)
    assert Verdict.FAILED in cheating.values(), table(grades)


@pytest.mark.parametrize(("check", "pair"), PAIRS)
def test_a_cheat_loses_nothing_else_and_is_told_why(
    grades: "Grades", check: str, pair: Mapping[str, Any]
) -> None:
    grade = grades[pair["task"], pair["cheat"]]

    told = {
        result.id: f"{result.verdict}: {rationale(result)}"
        for result in grade.criteria
        if result.verdict is not Verdict.PASSED or result.id in pair.get("says", ())
    }

    due = {id_: f"failed: {text}" for id_, text in pair["loses"].items()}
    due |= {id_: f"passed: {text}" for id_, text in pair.get("says", {}).items()}
    if "rest" in pair:
        passed = [r.id for r in grade.criteria if r.verdict is Verdict.PASSED]
        rest = [r.id for r in grade.criteria if r.id not in {*due, *passed}]
        due |= dict.fromkeys(rest, f"skipped: {pair['rest']}")
    assert told == due, table(grades)
    assert all(r.hint for r in grade.criteria if r.verdict is Verdict.FAILED)


@pytest.mark.parametrize(("task", "candidate"), HONEST)
def test_an_honest_model_loses_nothing(
    grades: "Grades", task: str, candidate: str
) -> None:
    grade = grades[task, candidate]

    assert {r.id for r in grade.criteria if r.verdict is not Verdict.PASSED} == set()
    assert grade.points == grade.max_points > 0


def test_a_diagnosis_never_scores(grades: "Grades") -> None:
    grade = grades["scaled", "not_divided"]

    diagnosis = next(r for r in grade.criteria if r.check == "predict.diagnose")

    assert grade.points == diagnosis.points == diagnosis.max_points == 0


def verdicts(grade: TaskGrade, check: str) -> dict[str, Verdict]:
    """Return the verdicts of a check's criteria."""
    return {r.id: r.verdict for r in grade.criteria if r.check == check}


def rationale(result: CriterionResult) -> str:
    """Return why, without the numbers that another run or machine may not give."""
    if result.check in {"predict.latency", "predict.memory"}:
        return COST.sub("#", result.rationale)
    return SPREAD.sub(r"\1 #", result.rationale)


def table(grades: "Grades") -> str:
    """Return what every candidate failed, a line for each criterion."""
    lines = [
        f"{task:7} {candidate:18} {r.id:14} {r.verdict:8} {r.rationale}"
        for (task, candidate), grade in grades.items()
        for r in grade.criteria
        if r.verdict in {Verdict.FAILED, Verdict.ERROR}
    ]
    return "\n".join(lines)
