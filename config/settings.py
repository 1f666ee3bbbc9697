"""Configuration as the rest of comove sees it: checked and frozen."""

from __future__ import annotations

from pathlib import Path

import msgspec
from pydantic import SecretStr

from alerts.rule import Rule
from streams.instrument import Instrument, Pair


class Venue(msgspec.Struct, frozen=True):
    """How a venue is reached; None where its own default holds."""

    name: str
    url: str | None = None
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
    username: str | None = None
    password: SecretStr | None = None


class Telegram(msgspec.Struct, frozen=True):
    """A bot, and the chats it may speak to; `api_url` None is Telegram's own."""

    token: SecretStr
    chats: tuple[int, ...]
    api_url: str | None = None


class Notifiers(msgspec.Struct, frozen=True):
    """The channels that are configured."""

    log: bool = True
    mqtt: Mqtt | None = None
    telegram: Telegram | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """As rules name them."""
        given = {"log": self.log, "mqtt": self.mqtt, "telegram": self.telegram}
        return tuple(name for name, value in given.items() if value)


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

    def venue(self, name: str) -> Venue:
        """The venue of that name, with its defaults where nothing was said of it."""
        return next((v for v in self.venues if v.name == name), Venue(name))

    def prior(self, pair: Pair) -> float | None:
        """The correlation assumed of a pair, if any."""
        return next((p.correlation for p in self.priors if p.pair == pair.name), None)
