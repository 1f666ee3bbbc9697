"""The keys of `webhook:` in comove.yaml."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from config.endpoints import WebhookUrl
from config.keys import Keys
from config.secrets import Credential, SecretFile, need_secret


class WebhookKeys(Keys):
    """A program that takes alerts by HTTP, as signed JSON."""

    url: WebhookUrl
    """Where it listens."""
    secret_file: SecretFile | None = None
    """The file that holds the key of the signature alone."""
    secret_credential: Credential | None = None
    """The systemd credential that holds it, instead."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("secret", self.secret_file, self.secret_credential)
        return self
