"""Telling what the sandbox refused a model from what the model got wrong."""

import errno
import os
import socket
import traceback
from typing import Iterator, Optional  # noqa: UP035 - Python 3.9

from . import failures

_FORBIDDEN = frozenset((errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS))
_USED_UP = frozenset((errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EMFILE))
_DEEPEST = 20
_NO_THREAD = "can't start new thread"

_REASONS = {
    "socket.py": failures.NETWORK,
    "subprocess.py": failures.PROGRAMS,
    "popen_fork.py": failures.PROGRAMS,
    "popen_spawn_posix.py": failures.PROGRAMS,
    "pty.py": failures.PROGRAMS,
}
"""What a file of Python's own library was asked to do when it failed."""


def code_of(error: BaseException) -> "Optional[str]":
    """Return the code, and the reason, of an error that the sandbox caused.

    None if it did not. Looks at what an error was raised from, or while, as well.
    """
    for depth, one in enumerate(_chain(error)):
        code = _code(one, is_outermost=depth == 0)
        if code is not None:
            return code
    return None


def _code(error: BaseException, *, is_outermost: bool) -> "Optional[str]":
    if isinstance(error, OSError):
        return _of_system(error, is_outermost=is_outermost)
    if isinstance(error, RuntimeError) and _NO_THREAD in _text(error):
        return "E_RESOURCE"
    if type(error).__name__ == "PermissionDeniedError":  # TensorFlow's
        return f"E_POLICY {failures.OTHER_FILES}"
    return None


def _of_system(error: OSError, *, is_outermost: bool) -> "Optional[str]":
    if isinstance(error, (socket.gaierror, socket.herror)):
        return f"E_POLICY {failures.NETWORK}"
    if error.errno in _USED_UP:
        return "E_RESOURCE"
    if error.errno in _FORBIDDEN:
        return f"E_POLICY {_reason(error)}".strip()
    if is_outermost and isinstance(error, FileNotFoundError) and _is_elsewhere(error):
        return f"E_POLICY {failures.OTHER_FILES}"
    return None


def _reason(error: OSError) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        reason = _REASONS.get(os.path.basename(frame.filename))
        if reason is not None:
            return reason
    return failures.OTHER_FILES if isinstance(error.filename, (str, bytes)) else ""


def _is_elsewhere(error: OSError) -> bool:
    """Return whether a file was wanted that is neither the model's nor in its folder.

    What is not there cannot be told from what is not shown.
    """
    return isinstance(error.filename, str) and os.path.isabs(error.filename)


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
