"""The tree of layers of a saved model."""

from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Layer
from pytest_tfgrade.facts.paths import Place, places_in
from pytest_tfgrade.facts.saved_objects import (
    Saved,
    class_name,
    config_of,
    inner_layers,
    name_of,
    own_module,
)

MAX_LAYERS: Final = 20_000
"""Nested ones included; EfficientNetB7 has about 800."""


def parse_layers(model: Saved) -> tuple[Layer, ...]:
    """Return the layers of a serialized model in the order of the file.

    Raises:
        Ungradable: ``E_MEMORY`` if there are more than any machine could build.
    """
    layers = _parse_inner(model, on_path=True, used=None)
    if sum(1 for layer in layers for _ in layer.walk()) > MAX_LAYERS:
        rationale = f"the model has more than {MAX_LAYERS} layers"
        raise Ungradable(Code.MEMORY, rationale)
    return layers


def _parse_inner(
    holder: Saved, *, on_path: bool | None, used: frozenset[int] | None
) -> tuple[Layer, ...]:
    layers = list(inner_layers(holder))
    places = places_in(holder, layers, used)
    return tuple(map(_parse_layer, layers, places, [on_path] * len(layers)))


def _parse_layer(saved: Saved, place: Place, holder_on_path: bool | None) -> Layer:
    module = saved.get("module")
    registered = saved.get("registered_name")
    is_own = (own_module(saved) or "").partition(".")[0] == "keras"
    on_path = _both(place.on_path, holder_on_path)
    return Layer(
        name=name_of(saved),
        class_name=class_name(saved),
        module=module if isinstance(module, str) else None,
        registered_name=registered
        if isinstance(registered, str) and not is_own
        else None,
        config=config_of(saved),
        layers=_parse_inner(saved, on_path=on_path, used=place.used),
        inbound=place.inbound,
        on_path=on_path,
    )


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True
