"""The sandbox as a whole: what a zygote can have of it, and the order of its layers."""

import os
import traceback
from typing import Any, Callable, Mapping, Optional  # noqa: UP035 - Python 3.9

from . import identity, landlock, limits, seccomp, world

AUTO, LIMITS, OFF = "auto", "limits", "off"
"""How much is asked for: all of it, bounds on resources alone, or nothing."""

NAMESPACES, LANDLOCK, SECCOMP, IDENTITY = (
    *("namespaces", "landlock", "seccomp", "identity"),
)
"""The layers that a system may lack, as the zygote's greeting calls them."""


class Sandbox:
    """What surrounds the children of one zygote."""

    missing: "dict[str, Optional[str]]"
    """For each layer None if it is there, else why it is not."""

    def __init__(self, settings: "Mapping[str, Any]", scratch: str) -> None:
        """Find nothing out yet.

        Args:
            settings: ``mode``; ``folder``, the runner's, in which artifacts lie; and
                ``folders`` in which packages lie.
            scratch: The zygote's own folder, beneath ``folder``.
        """
        self._mode: str = settings["mode"]
        self._folder: str = settings["folder"]
        self._scratch = scratch
        self._paths = world.readable(settings["folders"])
        self._is_root = identity.is_root()
        self.missing = {}

    def enter(self) -> None:
        """Find out what there is, and bring the zygote, of one thread, into its world.

        Nothing happens where no isolation is asked for.
        """
        if self._mode != AUTO:
            return
        self.missing[SECCOMP] = seccomp.available()
        self.missing[LANDLOCK] = None if landlock.version() else "the kernel has none"
        self.missing[NAMESPACES] = _tried(self._enter_as_a_child)
        if self._has(NAMESPACES):
            self._enter_world()
        if self._is_root:
            self.missing[IDENTITY] = _tried(self._change_identity)

    def confine(self, order: "Mapping[str, Any]") -> None:
        """Give up, in a child, all that a model does not need.

        Args:
            order: ``scratch``, a folder; ``shown``, the folder of the artifact, or the
                artifact; ``limits``.

        Raises:
            OSError: A layer that was there is not to be had; no model may be loaded.
        """
        scratch, shown = order["scratch"], order["shown"]
        if self._mode == OFF:
            return limits.die_with_parent()
        limits.bound(order["limits"])
        if self._mode == LIMITS:
            return limits.die_with_parent()
        if self._has(NAMESPACES):
            world.enter_private(self._folder, shown, scratch)
        if self._is_root and self._has(IDENTITY):
            uid = identity.unused_uid(os.getpid())
            os.chown(scratch, uid, uid)
            identity.become(uid)
        identity.drop_capabilities()
        if self._has(IDENTITY if self._is_root else NAMESPACES):
            limits.bound_threads()  # counted for this process alone
        limits.die_with_parent()
        limits.gain_nothing()
        if self._has(LANDLOCK):
            readable = [*self._paths, shown]
            readable += [f"/proc/{os.getpid()}/{name}" for name in world.OF_ITSELF]
            readable += [path for path in world.OF_PROCESSES if os.path.exists(path)]
            landlock.restrict(readable, [scratch], devices=world.DEVICES)
        if self._has(SECCOMP):  # else the canary tells, and no model comes here
            seccomp.install(os.getpid())
        return None

    def _has(self, layer: str) -> bool:
        return self.missing[layer] is None

    def _enter_world(self) -> None:
        world.enter(self._paths, self._folder, self._scratch)

    def _enter_as_a_child(self) -> None:
        self._enter_world()
        inner = os.path.join(self._folder, "inner")
        world.enter_private(self._folder, self._scratch, inner)

    def _change_identity(self) -> None:
        """Become another user, who must be able to read what Python is made of."""
        identity.become(identity.unused_uid(os.getpid()))
        for path in self._paths:
            if not os.access(path, os.R_OK):
                text = "another user than root cannot read it, and models run as one"
                raise PermissionError(f"{path}: {text}")


def _tried(act: "Callable[[], None]") -> "Optional[str]":
    """Do something in a throw-away child; return None, or why it failed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except OSError as error:
            words = (error.strerror or str(error), error.filename)
            os.write(writing, ": ".join(str(word) for word in words if word).encode())
        except BaseException:
            os.write(writing, traceback.format_exc()[-2000:].encode())
        else:
            os.write(writing, b"done")
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode("utf-8", "replace")
    os.waitpid(pid, 0)
    return None if said == "done" else said or "the process that tried it ended"
