"""Acts on files of the trusted side, and where it could be waiting for some."""

import contextlib
import os

from .answers import NAME, Act, Order, Refused, read


def _read_secret(order: Order) -> None:
    read(order["secret"])


def _see_secret(order: Order) -> None:
    os.stat(order["secret"])


def _read_hidden(order: Order) -> None:
    for path in order["hidden"]:
        with contextlib.suppress(OSError):
            os.listdir(path) if os.path.isdir(path) else read(path)
            return
    raise Refused("none can be read")


def _list_folder(order: Order) -> None:
    os.listdir(order["folder"])


def _write_folder(order: Order) -> None:
    _write_into(order["folder"])


def _change_secret(order: Order) -> None:
    os.close(os.open(order["secret"], os.O_WRONLY))


def _chmod_secret(order: Order) -> None:
    os.chmod(order["secret"], 0o600)


def _touch_secret(order: Order) -> None:
    os.utime(order["secret"])


def _write_home(order: Order) -> None:
    _write_into(order["home"])


def _write_temporary(_: Order) -> None:
    _write_into("/tmp")  # noqa: S108 - just that one


def _write_shm(_: Order) -> None:
    _write_into("/dev/shm")  # noqa: S108 - just that one


def _write_into(folder: str) -> None:
    path = os.path.join(folder, NAME % os.getpid())
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(path)


ACTS: "dict[str, Act]" = {
    "read_secret": _read_secret,
    "see_secret": _see_secret,
    "read_hidden": _read_hidden,
    "list_folder": _list_folder,
    "write_folder": _write_folder,
    "change_secret": _change_secret,
    "chmod_secret": _chmod_secret,
    "touch_secret": _touch_secret,
    "write_home": _write_home,
    "write_temporary": _write_temporary,
    "write_shm": _write_shm,
}
"""By name, in the order in which they are tried."""
