"""What the page is told: words, and how each is to look."""

from __future__ import annotations

from typing import Literal

import msgspec

from alerts.rule import Severity

Tone = Literal["good", "warn", "bad", "idle"]
"""How something is to look: fine, worth a look, alarming, at rest."""


class Scale(msgspec.Struct, frozen=True):
    """Where a value and its interval stand between the ends of their scale, -1 to 1."""

    at: float
    low: float | None = None
    high: float | None = None


class Figure(msgspec.Struct, frozen=True):
    """A value in words: `detail` is its interval, its note, or why there is none."""

    name: str
    value: str
    detail: str = ""
    tone: Tone = "idle"
    n: str = ""
    scale: Scale | None = None


class Picture(msgspec.Struct, frozen=True):
    """A drawing, and in words what it shows."""

    name: str
    """Its path, before the pair's."""
    title: str
    words: tuple[str, ...]
    """The figures, or why there is no picture."""
    alt: str
    edition: int | None
    """Rises when there is something new to draw; None where there is no picture."""
    wide: tuple[int, int]
    """Pixels, and those on a telephone."""
    narrow: tuple[int, int]


class LinkPanel(msgspec.Struct, frozen=True):
    """One pair."""

    id: str
    name: str
    correlation: Figure
    facts: tuple[Figure, ...]
    correlations: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    """The large one first."""


class Verdict(msgspec.Struct, frozen=True):
    """All of it in one sentence."""

    tone: Tone
    text: str


class Market(msgspec.Struct, frozen=True):
    """A market's clock, and which instruments go by it."""

    instruments: str
    text: str


class Alert(msgspec.Struct, frozen=True):
    """One that fires.

    `message` is what its rule would say now, `remarks` what mutes it and who took note, `why` all
    there is to know.
    """

    incident: str
    title: str
    rule: str
    pair: str
    severity: Severity
    state: str
    message: str
    remarks: str
    acknowledged: bool
    why: tuple[str, ...]


class RuleRow(msgspec.Struct, frozen=True):
    """How one rule stands, and why nothing can be said of it or what mutes it."""

    rule: str
    pair: str
    title: str
    tone: Tone
    state: str
    why: str


class FeedRow(msgspec.Struct, frozen=True):
    """One feed of one instrument."""

    instrument: str
    venue: str
    used: bool
    tone: Tone
    state: str
    age: str
    reason: str


class SinkRow(msgspec.Struct, frozen=True):
    """One sink, what waits for it and what became of the rest."""

    name: str
    tone: Tone
    state: str
    waiting: int
    delivered: int
    losses: str


class SilenceRow(msgspec.Struct, frozen=True):
    """One silence made on the spot."""

    id: str
    what: str
    until: str
    who: str
    why: str


class ReloadLine(msgspec.Struct, frozen=True):
    """What became of the last reload."""

    tone: Tone
    text: str
    lines: tuple[str, ...]


class PageState(msgspec.Struct, frozen=True):
    """The page at one instant; `commands` is how one may command there."""

    title: str
    instance: str
    verdict: Verdict
    now: str
    markets: tuple[Market, ...]
    troubles: tuple[str, ...]
    alerts: tuple[Alert, ...]
    links: tuple[LinkPanel, ...]
    context: tuple[Figure, ...]
    """The slow series that are watched."""
    rules: tuple[RuleRow, ...]
    feeds: tuple[FeedRow, ...]
    sinks: tuple[SinkRow, ...]
    silences: tuple[SilenceRow, ...]
    reload: ReloadLine | None
    about: str
    commands: Literal["token", "none"]
    assets: str
    """Which edition of the page this goes with."""
