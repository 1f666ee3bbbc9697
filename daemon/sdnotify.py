"""What the service manager is told, and what it hands over: systemd's protocols, in a few lines.

Where no manager asks for it (`$NOTIFY_SOCKET` is not set) nothing is sent.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from typing import Self

_log = logging.getLogger(__name__)

_FIRST_FD = 3
_LONGEST = 200
"""Characters of a status line: `systemctl status` shows one line."""


class ServiceManager:
    """Tells systemd how the service stands (sd_notify(3)).

    `address` is a path, or a name in the abstract namespace with a leading `@`; None: nobody asks.
    `watchdog` is how many seconds may pass between two signs of progress, None without a watchdog.
    """

    def __init__(self, address: str | None, watchdog: float | None = None) -> None:
        self.watchdog = watchdog
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self._status = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """As systemd has set it up for this process."""
        given = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog = int(given) / 1e6 if mine and given.isdigit() and int(given) > 0 else None
        return cls(environment.get("NOTIFY_SOCKET") or None, watchdog)

    def ready(self) -> None:
        """All is up."""
        self._send("READY=1")

    def reloading(self, monotonic_ns: int) -> None:
        """A reload begins; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={monotonic_ns // 1000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Progress was made."""
        self._send("WATCHDOG=1")

    def status(self, line: str) -> None:
        """One line for `systemctl status`; sent where it differs from the last."""
        line = " ".join(line.split())[:_LONGEST]
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.sendto(message.encode(), self._address)
        except OSError as error:
            _log.debug("the service manager does not listen: %s", error)


def inherited_sockets(environment: Mapping[str, str]) -> list[socket.socket]:
    """The listening sockets that a socket unit has opened for this process (sd_listen_fds(3))."""
    count = environment.get("LISTEN_FDS", "")
    if environment.get("LISTEN_PID") != str(os.getpid()) or not count.isdigit():
        return []
    sockets = [socket.socket(fileno=fd) for fd in range(_FIRST_FD, _FIRST_FD + int(count))]
    for each in sockets:
        each.set_inheritable(False)
    return sockets
