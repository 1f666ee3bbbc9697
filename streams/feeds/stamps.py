"""Venues' times as int nanoseconds UTC, exact; None where a venue means no time (year 0001, 0)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

_NS = 1_000_000_000
_LAST = 2**63 - 1
_WHOLE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d", re.ASCII)
_OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # differences of naive UTC times only
_SCALES = {digits: 10 ** (9 - digits) for digits in range(1, 10)}
_MICROSECONDS = 10**14
"""Counts from here on are µs: as ms it is the year 5138, as µs 1973."""


def rfc3339(text: str) -> int | None:
    """`2026-07-07T22:58:17.164892Z` → ns; digits beyond the ninth are cut.

    Raises:
        ValueError: it is not RFC 3339.
    """
    if text[-1:] == "Z" and text[19:20] == ".":
        digits = text[20:-1]
        scale = _SCALES.get(len(digits))
        if scale is not None and digits.isascii() and digits.isdecimal():
            ns = _whole(text[:19], "Z") + int(digits) * scale
            return ns if 0 < ns <= _LAST else None
    return _any_rfc3339(text)


def _any_rfc3339(text: str) -> int | None:
    """The same for forms that are rare."""
    end = -1 if text[-1:] in "Zz" else -6
    ns = _whole(text[:19], text[end:])
    if fraction := text[19:end]:
        digits = fraction[1:]
        if fraction[0] != "." or not (digits.isdecimal() and digits.isascii()):
            raise ValueError(f"not a time: {text[:40]!r}")
        ns += int(digits.ljust(9, "0")[:9])
    return ns if 0 < ns <= _LAST else None


@lru_cache(maxsize=1024)
def _whole(local: str, offset: str) -> int:
    """A time without its fraction; venues send many in the same second."""
    if not _WHOLE.fullmatch(local):
        raise ValueError(f"not a time: {local!r}")
    seconds = (datetime.fromisoformat(local) - _EPOCH).total_seconds()
    return (round(seconds) - _seconds_east(offset)) * _NS


def _seconds_east(offset: str) -> int:
    if offset in {"Z", "z"}:
        return 0
    if not _OFFSET.fullmatch(offset):
        raise ValueError(f"not an offset from UTC: {offset!r}")
    east = int(offset[1:3]) * 3600 + int(offset[4:6]) * 60
    return -east if offset[0] == "-" else east


def epoch(count: int) -> int | None:
    """A count of ms or µs since 1970 → ns, told apart by magnitude."""
    ns = count * (1_000_000 if count < _MICROSECONDS else 1_000)
    return ns if 0 < ns <= _LAST else None
