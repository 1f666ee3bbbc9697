from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts.rule import Severity
from config.load import load, load_rules
from config.settings import Mqtt, Prior, Venue
from config.shipped import CONFIG, RULES, shipped, shipped_path
from streams.instrument import NS, Instrument, Pair, Route
from tests.config.folder import RULE, config_with, write

MINUTE = 60 * NS


def test_the_shipped_files_load_as_they_are() -> None:
    config = load(shipped_path(CONFIG))
    assert config.instance == "comove"
    assert config.step == NS
    assert config.pairs == (Pair("ETH", "IWM", ("SPY", "BTC")),)
    assert config.priors == (Prior("ETH-IWM", 0.5),)
    assert config.prior(config.pairs[0]) == 0.5
    assert config.notifiers.names == ("log",)
    assert config.instruments[0] == Instrument(
        name="ETH",
        calendar="24/7",
        routes=(
            Route("coinbase", "ETH-USD"),
            Route("kraken", "ETH/USD"),
            Route("binance", "ETHUSDT"),
        ),
        stale_after=30 * NS,
    )
    assert [venue.name for venue in config.venues] == ["coinbase", "kraken", "binance", "yahoo"]


def test_the_shipped_rules_are_compiled() -> None:
    rules = load(shipped_path(CONFIG)).rules
    breakdown, behind, *_, stale = rules
    assert [rule.id for rule in rules] == [
        "small-caps-breakdown",
        "eth-behind-small-caps",
        "eth-ahead-of-small-caps",
        "risk-off",
        "feed-stale",
    ]
    assert (breakdown.severity, breakdown.clear, breakdown.hold) == (Severity.CRITICAL, None, 0)
    assert (behind.severity, behind.hold) == (Severity.WARNING, 2 * MINUTE)
    assert (behind.session, stale.session) == ("regular", None)
    assert behind.clear is not None
    assert behind.clear.text == "divergence(60m) > -2"
    assert behind.repeat_interval == 240 * MINUTE
    assert {rule.notify for rule in rules} == {("log",)}


def test_a_rule_knows_the_line_it_stands_in() -> None:
    lines = shipped(RULES).splitlines()
    for rule in load(shipped_path(CONFIG)).rules:
        name, line = rule.source.split(":")
        assert (name, lines[int(line) - 1].strip()) == (RULES, f"- id: {rule.id}")


def test_what_is_commented_out_is_sound_when_the_signs_are_removed(tmp_path: Path) -> None:
    for secret in (
        "alpaca-key",
        "alpaca-secret",
        "finnhub-token",
        "fred-key",
        "mqtt-password",
        "webhook-secret",
    ):
        (tmp_path / secret).write_text("s3cret\n")
    (tmp_path / "telegram-token").write_text("1:AA\n")
    (tmp_path / "page-token").write_text("0123456789abcdef\n")
    head, feeds, tail = shipped(CONFIG).partition("\nfeeds: {}")
    head = head.replace("    feeds: [yahoo:IWM]", "    feeds: [alpaca:IWM, finnhub:IWM, yahoo:IWM]")
    tail = re.sub(r"^# (record|heartbeat):$", r"\1:", tail, flags=re.MULTILINE)
    tail = re.sub(r"^#  ", "  ", tail, flags=re.MULTILINE)
    config = load(write(tmp_path, head + feeds.removesuffix(" {}") + tail))
    assert config.notifiers.names == ("log", "mqtt", "telegram", "webhook")
    assert {rule.notify for rule in config.rules} == {config.notifiers.names}
    assert {"alpaca", "finnhub"} < {venue.name for venue in config.venues}
    assert config.page is None, "serve: false stands among them"
    assert config.record is not None
    assert config.heartbeat is not None
    assert config.context.names == ("vix", "us2y", "fear_greed", "cut_odds")


