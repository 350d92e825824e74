"""The start of a zygote: its libraries, its self-test, its greeting, its service."""

import gc
import json
import os
import socket
import sys
import traceback

from .models import Models
from .program import Program
from .reader_program import Reader
from .zygote import Zygote, passes_self_test

PROGRAMS: dict[str, Program] = {
    "reader": Reader(),
    "keras": Models("keras"),
    "tf_keras": Models("tf_keras"),
}


def main() -> None:
    """Serve as ``PROGRAM DESCRIPTOR SCRATCH warm|cold`` on the command line say.

    Greets with one message of JSON: ``versions``, and ``ready``, false where a warm
    zygote failed its self-test; or ``error``, why its libraries cannot be had.
    """
    name, descriptor, scratch, temperature = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    program = PROGRAMS[name]
    warm = temperature == "warm"
    os.chdir(scratch)
    gc.disable()  # nothing here becomes garbage; a pass takes as long as an import
    try:
        versions = program.prepare(scratch, warm)
        gc.freeze()  # so that no collection in a child copies the pages of all objects
        ready = not warm or passes_self_test(program)
    except Exception:
        control.send(json.dumps({"error": traceback.format_exc()[-4096:]}).encode())
        return
    control.send(json.dumps({"versions": versions, "ready": ready}).encode())
    if ready:
        Zygote(control, program).serve()
