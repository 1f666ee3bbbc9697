"""What the statistics know, on the disk: so that a restart goes on where the run before ended.

The file is its format, a checksum, and what follows compressed. It is written beside and renamed,
so that it is whole or the one before; one that cannot be used is set aside and comove starts cold.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard

from streams.instrument import NS
from streams.market import Market
from streams.resumption import Memory, remember, resume

_log = logging.getLogger(__name__)

_FORMAT = b"comove statistics 2\n"
"""To be counted up when what a state means is no longer the same."""
_DIGEST = sha256().digest_size
_EVERY = 60.0
"""Seconds between two savings."""
LEARNED = 30 * 86_400 * NS
"""How long what was learned holds."""


class Saved(msgspec.Struct, frozen=True):
    """What was known at `at`, core time in ns."""

    at: int
    memory: Memory
    reports: bytes = b""
    """What was noted for reports."""


class UnusableError(Exception):
    """A file that cannot be read, and why."""


def write(path: Path, saved: Saved) -> None:
    """Put it on the disk in place of what is there; OSError where that fails."""
    body = zstandard.compress(msgspec.msgpack.encode(saved))
    beside = path.with_name(f"{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("wb") as file:
        file.write(_FORMAT + sha256(body).digest() + body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read(path: Path) -> Saved | None:
    """What was saved; None where nothing was. UnusableError says what is wrong with it."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnusableError(error.strerror or "it cannot be read") from None
    if not text.startswith(_FORMAT):
        raise UnusableError("it is of another version of comove")
    digest, body = text[len(_FORMAT) :][:_DIGEST], text[len(_FORMAT) + _DIGEST :]
    if sha256(body).digest() != digest:
        raise UnusableError("it is damaged")
    try:
        return msgspec.msgpack.decode(zstandard.decompress(body), type=Saved)
    except (msgspec.MsgspecError, zstandard.ZstdError):
        raise UnusableError("it is damaged") from None


def warm_up(market: Market, path: Path, now: int, recent: int) -> bytes:
    """Let the market go on from the file, if it is there, sound and young enough.

    All of it where it is at most `recent` ns old, else what was learned. What comes of it is told
    in the log. Answers what was noted for reports.
    """
    try:
        saved = read(path)
    except UnusableError as error:
        _set_aside(path, error)
        return b""
    if saved is None:
        return b""
    age = now - saved.at
    if not 0 <= age <= LEARNED:
        when = "in the future" if age < 0 else "too long ago"
        _log.warning("the statistics in %s were saved %s: starting cold", path, when)
        return b""
    try:
        cold = resume(market, saved.memory, now, recent=age <= recent)
    except Exception as error:
        # The market is half restored: end here, and start cold next time.
        _set_aside(path, UnusableError(str(error)))
        raise
    _log.info("%s%s", _sentence(age, recent), f"; cold: {', '.join(cold)}" if cold else "")
    return saved.reports


def _sentence(age: int, recent: int) -> str:
    ago = f"{age // NS} s" if age < 120 * NS else f"{age // (60 * NS)} min"
    if age <= recent:
        return f"going on with the statistics of {ago} ago"
    return f"going on with what was learned until {ago} ago; statistics of the day begin anew"


def _set_aside(path: Path, error: UnusableError) -> None:
    aside = path.with_name(f"{path.name}.bad")
    try:
        path.replace(aside)
    except OSError:
        _log.warning("the statistics in %s cannot be used, %s: starting cold", path, error)
    else:
        _log.warning("the statistics saved cannot be used, %s: see %s; starting cold", error, aside)


class Keeper:
    """Saves what the market knows, every minute and when asked; tells a failure once.

    `reports` tells what is noted for reports.
    """

    def __init__(
        self,
        market: Market,
        path: Path,
        *,
        every: float = _EVERY,
        reports: Callable[[], bytes] = bytes,
    ) -> None:
        self._market = market
        self._path = path
        self._reports = reports
        self._every = every
        self._failing = False
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Save until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            await self.save()

    async def save(self) -> None:
        """Copy it now, and write it in a thread."""
        async with self._turn:
            if not self._market.core:
                return
            saved = Saved(self._market.core, remember(self._market), self._reports())
            await self._written(lambda: write(self._path, saved))

    async def _written(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(None, work)
        except (OSError, OverflowError, TypeError) as error:
            if not self._failing:
                _log.warning("statistics cannot be saved in %s: %s", self._path, error)
            self._failing = True
        else:
            if self._failing:
                _log.info("statistics are saved again")
            self._failing = False
