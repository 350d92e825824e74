"""Broken rubrics and exam files: whole messages, as their authors see them."""

import re
from pathlib import Path

import pytest

from pytest_tfgrade.documents import Invalid
from pytest_tfgrade.rubric import read_exam, read_rubric

HERE = Path(__file__).parent
RUBRICS = sorted((HERE / "broken").glob("*.yaml"))
EXAMS = sorted((HERE / "broken_exams").glob("*.yaml"))

JARGON = re.compile(r"\bstr\b|\bint\b|\btuple|\bdict|None|True|False|[Ii]nput |valid")
"""Words of Python and pydantic that a course teacher has never read."""


@pytest.mark.parametrize("file", RUBRICS, ids=lambda file: file.stem)
def test_a_broken_rubric_is_refused_with_every_place_and_way_out(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)

    with pytest.raises(Invalid) as caught:
        read_rubric(Path(file.name))

    assert f"{caught.value}\n" == file.with_suffix(".txt").read_text()


@pytest.mark.parametrize("file", EXAMS, ids=lambda file: file.stem)
def test_a_broken_exam_file_is_refused_with_every_place_and_way_out(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)

    with pytest.raises(Invalid) as caught:
        read_exam(Path(file.name))

    assert f"{caught.value}\n" == file.with_suffix(".txt").read_text()


@pytest.mark.parametrize("file", [*RUBRICS, *EXAMS], ids=lambda file: file.stem)
def test_the_places_are_in_the_file_and_the_words_are_the_teachers(file: Path) -> None:
    lines = file.read_text().splitlines() or [""]

    for message in file.with_suffix(".txt").read_text().splitlines():
        path, line, column, text = message.split(":", 3)

        assert path == file.name
        assert int(column) <= len(lines[int(line) - 1]) + 1
        said = re.sub(r"got .*?(?=;|$)|'[^']*'", "", text)
        assert not JARGON.search(said), message


def test_ten_mistakes_are_ten_messages_with_ten_places() -> None:
    messages = (HERE / "broken" / "ten-mistakes.txt").read_text().splitlines()

    places = {tuple(message.split(":")[1:3]) for message in messages}

    assert len(messages) == 10
    assert len(places) == 10


def test_every_golden_text_belongs_to_a_file() -> None:
    texts = sorted(path.with_suffix(".yaml") for path in HERE.glob("broken*/*.txt"))

    assert texts == sorted([*RUBRICS, *EXAMS])
    assert len(RUBRICS) > 60


def test_a_rubric_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(Invalid) as caught:
        read_rubric(Path("digits.yaml"))

    assert str(caught.value) == (
        "digits.yaml:1:1: cannot be read: No such file or directory"
    )
