"""What tells the weights of a file from those of others, as a reader sees them."""

import base64
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_tfgrade.core import fingerprint
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.fingerprint import WeightPrint
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.facts.prints import weight_print
from pytest_tfgrade.runner.worker import weight_sketch
from pytest_tfgrade.runner.worker.hdf5 import read_hdf5
from pytest_tfgrade.runner.worker.saved_model import read_saved_model

MADE_BY_KERAS_2 = Path(__file__).parents[1] / "keras2" / "files"

Arrays = Mapping[str, NDArray[Any]]
PrintOf = Callable[[Arrays], WeightPrint | None]


@pytest.fixture
def print_of(tmp_path: Path) -> PrintOf:
    """Write arrays to a file and return its print, by way of JSON."""

    def written(arrays: Arrays) -> WeightPrint | None:
        path = tmp_path / "made.h5"
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                file[name] = array
        raw = json.loads(json.dumps(read_hdf5(str(path))))
        return weight_print(raw, ArtifactFormat.H5)

    return written


def model(seed: int = 0) -> dict[str, NDArray[Any]]:
    """Return the weights of two layers."""
    rng = np.random.default_rng(seed)
    shapes = {
        "a/kernel": (20, 16),
        "a/bias": (16,),
        "b/kernel": (16, 10),
        "b/bias": (10,),
    }
    return {
        f"layers/{name}": rng.normal(size=shape).astype("float32")
        for name, shape in shapes.items()
    }


def numbers(one: WeightPrint | None) -> NDArray[np.float64]:
    """Return all numbers of a sketch."""
    assert one is not None
    return np.frombuffer(base64.b64decode(one.sketch), "<f2").astype(np.float64)


def parts(one: WeightPrint | None) -> tuple[list[float], list[float]]:
    """Return the numbers that depend on the order of units, and those that do not."""
    assert one is not None
    ordered: list[float] = []
    listed: list[float] = []
    left = numbers(one).tolist()
    for shape in one.shapes:
        first, second = (48, 48) if len(shape) > 1 else (24, 12)
        ordered += left[:first]
        listed += left[first : first + second]
        left = left[first + second :]
    assert left == []
    return ordered, listed


def test_a_print_says_which_arrays_it_is_of(print_of: PrintOf) -> None:
    one = print_of(model())

    assert one is not None
    assert (one.shapes, one.shares, one.is_initial, len(numbers(one))) == (
        ((20, 16), (16, 10), (16,), (10,)),
        (0.6324, 0.3162, 0.0316, 0.0198),
        False,
        2 * 96 + 2 * 36,
    )


def test_names_of_layers_and_the_optimizer_make_no_difference(
    print_of: PrintOf,
) -> None:
    weights = model()
    renamed = {f"x{9 - n}": array for n, array in enumerate(weights.values())}
    slots = {
        f"optimizer/vars/{n}": 2 * array for n, array in enumerate(renamed.values())
    }

    assert print_of({**renamed, **slots}) == print_of(weights)


@pytest.mark.parametrize("name", ["dense", "cnn", "frozen_base", "normalization"])
def test_the_format_makes_no_difference(name: str, tmp_path: Path) -> None:
    packed = MADE_BY_KERAS_2 / f"{name}.savedmodel.zip"
    zipfile.ZipFile(packed).extractall(tmp_path)
    folder = next(tmp_path.rglob("saved_model.pb")).parent

    saved = weight_print(read_saved_model(str(folder)), ArtifactFormat.SAVED_MODEL)

    assert saved is not None
    for ending in ("keras", "h5"):
        raw = read_hdf5(str(MADE_BY_KERAS_2 / f"{name}.{ending}"))
        assert weight_print(raw, ArtifactFormat(ending)) == saved


def test_other_values_have_another_digest_and_the_same_layout(
    print_of: PrintOf,
) -> None:
    one, other = print_of(model(1)), print_of(model(2))

    assert one is not None
    assert other is not None
    assert one.digest != other.digest
    assert one.layout == other.layout


def test_units_in_another_order_leave_the_sorted_numbers_as_they_are(
    print_of: PrintOf,
) -> None:
    weights = model()
    order = np.random.default_rng(5).permutation(16)
    permuted = {
        "layers/a/kernel": weights["layers/a/kernel"][:, order],
        "layers/a/bias": weights["layers/a/bias"][order],
        "layers/b/kernel": weights["layers/b/kernel"][order],
        "layers/b/bias": weights["layers/b/bias"],
    }

    (ordered, listed), (ordered_too, listed_too) = (
        parts(print_of(weights)),
        parts(print_of(permuted)),
    )

    assert listed_too == pytest.approx(listed, rel=2e-3, abs=1e-3)
    assert ordered_too != pytest.approx(ordered, abs=0.1)


def test_sketches_are_about_as_far_apart_as_arrays_are() -> None:
    rng = np.random.default_rng(3)
    ratios = []
    for distance in (0.01, 0.1, 1.0) * 20:
        one = rng.normal(size=(300, 40))
        other = one + distance * rng.normal(size=one.shape)
        apart = weight_sketch.sketched(other)[:48] - weight_sketch.sketched(one)[:48]
        ratios.append(np.linalg.norm(apart) / np.linalg.norm(other - one))

    assert np.mean(ratios) == pytest.approx(1, abs=0.05)
    assert max(ratios) < 1.35
    assert min(ratios) > 0.7


