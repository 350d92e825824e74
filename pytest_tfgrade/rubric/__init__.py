"""Rubrics and the exam file: YAML in, bound criteria or located problems out."""

from pytest_tfgrade.rubric.exam import Exam, read_exam
from pytest_tfgrade.rubric.model import ArtifactRule, BoundCriterion, Rubric
from pytest_tfgrade.rubric.reading import read_rubric
from pytest_tfgrade.rubric.schema import json_schema

__all__ = [
    "ArtifactRule",
    "BoundCriterion",
    "Exam",
    "Rubric",
    "json_schema",
    "read_exam",
    "read_rubric",
]
