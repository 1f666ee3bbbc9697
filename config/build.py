"""Checked keys made into the values of the core."""

from __future__ import annotations

from pathlib import Path

from alerts.language import compile_expression, compile_message
from alerts.rule import Rule
from config.document import Document
from config.fields import NEVER
from config.references import ALL
from config.schema import (
    ConfigKeys,
    DefaultsKeys,
    FeedsKeys,
    InstrumentKeys,
    MqttKeys,
    NotifiersKeys,
    RuleKeys,
    RulesKeys,
    TelegramKeys,
)
from config.secrets import one_secret
from config.settings import Config, Mqtt, Notifiers, Prior, Telegram, Venue
from config.state import state_path
from streams.instrument import Instrument, Pair


def build_config(keys: ConfigKeys, path: Path, rules_path: Path) -> Config:
    """The configuration, as yet without rules."""
    instruments = tuple(_instrument(name, value) for name, value in keys.instruments.items())
    pairs = tuple(Pair(pair.x, pair.y, pair.controls) for pair in keys.pairs)
    priors = (
        Prior(pair.name, given.prior.correlation)
        for pair, given in zip(pairs, keys.pairs, strict=True)
        if given.prior is not None
    )
    return Config(
        path=path,
        instance=keys.instance,
        step=keys.step,
        instruments=instruments,
        pairs=pairs,
        priors=tuple(priors),
        venues=_venues(instruments, keys.feeds),
        notifiers=_notifiers(keys.notifiers),
        rules_path=rules_path,
        state=state_path(keys.state, path.parent, keys.instance),
    )


def build_rules(keys: RulesKeys, document: Document, config: Config) -> tuple[Rule, ...]:
    """A rule for each pair that it is for."""
    rules: list[Rule] = []
    for index, rule in enumerate(keys.rules):
        source = f"{Path(document.file).name}:{document.line(('rules', index, 'id'))}"
        rules += [
            _rule(rule, keys.defaults, pair, config, source)
            for pair in config.pairs
            if rule.pairs is None or pair.name in rule.pairs
        ]
    return tuple(rules)


def _instrument(name: str, keys: InstrumentKeys) -> Instrument:
    return Instrument(
        name=name,
        calendar=keys.calendar,
        routes=keys.feeds,
        price="quote" if keys.price == "mid" else "trade",
        stale_after=keys.stale_after,
        return_after=keys.return_after,
        max_spread=keys.max_spread,
    )


def _venues(instruments: tuple[Instrument, ...], feeds: FeedsKeys) -> tuple[Venue, ...]:
    used = dict.fromkeys(route.venue for each in instruments for route in each.routes)
    return tuple(_venue(name, feeds) for name in used)


def _venue(name: str, feeds: FeedsKeys) -> Venue:
    if name == "alpaca" and feeds.alpaca is not None:
        given = feeds.alpaca
        return Venue(
            name,
            url=given.url,
            feed=given.feed,
            key=one_secret("key", given.key_file, given.key_credential),
            secret=one_secret("secret", given.secret_file, given.secret_credential),
        )
    if name == "finnhub" and feeds.finnhub is not None:
        token = one_secret("token", feeds.finnhub.token_file, feeds.finnhub.token_credential)
        return Venue(name, url=feeds.finnhub.url, token=token)
    return Venue(name, url=getattr(feeds, name).url)


def _notifiers(keys: NotifiersKeys) -> Notifiers:
    return Notifiers(
        log=keys.log is not None,
        mqtt=None if keys.mqtt is None else _mqtt(keys.mqtt),
        telegram=None if keys.telegram is None else _telegram(keys.telegram),
    )


def _mqtt(keys: MqttKeys) -> Mqtt:
    return Mqtt(
        host=keys.host,
        port=keys.port or (8883 if keys.tls else 1883),
        base=keys.base,
        tls=keys.tls,
        username=keys.username,
        password=one_secret("password", keys.password_file, keys.password_credential),
    )


def _telegram(keys: TelegramKeys) -> Telegram | None:
    token = one_secret("token", keys.token_file, keys.token_credential)
    return None if token is None else Telegram(token, keys.chats, keys.api_url)


def _rule(
    keys: RuleKeys,
    defaults: DefaultsKeys,
    pair: Pair,
    config: Config,
    source: str,
) -> Rule:
    known = [instrument.name for instrument in config.instruments]
    session = keys.session or defaults.session
    repeat = defaults.repeat_interval if keys.repeat_interval is None else keys.repeat_interval
    notify = keys.notify or defaults.notify
    clear = keys.clear and compile_expression(keys.clear, pair, known, truth=True)
    return Rule(
        id=keys.id,
        title=keys.title,
        pair=pair,
        when=compile_expression(keys.when, pair, known, truth=True),
        clear=clear or None,
        hold=keys.hold,
        session=None if session == "any" else session,
        severity=keys.severity or defaults.severity,
        notify=config.notifiers.names if ALL in notify else notify,
        repeat_interval=None if repeat == NEVER else repeat,
        message=None if keys.message is None else compile_message(keys.message, pair, known),
        source=source,
    )