def test_secrets_come_from_files_and_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("PUBLIC123\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "secret").write_text("  HIDDEN456 ")
    text = config_with(
        "feeds: {}", "feeds:\n  alpaca: {key_file: key, secret_file: sub/secret, feed: sip}"
    ).replace("[yahoo:IWM]", "[alpaca:IWM]")
    config = load(write(tmp_path, text))
    venue = config.venue("alpaca")
    assert venue.key is not None
    assert venue.secret is not None
    assert venue.key.get_secret_value() == "PUBLIC123"
    assert venue.secret.get_secret_value() == "HIDDEN456"
    assert venue.feed == "sip"
    assert "PUBLIC123" not in repr(config)
    assert "HIDDEN456" not in f"{config} {venue!r}"


def test_a_credential_comes_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "bot").write_text("1:AA")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    text = config_with("log: {}", "telegram: {token_credential: bot, chats: [-100123, 7]}")
    telegram = load(write(tmp_path, text)).notifiers.telegram
    assert telegram is not None
    assert telegram.token.get_secret_value() == "1:AA"
    assert [chat.chat_id for chat in telegram.chats] == [-100123, 7]


@pytest.mark.parametrize(("tls", "port"), [("false", 1883), ("on", 8883)])
def test_mqtt_has_the_port_that_goes_with_tls(tls: str, port: int, tmp_path: Path) -> None:
    text = config_with("log: {}", f"log:\n  mqtt: {{host: broker, tls: {tls}}}")
    notifiers = load(write(tmp_path, text)).notifiers
    assert notifiers.log
    assert notifiers.mqtt == Mqtt(host="broker", port=port, base="comove", tls=tls == "on")


def test_a_venue_may_have_another_address(tmp_path: Path) -> None:
    text = config_with("feeds: {}", "feeds: {coinbase: {url: 'ws://127.0.0.1:9/'}}")
    config = load(write(tmp_path, text))
    assert config.venue("coinbase") == Venue("coinbase", url="ws://127.0.0.1:9/")
    assert config.venue("kraken") == Venue("kraken")


def test_the_mid_of_quotes_may_be_the_price(tmp_path: Path) -> None:
    config = load(write(tmp_path, config_with("price: trade\n    feeds", "price: mid\n    feeds")))
    assert config.instruments[0].price == "quote"


def test_a_rule_is_made_for_each_pair_it_is_for(tmp_path: Path) -> None:
    text = config_with("pairs:\n", "pairs:\n  - {x: BTC, y: SPY}\n")
    rules = RULE + "    repeat_interval: never\n"
    rules += "  - {id: two, title: Two, when: stale(ETH), pairs: ETH-IWM, severity: info}\n"
    made = load(write(tmp_path, text, rules)).rules
    assert [(rule.id, rule.pair.name) for rule in made] == [
        ("one", "BTC-SPY"),
        ("one", "ETH-IWM"),
        ("two", "ETH-IWM"),
    ]
    assert made[0].when.calls[0].instruments == ("BTC", "SPY")
    assert made[0].repeat_interval is None
    assert made[2].repeat_interval == 240 * MINUTE
    assert made[2].severity is Severity.INFO


def test_defaults_hold_unless_a_rule_says_otherwise(tmp_path: Path) -> None:
    rules = RULE.replace("rules:", "defaults: {severity: info, session: extended}\nrules:")
    rules += "  - {id: two, title: Two, when: stale(ETH), session: any, severity: critical}\n"
    one, two = load(write(tmp_path, None, rules)).rules
    assert (one.severity, one.session) == (Severity.INFO, "extended")
    assert (two.severity, two.session) == (Severity.CRITICAL, None)


def test_another_rule_file_is_read_for_the_same_configuration(tmp_path: Path) -> None:
    config = load(write(tmp_path))
    other = tmp_path / "other.yaml"
    other.write_text(RULE)
    (rule,) = load_rules(other, config)
    assert (rule.id, rule.source) == ("one", "other.yaml:2")


def test_an_anchor_may_be_set_anew(tmp_path: Path) -> None:
    rules = RULE + "  - {id: two, title: &w two, when: &w stale(ETH), clear: *w}\n"
    _, two = load(write(tmp_path, None, rules)).rules
    assert two.clear is not None
    assert two.clear.text == "stale(ETH)"


def test_anchors_share_what_they_name(tmp_path: Path) -> None:
    rules = RULE + "  - {id: two, title: Two, when: &w stale(ETH), clear: *w}\n"
    _, two = load(write(tmp_path, None, rules)).rules
    assert two.clear is not None
    assert two.clear.text == "stale(ETH)"
