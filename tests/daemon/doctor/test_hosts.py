"""Names, ports and certificates, on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.load import load
from daemon.doctor.finding import Verdict
from daemon.doctor.hosts import Host, hosts, reach
from tests.config.folder import config_with, write
from tests.stand_ins.authority import Authority
from tests.stand_ins.broker import free_port

Now = Callable[[], int]


@asynccontextmanager
async def listening(context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(leave, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def certified(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.certificate, authority.key)
    return context


def not_after(authority: Authority) -> float:
    context = ssl.create_default_context(cafile=str(authority.ca))
    return ssl.cert_time_to_seconds(str(context.get_ca_certs()[0]["notAfter"]))


async def test_a_host_that_answers_in_plain_is_well() -> None:
    async with listening() as port:
        finding = await reach(Host("coinbase", "localhost", port), 0)
    assert finding.verdict is Verdict.OK
    assert finding.text.startswith("resolves to ")


async def test_a_closed_port_is_told_with_host_and_port() -> None:
    port = free_port()
    finding = await reach(Host("coinbase", "127.0.0.1", port), 0)
    assert finding.verdict is Verdict.FAIL
    assert finding.text == "resolves to 1 address, and does not answer: connection refused"
    assert f"127.0.0.1:{port}" in finding.remedy


async def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    finding = await reach(Host("coinbase", "nowhere.invalid", 443), 0)
    assert finding.verdict is Verdict.FAIL
    assert finding.text == "the name nowhere.invalid cannot be resolved"


@pytest.mark.real_time
async def test_a_certificate_that_nobody_vouches_for_fails(certified: ssl.SSLContext) -> None:
    async with listening(certified) as port:
        host = Host("webhook", "127.0.0.1", port, ssl.create_default_context())
        finding = await reach(host, 0)
    assert finding.verdict is Verdict.FAIL
    assert finding.text.startswith("its certificate is refused: ")


@pytest.mark.real_time
@pytest.mark.parametrize(("days", "verdict"), [(20, Verdict.OK), (5, Verdict.WARN)])
async def test_the_days_until_a_certificate_ends_are_counted(
    authority: Authority, certified: ssl.SSLContext, days: int, verdict: Verdict
) -> None:
    now = round((not_after(authority) - days * 86_400) * 1e9)
    trusting = ssl.create_default_context(cafile=str(authority.ca))
    async with listening(certified) as port:
        finding = await reach(Host("webhook", "127.0.0.1", port, trusting), now)
    assert finding.verdict is verdict
    assert f"good for {days} days" in finding.text


async def test_behind_a_proxy_nothing_is_tried() -> None:
    finding = await reach(Host("coinbase", "127.0.0.1", free_port(), proxied=True), 0)
    assert finding.verdict is Verdict.OK
    assert "proxy" in finding.text


def test_every_host_of_a_configuration_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "token").write_text("123:planted")
    (tmp_path / "secret").write_text("planted")
    told = (
        "telegram: {token_file: token, chats: [1]}\n  mqtt: {host: broker.lan, tls: true}\n"
        "  webhook: {url: 'https://hook.example:8443/x', secret_file: secret}\n"
        "heartbeat: {url: 'https://hc-ping.com/planted'}"
    )
    config = load(write(tmp_path, config_with("log: {}", told)))
    found = [(each.name, each.port, each.tls is not None) for each in hosts(config)]
    assert found == [
        ("ws-feed.exchange.coinbase.com", 443, True),
        ("ws.kraken.com", 443, True),
        ("data-stream.binance.vision", 443, True),
        ("streamer.finance.yahoo.com", 443, True),
        ("fred.stlouisfed.org", 443, True),
        ("api.alternative.me", 443, True),
        ("api.elections.kalshi.com", 443, True),
        ("api.telegram.org", 443, True),
        ("hook.example", 8443, True),
        ("broker.lan", 8883, True),
        ("hc-ping.com", 443, True),
    ]
