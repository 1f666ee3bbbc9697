"""The checked keys of comove.yaml made into values."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from config.context_keys import ContextKeys, FredKeys
from config.heartbeat_keys import HeartbeatKeys
from config.history_keys import HistoryKeys
from config.mqtt_keys import MqttKeys
from config.page_keys import PageKeys
from config.record_keys import RecordKeys
from config.references import ALL
from config.report_keys import ReportKeys
from config.schema import (
    ConfigKeys,
    FeedsKeys,
    InstrumentKeys,
    NotifiersKeys,
)
from config.secrets import one_secret
from config.settings import (
    Config,
    Context,
    FearGreed,
    Fred,
    Heartbeat,
    History,
    Kalshi,
    Mqtt,
    Notifiers,
    Page,
    Prior,
    Record,
    Report,
    Telegram,
    Venue,
    Webhook,
)
from config.state import state_path
from config.telegram_keys import TelegramKeys
from config.webhook_keys import WebhookKeys
from streams.instrument import NS, Instrument, Pair

_DAY = 86_400 * NS


def build_config(keys: ConfigKeys, path: Path, rules_path: Path) -> Config:
    """The configuration, as yet without rules."""
    instruments = tuple(_instrument(name, value) for name, value in keys.instruments.items())
    pairs = tuple(Pair(pair.x, pair.y, pair.controls) for pair in keys.pairs)
    priors = (
        Prior(pair.name, given.prior.correlation)
        for pair, given in zip(pairs, keys.pairs, strict=True)
        if given.prior is not None
    )
    state = state_path(keys.state, path.parent, keys.instance)
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
        state=state,
        page=_page(keys.page),
        warm=keys.warm,
        record=None if keys.record is None else _record(keys.record, path.parent, state),
        history=_history(keys.history, path.parent, state),
        report=_report(keys.report),
        heartbeat=None if keys.heartbeat is None else _heartbeat(keys.heartbeat),
        context=_context(keys.context),
    )


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
            rest=given.rest,
            feed=given.feed,
            key=one_secret("key", given.key_file, given.key_credential),
            secret=one_secret("secret", given.secret_file, given.secret_credential),
        )
    if name == "finnhub" and feeds.finnhub is not None:
        token = one_secret("token", feeds.finnhub.token_file, feeds.finnhub.token_credential)
        return Venue(name, url=feeds.finnhub.url, token=token)
    given = getattr(feeds, name)
    return Venue(name, url=given.url, rest=getattr(given, "rest", None))


def _notifiers(keys: NotifiersKeys) -> Notifiers:
    return Notifiers(
        log=keys.log is not None,
        mqtt=None if keys.mqtt is None else _mqtt(keys.mqtt),
        telegram=None if keys.telegram is None else _telegram(keys.telegram),
        webhook=None if keys.webhook is None else _webhook(keys.webhook),
    )


def _mqtt(keys: MqttKeys) -> Mqtt:
    return Mqtt(
        host=keys.host,
        port=keys.port or (8883 if keys.tls else 1883),
        base=keys.base,
        tls=keys.tls,
        ca_file=keys.ca_file,
        username=keys.username,
        password=one_secret("password", keys.password_file, keys.password_credential),
        metric_interval=keys.metric_interval,
        discovery=keys.discovery,
        commands=keys.commands,
    )


def _telegram(keys: TelegramKeys) -> Telegram | None:
    token = one_secret("token", keys.token_file, keys.token_credential)
    chats = tuple(chat.address for chat in keys.chats)
    return None if token is None else Telegram(token, chats, keys.api_url)


def _page(keys: PageKeys) -> Page | None:
    token = one_secret("token", keys.token_file, keys.token_credential)
    return Page(keys.host, keys.port, keys.hosts, token) if keys.serve else None


def _record(keys: RecordKeys, folder: Path, state: Path) -> Record:
    where = state.parent / "recordings" if keys.folder is None else folder / keys.folder
    return Record(where, keys.keep, keys.disk)


def _history(keys: HistoryKeys, folder: Path, state: Path) -> History | None:
    where = state.parent / "history" if keys.folder is None else folder / keys.folder
    return History(where, keys.minutes // _DAY, keys.closes) if keys.fetch else None


def _report(keys: ReportKeys) -> Report:
    notify = () if ALL in keys.notify else tuple(dict.fromkeys(keys.notify))
    return Report(keys.daily, keys.weekly, notify)


def _heartbeat(keys: HeartbeatKeys) -> Heartbeat:
    return Heartbeat(SecretStr(keys.url), keys.every)


def _context(keys: ContextKeys) -> Context:
    fred, fear, odds = keys.fred, keys.fear_greed, keys.kalshi
    return Context(
        fred=None if fred is None else _fred(fred),
        fear_greed=None if fear is None else FearGreed(fear.schedule, fear.url),
        kalshi=None if odds is None else Kalshi(odds.series, odds.schedule, odds.url),
    )


def _fred(keys: FredKeys) -> Fred:
    key = one_secret("key", keys.key_file, keys.key_credential)
    return Fred(tuple(dict.fromkeys(keys.series)), keys.schedule, key, keys.url)


def _webhook(keys: WebhookKeys) -> Webhook | None:
    secret = one_secret("secret", keys.secret_file, keys.secret_credential)
    return None if secret is None else Webhook(keys.url, secret)
