"""Acts over the network and other sockets."""

import os
import socket

from .answers import NAME, Act, Order

_SECONDS = 0.5  # for whom does not answer at once


def _connect_tcp(order: Order) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
        tcp.settimeout(_SECONDS)
        tcp.connect(("127.0.0.1", order["port"]))


def _send_udp(order: Order) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"\0", ("127.0.0.1", order["port"]))


def _connect_unix(order: Order) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix:
        unix.settimeout(_SECONDS)
        unix.connect(order["socket"])


def _bind_abstract(_: Order) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix:
        unix.bind("\0" + NAME % os.getpid())
        unix.listen(1)


def _open_netlink(_: Order) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


ACTS: "dict[str, Act]" = {
    "connect_tcp": _connect_tcp,
    "send_udp": _send_udp,
    "connect_unix": _connect_unix,
    "bind_abstract": _bind_abstract,
    "open_netlink": _open_netlink,
}
"""By name, in the order in which they are tried."""
