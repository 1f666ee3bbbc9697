"""What is told, what is held back, what rings for others."""

from __future__ import annotations

import msgspec
import pytest

from alerts.engine import Engine
from alerts.incident import Snooze
from alerts.rule import Flapping, Severity
from alerts.silence import Matcher, Silence
from alerts.transition import State
from streams.instrument import NS
from tests.alerts.rules import HIGH, LOW, OTHER, brief, expression, live, rule

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
FLAPPING = Flapping(3, 10 * NS)


def silence(until: int, matcher: Matcher | None = None) -> Silence:
    return Silence("s1", matcher or Matcher(), until * NS, "ann", made=0)


def silenced(until: int, *rules: str) -> Engine:
    engine = Engine([rule(repeat=2)])
    engine.silence(silence(until, Matcher(rules=rules)))
    return engine


def test_what_still_fires_when_a_silence_ends_is_told_then_and_says_since_when() -> None:
    first, told, over = live(silenced(3), [LOW, LOW, LOW, LOW, HIGH])
    assert (first.notify, told.notify, over.notify) == ((), ("log",), ("log",))
    assert (told.ts, told.since, told.repeat) == (3 * NS, 0, False)
    assert told.message == (
        "ETH is behind\n"
        "Firing since Wed 31 Dec 19:00:00 New York (00:00:00 UTC), for 3 s; "
        "not told until now: silenced by ann until 19:00 New York."
    )


def test_of_what_begins_and_ends_in_a_silence_nobody_is_told() -> None:
    assert brief(live(silenced(9), [LOW, LOW, HIGH])) == [
        (0, "behind", "firing"),
        (2, "behind", "resolved"),
    ]


def test_what_was_told_before_a_silence_is_told_its_end_but_not_that_it_goes_on() -> None:
    engine = Engine([rule(repeat=2)])
    live(engine, [LOW])
    engine.silence(silence(6))
    found = live(engine, [LOW] * 6 + [HIGH], start=1)
    assert brief(found) == [(6, "behind", "still firing told"), (7, "behind", "resolved told")]


def test_a_silence_that_is_ended_early_holds_nothing_back_any_more() -> None:
    engine = silenced(100)
    live(engine, [LOW])
    assert engine.standings()[0].muted == "silenced by ann until 19:01 New York"
    assert engine.unsilence("s1") == silence(100)
    assert engine.unsilence("s1") is None
    assert brief(live(engine, [LOW], start=1)) == [(1, "behind", "firing told")]
    assert engine.standings()[0].muted == ""


def test_nothing_is_told_late_while_nothing_is_known() -> None:
    assert brief(live(silenced(2), [LOW, LOW, None, None, LOW])) == [
        (0, "behind", "firing"),
        (4, "behind", "firing told"),
    ]


def test_of_what_recovers_as_its_silence_ends_nobody_hears_until_it_falls_back() -> None:
    engine = Engine([rule(clear_hold=3)])
    engine.silence(silence(2))
    found = live(engine, [LOW, HIGH, HIGH, HIGH, LOW])
    assert brief(found) == [
        (0, "behind", "firing"),
        (1, "behind", "recovering"),
        (4, "behind", "firing told"),
    ]


@pytest.mark.parametrize(
    ("matcher", "told"),
    [
        (Matcher(rules=("behind",)), False),
        (Matcher(rules=("other",)), True),
        (Matcher(pairs=("ETH-IWM",)), False),
        (Matcher(pairs=("BTC-IWM",)), True),
        (Matcher(severities=("warning", "info")), False),
        (Matcher(severities=("info",)), True),
        (Matcher(labels={"team": "desk"}), False),
        (Matcher(labels={"team": "ops"}), True),
        (Matcher(rules=("behind",), pairs=("BTC-IWM",)), True),
    ],
)
def test_a_silence_is_for_what_matches_in_all_respects(matcher: Matcher, *, told: bool) -> None:
    engine = Engine([rule(labels={"team": "desk"})])
    engine.silence(silence(9, matcher))
    (fired,) = live(engine, [LOW])
    assert bool(fired.notify) is told


