"""The JSON Schema that editors use says what the reader says."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.rubric import json_schema
from pytest_tfgrade.rubric.exam import FILE_NAME

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "rubrics"
RUBRICS = sorted(file for file in FOLDER.glob("*.yaml") if file.name != FILE_NAME)
SCHEMA = json_schema()

TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def mistakes(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Yield the places where a value breaks a schema, by the words that ours uses."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from mistakes(value, SCHEMA["$defs"][name], place)
        return
    if "anyOf" in schema:
        found = [list(mistakes(value, part, place)) for part in schema["anyOf"]]
        if all(found):
            yield min(found, key=len)[0]
        return
    ways = schema.get("oneOf")
    kind = schema.get("type")
    wrong = (
        (kind and not isinstance(value, TYPES[kind]))
        or (ways and [list(mistakes(value, w, place)) for w in ways].count([]) != 1)
        or (kind in {"number", "integer"} and isinstance(value, bool))
        or ("const" in schema and value != schema["const"])
        or ("enum" in schema and value not in schema["enum"])
        or ("minimum" in schema and value < schema["minimum"])
        or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])
        or ("maximum" in schema and value > schema["maximum"])
        or ("pattern" in schema and not re.search(schema["pattern"], value))
        or len(value if isinstance(value, list) else "") < schema.get("minItems", 0)
    )
    if wrong:
        yield place
    elif kind == "array":
        for index, item in enumerate(value):
            yield from mistakes(item, schema.get("items", {}), f"{place}/{index}")
    elif kind == "object" or "required" in schema:
        yield from mistakes_of_object(value, schema, place)


def mistakes_of_object(
    value: dict[Any, Any], schema: dict[str, Any], place: str
) -> Iterator[str]:
    """Yield the places of missing, unknown and broken members."""
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}/{name}"
    for name, member in value.items():
        known = schema.get("properties", {}).get(str(name))
        patterns = schema.get("patternProperties", {}).values()
        other = next(iter(patterns), schema.get("additionalProperties", True))
        if known is not None or isinstance(other, dict):
            yield from mistakes(member, known or other, f"{place}/{name}")
        elif other is False:
            yield f"{place}/{name}"


@pytest.mark.parametrize("file", RUBRICS, ids=lambda file: file.stem)
def test_a_rubric_of_ours_fits_the_schema(file: Path) -> None:
    value = yaml.safe_load(file.read_text())

    assert list(mistakes(value, SCHEMA)) == []


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("unknown-key-at-the-top", ["/datset"]),
        ("unknown-key-in-limits", ["/limits/second", "/limits/ram"]),
        ("no-task", ["/task"]),
        ("unknown-dtype", ["/contract/inputs/image/dtype"]),
        ("unknown-format", ["/artifact/formats/1", "/artifact/formats/2"]),
        ("bad-size", ["/artifact/max_size"]),
        ("unknown-metric", ["/criteria/0/metric"]),
        ("empty-criteria", ["/criteria"]),
        ("a-word", [""]),
        (
            "cases-of-words",
            [
                "/criteria/0/cases",
                "/criteria/1/cases",
                "/criteria/2/cases/easy",
            ],
        ),
        ("negative-points", [f"/criteria/{nth}/points" for nth in range(2)]),
        ("limits-out-of-bounds", ["/limits/seconds"]),
        ("unknown-visibility", [f"/criteria/{nth}/visibility" for nth in range(3)]),
        ("a-selftest-of-words", ["/selftest"]),
        ("a-source-from-two-places", ["/artifact/source"]),
    ],
)
def test_a_broken_rubric_does_not_fit_the_schema(name: str, places: list[str]) -> None:
    value = yaml.safe_load((HERE / "broken" / f"{name}.yaml").read_text())

    assert list(mistakes(value, SCHEMA)) == places


WHOLE_LANGUAGE = """\
task: digits
title: {en: Digits, zh: Shuzi}
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {digit: {shape: [null, 10]}}
criteria:
  - {id: line, check: predict.metric, metric: mae, curve: {0: 4, 2.5: 1}, bonus: true}
  - {id: each, check: predict.metric, metric: mae, cases: {easy: 1, hard: 3}}
  - {id: cost, check: file, penalty: 1.5, visibility: hidden}
  - {id: own, check: 'checks:has_skip', layers: 3, points: 1}
  - id: both
    group: all
    points: 2
    requires: [cost]
    criteria:
      - {id: one, check: file}
      - {id: two, check: model.io, hint: {en: Look.}}
selftest:
  artifacts: [{file: best.keras, points: 5}]
  predictors: {mean: 0, linear: {points: 1, options: {seed: 3}}}
"""


def test_the_whole_language_fits_the_schema() -> None:
    assert list(mistakes(yaml.safe_load(WHOLE_LANGUAGE), SCHEMA)) == []


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ({"names": ["model"]}, True),
        ({"file": "model.py", "builds": "make"}, True),
        ({}, False),
        ({"names": []}, False),
        ("model.py", False),
    ],
    ids=str,
)
def test_a_source_is_of_one_place_in_the_schema(source: object, is_one: bool) -> None:
    wrong = list(mistakes(source, SCHEMA["$defs"]["SourcePart"]))

    assert (not wrong) is is_one


def test_a_group_in_a_group_does_not_fit_the_schema() -> None:
    written = (HERE / "broken" / "a-group-in-a-group.yaml").read_text()

    assert list(mistakes(yaml.safe_load(written), SCHEMA)) != []


def test_every_bound_is_said_in_words_that_editors_know() -> None:
    """Pydantic leaves its own words where a validator stands before a bound."""
    assert not re.findall(r'"(?:gt|ge|lt|le)":', json.dumps(SCHEMA))


def test_the_schema_names_every_check_and_metric() -> None:
    kinds = SCHEMA["properties"]["criteria"]["items"]["anyOf"]
    metric = SCHEMA["$defs"]["predict.metric"]["properties"]["metric"]

    assert [kind["$ref"].rpartition("/")[2] for kind in kinds] == [
        *CHECKS,
        "module:name",
        "group",
    ]
    assert metric["anyOf"][0]["enum"] == sorted(METRICS)


def test_every_process_makes_the_same_schema() -> None:
    program = (
        "import json, pytest_tfgrade.rubric as r; print(json.dumps(r.json_schema()))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
    )

    assert done.stdout == f"{json.dumps(json_schema())}\n"
