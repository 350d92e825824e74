"""How much memory there is for us."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CGROUPS: Final = Path("/sys/fs/cgroup")

_FIRST: Final = "memory.limit_in_bytes", "memory.usage_in_bytes"
_SECOND: Final = "memory.max", "memory.current"
"""Files of a control group, by version: what it may have, and what it has."""


def available() -> int | None:
    """Return how many bytes of memory can be had without swapping; None if unknown.

    What the machine has free, pages of files it could drop among it, or what the
    control groups around this process leave, if that is less.
    """
    return min((*_of_machine(), *_of_groups()), default=None)


def _of_machine() -> Iterator[int]:
    for line in _lines(Path("/proc/meminfo")):
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            yield int(value.split()[0]) * 1024


def _of_groups() -> Iterator[int]:
    """Yield what the group of this process has left, and each group around it."""
    for line in _lines(Path("/proc/self/cgroup")):
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, files = _CGROUPS, _SECOND
        elif "memory" in controllers.split(","):
            top, files = _CGROUPS / "memory", _FIRST
        else:
            continue
        own = top / path.lstrip("/")  # in a container, it may be seen as the top alone
        for folder in (own, *own.parents):
            if folder.is_relative_to(top):
                yield from _of_group(folder, *files)


def _of_group(folder: Path, most: str, used: str) -> Iterator[int]:
    """Yield what a group has left, if it is bounded."""
    bound, taken = _number(folder / most), _number(folder / used)
    if bound is None or taken is None:
        return
    facts = dict(line.split() for line in _lines(folder / "memory.stat"))
    pages = facts.get("total_inactive_file", facts.get("inactive_file", "0"))
    yield max(bound - taken + int(pages), 0)


def _number(path: Path) -> int | None:
    text = next(iter(_lines(path)), "max")
    return int(text) if text.isdigit() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
