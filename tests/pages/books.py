"""Gradebooks with everything that a page can show; plain functions, no fixtures.

``tests/pages`` opens their pages, ``docs/screenshots.py`` takes pictures of them.
"""

import math
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.outline import CriterionOutline, ScaleOutline, TaskOutline
from pytest_tfgrade.core.portrait import (
    Architecture,
    Confusion,
    DrawnLayer,
    ErrorDistribution,
    Forecast,
    Portrait,
    Rows,
)
from pytest_tfgrade.core.reckoning import Override, Penalty
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.core.verdict import Verdict

HIGHER, LOWER = Direction

CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


def winter_exam() -> Gradebook:
    """Return an exam of three tasks, with every verdict, scale and picture."""
    return Gradebook(
        exam="Winter exam",
        grades=(_alice(), _bob()),
        isolated=True,
        version="0.1.0",
        outlines={
            "fashion": TaskOutline(
                title=Localized.of("Fashion"),
                criteria={
                    "accuracy": outline(
                        *("bands", HIGHER, "2 0.8", "3 0.86", "4 0.9"),
                        title="Accuracy on hidden pictures",
                    ),
                    "worst-class": outline(
                        *("threshold", HIGHER, "2 0.7"), title="No class is neglected"
                    ),
                    "size": outline(
                        *("threshold", LOWER, "0 200000"), title="Not too large"
                    ),
                },
            ),
            "sunspots": TaskOutline(
                title=Localized.of("Sunspots"),
                criteria={
                    "mae": outline(
                        *("curve", LOWER, "0 30", "4 18", "5 15"),
                        title="Mean absolute error",
                    )
                },
            ),
        },
    )


def not_isolated(book: Gradebook) -> Gradebook:
    """Return the same of a run without the sandbox."""
    return replace(book, isolated=False)


def in_chinese() -> Gradebook:
    """Return an exam of which every text is Chinese."""
    texts = {
        "Winter exam": "二零二六年冬季学期机器学习期末考试",
        "Fashion": "服装图片分类",
    }
    book = winter_exam()
    reason = "准确率没有达到阈值。"
    return _with_texts(book, lambda text: texts.get(text, f"{text} {reason}"))


def hostile(text: str) -> Gradebook:
    """Return an exam of which every text is ``text`` and something that tells it."""
    return _with_texts(winter_exam(), lambda told: f"{text}{told}")


def crowded() -> Gradebook:
    """Return more of everything than has room: layers, lanes, classes, steps, texts."""
    book = winter_exam()
    layers = tuple(
        DrawnLayer(name=f"layer_{at}", kind="Dense", inputs=(f"layer_{at - 1}",))
        for at in range(3000)
    )
    wide = tuple(
        DrawnLayer(name=f"branch_{at}", kind="Conv2D", inputs=("branch_0",))
        for at in range(40)
    )
    merged = DrawnLayer(
        name="merged", kind="Concatenate", inputs=tuple(layer.name for layer in wide)
    )
    many = 60
    confusion = Confusion(
        dataset="fashion",
        output="label",
        rows=Rows.PUBLIC,
        labels=tuple(f"a class with a long name {at}" for at in range(many)),
        counts=tuple(tuple(10**7 for _ in range(many)) for _ in range(many)),
    )
    tasks = tuple(
        replace(
            task,
            title="W" * 300,
            criteria=tuple(
                replace(c, rationale="W" * 1000, hint="W" * 1000, value=1e300)
                for c in task.criteria
            ),
            portrait=Portrait(
                pictures=(confusion,) if task.id == "fashion" else (),
                architecture=Architecture(layers=layers_, left_out=10**6),
            ),
        )
        for task, layers_ in zip(
            book.grades[0].tasks, (layers, (*wide, merged), _nested(40)), strict=True
        )
    )
    steps = tuple(f"{at} {at / 20}" for at in range(20))
    crammed = TaskOutline(
        title=Localized.of(""), criteria={"accuracy": outline("bands", HIGHER, *steps)}
    )
    return replace(
        book,
        exam="W" * 300,
        grades=(replace(book.grades[0], id="W" * 300, tasks=tasks),),
        outlines={"fashion": crammed},
    )


def outline(
    kind: Any, direction: Direction, *steps: str, title: str = ""
) -> CriterionOutline:
    """Return a criterion with a scale; steps as "points value"."""
    pairs = (step.split() for step in steps)
    return CriterionOutline(
        title=Localized.of(title),
        scale=ScaleOutline(
            kind=kind,
            direction=direction,
            steps=tuple((Decimal(points), Decimal(bound)) for points, bound in pairs),
        ),
    )


