"""How long each rule could not be decided, and what was missing then."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from alerts.context import rule_calls
from alerts.hours import ALWAYS
from alerts.rule import Rule
from streams.snapshot import Snapshot

_CLOSED = "closed"
_TOLD = 0.05
"""Share of the time below which it is not worth a word."""


class Unknown(msgspec.Struct, frozen=True):
    """Rules that were undecided for the same `share` of the time, mostly for the same reason."""

    rules: tuple[str, ...]
    share: float
    reason: str
    """`corr(ETH,IWM,20d): warming up 19/20 closes`, as it was last."""

    @property
    def text(self) -> str:
        """`Unknown for 62 % of the time: decoupling (corr(ETH,IWM,20d): warming up …)`."""
        long = "all of" if self.share > 0.995 else f"{self.share:.0%} of"
        return f"Unknown for {long} the time: {', '.join(self.rules)} ({self.reason})"


class _Tally:
    """One rule's looks, and those without a decision by what they lacked."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.looks = 0
        self.lacked: Counter[str] = Counter()
        self._calls = rule_calls(rule)
        self._last: dict[str, str] = {}

    def look(self, snapshot: Snapshot, before: Snapshot | None) -> None:
        """Count it, where something is to be expected: not of a market that is closed."""
        lack = self._lack(snapshot)
        if lack is None or self.rule.when.evaluate(snapshot, before) is not None:
            self.looks += 1
        elif not lack.endswith(f": {_CLOSED}"):
            self.looks += 1
            kind = re.sub(r"\d[\d.,/]*", "#", lack)
            self.lacked[kind] += 1
            self._last[kind] = lack

    def _lack(self, snapshot: Snapshot) -> str | None:
        for call in self._calls:
            reading = snapshot.readings.get(call.key)
            if reading is not None and reading.value is None:
                return f"{call.key}: {reading.reason}"
        return None

    def found(self) -> tuple[float, str] | None:
        """The share of the time, and the usual reason; None where that is little."""
        undecided = self.lacked.total()
        if not undecided or undecided < _TOLD * self.looks:
            return None
        ((kind, _),) = self.lacked.most_common(1)
        return undecided / self.looks, self._last[kind]


class Unknowns:
    """Looks at rules beside the engine, in their own hours."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._tallies = [_Tally(rule) for rule in rules]
        self._before: Snapshot | None = None

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Take the readings."""
        for tally in self._tallies:
            if _in_hours(tally.rule, snapshot):
                tally.look(snapshot, self._before)
        self._before = snapshot

    def found(self) -> Iterator[Unknown]:
        """Rules that were unknown for more than a little, those of one reason together."""
        groups: dict[tuple[int, str], list[_Tally]] = {}
        for tally in self._tallies:
            if (seen := tally.found()) is not None:
                groups.setdefault((round(100 * seen[0]), seen[1]), []).append(tally)
        for (percent, reason), tallies in groups.items():
            names = dict.fromkeys(tally.rule.id for tally in tallies)
            yield Unknown(tuple(names), percent / 100, reason)


def _in_hours(rule: Rule, snapshot: Snapshot) -> bool:
    if rule.session in {None, ALWAYS}:
        return True
    kinds = {snapshot.sessions.get(name, "regular") for name in (rule.pair.x, rule.pair.y)}
    now_is = next((kind for kind in (_CLOSED, "extended") if kind in kinds), "regular")
    return rule.session == now_is
