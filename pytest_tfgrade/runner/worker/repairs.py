"""Repairs of what an older Keras wrote, done while a library loads it.

What is repaired is a table, ``repair_rows``. Each row looks at the settings of a layer
just before the layer is made of them.
"""

import contextlib
import inspect
from typing import Any, Callable, Iterator  # noqa: UP035 - Python 3.9

from .repair_names import REPAIRS
from .repair_rows import Row, Settings, layer_rows
from .saved_settings import has_plain_names, objects_in, read_settings

Note = Callable[[str], None]


@contextlib.contextmanager
def repaired(keras_module: Any, artifact: "dict[str, Any]") -> "Iterator[list[str]]":
    """Repair a model that is loaded while this lasts; yield the names of what was done.

    Classes of the library are changed meanwhile, so this is for a child alone.

    Args:
        keras_module: ``keras`` 3, or ``tf_keras``, which needs no repairs.
        artifact: ``path``; ``format``, as ``ArtifactFormat`` has it; ``keras_version``,
            of the Keras that wrote the file, or None.

    Yields:
        Names of ``REPAIRS``, each once; complete when the model is loaded.
    """
    model, training = read_settings(artifact["path"], artifact["format"])
    by_keras_2 = _is_keras_2(artifact["keras_version"])
    for_keras_2 = _is_keras_2(keras_module.__version__)
    done = _left_out(training, by_keras_2 and not for_keras_2)

    def note(name: str) -> None:
        if name not in done:
            done.append(name)
            done.sort(key=REPAIRS.index)

    with contextlib.ExitStack() as changes:
        if not for_keras_2:
            rows = layer_rows(keras_module, model, by_keras_2)
            changes.enter_context(_mended_layers(keras_module, rows, note))
            if by_keras_2 and _says_where_graphs_were(model):
                changes.enter_context(_moved_graphs(keras_module, note))
        yield done


def _is_keras_2(version: "str | None") -> bool:
    return (version or "").split(".")[0] == "2"


def _left_out(training: Settings, foreign: bool) -> "list[str]":
    """Name what of the compile settings a library could not have read.

    ``lr`` is from before Keras 2.3; no library takes it from a file any more.

    Args:
        training: The compile settings.
        foreign: Keras 2 wrote them, and another library reads them.
    """
    optimizer = training.get("optimizer_config") or training.get("optimizer")
    metrics = [training.get("metrics"), training.get("weighted_metrics")]
    reductions = [one.get("reduction") for one in objects_in(training)]
    found = {
        "lr": any("lr" in one for one in objects_in(optimizer)),
        "reduction": foreign and "auto" in reductions,
        "string_loss": foreign and has_plain_names(training.get("loss")),
        "string_metric": foreign and has_plain_names(metrics),
    }
    return [name for name, is_there in found.items() if is_there]


@contextlib.contextmanager
def _mended_layers(
    keras_module: Any, rows: "tuple[Row, ...]", note: Note
) -> Iterator[None]:
    """Let every class make its layers of mended settings, for as long as this lasts."""
    known = {
        **vars(keras_module.layers),
        "Model": keras_module.Model,
        "Sequential": keras_module.Sequential,
    }

    def mended(kind: type, settings: Settings) -> Settings:
        settings = dict(settings)
        for row in rows:
            classes = tuple(known[name] for name in row.classes)
            if issubclass(kind, classes) and row.mend(settings, kind):
                note(row.name)
        return settings

    kinds: list[Any] = [one for one in known.values() if isinstance(one, type)]
    owners = {
        owner
        for kind in kinds
        for owner in kind.__mro__
        if issubclass(owner, known["Layer"])
        and (owner is known["Layer"] or "from_config" in vars(owner))
    }
    own = {owner: vars(owner).get("from_config") for owner in owners}
    wrapped = {owner: _wrapped(owner.from_config, mended) for owner in owners}
    _set_from_config(wrapped)
    try:
        yield
    finally:
        _set_from_config(own)


def _wrapped(method: Any, mended: "Callable[[type, Settings], Settings]") -> Any:
    """Return a class method of the same arguments, for Keras looks at their names."""
    make = method.__func__

    def plain(cls: type, config: Settings) -> Any:
        return make(cls, mended(cls, config))

    def with_objects(cls: type, config: Settings, custom_objects: Any = None) -> Any:
        return make(cls, mended(cls, config), custom_objects=custom_objects)

    takes_objects = "custom_objects" in inspect.signature(make).parameters
    return classmethod(with_objects if takes_objects else plain)


def _set_from_config(methods: "dict[Any, Any]") -> None:
    """Give classes a method of their own, or none."""
    for owner, method in methods.items():
        if method is None:
            del owner.from_config
        else:
            owner.from_config = method


def _says_where_graphs_were(model: Any) -> bool:
    """Return whether a file names the module of ``Functional`` in Keras 2."""
    modules = [str(one.get("module")) for one in objects_in(model)]
    return any(name.endswith(".engine.functional") for name in modules)


@contextlib.contextmanager
def _moved_graphs(keras_module: Any, note: Note) -> Iterator[None]:
    """Let graphs be found by their name alone."""

    class Functional:
        @staticmethod
        def from_config(config: Settings, custom_objects: Any = None) -> Any:
            note("module")
            return keras_module.Model.from_config(config, custom_objects)

    with keras_module.saving.custom_object_scope({"Functional": Functional}):
        yield