def criterion(
    id_: str, verdict: Verdict, score: str, rationale: str, **more: Any
) -> CriterionResult:
    """Return a result; score as "earned/possible", with "open" for no points."""
    earned, possible = score.split("/")
    return CriterionResult(
        id=id_,
        check="predict.metric",
        verdict=verdict,
        points=None if earned == "open" else Decimal(earned),
        max_points=Decimal(possible),
        rationale=rationale,
        **more,
    )


def _alice() -> Grade:
    return Grade(
        id="alice",
        tasks=(_fashion(), _sunspots(), _reviews()),
        pass_mark=Decimal("0.6"),
        penalty=Penalty(late=timedelta(days=1, hours=3), share=Decimal("0.1")),
    )


def _bob() -> Grade:
    """Return what was left open, and settled by a person."""
    by = {"by": "K. Meyer", "at": "2026-11-22", "why": "the file was ours"}
    fault = criterion(
        "mae",
        Verdict.ERROR,
        "open/5",
        Code.INFRA.text,
        hint=Code.INFRA.hint,
        code=Code.INFRA,
        detail="Traceback: no space left on /srv/grader",
    )
    return Grade(
        id="bob",
        tasks=(
            replace(
                _fashion(),
                override=Override(points=Decimal(7), comment="Seen in class.", **by),
            ),
            TaskGrade(id="sunspots", criteria=(fault,), max_points=Decimal(5)),
            replace(_reviews(), planned=4),
        ),
        pass_mark=Decimal("0.6"),
        override=Override(points=Decimal("11.5"), comment="Oral exam.", **by),
    )


def _fashion() -> TaskGrade:
    reviewed = Override(
        points=Decimal(1),
        raw=Decimal(0),
        raw_verdict=Verdict.FAILED,
        comment="The label of class 6 was wrong; you get the point.",
        by="K. Meyer",
        at="2026-11-22",
        why="typo in the data",
    )
    return TaskGrade(
        id="fashion",
        title="Fashion",
        weight=Decimal("1.5"),
        minimum=Decimal(4),
        max_points=Decimal(9),
        criteria=(
            criterion(
                "shape",
                Verdict.PASSED,
                "1/1",
                "the output has shape (None, 10)",
                title="Ten classes",
                skills=("s1.07",),
            ),
            criterion(
                "accuracy",
                Verdict.PARTIAL,
                "3/4",
                "accuracy 0.871 < 0.9",
                title="Accuracy on hidden pictures",
                hint="Compare with your validation score: a gap means overfitting.",
                value=0.871,
                borderline=True,
                uncertainty=Uncertainty(
                    n=1000, standard_error=0.0106, interval=(0.849, 0.891)
                ),
                skills=("s2.01", "s2.04"),
            ),
            criterion(
                "worst-class",
                Verdict.FAILED,
                "0/2",
                "recall of the worst class 0.43 < 0.7",
                title="No class is neglected",
                hint="Look at the pictures of this class that your model gets wrong.",
                value=0.43,
            ),
            criterion(
                "training", Verdict.PARTIAL, "1/2", "sum: compiled 1/1, kept 0/1"
            ),
            criterion(
                "compiled",
                Verdict.PASSED,
                "1/1",
                "compiled with adam",
                group="training",
                override=reviewed,
            ),
            criterion(
                "kept",
                Verdict.SKIPPED,
                "0/1",
                "needs 'worst-class', which did not pass",
                group="training",
            ),
            criterion("bonus", Verdict.PASSED, "0.5/0.5", "uses dropout", bonus=True),
            criterion(
                "size",
                Verdict.FAILED,
                "-0.5/0",
                "412,000 parameters > 200000",
                title="Not too large",
                value=412000.0,
            ),
        ),
        portrait=Portrait(
            pictures=(
                Confusion(
                    dataset="fashion",
                    output="label",
                    rows=Rows.PUBLIC,
                    labels=CLOTHES,
                    counts=tuple(
                        tuple(_taken(true, told) for told in range(10))
                        for true in range(10)
                    ),
                ),
            ),
            architecture=Architecture(layers=_branched(), parameters=412_010),
        ),
    )


