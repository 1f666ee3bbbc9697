"""The keys of `mqtt:` in comove.yaml."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.endpoints import AuthorityFile
from config.fields import MetricInterval, Topic
from config.keys import Keys
from config.refusals import refused
from config.secrets import Credential, SecretFile, one_secret
from streams.instrument import NS


class MqttKeys(Keys):
    """A broker."""

    host: Annotated[str, Field(min_length=1)] = "localhost"
    """Its name or address."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """1883, or 8883 with tls, unless said."""
    base: Topic = "comove"
    """The first words of all topics."""
    tls: bool = False
    """Whether the connection is encrypted."""
    ca_file: AuthorityFile | None = None
    """Whom to trust instead of the system's authorities: the file of the broker's own."""
    username: str | None = None
    """Who comove is to the broker."""
    password_file: SecretFile | None = None
    """The file that holds the password alone."""
    password_credential: Credential | None = None
    """The systemd credential that holds it, instead."""
    metric_interval: MetricInterval = 10 * NS
    """How often a metric is published at most; states of rules are at once."""
    discovery: Topic | None = None
    """Where Home Assistant looks for new devices: homeassistant, unless you changed it there."""
    commands: bool = False
    """Whether acknowledgements and silences are taken; the broker's access list says from whom."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ca_file is not None and not self.tls:
            raise refused("an authority without encryption", "add 'tls: true'")
        password = one_secret("password", self.password_file, self.password_credential)
        if password is not None and self.username is None:
            raise refused("a password without a username", "add 'username: …'")
        return self
