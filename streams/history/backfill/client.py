"""Asks one venue for its history: every page of it, at its pace, again where that is of use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from ssl import SSLContext
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from streams.feeds.loss import retry_after
from streams.history.backfill.errors import BusyError, HistoryError, RefusedError
from streams.history.backfill.pace import Pace
from streams.history.backfill.source import (
    DAY,
    HOUR,
    Answer,
    Bar,
    Question,
    Request,
    Source,
    asked,
)

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

TRIES = 5
_FIRST, _LONGEST = 1.0, 30.0
"""Seconds before the second try, doubling up to the latter."""
_TIMEOUT = 20.0
"""Seconds for a whole exchange."""
_LARGEST = 32 * 2**20
"""Bytes of an answer."""
_PAGES = 1000
"""More of them for one question means that a venue sends us round in circles."""
_BUSY = frozenset({408, 418, 425, 429})
_FORBIDDEN = frozenset({401, 403})


class Client:
    """One source; `now` tells ns UTC, `base` replaces the source's own addresses.

    `patience` is how many seconds a venue may ask to be left alone: more is a failure, as are so
    many `tries`. A client belongs to one event loop; `close` it at the end.
    """

    def __init__(
        self,
        source: Source,
        *,
        now: Callable[[], int],
        rng: Random,
        base: str | None = None,
        patience: float = 120.0,
        tries: int = TRIES,
    ) -> None:
        self.source = source
        self._now = now
        self._rng = rng
        self._bases = source.bases if base is None else (base.rstrip("/"),)
        self._patience = patience
        self._tries = tries
        self._pace = Pace(source.every, source.burst)
        self._http: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """Let connections go; the next question opens them again."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def oldest(self, size: int) -> int:
        """The first instant (ns) of which the venue has bars of that size, as far as is known."""
        reach = self.source.reach(size)
        return 0 if reach is None else self._now() - reach

    async def bars(self, question: Question, *, to_the_beginning: bool = False) -> list[Bar]:
        """The bars that are over, in order, each once; those that the venue left out are missing.

        The youngest are asked for first. Where it goes `to_the_beginning` of a venue's history, a
        span without any bar is taken for what lies before.

        Raises:
            HistoryError: a page of it was not to be had.
        """
        found: list[Bar] = []
        for span in _spans(self._there(question), self.source):
            bars = await self._span(span)
            found += bars
            if to_the_beginning and not bars:
                break
        return [one for one in asked(found, question) if one.ts <= self._over(question.size)]

    def _there(self, question: Question) -> Question:
        """As much of it as the venue can have, from the beginning of a bar to the end of one."""
        size = min(question.size, HOUR)
        start = max(question.start, -(-self.oldest(question.size) // size) * size)
        end = min(question.end, -(-self._over(question.size) // size) * size)
        return msgspec.structs.replace(question, start=start, end=end)

    def _over(self, size: int) -> int:
        """Bars that end later are under way. A day's end is for whoever knows the hours."""
        return self._now() + (DAY if size >= DAY else 0)

    async def _span(self, span: Question) -> list[Bar]:
        try:
            return await self._pages(span)
        except RefusedError as refusal:
            narrower = self.source.narrower(span, self._now())
            if refusal.status not in _FORBIDDEN or narrower is None:
                raise
        return await self._pages(narrower)

    async def _pages(self, span: Question) -> list[Bar]:
        bars: list[Bar] = []
        more = ""
        for _ in range(_PAGES):
            answer = await self._ask(span, more)
            bars += answer.bars
            more = answer.more
            if not more:
                return bars
        raise RefusedError(f"its answer has more than {_PAGES} pages")

    async def _ask(self, span: Question, more: str) -> Answer:
        """One page, after some tries."""
        request = self.source.request(span, more)
        for failed in range(self._tries):
            await self._pace.turn()
            try:
                body = await self._exchange(self._bases[failed % len(self._bases)], request)
                return self.source.parse(body, span)
            except BusyError as busy:
                self._wait(busy, failed)
                last: HistoryError = busy
        raise last

    def _wait(self, busy: BusyError, failed: int) -> None:
        """Leave the venue alone for a while; raises what it said where that is for too long."""
        wait = min(_FIRST * 2**failed, _LONGEST) * self._rng.uniform(0.5, 1.0)
        if busy.after is not None:
            if busy.after > self._patience:
                raise RefusedError(f"{busy} (it wants {busy.after:.0f} s of rest)") from None
            wait += busy.after
        self._pace.rest(wait)
        _log.debug("history of %s: %s; again in %.1f s", self.source.name, busy, wait)

    async def _exchange(self, base: str, request: Request) -> bytes:
        http = self._opened()
        import httpx  # noqa: PLC0415  # loaded already

        try:
            async with asyncio.timeout(_TIMEOUT):
                return await self._body(http, base, request)
        except TimeoutError:
            raise BusyError(f"no answer in {_TIMEOUT:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The type alone: texts of the library may hold the address.
            raise BusyError(type(error).__name__) from None

    def _opened(self) -> httpx.AsyncClient:
        if self._http is None:
            # Imported when used: it costs 0.1 s.
            import httpx  # noqa: PLC0415  # as said above

            for name in ("httpx", "httpcore"):  # they log every address in full
                logger = logging.getLogger(name)
                logger.setLevel(max(logger.level, logging.WARNING))
            local = urlsplit(self._bases[0]).hostname in {"127.0.0.1", "localhost", "::1"}
            # `_exchange` bounds the whole of it; proxies are for the world outside.
            self._http = httpx.AsyncClient(
                timeout=2 * _TIMEOUT, trust_env=not local, verify=_trusted()
            )
        return self._http

    async def _body(self, http: httpx.AsyncClient, base: str, request: Request) -> bytes:
        body = bytearray()
        async with http.stream(
            "GET", base + request.path, params=request.params, headers=self.source.headers()
        ) as response:
            _judge(response, self._now())
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise RefusedError(f"its answer is larger than {_LARGEST:,} bytes")
        return bytes(body)


@cache
def _trusted() -> SSLContext:
    """Made once: it takes 40 ms."""
    import httpx  # noqa: PLC0415  # loaded already

    return httpx.create_ssl_context()


def _judge(response: httpx.Response, now: int) -> None:
    if response.is_success:
        return
    reason = f"HTTP {response.status_code} {response.reason_phrase}".rstrip(" -")
    if response.status_code in _BUSY or response.is_server_error:
        raise BusyError(reason, retry_after(response.headers.get("Retry-After"), now))
    raise RefusedError(reason, response.status_code)


def _spans(question: Question, source: Source) -> Iterator[Question]:
    """What is asked in one go, the youngest first."""
    span, end = source.span(question.size), question.end
    while end > question.start:
        start = max(end - span, question.start)
        yield msgspec.structs.replace(question, start=start, end=end)
        end = start
