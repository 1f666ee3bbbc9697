"""How a connection ended, in words, and how soon another may be tried."""

from __future__ import annotations

import socket
import ssl
from email.utils import parsedate_to_datetime
from http.client import responses

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

_DAY = 86_400.0
_TOO_BIG, _KEEPALIVE = 1009, 1011
_NOT_SOON = {401, 403, 418, 429, 451}
"""Statuses that trying again at once makes worse, or that a person has to mend."""


class Lost(Exception):  # noqa: N818  # an end, not an error: every connection has one
    """The connection is over, or was never made.

    `slow` where a quick retry is no use; `retry_after` seconds as the venue asked; `mute` where it
    was given up because no data came.
    """

    def __init__(
        self,
        reason: str,
        *,
        slow: bool = False,
        retry_after: float | None = None,
        mute: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.slow = slow
        self.retry_after = retry_after
        self.mute = mute


def loss(fault: BaseException, now: int) -> Lost:
    """What happened, from whatever connecting, reading or writing raised; never shows a URL."""
    match fault:
        case Lost():
            return fault
        case InvalidStatus():
            return _refused(fault, now)
        case ConnectionClosed():
            return Lost(_closed(fault))
        case _:
            return Lost(_words(fault))


def _refused(fault: InvalidStatus, now: int) -> Lost:
    code = fault.response.status_code
    reason = f"HTTP {code} {responses.get(code, '')}".strip()
    wait = retry_after(fault.response.headers.get("Retry-After"), now)
    return Lost(reason, slow=code in _NOT_SOON, retry_after=wait)


def retry_after(value: str | None, now: int) -> float | None:
    """The header's seconds or date → seconds from `now` (ns), at most a day."""
    if value is None:
        return None
    try:
        seconds = float(value) if value.isdecimal() else _until(value, now)
    except ValueError:
        return None
    return min(max(seconds, 0.0), _DAY)


def _until(date: str, now: int) -> float:
    return parsedate_to_datetime(date).timestamp() - now / 1e9


def _closed(fault: ConnectionClosed) -> str:
    if fault.sent and not fault.rcvd_then_sent:
        if fault.sent.code == _TOO_BIG:
            return "a frame was larger than we take"
        if fault.sent.code == _KEEPALIVE:
            return "our pings were not answered"
        return f"broken off by us: {fault.sent}"
    return f"closed by the venue: {fault.rcvd}" if fault.rcvd else "the connection broke"


_PLAIN: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "timed out"),
    (socket.gaierror, "the host's name cannot be resolved"),
    (ConnectionRefusedError, "connection refused"),
    (ssl.SSLCertVerificationError, "the host's certificate is not valid"),
    (InvalidURI, "the address is not one of a WebSocket"),
    (InvalidProxy, "the proxy's address is not one"),
    (ProxyError, "the proxy does not let us through"),
    (InvalidMessage, "the answer was not HTTP"),
)


def _words(fault: BaseException) -> str:
    for kind, words in _PLAIN:
        if isinstance(fault, kind):
            return words
    if isinstance(fault, InvalidHandshake):
        return f"the handshake failed: {fault}"
    if isinstance(fault, OSError):
        return fault.strerror or type(fault).__name__
    return f"{type(fault).__name__}: {fault}"
