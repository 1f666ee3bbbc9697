"""Asking one source now and then: at the start, when its schedule says so, later where it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING

import msgspec

from streams.context.schedule import fires
from streams.context.source import Source, UnreadableError
from streams.feeds.loss import retry_after
from streams.instrument import NS
from streams.tick import ContextPoint

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

_TIMEOUT = 20.0
"""Seconds for a whole exchange."""
_LARGEST = 2_000_000
"""Bytes of an answer."""
_AGAIN, _AT_MOST = 60.0, 3600.0
"""Seconds until a failed poll is tried again: at first, and doubled up to an hour."""
_REFUSALS = frozenset({401, 403, 429})
"""A quick retry would only be refused again, or for longer."""


class Counts(msgspec.Struct):
    """What became of polls; `reason` is why the last one failed, empty where it did not."""

    polls: int = 0
    failures: int = 0
    reason: str = ""


class PollError(Exception):
    """No figure came: the text says why, and holds nothing of the request but its host's answer."""

    def __init__(self, message: str, *, slow: bool = False, after: float | None = None) -> None:
        super().__init__(message)
        self.slow = slow
        self.after = after
        """Seconds that the publisher asks to be left alone."""


class Poll:
    """One source; `emit` takes its points, `now` tells ns UTC, `schedule` is a crontab line."""

    def __init__(
        self,
        source: Source,
        *,
        schedule: str,
        emit: Callable[[ContextPoint], None],
        now: Callable[[], int],
        rng: Random,
    ) -> None:
        self.source = source
        self.counts = Counts()
        self._schedule = schedule
        self._emit = emit
        self._now = now
        self._rng = rng
        self._failed = 0
        """Polls in a row."""

    async def run(self, client: httpx.AsyncClient) -> None:
        """Poll until cancelled."""
        after = fires(self._schedule)
        while True:
            wait = await self._turn(client)
            now = self._now()
            await asyncio.sleep((after(now) - now) / NS if wait is None else wait)

    async def _turn(self, client: httpx.AsyncClient) -> float | None:
        """Ask once; seconds until it is asked again, None: when the schedule says so."""
        self.counts.polls += 1
        try:
            point = await fetch(client, self.source, self._now)
        except PollError as error:
            return self._fail(error)
        self._emit(point)
        if self._failed:
            _log.info("%s of %s comes again", point.name, self.source.publisher)
        self._failed, self.counts.reason = 0, ""
        return None

    def _fail(self, error: PollError) -> float:
        level = logging.DEBUG if self._failed else logging.WARNING
        _log.log(level, "no %s of %s: %s", self.source.name, self.source.publisher, error)
        self.counts.failures += 1
        self.counts.reason = str(error)
        ceiling = _AT_MOST if error.slow else min(_AGAIN * 2**self._failed, _AT_MOST)
        self._failed = min(self._failed + 1, 16)
        return max(self._rng.uniform(ceiling / 2, ceiling), error.after or 0.0)


async def follow(polls: Sequence[Poll]) -> None:
    """Run them all over one client, until cancelled."""
    async with open_client() as client, asyncio.TaskGroup() as tasks:
        for poll in polls:
            tasks.create_task(poll.run(client), name=f"context {poll.source.name}")


def open_client() -> httpx.AsyncClient:
    """What polls ask with."""
    # Imported when used: it costs 0.1 s.
    import httpx  # noqa: PLC0415  # as said above

    for name in ("httpx", "httpcore"):  # they log every address in full, keys included
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    # `fetch` bounds the whole exchange.
    return httpx.AsyncClient(headers={"User-Agent": "comove"}, timeout=2 * _TIMEOUT)


async def fetch(client: httpx.AsyncClient, source: Source, now: Callable[[], int]) -> ContextPoint:
    """The newest figure of a source; PollError says why there is none."""
    import httpx  # noqa: PLC0415  # loaded already

    try:
        async with asyncio.timeout(_TIMEOUT):
            body = await _body(client, source, now)
    except TimeoutError:
        raise PollError(f"no answer in {_TIMEOUT:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The type alone: texts of the library may hold the address, and so a key.
        raise PollError(type(error).__name__) from None
    try:
        return source.parse(body, now())
    except UnreadableError as error:
        raise PollError(str(error)) from None
    except (ValueError, ArithmeticError, LookupError, TypeError, RecursionError):
        raise PollError("its answer cannot be read") from None


async def _body(client: httpx.AsyncClient, source: Source, now: Callable[[], int]) -> bytes:
    request = source.request(now())
    body = bytearray()
    async with client.stream("GET", request.url, params=dict(request.params)) as response:
        _judge(response, now())
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _LARGEST:
                raise PollError(f"its answer is larger than {_LARGEST:,} bytes", slow=True)
    return bytes(body)


def _judge(response: httpx.Response, now: int) -> None:
    if response.is_success:
        return
    sentence = f"HTTP {response.status_code}"  # its own phrase could say our address, and a key
    if response.has_redirect_location:
        sentence += ": a redirect is not followed"
    slow = response.status_code in _REFUSALS
    raise PollError(
        sentence, slow=slow, after=retry_after(response.headers.get("Retry-After"), now)
    )
