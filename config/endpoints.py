"""Whom alerts are delivered to: addresses, and the authorities that vouch for them."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from config import forms
from config.page_keys import is_loopback
from config.refusals import names, refused

_URL = r"https?://[^\s/]+\S*"


def _webhook(value: str) -> str:
    parts = _parts(value)
    if parts is None or not parts.hostname:
        raise refused("this is not an address", "write it as https://host/path")
    if parts.username or parts.password:
        raise refused("a name or password in an address", "secret_file is how comove is known")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise refused("alerts are not sent unencrypted to other machines", "write https://…")
    return value


def _parts(value: str) -> SplitResult | None:
    if not re.fullmatch(_URL, value) or not value.isascii():
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


WebhookUrl = Annotated[str, AfterValidator(_webhook), forms.text(f"^{_URL}$", "https://host/path")]
"""Encrypted, unless it is this machine."""


def _source(value: str) -> str:
    parts = _parts(value)
    if parts is None or not parts.hostname:
        raise refused("this is not an address", "write it as https://host/path")
    if parts.query or parts.username or parts.password:
        raise refused(
            "what is asked for is put behind the address", "write it as https://host/path"
        )
    return value


SourceUrl = Annotated[str, AfterValidator(_source), forms.text(f"^{_URL}$", "https://host/path")]
"""Without what is asked there."""


def _rest(value: str) -> str:
    parts = _parts(_source(value))
    if parts is not None and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise refused("keys are not sent unencrypted to other machines", "write https://…")
    return value


RestUrl = Annotated[str, AfterValidator(_rest), forms.text(f"^{_URL}$", "https://host")]
"""A base, with nothing behind it that is asked; encrypted, unless it is this machine."""


def _heartbeat(value: str) -> str:
    parts = _parts(value)
    if parts is None or not parts.hostname:
        raise refused("this is not an address", "write it as https://host/path")
    return value


HeartbeatUrl = Annotated[
    str, AfterValidator(_heartbeat), forms.text(f"^{_URL}$", "https://host/path")
]
"""Whoever knows such an address can keep the alarm quiet: it is never shown."""


def _authority(value: Any, info: ValidationInfo) -> Path:
    if not isinstance(value, str):
        raise refused("this must be the name of a file", "one with certificates in PEM form")
    path = names(info).folder / value
    try:
        ssl.create_default_context(cafile=str(path))
    except FileNotFoundError:
        raise refused(f"there is no file {path}", "name the authority's certificate") from None
    except OSError as error:
        reason = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        remedy = "it must hold the authority's certificate in PEM form"
        raise refused(f"{path} cannot be used: {reason}", remedy) from None
    return path


AuthorityFile = Annotated[Path, BeforeValidator(_authority), forms.FILE_NAME]
"""Certificates of whom to trust, the file's name relative to the configuration's folder."""
