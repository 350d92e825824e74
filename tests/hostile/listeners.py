"""What the rows that reach for the network aim at: nothing may arrive here."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path


class Listeners:
    """TCP and UDP on one port of 127.0.0.1, and a unix socket."""

    def __init__(self, path: Path) -> None:
        """Listen; what arrives waits to be asked for."""
        self._tcp = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port: int = self._tcp.getsockname()[1]
        self._udp.bind(("127.0.0.1", self.port))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(str(path))
        self._unix.listen(100)
        for one in (self._tcp, self._udp, self._unix):
            one.setblocking(False)
        path.chmod(0o777)

    def received(self) -> Iterator[str]:
        """Yield what has arrived since this was asked last."""
        for name, listener in (("tcp", self._tcp), ("unix", self._unix)):
            with contextlib.suppress(BlockingIOError):
                while True:
                    with listener.accept()[0] as connection:
                        connection.settimeout(0.2)
                        yield f"{name}: {_first(connection)!r}"
        with contextlib.suppress(BlockingIOError):
            while True:
                yield f"udp: {self._udp.recv(1000)!r}"

    def close(self) -> None:
        """Stop listening."""
        for one in (self._tcp, self._udp, self._unix):
            one.close()


def _first(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1000)
    except OSError:
        return b""
