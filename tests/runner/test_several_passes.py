"""Real models that are called in several ways in one child."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner import Pass, Predictions, SharedInputs
from pytest_tfgrade.runner.passes import MOST_PASSES
from pytest_tfgrade.runner.worker.frames import MOST_INPUTS

Ask = Callable[..., tuple[Predictions, ...]]
MakeModel = Callable[..., Path]


@pytest.fixture(scope="session")
def expected(saved: Path) -> dict[str, Any]:
    """Predictions by ``MODEL:LAYER``, and the inputs; see ``save_models.py``."""
    with np.load(saved / "expected.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="session")
def inputs(expected: dict[str, Any]) -> Iterator[SharedInputs]:
    with SharedInputs({"image": expected["image"]}) as inputs:
        yield inputs


@pytest.fixture(scope="session")
def wide() -> Iterator[SharedInputs]:
    """Images with a channel too many."""
    with SharedInputs({"image": np.zeros((5, 8, 8, 2), np.float32)}) as inputs:
        yield inputs


Ends = Callable[..., tuple[Mapping[str, Any], Mapping[str, Any]]]


@pytest.fixture
def ends(saved: Path, expected: dict[str, Any], inputs: SharedInputs, ask: Ask) -> Ends:
    """Return what a model of two outputs says, and what each of its last layers does.

    It takes the model's file and the names that the task gives the outputs.
    """

    def run(file: str, names: tuple[str, str]) -> tuple[Mapping[str, Any], Any]:
        (found,) = ask(saved / file, Pass(inputs=inputs), names=names)
        single = {name: expected[f"ends:{name}"] for name in ("kind", "price")}
        return found.arrays, single

    return run


SEQUENTIAL = ("reshape", "conv", "dropout", "flatten", "last")
NESTED = ("first", "second", "inner", "pair", "narrow")
WRAPPED = ("both", "forward_lstm", "backward_lstm", "times", "each")


@pytest.mark.parametrize(
    "place",
    [
        *(f"sequential:{layer}" for layer in SEQUENTIAL),
        *(f"nested:{layer}" for layer in NESTED),
        *(f"recurrent:{layer}" for layer in (*WRAPPED, "gru", "run", "cell")),
        *("operations:attention", "operations:multiply", "quantized:hidden"),
    ],
)
def test_a_layer_is_taken_out_wherever_it_sits_and_put_back(
    place: str, saved: Path, expected: dict[str, Any], inputs: SharedInputs, ask: Ask
) -> None:
    model, layer = place.split(":")
    path = saved / f"{model}.keras"

    plain, without, as_graph, again = ask(
        path,
        Pass(inputs=inputs),
        Pass(inputs=inputs, without=layer),
        Pass(inputs=inputs, without=layer, batch=5),
        Pass(inputs=inputs),
    )

    mute = expected[place]
    assert np.isfinite(mute).all()
    assert not np.allclose(plain.arrays["y"], mute, atol=1e-3)
    np.testing.assert_allclose(without.arrays["y"], mute, atol=1e-6)
    np.testing.assert_allclose(as_graph.arrays["y"], mute, atol=1e-6)
    np.testing.assert_array_equal(again.arrays["y"], plain.arrays["y"])


@pytest.mark.parametrize(
    "way",
    [
        *((name, None, 40) for name in ("plain", "series", "joint", "model")),
        *((name, 5, 5) for name in ("plain", "series", "joint", "model")),  # a graph
        pytest.param(("plain", 20, 20), id="two-halves"),
        pytest.param(("plain", 39, 40), id="a-row-that-is-left-joins-the-others"),
        pytest.param(("plain", 1, 2), id="one-row-cannot-be-exchanged"),
    ],
    ids="{0[0]}-{0[1]}".format,
)
def test_a_layer_is_exchanged_between_the_rows_of_a_batch_and_put_back(
    way: tuple[str, int | None, int],
    saved: Path,
    expected: dict[str, Any],
    inputs: SharedInputs,
    ask: Ask,
) -> None:
    layer, batch, group = way

    plain, mixed, again = ask(
        saved / "joined.keras",
        Pass(inputs=inputs, batch=group),
        Pass(inputs=inputs, batch=batch, mixed=layer),
        Pass(inputs=inputs, batch=group),
    )

    own = expected[f"joined:{layer}"]
    of_others = np.roll(own.reshape(-1, group, 4), 1, axis=1).reshape(own.shape)
    changed = plain.arrays["y"] - own + of_others
    np.testing.assert_allclose(mixed.arrays["y"], changed, atol=1e-5)
    np.testing.assert_array_equal(again.arrays["y"], plain.arrays["y"])


@pytest.mark.parametrize("layer", ["alone", "number"])
def test_an_output_that_does_not_hold_the_rows_is_not_exchanged(
    layer: str, saved: Path, inputs: SharedInputs, ask: Ask
) -> None:
    plain, mixed = ask(
        saved / "joined.keras",
        Pass(inputs=inputs),
        Pass(inputs=inputs, mixed=layer),
    )

    np.testing.assert_array_equal(mixed.arrays["y"], plain.arrays["y"])


@pytest.mark.parametrize(
    "place",
    [
        *("sequential:reshape", "nested:pair", "recurrent:times", "recurrent:cell"),
        *("operations:attention", "operations:multiply", "quantized:hidden"),
    ],
)
def test_a_layer_is_exchanged_wherever_it_sits(
    place: str, saved: Path, inputs: SharedInputs, ask: Ask
) -> None:
    model, layer = place.split(":")

    plain, mixed, as_graph = ask(
        saved / f"{model}.keras",
        Pass(inputs=inputs),
        Pass(inputs=inputs, mixed=layer),
        Pass(inputs=inputs, mixed=layer, batch=5),
    )

    for other in (mixed, as_graph):
        assert np.isfinite(other.arrays["y"]).all()
        assert not np.allclose(other.arrays["y"], plain.arrays["y"], atol=1e-3)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.parametrize(
    ("model", "names", "layers"),
    [
        ("kind-price", ("kind", "price"), ("kind", "price")),
        ("kind-price", ("price", "kind"), ("price", "kind")),
        ("price-kind", ("kind", "price"), ("kind", "price")),
        ("price-kind", ("price", "kind"), ("price", "kind")),
        pytest.param("kind-price", ("kind", "x"), ("kind", "price"), id="other-names"),
        pytest.param("price-kind", ("kind", "x"), ("price", "kind"), id="and-order"),
    ],
)
def test_a_list_of_outputs_is_known_by_its_names_else_by_position(
    model: str,
    ending: str,
    names: tuple[str, str],
    layers: tuple[str, str],
    ends: Ends,
) -> None:
    found, single = ends(f"{model}.{ending}", names)

    for name, layer in zip(names, layers, strict=True):
        np.testing.assert_allclose(found[name], single[layer], atol=1e-6)


@pytest.mark.parametrize("model", ["sequential", "nested", "recurrent", "quantized"])
def test_the_first_pass_is_the_same_bytes_as_alone(
    saved: Path, inputs: SharedInputs, ask: Ask, model: str
) -> None:
    path, plain = saved / f"{model}.keras", Pass(inputs=inputs)

    (alone,) = ask(path, plain)
    first, *_ = ask(path, plain, Pass(inputs=inputs, batch=1), plain)

    assert first.arrays["y"].tobytes() == alone.arrays["y"].tobytes()


@pytest.mark.parametrize("batch", [1, 3, 7, 32, 1000])
def test_batches_of_any_size_hold_every_row_once(
    saved: Path, inputs: SharedInputs, ask: Ask, batch: int
) -> None:
    plain, parted = ask(
        saved / "sequential.keras",
        Pass(inputs=inputs),
        Pass(inputs=inputs, batch=batch),
    )

    np.testing.assert_allclose(
        parted.arrays["y"], plain.arrays["y"], rtol=1e-5, atol=1e-6
    )


def test_every_pass_has_its_own_inputs_and_rows(
    saved: Path, expected: dict[str, Any], inputs: SharedInputs, ask: Ask
) -> None:
    order = np.random.default_rng(2).permutation(40)[:30]
    path = saved / "sequential.keras"

    with SharedInputs({"image": expected["image"][order]}) as mixed:
        plain, some = ask(path, Pass(inputs=inputs), Pass(inputs=mixed))

    np.testing.assert_allclose(
        some.arrays["y"], plain.arrays["y"][order], rtol=1e-5, atol=1e-6
    )
    assert {*plain.seconds} == {*some.seconds} == {"load", "predict"}
    assert plain.seconds["load"] == some.seconds["load"]


def test_more_passes_and_inputs_than_one_child_takes_are_all_served(
    make_model: MakeModel, ask: Ask
) -> None:
    path = make_model("flat.keras", ("Flatten", {}), shape=(1,))
    values = [np.full((2, 1), n, np.float32) for n in range(MOST_INPUTS + 2)]
    shared = [SharedInputs({"x": value}) for value in values]

    served = ask(path, *(Pass(inputs=one) for one in shared))
    for one in shared:
        one.close()

    assert len(served) > MOST_PASSES
    np.testing.assert_array_equal([one.arrays["y"] for one in served], values)


def test_a_pass_that_fails_does_not_take_those_before_it_along(
    make_model: MakeModel, images: SharedInputs, wide: SharedInputs, ask: Ask
) -> None:
    path, plain = make_model("flat.keras", ("Flatten", {})), Pass(inputs=images)

    served = ask(path, plain, Pass(inputs=wide), plain)
    with pytest.raises(Ungradable) as caught:
        ask(path, Pass(inputs=wide), plain)

    assert [one.arrays["y"].shape for one in served] == [(500, 64)]
    assert caught.value.code in {Code.INPUT_SHAPE, Code.OUTPUT_SHAPE}


def test_values_of_a_pass_need_not_be_finite(
    make_model: MakeModel, images: SharedInputs, ask: Ask
) -> None:
    path = make_model("flat.keras", ("Flatten", {}))
    values = np.full((3, 8, 8), np.nan, np.float32)

    with SharedInputs({"image": values}) as holes:
        _, odd = ask(path, Pass(inputs=images), Pass(inputs=holes))

    assert np.isnan(odd.arrays["y"]).all()


@pytest.mark.parametrize(
    "name",
    [
        "absent",
        "sequential",
        "image",
        "x" * 1_000_000,
        "naïve \ud800",
    ],
    ids=["unknown", "the-model-itself", "an-input", "very-long", "no-text"],
)
def test_a_layer_that_a_model_hides_is_its_own_fault_and_plain_is_kept(
    saved: Path, inputs: SharedInputs, ask: Ask, name: str
) -> None:
    path = saved / "sequential.keras"
    for absent in (
        Pass(inputs=inputs, without=name),
        Pass(inputs=inputs, mixed=name),
    ):
        served = ask(path, Pass(inputs=inputs), absent)
        with pytest.raises(Ungradable, match="the model, once loaded, has no layer '"):
            ask(path, absent)

        assert len(served) == 1


def test_a_model_that_takes_long_at_a_later_pass_keeps_the_plain_predictions(
    make_model: MakeModel, ask: Ask
) -> None:
    slow = ("AveragePooling1D", {"pool_size": 3001, "strides": 1, "padding": "same"})
    path = make_model("slow.keras", ("UpSampling1D", {"size": 4000}), slow)
    few = SharedInputs({"image": np.zeros((1, 8, 8), np.float32)})
    many = SharedInputs({"image": np.zeros((500, 8, 8), np.float32)})

    with few, many:
        served = ask(
            path,
            Pass(inputs=few),
            Pass(inputs=many),
            limits=Limits(seconds=3),
            axes=3,
        )

    assert [one.arrays["y"].shape for one in served] == [(1, 32000, 8)]


def test_no_pass_is_a_mistake(saved: Path, ask: Ask) -> None:
    with pytest.raises(ValueError, match="the plain one goes first"):
        ask(saved / "sequential.keras")


def test_a_larger_model_is_seen_to_take_more_memory(
    make_model: MakeModel, images: SharedInputs, ask: Ask
) -> None:
    flat = ("Flatten", {})
    small = make_model("small.keras", flat)
    large = make_model(
        "large.keras", flat, ("RepeatVector", {"n": 1000}), ("Flatten", {"name": "all"})
    )
    plain = Pass(inputs=images)

    (first,), (second,), (much,) = (ask(path, plain) for path in (small, small, large))

    assert first.memory is not None
    assert second.memory is not None
    assert much.memory is not None
    assert 20 << 20 < first.memory < 80 << 20
    assert abs(first.memory - second.memory) < 4 << 20
    assert much.memory - first.memory > 500 * 64_000 * 4


def test_parts_that_are_computed_at_a_time_get_no_more_memory(
    make_model: MakeModel, inputs: SharedInputs, ask: Ask
) -> None:
    hog = make_model(
        "hog.keras",
        ("Reshape", {"target_shape": [8, 8, 1]}),
        ("UpSampling2D", {"size": [200, 200]}),  # 390 MiB for all rows
        ("GlobalAveragePooling2D", {}),
    )
    limits = Limits(memory=256 << 20)

    codes = []
    for count in (1, 2, 8):
        with pytest.raises(Ungradable) as finding:
            ask(hog, Pass(inputs=inputs, at_once=count), limits=limits)
        codes.append(finding.value.code)

    assert codes == [Code.MEMORY] * 3
