"""Webhook: alerts to a program, by HTTP POST of signed JSON (payload.py).

    X-Comove-Timestamp   seconds since 1970, when it was sent
    X-Comove-Signature   sha256=…, the HMAC of timestamp, a full stop and the body
    Idempotency-Key      the same whenever the same alert is sent again

A receiver computes the signature over the bytes it got, compares in constant time, refuses old
timestamps, and answers 2xx. What it answers besides is not read.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import responses
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.payload import event_json, report_json
from alerts.transition import State, Transition

NS = 1_000_000_000

_BUSY = {408, 425, 429}
"""Of the client errors, those that mean: later."""
_SHORTEST, _LONGEST = 1.0, 3600.0
"""Seconds: a pause that a receiver may ask for."""


class Webhook:
    """Posts to one address; `now` tells nanoseconds UTC, `timeout` bounds a whole exchange (s).

    The address may hold a secret of its own, so no message names more of it than the host.
    """

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        now: Callable[[], int],
        timeout: float = 15.0,
        name: str = "webhook",
    ) -> None:
        self.name = name
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._secret = secret.encode()
        self._now = now
        self._timeout = timeout
        _quieten()
        # Proxies of the environment are for the world outside.
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=not _loopback(self._host))

    async def run(self) -> None:
        """Nothing to keep but the client: wait to be cancelled."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await self._client.aclose()

    async def notify(self, transition: Transition) -> None:
        """Post an alert that fires or resolves, or a report.

        A receiver knows by the key what it has had before, so nothing here is uncertain.
        """
        if transition.state not in {State.FIRING, State.RESOLVED}:
            return
        try:
            async with asyncio.timeout(self._timeout):
                await self._post(transition)
        except TimeoutError:
            raise self._failed(f"no answer in {self._timeout:g} s") from None
        except httpx.HTTPError as error:
            raise self._failed(_reason(error)) from None

    def repeatable(self, _: Transition) -> bool:
        """Every alert: see `notify`."""
        return True

    async def _post(self, transition: Transition) -> None:
        body = report_json(transition) if transition.is_report else event_json(transition)
        request = self._client.build_request(
            "POST", self._url, content=body, headers=self._headers(transition, body)
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        await response.aclose()
        self._judge(response)

    def _headers(self, transition: Transition, body: bytes) -> dict[str, str]:
        timestamp = str(self._now() // NS)
        return {
            "Content-Type": "application/json",
            "User-Agent": "comove",
            "X-Comove-Timestamp": timestamp,
            "X-Comove-Signature": signature(self._secret, timestamp, body),
            "Idempotency-Key": f"{transition.incident}/{transition.state}/{transition.ts}",
        }

    def _judge(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        # Not its own phrase: it could say our address.
        code = response.status_code
        sentence = f"it answered {code} {responses.get(code, '')}".rstrip()
        if response.status_code in _BUSY or response.is_server_error:
            raise self._failed(sentence, after=self._pause(response.headers.get("Retry-After")))
        if response.has_redirect_location:
            sentence += ": a redirect is not followed, name the new address"
        raise NotifyError(f"{self._host}: {sentence}", retry=False)

    def _pause(self, asked: str | None) -> float | None:
        """Seconds until it may be tried again: `Retry-After`, seconds or a date."""
        if asked is None:
            return None
        if asked.strip().isdecimal():
            return _bounded(float(asked))
        try:
            date = parsedate_to_datetime(asked)
        except ValueError:
            return None
        seconds = date.replace(tzinfo=date.tzinfo or UTC).timestamp() - self._now() / NS
        return _bounded(seconds)

    def _failed(self, sentence: str, after: float | None = None) -> NotifyError:
        return NotifyError(f"{self._host}: {sentence}", retry=True, after=after)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What stands in `X-Comove-Signature`."""
    signed = f"{timestamp}.".encode() + body
    return f"sha256={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


def _bounded(seconds: float) -> float:
    return min(max(seconds, _SHORTEST), _LONGEST)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: httpx.HTTPError) -> str:
    """The library tells some faults by their type alone, and others by what the receiver said."""
    if isinstance(error, httpx.RemoteProtocolError):
        return "its answer was not HTTP"
    return str(error) or type(error).__name__


def _quieten() -> None:
    """The library logs every address in full."""
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
