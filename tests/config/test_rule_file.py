from __future__ import annotations

from pathlib import Path

import pytest

from alerts.rule import Flapping, Rule
from alerts.silence import ClockTime, Matcher, QuietTime, SessionTime
from config.load import load
from config.names import POLLED
from config.settings import Config
from config.shipped import CONFIG, shipped_path
from streams.feeds.registry import VENUES
from streams.instrument import NS
from tests.config.folder import config_with, faults, write

MINUTE = 60 * NS
MONTH = 1 / 21


def loaded(folder: Path, rules: str, config: str | None = None) -> Config:
    return load(write(folder, config, rules))


def rule(folder: Path, keys: str, above: str = "") -> Rule:
    text = f"{above}rules:\n  - {{id: one, title: One, when: stale(ETH){keys}}}\n"
    return loaded(folder, text).rules[0]


def test_a_rule_that_says_nothing_of_it_resolves_at_once_and_is_damped(tmp_path: Path) -> None:
    made = rule(tmp_path, "")
    assert (made.clear_hold, made.flapping, made.inhibited_by) == (0, Flapping(4, 60 * MINUTE), ())


def test_how_long_it_must_be_over(tmp_path: Path) -> None:
    above = "defaults: {clear_for: 3m}\n"
    assert rule(tmp_path, "", above).clear_hold == 3 * MINUTE
    assert rule(tmp_path, ", clear_for: 0s", above).clear_hold == 0


@pytest.mark.parametrize(
    ("keys", "flapping"),
    [
        ("", Flapping(6, 30 * MINUTE)),
        (", flapping: 2 in 90s", Flapping(2, 90 * NS)),
        (", flapping: ' 10  in 1d'", Flapping(10, 24 * 60 * MINUTE)),
        (", flapping: never", None),
    ],
)
def test_how_often_it_may_fire(keys: str, flapping: Flapping | None, tmp_path: Path) -> None:
    assert rule(tmp_path, keys, "defaults: {flapping: 6 in 30m}\n").flapping == flapping


@pytest.mark.parametrize("written", ["4", "1 in 1h", "4 in 1s", "4 in 8d", "often", "4/1h", "[]"])
def test_what_does_not_say_how_often_is_a_fault(written: str, tmp_path: Path) -> None:
    text = f"rules:\n  - {{id: one, title: One, when: stale(ETH), flapping: {written}}}\n"
    (fault,) = faults(write(tmp_path, None, text))
    assert fault.line == 2
    assert fault.column is not None
    assert fault.column >= 55


def test_a_rule_that_inhibits_all_others_is_not_inhibited_by_itself(tmp_path: Path) -> None:
    made = loaded(
        tmp_path,
        """\
defaults: {inhibited_by: stale}
rules:
  - {id: stale, title: Stale, when: stale(ETH)}
  - {id: one, title: One, when: breakdown}
  - {id: two, title: Two, when: breakdown, inhibited_by: [one]}
  - {id: three, title: Three, when: breakdown, inhibited_by: []}
""",
    ).rules
    assert [each.inhibited_by for each in made] == [(), ("stale",), ("one",), ()]


def test_a_circle_by_way_of_the_defaults_is_a_fault(tmp_path: Path) -> None:
    text = """\
defaults: {inhibited_by: stale}
rules:
  - {id: stale, title: Stale, when: stale(ETH), inhibited_by: one}
  - {id: one, title: One, when: breakdown}
"""
    (fault,) = faults(write(tmp_path, None, text))
    assert fault.message == "these silence each other: 'stale' → 'one' → 'stale'"
    assert fault.line == 3


NIGHT = """\
silences:
  - id: night
    match: {rules: one, pairs: [ETH-IWM], severities: [info, warning], labels: {desk: macro}}
    during: {from: 22:00, to: 7:30, timezone: Europe/Berlin, days: [mon, fri]}
    why: nobody is there
"""


def test_quiet_hours_by_the_clock(tmp_path: Path) -> None:
    rules = "rules:\n  - {id: one, title: One, when: breakdown}\n"
    assert loaded(tmp_path, rules + NIGHT).quiet == (
        QuietTime(
            id="night",
            matcher=Matcher(
                rules=("one",),
                pairs=("ETH-IWM",),
                severities=("info", "warning"),
                labels={"desk": "macro"},
            ),
            during=ClockTime(22 * 60, 7 * 60 + 30, "Europe/Berlin", ("mon", "fri")),
            why="nobody is there",
        ),
    )


def test_quiet_hours_may_be_of_what_ails_comove_itself(tmp_path: Path) -> None:
    text = "rules:\n  - {id: one, title: One, when: breakdown}\nsilences:\n"
    text += "  - {id: a, match: {rules: [comove/feed, one]}, during: {calendar: NYSE}}\n"
    (quiet,) = loaded(tmp_path, text).quiet
    assert quiet.matcher.rules == ("comove/feed", "one")
    (fault,) = faults(write(tmp_path, rules=text.replace("comove/feed", "comove/fed")))
    assert fault.message == "unknown rule 'comove/fed'"
    (fault,) = faults(
        write(tmp_path, rules=text.replace("when: b", "inhibited_by: comove/feed, when: b"))
    )
    assert fault.message == "unknown rule 'comove/feed'"


