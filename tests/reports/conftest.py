"""Gradebooks for the tests of reports."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import (
    ArtifactRecord,
    CriterionResult,
    PublicPart,
    RunRecord,
)
from pytest_tfgrade.core.fingerprint import Fingerprint, WeightPrint
from pytest_tfgrade.core.grade import Grade, Gradebook, Origin, TakenIn, TaskGrade
from pytest_tfgrade.core.localized import Localized
from pytest_tfgrade.core.outline import CriterionOutline, ScaleOutline, TaskOutline
from pytest_tfgrade.core.portrait import (
    Architecture,
    Confusion,
    DrawnLayer,
    Portrait,
    Rows,
)
from pytest_tfgrade.core.reckoning import LateRule, Override, Penalty
from pytest_tfgrade.core.submission import Clock, Person, Stamp
from pytest_tfgrade.core.threshold import Direction
from pytest_tfgrade.core.uncertainty import Uncertainty
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.core.visibility import Visibility

CANARY = "canary"
"""Stands in every text of a hidden criterion; no candidate may read it."""

HIDDEN_VALUE = 0.123456
"""And in every number but its points."""

PASS_MARK = Decimal("0.5")
VALIDATE = "Compare with your validation score."


def _result(id_: str, **changes: Any) -> CriterionResult:
    """Return a result that all may see."""
    visible = CriterionResult(
        id=id_,
        check="predict.metric",
        verdict=Verdict.PASSED,
        points=Decimal(2),
        max_points=Decimal(2),
        rationale=f"{id_}: so it is",
        title=f"The title of {id_}",
    )
    return replace(visible, **changes)


def _hidden(id_: str, visibility: Visibility, **changes: Any) -> CriterionResult:
    """Return a result of which a candidate sees no more than verdict and points."""
    spread = Uncertainty(n=123, standard_error=HIDDEN_VALUE, interval=(0.1, 0.2))
    return _result(
        id_,
        check=f"{CANARY}:check",
        verdict=Verdict.FAILED,
        points=Decimal(0),
        rationale=f"{CANARY} 0.1 < 0.2",
        title=f"The {CANARY}",
        hint=f"Feed the {CANARY}.",
        detail=f"{CANARY} trace",
        value=HIDDEN_VALUE,
        skills=(CANARY,),
        visibility=visibility,
        uncertainty=spread,
        borderline=True,
        public=PublicPart(value=HIDDEN_VALUE, points=Decimal(1), n=123),
        **changes,
    )


@pytest.fixture
def rich() -> Gradebook:
    """Return the grades of a rubric that uses the whole language."""
    criteria = (
        _result("file"),
        _hidden("never", Visibility.HIDDEN),
        _hidden("due", Visibility.AFTER_DUE_DATE),
        _hidden("published", Visibility.AFTER_PUBLISHED),
        _result("shown-member", group="mixed"),
        _hidden("hidden-member", Visibility.HIDDEN, group="mixed"),
        _result(
            "mixed",
            check="group.sum",
            verdict=Verdict.PARTIAL,
            max_points=Decimal(4),
            rationale=f"sum: shown-member 2/2, {CANARY} 0/2",
            hint=f"Feed the {CANARY}.",
        ),
        _result(
            "accuracy",
            verdict=Verdict.PARTIAL,
            points=Decimal("1.25"),
            rationale="accuracy 0.9 >= 0.8 on the public part",
            value=0.77,
            detail="final part: accuracy 0.77 < 0.8",
            uncertainty=Uncertainty(
                n=60, standard_error=0.031, interval=(0.701, 0.831)
            ),
            borderline=True,
            public=PublicPart(value=0.9, points=Decimal(2), n=40),
        ),
        _result("extra", bonus=True, points=Decimal("0.5"), max_points=Decimal("0.5")),
        _result(
            "looked-at-again",
            points=Decimal(1),
            verdict=Verdict.PARTIAL,
            override=Override(
                points=Decimal(1),
                raw=Decimal(0),
                raw_verdict=Verdict.FAILED,
                comment="One point for the idea.",
                by=f"{CANARY} by",
                at="2026-11-22",
                why=f"{CANARY} why",
            ),
        ),
        _result(
            "too-many-layers",
            check="model.layers",
            verdict=Verdict.FAILED,
            points=Decimal(-1),
            max_points=Decimal(0),
            rationale="9 layers, required <= 5",
            hint="Leave some out.",
        ),
    )
    task = TaskGrade(
        id="digits",
        title="Digits",
        criteria=criteria,
        max_points=Decimal(14),
        weight=Decimal("1.5"),
        minimum=Decimal(1),
        artifact=ArtifactRecord(
            path="digits.keras", format="keras", sha256="ab12", bytes=1234
        ),
        seconds={"load": 0.04, "predict": 0.01},
        portrait=_portrait(),
    )
    grade = Grade(
        id="alice",
        tasks=(task,),
        pass_mark=Decimal("0.25"),
        penalty=Penalty(late=timedelta(hours=30), share=Decimal("0.1")),
    )
    return Gradebook(
        exam="Winter exam",
        titles=Localized({"en": "Winter exam", "zh": "冬季考试"}),
        grades=(grade,),
        isolated=True,
        version="1",
        pass_mark=Decimal("0.25"),
        outlines={"digits": _outline()},
        late_rule=LateRule(
            due=datetime(2026, 11, 20, tzinfo=UTC),
            grace=timedelta(minutes=15),
            steps=((timedelta(days=1), Decimal("0.1")),),
            extensions={CANARY: datetime(2026, 11, 21, tzinfo=UTC)},
        ),
    )


def _outline() -> TaskOutline:
    scale = ScaleOutline(
        kind="bands",
        direction=Direction.HIGHER_IS_BETTER,
        steps=((Decimal(1), Decimal("0.7")), (Decimal(2), Decimal("0.8"))),
    )
    return TaskOutline(
        title=Localized({"en": "Digits", "zh": "数字"}),
        criteria={
            "never": CriterionOutline(
                title=Localized.of(f"The {CANARY}"),
                hint=Localized.of(f"Feed the {CANARY}."),
                visibility=Visibility.HIDDEN,
            ),
            "mixed": CriterionOutline(title=Localized.of(f"The {CANARY}")),
            "accuracy": CriterionOutline(
                title=Localized({"en": "The title of accuracy", "zh": "准确率"}),
                scale=scale,
                measure="accuracy",
            ),
        },
    )


def _portrait() -> Portrait:
    return Portrait(
        pictures=(
            Confusion(
                dataset="digits",
                output="digit",
                rows=Rows.PUBLIC,
                labels=("even", "odd"),
                counts=((20, 1), (3, 16)),
            ),
            Confusion(
                dataset="digits",
                output="digit",
                rows=Rows.FINAL,
                labels=(CANARY, "odd"),
                counts=((30, 1), (3, 26)),
            ),
        ),
        architecture=Architecture(
            layers=(DrawnLayer(name="dense", kind="Dense", parameters=650),),
            parameters=650,
        ),
        fingerprint=Fingerprint(weights=WeightPrint(digest=CANARY, layout="ab")),
    )


@pytest.fixture
def gradebook() -> Gradebook:
    """Return grades with every verdict and every task result."""
    return Gradebook(
        exam="Winter exam",
        grades=(_alice(), _bob()),
        course={"digits": Origin(rubric="cd34", data={"digits": "ef56"})},
        notices=("names are those of moodle",),
        pass_mark=PASS_MARK,
        isolated=True,
        sandbox="full",
        version="0.1.0",
        runtimes={"keras3": {"tensorflow": "2.21.0", "keras": "3.15.1"}},
    )


@pytest.fixture
def hostile() -> str:
    """Return a name that no report may take literally."""
    return (
        '=HYPERLINK("http://evil")<script>a]]>b</script>&amp;\x1b[2J\x9b\r\n\0\t'
        "\ud800\ufffe\u202egnp.\u05d0\u05d1" + "x" * 300
    )


@pytest.fixture
def hostile_gradebook(hostile: str) -> Gradebook:
    """Return grades of which every text is hostile."""
    artifact = ArtifactRecord(
        path=hostile, format=hostile, sha256=hostile, bytes=1, source=hostile
    )
    criteria = tuple(
        CriterionResult(
            id=f"{hostile}{verdict}",
            check=hostile,
            verdict=verdict,
            points=None if verdict is Verdict.ERROR else Decimal(0),
            max_points=Decimal(1),
            rationale=hostile,
            hint=hostile,
            detail=hostile,
            skills=(hostile,),
            code=hostile,
        )
        for verdict in Verdict
    )
    task = TaskGrade(
        id=hostile,
        criteria=criteria,
        max_points=Decimal(4),
        artifact=artifact,
        run=RunRecord(runtime=hostile, repairs=(hostile,), adapted=(hostile,)),
    )
    return Gradebook(
        exam=hostile,
        grades=(
            Grade(
                id=hostile,
                tasks=(task,),
                pass_mark=PASS_MARK,
                taken_in=TakenIn(
                    people=(Person(name=hostile, email=hostile),), set_aside=(hostile,)
                ),
            ),
        ),
        isolated=False,
        version=hostile,
        runtimes={hostile: {hostile: hostile}},
        unmatched=(hostile,),
        notices=(hostile,),
        course={hostile: Origin(rubric="ab", data={hostile: "cd"})},
    )


def _alice() -> Grade:
    digits = TaskGrade(
        id="digits",
        max_points=Decimal("5.0"),
        artifact=ArtifactRecord(
            path="digits.keras", format="keras", sha256="ab12", bytes=1234
        ),
        seconds={"predict": 0.0104, "load": 0.0401},
        run=RunRecord(
            runtime="tf_keras",
            repairs=("time_major", "lr"),
            adapted=("image: (None, 8, 8) given as (None, 8, 8, 1)",),
        ),
        criteria=(
            CriterionResult(
                id="shape",
                check="model.output_shape",
                verdict=Verdict.PASSED,
                points=Decimal("1.00"),
                max_points=Decimal(1),
                rationale="the output has shape (None, 10)",
            ),
            CriterionResult(
                id="accuracy",
                check="predict.metric",
                verdict=Verdict.PARTIAL,
                points=Decimal("2.50"),
                max_points=Decimal(4),
                value=0.1 + 0.2,
                rationale="accuracy 0.3 < 0.9",
                hint=VALIDATE,
                skills=("s1.07", "s2.01"),
            ),
        ),
    )
    fashion = TaskGrade(
        id="fashion",
        max_points=Decimal(5),
        seconds={"load": 0.02},
        criteria=(
            CriterionResult(
                id="compiled",
                check="model.compiled",
                verdict=Verdict.FAILED,
                points=Decimal(0),
                max_points=Decimal(1),
                value=float("nan"),
                rationale="the model is not compiled",
                hint=VALIDATE,
            ),
            CriterionResult(
                id="loss",
                check="predict.metric",
                verdict=Verdict.SKIPPED,
                points=Decimal(0),
                max_points=Decimal(4),
                rationale="needs 'compiled', which did not pass",
            ),
        ),
    )
    return Grade(
        id="alice",
        tasks=(digits, fashion),
        pass_mark=PASS_MARK,
        taken_in=TakenIn(
            people=(Person(id="7", name="=Alice", email="a@example.org"),),
            on_roster=True,
            handed_in=Stamp(datetime(2026, 11, 22, 8, 30, tzinfo=UTC), Clock.ZIP),
            late=False,
            set_aside=("digits-1.keras",),
        ),
    )


def _bob() -> Grade:
    digits = TaskGrade(
        id="digits",
        max_points=Decimal(5),
        criteria=tuple(
            CriterionResult(
                id=id_,
                check=check,
                verdict=Verdict.FAILED,
                points=Decimal(0),
                max_points=Decimal(points),
                rationale=Code.FORMAT.text,
                hint=Code.FORMAT.hint,
                code=Code.FORMAT,
            )
            for id_, check, points in (
                ("shape", "model.output_shape", 1),
                ("accuracy", "predict.metric", 4),
            )
        ),
    )
    fashion = TaskGrade(
        id="fashion",
        max_points=Decimal(5),
        criteria=(
            CriterionResult(
                id="compiled",
                check="model.compiled",
                verdict=Verdict.PASSED,
                points=Decimal(1),
                max_points=Decimal(1),
                rationale="compiled with adam",
            ),
            CriterionResult(
                id="loss",
                check="predict.metric",
                verdict=Verdict.ERROR,
                points=None,
                max_points=Decimal(4),
                rationale=Code.INFRA.text,
                hint=Code.INFRA.hint,
                code=Code.INFRA,
                detail='Traceback:\n  File "x.py"\nOSError: no space left\n',
            ),
        ),
    )
    return Grade(id="bob", tasks=(digits, fashion), pass_mark=PASS_MARK)
