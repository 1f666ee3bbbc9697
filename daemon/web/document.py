"""What the API answers, as those who ask read it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from alerts.lane import Counts
from alerts.silence import Silence
from alerts.standing import Standing
from streams.instrument import Pair
from streams.snapshot import FeedStatus, Reading


class Reloaded(msgspec.Struct, frozen=True):
    """What became of the last reload, at `at` (ns): its faults, or what takes a restart."""

    at: int
    ok: bool
    sentence: str
    lines: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True):
    """What was done, in a sentence; `id` of what was made, `lines` where there is more to say."""

    said: str
    id: str = ""
    lines: tuple[str, ...] = ()


class Alerts(msgspec.Struct, frozen=True):
    """What fires at `now` (ns), most severe first."""

    now: int
    alerts: tuple[Standing, ...]


class Silences(msgspec.Struct, frozen=True):
    """What is silenced at `now` (ns)."""

    now: int
    silences: tuple[Silence, ...]


class Why(msgspec.Struct, frozen=True):
    """All that there is to know of an incident."""

    lines: tuple[str, ...]


class Status(msgspec.Struct, frozen=True):
    """The daemon at one instant. Instants are ns UTC; `core` is 0 before the first evaluation."""

    instance: str
    version: str
    now: int
    started: int
    core: int
    pairs: tuple[Pair, ...]
    sessions: Mapping[str, str]
    """Instrument → regular, extended or closed."""
    readings: Mapping[str, Reading]
    """By the call's text: `corr(ETH,IWM,1h)`."""
    feeds: tuple[FeedStatus, ...]
    rules: tuple[Standing, ...]
    lanes: Mapping[str, Counts]
    """What became of each sink's alerts."""
    troubles: tuple[str, ...]
    """What is not ready, a sentence each."""
    reload: Reloaded | None = None
    """None before the first."""


class RuleEntry(msgspec.Struct, frozen=True):
    """One rule over one pair, as its file says it, and how it stands; durations in seconds."""

    id: str
    title: str
    pair: str
    when: str
    clear: str | None
    hold: float
    clear_hold: float
    session: str | None
    severity: str
    notify: tuple[str, ...]
    labels: Mapping[str, str]
    source: str
    standing: Standing
