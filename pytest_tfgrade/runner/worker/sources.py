"""Running the code that a model needs, inside its own process."""

import importlib.util
import os
import sys
from typing import Any

from . import failures
from .failures import KnownFailure

_PARTS = (
    *("layers", "models", "activations", "initializers", "regularizers"),
    *("constraints", "losses", "metrics", "optimizers"),
)
"""Modules of Keras that name what a saved model may name."""


class Code:
    """A module of a candidate's or of a course's own."""

    def __init__(self, path: str, name: str) -> None:
        """Run the file as a module of its own name, so that nothing is its main.

        Raises:
            KnownFailure: It failed.
        """
        stem = os.path.splitext(os.path.basename(name))[0]
        module_name = stem if stem.isidentifier() else "source"
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            raise KnownFailure(failures.SOURCE_FAILED)
        self._module = importlib.util.module_from_spec(spec)
        if module_name not in sys.modules:  # so that its classes are found again
            sys.modules[module_name] = self._module
        try:
            spec.loader.exec_module(self._module)
        except MemoryError:
            raise
        except BaseException as error:
            raise KnownFailure(failures.SOURCE_FAILED) from error

    def custom_objects(self, keras: Any) -> "dict[str, Any]":
        """Return the classes and functions that it defines, by name.

        Keras finds by itself what is registered; this is for what was only defined.
        What has a name of Keras' own is left out: an exercise may define ``softmax``.
        """
        own = self._module.__name__
        taken = {name for part in _PARTS for name in dir(getattr(keras, part, None))}
        return {
            name: value
            for name, value in vars(self._module).items()
            if callable(value)
            and getattr(value, "__module__", None) == own
            and name not in taken
        }

    def built(self, function: str) -> Any:
        """Return the model that a function of it builds.

        Raises:
            KnownFailure: There is no such function, or it failed.
        """
        build = getattr(self._module, function, None)
        if not callable(build):
            raise KnownFailure(failures.NO_BUILDER)
        try:
            model = build()
        except MemoryError:
            raise
        except BaseException as error:
            raise KnownFailure(failures.BUILDER_FAILED) from error
        if not hasattr(model, "load_weights"):
            raise KnownFailure(failures.NO_MODEL)
        return model
