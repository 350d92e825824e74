"""The runtimes that can be had; a new one is a row here and a program in the worker."""

import contextlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Final

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.runtime import ChosenRuntime, KnownRuntime, Library
from pytest_tfgrade.runner.zygote import Runtime

READER: Final = Runtime(
    name="reader",
    program="reader",
    modules=("h5py",),
    remedy="install h5py: pip install h5py",
)

_REMEDIES: Final[dict[Library, str]] = {
    "keras": "install TensorFlow: pip install 'pytest-tfgrade[cpu]', or [tensorflow]",
    "tf_keras": "install tf-keras: pip install tf-keras; with tensorflow-cpu: "
    "pip install --no-deps tf-keras",
}

_LEGACY: Final = {"TF_USE_LEGACY_KERAS": "1"}
"""Lets code that a candidate hands in mean tf-keras when it says ``tf.keras``."""

_PROBE: Final = """
import importlib.metadata, importlib.util, json, sys

def version(name):
    for distribution in (name.replace("_", "-"), name + "-cpu"):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            pass
    return "unknown"

print(json.dumps({
    "python": list(sys.version_info[:2]),
    **{name: version(name) if importlib.util.find_spec(name) else None
       for name in sys.argv[1:]}
}))
"""

_SECONDS_TO_PROBE: Final = 60.0
_OLDEST_PYTHON: Final = (3, 9)


def runtime_of(chosen: ChosenRuntime) -> Runtime:
    """Return what a zygote needs to know of a runtime that was asked for."""
    python = sys.executable if chosen.python is None else str(chosen.python)
    is_other = chosen.python is not None
    return Runtime(
        name=chosen.name,
        program=chosen.library,
        modules=("tensorflow", chosen.library, *(("h5py",) if is_other else ())),
        remedy=f"install tensorflow into {python}" if is_other
        else _REMEDIES[chosen.library],
        python=python,
        environment=_LEGACY if chosen.library == "tf_keras" else {},
    )  # fmt: skip


def known(runtime: Runtime) -> KnownRuntime:
    """Find out what is installed of a runtime; nothing is imported.

    Raises:
        RunnerError: Another interpreter is none, or is too old.
    """
    library = runtime.program
    asked = (*runtime.modules, "numpy", "h5py")
    if runtime.is_this_python:
        found = {name: _version(name) for name in asked}
    else:
        found = _probed(runtime, asked)
    gone = [name for name in runtime.modules if found[name] is None]
    return KnownRuntime(
        name=runtime.name,
        python=runtime.python,
        library="tf_keras" if library == "tf_keras" else "keras",
        keras=None if gone else found[library],
        libraries=tuple((name, found[name] or "") for name in sorted(found)),
        missing=f"{runtime.python} has no {gone[0]}; {runtime.remedy}"
        if gone
        else None,
    )


def _version(module: str) -> str | None:
    if importlib.util.find_spec(module) is None:
        return None
    for name in (module.replace("_", "-"), f"{module}-cpu"):  # tensorflow-cpu, too
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "unknown"


def _probed(runtime: Runtime, asked: Iterable[str]) -> dict[str, str | None]:
    """Ask another interpreter what it has; takes some 50 ms."""
    where = f"the runtime {runtime.name!r}: {runtime.python}"
    remedy = "give the path of a Python that has TensorFlow"
    command = [runtime.python, "-I", "-c", _PROBE, *asked]
    try:
        done = subprocess.run(  # noqa: S603 - named by the grader
            command, capture_output=True, timeout=_SECONDS_TO_PROBE, check=True
        )
        said = json.loads(done.stdout)
        python = tuple(said.pop("python"))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise RunnerError(f"{where} does not run; {remedy}") from error
    if python < _OLDEST_PYTHON:
        is_, least = (".".join(map(str, v)) for v in (python, _OLDEST_PYTHON))
        text = f"{where} is Python {is_}, the worker needs {least} or later"
        raise RunnerError(f"{text}; {remedy}")
    return dict(said)


def require_there(runtimes: Sequence[KnownRuntime], *, by_name: bool) -> None:
    """Do nothing if there is a runtime with all it needs.

    Args:
        runtimes: What may run models.
        by_name: Whether somebody chose them; then each must be there.

    Raises:
        RunnerError: One is missing; the message says how to get it.
    """
    missing = [f"the runtime {r.name!r}: {r.missing}" for r in runtimes if r.missing]
    if by_name and missing:
        raise RunnerError("\n".join(missing))
    if all(runtime.missing is not None for runtime in runtimes):
        raise RunnerError(runtimes[0].missing or "no runtime is named")
