"""Hidden data cannot be printed or changed by accident; the sha256 tells data apart."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.datasets import HiddenArrays, load_dataset
from pytest_tfgrade.datasets.hidden import digest

if TYPE_CHECKING:
    from conftest import DatasetFolder

pytest_plugins = ["pytester"]


def test_printing_a_dataset_shows_none_of_it(good: "DatasetFolder") -> None:
    dataset = load_dataset(good.path)

    assert repr(dataset) == "<EvaluationDataset 'flowers', 3 examples>"
    assert str(dataset.inputs) == "<HiddenArrays size: float32 (3, 2)>"
    assert f"{dataset.targets}" == "<HiddenArrays kind: int64 (3,)>"


@pytest.mark.parametrize(
    "assertion",
    [
        "dataset.targets == {'y': 1}",
        "dataset.targets == HiddenArrays({'y': np.zeros(2), 'z': np.zeros(2)})",
        "dataset.targets == []",
        "dataset == 1",
        "dataset.targets.keys() == {'z'}",
        "'z' in dataset.targets",
        "dataset.targets['y'] is None",
        "(dataset.targets['y'] == 7).all()",
        "str(dataset.targets['y'] + 1) == ''",
        "not dataset.targets.values()",
    ],
)
def test_a_failed_assertion_shows_none_of_it(
    pytester: pytest.Pytester, assertion: str
) -> None:
    pytester.makepyfile(f"""
        import numpy as np
        from pytest_tfgrade.datasets import EvaluationDataset, HiddenArrays

        def arrays():
            return HiddenArrays({{"y": np.arange(2) * 1111 + 4242}})

        def test_it():
            dataset = EvaluationDataset(
                name="d", rows=2, inputs=arrays(), targets=arrays(), sha256="0" * 64
            )
            assert {assertion}
    """)

    result = pytester.runpytest_inprocess("-vv", "--showlocals")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["dataset*= <EvaluationDataset 'd', 2 examples>"])
    result.stdout.no_fnmatch_line("*5353*")
    result.stdout.no_fnmatch_line("*representation of details failed*")


def test_hidden_arrays_are_used_as_a_mapping() -> None:
    x, y = np.zeros(2), np.ones(3)
    hidden = HiddenArrays({"x": x, "y": y})

    assert dict(hidden).keys() == {"x", "y"}
    assert [(name, len(array)) for name, array in hidden.items()] == [
        ("x", 2),
        ("y", 3),
    ]
    assert [len(array) for array in hidden.values()] == [2, 3]
    assert ("x" in hidden, "z" in hidden, hidden.get("z")) == (True, False, None)
    assert x.flags.writeable


def test_nobody_can_write_to_an_array(good: "DatasetFolder") -> None:
    dataset = load_dataset(good.path)

    with pytest.raises(ValueError, match="read-only"):
        dataset.inputs["size"][0] = 1
    with pytest.raises(TypeError, match="does not support item assignment"):
        dataset.inputs["size"] = np.zeros(3)  # type: ignore[index]


def test_arrays_lie_in_memory_row_by_row() -> None:
    hidden = HiddenArrays({"x": np.zeros((3, 4), order="F")})

    assert hidden["x"].flags.c_contiguous


def test_the_sha256_is_that_of_heads_and_bytes() -> None:
    inputs = {"x": np.array([[1], [2]], np.int16)}
    targets = {"y": np.array(["a", "b"])}

    value = digest(inputs, targets)

    whole = (
        b'["inputs", "x", "<i2", [2, 1]]\n\1\0\2\0'
        b'["targets", "y", "<U1", [2]]\na\0\0\0b\0\0\0'
    )
    assert value == hashlib.sha256(whole).hexdigest()


def variants() -> Iterator[tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]]:
    """Yield datasets that differ in one thing each."""
    x, y = np.arange(4), np.zeros(4, np.float32)
    yield {"x": x, "y": y}, {}
    yield {"y": y, "x": x}, {}
    yield {"x": x}, {"y": y}
    yield {"x": x, "z": y}, {}
    yield {"x": x, "y": y + 1}, {}
    yield {"x": x.reshape(4, 1), "y": y}, {}
    yield {"x": x.astype(np.uint64), "y": y}, {}


def test_datasets_that_differ_in_anything_have_different_sha256() -> None:
    digests = [digest(inputs, targets) for inputs, targets in variants()]

    assert len(set(digests)) == len(digests) == 7


def test_the_order_in_memory_does_not_change_the_sha256() -> None:
    x = np.arange(6).reshape(2, 3)

    assert digest({"x": np.asfortranarray(x)}, {}) == digest({"x": x}, {})
