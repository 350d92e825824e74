"""What a model must not be able to do, each tried for real in a confined child.

``core/acts.py`` has the same names, with what each means. Whatever succeeds here does
no harm and is undone, but for the last one: the child that tried it is thrown away.
"""

import errno

from . import files, processes, programs, resources, rights, sockets
from .answers import Act, NotTried, Order, Refused

REFUSED, DONE, NOT_TRIED = "refused", "done", "not tried"

ACTS: "dict[str, Act]" = {
    **files.ACTS,
    **processes.ACTS,
    **sockets.ACTS,
    **programs.ACTS,
    **resources.ACTS,
    **rights.ACTS,  # last: the last of them cannot be undone
}
"""By name, in the order in which they are tried."""


def try_acts(order: Order) -> "dict[str, str]":
    """Try every act and return what came of it, by name.

    Args:
        order: ``secret``, a file of the trusted side, and ``folder``, a folder of it;
            ``hidden``, its files and folders of data; ``home``, its home folder;
            ``parent``, its process id; ``memory`` in bytes and ``threads``, the limits;
            ``port``, on which it listens at 127.0.0.1; ``socket``, the file of a Unix
            socket on which it listens; ``scratch_bytes``, what the current folder may
            hold; ``environment``, names of variables that must not be there;
            ``profile``. An act whose part is missing is not tried. Beside these
            ``descriptors``, numbers of open files that are this process' own; without
            them one socket is, the channel.

    Returns:
        For each act ``refused: NAME`` with the name of the error; ``done``, perhaps
        with a colon and what was seen; or ``not tried: why``.
    """
    return {name: _tried(act, order) for name, act in ACTS.items()}


def _tried(act: Act, order: Order) -> str:
    try:
        seen = act(order)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, str(error))
        return f"{REFUSED}: {name}"
    except Refused as refusal:
        return f"{REFUSED}: {refusal}"
    except NotTried as why:
        return f"{NOT_TRIED}: {why}"
    except KeyError as missing:
        return f"{NOT_TRIED}: the order has no {missing}"
    except AttributeError as missing:  # the system's library lacks a call
        return f"{NOT_TRIED}: {missing}"
    return f"{DONE}: {seen}" if seen else DONE
