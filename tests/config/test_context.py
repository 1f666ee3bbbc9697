from __future__ import annotations

from pathlib import Path

import pytest

from config.load import inspect, load
from config.settings import Context, FearGreed, Fred, Kalshi
from config.shipped import CONFIG, shipped
from tests.config.folder import RULE, faults, write

GIVEN = shipped(CONFIG)
HEAD, TAIL = GIVEN.partition("\ncontext:\n")[0], GIVEN.partition("\n# Who is told.")[2]
RISK_OFF = """\
rules:
  - id: risk-off
    title: Both are falling
    when: return(ETH, 1d) < -5% and return(IWM, 1d) < -2% and vix > 25
    severity: warning
"""


def asking(folder: Path, keys: str | None, rules: str = RULE) -> Path:
    context = "" if keys is None else f"\ncontext: {keys}\n"
    return write(folder, f"{HEAD}\n{context}\n# Who is told.{TAIL}", rules)


def test_nothing_is_asked_where_nothing_is_said(tmp_path: Path) -> None:
    for keys in (None, "", "{}"):
        config = load(asking(tmp_path, keys))
        assert config.context == Context()
        assert config.fed == frozenset()


def test_what_is_shipped_asks_all_that_need_no_key(tmp_path: Path) -> None:
    config = load(write(tmp_path, None, RULE))
    assert config.context.names == (
        "vix",
        "fed_funds",
        "fed_target_low",
        "fed_target_high",
        "us2y",
        "fear_greed",
        "cut_odds",
    )
    assert config.context.fred is not None
    assert config.context.fred.key is None


def test_all_of_it_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("planted\n")
    config = load(
        asking(
            tmp_path,
            "{fred: {series: [us2y, vix, us2y], key_file: k, schedule: '0 9 * * mon', "
            "url: 'https://f/x'}, fear_greed: {schedule: '1 1 * * *'}, "
            "kalshi: {series: KXFOMC, url: 'http://127.0.0.1:1/m'}}",
        )
    )
    fred = config.context.fred
    assert fred is not None
    assert fred.key is not None
    assert fred.key.get_secret_value() == "planted"
    assert fred == Fred(("us2y", "vix"), "0 9 * * mon", fred.key, "https://f/x")
    assert config.context.fear_greed == FearGreed("1 1 * * *")
    assert config.context.kalshi == Kalshi("KXFOMC", "*/10 * * * *", "http://127.0.0.1:1/m")
    assert "planted" not in repr(config)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("{fred: {series: []}}", "this is empty"),
        ("{fred: {series: [vux]}}", "vux"),
        ("{fred: {schedule: hourly}}", "this is no schedule"),
        ("{fred: {schedule: '0 9 * * 1-5'}}", "by name"),
        ("{fred: {schedule: '0 9 30 2 *'}}", "never comes"),
        ("{fred: {key_file: none}}", "there is no file"),
        ("{fred: {url: 'ftp://x/y'}}", "is not an address"),
        ("{fred: {url: 'https://x/y?api_key=1'}}", "behind the address"),
        ("{kalshi: {series: ''}}", ""),
        ("{vix: {}}", "vix"),
    ],
)
def test_what_makes_no_sense_is_a_fault(tmp_path: Path, keys: str, said: str) -> None:
    [fault] = faults(asking(tmp_path, keys))
    assert fault.source_line.startswith("context:")
    assert said in fault.message


# -- rules


def warned(path: Path) -> list[str]:
    return [f"{fault.message}; {fault.remedy}" for fault in inspect(path)[1]]


def test_the_rule_of_both_falling_in_fear_is_sound_where_vix_has_a_source(tmp_path: Path) -> None:
    assert warned(asking(tmp_path, "{fred: {}}", RISK_OFF)) == []


def test_a_live_vix_is_a_source(tmp_path: Path) -> None:
    path = asking(tmp_path, None, RISK_OFF)
    vix = "instruments:\n  VIX: {calendar: NYSE, feeds: ['yahoo:^VIX']}\n"
    path.write_text(path.read_text().replace("instruments:\n", vix, 1))
    assert load(path).fed == {"vix"}
    assert warned(path) == []


@pytest.mark.parametrize("keys", [None, "{fear_greed: {}, kalshi: {}}", "{fred: {series: [us2y]}}"])
def test_a_series_without_a_source_is_warned_of(tmp_path: Path, keys: str | None) -> None:
    [warning] = warned(asking(tmp_path, keys, RISK_OFF))
    assert warning.startswith("vix is never known: it has no source; add 'fred: {}' under")


@pytest.mark.parametrize(
    ("when", "source"),
    [("fear_greed < 10", "fear_greed"), ("cut_odds(next) > 50%", "kalshi"), ("us2y > 4%", "fred")],
)
def test_the_remedy_names_the_source(tmp_path: Path, when: str, source: str) -> None:
    rules = f"rules:\n  - {{id: r, title: T, when: {when!r}}}\n"
    [warning] = warned(asking(tmp_path, None, rules))
    assert f"add '{source}: {{}}'" in warning


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("fear_greed > 100", "never"),
        ("cut_odds > 101%", "never"),
        ("vix > 25 and vix < 20", "never"),
        ("vix > 25 and return(ETH, 1d) < -5%", ""),
    ],
)
def test_what_can_never_be_is_warned_of(tmp_path: Path, when: str, said: str) -> None:
    rules = f"rules:\n  - {{id: r, title: T, when: {when!r}}}\n"
    found = warned(asking(tmp_path, "{fred: {}, fear_greed: {}, kalshi: {}}", rules))
    assert len(found) == (1 if said else 0)
    assert all(said in each for each in found)
