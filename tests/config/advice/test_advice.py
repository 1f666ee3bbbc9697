from __future__ import annotations

from pathlib import Path

import pytest

from config.load import inspect
from config.shipped import CONFIG, shipped_path
from tests.config.advice.advised import warned, warned_of
from tests.config.folder import config_with, marked

ROUND_THE_CLOCK = config_with("  - x: ETH\n    y: IWM\n", "  - x: ETH\n    y: BTC\n").replace(
    "[SPY, BTC]", "[SPY, IWM]"
)
BOTH = config_with("pairs:\n", "pairs:\n  - {x: ETH, y: BTC}\n")


def test_nothing_is_warned_of_the_shipped_rules() -> None:
    assert inspect(shipped_path(CONFIG))[1] == ()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("when: breakdown\nsession: regular\nfor: 7h", "7h is longer than any regular session"),
        ("when: breakdown\nsession: regular\nclear_for: 1d", "longer than any regular session"),
        ("when: breakdown\nsession: extended\nfor: 6h", "longer than any extended session"),
        ("when: breakdown\nsession: regular\nfor: 6h", ""),
        ("when: breakdown\nsession: any\nfor: 7h", ""),
    ],
)
def test_a_time_that_no_session_is_long_enough_for(keys: str, said: str, tmp_path: Path) -> None:
    found = warned(tmp_path, keys)
    assert [said in fault.message for fault in found] == ([True] if said else [])
    assert [marked(fault) for fault in found] == ([keys.rpartition(" ")[2]] if said else [])


def test_where_both_trade_round_the_clock_no_session_is_too_short(tmp_path: Path) -> None:
    keys = "when: breakdown\nsession: regular\nfor: 7h"
    assert warned(tmp_path, keys, config=ROUND_THE_CLOCK) == []


def test_where_both_trade_round_the_clock_there_are_no_extended_hours(tmp_path: Path) -> None:
    keys = "when: breakdown\nsession: extended"
    (fault,) = warned(tmp_path, keys, config=ROUND_THE_CLOCK)
    assert fault.message == "ETH-BTC has no extended hours, so the rule never fires"
    assert marked(fault) == "extended"


def test_what_is_wrong_for_one_pair_alone_names_it(tmp_path: Path) -> None:
    (fault,) = warned(tmp_path, "when: breakdown\nsession: extended", config=BOTH)
    assert fault.message.endswith("(for the pair ETH-BTC)")


def test_what_is_wrong_for_all_pairs_is_told_once(tmp_path: Path) -> None:
    (fault,) = warned(tmp_path, "when: breakdown and not breakdown", config=BOTH)
    assert "for the pair" not in fault.message


@pytest.mark.parametrize("key", ["when", "clear", "message"])
def test_a_lead_over_a_polled_feed_is_never_known(key: str, tmp_path: Path) -> None:
    keys = {"when": "breakdown", key: "lead() > 2s"}
    if key == "message":
        keys[key] = "'lead: {lead()|duration}'"
    found = warned(tmp_path, "\n".join(f"{name}: {text}" for name, text in keys.items()))
    (fault,) = [each for each in found if "polled" in each.message]
    assert "IWM comes from yahoo" in fault.message
    assert marked(fault) == "lead()"


def test_a_lead_over_feeds_that_stamp_their_trades_may_be(tmp_path: Path) -> None:
    assert warned(tmp_path, "when: lead() > 2s", config=ROUND_THE_CLOCK) == []
    assert warned(tmp_path, "when: lead(ETH, BTC) > 2s") == []


@pytest.mark.parametrize(
    ("keys", "under"),
    [
        ('when: "return(IWM, 8h) < -2%"\nsession: regular', "return(IWM, 8h)"),
        ('when: "return(y, 8h) < -2%"\nsession: regular', "return(y, 8h)"),
        ('when: "return(ETH, 8h) < -2%"\nsession: regular', ""),
        ('when: "return(IWM, 6h) < -2%"\nsession: regular', ""),
        ('when: "return(IWM, 1d) < -2%"\nsession: regular', ""),
        ('when: "return(IWM, 24h) < -2%"\nsession: regular', ""),
        ('when: "return(IWM, 8h) < -2%"\nsession: any', ""),
    ],
)
def test_a_return_over_more_than_a_session_is_never_known(
    keys: str, under: str, tmp_path: Path
) -> None:
    found = warned(tmp_path, keys)
    assert [marked(fault) for fault in found] == ([under] if under else [])
    assert all("never known" in fault.message for fault in found)


QUIET = "telegram: {token_file: t, chats: [{id: 7, info: off}, {id: 8, info: off, warning: off}]}"


@pytest.mark.parametrize(
    ("keys", "under"),
    [
        ("severity: info\nnotify: telegram", "telegram"),
        ("severity: warning\nnotify: telegram", ""),
        ("severity: info\nnotify: [telegram, log]", ""),
        ("severity: info\nnotify: all", ""),
    ],
)
def test_a_rule_that_nobody_hears(keys: str, under: str, tmp_path: Path) -> None:
    (tmp_path / "t").write_text("1:AA")
    config = config_with("  log: {}", f"  log: {{}}\n  {QUIET}")
    found = warned(tmp_path, f"when: breakdown\n{keys}", config=config)
    assert [marked(fault) for fault in found] == ([under] if under else [])
    assert all("nobody hears it" in fault.message for fault in found)


RULE = "rules:\n  - {id: one, title: One, when: breakdown, severity: critical}\n"


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ("{rules: one, severities: info}", True),
        ("{labels: {desk: macro}}", True),
        ("{severities: [info, critical]}", False),
        ("{}", False),
    ],
)
def test_a_silence_of_no_rule_at_all(match: str, told: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a case
    during = "during: {calendar: NYSE}"
    found = warned_of(tmp_path, f"{RULE}silences:\n  - {{id: a, match: {match}, {during}}}\n")
    assert [marked(fault) for fault in found] == ([match] if told else [])
    assert all("silences nothing" in fault.message for fault in found)


def test_a_named_value_that_nothing_uses(tmp_path: Path) -> None:
    rules = "let: {far: 4 sigma, farther: far * 2, unused: 1, used: 3}\n"
    rules += "rules:\n  - {id: one, title: One, when: divergence > farther, message: '{used}'}\n"
    (fault,) = warned_of(tmp_path, rules)
    assert fault.message == "nothing uses 'unused'"
    assert marked(fault) == "unused"


def test_warnings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    rules = "let: {unused: 1}\n" + RULE
    rules += "  - {id: two, title: Two, when: age(ETH) < 0s, session: regular, for: 7h}\n"
    rules += "silences: [{id: a, match: {severities: info}, during: {calendar: NYSE}}]\n"
    found = warned_of(tmp_path, rules)
    assert [fault.line for fault in found] == [1, 4, 4, 5]
