"""One pair's sessions: the one under way, and those of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import median

import msgspec
from msgspec.structs import replace

from alerts.report.account import Account, Estimate, Move, Slow
from alerts.report.calls import calls_of
from alerts.report.hours import closing, session_at, sessions_a_year, week_of
from alerts.report.tally import MINUTE, Tally, count, look, note
from alerts.transition import Transition
from streams.closes import last_close
from streams.instrument import Pair
from streams.sessions import Calendar
from streams.snapshot import Snapshot

KEPT = 25
USUAL = 20
"""Sessions of which the usual is made, at most."""
_FEWEST = 3
_OLD = 15 * MINUTE
"""A price so much older than the close is not that of the close."""
_ABOUT = 2 * MINUTE
_DAY = 1440 * MINUTE


class Pages(msgspec.Struct):
    """What a diary holds, to be saved: oldest session first."""

    tally: Tally
    sessions: list[Account] = []


class Diary:
    """Takes what comes; answers with the account of a session when it is over.

    `calendars` are by instrument.
    """

    def __init__(self, pair: Pair, calendars: Mapping[str, Calendar]) -> None:
        self.pair = pair
        self.hours = closing(pair, calendars)
        self.calls = calls_of(pair, calendars)
        self.pages = Pages(Tally())
        self._calendars = calendars
        self._last: Snapshot | None = None
        """The newest of the session."""

    def note(self, transition: Transition) -> None:
        """Take a change of state, before the snapshot that it came of."""
        if transition.pair == self.pair.name:
            note(self.pages.tally, transition)

    def look(self, snapshot: Snapshot) -> Account | None:
        """Take a snapshot; the first one at or after the close brings the account."""
        tally, account = self.pages.tally, None
        if tally.end and snapshot.ts >= tally.end:
            account = self._closed(tally, snapshot)
            tally = self.pages.tally = Tally(bond=replace(tally.bond, minutes=0))
            self._last = None
        if not tally.end:
            session = session_at(self.hours, snapshot.ts)
            if session is None:
                return account
            tally.start, tally.end = session
            tally.minute = tally.start // MINUTE
            look(tally, self.calls, self.pair, snapshot)
        self._last = snapshot
        if snapshot.ts // MINUTE > tally.minute:
            look(tally, self.calls, self.pair, snapshot)
            count(tally, self.calls, self.pair, snapshot)
        return account

    def of_week(self, end: int) -> Sequence[Account]:
        """The sessions up to `end` in its week, oldest first."""
        week = week_of(self.hours, end)
        return [each for each in self.pages.sessions if week_of(self.hours, each.end) == week]

    def _closed(self, tally: Tally, snapshot: Snapshot) -> Account | None:
        """None where nothing was seen, or where it is no news any more.

        Of all that is told only daily closes are known as late as now.
        """
        if self._last is not None:
            look(tally, self.calls, self.pair, self._last)
        found = snapshot.readings.get(self.calls.closes.key)
        if found is not None:
            tally.closes = Estimate.of(found)
        if not tally.minutes:
            return None
        account = self._account(tally)
        self.pages.sessions = [*self.pages.sessions, account][-KEPT:]
        return account if snapshot.ts - tally.end <= _DAY else None

    def _account(self, tally: Tally) -> Account:
        pair = self.pair
        moves = {name: self._moved(name, tally) for name in (pair.x, pair.y, *pair.controls)}
        return Account(
            x=moves[pair.x],
            y=moves[pair.y],
            controls=tuple(moves[name] for name in pair.controls),
            against=tuple(self._against()),
            start=tally.start,
            end=tally.end,
            seen=tally.seen,
            minutes=tally.minutes,
            due=(tally.end - tally.start) // MINUTE,
            corr=tally.corr,
            usual=usual(self.pages.sessions),
            closes=tally.closes,
            share=tally.share,
            lead=tally.lead,
            firsts=tuple(tally.firsts),
            no_first=tally.no_first,
            lowest=tally.lowest,
            highest=tally.highest,
            episodes=tuple(tally.episodes.values()),
            bond=tally.bond,
            regimes=dict(tally.regimes),
            alerts=_by_rule(tally.alerts.values()),
            slow=tuple(self._since(each) for each in tally.slow.values()),
        )

    def _before(self, end: int) -> Account | None:
        """The session just before the one that ends at `end`, if it was seen."""
        last = self.pages.sessions[-1] if self.pages.sessions else None
        return last if last is not None and last.end == last_close(self.hours, end - 1) else None

    def _moved(self, name: str, tally: Tally) -> Move:
        move = tally.moves.get(name, Move(name))
        yearly = tally.volatility.get(name)
        if yearly is not None:
            move = replace(move, usual=yearly / sqrt(sessions_a_year(self._calendars[name])))
        if tally.end - move.ts > _OLD:
            return replace(move, last=None)
        return replace(move, prior=self._prior(move, tally))

    def _prior(self, move: Move, tally: Tally) -> float | None:
        """The price at the close before: as it was seen then, or as the market's return has it."""
        before = self._before(tally.end)
        if before is not None:
            for seen in (before.x, before.y, *before.controls):
                if seen.name == move.name and seen.venue == move.venue and seen.last is not None:
                    return seen.last
        told = tally.returns.get(move.name)
        if told is None or move.last is None:
            return None
        over = tally.end - last_close(self.hours, tally.end - 1) - _DAY
        closes_itself = self._calendars[move.name].horizon_ns is not None
        return move.last / (1.0 + told) if closes_itself or abs(over) <= _ABOUT else None

    def _against(self) -> Iterable[tuple[str, str]]:
        """Each leg with the controls of its own hours, where the other leg has others."""
        hours, pair = self._calendars, self.pair
        if hours[pair.x].name == hours[pair.y].name:
            return
        for leg in (pair.y, pair.x):
            for control in pair.controls:
                if hours[control].name == hours[leg].name:
                    yield leg, control

    def _since(self, slow: Slow) -> Slow:
        last = self.pages.sessions[-1].slow if self.pages.sessions else ()
        return replace(slow, before=next((s.value for s in last if s.name == slow.name), None))


def usual(sessions: Sequence[Account]) -> Estimate:
    """What the correlation of a session was in the last ones."""
    values = [each.corr.value for each in sessions[-USUAL:] if each.corr.value is not None]
    if len(values) < _FEWEST:
        return Estimate(
            None, "1 session known" if len(values) == 1 else f"{len(values)} sessions known"
        )
    return Estimate(median(values), "", min(values), max(values), float(len(values)))


def _by_rule(rules: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for rule in rules:
        counts[rule] = counts.get(rule, 0) + 1
    return dict(sorted(counts.items()))
