"""Rules that range over many pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.context import rule_calls
from alerts.engine import Engine
from alerts.transition import State, Transition
from config.load import load
from config.settings import Config
from daemon.wiring import make_market, needed_calls
from streams.instrument import NS
from streams.snapshot import Reading, Snapshot
from tests.config.folder import faults, marked, write

CRYPTO, SHARES = ("ETH", "BTC", "SOL"), ("IWM", "SPY", "QQQ", "DIA")
NAMES = (*CRYPTO, *SHARES)
PAIRS = [(x, y) for x in CRYPTO for y in SHARES if y != "DIA" or x == "ETH"]
FEEDS = {**dict.fromkeys(CRYPTO, "kraken"), **dict.fromkeys(SHARES, "yahoo")}
CONFIG = "\n".join(
    [
        "state: a.db",
        "instruments:",
        *(
            f"  {n}: {{calendar: {'24/7' if n in CRYPTO else 'NYSE'}, feeds: ['{FEEDS[n]}:{n}']}}"
            for n in NAMES
        ),
        "pairs:",
        *(f"  - {{x: {x}, y: {y}}}" for x, y in PAIRS),
    ]
)
RULES = """\
defaults: {inhibited_by: quiet}
rules:
  - id: apart
    title: Apart
    when: corr(1h) < 0.1 and corr(x, y, 4h) < 0.2 and return(x, 60m) < return(y, 60m)
    message: "{x} against {y}: {corr(1h)}, {x} {return(x, 60m)}"
  - {id: quiet, title: Quiet, when: stale(x) or stale(y)}
  - {id: chosen, title: Chosen, when: corr < -0.5, pairs: [ETH-SPY, SOL-QQQ]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(write(tmp_path, CONFIG, RULES))


def snapshot(config: Config, second: int, values: dict[str, float | bool]) -> Snapshot:
    """Calm, but for `values`."""
    calm: dict[str, float | bool] = {"corr": 0.6, "return": 0.0, "stale": False}
    readings = {
        call.key: Reading(values.get(call.key, calm[call.metric]))
        for rule in config.rules
        for call in rule_calls(rule)
    }
    return Snapshot(second * NS, readings, dict.fromkeys(NAMES, "regular"))


def told(engine: Engine, config: Config, values: dict[str, float | bool]) -> list[Transition]:
    engine.update(snapshot(config, 1, {}), NS)
    return engine.update(snapshot(config, 2, values), 2 * NS)


def apart(x: str, y: str) -> dict[str, float | bool]:
    return {f"corr({x},{y},1h)": 0.0, f"corr({x},{y},4h)": 0.1, f"return({x},1h)": -0.01}


def test_a_rule_without_pairs_is_for_all_ten_and_one_with_pairs_for_those(config: Config) -> None:
    by_rule = {
        id_: [(rule.pair.x, rule.pair.y) for rule in config.rules if rule.id == id_]
        for id_ in ("apart", "quiet", "chosen")
    }
    assert by_rule == {"apart": PAIRS, "quiet": PAIRS, "chosen": [("ETH", "SPY"), ("SOL", "QQQ")]}


def test_x_and_y_are_the_legs_of_each_pair_in_conditions_and_messages(config: Config) -> None:
    (alert,) = told(Engine(config.rules), config, apart("SOL", "QQQ"))
    assert (alert.rule, alert.pair, alert.state) == ("apart", "SOL-QQQ", State.FIRING)
    assert alert.message.startswith("SOL against QQQ: ")
    assert "SOL −1" in alert.message


def test_each_pair_has_an_incident_of_its_own(config: Config) -> None:
    pairs = [("SOL", "QQQ"), ("ETH", "IWM"), ("BTC", "SPY")]
    values = {key: value for names in pairs for key, value in apart(*names).items()}
    alerts = told(Engine(config.rules), config, values)
    assert {alert.pair for alert in alerts} == {f"{x}-{y}" for x, y in pairs}
    assert len({alert.incident for alert in alerts}) == len(pairs)


def test_a_rule_is_inhibited_by_the_other_of_its_own_pair_alone(config: Config) -> None:
    values = apart("SOL", "QQQ") | apart("ETH", "IWM") | {"stale(QQQ)": True}
    alerts = told(Engine(config.rules), config, values)
    assert {a.pair for a in alerts if a.rule == "quiet"} == {"ETH-QQQ", "BTC-QQQ", "SOL-QQQ"}
    assert {a.pair for a in alerts if a.rule == "apart" and a.notify} == {"ETH-IWM"}


def test_what_rules_and_alerts_of_several_pairs_ask_for_alike_is_asked_once(config: Config) -> None:
    calls = needed_calls(config.rules, config.pairs)
    assert sum(call.metric == "stale" for call in calls) == len(NAMES)
    assert sum(call.metric == "corr" and call.window == 3600 for call in calls) == len(PAIRS)
    assert len(make_market(config).floor.links) == len(PAIRS)


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("pairs: [ETH-SPY, SOL-QQQ]", "pairs: [ETH-SPY, SOL-QQ]", "SOL-QQ", "unknown pair"),
        ("pairs: [ETH-SPY, SOL-QQQ]", "pairs: [SPY-ETH]", "SPY-ETH", "unknown pair"),
        ("stale(y)", "stale(DOGE)", "DOGE", "DOGE"),
        ("return(y, 60m)", "return(z, 60m)", "z", "z"),
    ],
)
def test_a_rule_that_names_what_is_not_watched_is_told_once_where_it_stands(
    tmp_path: Path, old: str, new: str, where: str, said: str
) -> None:
    (fault,) = faults(write(tmp_path, CONFIG, RULES.replace(old, new)))
    assert marked(fault) == where
    assert said in fault.message


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("{x: SOL, y: QQQ}", "{x: SOL, y: QQ}", "QQ", "unknown instrument 'QQ'"),
        ("{x: SOL, y: QQQ}", "{x: SOL, y: IWM}", "{x: SOL, y: IWM}", "stands twice"),
        ("{x: ETH, y: DIA}", "{x: ETH, y: DIA, controls: [DIA]}", None, "an instrument twice"),
        ("{x: ETH, y: DIA}", "{x: ETH, y: DIA, controls: [IVV]}", "IVV", "instrument 'IVV'"),
    ],
)
def test_a_pair_of_what_is_no_instrument_or_that_stands_twice_is_told(
    tmp_path: Path, old: str, new: str, where: str | None, said: str
) -> None:
    rules = RULES.replace(", pairs: [ETH-SPY, SOL-QQQ]", "")
    found = faults(write(tmp_path, CONFIG.replace(old, new), rules))
    assert any(said in fault.message for fault in found), found
    if where is not None:
        assert where in {marked(fault) for fault in found}
