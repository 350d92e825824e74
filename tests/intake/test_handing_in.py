"""What an exam file says of handing in."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_tfgrade.rubric import read_exam
from pytest_tfgrade.rubric.handing_in import Duplicates, HandingIn, Platform

DUE = datetime(2025, 1, 31, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", HandingIn()),
        ("candidates: canvas", HandingIn(platform=Platform.CANVAS)),
        (
            "candidates: {platform: github-classroom, assignment: exam}",
            HandingIn(platform=Platform.GITHUB_CLASSROOM, assignment="exam"),
        ),
        (
            "candidates: ^(?P<candidate>[^_]+)_",
            HandingIn(pattern=re.compile("^(?P<candidate>[^_]+)_")),
        ),
        ("duplicates: first", HandingIn(duplicates=Duplicates.FIRST)),
        ("due: 2025-01-31T23:59:00+01:00", HandingIn(due=DUE)),
        ("due: 2025-01-31T23:59+01:00", HandingIn(due=DUE)),
        ("due: 2025-01-31 22:59:00 Z", HandingIn(due=DUE)),
        ("due: 2025-01-31 23:59 Europe/Berlin", HandingIn(due=DUE)),
    ],
)
def test_an_exam_says_how_candidates_hand_in(
    tmp_path: Path, text: str, rules: HandingIn
) -> None:
    exam = tmp_path / "exam.yaml"
    exam.write_text(f"exam: Sample exam\ntasks: [digits]\n{text}\n", encoding="utf-8")

    assert read_exam(exam).handing_in == rules
