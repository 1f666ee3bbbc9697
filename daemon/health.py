"""Whether the daemon lives, and whether it can do its work; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.lane import Counts
from streams.instrument import NS
from streams.snapshot import FeedStatus, Snapshot
from streams.tick import FeedState

PATIENCE = 10 * NS
"""How long core time may stand still."""


def alive(core: int, *, now: int, started: int, step: int) -> bool:
    """Whether evaluation goes on: core time follows the clock. All in ns.

    Beats carry it along even while no feed speaks; before the first, `started` stands for it.
    """
    return abs(now - (core or started)) < max(PATIENCE, 2 * step)


def troubles(
    snapshot: Snapshot | None, lanes: Mapping[str, Counts], *, faulty: bool
) -> Iterator[str]:
    """What is not ready, a sentence each: feeds of open markets, sinks, the state file."""
    if snapshot is None:
        yield "nothing was evaluated yet"
    else:
        for instrument, session in snapshot.sessions.items():
            if session == "regular":
                feeds = [feed for feed in snapshot.feeds if feed.instrument == instrument]
                yield from _without_feed(instrument, feeds)
    for name, counts in lanes.items():
        if counts.failing:
            yield f"{name} does not deliver, {counts.queued} alerts wait"
    if faulty:
        yield "the state file cannot be written: what is decided now would not survive a restart"


def _without_feed(instrument: str, feeds: list[FeedStatus]) -> Iterator[str]:
    used = next((feed for feed in feeds if feed.active), None)
    if used is None or used.state != FeedState.LIVE:
        said = "; ".join(f"{feed.venue} {feed.state}{_why(feed)}" for feed in feeds)
        yield f"{instrument} has no live feed ({said})"


def _why(feed: FeedStatus) -> str:
    return f": {feed.reason}" if feed.reason else ""
