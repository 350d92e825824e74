"""YAML and CSV files of graders, with the place of every value, checked against types.

Stands between ``core`` and everything that reads such files: rubrics, descriptions of
evaluation datasets, overrides and extensions share one way of saying where a mistake
is.
"""

from pytest_tfgrade.documents.document import Document, read_document
from pytest_tfgrade.documents.problems import (
    Elsewhere,
    Invalid,
    Location,
    Problem,
    closest,
    suggestion,
)
from pytest_tfgrade.documents.validation import Strict, no_boolean, validate
from pytest_tfgrade.documents.wording import shown

__all__ = [
    "Document",
    "Elsewhere",
    "Invalid",
    "Location",
    "Problem",
    "Strict",
    "closest",
    "no_boolean",
    "read_document",
    "shown",
    "suggestion",
    "validate",
]
