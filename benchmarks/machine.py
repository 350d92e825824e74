"""What the figures of a benchmark depend on besides the code."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "pytest-tfgrade",
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "numpy",
    "pytest",
)


def versions() -> dict[str, str]:
    """Return versions of Python and of the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """Return processor, usable cores and load average."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    cores = len(os.sched_getaffinity(0))
    return {"cpu": _cpu_model(), "cores": str(cores), "load average": load}


def describe() -> str:
    """Return versions and machine as lines of text."""
    parts = [f"{name} {value}" for name, value in versions().items()]
    own = [f"{name}: {value}" for name, value in machine().items()]
    return ", ".join(parts) + "\n" + "; ".join(own)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()
