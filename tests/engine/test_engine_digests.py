"""Digests: equal for what is equal, and of nothing that does not say what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.engine.digests import digest_of, digest_of_files


@dataclass(frozen=True)
class Point:
    """Two numbers."""

    x: int
    y: int


@dataclass(frozen=True)
class Place:
    """Two numbers of another meaning."""

    x: int
    y: int


class Colour(StrEnum):
    """A kind of text."""

    RED = "red"


class Wine(Enum):
    """Of equal names."""

    RED = "red"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param((1, 2), [1, 2], id="sequences-of-any-kind"),
        pytest.param({"b", "a"}, frozenset({"a", "b"}), id="sets-in-any-order"),
        pytest.param(Point(1, 2), Point(1, 2), id="equal-dataclasses"),
        pytest.param({"a": Decimal("1.50")}, {"a": Decimal("1.50")}, id="mappings"),
    ],
)
def test_what_holds_the_same_has_one_digest(one: object, other: object) -> None:
    assert digest_of(one) == digest_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="order-of-a-mapping"),
        pytest.param(Point(1, 2), Place(1, 2), id="kinds-of-dataclass"),
        pytest.param("red", Colour.RED, id="text-and-a-member"),
        pytest.param(Colour.RED, Wine.RED, id="members-of-two-enums"),
        pytest.param(Path("a"), "a", id="path-and-text"),
        pytest.param(Decimal(1), 1, id="decimal-and-number"),
        pytest.param(1, True, id="number-and-truth"),
        pytest.param(1, 1.0, id="whole-and-not"),
        pytest.param(None, "None", id="nothing-and-its-name"),
        pytest.param({1: "a"}, {"1": "a"}, id="keys-of-two-types"),
        pytest.param({"a": 1}, [["a", 1]], id="mapping-and-pairs"),
        pytest.param({"a"}, {"set": ["a"]}, id="set-and-mapping"),
        pytest.param(date(2026, 1, 2), "2026-01-02", id="date-and-text"),
        pytest.param(["ab"], ["a", "b"], id="where-a-text-ends"),
    ],
)
def test_what_differs_in_anything_has_another(one: object, other: object) -> None:
    assert digest_of(one) != digest_of(other)


def test_values_do_not_run_into_each_other() -> None:
    assert digest_of("a", "b") != digest_of("ab")
    assert digest_of(["a"], "b") != digest_of("a", ["b"])


def test_what_does_not_say_what_it_holds_has_none() -> None:
    with pytest.raises(TypeError, match="object has no digest"):
        digest_of({"inside": [object()]})


def test_numbers_that_json_does_not_know_have_a_digest() -> None:
    infinite: Mapping[str, Any] = {"a": float("inf"), "b": float("nan")}

    assert digest_of(infinite) == digest_of(dict(infinite))


def test_a_moment_has_the_digest_of_no_other() -> None:
    noon, one = datetime(2026, 1, 2, 12, 0), datetime(2026, 1, 2, 13, 0)  # noqa: DTZ001

    assert digest_of(noon) != digest_of(one)


def test_files_are_known_by_content_and_order_and_not_by_name(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path, content in zip(paths, (b"one", b"two", b"one"), strict=True):
        path.write_bytes(content)
    a, b, c = paths

    assert digest_of_files([a, b]) == digest_of_files([c, b])
    assert digest_of_files([a, b]) != digest_of_files([b, a])
    assert digest_of_files([a]) != digest_of_files([a, c])
