"""``grades.json`` back to the grades that it was written from."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.localized import ANY
from pytest_tfgrade.core.score import number
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.grades_tree import SCHEMA

MAX_BYTES: Final = 1 << 30
"""Of one file; ten thousand submissions of ten criteria take about 150 MB."""

MOST_PROBLEMS: Final = 5
"""Of one file that are named."""

_FILE_NAME: Final = "grades.json"

_GRADEBOOK: Final = TypeAdapter(Gradebook)

_AS_WRITTEN: Final = "give the file as a run wrote it"


def read_gradebook(path: Path) -> Gradebook:
    """Read the grades of a run.

    Args:
        path: ``grades.json``, whatever its name, or the folder that holds it.

    Raises:
        UsageError: There is none, or it is not what a run writes.
    """
    name, text = read_text(path)
    return parse_gradebook(text, name)


def parse_gradebook(text: bytes | str, name: str) -> Gradebook:
    """Return the grades that a file holds.

    Args:
        text: What it holds.
        name: Of the file, for messages.

    Raises:
        UsageError: It is not what a run writes; with all that is wrong.
    """
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: is no JSON, {error}; {_AS_WRITTEN}") from None
    require_schema(tree.get("schema") if isinstance(tree, dict) else None, name)
    try:
        gradebook = _GRADEBOOK.validate_python(_gradebook(tree))
    except ValidationError as error:
        raise UsageError("\n".join(problems(error, name))) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        what = "a part is missing, or not of the kind that it should be"
        raise UsageError(f"{name}: {what}; {_AS_WRITTEN}") from None
    _require_unique(gradebook, name)
    _require_sums(tree, gradebook, name)
    return gradebook


def read_text(path: Path) -> tuple[str, bytes]:
    """Return a file of grades: its name for messages, and what it holds.

    Args:
        path: ``grades.json``, whatever its name, or the folder that holds it.

    Raises:
        UsageError: It cannot be read, or is larger than ``MAX_BYTES``.
    """
    file = path / _FILE_NAME if path.is_dir() else path
    name = printable(str(file))
    remedy = "give grades.json of a run, or the folder of its reports"
    try:
        if not file.is_file():
            there = "it is no file" if file.exists() else "there is no such file"
            raise UsageError(f"{name}: {there}; {remedy}")
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise UsageError(f"{name}: {what}; {remedy}") from None
    if len(text) > MAX_BYTES:
        what = f"larger than {MAX_BYTES >> 20} MiB"
        raise UsageError(f"{name}: {what}; grade the candidates in several runs")
    return name, text


def require_schema(found: object, name: str) -> None:
    """Do nothing if a file is written in the schema that this version reads.

    Raises:
        UsageError: It is not.
    """
    if found == SCHEMA:
        return
    shown = printable(str(found), limit=40)
    what = f"written in schema {shown}, this version reads {SCHEMA}"
    if found is None:
        what = "no schema says that these are grades"
    raise UsageError(f"{name}: {what}; use the pytest-tfgrade that wrote it")


def problems(error: ValidationError, name: str) -> Iterator[str]:
    """Yield what is wrong with a file, and where in it."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for problem in found[:MOST_PROBLEMS]:
        place = ".".join(map(str, problem["loc"])).replace("grades.", "submissions.", 1)
        where = f"{name}: {printable(place, limit=200)}" if place else name
        what = printable(problem["msg"], limit=200)
        yield f"{where}: {what[:1].lower()}{what[1:]}; {_AS_WRITTEN}"
    if len(found) > MOST_PROBLEMS:
        yield f"{name}: {len(found) - MOST_PROBLEMS} more of the kind"


def require_once(ids: list[str], what: str) -> None:
    """Do nothing if no id is there twice.

    Raises:
        UsageError: One is.
    """
    if len(set(ids)) < len(ids):
        twice = next(id_ for id_, count in Counter(ids).items() if count > 1)
        shown = printable(twice, limit=80)
        raise UsageError(f"{what} {shown!r} is there twice; {_AS_WRITTEN}")


