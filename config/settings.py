"""Configuration as the rest of comove sees it: checked and frozen."""

from __future__ import annotations

from pathlib import Path

import msgspec
from pydantic import SecretStr

from alerts.notifiers.telegram_address import Address
from alerts.rule import Rule
from alerts.silence import QuietTime
from streams.backdrop import LIVE
from streams.instrument import NS, Instrument, Pair
from streams.schedule import Event


class Venue(msgspec.Struct, frozen=True):
    """How a venue is reached; None where its own default holds."""

    name: str
    url: str | None = None
    rest: str | None = None
    """Where its history is asked for. With another `url` alone it is not: who stands there?"""
    feed: str | None = None
    """Which of the venue's streams (Alpaca's `iex`)."""
    key: SecretStr | None = None
    secret: SecretStr | None = None
    token: SecretStr | None = None


class Mqtt(msgspec.Struct, frozen=True):
    """A broker."""

    host: str
    port: int
    base: str
    tls: bool = False
    ca_file: Path | None = None
    """Whose certificates to trust instead of the system's."""
    username: str | None = None
    password: SecretStr | None = None
    metric_interval: int = 10 * NS
    discovery: str | None = None
    """Home Assistant's prefix, if it is to be told."""
    commands: bool = False


class Telegram(msgspec.Struct, frozen=True):
    """A bot, and the chats it may speak to; `api_url` None is Telegram's own."""

    token: SecretStr
    chats: tuple[Address, ...]
    api_url: str | None = None


class Webhook(msgspec.Struct, frozen=True):
    """A program that takes alerts by HTTP."""

    url: str
    secret: SecretStr


class Notifiers(msgspec.Struct, frozen=True):
    """The channels that are configured."""

    log: bool = True
    mqtt: Mqtt | None = None
    telegram: Telegram | None = None
    webhook: Webhook | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """As rules name them."""
        given = {
            "log": self.log,
            "mqtt": self.mqtt,
            "telegram": self.telegram,
            "webhook": self.webhook,
        }
        return tuple(name for name, value in given.items() if value)


class Page(msgspec.Struct, frozen=True):
    """Where the status page is served, under which names, and who may command there."""

    host: str
    port: int
    hosts: tuple[str, ...] = ()
    token: SecretStr | None = None


class Record(msgspec.Struct, frozen=True):
    """Where recordings are kept, how long (ns), and the share of the disk that they may take."""

    folder: Path
    keep: int
    share: float


class Report(msgspec.Struct, frozen=True):
    """Which reports are made, and who is told: all channels where none is named."""

    daily: bool = False
    weekly: bool = False
    notify: tuple[str, ...] = ()


class History(msgspec.Struct, frozen=True):
    """Where the past is kept; trading days of minutes, and how far back (ns) closes go."""

    folder: Path
    days: int
    back: int


class Heartbeat(msgspec.Struct, frozen=True):
    """What is fetched, every so many ns, as long as all goes on; the address is a secret."""

    url: SecretStr
    every: int


class Fred(msgspec.Struct, frozen=True):
    """Which of FRED's series are asked for and when (a crontab line); without a key as a table."""

    series: tuple[str, ...]
    schedule: str
    key: SecretStr | None = None
    url: str | None = None


class FearGreed(msgspec.Struct, frozen=True):
    """When crypto fear & greed is asked for."""

    schedule: str
    url: str | None = None


class Kalshi(msgspec.Struct, frozen=True):
    """Which series has the odds of decisions, and when it is asked for."""

    series: str
    schedule: str
    url: str | None = None


class Context(msgspec.Struct, frozen=True):
    """The sources of slow series; None where one is not asked."""

    fred: Fred | None = None
    fear_greed: FearGreed | None = None
    kalshi: Kalshi | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The series that have a source, as rules name them."""
        return (
            *(self.fred.series if self.fred else ()),
            *(("fear_greed",) if self.fear_greed else ()),
            *(("cut_odds",) if self.kalshi else ()),
        )


class Prior(msgspec.Struct, frozen=True):
    """What is assumed of a pair, by its name, until enough of it was seen."""

    pair: str
    correlation: float


class Config(msgspec.Struct, frozen=True):
    """One comove.yaml with its rules; `step` is in nanoseconds."""

    path: Path
    instance: str
    step: int
    instruments: tuple[Instrument, ...]
    pairs: tuple[Pair, ...]
    priors: tuple[Prior, ...]
    venues: tuple[Venue, ...]
    """Those that feed an instrument."""
    notifiers: Notifiers
    rules_path: Path
    state: Path
    """The file that outlives the process."""
    rules: tuple[Rule, ...] = ()
    quiet: tuple[QuietTime, ...] = ()
    """When alerts are not told."""
    events: tuple[Event, ...] = ()
    """The calendar."""
    events_path: Path | None = None
    """Where the calendar stands."""
    page: Page | None = None
    """None: there is none."""
    warm: int = 0
    """After a restart within so long (ns) the statistics go on; 0: they are not saved."""
    record: Record | None = None
    """None: nothing is recorded."""
    history: History | None = None
    """None: venues are not asked for the past."""
    report: Report = Report()
    heartbeat: Heartbeat | None = None
    """None: nobody is told that all goes on."""
    context: Context = Context()

    @property
    def fed(self) -> frozenset[str]:
        """The slow series that have a source: those of the context, and a live VIX."""
        live = {"vix"} if any(each.name == LIVE for each in self.instruments) else set()
        return frozenset({*self.context.names, *live})

    def venue(self, name: str) -> Venue:
        """The venue of that name, with its defaults where nothing was said of it."""
        return next((v for v in self.venues if v.name == name), Venue(name))

    def prior(self, pair: Pair) -> float | None:
        """The correlation assumed of a pair, if any."""
        return next((p.correlation for p in self.priors if p.pair == pair.name), None)
