"""What happens in a child between its birth and its end."""

import os
import socket
import tempfile
from typing import Any

from . import frames, limits
from .program import Program


def live(program: Program, order: dict[str, Any], files: tuple[int, ...]) -> None:
    """Confine this process, run one order, send the result, and end.

    Args:
        program: What to do with the artifact.
        order: ``artifact`` (path), ``scratch`` (folder), ``limits``, and what the
            program wants to know.
        files: File descriptors of the channel, the log, and each input.
    """
    channel, log, *inputs = files
    os.setsid()
    _redirect(log)
    _close_all_but(channel, *inputs)
    os.chdir(order["scratch"])
    os.environ["TMPDIR"] = tempfile.tempdir = order["scratch"]
    limits.confine(order["limits"])
    writer = frames.Writer(socket.socket(fileno=channel))
    writer.send(frames.STARTED)
    try:
        program.run(order, inputs, writer)
    except BaseException as error:
        code, text = program.describe(error)
        writer.send_error(code, text)
    writer.send(frames.END)
    os._exit(0)  # no exit handlers: a model may have left some


def _redirect(log: int) -> None:
    """Let nothing in, and let all that is printed go to the log."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _close_all_but(*kept: int) -> None:
    """Close what the zygote has open: its control socket, other children's files."""
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