def test_vectors_as_keras_starts_them_are_told(print_of: PrintOf) -> None:
    weights = model()
    weights["layers/a/bias"] = np.zeros(16, "float32")
    weights["layers/b/bias"] = np.ones(10, "float32")

    one = print_of(weights)

    assert one is not None
    assert one.is_initial is True
    assert numbers(one)[2 * 96 :].tolist() == [0.0] * 72


def test_what_has_no_vectors_tells_nothing_of_them(print_of: PrintOf) -> None:
    one = print_of({"kernel": model()["layers/a/kernel"]})

    assert one is not None
    assert one.is_initial is None


def test_of_an_array_with_nan_the_digest_alone_is_told(print_of: PrintOf) -> None:
    weights = model()
    broken = weights["layers/a/kernel"] = weights["layers/a/kernel"].copy()
    broken[3, 3] = np.nan

    one = print_of(weights)

    assert one is not None
    assert one.shapes == ((16, 10), (16,), (10,))


def test_bfloat16_is_read_as_the_numbers_it_holds(print_of: PrintOf) -> None:
    kernel = model()["layers/a/kernel"].view("<u4") & np.uint32(0xFFFF0000)
    halves = (kernel >> 16).astype("<u2").view("V2")

    of_halves = print_of({"kernel": halves})
    of_floats = print_of({"kernel": kernel.view("<f4")})

    assert numbers(of_halves).tolist() == numbers(of_floats).tolist()


def test_texts_and_empty_arrays_are_no_weights(print_of: PrintOf) -> None:
    assert print_of({"names": np.array([b"a"]), "none": np.zeros((0, 3))}) is None


def test_damaged_values_leave_the_file_readable_and_without_a_print(
    tmp_path: Path,
) -> None:
    path = tmp_path / "damaged.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "x", data=np.arange(4000.0), fletcher32=True, chunks=(4000,)
        )
        place = file["x"].id.get_chunk_info(0).byte_offset
    with path.open("r+b") as raw:
        raw.seek(place + 100)
        raw.write(b"\xff" * 64)

    read = read_hdf5(str(path))

    assert (read["variables"], read["prints"], read["problems"]) == (
        [["x", "float64", [4000]]],
        [],
        [],
    )


def test_nothing_is_looked_at_of_what_is_too_large() -> None:
    huge = np.broadcast_to(np.float32(1), (weight_sketch.MOST_BYTES // 4 + 1,))

    assert weight_sketch.prints_of([("x", huge)]) == []


def test_of_a_large_array_the_first_rows_are_sketched() -> None:
    large = np.zeros((3000, 500), "float32")
    large[: weight_sketch.MOST_NUMBERS // 500] = np.random.default_rng(0).normal(
        size=(weight_sketch.MOST_NUMBERS // 500, 500)
    )
    other = large.copy()
    other[-1] = 1

    (_, digest, _, sketch), *_ = weight_sketch.prints_of([("x", large)])
    (_, other_digest, _, other_sketch), *_ = weight_sketch.prints_of([("x", other)])

    assert sketch == other_sketch
    assert digest != other_digest


def test_the_worker_makes_as_many_numbers_as_reports_expect() -> None:
    ours = (
        fingerprint.ORDERED,
        fingerprint.SORTED,
        fingerprint.ORDERED_OF_VECTOR,
        fingerprint.SORTED_OF_VECTOR,
    )

    assert ours == (
        weight_sketch.ORDERED,
        2 * weight_sketch.MOMENTS * weight_sketch.QUANTILES,
        weight_sketch.ORDERED_OF_VECTOR,
        weight_sketch.QUANTILES_OF_VECTOR,
    )


def test_a_print_of_many_layers_is_small(print_of: PrintOf) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        f"{at}/{name}": rng.normal(size=shape)
        for at in range(60)
        for name, shape in {"kernel": (8 + at, 30), "bias": (8 + at,)}.items()
    }

    one = print_of(arrays)

    assert one is not None
    assert len(one.shapes) == 7
    assert len(one.sketch) == 1312


@pytest.mark.parametrize(
    "one",
    [
        None,
        [0, "00" * 32, None],
        [1, "00" * 32, None, None],
        [-1, "00" * 32, None, None],
        [0, "00", None, None],
        [0, "00" * 32, 1, None],
        [0, "00" * 32, None, 5],
        [0, "00" * 32, None, "AAAA"],
        [0, "00" * 32, None, "no base64"],
    ],
    ids=str,
)
def test_a_claim_of_another_form_is_refused(one: object) -> None:
    raw = {"variables": [["x", "float32", [2, 2]]], "prints": [one]}

    with pytest.raises(Ungradable) as caught:
        weight_print(raw, ArtifactFormat.H5)

    assert caught.value.code is Code.PROTOCOL


def test_numbers_that_are_none_count_as_zero_and_large_ones_as_the_largest() -> None:
    sketch = np.array([np.nan, np.inf, 1e30, *range(93)], "<f4")
    told = base64.b64encode(sketch.tobytes()).decode()
    raw = {
        "variables": [["x", "float32", [2, 2]]],
        "prints": [[0, "00" * 32, None, told]],
    }

    one = weight_print(raw, ArtifactFormat.H5)

    assert numbers(one)[:5].tolist() == [0.0, 0.0, 64992.0, 0.0, 1.0]
