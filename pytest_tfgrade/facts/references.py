"""Which classes and functions a saved model may name."""

import sys
from enum import Enum, auto
from typing import Final

from pytest_tfgrade.facts.saved_objects import Saved, class_name, own_module


class Origin(Enum):
    """Where a class or function that a saved model names comes from."""

    KERAS = auto()
    CUSTOM = auto()  # the candidate's own, or of a package that the grader lacks
    FOREIGN = auto()  # of Python or a library, and no part of a model


_MODEL_PARTS: Final = frozenset(
    {
        *("layers", "models", "engine", "premade_models", "ops", "random", "legacy"),
        *("activations", "initializers", "regularizers", "constraints", "losses"),
        *("metrics", "optimizers", "dtype_policies", "quantizers", "mixed_precision"),
        "feature_column",
    }
)
"""Modules of Keras that hold parts of models; the others read files or set options."""

_FUNCTION_PARTS: Final = frozenset(
    {
        *("activations", "initializers", "regularizers", "constraints", "losses"),
        *("metrics", "ops"),
    }
)
"""Modules of Keras whose functions only compute."""

_READERS: Final = frozenset({"get", "serialize", "deserialize"})
"""Functions of the same modules that make an object of any description."""

_FOREIGN: Final = frozenset(sys.stdlib_module_names) - {"__main__"} | {
    *("tensorflow", "numpy", "jax", "torch", "pip", "setuptools", "h5py", "absl"),
    *("IPython", "pytest", "dill", "cloudpickle", "joblib"),
}

_ACTING_BUILTINS: Final = frozenset(
    {
        *("eval", "exec", "compile", "open", "input", "print", "breakpoint", "help"),
        *("getattr", "setattr", "delattr", "globals", "locals", "vars", "exit", "quit"),
        *("__import__", "__build_class__"),
    }
)

_REGISTERED: Final = frozenset({"CustomScaleLayer"})
"""Registered by Keras as if it were custom; a layer of InceptionResNetV2."""


def origin_of(saved: Saved) -> Origin:
    """Return where the class or function of a serialized object comes from.

    >>> origin_of({"class_name": "Dense", "module": "keras.layers", "config": {}})
    <Origin.KERAS: 1>
    >>> origin_of({"class_name": "function", "module": "os", "config": "system"})
    <Origin.FOREIGN: 3>
    """
    name = saved["class_name"]
    if "module" not in saved:  # an .h5 file
        is_custom = ">" in name and class_name(saved) not in _REGISTERED
        return Origin.CUSTOM if is_custom else Origin.KERAS
    module = own_module(saved)
    if module is None:
        return Origin.CUSTOM
    if module == "builtins" and name == "function":
        return _builtin_function(str(saved.get("config")))
    top = module.partition(".")[0]
    if top != "keras":
        return Origin.FOREIGN if top in _FOREIGN else Origin.CUSTOM
    if not _is_model_part(module, saved):
        return Origin.FOREIGN
    return Origin.KERAS if _is_plainly_named(saved) else Origin.CUSTOM


def full_name(saved: Saved) -> str:
    """Return how a saved model names a class or function, as ``os.system``."""
    name = saved["class_name"]
    if name == "function":
        name = str(saved.get("config"))
    registered = saved.get("registered_name")
    if isinstance(registered, str) and ">" in registered:
        return registered
    module = saved.get("module")
    if module is None or (module == "builtins" and name not in _ACTING_BUILTINS):
        return str(name)
    return f"{module}.{name}"


def _builtin_function(name: str) -> Origin:
    """Judge what Keras writes for functions of the candidate and, before 3.0, its own.

    Keras looks these up among its own functions; Python's that act on the world are
    there by no accident (``abs`` is: that is how ``tf.abs`` is written).
    """
    return Origin.FOREIGN if name in _ACTING_BUILTINS else Origin.CUSTOM


def _is_model_part(module: str, saved: Saved) -> bool:
    part = f"{module}.".split(".")[1]
    name = saved["class_name"]
    if part == "applications":
        return class_name(saved) in _REGISTERED
    if name == "function":
        return part in _FUNCTION_PARTS and saved.get("config") not in _READERS
    return (part in _MODEL_PARTS or not part) and name[:1].isupper()


def _is_plainly_named(saved: Saved) -> bool:
    """Return whether the name that custom classes are found by says nothing else."""
    name = saved["class_name"]
    same = (None, name, saved.get("config") if name == "function" else name)
    return saved.get("registered_name") in same or class_name(saved) in _REGISTERED
