"""The hosts that a configuration speaks to: found by name, answering, and who they say they are."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec

from config.settings import Config, Venue
from daemon.channels import tls_context
from daemon.doctor.finding import Finding, fail, ok, warn
from daemon.polls import sources
from streams.feeds.registry import VENUES

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_EXPIRES_SOON = 14
"""Days."""
_DAY = 86_400


class Host(msgspec.Struct, frozen=True):
    """One host, what it is for, and whom to trust; `tls` None where nothing is encrypted."""

    purpose: str
    name: str
    port: int
    tls: ssl.SSLContext | None = None
    proxied: bool = False
    """Whether the environment's proxy stands between."""


def hosts(config: Config) -> Iterator[Host]:
    """Those of the feeds, the context, the notifiers and the heartbeat, each once."""
    found: dict[tuple[str, int], Host] = {}
    for host in _all(config):
        found.setdefault((host.name, host.port), host)
    yield from found.values()


def _all(config: Config) -> Iterator[Host]:
    for venue in config.venues:
        yield _of_url(venue.name, base_url(venue))
    for source, _ in sources(config.context):
        yield _of_url(source.name, source.request(0).url)
    told = config.notifiers
    if told.telegram is not None:
        yield _of_url("telegram", told.telegram.api_url or "https://api.telegram.org")
    if told.webhook is not None:
        yield _of_url("webhook", told.webhook.url)
    if told.mqtt is not None:
        yield Host("mqtt", told.mqtt.host, told.mqtt.port, tls_context(told.mqtt))
    if config.heartbeat is not None:
        yield _of_url("heartbeat", config.heartbeat.url.get_secret_value())


def base_url(venue: Venue) -> str:
    """Where a venue is reached; no secret is in it."""
    return venue.url or VENUES[venue.name].base


def _of_url(purpose: str, url: str) -> Host:
    parts = urlsplit(url)
    secure = parts.scheme in {"wss", "https"}
    name = parts.hostname or ""
    return Host(
        purpose,
        name,
        parts.port or _PORTS[parts.scheme],
        ssl.create_default_context() if secure else None,
        proxied=bool({"https" if secure else "http", "all"} & getproxies().keys())
        and not proxy_bypass(name),
    )


async def reach(host: Host, now: int) -> Finding:
    """By name, TCP and TLS; `now` in ns."""
    if host.proxied:
        return ok("reached through a proxy ($HTTPS_PROXY), which alone knows more")
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except OSError:
        remedy = f"see to this machine's DNS: 'getent hosts {host.name}' must answer"
        return fail(f"the name {host.name} cannot be resolved", remedy)
    addresses = len({address for *_, address in found})
    said = f"resolves to {addresses} address{'es' if addresses > 1 else ''}"
    try:
        _, writer = await asyncio.open_connection(
            host.name, host.port, ssl=host.tls, server_hostname=host.name if host.tls else None
        )
    except ssl.SSLCertVerificationError as error:
        return fail(
            f"its certificate is refused: {error.verify_message.rstrip('.')}",
            "see to this machine's clock and CA certificates (or 'ca_file:'), and to proxies that "
            "open TLS",
        )
    except OSError as error:
        # asyncio writes its own text over the system's.
        reason = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        where = f"{host.name}:{host.port}"
        remedy = f"see whether it runs, and whether a firewall lets this machine out to {where}"
        return fail(f"{said}, and does not answer: {reason}", remedy)
    try:
        return _vouched(said, writer.get_extra_info("peercert"), now)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _vouched(said: str, certificate: dict[str, str] | None, now: int) -> Finding:
    if not certificate:
        return ok(f"{said}, answers")
    days = (ssl.cert_time_to_seconds(certificate["notAfter"]) - now / 1e9) / _DAY
    said = f"{said}, its certificate is good for {days:.0f} days"
    if days < _EXPIRES_SOON:
        return warn(said, "whoever runs this host has to renew its certificate soon")
    return ok(said)
