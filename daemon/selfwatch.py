"""The daemon's watch over itself: what ails it is told as alerts, once, and once when it is over.

Rules `comove/feed`, `comove/sink`, `comove/disk`, `comove/clock`, `comove/calendar` and
`comove/store`, of no pair. A sick channel's trouble is told by the others, as soon as one of them
delivers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

import msgspec

from alerts.lane import Counts
from alerts.rule import Severity
from alerts.transition import State, Transition
from daemon import ailments
from daemon.ailments import Ailment, Key
from daemon.room import Room, room
from daemon.web.sources import Sources
from streams.feeds.registry import VENUES
from streams.instrument import NS

_EVERY = 5.0
_SELDOM = 60.0
"""Seconds between two looks at disks and clocks."""
_CALM = 60 * NS
"""How long a trouble must be away to be over."""
_PAIR = "comove"


class _Case:
    """A trouble under way; `told` is the alert that told of it."""

    __slots__ = ("ailment", "away", "since", "told")

    def __init__(self, ailment: Ailment, since: int) -> None:
        self.ailment = ailment
        self.since = since
        self.away: int | None = None
        self.told: Transition | None = None


class Cases:
    """The life of troubles: `tell` takes what is decided, `lanes` says how the channels stand."""

    def __init__(
        self,
        *,
        tell: Callable[[Transition], None],
        lanes: Callable[[], Mapping[str, Counts]],
    ) -> None:
        self._tell = tell
        self._lanes = lanes
        self._cases: dict[Key, _Case] = {}

    @property
    def told(self) -> frozenset[Key]:
        """Of which somebody knows."""
        return frozenset(key for key, case in self._cases.items() if case.told is not None)

    def look(self, found: Mapping[Key, Ailment], now: int) -> None:
        """All that ails at `now` (ns): tell what is new and lasts, and what is over."""
        for key, ailment in found.items():
            case = self._cases.setdefault(key, _Case(ailment, now))
            case.ailment, case.away = ailment, None
            if case.told is None:
                if ailment.covered:
                    case.since = now
                elif now - case.since >= ailment.hold:
                    self._fire(case, now)
        for key in self._cases.keys() - found.keys():
            self._end(key, now)

    def _end(self, key: Key, now: int) -> None:
        case = self._cases[key]
        case.away = now if case.away is None else case.away
        if case.told is None:
            del self._cases[key]
        elif now - case.away >= _CALM:
            del self._cases[key]
            self._tell(
                msgspec.structs.replace(
                    case.told, ts=now, state=State.RESOLVED, message="It is over."
                )
            )

    def _fire(self, case: _Case, now: int) -> None:
        notify = self._told_by(case.ailment)
        if not notify:
            return
        kind, subject = case.ailment.key
        rule = f"comove/{kind}"
        case.told = Transition(
            ts=now,
            rule=rule,
            pair=_PAIR,
            state=State.FIRING,
            severity=Severity.WARNING,
            incident=f"{rule}/{subject or _PAIR}/{now // NS}",
            title=case.ailment.title,
            message=case.ailment.message,
            values={},
            since=case.since,
            notify=notify,
        )
        self._tell(case.told)

    def _told_by(self, ailment: Ailment) -> tuple[str, ...]:
        lanes = self._lanes()
        if not ailment.lane:
            return tuple(lanes)
        well = (name for name, counts in lanes.items() if not counts.failing)
        return tuple(name for name in well if name != ailment.lane)


class SelfWatch:
    """Looks at a running daemon again and again."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._app = sources.app
        self._cases = Cases(tell=sources.app.outbox.submit, lanes=self._lanes)
        self._sinks = ailments.Sinks()
        self._rooms: dict[str, Room] = {}
        self._asked: asyncio.Future[dict[str, Room]] | None = None
        self._lags: list[int] = []

    def _lanes(self) -> Mapping[str, Counts]:
        return self._app.outbox.counts

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if loop.time() >= due:
                due = loop.time() + _SELDOM
                self._measure(loop)
                self._lags = list(self._shortest())
            self.look()
            await asyncio.sleep(_EVERY)

    def look(self) -> None:
        """Once."""
        self._cases.look({each.key: each for each in self._found()}, self._app.clock.now())

    def _found(self) -> Iterator[Ailment]:
        sources, snapshot = self._sources, self._app.watch.snapshot
        config = sources.config
        return chain(
            ailments.feeds(snapshot, config.rules) if snapshot is not None else (),
            self._sinks.look(self._lanes()),
            ailments.disks(self._rooms, self._cases.told),
            ailments.clock(self._lags),
            ailments.calendars(config.instruments, self._app.clock.now()),
            ailments.store(str(config.state), faulty=sources.faulty),
        )

    def _measure(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ask the disks in a thread; one that stalls keeps that thread and nothing else."""
        if self._asked is None or self._asked.done():
            self._asked = loop.run_in_executor(None, _rooms, self._folders())
            self._asked.add_done_callback(self._measured)

    def _measured(self, asked: asyncio.Future[dict[str, Room]]) -> None:
        if not asked.cancelled():
            self._rooms = asked.result()

    def _folders(self) -> list[Path]:
        config = self._sources.config
        if self._sources.store is None:
            return []
        return [config.state.parent, *([config.record.folder] if config.record else [])]

    def _shortest(self) -> Iterator[int]:
        """Each venue's shortest lag since it was asked last; polls have none of their own."""
        for feed in self._app.feeds:
            lag = feed.shortest_lag()
            if lag is not None and not VENUES[feed.name].polled:
                yield lag


def _rooms(folders: list[Path]) -> dict[str, Room]:
    """Those that can be asked."""
    found = {}
    for folder in folders:
        with suppress(OSError):
            found[str(folder)] = room(folder)
    return found
