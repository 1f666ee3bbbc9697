"""Where the doors are: the control socket's path, and sockets opened to listen at."""

from __future__ import annotations

import socket
import stat
from collections.abc import Mapping
from pathlib import Path

_BACKLOG = 64
_CONTROL = "control.sock"
_MODE = 0o660


def control_path(state: Path, environment: Mapping[str, str]) -> Path:
    """In the directory that systemd made for the service, else beside the state file."""
    directory = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(directory) / _CONTROL if directory else state.with_suffix(".sock")


def listen_on(path: Path) -> socket.socket:
    """A Unix socket for its owner and group; one that a dead process has left is replaced.

    Raises OSError.
    """
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        path.unlink()
    return _listening(socket.socket(socket.AF_UNIX), str(path))


def listen_at(host: str, port: int) -> socket.socket:
    """A TCP socket. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # With its protocol named, the loop sends small answers at once (TCP_NODELAY).
    return _listening(socket.socket(family, kind, protocol), address)


def _listening(made: socket.socket, address: str | tuple[object, ...]) -> socket.socket:
    try:
        if made.family != socket.AF_UNIX:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        if isinstance(address, str):
            # Nobody can connect before it listens.
            Path(address).chmod(_MODE)
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made
