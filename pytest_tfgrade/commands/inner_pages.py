"""Pages of what stands inside other things: parameters, and layers of Keras."""

from collections.abc import Iterable
from typing import Final

from pytest_tfgrade.commands.page import REQUIRED, Page
from pytest_tfgrade.commands.wording import either
from pytest_tfgrade.core.keras_layers import (
    COMMON_ENDINGS,
    COMMON_SETTINGS,
    LAYER_ALIASES,
    LAYER_SETTINGS,
    MODEL_CLASSES,
)

LAYERS: Final = (*LAYER_SETTINGS, *LAYER_ALIASES, *sorted(MODEL_CLASSES))
"""Classes of layers that have a page; models are layers where they are nested."""


def parameter_page(name: str, pages: Iterable[Page]) -> Page:
    """Return a page of a parameter: what it means wherever it may be written.

    Args:
        name: The parameter's, as rubrics write it.
        pages: The whole reference.
    """
    owners: dict[tuple[str, str], list[str]] = {}
    for page in pages:
        for each in page.parameters:
            if each.name == name:
                owners.setdefault((each.default, each.meaning), []).append(page.name)
    return Page(
        name=name,
        title="a parameter.",
        paragraphs=tuple(
            f"Of {_all(of)} ({_default(default)}): {meaning}"
            for (default, meaning), of in owners.items()
        ),
    )


def _all(names: list[str]) -> str:
    return either(names).replace(" or ", " and ")


def _default(default: str) -> str:
    return default if default == REQUIRED else f"default: {default}"


def layer_page(name: str) -> Page:
    """Return the page of a layer of Keras: where it is named, and its settings."""
    class_name = LAYER_ALIASES.get(name, name)
    settings = sorted(LAYER_SETTINGS.get(class_name, ()))
    own = ", ".join(settings) if settings else "none"
    if name in MODEL_CLASSES:
        title = "a model of Keras, which is a layer where it is nested."
    else:
        called = f"; files call it {class_name}" if class_name != name else ""
        title = f"a layer of Keras{called}."
    endings = ", ".join(f"*{ending}" for ending in COMMON_ENDINGS)
    return Page(
        name=name,
        title=title,
        notes=(
            "Named in model.layers (class, order), model.forbid (layers), model.io "
            "(last) and predict.ablate (layer).",
        ),
        paragraphs=(
            f"Settings for where, in model.layers and model.forbid: {own}.",
            f"Every layer may also have: {', '.join(sorted(COMMON_SETTINGS))}, "
            f"{endings}.",
        ),
        example=_example(class_name, settings),
    )


def _example(name: str, settings: list[str]) -> str:
    numbers = {"units": '">= 16"', "filters": '">= 16"', "rate": '"<= 0.5"'}
    known = [key for key in numbers if key in settings]
    where = f", where: {{{known[0]}: {numbers[known[0]]}}}" if known else ""
    word = name.lower()
    return f"- {{id: {word}, check: model.layers, class: {name}{where}, points: 1}}"
