"""The keys of `page:` in comove.yaml."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from config import forms
from config.keys import Keys
from config.refusals import refused
from config.secrets import Credential, SecretFile, one_secret

_SHORTEST_TOKEN = 16

_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+"


def _host(value: str) -> str:
    if re.fullmatch(_HOST, value):
        return value.lower()
    raise refused(f"'{value}' is not a host's name", "write name or address, without the port")


HostName = Annotated[str, AfterValidator(_host), forms.text(f"^({_HOST})$")]
"""A name or an address, IPv6 without brackets."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class PageKeys(Keys):
    """The status page, its API and Prometheus metrics, over HTTP."""

    serve: bool = True
    """Whether there is one; 'comove status' and its like work without."""
    host: HostName = "127.0.0.1"
    """The address to listen at: who reaches it may read. Another than this machine's own needs a
    token."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """Its port."""
    hosts: tuple[HostName, ...] = ()
    """Names or addresses under which browsers reach it, besides localhost and 'host'."""
    token_file: SecretFile | None = None
    """The file that holds the token alone; who knows it may acknowledge, silence and reload."""
    token_credential: Credential | None = None
    """The systemd credential that holds it, instead."""

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        token = one_secret("token", self.token_file, self.token_credential)
        if token is None and self.serve and not is_loopback(self.host):
            remedy = "add 'token_file: …', or listen at 127.0.0.1"
            raise refused(f"'{self.host}' can be reached by others, and no token is set", remedy)
        if token is not None and len(token.get_secret_value()) < _SHORTEST_TOKEN:
            remedy = "make one with: openssl rand -hex 16"
            raise refused(f"the token is shorter than {_SHORTEST_TOKEN} characters", remedy)
        return self