@pytest.mark.parametrize(
    ("during", "made"),
    [
        ("{calendar: NYSE}", SessionTime("NYSE")),
        ("{calendar: NYSE, first: 15m}", SessionTime("NYSE", first=15 * MINUTE)),
        ("{calendar: NYSE, session: closed}", SessionTime("NYSE", "closed")),
        (
            "{calendar: NYSE, session: extended, last: 10m}",
            SessionTime("NYSE", "extended", last=10 * MINUTE),
        ),
        ("{from: 0:00, to: 23:59, timezone: UTC}", ClockTime(0, 1439, "UTC")),
    ],
)
def test_quiet_hours_match_all_where_nothing_is_said(
    during: str, made: SessionTime | ClockTime, tmp_path: Path
) -> None:
    text = "rules:\n  - {id: one, title: One, when: breakdown}\n"
    text += f"silences: [{{id: a, during: {during}}}]\n"
    (quiet,) = loaded(tmp_path, text).quiet
    assert (quiet.matcher, quiet.during, quiet.why) == (Matcher(), made, "")


@pytest.mark.parametrize(
    "zone", ["Europe/Berln", "../../etc/passwd", "/etc/passwd", "''", "Europe"]
)
def test_a_time_zone_that_is_none_is_a_fault(zone: str, tmp_path: Path) -> None:
    text = "rules:\n  - {id: one, title: One, when: breakdown}\nsilences:\n"
    text += f"  - {{id: a, during: {{from: 1:00, to: 2:00, timezone: {zone}}}}}\n"
    (fault,) = faults(write(tmp_path, None, text))
    assert "unknown time zone" in fault.message
    assert "Europe/" in fault.remedy


TWO_PAIRS = config_with("pairs:\n", "pairs:\n  - {x: BTC, y: SPY}\n")


def rates(config: Config) -> dict[str, list[float | None]]:
    return {
        f"{each.id}/{each.pair.name}": [call.rate for call in each.when.calls]
        for each in config.rules
    }


def test_one_budget_is_shared_by_the_detectors_without_their_own(tmp_path: Path) -> None:
    rules = """\
total_false_alarms: 1/month
rules:
  - {id: one, title: One, when: breakdown()}
  - {id: two, title: Two, when: breakdown_warning, pairs: ETH-IWM}
  - {id: own, title: Own, when: breakdown(false_alarms=1/year), pairs: ETH-IWM}
  - {id: none, title: None, when: corr(1h) < 0.1}
"""
    each = (MONTH - 1 / 252) / 3
    assert rates(loaded(tmp_path, rules, TWO_PAIRS)) == {
        "one/BTC-SPY": [pytest.approx(each)],
        "one/ETH-IWM": [pytest.approx(each)],
        "two/ETH-IWM": [pytest.approx(each)],
        "own/ETH-IWM": [1 / 252],
        "none/BTC-SPY": [None],
        "none/ETH-IWM": [None],
    }


def test_conditions_and_messages_of_a_rule_mean_the_same_detector(tmp_path: Path) -> None:
    rules = """\
total_false_alarms: 1/week
rules:
  - id: one
    title: One
    when: breakdown() and corr(1h) < 0.1
    clear: not breakdown()
    message: "{breakdown()} {breakdown(1/month)}"
"""
    (made,) = loaded(tmp_path, rules).rules
    assert made.clear is not None
    assert made.message is not None
    said = [part.expression.calls[0] for part in made.message.parts if not isinstance(part, str)]
    assert made.when.calls[0] == made.clear.calls[0] == said[0]
    assert made.when.calls[0].rate == 1 / 5
    assert said[1].rate == MONTH


def test_without_one_budget_for_all_each_detector_has_its_own(tmp_path: Path) -> None:
    rules = "rules:\n  - {id: one, title: One, when: breakdown()}\n"
    assert rates(loaded(tmp_path, rules)) == {"one/ETH-IWM": [MONTH]}


def test_a_rule_is_checked_for_each_pair_that_it_is_for(tmp_path: Path) -> None:
    config = config_with("pairs:\n", "pairs:\n  - {x: ETH, y: SPY}\n")
    rules = "rules:\n  - {id: one, title: One, when: 'partial(SPY, 1d) < 0'%s}\n"
    (fault,) = faults(write(tmp_path, config, rules % ""))
    assert "two instruments and a control" in fault.message
    made = loaded(tmp_path, rules % ", pairs: ETH-IWM", config).rules
    assert [each.pair.name for each in made] == ["ETH-IWM"]


def test_a_fault_of_another_pair_than_the_first_names_it(tmp_path: Path) -> None:
    prior = "    prior:\n      correlation: 0.5\n"
    config = config_with(prior, f"{prior}  - {{x: ETH, y: SPY}}\n")
    rules = "rules:\n  - {id: one, title: One, when: 'partial(SPY, 1d) < 0'}\n"
    (fault,) = faults(write(tmp_path, config, rules))
    assert fault.message.endswith("(for the pair ETH-SPY)")


def test_the_shipped_rules_are_inhibited_by_stale_feeds() -> None:
    rules = {each.id: each for each in load(shipped_path(CONFIG)).rules}
    assert rules.pop("feed-stale").inhibited_by == ()
    assert {each.inhibited_by for each in rules.values()} == {("feed-stale",)}


def test_the_polled_venues_are_those_that_say_so() -> None:
    assert {name for name, venue in VENUES.items() if venue.polled} == POLLED
