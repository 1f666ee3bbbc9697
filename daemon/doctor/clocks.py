"""Whether this machine's clock is right: by the kernel's word, and by the venues'."""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from statistics import median

import httpx
import msgspec

from config.settings import Config
from daemon.doctor.finding import Finding, fail, ok, warn
from daemon.doctor.hosts import base_url
from streams.instrument import NS

_UNSYNCED = 0x40
"""STA_UNSYNC of adjtimex(2)."""
_OFF, _FAR = 0.25, 2.0
"""Seconds beyond what the venues' dates can tell."""
_PATIENCE = 7.0
_REMEDY = "switch time synchronisation on: 'timedatectl set-ntp true', or install chrony"


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`; the rest is room for what the kernel writes."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def kernel_status() -> int | None:
    """The status word of the kernel's clock; None where it may not be asked (ProtectClock=)."""
    words = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(words)) < 0:
        return None
    return int(words.status)


def synchronised(status: Callable[[], int | None] = kernel_status) -> Finding:
    """Whether something keeps the clock right (NTP, chrony, PTP)."""
    word = status()
    if word is None:
        why = os.strerror(ctypes.get_errno()).lower()
        return ok(f"the kernel may not be asked here ({why}): see 'against the venues'")
    if word & _UNSYNCED:
        return warn("nothing keeps this machine's clock right (adjtimex: unsynchronised)", _REMEDY)
    return ok("kept right (adjtimex: synchronised)")


class Offset(msgspec.Struct, frozen=True):
    """Seconds by which a venue's clock is ahead of ours, at least and at most."""

    low: float
    high: float

    @property
    def sure(self) -> float:
        """What is certain of it; 0 where ours may be right."""
        return self.low if self.low > 0 else min(self.high, 0.0)


def offset(date: float, sent: float, received: float) -> Offset:
    """From a `Date` header, cut to whole seconds, and when we asked and were answered."""
    return Offset(date - received, date + 1.0 - sent)


async def against_venues(config: Config, now: Callable[[], int]) -> Finding:
    """By the `Date` that the venues' servers put on any answer, right or wrong."""
    async with (
        httpx.AsyncClient(timeout=_PATIENCE, headers={"User-Agent": "comove"}) as client,
        asyncio.TaskGroup() as tasks,
    ):
        asked = [
            tasks.create_task(_ask(client, _http(base_url(venue)), now), name=f"{venue.name} date")
            for venue in config.venues
        ]
        # The client must outlive the questions.
        await asyncio.wait(asked)
    return _judged([each for each in (task.result() for task in asked) if each is not None])


def _http(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme.replace('ws', 'http')}://{rest.partition('/')[0]}/"


async def _ask(client: httpx.AsyncClient, url: str, now: Callable[[], int]) -> Offset | None:
    sent = now() / NS
    try:
        answer = await client.head(url)
        date = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    return offset(date, sent, now() / NS)


def _judged(offsets: Sequence[Offset]) -> Finding:
    if not offsets:
        return warn("no venue told its time", "see the hosts' own lines")
    sure = median(each.sure for each in offsets)
    wide = median(each.high - each.low for each in offsets) / 2
    of = f"Date headers of {len(offsets)} venue{'s' if len(offsets) > 1 else ''}, to ±{wide:.1f} s"
    if abs(sure) <= _OFF:
        return ok(f"right, as far as they can tell ({of})")
    said = f"{abs(sure):.1f} s {'behind' if sure > 0 else 'ahead'} ({of})"
    return (fail if abs(sure) > _FAR else warn)(said, _REMEDY)