def test_while_a_rule_fires_that_inhibits_it_a_rule_tells_nothing_new() -> None:
    engine = Engine([rule(inhibited_by=["stale"]), rule("stale", pair=OTHER)])
    found = live(engine, [LOW, LOW], BTC=LOW)
    assert brief(found) == [(0, "behind", "firing"), (0, "stale", "firing told")]
    assert engine.standings()[0].muted == "inhibited by stale"
    late, over = live(engine, [LOW], start=2, BTC=HIGH)
    assert brief([late, over]) == [(2, "behind", "firing told"), (2, "stale", "resolved told")]
    assert "for 2 s; not told until now: inhibited by stale." in late.message


def test_a_rule_that_inhibits_and_has_the_pair_speaks_for_its_pair_alone() -> None:
    engine = Engine(
        [
            rule(inhibited_by=["stale"]),
            rule(pair=OTHER, inhibited_by=["stale"]),
            rule("stale"),
            rule("stale", pair=OTHER, hold=99),
        ]
    )
    muted = {(t.rule, t.pair) for t in live(engine, [LOW], BTC=LOW) if not t.notify}
    assert ("behind", "ETH-IWM") in muted
    assert ("behind", "BTC-IWM") not in muted


def test_an_acknowledged_incident_is_told_again_only_when_it_ends() -> None:
    engine = Engine([rule(repeat=1)])
    (fired,) = live(engine, [LOW])
    noted = engine.acknowledge(fired.incident, "ann", 5)
    assert noted is not None
    assert (noted.state, noted.acknowledged, noted.notify) == (State.FIRING, "ann", ("log",))
    assert (noted.incident, noted.repeat, noted.ts) == (fired.incident, False, 5)
    (over,) = live(engine, [LOW, LOW, LOW, HIGH], start=1)
    assert (over.state, over.notify, over.acknowledged) == (State.RESOLVED, ("log",), "ann")
    assert engine.acknowledge(fired.incident, "ann", 9) is None


def test_what_somebody_has_noted_in_a_silence_is_not_told_afterwards() -> None:
    engine = silenced(2)
    (fired,) = live(engine, [LOW])
    noted = engine.acknowledge(fired.incident, "ann", 1)
    assert noted is not None
    assert noted.notify == ()
    assert brief(live(engine, [LOW, LOW, LOW, HIGH], start=1)) == [(4, "behind", "resolved")]