def _taken(true: int, told: int) -> int:
    """Return a plausible count: shirts are taken for what is worn above the waist."""
    above = {0, 2, 3, 4, 6}
    if true == told:
        return 43 if true == 6 else 90 - true
    return (true * 7 + told * 3) % 11 if {true, told} <= above else 0


def _sunspots() -> TaskGrade:
    truth = tuple(60 + 50 * math.sin(at / 11) + at % 7 for at in range(200))
    predicted = tuple(58 + 44 * math.sin((at - 1) / 11) for at in range(200))
    return TaskGrade(
        id="sunspots",
        title="Sunspots",
        max_points=Decimal(5),
        criteria=(
            criterion(
                "mae",
                Verdict.PARTIAL,
                "4.25/5",
                "mean absolute error 17.2 > 15 on the public part "
                "(other rows decide the points)",
                title="Mean absolute error",
                value=17.2,
            ),
        ),
        portrait=Portrait(
            pictures=(
                Forecast(
                    dataset="sunspots",
                    output="next",
                    rows=Rows.PUBLIC,
                    truth=truth,
                    predicted=predicted,
                ),
                ErrorDistribution(
                    dataset="sunspots",
                    output="next",
                    rows=Rows.PUBLIC,
                    edges=tuple(float(edge) for edge in range(-40, 44, 4)),
                    counts=tuple(
                        round(40 * math.exp(-(((at - 9) / 4) ** 2))) for at in range(20)
                    ),
                ),
            ),
            architecture=Architecture(layers=_nested(3), left_out=2),
        ),
    )


def _reviews() -> TaskGrade:
    return TaskGrade(
        id="reviews",
        title="Film reviews",
        max_points=Decimal(5),
        criteria=tuple(
            criterion(
                id_,
                verdict,
                "0/2.5",
                Code.CUSTOM_OBJECT.text,
                hint=Code.CUSTOM_OBJECT.hint,
                code=code,
            )
            for id_, verdict, code in (
                ("shape", Verdict.FAILED, Code.CUSTOM_OBJECT),
                ("accuracy", Verdict.SKIPPED, None),
            )
        ),
    )


def _branched() -> tuple[DrawnLayer, ...]:
    """Return layers with two branches and a line past them."""
    rows = (
        ("pictures", "InputLayer", "28 x 28 x 1", 0, ()),
        ("stem", "Conv2D", "32 filters, 3 x 3, relu", 320, ("pictures",)),
        ("left", "Conv2D", "32 filters, 1 x 1", 1056, ("stem",)),
        ("right", "Conv2D", "32 filters, 3 x 3, same", 9248, ("stem",)),
        ("both", "Add", "", 0, ("left", "right")),
        ("skip", "Concatenate", "last axis", 0, ("both", "stem")),
        ("flat", "Flatten", "", None, ("skip",)),
        ("hidden", "Dense", "8 units, relu", 401_386, ("flat",)),
        ("label", "Dense", "10 units, softmax", 90, ("hidden",)),
    )
    return tuple(
        DrawnLayer(name=name, kind=kind, settings=told, parameters=count, inputs=takes)
        for name, kind, told, count, takes in rows
    )


def _nested(depth: int) -> tuple[DrawnLayer, ...]:
    """Return models within models, and a layer after them."""
    around = (
        DrawnLayer(name=f"model_{at}", kind="Functional", depth=at)
        for at in range(depth)
    )
    inner = (
        DrawnLayer(name="lstm", kind="LSTM", settings="64 units", depth=depth),
        DrawnLayer(name="next", kind="Dense", inputs=("lstm",), depth=depth),
    )
    last = DrawnLayer(name="scale", kind="Rescaling", inputs=("model_0",))
    return (*around, *inner, last)


def _with_texts(node: Any, change: Any) -> Any:
    """Return values with every text changed that is not one of a closed list."""
    if isinstance(node, str):
        return node if isinstance(node, Enum) else change(node)
    if isinstance(node, tuple):
        return tuple(_with_texts(item, change) for item in node)
    if isinstance(node, dict):
        return {
            _with_texts(key, change): _with_texts(item, change)
            for key, item in node.items()
        }
    if isinstance(node, Localized):
        return Localized.of(change(node.text()))
    return _with_fields(node, change) if is_dataclass(node) else node


def _with_fields(node: Any, change: Any) -> Any:
    closed = set() if isinstance(node, DrawnLayer) else {"kind"}
    changed = {
        known.name: _with_texts(getattr(node, known.name), change)
        for known in fields(node)
        if known.name not in closed
    }
    return replace(node, **changed)
