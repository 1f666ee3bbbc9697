"""What happened at which moment: who moved first, divergences, a broken link, events."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.moment import elapsed
from alerts.report.account import Account, Bond, Episode, FirstMover
from alerts.report.words import at, day_and_clock, percent, sigma
from streams.instrument import NS
from streams.schedule import Event

_AHEAD = 7 * 86_400 * NS
_NAMED = 4
"""Events and alerts that a line names."""
_ABOUT = 120.0
"""Seconds from which on minutes are told."""


def first(account: Account) -> str:
    """A description of hours, never a lead."""
    firsts = account.firsts
    if not firsts:
        why = account.no_first
        same = why.rpartition(": ")[2] == account.lead.reason.rpartition(": ")[2]
        return "" if same or not why else f"not told of any hour: {why}"
    x, y = account.x.name, account.y.name
    counts = {
        y: sum(each.seconds < 0 for each in firsts),
        x: sum(each.seconds > 0 for each in firsts),
        "together": sum(each.seconds == 0 for each in firsts),
    }
    hours = "the one hour" if len(firsts) == 1 else f"{len(firsts)} hours"
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    largest = max(firsts, key=lambda each: abs(each.move))
    return f"{told}, of {hours} in which both moved; {_largest(account, largest)}"


def _largest(account: Account, first: FirstMover) -> str:
    x, y = account.x.name, account.y.name
    about = f"largest to {at(first.ts, account)} ({y} {percent(first.move)}): "
    if first.seconds == 0:
        return f"{about}together"
    leader, by = (x if first.seconds > 0 else y), abs(first.seconds)
    return f"{about}{leader} by about {f'{by:.0f} s' if by < _ABOUT else f'{by / 60:.0f} min'}"


def divergence(account: Account) -> str:
    """How far it went, and the alerts on it."""
    low, high = account.lowest, account.highest
    if low is None or high is None:
        return ""
    ends = sorted((low, high), key=lambda each: each.ts)
    text = " and ".join(f"{sigma(each.value)} at {at(each.ts, account)}" for each in ends)
    return f"between {text}; {_episodes(account)}"


def _episodes(account: Account) -> str:
    episodes = account.episodes
    if not episodes:
        return "no alert"
    count = "1 alert" if len(episodes) == 1 else f"{len(episodes)} alerts"
    return f"{count}: {_named([_episode(each, account) for each in episodes])}"


def _episode(episode: Episode, account: Account) -> str:
    over = "not over at the close"
    if episode.ended is not None:
        over = f"over after {elapsed(episode.ended - episode.ts)}"
    return f"{at(episode.ts, account)} {sigma(episode.value)}, {over}"


def bond(account: Account) -> str:
    """Whether the link holds, and for how long it did not."""
    found = account.bond
    text = _apart(found)
    if not found.minutes:
        return text
    span = f"{found.minutes} min of the {_span(account)}"
    if found.apart is False:
        return f"restored; was broken for {span}"
    return f"{text}; {span}" if found.apart else f"{text}; was broken for {span}"


def _apart(bond: Bond) -> str:
    if bond.apart is None:
        return f"not watched: {bond.reason}"
    if not bond.apart:
        return "no break found"
    return "broken" if bond.since is None else f"broken since {day_and_clock(bond.since)}"


def _span(account: Account) -> str:
    return "week" if account.weekly else "session"


def known(events: Sequence[Event], account: Account) -> str:
    """Those of the span, and those ahead."""
    end = account.end
    past, ahead = _between(events, account.start, end), _between(events, end, end + _AHEAD)
    texts = [
        _named([f"{at(ts, account)} {text}" for ts, text in past]),
        _named([f"{day_and_clock(ts)} {text}" for ts, text in ahead]),
    ]
    return "; ".join(
        f"{about}{text}" for about, text in zip(("", "next 7 days "), texts, strict=True) if text
    )


def _named(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    left = len(texts) - _NAMED
    return " · ".join([*texts[:_NAMED], *([f"{left} more"] if left > 0 else [])])


def _between(events: Sequence[Event], after: int, until: int) -> Sequence[tuple[int, str]]:
    return sorted(
        (ts, f"{event.title}{' (date tentative)' if ts in event.tentative else ''}")
        for event in events
        for ts in event.instants
        if after < ts <= until
    )
