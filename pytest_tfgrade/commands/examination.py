"""What ``tfgrade doctor`` finds out about a machine."""

import os
import platform
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.isolation import Isolation
from pytest_tfgrade.core.runtime import KnownRuntime

_SETTINGS: Final = (
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.unprivileged_userns_clone",
    "user.max_user_namespaces",
)
"""Of the kernel, which decide whether there are user namespaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What reports of trouble should name."""

    kernel: str
    """Its name and release, and the processor."""

    python: str
    """Version of the Python that grades."""

    is_root: bool
    """Whether root grades."""

    settings: Mapping[str, str]
    """Those of the kernel that decide whether there are user namespaces; what there
    is of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """How submissions would be isolated here."""

    machine: Machine
    """Where it was tried."""

    runtimes: tuple[KnownRuntime, ...]
    """What can run models; none was started."""

    isolation: Isolation
    """What a child, confined as models are, could do."""


def examined() -> Examination:
    """Try every forbidden act in a throw-away child; takes half a second.

    Raises:
        RunnerError: There is no such child to be had.
    """
    from pytest_tfgrade.runner.local import LocalRunner  # noqa: PLC0415 - --help is light

    with closing(LocalRunner()) as runner:
        return Examination(
            machine=_machine(),
            runtimes=runner.runtimes,
            isolation=runner.isolation(),
        )


def _machine() -> Machine:
    known = platform.uname()
    files = {name: Path("/proc/sys", *name.split(".")) for name in _SETTINGS}
    return Machine(
        kernel=f"{known.system} {known.release} {known.machine}",
        python=platform.python_version(),
        is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        settings={n: f.read_text().strip() for n, f in files.items() if f.exists()},
    )
