"""The journal's own protocol: log records with fields that `journalctl` can be asked for.

    journalctl COMOVE_RULE=small-caps-breakdown

A record's fields are those of its `comove` attribute: `extra={"comove": {"rule": …}}`.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import sys
from collections.abc import Mapping
from typing import TextIO

SOCKET = "/run/systemd/journal/socket"

_PRIORITIES = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
    (logging.DEBUG, 7),
)
_LONGEST = 48_000
"""Bytes of a message: a datagram carries it with its fields."""


def is_journal(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Whether a stream goes to the journal: systemd names the socket it has connected to it."""
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return stat.S_ISSOCK(status.st_mode) and (device, inode) == (
        str(status.st_dev),
        str(status.st_ino),
    )


class JournalHandler(logging.Handler):
    """Sends records to the journal; to standard error where it does not take them."""

    def __init__(self, address: str = SOCKET) -> None:
        super().__init__()
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            self._socket.sendto(datagram(record, self.format(record)), self._address)
        except OSError:
            sys.stderr.write(f"{self.format(record)}\n")

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()


def datagram(record: logging.LogRecord, message: str) -> bytes:
    """A record in the journal's native form (systemd.journal-fields(7))."""
    fields = {
        "MESSAGE": message.encode(errors="replace")[:_LONGEST].decode(errors="ignore"),
        "PRIORITY": str(_priority(record.levelno)),
        "SYSLOG_IDENTIFIER": "comove",
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": str(record.lineno),
        "CODE_FUNC": record.funcName or "",
    }
    own: Mapping[str, object] = getattr(record, "comove", {})
    fields |= {f"COMOVE_{name.upper()}": str(value) for name, value in own.items()}
    return b"".join(_field(name, value) for name, value in fields.items())


def _field(name: str, value: str) -> bytes:
    data = value.encode()
    if b"\n" not in data:
        return b"%s=%s\n" % (name.encode(), data)
    return b"%s\n%s%s\n" % (name.encode(), len(data).to_bytes(8, "little"), data)


def _priority(level: int) -> int:
    return next((priority for bound, priority in _PRIORITIES if level >= bound), 7)
