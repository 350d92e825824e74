"""Which layers lie between input and output, in configurations made by hand."""

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.facts.layers import parse_layers

Saved = dict[str, Any]


def layer(class_name: str, name: str, *calls: object, **config: object) -> Saved:
    """Return a layer and the nodes that call it."""
    return {
        "class_name": class_name,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": list(calls),
    }


def functional(
    *layers: Saved, inputs: object, outputs: object, name: str = "model"
) -> Saved:
    ends = {"input_layers": inputs, "output_layers": outputs}
    return layer("Functional", name, layers=list(layers), **ends)


def keras2(*tensors: Sequence[object], **keywords: object) -> object:
    """Return a call as Keras 2 writes it."""
    return [[*tensor, keywords] for tensor in tensors]


def keras3(*tensors: Sequence[object], **keywords: object) -> object:
    """Return a call as Keras 3 writes it."""
    saved = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": list(tensor)}}
        for tensor in tensors
    ]
    return {"args": [saved], "kwargs": keywords}


def paths(model: Saved) -> dict[str, tuple[tuple[str, ...], bool | None]]:
    """Return what is said of each layer, by its name."""
    return {
        found.name: (found.inbound, found.on_path)
        for top in parse_layers(model)
        for found in top.walk()
    }


@pytest.mark.parametrize("call", [keras2, keras3])
def test_a_layer_that_leads_nowhere_is_off_the_path(call: Any) -> None:
    model = functional(
        layer("InputLayer", "in"),
        layer("Dense", "used", call(["in", 0, 0])),
        layer("Conv2D", "dead_end", call(["in", 0, 0])),
        layer("Dense", "from_nowhere"),
        layer("Add", "end", call(["used", 0, 0], ["from_nowhere", 0, 0])),
        inputs=[["in", 0, 0]],
        outputs=[["end", 0, 0]],
    )

    assert paths(model) == {
        "in": ((), True),
        "used": (("in",), True),
        "dead_end": (("in",), False),
        "from_nowhere": ((), False),
        "end": (("used", "from_nowhere"), True),
    }


def test_tensors_that_are_named_arguments_are_followed_in_both_forms() -> None:
    mask = keras3(["mask", 0, 0])
    model = functional(
        layer("InputLayer", "in"),
        layer("Dense", "mask", keras2(["in", 0, 0])),
        layer("Dense", "other", keras2(["in", 0, 0])),
        layer("LSTM", "three", keras3(["in", 0, 0], mask=mask["args"])),  # type: ignore[index]
        layer("TFOpLambda", "two", keras2(["three", 0, 0], y=["other", 0, 0])),
        inputs=["in", 0, 0],
        outputs=["two", 0, 0],
    )

    found = paths(model)

    assert found["three"] == (("in", "mask"), True)
    assert found["two"] == (("three", "other"), True)
    assert found["mask"][1] is found["other"][1] is True


def test_a_second_call_that_leads_nowhere_uses_nothing() -> None:
    model = functional(
        layer("InputLayer", "in"),
        layer("Conv2D", "decoration", keras3(["in", 0, 0])),
        layer("Dense", "shared", keras3(["in", 0, 0]), keras3(["decoration", 0, 0])),
        inputs=[["in", 0, 0]],
        outputs=[["shared", 0, 0]],
    )

    assert paths(model) == {
        "in": ((), True),
        "decoration": (("in",), False),
        "shared": (("in", "decoration"), True),
    }


def test_calls_of_a_nested_model_are_counted_from_one_by_keras_2() -> None:
    nested = layer("Sequential", "net", layers=[layer("Dense", "inner")])
    nested["inbound_nodes"] = [keras2(["a", 0, 0]), keras2(["b", 0, 0])]
    model = functional(
        layer("InputLayer", "a"),
        layer("InputLayer", "b"),
        nested,
        layer("Add", "sum", keras2(["net", 1, 0], ["net", 2, 0])),
        inputs=[["a", 0, 0], ["b", 0, 0]],
        outputs=[["sum", 0, 0]],
    )

    assert paths(model) == {
        "a": ((), True),
        "b": ((), True),
        "net": (("a", "b"), True),
        "inner": ((), True),
        "sum": (("net",), True),
    }


def test_an_output_of_a_nested_model_that_nobody_takes_leads_nowhere() -> None:
    nested = functional(
        layer("InputLayer", "inner_in"),
        layer("Dense", "taken", keras3(["inner_in", 0, 0])),
        layer("Conv2D", "ignored", keras3(["inner_in", 0, 0])),
        inputs=[["inner_in", 0, 0]],
        outputs=[["taken", 0, 0], ["ignored", 0, 0]],
        name="nested",
    )
    nested["inbound_nodes"] = [keras3(["in", 0, 0])]
    model = functional(
        layer("InputLayer", "in"),
        nested,
        layer("Dense", "end", keras3(["nested", 0, 0])),
        inputs=[["in", 0, 0]],
        outputs=[["end", 0, 0]],
    )

    found = paths(model)

    assert (found["taken"][1], found["ignored"][1]) == (True, False)


def test_what_lies_inside_a_layer_off_the_path_is_off_the_path() -> None:
    unused = layer("TimeDistributed", "each", keras2(["in", 0, 0]))
    unused["config"]["layer"] = layer("Dense", "wrapped")
    model = functional(
        layer("InputLayer", "in"),
        unused,
        layer("Dense", "end", keras2(["in", 0, 0])),
        inputs=[["in", 0, 0]],
        outputs=[["end", 0, 0]],
    )

    found = paths(model)

    assert (found["each"][1], found["wrapped"][1]) == (False, False)


def test_nobody_can_say_how_a_class_of_the_candidate_connects_its_layers() -> None:
    model = layer("MyModel", "own", layers=[layer("Dense", "one")])

    assert paths(model) == {"one": ((), None)}


def test_layers_of_a_sequential_model_follow_each_other() -> None:
    model = layer(
        "Sequential",
        "s",
        layers=[layer("InputLayer", "in"), layer("Dense", "a"), layer("Dense", "b")],
    )

    assert paths(model) == {
        "in": ((), True),
        "a": (("in",), True),
        "b": (("a",), True),
    }


def test_a_layer_that_is_put_beside_the_layers_of_a_model_is_none_of_them() -> None:
    model = layer("Sequential", "s", layers=[layer("Dense", "one")])
    model["config"]["layer"] = layer("Conv2D", "decoration")

    assert [found.name for found in parse_layers(model)] == ["one"]


def test_of_layers_with_one_name_only_the_last_is_connected() -> None:
    model = functional(
        layer("InputLayer", "in"),
        layer("Conv2D", "same", keras2(["in", 0, 0])),
        layer("Dense", "same", keras2(["in", 0, 0])),
        inputs=[["in", 0, 0]],
        outputs=[["same", 0, 0]],
    )

    found: list[Layer] = list(parse_layers(model))

    assert [(layer.class_name, layer.on_path) for layer in found] == [
        ("InputLayer", True),
        ("Conv2D", False),
        ("Dense", True),
    ]
