"""How an act ends, and what acts share."""

import ctypes
import os
from typing import Any, Callable, Mapping, Optional  # noqa: UP035 - Python 3.9

Order = Mapping[str, Any]
"""What to try to reach, as ``try_acts`` describes it."""

Act = Callable[[Order], Optional[str]]
"""Returns, once it is done, what it saw, or None; raises OSError if it was refused."""

LIBC = ctypes.CDLL(None, use_errno=True)

NAME = "tfgrade-canary-%d"
"""Of what acts make, with the number of the process."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An act was refused otherwise than by an error of the system."""


class NotTried(Exception):  # noqa: N818 - an answer, not a fault
    """An act makes no sense here; the text says why."""


def checked(result: int) -> int:
    """Return what a call of ``LIBC`` returned.

    Raises:
        OSError: The call failed.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def read(path: str) -> None:
    """Read a byte of a file.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        file.read(1)
