"""Secrets that are planted, one for each that the configuration knows, and the search for them."""

from __future__ import annotations

import json
import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote, quote_plus

import msgspec
import polars as pl
import zstandard
from pydantic import BaseModel, SecretStr

from config import endpoints
from config.schema import ConfigKeys
from config.source import SECRETS

PLANTED: Mapping[str, str] = {
    "context.fred.key": "planted-fred/key+0&1",
    "feeds.alpaca.key": 'PLANTED/alpaca"key',
    "feeds.alpaca.secret": "planted-alpaca+secret/=\\é",
    "feeds.finnhub.token": "planted-finnhub token&=/+",
    "heartbeat.url": "planted-heartbeat-path",
    "notifiers.mqtt.password": 'planted mqtt "pass/+&ü',
    "notifiers.telegram.token": "4242:planted-telegram_token",
    "notifiers.webhook.secret": 'planted-webhook "secret/+',
    "notifiers.webhook.url": "planted-webhook-path",
    "page.token": "planted-page+token/=42",
}
"""By what they are in comove.yaml; of an address the part that is worth keeping."""

_ADDRESSES = [get_args(each)[1] for each in (endpoints.HeartbeatUrl, endpoints.WebhookUrl)]
"""What marks an address that is to be kept."""
_MARK = b"planted"
"""Begins them all: a part of one is found too."""
_ZSTANDARD = re.escape(b"\x28\xb5\x2f\xfd")
_SHORTEST = 8
"""Characters of an encoded secret that are still worth a search."""


def secrets_of(model: type[BaseModel] = ConfigKeys, above: str = "") -> Iterator[str]:
    """What in the schema is secret: a file's content, a credential, an address, or by its name."""
    for name, field in model.model_fields.items():
        path = f"{above}{name}"
        types = [*_types(field.annotation)]
        if SecretStr in types or name in SECRETS:
            yield path.removesuffix("_file").removesuffix("_credential")
        elif any(mark in field.metadata for mark in _ADDRESSES):
            yield path
        for each in types:
            if isinstance(each, type) and issubclass(each, BaseModel):
                yield from secrets_of(each, f"{path}.")


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    yield from (each for part in get_args(annotation) for each in _types(part))


def forms(secret: str) -> frozenset[bytes]:
    """As it may stand somewhere: bare, in a URL, in JSON, HTML, hexadecimal, base64 or repr."""
    raw = secret.encode()
    written = {secret, repr(secret)[1:-1], repr(raw)[2:-1], escape(secret), raw.hex()}
    written |= {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    for ascii_only in (True, False):
        text = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        written |= {text, text.replace("/", "\\/"), repr(text)[1:-1], json.dumps(text)[1:-1]}
    found = {text.encode() for text in written} | {secret.encode("latin-1")}
    found |= {b32encode(raw).rstrip(b"=")}
    for encode in (b64encode, urlsafe_b64encode):
        found |= set(_aligned(raw, encode))
    return frozenset(form for form in found if len(form) >= _SHORTEST)


def _aligned(raw: bytes, encode: Any) -> Iterator[bytes]:
    """In base64 whatever stands before and behind it."""
    for before in range(3):
        text: bytes = encode(b"\0" * before + raw)
        first = (before * 8 + 5) // 6
        yield text[first : (before + len(raw)) * 8 // 6]


class Find(msgspec.Struct, frozen=True):
    """A secret that was found where it must not be."""

    secret: str
    place: str
    around: bytes


def found_in(place: str, data: bytes) -> Iterator[Find]:
    """Every planted secret that stands there in any form, and the beginning of any."""
    wanted = {name: forms(secret) for name, secret in PLANTED.items()}
    for name, written in (*wanted.items(), ("some", {_MARK, _MARK.upper()})):
        at = max(data.find(form) for form in written)
        if at >= 0:
            yield Find(name, place, data[max(0, at - 120) : at + 80])


def heard(name: str, data: bytes) -> bool:
    """Whether one stands there."""
    return any(form in data for form in forms(PLANTED[name]))


def left_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below, by name: as they are, and what is packed in them."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name, data = str(path.relative_to(folder)), path.read_bytes()
        yield name, data
        for at in (found.start() for found in re.finditer(_ZSTANDARD, data)):
            yield f"{name} (unpacked)", _unpacked(data[at:])
        if path.suffix == ".parquet":
            yield f"{name} (unpacked)", pl.read_parquet(path).write_csv().encode()


def _unpacked(data: bytes) -> bytes:
    """As far as it can be: the daemon may have been killed."""
    found, reader = b"", zstandard.ZstdDecompressor().decompressobj()
    with suppress(zstandard.ZstdError):
        for start in range(0, len(data), 4096):
            found += reader.decompress(data[start : start + 4096])
    return found
