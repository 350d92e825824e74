"""What happens in a child between its birth and its end."""

import json
import os
import socket
import tempfile
from typing import Any

from . import frames
from .program import Program
from .sandbox import acts
from .sandbox.confine import Sandbox


def live(
    program: Program,
    sandbox: Sandbox,
    order: "dict[str, Any]",
    files: "tuple[int, ...]",
) -> None:
    """Confine this process, run one order, send the result, and end.

    Args:
        program: What to do with the artifact.
        sandbox: What to confine it by.
        order: ``artifact`` (path), ``shown`` (what else of its folder may be seen),
            ``scratch`` (folder), ``limits``, and what the program wants to know; or
            ``acts``, what to try instead.
        files: File descriptors of the channel, the log, and each input.
    """
    channel, log, *inputs = files
    os.setsid()
    _redirect(log)
    _close_all_but(channel, *inputs)
    sandbox.confine(order)
    os.chdir(order["scratch"])
    tempfile.tempdir = order["scratch"]
    os.environ.update(dict.fromkeys(("HOME", "TMPDIR"), order["scratch"]))
    writer = frames.Writer(socket.socket(fileno=channel))
    writer.send(frames.STARTED)
    try:
        if "acts" in order:
            own = {"scratch": order["scratch"], "descriptors": [channel, *inputs]}
            _try_acts(program, {**order["acts"], **own}, writer)
        else:
            program.run(order, inputs, writer)
    except BaseException as error:
        code, text = _described(program, error)
        writer.send_error(code, text)
    writer.send(frames.END)
    os._exit(0)  # no exit handlers: a model may have left some


def _described(program: Program, error: BaseException) -> "tuple[str, str]":
    """Return code and text of an error, also of one that will not be looked at."""
    try:
        return program.describe(error)
    except BaseException as other:
        return "E_LOAD", f"an error of {type(error)!r} that raises {type(other)!r}"


def _try_acts(program: Program, aims: "dict[str, Any]", writer: frames.Writer) -> None:
    """Send what a model could do here, and whether the program works here."""
    works = program.self_test()  # first: acts may use up what it needs
    document = {"works": works, "acts": acts.try_acts(aims)}
    writer.send(frames.DOCUMENT, json.dumps(document).encode())


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
