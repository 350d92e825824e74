"""What a task is graded by, where the text of its rubric does not say it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_tfgrade.core.call import Call
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.contract import Side, WordIds
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.engine.extensions import NO_EXTENSIONS
from pytest_tfgrade.engine.origins import digest_of_rubric
from pytest_tfgrade.rubric import Rubric

if TYPE_CHECKING:
    from conftest import School

OWN = """\
from helpers_of_a_course import WORD
from pytest_tfgrade.api import Measured, Model

def own(model: Model) -> Measured:
    '''The model is there.'''
    return Measured(rationale=WORD)
"""


def digest(rubric: Rubric) -> str:
    """Return what a rubric is known by."""
    return digest_of_rubric(rubric, NO_EXTENSIONS)


def test_the_words_of_a_file_count_and_not_its_name_alone(school: "School") -> None:
    school.set_task()
    (rubric,) = school.course().rubrics
    spec = rubric.contract.inputs["x"]

    def of_words(*words: str) -> Rubric:
        ids = WordIds(words=words, length=4, padding=Side.POST, truncation=Side.POST)
        inputs = {"x": replace(spec, ids=ids)}
        return replace(rubric, contract=replace(rubric.contract, inputs=inputs))

    assert digest(of_words("a", "b")) == digest(of_words("a", "b"))
    assert digest(of_words("a", "b")) != digest(of_words("b", "a"))


def test_code_elsewhere_that_an_own_check_imports_counts(
    school: "School", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tmp_path / "elsewhere"
    course.mkdir()
    monkeypatch.syspath_prepend(str(course))
    helpers = course / "helpers_of_a_course.py"
    helpers.write_text("WORD = 'one'\n")
    (school.rubrics / "checks.py").write_text(OWN)
    school.set_task("  - {id: own, check: 'checks:own', points: 1}\n")
    (rubric,) = school.course().rubrics
    before = digest(rubric)

    helpers.write_text("WORD = 'two'\n")

    assert digest(rubric) != before


def test_the_range_that_hidden_data_tell_counts(school: "School") -> None:
    plain = school.load
    school.hand_in("alice/line.keras")
    school.set_task()
    found = []
    for told in ({}, {"x": (0.0, 255.0)}):

        def load(name: str, folder: Path, told: object = told) -> object:
            return replace(plain(name, folder), ranges=told)  # type: ignore[type-var]

        school.load = load  # type: ignore[assignment]
        with school.run() as run:
            found.append(run.origin("line").data["numbers"])

    assert found[0] != found[1]


def test_a_copy_of_a_model_is_as_unsure_as_the_model(school: "School") -> None:
    # The second of two equal files is not run again: it shares what befell the first.
    school.set_task()
    school.hand_in("alice/line.keras")
    school.hand_in("bob/line.keras")

    def answer(artifact: object, one: object) -> object:
        if getattr(one, "batch", None) is None:
            return school.runner.answer(artifact)  # type: ignore[arg-type]
        raise Ungradable(Code.TIMEOUT)

    school.runner.answer_pass = answer
    with school.run() as run:
        both = [run.evidence(job) for job in school.jobs()]
        for evidence in both:
            evaluation = evidence.evaluation()
            with pytest.raises(Exception, match="E_TIMEOUT"):
                evaluation.ask([Call(batch=1)])
        unsure = [evidence.was_unsure for evidence in both]
        for evidence in both:
            evidence.close()

    assert unsure == [True, True]
