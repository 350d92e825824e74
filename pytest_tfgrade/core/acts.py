"""What a submitted model must not be able to do, act by act.

Each is tried for real in a confined process before a run, by the function of the same
name in ``runner/worker/sandbox/acts.py``; this table says what an answer means.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Layer(StrEnum):
    """A part of the sandbox."""

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"
    IDENTITY = "identity"
    LIMITS = "limits"
    FRESH_START = "fresh start"
    WATCHDOG = "watchdog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a model may try."""

    name: str
    """As the worker's table calls it."""

    title: str
    """What it is, as part of a sentence: "read a file of the grader's"."""

    layers: tuple[Layer, ...]
    """Each refuses it alone; one is enough."""

    tolerated: str | None = None
    """Why a process that can do it is isolated all the same; None if it is not."""

    @property
    def required(self) -> bool:
        """Whether a process that can do it is not isolated."""
        return self.tolerated is None


_WORLD: Final = (Layer.NAMESPACES, Layer.LANDLOCK)
_CALLS: Final = (Layer.SECCOMP,)
_BOTH: Final = (Layer.NAMESPACES, Layer.SECCOMP)
_BOUNDS: Final = (Layer.LIMITS,)


def _act(
    name: str, title: str, layers: tuple[Layer, ...], *, tolerated: str | None = None
) -> Act:
    return Act(name=name, title=title, layers=layers, tolerated=tolerated)


ACTS: Final = (
    _act("read_secret", "read a file of the grader's", _WORLD),
    _act(
        "see_secret",
        "learn size and date of a file of the grader's",
        (Layer.NAMESPACES,),
        tolerated="Landlock does not hide what it keeps shut",
    ),
    _act("read_hidden", "read the hidden data", _WORLD),
    _act("list_folder", "list a folder of the grader's", _WORLD),
    _act("write_folder", "write into a folder of the grader's", _WORLD),
    _act("change_secret", "open a file of the grader's for writing", _WORLD),
    _act("chmod_secret", "change permissions of a file of the grader's", _BOTH),
    _act("touch_secret", "change the date of a file of the grader's", _BOTH),
    _act("write_home", "write into the grader's home folder", _WORLD),
    _act("write_temporary", "write into the system's temporary folder", _WORLD),
    _act("write_shm", "write into /dev/shm", _WORLD),
    _act("read_environ", "read the environment of the grader's process", _WORLD),
    _act("read_cmdline", "read the command line of the grader's process", _WORLD),
    _act("read_maps", "read the memory map of the grader's process", _WORLD),
    _act("list_descriptors", "see the open files of the grader's process", _WORLD),
    _act("list_processes", "see other processes", _WORLD),
    _act("read_memory", "read the memory of the grader's process", _CALLS),
    _act("trace", "take control of the grader's process", _CALLS),
    _act("signal_parent", "send a signal to the grader's process", _CALLS),
    _act("signal_group", "send a signal to the grader's process group", _CALLS),
    _act("connect_tcp", "connect to a port of this machine", _BOTH),
    _act("send_udp", "send a datagram", _BOTH),
    _act("connect_unix", "connect to a program by a socket file", _BOTH),
    _act("bind_abstract", "open a socket that others can connect to", _CALLS),
    _act("open_netlink", "talk to the kernel about the network", _CALLS),
    _act("spawn", "start a program", _CALLS),
    _act("fork", "start a process", _CALLS),
    _act("execute", "become another program", (Layer.SECCOMP, Layer.LANDLOCK)),
    _act("share_memory", "take memory that no limit counts", _CALLS),
    _act("make_memfd", "make a file in memory", _CALLS),
    _act("make_shm", "make shared memory that stays behind", _CALLS),
    _act("exceed_memory", "take more memory than the limit", _BOUNDS),
    _act(
        "exceed_threads",
        "start more threads than the limit",
        (Layer.LIMITS, Layer.WATCHDOG),
        tolerated="the watchdog ends what has too many",
    ),
    _act(
        "exceed_scratch",
        "write more than its scratch folder may hold",
        (Layer.NAMESPACES, Layer.WATCHDOG),
        tolerated="the watchdog ends what writes too much",
    ),
    _act("read_environment", "see variables of the grader's", (Layer.FRESH_START,)),
    _act("use_descriptors", "use open files of the grader's", (Layer.FRESH_START,)),
    _act("outlive", "outlive the grader", _CALLS),
    _act("gain_capabilities", "have or gain capabilities", (Layer.IDENTITY,)),
    _act("change_user", "become another user", (Layer.IDENTITY, Layer.SECCOMP)),
    _act("make_namespace", "be root in a user namespace", _CALLS),
)
"""In the order in which they are shown."""

REFUSED: Final = "refused"
"""Begins the answer to an act that could not be done: ``refused: EPERM``."""

DONE: Final = "done"
"""Begins the answer to an act that was done: ``done``, or ``done: what was seen``."""

NOT_TRIED: Final = "not tried"
"""Begins the answer to an act that was not tried: ``not tried: why``."""
