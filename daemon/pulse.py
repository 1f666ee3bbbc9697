"""How the daemon stands, told to the service manager: readiness, progress, a line of status."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from alerts.context import correlation_text
from alerts.standing import Standing
from alerts.transition import State
from daemon.sdnotify import ServiceManager
from daemon.watch import Watch
from streams.instrument import Pair
from streams.metric import Call
from streams.snapshot import Snapshot
from streams.tick import FeedState

HOUR = 3600.0

_EVERY = 10.0
"""Seconds between two looks, where no watchdog asks for more."""


async def pulse(watch: Watch, pairs: Sequence[Pair], manager: ServiceManager) -> None:
    """Tell that all is ready, then feed the watchdog while core time advances, until cancelled.

    Core time advances by beats even while no feed does: it stands still only where the core does.
    """
    every = min(_EVERY, manager.watchdog / 3) if manager.watchdog else _EVERY
    manager.ready()
    core = -1
    while True:
        if watch.market.core > core:
            core = watch.market.core
            manager.alive()
        if watch.snapshot is not None:
            manager.status(status_line(pairs, watch.snapshot, watch.engine.standings()))
        await asyncio.sleep(every)


def status_line(pairs: Sequence[Pair], snapshot: Snapshot, standings: Sequence[Standing]) -> str:
    """`ETH–IWM correlation 1h .58 (.49 to .66) · NYSE regular · feeds 4 of 4 · 1 firing`."""
    parts = [_pair(pair, snapshot) for pair in pairs[:2]]
    live = [feed.state == FeedState.LIVE for feed in snapshot.feeds if feed.active]
    parts.append(f"feeds {sum(live)} of {len(live)} live")
    firing = [one.rule for one in standings if one.state in {State.FIRING, State.RECOVERING}]
    parts.append(f"firing: {', '.join(firing)}" if firing else "nothing fires")
    return " · ".join(parts)


def _pair(pair: Pair, snapshot: Snapshot) -> str:
    reading = snapshot.reading(Call("corr", (pair.x, pair.y), HOUR).key)
    session = snapshot.sessions.get(pair.y, "")
    return f"{pair.x}–{pair.y} correlation 1h {correlation_text(reading)} · {session}"
