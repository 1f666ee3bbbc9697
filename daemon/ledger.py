"""Notes alerts and prices down as they come, for the scorecard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log

import msgspec
import numpy as np

from alerts.rule import Rule
from alerts.transition import State, Transition
from daemon.scorecard import Alert, Minutes, Score, measure_of, score
from streams.instrument import NS, Instrument, Pair
from streams.metric import SLOW, Call
from streams.sessions import calendar
from streams.snapshot import Snapshot

_MINUTE = 60 * NS


def ledger_calls(pairs: Iterable[Pair]) -> tuple[Call, ...]:
    """What a Market must be asked for, so that alerts can be scored."""
    return tuple(call for pair in pairs for call in (*_price_calls(pair), _beta_call(pair)))


def _price_calls(pair: Pair) -> tuple[Call, Call]:
    return Call("price", (pair.x,)), Call("price", (pair.y,))


def _beta_call(pair: Pair) -> Call:
    return Call("beta", (pair.x, pair.y), SLOW)


class Ledger:
    """Notes alerts and prices down as they come; `scores` says what followed."""

    def __init__(self, rules: Sequence[Rule], instruments: Iterable[Instrument]) -> None:
        self._rules = [rule for rule in rules if measure_of(rule) is not None]
        self._known = {(rule.id, rule.pair.name): rule for rule in self._rules}
        self._hours = {i.name: calendar(i.calendar) for i in instruments}
        self._pairs = {rule.pair.name: _Trail(rule.pair) for rule in self._rules}
        self._alerts: dict[tuple[str, str], dict[str, Alert]] = {key: {} for key in self._known}
        self._last: Snapshot | None = None

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Take the prices."""
        self._last = snapshot
        for trail in self._pairs.values():
            trail.take(snapshot)

    def on_transition(self, transition: Transition) -> None:
        """Take an alert or its end, before the snapshot that it came of.

        A firing that nobody was told of (silenced, inhibited, flapping) is no alert.
        """
        key = transition.rule, transition.pair
        if key not in self._known or transition.repeat:
            return
        alerts = self._alerts[key]
        told = transition.state is State.FIRING and transition.notify
        if told and transition.incident not in alerts:
            alerts[transition.incident] = self._alert(self._known[key], transition)
        elif transition.state is State.RESOLVED and transition.incident in alerts:
            alerts[transition.incident] = msgspec.structs.replace(
                alerts[transition.incident], resolved=transition.ts
            )

    def _alert(self, rule: Rule, transition: Transition) -> Alert:
        call = next((c for c in rule.when.calls if c.metric == "divergence"), None)
        value = transition.values.get(call.key) if call else None
        beta = self._last.readings.get(_beta_call(rule.pair).key) if self._last else None
        return Alert(
            fired=transition.ts,
            resolved=None,
            session=self._session(rule.pair, transition.ts),
            beta=None if beta is None or beta.value is None else float(beta.value),
            sign=0 if value is None else 1 if value > 0 else -1,
            horizon=round((call.window or 0.0) * NS) if call else 0,
        )

    def _session(self, pair: Pair, ts: int) -> tuple[int, int]:
        """The regular hours of both; empty outside of them."""
        sessions = [self._hours[name].session(ts) for name in (pair.x, pair.y)]
        if any(session.kind != "regular" for session in sessions):
            return ts, ts
        return max(s.start_ns for s in sessions), min(s.end_ns for s in sessions)

    def alerts(self, rule: Rule) -> list[Alert]:
        """A rule's alerts so far."""
        return list(self._alerts.get((rule.id, rule.pair.name), {}).values())

    def minutes(self, pair: Pair) -> Minutes:
        """A pair's prices so far."""
        return self._pairs[pair.name].minutes()

    def scores(self) -> Iterator[Score]:
        """What followed the alerts of each rule, in the order of the rules."""
        for rule in self._rules:
            yield score(rule, self.alerts(rule), self.minutes(rule.pair))


class _Trail:
    """A pair's prices, a row a minute."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._keys = tuple(call.key for call in _price_calls(pair))
        self._rows: list[tuple[int, float, float]] = []
        self._minute = -1

    def take(self, snapshot: Snapshot) -> None:
        minute = snapshot.ts // _MINUTE
        if minute == self._minute or not self._regular(snapshot.sessions):
            return
        x, y = (snapshot.readings[key].value for key in self._keys)
        if x and y:
            self._minute = minute
            self._rows.append((snapshot.ts, log(x), log(y)))

    def _regular(self, sessions: Mapping[str, str]) -> bool:
        return all(sessions.get(name) == "regular" for name in (self._pair.x, self._pair.y))

    def minutes(self) -> Minutes:
        ts, x, y = zip(*self._rows, strict=True) if self._rows else ((), (), ())
        return Minutes(np.array(ts, np.int64), np.array(x, np.float64), np.array(y, np.float64))
