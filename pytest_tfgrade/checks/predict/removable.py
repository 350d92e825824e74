"""Layers that a model can be called without, to see whether they matter."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from pytest_tfgrade.checks.model.search import named_layers
from pytest_tfgrade.core.errors import CheckFailed
from pytest_tfgrade.core.facts import Facts, Layer
from pytest_tfgrade.core.keras_layers import MODEL_CLASSES
from pytest_tfgrade.core.text import printable


def removable(facts: Facts, pattern: str) -> list[str]:
    """Return the names of the layers of a kind that can matter, in order.

    A wrapper stands for the layer inside it. The last layer of the model is left out if
    there are others, since no model does without it.

    Args:
        facts: Of the model.
        pattern: A class, a name, or a glob of either.

    Raises:
        CheckFailed: There is no such layer, or none that lies between the input and the
            output, or none with a name of its own.
    """
    found = list(_outermost(facts.layers, _matching(facts, pattern)))
    if not found:
        rationale = f"the model has no {pattern} layer"
        raise CheckFailed(rationale, hint=f"Add a {pattern} layer.")
    between = [layer for layer in found if layer.on_path is not False]
    if not between:
        rationale = f"no {pattern} layer lies between the input and the output"
        hint = f"Let the output depend on a {pattern} layer."
        raise CheckFailed(rationale, hint=hint)
    last = {tensor.name for tensor in facts.outputs}
    names = list(dict.fromkeys(layer.name for layer in between))
    names = [name for name in names if name not in last] or names
    return _unshared(facts, found, names)


def _matching(facts: Facts, pattern: str) -> set[int]:
    """Return the layers of a kind, by identity: equal ones may sit in two places."""
    of_class = {id(layer) for layer in named_layers(facts, [pattern])}
    of_name = {
        id(layer)
        for layer in facts.walk()
        if layer.class_name not in MODEL_CLASSES and _is_named(layer, pattern)
    }
    return of_class | of_name


def _is_named(layer: Layer, pattern: str) -> bool:
    """Return whether a pattern means a layer by its name; ``*`` means classes."""
    return pattern.strip("*") != "" and fnmatchcase(layer.name, pattern)


def _outermost(layers: Sequence[Layer], wanted: set[int]) -> Iterator[Layer]:
    """Yield layers that are wanted, or the wrapper around such a one.

    Only a nested model is looked into: of a wrapper, the file may know the layer inside
    by another name than the loaded model, and one direction is not the whole.
    """
    for layer in layers:
        if layer.class_name in MODEL_CLASSES and id(layer) not in wanted:
            yield from _outermost(layer.layers, wanted)
        elif layer.class_name == "InputLayer":
            continue  # a model does not call it
        elif any(id(one) in wanted for one in layer.walk()):
            yield layer


def _unshared(facts: Facts, found: list[Layer], names: list[str]) -> list[str]:
    """Leave out names that layers of another kind have, too.

    A call without a name is without all layers of that name, so one that matters could
    lend its name to one that does not.
    """
    inside = {id(one) for layer in found for one in layer.walk()}
    others = {layer.name for layer in facts.walk() if id(layer) not in inside}
    unshared = [name for name in names if name not in others]
    if not unshared:
        shared = printable(repr(names[0]), limit=80)
        rationale = f"{shared} is the name of several layers of the model"
        raise CheckFailed(rationale, hint="Give each layer a name of its own.")
    return unshared
