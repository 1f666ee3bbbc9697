"""A session under way: what a report will say of it, a look a minute."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from alerts.report.account import Bond, Episode, Estimate, Extreme, FirstMover, Move, Slow
from alerts.report.calls import Calls
from alerts.transition import State, Transition
from streams.instrument import NS, Pair
from streams.snapshot import Reading, Snapshot

MINUTE = 60 * NS
_HOUR = 60 * MINUTE
_APART = 5


class Tally(msgspec.Struct):
    """What has been seen since the close before; the session is from `start` to `end` (ns).

    Plain values through and through, so that it can be saved and go on.
    """

    start: int = 0
    """0 until the session begins."""
    end: int = 0
    seen: int = 0
    minute: int = -1
    minutes: int = 0
    hours: int = 0
    """Full hours of the session that were asked who moved first in them."""
    corr: Estimate = Estimate()
    closes: Estimate = Estimate()
    lead: Estimate = Estimate()
    share: str = ""
    moves: dict[str, Move] = {}
    returns: dict[str, float] = {}
    """As the market tells them since about the close before."""
    volatility: dict[str, float] = {}
    firsts: list[FirstMover] = []
    no_first: str = ""
    lowest: Extreme | None = None
    highest: Extreme | None = None
    episodes: dict[str, Episode] = {}
    bond: Bond = Bond()
    regimes: dict[str, int] = {}
    alerts: dict[str, str] = {}
    """Incidents told, and their rules."""
    slow: dict[str, Slow] = {}


def note(tally: Tally, transition: Transition) -> None:
    """Take a change of state. Reminders, and edits where somebody took note, are no new alerts."""
    incident = transition.incident
    if not incident:
        return
    if transition.state is State.FIRING and not transition.repeat:
        if transition.notify and not transition.acknowledged:
            tally.alerts.setdefault(incident, transition.rule)
        value = _divergence(transition)
        if value is not None and incident not in tally.episodes:
            tally.episodes[incident] = Episode(transition.rule, transition.ts, value)
    elif transition.state is State.RESOLVED and incident in tally.episodes:
        tally.episodes[incident] = replace(tally.episodes[incident], ended=transition.ts)


def _divergence(transition: Transition) -> float | None:
    """The divergence that a rule fires by, if it does by one."""
    for key, value in transition.values.items():
        if key.startswith("divergence(") and value is not None:
            return float(value)
    return None


def count(tally: Tally, calls: Calls, pair: Pair, snapshot: Snapshot) -> None:
    """Take the snapshot of another minute: what is added up over the session.

    Of looks up to `_APART` minutes apart (rules may be looked at as seldom) each stands for all
    minutes since the one before.
    """
    minute = snapshot.ts // MINUTE
    apart, tally.minute = minute - tally.minute, minute
    stands_for = apart if apart <= _APART else 1
    prices = (_price(tally, snapshot, name, calls) for name in (pair.x, pair.y))
    if any(price is None for price in prices):
        return
    tally.minutes += stands_for
    tally.seen = tally.seen or snapshot.ts
    for regime in calls.regimes:
        if snapshot.reading(regime.key).value:
            tally.regimes[regime.metric] = tally.regimes.get(regime.metric, 0) + stands_for
    _extremes(tally, snapshot.ts, _value(snapshot, calls.gap.key))
    hours = (snapshot.ts - tally.start) // _HOUR
    if hours > tally.hours:
        tally.hours = hours
        _first(tally, calls, snapshot)
    if tally.bond.apart:
        tally.bond = replace(tally.bond, minutes=tally.bond.minutes + stands_for)


def _extremes(tally: Tally, ts: int, gap: float | None) -> None:
    if gap is None:
        return
    if tally.lowest is None or gap < tally.lowest.value:
        tally.lowest = Extreme(ts, gap)
    if tally.highest is None or gap > tally.highest.value:
        tally.highest = Extreme(ts, gap)


def _first(tally: Tally, calls: Calls, snapshot: Snapshot) -> None:
    found, move = snapshot.reading(calls.first.key), _value(snapshot, calls.y_move.key)
    if found.value is None:
        tally.no_first = found.reason
    elif move is not None:
        tally.firsts.append(FirstMover(snapshot.ts, float(found.value), move))


def look(tally: Tally, calls: Calls, pair: Pair, snapshot: Snapshot) -> None:
    """Take what is told as it stood last."""
    tally.corr = _known(tally.corr, snapshot.reading(calls.corr.key))
    tally.lead = Estimate.of(snapshot.reading(calls.lead.key))
    tally.share = snapshot.reading(calls.session_gap.key).note or tally.share
    for name in calls.prices:
        _move(tally, name, _price(tally, snapshot, name, calls), snapshot)
        _note_value(tally.returns, name, _value(snapshot, calls.since_close[name].key))
        _note_value(tally.volatility, name, _value(snapshot, calls.volatility[name].key))
    _bond(tally, pair, snapshot)
    for call in calls.slow:
        reading = snapshot.reading(call.key)
        if reading.value is not None:
            tally.slow[call.metric] = Slow(call.metric, float(reading.value), note=reading.note)


def _price(tally: Tally, snapshot: Snapshot, name: str, calls: Calls) -> float | None:
    """Of this session: at the open the last of the one before is still fresh."""
    age = next((f.age for f in snapshot.feeds if f.instrument == name and f.active), None)
    if age is not None and snapshot.ts - round(age * NS) < tally.start:
        return None
    return _value(snapshot, calls.prices[name].key)


def _known(before: Estimate, reading: Reading) -> Estimate:
    """What was known stands where a feed falls silent, say, before the close."""
    return before if reading.value is None and before.value is not None else Estimate.of(reading)


def _note_value(values: dict[str, float], name: str, value: float | None) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _move(tally: Tally, name: str, price: float | None, snapshot: Snapshot) -> None:
    """Prices of another venue begin anew: none of one is held against one of another."""
    if price is None:
        return
    venue = next((f.venue for f in snapshot.feeds if f.instrument == name and f.active), "")
    move = tally.moves.get(name)
    if move is None or move.venue != venue:
        move = Move(name, venue, first=price)
    tally.moves[name] = replace(move, last=price, ts=snapshot.ts)


def _bond(tally: Tally, pair: Pair, snapshot: Snapshot) -> None:
    """What the first of the pair's detectors says, in the order of their budgets."""
    names = f"breakdown({pair.x},{pair.y},"
    key = min((key for key in snapshot.readings if key.startswith(names)), default="")
    reading, before = snapshot.reading(key), tally.bond
    if not key:
        tally.bond = Bond(minutes=before.minutes)
    elif reading.value is None:
        tally.bond = replace(before, apart=None, reason=reading.reason)
    elif not reading.value:
        tally.bond = Bond(apart=False, reason="", minutes=before.minutes)
    else:
        since = snapshot.ts if before.since is None else before.since
        tally.bond = Bond(apart=True, reason="", since=since, minutes=before.minutes)


def _value(snapshot: Snapshot, key: str) -> float | None:
    value = snapshot.reading(key).value
    return None if value is None else float(value)
