"""Telling what the sandbox refused a model from what the model got wrong."""

import errno
import os
import socket
import traceback
from typing import Iterator, Optional, Sequence  # noqa: UP035 - Python 3.9

from . import failures

_FORBIDDEN = frozenset((errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS))
_USED_UP = frozenset(
    (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EMFILE, errno.ETOOMANYREFS)
)
_DEEPEST = 20
_NO_THREAD = "can't start new thread"

_OF_TENSORFLOW = ("NotFoundError", "FailedPreconditionError", "UnimplementedError")
_NO_FILE = (
    *("No such file or directory", "Read-only file system"),
    *("Could not find directory", "Failed to find any matching files"),
)
"""What TensorFlow says of a file that is not shown, or may not be written."""

_REASONS = {
    "file_utils.py": failures.NETWORK,  # Keras', which downloads
    "socket.py": failures.NETWORK,
    "subprocess.py": failures.PROGRAMS,
    "popen_fork.py": failures.PROGRAMS,
    "popen_spawn_posix.py": failures.PROGRAMS,
    "pty.py": failures.PROGRAMS,
    "synchronize.py": failures.PROGRAMS,
}
"""What a file of Python's own library was asked to do when it failed."""


def code_of(error: BaseException, own: "Sequence[str]" = ()) -> "Optional[str]":
    """Return the code, and the reason, of an error that the sandbox caused.

    None if it did not. Looks at what an error was raised from, or while, as well.

    Args:
        error: What a model raised.
        own: Folders that are the model's own.
    """
    chain = [*_chain(error)]
    for one in chain:
        # Keras puts another of the same class, without a file name, in its place.
        code = _code(one, own, is_outermost=type(one) is type(chain[0]))
        if code is not None:
            return code
    return None


def _code(
    error: BaseException, own: "Sequence[str]", *, is_outermost: bool
) -> "Optional[str]":
    if isinstance(error, OSError):
        return _of_system(error, own, is_outermost=is_outermost)
    if isinstance(error, MemoryError):  # Keras may have raised another in its place
        return "E_MEMORY"
    if isinstance(error, RuntimeError) and _NO_THREAD in _text(error):
        return "E_RESOURCE"
    name = type(error).__name__
    if name == "PermissionDeniedError" or (
        name in _OF_TENSORFLOW and _names_a_file(_text(error), own)
    ):
        return f"E_POLICY {failures.OTHER_FILES}"
    return None


def _names_a_file(text: str, own: "Sequence[str]") -> bool:
    """Return whether TensorFlow misses a file that is not the model's own."""
    is_missing = any(sign in text for sign in _NO_FILE)
    return is_missing and not any(folder in text for folder in own)


def _of_system(
    error: OSError, own: "Sequence[str]", *, is_outermost: bool
) -> "Optional[str]":
    if isinstance(error, (socket.gaierror, socket.herror)):
        return f"E_POLICY {failures.NETWORK}"
    if error.errno == errno.ENOMEM:
        return "E_MEMORY"
    if error.errno in _USED_UP:
        return "E_RESOURCE"
    reason = _reason(error, own)
    if error.errno in _FORBIDDEN:
        return f"E_POLICY {reason}".strip()
    # What is not there cannot be told from what is not shown.
    if is_outermost and isinstance(error, FileNotFoundError) and reason:
        return f"E_POLICY {reason}"
    return None


def _reason(error: OSError, own: "Sequence[str]") -> str:
    """Return what was wanted; empty if that is not known."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        reason = _REASONS.get(os.path.basename(frame.filename))
        if reason is not None:
            return reason
    return failures.OTHER_FILES if _is_elsewhere(error.filename, own) else ""


def _is_elsewhere(path: object, own: "Sequence[str]") -> bool:
    """Return whether a path leads out of the folders that are the model's own."""
    if not isinstance(path, (str, bytes)):
        return False
    written = os.path.normpath(os.fsdecode(path))
    inside = any(written.startswith(folder + "/") for folder in own)
    return os.path.isabs(written) and not inside


def _chain(error: BaseException) -> "Iterator[BaseException]":
    """Yield an error, then what it was raised from.

    A failure of ours only says where an error came from, and stands for it.
    """
    one: Optional[BaseException] = error
    if isinstance(error, failures.KnownFailure) and error.__cause__ is not None:
        one = error.__cause__
    for _ in range(_DEEPEST):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # it is the model's own
        return ""
