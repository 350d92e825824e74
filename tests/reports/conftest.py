"""Gradebooks for the tests of reports."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.criterion import ArtifactRecord, CriterionResult, RunRecord
from pytest_tfgrade.core.grade import Grade, Gradebook, Origin, TakenIn, TaskGrade
from pytest_tfgrade.core.submission import Clock, Person, Stamp
from pytest_tfgrade.core.verdict import Verdict

PASS_MARK = Decimal("0.5")
VALIDATE = "Compare with your validation score."


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
