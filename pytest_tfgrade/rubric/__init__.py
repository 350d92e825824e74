"""Rubrics and the exam file: YAML in, bound criteria or located problems out."""

from pytest_tfgrade.rubric.exam import Exam, ExamTask, read_exam
from pytest_tfgrade.rubric.json_schema import json_schema
from pytest_tfgrade.rubric.model import (
    ArtifactRule,
    BoundCriterion,
    BoundGroup,
    Rubric,
    SelfTest,
)
from pytest_tfgrade.rubric.reading import read_rubric
from pytest_tfgrade.rubric.schema import GroupRule
from pytest_tfgrade.rubric.vocabulary import BUILT_IN, Vocabulary

__all__ = [
    "BUILT_IN",
    "ArtifactRule",
    "BoundCriterion",
    "BoundGroup",
    "Exam",
    "ExamTask",
    "GroupRule",
    "Rubric",
    "SelfTest",
    "Vocabulary",
    "json_schema",
    "read_exam",
    "read_rubric",
]
