"""FRED, the Federal Reserve Bank of St. Louis: VIX at the close, policy rates, two-year yield.

Without a key the CSV that its charts download is read, with one its API. Both give a figure a day,
the day after at the earliest; a day without one is empty or `.`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from streams.context.source import PERCENT, Request, UnreadableError, figure
from streams.instrument import NS
from streams.tick import ContextPoint

PUBLISHER = "FRED"
CSV = "https://fred.stlouisfed.org/graph/fredgraph.csv"
API = "https://api.stlouisfed.org/fred/series/observations"

_SERIES: Mapping[str, tuple[str, float]] = {
    "vix": ("VIXCLS", 1.0),
    "fed_funds": ("DFF", PERCENT),
    "fed_target_low": ("DFEDTARL", PERCENT),
    "fed_target_high": ("DFEDTARU", PERCENT),
    "us2y": ("DGS2", PERCENT),
}
SERIES = tuple(_SERIES)

_MISSING = {"", "."}
_BACK = timedelta(days=21)
"""How far back is asked for: there is a figure in three weeks."""
_NEW_YORK = ZoneInfo("America/New_York")


class Fred:
    """One of `SERIES`; `url` is another address than FRED's own."""

    publisher = PUBLISHER

    def __init__(self, name: str, *, key: str | None = None, url: str | None = None) -> None:
        self.name = name
        self._id, self._size = _SERIES[name]
        self._key = key
        self._url = url or (CSV if key is None else API)

    def request(self, now: int) -> Request:
        """The last three weeks."""
        since = (datetime.fromtimestamp(now // NS, UTC) - _BACK).date().isoformat()
        if self._key is None:
            return Request(self._url, {"id": self._id, "cosd": since})
        params = {
            "series_id": self._id,
            "api_key": self._key,
            "file_type": "json",
            "observation_start": since,
        }
        return Request(self._url, params)

    def parse(self, body: bytes, now: int) -> ContextPoint:
        """The figure of the last day that has one."""
        days = _csv(body, self._id) if self._key is None else _json(body)
        known = {day: text for day, text in days if text not in _MISSING}
        if not known:
            raise UnreadableError(f"no {self._id} of the last three weeks in it")
        day = max(known)
        return ContextPoint(
            name=self.name,
            value=figure(self.name, known[day], self._size),
            ts_event=min(close_of(day), now),
            ts_recv=now,
            source=self.publisher,
        )


def close_of(day: date) -> int:
    """The instant (ns UTC) that a day's figure is of: 16:00 in New York."""
    return int(datetime.combine(day, time(16), _NEW_YORK).timestamp()) * NS


def _csv(body: bytes, series: str) -> Iterator[tuple[date, str]]:
    head, *rows = body.decode(errors="replace").split("\n")
    if head.strip().rpartition(",")[2].upper() != series:
        raise UnreadableError(f"its answer is no table of {series}")
    for row in rows:
        if row.strip():
            day, _, text = row.strip().partition(",")
            yield _day(day), text


class _Observation(msgspec.Struct):
    date: str
    value: str


class _Answer(msgspec.Struct):
    observations: list[_Observation]


def _json(body: bytes) -> Iterator[tuple[date, str]]:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.MsgspecError:
        raise UnreadableError("its answer has no observations") from None
    for each in answer.observations:
        yield _day(each.date), each.value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableError(f"{text[:40]!r} is no date") from None
