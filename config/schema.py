"""The keys of comove.yaml."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.context_keys import ContextKeys
from config.endpoints import RestUrl
from config.fields import (
    FeedRoute,
    Fraction,
    InstrumentName,
    Patience,
    RepeatInterval,
    Slug,
    Step,
    Url,
)
from config.heartbeat_keys import HeartbeatKeys
from config.history_keys import HistoryKeys
from config.keys import Keys, OrEmpty
from config.mqtt_keys import MqttKeys
from config.page_keys import PageKeys
from config.record_keys import RecordKeys
from config.references import KnownInstrument
from config.refusals import refused
from config.report_keys import ReportKeys
from config.secrets import Credential, SecretFile, need_secret
from config.telegram_keys import TelegramKeys
from config.webhook_keys import WebhookKeys
from streams.instrument import NS


class InstrumentKeys(Keys):
    """One instrument."""

    calendar: Literal["24/7", "NYSE"]
    """When it trades: round the clock, or in New York's hours (regular 09:30 to 16:00)."""
    price: Literal["trade", "mid"] = "trade"
    """Its price: that of the last trade, or the middle of bid and ask."""
    feeds: Annotated[tuple[FeedRoute, ...], Field(min_length=1)]
    """Where it comes from, as venue:symbol; the first that is good is used."""
    stale_after: Patience = 60 * NS
    """A feed without data for so long, while the market is open, is stale."""
    return_after: Patience = 60 * NS
    """A preferred feed is returned to after it was good again for so long."""
    max_spread: Fraction = 0.005
    """Quotes wider than this are not taken for a price."""


class PriorKeys(Keys):
    """What to assume of a pair until enough of it was seen."""

    correlation: Annotated[float, Field(ge=0.05, le=0.95)]
    """Too high a figure means false alarms."""


class PairKeys(Keys):
    """Two instruments watched together."""

    x: KnownInstrument
    """The first instrument (ETH)."""
    y: KnownInstrument
    """The second (IWM)."""
    controls: tuple[KnownInstrument, ...] = ()
    """Shown beside every alert: whether it is about the pair, or about the whole market."""
    prior: PriorKeys | None = None
    """What is assumed until enough was seen; what rests on it is labelled "prior"."""

    @model_validator(mode="after")
    def _different(self) -> Self:
        members = (self.x, self.y, *self.controls)
        if len(set(members)) < len(members):
            raise refused("a pair names an instrument twice", "x, y and the controls must differ")
        return self


class VenueKeys(Keys):
    """A venue that asks for no key."""

    url: Url | None = None
    """Another address than the venue's own."""


class PastVenueKeys(VenueKeys):
    """A venue that asks for no key, and can be asked for the past."""

    rest: RestUrl | None = None
    """Another address of its REST API than the venue's own; with another 'url' name it too, or
    the venue is not asked for history."""


class AlpacaKeys(PastVenueKeys):
    """Alpaca: a key and its secret."""

    feed: Literal["iex", "sip", "delayed_sip", "test"] = "iex"
    """Which stream: iex is free, sip is the whole tape."""
    key_file: SecretFile | None = None
    """The file that holds the key alone."""
    key_credential: Credential | None = None
    """The systemd credential that holds it, instead."""
    secret_file: SecretFile | None = None
    """The file that holds the secret alone."""
    secret_credential: Credential | None = None
    """The systemd credential that holds it, instead."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("key", self.key_file, self.key_credential)
        need_secret("secret", self.secret_file, self.secret_credential)
        return self


class FinnhubKeys(VenueKeys):
    """Finnhub: a token."""

    token_file: SecretFile | None = None
    """The file that holds the token alone."""
    token_credential: Credential | None = None
    """The systemd credential that holds it, instead."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("token", self.token_file, self.token_credential)
        return self


class FeedsKeys(Keys):
    """How each venue is reached."""

    coinbase: Annotated[PastVenueKeys, OrEmpty] = PastVenueKeys()
    """Coinbase asks for no key."""
    kraken: Annotated[PastVenueKeys, OrEmpty] = PastVenueKeys()
    """Kraken asks for no key."""
    binance: Annotated[PastVenueKeys, OrEmpty] = PastVenueKeys()
    """Binance asks for no key."""
    yahoo: Annotated[PastVenueKeys, OrEmpty] = PastVenueKeys()
    """Yahoo asks for no key."""
    alpaca: Annotated[AlpacaKeys | None, OrEmpty] = None
    """Alpaca (US shares) asks for a key and its secret."""
    finnhub: Annotated[FinnhubKeys | None, OrEmpty] = None
    """Finnhub (US shares) asks for a token."""


class LogKeys(Keys):
    """Alerts as lines of the service's own log."""


class NotifiersKeys(Keys):
    """Who is told."""

    log: Annotated[LogKeys | None, OrEmpty] = None
    """Alerts as lines of the service's own log."""
    mqtt: Annotated[MqttKeys | None, OrEmpty] = None
    """A broker."""
    telegram: Annotated[TelegramKeys | None, OrEmpty] = None
    """A bot, and the chats it may speak to."""
    webhook: Annotated[WebhookKeys | None, OrEmpty] = None
    """A program that takes alerts by HTTP, as signed JSON."""

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if not self.model_fields_set:
            raise refused("nobody would be told of anything", "add 'log: {}'")
        return self


class ConfigKeys(Keys):
    """comove.yaml."""

    instance: Slug = "comove"
    """Names this comove in MQTT topics and messages."""
    step: Step = NS
    """How often rules are looked at."""
    instruments: Annotated[dict[InstrumentName, InstrumentKeys], Field(min_length=1)]
    """What is watched, by name."""
    pairs: Annotated[tuple[PairKeys, ...], Field(min_length=1)]
    """What is watched together."""
    feeds: Annotated[FeedsKeys, OrEmpty] = FeedsKeys()
    """Venues that need a key, or another address than their own."""
    context: Annotated[ContextKeys, OrEmpty] = ContextKeys()
    """Slow series (volatility, rates, sentiment, odds); what is not named is not asked."""
    notifiers: NotifiersKeys = NotifiersKeys(log=LogKeys())
    """Who is told."""
    page: Annotated[PageKeys, OrEmpty] = PageKeys()
    """The status page, its API and Prometheus metrics, over HTTP."""
    record: Annotated[RecordKeys | None, OrEmpty] = None
    """All that the feeds send and receive, kept for 'comove replay' and 'comove decode'."""
    history: Annotated[HistoryKeys, OrEmpty] = HistoryKeys()
    """The past, asked of the venues at the start and after each close, and kept."""
    report: Annotated[ReportKeys, OrEmpty] = ReportKeys()
    """What a day and a week were like for each pair, told at the close."""
    heartbeat: HeartbeatKeys | None = None
    """Another service that raises the alarm when comove falls silent (a dead-man's switch)."""
    warm: RepeatInterval = 20 * 60 * NS
    """After a restart within so long the statistics go on; later, what was learned in the last 30
    days. With 'never' nothing is saved."""
    rules: Annotated[str, Field(min_length=1)] = "rules.yaml"
    """The rule file, relative to this one."""
    events: Annotated[str, Field(min_length=1)] | None = None
    """The calendar of events, relative to this file; without it, the one that comes with comove."""
    state: Annotated[str, Field(min_length=1)] | None = None
    """Where alerts and the rules' clocks are kept; without it, where systemd or the user's home
    says."""
