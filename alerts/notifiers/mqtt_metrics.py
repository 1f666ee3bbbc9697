"""Which readings are worth publishing again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from alerts.notifiers.mqtt_regimes import Regime, regimes
from alerts.notifiers.mqtt_topics import metric_json, metric_path, regime_json
from streams.snapshot import Reading, Snapshot


class _Shown(msgspec.Struct, frozen=True):
    """What was published last, and when (ns of core time)."""

    reading: Reading
    name: str | None
    """A regime's."""
    ts: int
    path: str
    payload: bytes


class Metrics:
    """The newest readings as retained pages, by their paths.

    A page changes at most every `interval` ns; at once where a reading comes to be known or
    unknown, a yes turns into a no, or the regime changes. With `refresh` (ns) a page is written
    anew at least that often, for readers who take silence for a fault.
    """

    def __init__(self, interval: int, refresh: int | None = None) -> None:
        self._interval = interval
        self._refresh = refresh
        self._shown: dict[str, _Shown] = {}

    def pages(self, snapshot: Snapshot) -> Mapping[str, bytes]:
        """The pages as they ought to be now."""
        shown = {key: self._number(key, snapshot) for key in snapshot.readings}
        for regime in regimes(snapshot.readings):
            shown[regime.key] = self._regime(regime, snapshot.ts)
        self._shown = shown
        return {page.path: page.payload for page in shown.values()}

    def _number(self, key: str, snapshot: Snapshot) -> _Shown:
        reading, ts = snapshot.readings[key], snapshot.ts
        before = self._shown.get(key)
        if before is not None and not self._due(before, reading, ts):
            return before
        return _Shown(reading, None, ts, metric_path(key), metric_json(reading, ts))

    def _regime(self, regime: Regime, ts: int) -> _Shown:
        name, reading = regime.name, regime.reading
        before = self._shown.get(regime.key)
        if before is not None and before.name == name and not self._due(before, reading, ts):
            return before
        payload = regime_json(name, reading, ts)
        return _Shown(reading, name, ts, metric_path(regime.key), payload)

    def _due(self, before: _Shown, reading: Reading, ts: int) -> bool:
        since = ts - before.ts
        if reading == before.reading:
            return self._refresh is not None and since >= self._refresh
        return since >= self._interval or _turned(before.reading, reading)


def _turned(before: Reading, now: Reading) -> bool:
    if before.value is None or now.value is None:
        return before.value is not now.value
    return isinstance(now.value, bool) and now.value is not before.value