def test_a_snoozed_incident_is_told_again_when_that_is_over() -> None:
    engine = Engine([rule(repeat=1)])
    (fired,) = live(engine, [LOW])
    assert engine.snooze(fired.incident, Snooze(4 * NS, "ann", 0))
    assert engine.standings()[0].muted == "snoozed by ann until 19:00 New York"
    assert [t.ts // NS for t in live(engine, [LOW] * 5, start=1)] == [4, 5]
    assert engine.standings()[0].muted == ""
    assert not engine.snooze("gone", Snooze(4 * NS, "ann", 0))


def test_the_last_word_counts_of_acknowledging_and_snoozing() -> None:
    engine = Engine([rule()])
    (fired,) = live(engine, [LOW])
    engine.acknowledge(fired.incident, "ann", 1)
    engine.snooze(fired.incident, Snooze(3 * NS, "bob", 1))
    assert brief(live(engine, [LOW] * 3, start=1)) == [(3, "behind", "still firing told")]
    engine.snooze(fired.incident, Snooze(9 * NS, "bob", 4))
    engine.acknowledge(fired.incident, "ann", 4)
    assert live(engine, [LOW] * 9, start=4) == []


def test_a_rule_that_flaps_says_so_once_and_then_folds() -> None:
    engine = Engine([rule(flapping=FLAPPING)])
    found = live(engine, [LOW, HIGH] * 5)
    fired = [t for t in found if t.state is State.FIRING]
    assert [bool(t.notify) for t in fired] == [True, True, True, False, False]
    assert fired[2].context[0] == (
        "flapping: fired 3 times in 10s; told again when it has been quiet for 10s"
    )
    ended = [bool(t.notify) for t in found if t.state is State.RESOLVED]
    assert ended == [bool(t.notify) for t in fired]
    # The last one came at second 8.
    (again, _) = live(engine, [HIGH] * 8 + [LOW, HIGH], start=10)
    assert again.notify
    assert again.context[0] == "it flapped before: 2 more firings were not told"
    assert not any("flapp" in line for t in live(engine, [LOW], start=60) for line in t.context)


def test_a_folded_incident_that_goes_on_is_told_once_it_has_been_quiet() -> None:
    engine = Engine([rule(flapping=FLAPPING)])
    live(engine, [LOW, HIGH] * 3)
    found = live(engine, [LOW] * 12, start=6)
    assert brief(found) == [(6, "behind", "firing"), (16, "behind", "firing told")]
    assert "flapping, told again when it has been quiet for 10s" in found[1].message
    assert not any("flapped" in line for line in found[1].context)


def test_firings_further_apart_do_not_flap() -> None:
    apart = live(Engine([rule(flapping=FLAPPING)]), [LOW, *[HIGH] * 5] * 6)
    assert all(t.notify for t in apart)
    close = live(Engine([rule(flapping=FLAPPING)]), [LOW, *[HIGH] * 4] * 6)
    assert [bool(t.notify) for t in close if t.state is State.FIRING] == [True] * 3 + [False] * 3


def test_that_it_flaps_is_said_although_the_firing_that_reached_it_was_silenced() -> None:
    engine = Engine([rule(flapping=FLAPPING)])
    engine.silence(silence(6))
    live(engine, [LOW, HIGH] * 3)
    (told, *_) = live(engine, [LOW], start=6)
    assert told.notify
    assert told.context[0].startswith("flapping: fired 3 times")


def groups(*severities: Severity, apart: int = 0) -> list[bool]:
    """Whether each rings with another, rules firing so many seconds one after the other."""
    rules = [
        rule(f"r{n}", severity=severity, hold=n * apart) for n, severity in enumerate(severities)
    ]
    found = live(Engine(rules), [LOW] * (len(rules) * apart + 1))
    return [bool(t.group) for t in sorted(found, key=lambda t: t.rule) if t.notify]


def test_what_begins_together_rings_once() -> None:
    assert groups(WARNING, WARNING, INFO, apart=1) == [False, True, True]
    assert groups(WARNING, WARNING, apart=30) == [False, True]
    assert groups(WARNING, WARNING, apart=31) == [False, False]


def test_nothing_rings_for_what_is_more_severe() -> None:
    assert groups(WARNING, CRITICAL, apart=1) == [False, False]
    assert groups(INFO, WARNING, apart=1) == [False, False]


def test_of_what_fires_at_once_the_most_severe_rings() -> None:
    first, second = live(Engine([rule("a"), rule("b", severity=CRITICAL)]), [LOW])
    assert (first.rule, first.group) == ("b", "")
    assert (second.rule, second.group) == ("a", first.incident)


def test_a_group_is_of_one_pair_and_of_what_was_told_and_still_fires() -> None:
    engine = Engine([rule("a"), rule("b", pair=OTHER)])
    assert [t.group for t in live(engine, [LOW], BTC=LOW)] == ["", ""]

    engine = Engine([rule("a"), rule("b", hold=1)])
    engine.silence(silence(1, Matcher(rules=("a",))))
    told = [t for t in live(engine, [LOW, LOW]) if t.notify]
    assert [(t.rule, t.group != "") for t in told] == [("a", False), ("b", True)]

    low = msgspec.structs.replace(rule("a"), when=expression(lambda z: z < -8))
    told = live(Engine([low, rule("b", hold=2)]), [-9.0, LOW, LOW])
    assert brief(told)[-1] == (2, "b", "firing told")
    assert told[-1].group == ""


def test_a_members_end_names_its_group_too() -> None:
    found = live(Engine([rule("a"), rule("b")]), [LOW, HIGH])
    assert [t.group != "" for t in found] == [False, True, False, True]


def test_an_alert_carries_its_rules_labels_and_place() -> None:
    (fired,) = live(Engine([rule(labels={"team": "desk"})]), [LOW])
    assert (fired.labels, fired.source) == ({"team": "desk"}, "rules.yaml:12")


def test_before_the_first_snapshot_an_acknowledgement_says_the_title() -> None:
    engine = Engine([rule()])
    (fired,) = live(engine, [LOW])
    after = Engine([rule()])
    after.restore(engine.lives())
    noted = after.acknowledge(fired.incident, "ann", 7)
    assert noted is not None
    assert (noted.message, noted.context, noted.notify) == ("ETH is behind", (), ("log",))


def test_an_acknowledgement_has_an_instant_of_its_own() -> None:
    engine = Engine([rule()])
    (fired,) = live(engine, [LOW], start=5)
    noted = engine.acknowledge(fired.incident, "ann", 5 * NS)
    assert noted is not None
    assert noted.ts > fired.ts
