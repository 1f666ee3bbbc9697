"""What people ask and command, and the sentences they are answered with."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from alerts.desk import Desk, DeskError
from alerts.engine import Engine
from alerts.language import compile_expression
from alerts.rule import Rule, Severity
from alerts.silence import Matcher
from alerts.transition import State, Transition
from streams.instrument import NS, Pair
from streams.metric import Call
from streams.sessions import calendar
from streams.snapshot import FeedStatus, Reading, Snapshot
from tests.alerts.rules import HIGH, LOW, OTHER, live, rule

MONDAY = int(datetime(2026, 3, 9, 15, tzinfo=UTC).timestamp())
"""11:00 in New York, on the first day of summer time."""
CALENDARS = {"ETH": calendar("24/7"), "BTC": calendar("24/7"), "IWM": calendar("NYSE")}


class Floor:
    """A desk with its engine, at a time that stands still unless moved."""

    def __init__(self, *rules: Rule, engine: Engine | None = None) -> None:
        self.engine = engine or Engine(rules)
        self.seconds = MONDAY
        self.decided: list[Transition] = []
        self.changes = 0
        self.desk = Desk(
            self.engine,
            now=lambda: self.seconds * NS,
            decided=self.decided.append,
            changed=self._changed,
            calendars=CALENDARS,
        )

    def _changed(self) -> None:
        self.changes += 1

    def live(self, value: float | None, **others: float | None) -> list[Transition]:
        self.seconds += 1
        return live(self.engine, [value], self.seconds, **others)


def test_an_incident_goes_by_its_id_its_rule_or_both() -> None:
    for name in ("behind", "behind/ETH-IWM", f"behind/ETH-IWM/{MONDAY + 1}"):
        floor = Floor(rule())
        floor.live(LOW)
        assert floor.desk.acknowledge(name, "ann") == (
            "ETH is behind (ETH-IWM) is acknowledged by ann: no more reminders of it."
        )
        (noted,) = floor.decided
        assert (noted.acknowledged, noted.state) == ("ann", State.FIRING)


def test_a_name_that_means_nothing_or_several_is_answered_with_those_there_are() -> None:
    floor = Floor(rule(), rule(pair=OTHER), rule("calm", hold=99))
    with pytest.raises(DeskError, match=r"^'behind' is not firing now; nothing is$"):
        floor.desk.acknowledge("behind", "ann")
    floor.live(LOW, BTC=LOW)
    with pytest.raises(
        DeskError,
        match=r"^'behind' fires for several pairs: say behind/ETH-IWM or behind/BTC-IWM$",
    ):
        floor.desk.why("behind")
    with pytest.raises(
        DeskError,
        match=r"^'calm' is not firing now; what is: behind/ETH-IWM, behind/BTC-IWM$",
    ):
        floor.desk.snooze("calm", "ann", 60)


@pytest.mark.parametrize("name", ["calm", "calm/ETH-IWM", "comove/feed/x"])
def test_of_what_is_known_and_at_rest_it_is_said_that_it_does_not_fire(name: str) -> None:
    floor = Floor(rule(), rule("calm", hold=99))
    floor.live(LOW)
    with pytest.raises(DeskError, match=rf"^'{name}' is not firing now; what is: behind/ETH-IWM$"):
        floor.desk.why(name)


def test_of_an_incident_that_was_it_is_said_that_it_is_over() -> None:
    floor = Floor(rule())
    for name in ("behind/ETH-IWM/123", "behind/ETH-IWM/123.100000000", "comove/feed/kraken/123"):
        with pytest.raises(DeskError, match=r"^this alert is over$"):
            floor.desk.acknowledge(name, "ann")


def test_of_what_there_is_not_that_is_said_with_what_may_be_meant() -> None:
    floor = Floor(rule())
    for name, sentence in (
        ("behnd", "there is no rule 'behnd'; did you mean 'behind'?"),
        ("comove/fed", "there is no rule 'comove/fed'; did you mean 'comove/feed'?"),
        ("nosuch", "there is no rule 'nosuch'; nothing is firing now"),
    ):
        with pytest.raises(DeskError) as refused:
            floor.desk.why(name)
        assert str(refused.value) == sentence
    floor.live(LOW)
    with pytest.raises(DeskError, match=r"no rule 'nosuch'; what is firing: behind/ETH-IWM$"):
        floor.desk.why("nosuch")


def test_who_comes_second_hears_who_was_first() -> None:
    floor = Floor(rule())
    floor.live(LOW)
    floor.desk.acknowledge("behind", "ann")
    assert "is already acknowledged by ann" in floor.desk.acknowledge("behind", "bob")
    assert len(floor.decided) == 1


def test_a_snooze_lasts_as_long_as_is_said() -> None:
    floor = Floor(rule(repeat=1))
    floor.live(LOW)
    assert floor.desk.snooze("behind", "ann", 3600) == (
        "ETH is behind (ETH-IWM) is snoozed until 12:00 New York; told again if it fires."
    )
    assert floor.changes == 1
    assert floor.live(LOW) == []
    floor.seconds += 3600
    (again,) = floor.live(LOW)
    assert again.repeat


@pytest.mark.parametrize(
    ("day", "close"),
    [
        (datetime(2026, 3, 9, 15, tzinfo=UTC), "16:00 New York"),
        (datetime(2026, 11, 27, 15, tzinfo=UTC), "13:00 New York"),
        (datetime(2026, 3, 9, 21, tzinfo=UTC), "Tue 10 Mar 16:00 New York"),
        (datetime(2026, 3, 13, 21, tzinfo=UTC), "Mon 16 Mar 16:00 New York"),
    ],
    ids=["while it is open", "on a half day", "after its close", "before a weekend"],
)
def test_a_snooze_without_an_end_is_until_the_market_closes(day: datetime, close: str) -> None:
    floor = Floor(rule())
    floor.seconds = int(day.timestamp())
    floor.live(LOW)
    assert f"is snoozed until {close};" in floor.desk.snooze("behind", "ann", None)


def test_what_never_closes_must_be_snoozed_for_a_time() -> None:
    floor = Floor(rule(pair=Pair("ETH", "BTC")))
    key = floor.engine.rules[0].when.calls[0].key
    floor.engine.update(Snapshot(NS, {key: Reading(LOW)}, {}), NS)
    with pytest.raises(DeskError, match=r"^ETH-BTC never closes: say for how long$"):
        floor.desk.snooze("behind", "ann", None)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 400 * 86_400.0])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    floor = Floor(rule())
    floor.live(LOW)
    with pytest.raises(DeskError, match="say for how long"):
        floor.desk.silence(Matcher(), "ann", seconds)
    with pytest.raises(DeskError, match="say for how long"):
        floor.desk.snooze("behind", "ann", seconds)
    assert floor.changes == 0


def test_a_silence_holds_back_until_it_is_ended() -> None:
    floor = Floor(rule())
    made = floor.desk.silence(Matcher(rules=("behind",)), "ann", 7200, "lunch")
    assert (made.id, made.until) == ("s1", (MONDAY + 7200) * NS)
    assert floor.desk.silences() == [made]
    assert floor.desk.standings()[0].muted == "silenced by ann until 13:00 New York (lunch)"
    assert not floor.live(LOW)[0].notify
    assert floor.desk.unsilence("s1", "bob") == (
        "Silence s1 is ended by bob: what still fires is told now."
    )
    assert floor.live(LOW)[0].notify
    assert floor.changes == 2
    with pytest.raises(DeskError, match=r"^there is no silence 's1'$"):
        floor.desk.unsilence("s1", "bob")


def test_a_silence_that_is_over_is_not_shown() -> None:
    floor = Floor(rule())
    floor.desk.silence(Matcher(), "ann", 60)
    floor.seconds += 60
    assert floor.desk.silences() == []


def test_silences_of_earlier_runs_keep_their_names() -> None:
    floor = Floor(rule())
    for _ in range(3):
        floor.desk.silence(Matcher(), "ann", 60)
    engine = Engine([rule()])
    engine.restore((), floor.engine.silences)
    assert Floor(engine=engine).desk.silence(Matcher(), "ann", 60).id == "s4"


@pytest.mark.parametrize(
    ("matcher", "sentence"),
    [
        (Matcher(rules=("behnd",)), "there is no rule 'behnd'; did you mean 'behind'?"),
        (Matcher(pairs=("ETH-IWN",)), "there is no pair 'ETH-IWN'; did you mean 'ETH-IWM'?"),
        (Matcher(severities=("warn",)), "there is no severity 'warn'; did you mean 'warning'?"),
        (Matcher(labels={"team": "x"}), "no rule matches that, so nothing would be silenced"),
    ],
)
def test_a_silence_of_nothing_is_refused(matcher: Matcher, sentence: str) -> None:
    with pytest.raises(DeskError) as refused:
        Floor(rule()).desk.silence(matcher, "ann", 60)
    assert str(refused.value) == sentence


def test_incidents_come_most_severe_first_then_oldest() -> None:
    floor = Floor(
        rule("late", hold=1),
        rule("early"),
        rule("worst", severity=Severity.CRITICAL, clear_hold=5, hold=1),
        rule("calm", hold=99),
    )
    floor.live(LOW)
    floor.live(LOW)
    assert [s.rule for s in floor.desk.incidents()] == ["worst", "early", "late"]
    floor.live(HIGH)
    assert [(s.rule, s.state) for s in floor.desk.incidents()] == [("worst", State.RECOVERING)]


def test_a_rule_is_found_for_all_its_pairs_or_the_nearest_is_named() -> None:
    desk = Floor(rule(), rule(pair=OTHER)).desk
    assert [each.pair for each in desk.rule("behind")] == list(desk.pairs)
    with pytest.raises(DeskError, match=r"^there is no rule 'behnd'; did you mean 'behind'\?$"):
        desk.rule("behnd")


def test_a_reading_says_why_there_is_none() -> None:
    desk = Floor(rule()).desk
    corr = Call("corr", ("ETH", "IWM"), 3600.0)
    assert Floor().desk.snapshot is None
    assert desk.reading(corr) == Reading(None, "no data yet")
    seen = Snapshot(NS, {corr.key: Reading(0.5)}, {})
    desk.look(seen)
    assert desk.snapshot == seen
    assert desk.reading(corr) == Reading(0.5)
    other = msgspec.structs.replace(corr, window=60.0)
    assert desk.reading(other) == Reading(None, "not computed; there is corr(ETH,IWM,1h)")
    assert desk.reading(Call("vix", ())).reason == "not computed"


def test_why_an_alert_fires_is_told_to_the_last_figure() -> None:
    pair = Pair("ETH", "IWM", ("SPY", "BTC"))
    instruments = ["ETH", "IWM", "SPY", "BTC"]
    when = compile_expression(
        "breakdown(false_alarms=1/month) and corr(1h) < 0.2", pair, instruments, truth=True
    )
    given = msgspec.structs.replace(
        rule(pair=pair, severity=Severity.CRITICAL, labels={"team": "desk"}),
        when=when,
        hold=120 * NS,
        title="ETH and small caps have come apart",
    )
    broken, corr = (call.key for call in when.calls)
    readings = {
        broken: Reading(value=True, n=480.0, note="a full break takes about 35 min to find"),
        corr: Reading(0.12, low=-0.05, high=0.28, n=312.4),
        "corr(ETH,SPY,1h)": Reading(0.31, low=0.1, high=0.5),
    }
    feeds = (FeedStatus("ETH", "coinbase", "live", active=True, age=0.4),)
    floor = Floor(given)
    for _ in range(2):
        floor.seconds += 120
        sessions = {"ETH": "regular", "IWM": "regular"}
        seen = Snapshot(floor.seconds * NS, readings, sessions, feeds)
        floor.engine.update(seen, seen.ts)
        floor.desk.look(seen)
    floor.seconds += 90
    lines = floor.desk.why("behind")
    assert lines == (
        (
            "ETH and small caps have come apart (ETH-IWM): critical, firing since "
            "Mon 09 Mar 11:04:00 New York (15:04:00 UTC), for 1 min"
        ),
        "when: breakdown(false_alarms=1/month) and corr(1h) < 0.2, for 2m",
        f"{broken} = yes (n 480)",
        f"{corr} = 0.12 (95 %: −0.05 to 0.28; n 312)",
        "ETH–IWM correlation 1h .12 (−.05 to .28)",
        "ETH–SPY .31 (.10 to .50) · ETH–BTC n/a (not asked for)",
        "a full break takes about 35 min to find",
        "ETH n/a · IWM n/a",
        "data: ETH coinbase 0.4 s old",
        "session: ETH regular, IWM regular",
        "labels: team=desk",
        "rule: behind, rules.yaml:12",
    )


def test_why_names_what_mutes_and_what_is_not_known() -> None:
    floor = Floor(rule(clear=True, clear_hold=60))
    floor.live(LOW)
    floor.live(None)
    floor.desk.silence(Matcher(), "ann", 3600)
    lines = floor.desk.why("behind")
    assert lines[1:] == (
        "unknown: stale",
        "silenced by ann until 12:00 New York",
        "when: divergence(60m) < -4",
        "clear: divergence(60m) > -2, for 1m",
        "rule: behind, rules.yaml:12",
    )
    floor.desk.acknowledge("behind", "bob")
    assert "acknowledged by bob" in floor.desk.why("behind")
