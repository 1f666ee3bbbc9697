from __future__ import annotations

import socket
import ssl

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import (
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidStatus,
    InvalidURI,
    SecurityError,
)
from websockets.frames import Close
from websockets.http11 import Response

from streams.feeds.loss import Lost, loss, retry_after

NOW = 1783465097_000_000_000  # 2026-07-07T22:58:17Z


def http(code: int, **headers: str) -> InvalidStatus:
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return InvalidStatus(Response(code, "", named))


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (ConnectionClosedOK(Close(1000, ""), Close(1000, ""), rcvd_then_sent=True), "1000"),
        (ConnectionClosedOK(Close(1001, "bye"), Close(1001, ""), rcvd_then_sent=True), "bye"),
        (ConnectionClosedError(None, None), "the connection broke"),
        (ConnectionClosedError(None, Close(1009, "")), "larger than we take"),
        (ConnectionClosedError(None, Close(1011, "keepalive")), "pings were not answered"),
        (http(503), "HTTP 503 Service Unavailable"),
        (http(599), "HTTP 599"),
        (TimeoutError("timed out during opening handshake"), "timed out"),
        (socket.gaierror(-2, "Name or service not known"), "cannot be resolved"),
        (ConnectionRefusedError(111, "Connect call failed ('10.0.0.1', 80)"), "refused"),
        (OSError(113, "No route to host"), "No route to host"),
        (ssl.SSLCertVerificationError("x"), "certificate"),
        (SecurityError("more than 10 redirects"), "more than 10 redirects"),
        (EOFError("stream ends"), "EOFError: stream ends"),
    ],
)
def test_every_end_has_words(fault: Exception, says: str) -> None:
    assert says in loss(fault, NOW).reason


def test_an_address_is_never_shown() -> None:
    assert "token" not in loss(InvalidURI("ws://x/?token=abc", "no"), NOW).reason


@pytest.mark.parametrize("code", [401, 403, 418, 429, 451])
def test_what_a_quick_retry_makes_worse_is_slow(code: int) -> None:
    assert loss(http(code), NOW).slow
    assert not loss(http(503), NOW).slow


def test_retry_after_comes_with_the_status() -> None:
    assert loss(http(429, Retry_After="17"), NOW).retry_after == 17


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("0", 0.0),
        ("9999999999", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("Tue, 07 Jul 2026 22:59:17 GMT", 60.0),
        ("Tue, 07 Jul 2026 22:00:00 GMT", 0.0),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_loss_stays_itself() -> None:
    lost = Lost("as told", slow=True)
    assert loss(lost, NOW) is lost
