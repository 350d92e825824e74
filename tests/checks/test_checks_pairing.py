"""Which end of a model stands for which of a task."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pytest_tfgrade.checks.model.feeding import feeding_for
from pytest_tfgrade.checks.model.pairing import AmbiguousError, paired
from pytest_tfgrade.core.contract import Contract, InputSpec, OutputSpec, Shape
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor, Weights
from pytest_tfgrade.core.setup import Take
from pytest_tfgrade.core.submission import ArtifactFormat

NUMBER: Shape = (None, 1)


def ends(*names: str, shape: Shape = NUMBER) -> tuple[Tensor, ...]:
    return tuple(Tensor(name=name, shape=shape, dtype="float32") for name in names)


def told(*names: str, in_order: bool = True) -> dict[str, str]:
    specs = {"num": NUMBER, "seq": NUMBER}
    found = paired(specs, ends(*names), in_order=in_order)
    return {name: tensor.name for name, _, tensor in found}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(("num", "seq"), "num seq", id="the-same-names"),
        pytest.param(("seq", "num"), "num seq", id="in-another-order"),
        pytest.param(("Seq", "NUM"), "NUM Seq", id="with-other-capitals"),
        pytest.param(("seq", "numbers"), "numbers seq", id="one-name-agrees"),
        pytest.param(("a", "b"), "a b", id="none-agrees"),
    ],
)
def test_names_go_before_positions(names: tuple[str, ...], expected: str) -> None:
    assert " ".join(told(*names).values()) == expected


def test_without_order_and_names_nobody_can_tell() -> None:
    with pytest.raises(AmbiguousError):
        told("a", "b", in_order=False)


def test_without_order_one_name_is_enough_for_two() -> None:
    assert told("a", "num", in_order=False) == {"num": "num", "seq": "a"}


def test_shapes_tell_where_one_way_alone_fits() -> None:
    specs = {"cls": (None, 3), "reg": (None, 1)}
    tensors = (*ends("a", shape=(None, 1)), *ends("b", shape=(None, 3)))

    def fitting(_: str, shape: Shape, tensor: Tensor) -> bool:
        return tensor.shape == shape

    found = paired(specs, tensors, in_order=False, fittings=[fitting])

    assert [(name, tensor.name) for name, _, tensor in found] == [
        ("cls", "b"),
        ("reg", "a"),
    ]


# Outputs of whole models


TWO = Contract(
    inputs={"x": InputSpec(shape=(None, 2), dtype="float32")},
    outputs={"cls": OutputSpec(shape=NUMBER), "reg": OutputSpec(shape=NUMBER)},
)


@pytest.fixture
def model() -> Callable[..., Facts]:
    """Return the facts of a model with these outputs."""

    def make(
        *outputs: Tensor,
        form: ArtifactFormat = ArtifactFormat.KERAS,
        order: bool = True,
    ) -> Facts:
        return Facts(
            format=form,
            keras_version=None,
            model_class="Functional",
            layers=(),
            inputs=ends("x", shape=(None, 2)),
            outputs=outputs,
            outputs_in_order=order,
            last_activation=None,
            weights=Weights(parameters=1, model_bytes=4, optimizer_bytes=0),
            compile_settings=None,
        )

    return make


def test_outputs_of_a_list_are_taken_by_the_names_of_their_layers(
    model: Callable[..., Facts],
) -> None:
    feeding = feeding_for(model(*ends("reg", "cls")), TWO)

    assert feeding.takes == {"cls": Take(index=1), "reg": Take(index=0)}
    assert feeding.notes == ()


def test_outputs_known_by_position_alone_are_noted(model: Callable[..., Facts]) -> None:
    feeding = feeding_for(model(*ends("zz", "aa")), TWO)

    assert feeding.takes == {"cls": Take(index=0), "reg": Take(index=1)}
    assert feeding.notes == ("outputs by position or shape: cls is 'zz', reg is 'aa'",)


def test_outputs_of_a_dictionary_are_taken_by_their_keys(
    model: Callable[..., Facts],
) -> None:
    outputs = (
        Tensor(name="dense", shape=NUMBER, dtype=None, key="reg"),
        Tensor(name="dense_1", shape=NUMBER, dtype=None, key="cls"),
    )

    feeding = feeding_for(model(*outputs), TWO)

    assert feeding.takes == {
        "cls": Take(key="cls", index=1),
        "reg": Take(key="reg", index=0),
    }


def test_outputs_of_a_signature_that_nobody_can_tell_apart_are_refused(
    model: Callable[..., Facts],
) -> None:
    facts = model(*ends("zz", "aa"), form=ArtifactFormat.SAVED_MODEL, order=False)

    with pytest.raises(Ungradable) as caught:
        feeding_for(facts, TWO)

    assert str(caught.value) == (
        "E_OUTPUT_SHAPE: the model returns 'zz' (None, 1) and 'aa' (None, 1), the task "
        "asks for 'cls' (None, 1) and 'reg' (None, 1); neither names nor shapes tell "
        "which is which"
    )


def test_one_output_of_one_needs_no_telling(model: Callable[..., Facts]) -> None:
    one = Contract(inputs=TWO.inputs, outputs={"y": OutputSpec(shape=NUMBER)})

    assert feeding_for(model(*ends("dense")), one).takes == {}


@pytest.mark.parametrize("names", [("a", "b"), ("output_0", "output_1")])
def test_of_more_outputs_than_are_asked_for_none_is_taken_unless_it_is_named(
    names: tuple[str, ...], model: Callable[..., Facts]
) -> None:
    one = Contract(inputs=TWO.inputs, outputs={"y": OutputSpec(shape=NUMBER)})
    facts = replace(
        model(*ends(*names), form=ArtifactFormat.SAVED_MODEL), signature="serve"
    )

    assert feeding_for(facts, one).takes == {}
    named = replace(facts, outputs=ends(names[0], "y"))
    assert feeding_for(named, one).takes == {"y": Take(key="y", index=1)}
