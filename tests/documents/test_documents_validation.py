"""YAML that does not fit its type: whole messages, all at once, in order."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import pytest
from pydantic import AfterValidator, Field, model_validator

from pytest_tfgrade.documents import (
    Elsewhere,
    Invalid,
    Location,
    Problem,
    Strict,
    closest,
    read_document,
    validate,
)


class Colour(StrEnum):
    """A choice of words."""

    GREY = "grey"
    BLUE = "blue"


class Band(Strict):
    """A mapping inside others."""

    points: Annotated[int, Field(strict=True, gt=0)]
    bound: float


class MetricCheck(Strict):
    """One member of a tagged union."""

    check: Literal["metric"]
    threshold: float


class LayerCheck(Strict):
    """Another member of a tagged union."""

    check: Literal["layers"]
    least: int


class Rubric(Strict):
    """A document with a value of every kind."""

    title: Annotated[str, Field(min_length=2)]
    colour: Colour = Colour.GREY
    order: Literal["up", "down"] = "up"
    bands: tuple[Band, ...] = ()
    limits: dict[str, Band] = Field(default_factory=dict)
    best: Band | None = None
    kinds: str | Sequence[str] = ()
    pair: tuple[int, int] | None = None
    criteria: tuple[
        Annotated[MetricCheck | LayerCheck, Field(discriminator="check")], ...
    ] = ()

    @model_validator(mode="after")
    def _title_is_no_colour(self) -> Self:
        if self.title == self.colour:
            raise ValueError("the title is a colour; choose another")
        return self


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where to write; messages name it by its relative path."""
    monkeypatch.chdir(tmp_path)
    return Path("rubric.yaml")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param(
            "colour: grey\n",
            ["rubric.yaml:1:1: the key 'title' is missing; add it"],
            id="missing-key",
        ),
        pytest.param(
            "title: ab\ntitel: ab\n",
            ["rubric.yaml:2:1: unknown key 'titel'; did you mean 'title'?"],
            id="unknown-key",
        ),
        pytest.param(
            "title: ab\nzzz: 1\n",
            [
                "rubric.yaml:2:1: unknown key 'zzz'; use 'bands', 'best', 'colour', "
                "'criteria', 'kinds', 'limits', 'order', 'pair' or 'title'"
            ],
            id="unknown-key-like-no-other",
        ),
        pytest.param(
            "title: ab\n"
            "bands:\n- {points: 1, bound: 2, boundd: 3}\n"
            "limits:\n  x: {pionts: 1, points: 1, bound: 1}\n"
            "best: {zzz: 1, points: 1, bound: 2}\n",
            [
                "rubric.yaml:3:25: unknown key 'boundd'; did you mean 'bound'?",
                "rubric.yaml:5:7: unknown key 'pionts'; did you mean 'points'?",
                "rubric.yaml:6:8: unknown key 'zzz'; use 'bound' or 'points'",
            ],
            id="unknown-nested-keys",
        ),
        pytest.param(
            "title: ab\nbands: [{points: 1, bound: 1}, {points: 1}]\n",
            ["rubric.yaml:2:32: the key 'bound' is missing; add it"],
            id="missing-nested-key",
        ),
        pytest.param(
            "title: ab\ncolour: gray\norder: sideways\n",
            [
                "rubric.yaml:2:9: unknown value 'gray'; did you mean 'grey'?",
                "rubric.yaml:3:8: unknown value 'sideways'; use 'up' or 'down'",
            ],
            id="unknown-words",
        ),
        pytest.param(
            "title: 3\nbands: 5\nlimits: []\nbest: x\ncriteria: {}\n",
            [
                "rubric.yaml:1:8: must be text, got 3; put it in quotes",
                "rubric.yaml:2:8: must be a list of values, got 5; write [5]",
                "rubric.yaml:3:9: must be a mapping of keys to values, got []",
                "rubric.yaml:4:7: must be a mapping of keys to values, got 'x'",
                "rubric.yaml:5:11: must be a list of values, got {}; "
                "begin each with '- '",
            ],
            id="wrong-kinds",
        ),
        pytest.param(
            "title: a\n"
            "bands:\n- 5\n- {points: '1', bound: abc}\n- {points: 0, bound: 1}\n",
            [
                "rubric.yaml:1:8: must have at least 2 characters, got 'a'",
                "rubric.yaml:3:3: must be a mapping of keys to values, got 5",
                "rubric.yaml:4:12: must be a whole number, got '1'",
                "rubric.yaml:4:24: must be a number, got 'abc'",
                "rubric.yaml:5:12: must be above 0, got 0",
            ],
            id="wrong-values",
        ),
        pytest.param(
            "title: no\nbands:\nbest: {points: 1, bound: '0,5'}\n"
            "limits: {x: {points: 1, bound: 50 %}, yes: {points: 1, bound: 1}}\n",
            [
                "rubric.yaml:1:8: must be text, got false; "
                "yes, no, on and off mean true or false, so put them in quotes",
                "rubric.yaml:2:7: has no value; write a list of values",
                "rubric.yaml:3:26: must be a number, got '0,5'; write 0.5",
                "rubric.yaml:4:32: must be a number, got '50 %'; write 0.5",
                "rubric.yaml:4:39: must be text, got true; "
                "yes, no, on and off mean true or false, so put them in quotes",
            ],
            id="habits-of-other-languages",
        ),
        pytest.param(
            "title: ab\nkinds: 2\npair: [1]\n",
            [
                "rubric.yaml:2:8: must be text or a list of values, got 2",
                "rubric.yaml:3:7: value 2 of the list is missing; add it",
            ],
            id="several-kinds-at-one-place",
        ),
        pytest.param(
            "title: ab\nkinds: [a, 2]\npair: [1, 2, 3]\n",
            [
                "rubric.yaml:2:12: must be text, got 2; put it in quotes",
                "rubric.yaml:3:7: must have at most 2 values, got [1, 2, 3]",
            ],
            id="a-wrong-value-in-a-list",
        ),
        pytest.param(
            "title: ab\nlimits: {2: {points: 1, bound: 1}}\n",
            ["rubric.yaml:2:10: must be text, got 2; put it in quotes"],
            id="wrong-key",
        ),
        pytest.param(
            "title: ab\n"
            "criteria:\n"
            "- {check: metric, treshold: 1}\n"
            "- {check: layer, least: 1}\n"
            "- {least: 1}\n"
            "- {check: layers, least: x}\n"
            "- {check: layers, least: 1, zzz: 1}\n",
            [
                "rubric.yaml:3:19: unknown key 'treshold'; did you mean 'threshold'?",
                "rubric.yaml:4:11: unknown value 'layer'; did you mean 'layers'?",
                "rubric.yaml:5:3: the key 'check' is missing; add it",
                "rubric.yaml:6:26: must be a whole number, got 'x'",
                "rubric.yaml:7:29: unknown key 'zzz'; use 'check' or 'least'",
            ],
            id="one-of-several-types",
        ),
        pytest.param(
            "title: grey\n",
            ["rubric.yaml:1:1: the title is a colour; choose another"],
            id="rule-of-the-type",
        ),
        pytest.param(
            "- a\n- b\n",
            ["rubric.yaml:1:1: must be a mapping of keys to values, got [a, b]"],
            id="a-list",
        ),
        pytest.param(
            f"title: ab\nbands: {'x' * 100}\n",
            [
                "rubric.yaml:2:8: must be a list of values, "
                "got 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
            ],
            id="a-long-value",
        ),
    ],
)
def test_values_that_do_not_fit_are_refused(
    file: Path, text: str, messages: list[str]
) -> None:
    file.write_text(text)

    with pytest.raises(Invalid) as caught:
        validate(read_document(file), Rubric)

    assert str(caught.value).splitlines() == messages


