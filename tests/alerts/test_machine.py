"""Engine and plain model side by side, through whatever markets and people do."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts.engine import Engine
from alerts.incident import Snooze
from alerts.rule import Flapping, Severity
from alerts.silence import Matcher, Silence
from alerts.transition import State, Transition
from streams.instrument import NS
from tests.alerts import rules
from tests.alerts.plain import Plain, PlainRule, Said
from tests.alerts.rules import HIGH, LOW, PAIR, UNCLEAR

FIGURES = {"feed": "a", "slow": "b", "sharp": "eth", "slight": "eth"}
"""What each rule goes by."""


def engine() -> Engine:
    """All of ETH-IWM: `sharp` and `slight` go by one figure, `feed` and `slow` by others."""
    slow = rules.rule("slow", hold=2, clear=True, clear_hold=2, repeat=4, inhibited_by=["feed"])
    sharp = rules.rule(
        "sharp", hold=1, session="regular", severity=Severity.CRITICAL, flapping=Flapping(3, 9 * NS)
    )
    slight = rules.rule("slight", severity=Severity.INFO, repeat=3, clear_hold=1, clear=True)
    feed = rules.rule("feed", hold=1)
    return Engine([rules.over(feed, "a"), rules.over(slow, "b"), sharp, slight])


def plain() -> Plain:
    return Plain(
        [
            PlainRule("feed", "a", hold=1),
            PlainRule("slow", "b", hold=2, clear=True, clear_hold=2, repeat=4, inhibited_by="feed"),
            PlainRule("sharp", "eth", severity="critical", hold=1, regular=True, flaps=(3, 9)),
            PlainRule("slight", "eth", severity="info", repeat=3, clear_hold=1, clear=True),
        ]
    )


class Market(msgspec.Struct, frozen=True):
    eth: float | None = HIGH
    a: float | None = HIGH
    b: float | None = HIGH
    open_: bool = True


values = st.sampled_from([LOW, LOW, HIGH, UNCLEAR, None])
markets = st.builds(Market, values, values, values, st.sampled_from([True, True, True, False]))
names = st.sampled_from(sorted(FIGURES))


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = engine()
        self.plain = plain()
        self.market = Market()
        self.now = 1000
        self.made = 0
        self.firings: Counter[str] = Counter()
        """Of each incident, how often its firing was told, not counting reminders."""
        self.ends: Counter[str] = Counter()

    @rule(given=markets, seconds=st.integers(1, 4))
    def turn(self, given: Market, seconds: int) -> None:
        self.market = given
        self.go_on(seconds)

    @rule(name=names, figure=st.sampled_from([LOW, HIGH, None]), seconds=st.integers(1, 4))
    def move(self, name: str, figure: float | None, seconds: int) -> None:
        self.market = msgspec.structs.replace(self.market, **{FIGURES[name]: figure})
        self.go_on(seconds)

    @rule(name=names, lows=st.lists(st.integers(1, 3), min_size=2, max_size=5))
    def flicker(self, name: str, lows: list[int]) -> None:
        for low in lows:
            self.move(name, LOW, low)
            self.move(name, HIGH, 1)

    @rule(seconds=st.integers(1, 9))
    def go_on(self, seconds: int) -> None:
        of = self.market
        for _ in range(seconds):
            self.now += 1
            session = "regular" if of.open_ else "closed"
            given = rules.snapshot(self.now, of.eth, session, a=of.a, b=of.b)
            found = self.engine.update(given, self.now * NS)
            figures = {"eth": of.eth, "a": of.a, "b": of.b}
            assert [_said(t) for t in found] == self.plain.second(self.now, figures, open_=of.open_)
            self._note(found)
            for t in found:
                assert figures[FIGURES[t.rule]] is not None, "nothing is decided on unknown"

    def _note(self, found: list[Transition]) -> None:
        for t in found:
            if t.state is State.FIRING and t.notify and not t.repeat:
                self.firings[t.incident] += 1
            if t.state is State.RESOLVED:
                self.ends[t.incident] += bool(t.notify)
                assert self.ends[t.incident] == self.firings[t.incident]

    @rule(name=names)
    def acknowledge(self, name: str) -> None:
        incident = self._incident(name)
        noted = self.engine.acknowledge(incident, "ann", self.now * NS + 1)
        mine = self._plain(name).incident
        assert (noted is None) == (mine is None)
        if noted is not None and mine is not None:
            assert bool(noted.notify) == mine.told
            mine.acknowledged, mine.snoozed = True, None

    @rule(name=names, seconds=st.integers(1, 12))
    def snooze(self, name: str, seconds: int) -> None:
        until = self.now + seconds
        done = self.engine.snooze(self._incident(name), Snooze(until * NS, "bob", self.now * NS))
        mine = self._plain(name).incident
        assert done == (mine is not None)
        if mine is not None:
            mine.acknowledged, mine.snoozed = False, until

    @rule(of=st.sets(names, min_size=1), seconds=st.integers(1, 15))
    def silence(self, of: set[str], seconds: int) -> None:
        self.made += 1
        until = self.now + seconds
        matcher = Matcher(rules=tuple(of))
        self.engine.silence(Silence(f"s{self.made}", matcher, until * NS, "ann"))
        self.plain.silences[f"s{self.made}"] = (of, until)

    @precondition(lambda self: self.plain.silences)
    @rule(data=st.data())
    def unsilence(self, data: st.DataObject) -> None:
        ended = data.draw(st.sampled_from(sorted(self.plain.silences)))
        _, until = self.plain.silences.pop(ended)
        assert (self.engine.unsilence(ended) is not None) == (until > self.now)

    @rule()
    def restart(self) -> None:
        after = engine()
        assert after.restore(self.engine.lives(), self.engine.silences) == []
        assert after.lives() == self.engine.lives()
        self.engine = after
        self.plain.restart()

    @rule()
    def reload(self) -> None:
        assert self.engine.swap(self.engine.rules, ()) == []
        self.plain.restart()

    @invariant()
    def both_stand_alike(self) -> None:
        stood = [(s.rule, str(s.state), s.incident != "") for s in self.engine.standings()]
        assert stood == [(r.name, r.state, r.incident is not None) for r in self.plain.rules]

    @invariant()
    def a_firing_is_told_once(self) -> None:
        assert all(count == 1 for count in self.firings.values())

    def _plain(self, name: str) -> PlainRule:
        return next(each for each in self.plain.rules if each.name == name)

    def _incident(self, name: str) -> str:
        standing = next(s for s in self.engine.standings() if s.rule == name)
        return standing.incident or "none"


def _said(transition: Transition) -> Said:
    assert transition.pair == PAIR.name
    return Said(
        transition.rule,
        str(transition.state),
        told=bool(transition.notify),
        again=transition.repeat,
        group=transition.group.partition("/")[0],
    )


Machine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
test_whatever_happens_the_engine_does_what_a_plain_model_does = Machine.TestCase