def _gradebook(tree: dict[str, Any]) -> dict[str, Any]:
    """Return what the file holds, as ``Gradebook`` has it."""
    tool = tree["tool"]
    known = {
        "exam": tree["exam"],
        "grades": [_grade(s, tree["pass_mark"]) for s in tree["submissions"]],
        "isolated": tree["isolated"],
        "version": tool["version"],
        "sandbox": tree["sandbox"],
        "planned": tree["planned"],
        "runtimes": tool["runtimes"],
        "course": tree["course"],
        "notices": tree["notices"],
        "pass_mark": tree["pass_mark"],
        "unmatched": tree["unmatched"],
        "titles": _localized(tree.get("titles") or None),
        "outlines": {name: _outline(task) for name, task in tree["tasks"].items()},
        "revealed": tree["revealed"],
    }
    if "late_rule" in tree:
        known["late_rule"] = tree["late_rule"]
    return known


def _localized(text: str | dict[str, str] | None) -> dict[str, Any] | None:
    if text is None:
        return None
    return {"texts": {ANY: text} if isinstance(text, str) else text}


def _outline(task: dict[str, Any]) -> dict[str, Any]:
    rules = {
        id_: {
            **rule,
            "title": _localized(rule["title"]),
            "hint": _localized(rule.get("hint")),
        }
        for id_, rule in task["criteria"].items()
    }
    return {
        "title": _localized(task["title"]),
        "description": _localized(task.get("description")),
        "criteria": rules,
    }


_TAKEN_IN: Final[tuple[str, ...]] = ("people", "on_roster", "late", "set_aside")


def _grade(submission: dict[str, Any], pass_mark: float | None) -> dict[str, Any]:
    taken_in: dict[str, Any] = {
        name: submission[name] for name in _TAKEN_IN if name in submission
    }
    if "handed_in" in submission:
        stamp = submission["handed_in"]
        taken_in["handed_in"] = {"at": stamp["at"], "clock": stamp["by"]}
    return {
        "id": submission["id"],
        "tasks": [_task(task) for task in submission["tasks"]],
        "pass_mark": pass_mark,
        "whole": submission.get("whole", True),
        "taken_in": taken_in,
        "penalty": submission["penalty"],
        "override": submission["override"],
    }


def _task(task: dict[str, Any]) -> dict[str, Any]:
    return {**task, "criteria": [_criterion(c) for c in task["criteria"]]}


def _criterion(criterion: dict[str, Any]) -> dict[str, Any]:
    if "interval" not in criterion:
        return criterion
    uncertainty = {
        "n": criterion["n"],
        "standard_error": _float(criterion["standard_error"]),
        "interval": [_float(bound) for bound in criterion["interval"]],
    }
    return {**criterion, "uncertainty": uncertainty}


def _float(value: float | None) -> float:
    return math.nan if value is None else value


def _require_unique(gradebook: Gradebook, name: str) -> None:
    require_once([g.id for g in gradebook.grades], f"{name}: submission")
    for grade in gradebook.grades:
        where = f"{name}: {printable(grade.id, limit=80)}"
        require_once([task.id for task in grade.tasks], f"{where}: task")
        for task in grade.tasks:
            place = f"{where}: {printable(task.id, limit=80)}: criterion"
            require_once([criterion.id for criterion in task.criteria], place)


def _require_sums(tree: dict[str, Any], gradebook: Gradebook, name: str) -> None:
    """Do nothing if points that were written are those of what they are made of.

    Raises:
        UsageError: Somebody changed one by hand, and other reports would not agree.
    """
    remedy = "change grades by --tfgrade-overrides, which keeps who did it and why"
    wrong = []
    for written, grade in zip(tree["submissions"], gradebook.grades, strict=True):
        pairs = [(grade.id, written.get("points", "no"), number(grade.points))]
        pairs += [
            (f"{grade.id}: {task.id}", entry.get("points", "no"), number(task.points))
            for entry, task in zip(written["tasks"], grade.tasks, strict=True)
        ]
        wrong += [
            f"{name}: {printable(who, limit=160)}: says "
            f"{printable(str(said), limit=40)} points, its parts make {made}; {remedy}"
            for who, said, made in pairs
            if said != made
        ]
    if wrong:
        more = len(wrong) - MOST_PROBLEMS
        told = [f"{name}: {more} more of the kind"] if more > 0 else []
        raise UsageError("\n".join(wrong[:MOST_PROBLEMS] + told))
