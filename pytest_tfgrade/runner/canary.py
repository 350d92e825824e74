"""The canary: before any model, a child tries all that no model may do."""

import contextlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from pytest_tfgrade.core.acts import DONE, Layer
from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.isolation import LAYERS, Isolation, Profile
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.runner.folder import PREFIX, held
from pytest_tfgrade.runner.worker.sandbox import limits as worker_limits
from pytest_tfgrade.runner.worker.sandbox import world

LIMITS: Final = Limits(seconds=60, memory=1 << 30)
"""What the canary may use; it tries to have more."""

_HIDDEN: Final = "read_hidden"
_NEEDED: Final = Layer.SECCOMP, Layer.IDENTITY
_FILES: Final = Layer.NAMESPACES, Layer.LANDLOCK


def profile_of(missing: Mapping[str, str | None]) -> Profile:
    """Return what a sandbox amounts to; ``LIMITS`` if it isolates nothing.

    System calls must be filtered, root must become another user, and files be kept
    shut in one way (``STRONG``) or in two (``FULL``).

    Args:
        missing: For each layer that was asked for why it is not there, or None.
    """
    if any(missing.get(layer) is not None for layer in _NEEDED):
        return Profile.LIMITS
    there = [layer for layer in _FILES if missing.get(layer) is None]
    return (Profile.LIMITS, Profile.STRONG, Profile.FULL)[len(there)]


@contextlib.contextmanager
def aims(
    missing: Mapping[str, str | None],
    hidden: tuple[Path, ...],
    variables: Collection[str],
) -> Iterator[dict[str, Any]]:
    """Make what the canary shall try to reach; remove it afterwards.

    Args:
        missing: For each layer why it is not there, or None.
        hidden: Files and folders that hold what no model may see.
        variables: Names of those that a zygote has of its own.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}canary-"))
    lock = held(folder)
    try:
        secret = folder / "secret"
        secret.write_text(uuid4().hex, encoding="ascii")
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.socket(socket.AF_UNIX) as unix,
        ):
            _bind(unix, folder)
            unix.listen()
            yield {
                "secret": str(secret),
                "folder": str(folder),
                "hidden": [str(path.resolve()) for path in hidden if path.exists()],
                "parent": os.getpid(),
                "home": os.path.expanduser("~"),  # noqa: PTH111 - fails nowhere
                "memory": LIMITS.memory,
                "port": server.getsockname()[1],
                "socket": str(folder / "socket"),
                "threads": worker_limits.MOST_THREADS,
                "scratch_bytes": world.SCRATCH_BYTES,
                "environment": sorted({*os.environ} - {*variables}),
                "profile": profile_of(missing).value,
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _bind(unix: socket.socket, folder: Path) -> None:
    """Bind a socket to a file in a folder of any path: sockets take short ones only."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        unix.bind(f"/proc/self/fd/{here}/socket")
    finally:
        os.close(here)


def isolation_of(
    missing: Mapping[str, str | None], document: bytes | None
) -> Isolation:
    """Return what is known of the isolation on this machine.

    Raises:
        RunnerError: The canary said nothing sensible, or its libraries fail in the
            sandbox.
    """
    try:
        said = json.loads(document or b"")
        works, acts = said["works"], dict(said["acts"])
    except (ValueError, KeyError, TypeError):
        raise RunnerError("the canary in the sandbox ended without a word") from None
    if works is not True:
        raise RunnerError("what a model needs does not work in the sandbox")
    return Isolation(profile=profile_of(missing), layers=missing, acts=acts)


def require_isolated(isolation: Isolation) -> None:
    """Do nothing if models are isolated.

    Raises:
        RunnerError: They are not; names the missing layers, and the ways out.
    """
    if isolation.holds:
        return
    lines = ["models cannot be isolated on this machine, so nothing was graded"]
    for layer in isolation.missing():
        text = LAYERS[layer]
        lines.append(f"  missing: {layer} ({text.what}): {isolation.layers[layer]}")
        lines += [f"    {remedy}" for remedy in text.remedies]
    if isolation.acts:
        lines += [f"  a model could {leak}" for leak in isolation.leaks()]
    if isolation.acts.get(_HIDDEN, "").startswith(DONE):
        lines.append("    move them out of the folders of Python and of the system")
    lines += [
        "tfgrade doctor tells more; a throw-away virtual machine is another way out",
        "for models that you trust: --tfgrade-sandbox=limits (tfgrade's commands: "
        "--sandbox limits) goes on all the same, NOT ISOLATED",
    ]
    raise RunnerError("\n".join(lines))
