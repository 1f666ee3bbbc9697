"""The keys of comove.yaml and of a rule file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerts.rule import Severity
from config.fields import (
    FeedRoute,
    Fraction,
    Hold,
    InstrumentName,
    OrEmpty,
    Patience,
    RepeatInterval,
    Slug,
    Step,
    Topic,
    Url,
)
from config.references import KnownInstrument, MessageText, Notify, PairNames, Truth
from config.refusals import refused
from config.secrets import Credential, SecretFile, need_secret, one_secret
from streams.instrument import NS


class Keys(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )


class InstrumentKeys(Keys):
    """One instrument."""

    calendar: Literal["24/7", "NYSE"]
    price: Literal["trade", "mid"] = "trade"
    feeds: Annotated[tuple[FeedRoute, ...], Field(min_length=1)]
    stale_after: Patience = 60 * NS
    return_after: Patience = 60 * NS
    max_spread: Fraction = 0.005


class PriorKeys(Keys):
    """What to assume of a pair until enough of it was seen."""

    correlation: Annotated[float, Field(ge=0.05, le=0.95)]


class PairKeys(Keys):
    """Two instruments watched together."""

    x: KnownInstrument
    y: KnownInstrument
    controls: tuple[KnownInstrument, ...] = ()
    prior: PriorKeys | None = None

    @model_validator(mode="after")
    def _different(self) -> Self:
        members = (self.x, self.y, *self.controls)
        if len(set(members)) < len(members):
            raise refused("a pair names an instrument twice", "x, y and the controls must differ")
        return self


class VenueKeys(Keys):
    """A venue that asks for no key."""

    url: Url | None = None


class AlpacaKeys(VenueKeys):
    """Alpaca: a key and its secret."""

    feed: Literal["iex", "sip", "delayed_sip", "test"] = "iex"
    key_file: SecretFile | None = None
    key_credential: Credential | None = None
    secret_file: SecretFile | None = None
    secret_credential: Credential | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("key", self.key_file, self.key_credential)
        need_secret("secret", self.secret_file, self.secret_credential)
        return self


class FinnhubKeys(VenueKeys):
    """Finnhub: a token."""

    token_file: SecretFile | None = None
    token_credential: Credential | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("token", self.token_file, self.token_credential)
        return self


class FeedsKeys(Keys):
    """How each venue is reached."""

    coinbase: Annotated[VenueKeys, OrEmpty] = VenueKeys()
    kraken: Annotated[VenueKeys, OrEmpty] = VenueKeys()
    binance: Annotated[VenueKeys, OrEmpty] = VenueKeys()
    yahoo: Annotated[VenueKeys, OrEmpty] = VenueKeys()
    alpaca: Annotated[AlpacaKeys | None, OrEmpty] = None
    finnhub: Annotated[FinnhubKeys | None, OrEmpty] = None


class LogKeys(Keys):
    """Alerts as lines of the service's own log."""


class MqttKeys(Keys):
    """A broker."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    base: Topic = "comove"
    tls: bool = False
    username: str | None = None
    password_file: SecretFile | None = None
    password_credential: Credential | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        password = one_secret("password", self.password_file, self.password_credential)
        if password is not None and self.username is None:
            raise refused("a password without a username", "add 'username: …'")
        return self


class TelegramKeys(Keys):
    """A bot, and the chats it may speak to."""

    token_file: SecretFile | None = None
    token_credential: Credential | None = None
    chats: Annotated[tuple[int, ...], Field(min_length=1)]
    api_url: Url | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("token", self.token_file, self.token_credential)
        return self


class NotifiersKeys(Keys):
    """Who is told."""

    log: Annotated[LogKeys | None, OrEmpty] = None
    mqtt: Annotated[MqttKeys | None, OrEmpty] = None
    telegram: Annotated[TelegramKeys | None, OrEmpty] = None

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if not self.model_fields_set:
            raise refused("nobody would be told of anything", "add 'log: {}'")
        return self


class ConfigKeys(Keys):
    """comove.yaml."""

    instance: Slug = "comove"
    step: Step = NS
    instruments: Annotated[dict[InstrumentName, InstrumentKeys], Field(min_length=1)]
    pairs: Annotated[tuple[PairKeys, ...], Field(min_length=1)]
    feeds: Annotated[FeedsKeys, OrEmpty] = FeedsKeys()
    notifiers: NotifiersKeys = NotifiersKeys(log=LogKeys())
    rules: Annotated[str, Field(min_length=1)] = "rules.yaml"
    state: Annotated[str, Field(min_length=1)] | None = None


class DefaultsKeys(Keys):
    """What holds for rules that do not say otherwise."""

    severity: Severity = Severity.WARNING
    notify: Annotated[Notify, Field(min_length=1)] = ("all",)
    session: Literal["regular", "extended", "any"] = "any"
    repeat_interval: RepeatInterval = 4 * 3600 * NS


class RuleKeys(Keys):
    """One rule."""

    id: Slug
    title: Annotated[str, Field(min_length=1, max_length=200)]
    when: Truth
    clear: Truth | None = None
    hold: Annotated[Hold, Field(alias="for")] = 0
    session: Literal["regular", "extended", "any"] | None = None
    severity: Severity | None = None
    notify: Annotated[Notify, Field(min_length=1)] | None = None
    repeat_interval: RepeatInterval | None = None
    message: MessageText | None = None
    pairs: Annotated[PairNames, Field(min_length=1)] | None = None


class RulesKeys(Keys):
    """rules.yaml."""

    defaults: Annotated[DefaultsKeys, OrEmpty] = DefaultsKeys()
    rules: Annotated[tuple[RuleKeys, ...], Field(min_length=1)]
