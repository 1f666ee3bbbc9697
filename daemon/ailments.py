"""What can ail the daemon itself, from what its parts know anyway; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from alerts.ailment import Ailment, Key
from alerts.lane import Counts
from alerts.rule import Rule, Severity
from daemon.horizon import SOON, horizon
from daemon.reload import Reload
from daemon.room import Room
from streams.instrument import NS, Instrument
from streams.snapshot import FeedStatus, Snapshot
from streams.tick import FeedState

_LOST = frozenset({FeedState.CONNECTING, FeedState.STALE, FeedState.DOWN})
_FEED_PATIENCE = 120 * NS
_SINK_PATIENCE = 60 * NS
_CLOCK_PATIENCE = 60 * NS
_CLOCK_OFF = NS // 4
_SHOWN = 10
"""Faults in one alert."""
_VENUES = 2
"""How many must agree: one alone may itself be wrong, or far away."""


def feeds(snapshot: Snapshot, rules: Iterable[Rule]) -> Iterator[Ailment]:
    """Venues that give nothing of an open market.

    One that is not in use, and whose instruments all have another live feed, is for information
    only. Where an instrument has no live feed at all and a rule watches just that (`stale(ETH)`),
    it is the rule's to tell.
    """
    due = [feed for feed in snapshot.feeds if snapshot.sessions[feed.instrument] == "regular"]
    # Of several the first, which is the preferred one.
    live = {feed.instrument: feed.venue for feed in due[::-1] if feed.state == FeedState.LIVE}
    watched = _watched(rules)
    lost: dict[str, list[FeedStatus]] = {}
    for feed in due:
        if feed.state in _LOST:
            lost.setdefault(feed.venue, []).append(feed)
    for venue, of in lost.items():
        first = of[0]
        yield Ailment(
            "feed",
            venue,
            title=f"{venue} is {first.state}",
            message=f"{_because(first)}{' '.join(_instead(feed, live) for feed in of)}",
            hold=_FEED_PATIENCE,
            severity=Severity.WARNING if _needed(of, live) else Severity.INFO,
            covered=any(feed.instrument in watched and feed.instrument not in live for feed in of),
        )


def _needed(lost: Iterable[FeedStatus], live: Mapping[str, str]) -> bool:
    return any(feed.active or feed.instrument not in live for feed in lost)


def _watched(rules: Iterable[Rule]) -> set[str]:
    """Instruments whose prices' absence is a rule's, at any time of the day."""
    return {
        name
        for rule in rules
        if rule.session is None
        for call in rule.when.calls
        if call.metric == "stale"
        for name in call.instruments
    }


def _because(feed: FeedStatus) -> str:
    return f"{feed.reason[:1].upper()}{feed.reason[1:]}. " if feed.reason else ""


def _instead(feed: FeedStatus, live: Mapping[str, str]) -> str:
    other = live.get(feed.instrument)
    if other is None:
        return f"{feed.instrument} has no other live feed."
    return f"{feed.instrument} comes from {other}."


class Sinks:
    """Channels that do not deliver: remembers how far each had come."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}

    def look(self, lanes: Mapping[str, Counts]) -> Iterator[Ailment]:
        """Those whose attempts fail, and those on which alerts wait and none goes out."""
        for name, counts in lanes.items():
            done = counts.delivered + counts.failed + counts.uncertain + counts.dropped
            moved = done != self._done.get(name)
            self._done[name] = done
            if counts.failing or (counts.queued and not moved):
                yield Ailment(
                    "sink",
                    name,
                    title=f"{name} does not deliver",
                    message=_waiting(counts.queued),
                    hold=_SINK_PATIENCE,
                    lane=name,
                )


def _waiting(queued: int) -> str:
    if not queued:
        return "The last attempt failed; the log says why."
    what = "1 alert waits and is" if queued == 1 else f"{queued} alerts wait and are"
    return f"{what} told there when it is back; the log says what it fails of."


def disks(rooms: Mapping[str, Room], known: frozenset[Key]) -> Iterator[Ailment]:
    """Disks nearly full, by folder; those `known` to be need more room to be well."""
    for folder, room in rooms.items():
        if room.short(was=("disk", folder) in known):
            yield Ailment(
                "disk",
                folder,
                title="The disk is nearly full",
                message=f"{room} at {folder}. Without room neither alerts nor recordings are kept.",
            )


def clock(lags: Sequence[int]) -> Iterator[Ailment]:
    """This machine's clock against the venues', by each one's shortest lag (ns) to our receipt.

    The shortest of many has little of the way in it, and what remains is the clocks'.
    """
    if len(lags) < _VENUES or abs(off := median(lags)) <= _CLOCK_OFF:
        return
    said = "ahead of" if off > 0 else "behind"
    way = " (or every feed is as late)" if off > 0 else ""
    yield Ailment(
        "clock",
        "",
        title="This machine's clock is off",
        message=f"It is {abs(off) / NS:.1f} s {said} the stamps of {len(lags)} venues{way}: who "
        "moved first cannot be told. See to its time synchronisation.",
        hold=_CLOCK_PATIENCE,
    )


def calendars(instruments: Iterable[Instrument], now: int) -> Iterator[Ailment]:
    """The table of holidays, a month before it ends."""
    found = horizon(instruments, now)
    if found is None or found[2] >= SOON:
        return
    name, last, _ = found
    yield Ailment(
        "calendar",
        name,
        title=f"The calendar of {name} runs out",
        message=f"Holidays are known until {last}; after it they count as trading days. Install a "
        "newer comove.",
    )


def store(path: str, *, faulty: bool) -> Iterator[Ailment]:
    """The state file that cannot be written."""
    if faulty:
        yield Ailment(
            "store",
            path,
            title="The state file cannot be written",
            message=f"{path}: alerts are delivered from memory, and would not survive an end of "
            "comove. The log says why.",
        )


def reload(last: Reload | None) -> Iterator[Ailment]:
    """Files that were refused, until some are taken over; told at each refusal."""
    if last is None or last.ok:
        return
    left = len(last.lines) - _SHOWN
    more = [f"… and {left} more"] if left > 0 else []
    yield Ailment(
        "reload",
        "",
        title="A reload was refused: the running rules stay",
        message="\n".join([*last.lines[:_SHOWN], *more]),
        calm=0,
        news=last.at,
        over="The files are taken over.",
    )