def test_problems_of_a_part_are_placed_in_the_whole(file: Path) -> None:
    file.write_text("tasks:\n- {points: 1, bound: 2}\n- {points: 0, bond: 2}\n")

    with pytest.raises(Invalid) as caught:
        validate(read_document(file), Band, at=("tasks", 1))

    assert str(caught.value).splitlines() == [
        "rubric.yaml:3:12: must be above 0, got 0",
        "rubric.yaml:3:15: unknown key 'bond'; did you mean 'bound'?",
    ]


def test_a_document_that_fits_becomes_a_value(file: Path) -> None:
    file.write_text(
        "title: ab\norder: down\nbest: &best {points: 1, bound: 2}\n"
        "limits: {least: *best}\ncriteria: [{check: layers, least: 1}]\n"
    )

    rubric = validate(read_document(file), Rubric)

    band = Band(points=1, bound=2)
    assert rubric == Rubric(
        title="ab",
        order="down",
        best=band,
        limits={"least": band},
        criteria=(LayerCheck(check="layers", least=1),),
    )


def test_keys_can_be_given_words_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("band.yaml").write_text("metric: mae\npoint: 3\nbound: 0.5\n")
    document = read_document(Path("band.yaml"))
    sayings = {"metric": "a band has no metric; remove it", "points": "none; add some"}

    with pytest.raises(Invalid) as caught:
        validate(document, Band, sayings=sayings)

    assert str(caught.value).splitlines() == [
        "band.yaml:1:1: a band has no metric; remove it",
        "band.yaml:2:1: unknown key 'point'; did you mean 'points'?",
    ]


def _from_a_broken_file(name: str) -> str:
    place = Location(Path("own.py"), 7, 2)
    raise Elsewhere(Problem(place, f"{name} is broken; correct the file"))


class Own(Strict):
    """Values that are looked up in another file."""

    first: Annotated[str, AfterValidator(_from_a_broken_file)]
    second: Annotated[str, AfterValidator(_from_a_broken_file)]


def test_what_is_wrong_in_another_file_is_said_once_with_the_place_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("first: it\nsecond: it\n")
    document = read_document(path)

    with pytest.raises(Invalid) as caught:
        validate(document, Own)

    assert str(caught.value) == "own.py:7:2: it is broken; correct the file"


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("mea", ["mae", "mse"], "mae"),
        ("tset", ["set", "test"], "test"),
        ("treshold", ["metric", "threshold"], "threshold"),
        ("quality", ["mae", "mse"], None),
        ("any", [], None),
    ],
)
def test_swapped_letters_are_likelier_than_wrong_ones(
    word: str, known: list[str], meant: str | None
) -> None:
    found = closest(word, known)

    assert found == meant
