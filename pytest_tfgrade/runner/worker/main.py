"""The start of a zygote: its world, its libraries, its self-test, its service."""

import gc
import json
import os
import socket
import sys
import traceback

from .models import Models
from .program import Program
from .reader_program import Reader
from .sandbox.confine import Sandbox
from .zygote import Zygote, passes_self_test

PROGRAMS: dict[str, Program] = {
    "reader": Reader(),
    "keras": Models("keras"),
    "tf_keras": Models("tf_keras"),
}


def main() -> None:
    """Serve as the JSON on the command line says.

    It has ``program``, ``control`` (a file descriptor), ``scratch`` (a folder),
    ``warm``, and ``sandbox``, the settings of one. Greets with one message of JSON:
    ``missing``, why the sandbox lacks a layer, None for one that is there;
    ``versions``; and ``ready``, false where a warm zygote failed its self-test; or
    ``error``, why its libraries cannot be had.
    """
    os.umask(0o022)  # other users must read what root makes for them
    told = json.loads(sys.argv[1])
    control = socket.socket(fileno=told["control"])
    program, scratch, warm = PROGRAMS[told["program"]], told["scratch"], told["warm"]
    sandbox = Sandbox(told["sandbox"], scratch)
    gc.disable()  # nothing here becomes garbage; a pass takes as long as an import
    try:
        sandbox.enter()  # while there is one thread
        os.chdir(scratch)
        versions = program.prepare(scratch, warm)
        gc.freeze()  # so that no collection in a child copies the pages of all objects
        ready = not warm or passes_self_test(program)
    except Exception:
        control.send(json.dumps({"error": traceback.format_exc()[-4096:]}).encode())
        return
    greeting = {"missing": sandbox.missing, "versions": versions, "ready": ready}
    control.send(json.dumps(greeting).encode())
    if ready:
        Zygote(control, program, sandbox).serve()
