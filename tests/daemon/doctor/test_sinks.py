"""Channels, against a stand-in Bot API, a real broker and a small HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiomqtt import Client

from config.load import load
from daemon.doctor.finding import Finding, Verdict
from daemon.doctor.rounds import examine
from daemon.doctor.sinks import sinks
from tests.config.folder import config_with, write
from tests.stand_ins.bot_api import TOKEN, BotApi
from tests.stand_ins.broker import Broker, free_port
from tests.stand_ins.http import HttpServer, Request, Response, json_response

NOW = 1_773_756_000_000_000_000


async def tried(folder: Path, told: str, *, send: bool = False) -> dict[str, Finding]:
    """What each channel of a configuration came to."""
    config = load(write(folder, config_with("log: {}", told)))
    checks = list(sinks(config, lambda: NOW, send=send))
    findings = await examine(checks, lambda *_: None)
    return {check.name: finding for check, finding in zip(checks, findings, strict=True)}


def telegram(folder: Path, api: BotApi, token: str = TOKEN) -> str:
    (folder / "token").write_text(token)
    url = api.base_url.removesuffix("/bot")
    chats = "[{id: 11, name: ann}, {id: -12, name: desk, users: [11]}]"
    return f"telegram: {{token_file: token, chats: {chats}, api_url: '{url}'}}"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running


async def test_the_log_needs_no_trying(tmp_path: Path) -> None:
    assert (await tried(tmp_path, "log: {}"))["log"].verdict is Verdict.OK


async def test_a_bot_is_asked_for_its_name_and_nobody_is_written_to(
    tmp_path: Path, api: BotApi
) -> None:
    assert await tried(tmp_path, telegram(tmp_path, api)) == {
        "telegram": Finding(Verdict.OK, "the bot is @c_bot")
    }
    assert {method for _, method, _ in api.requests} == {"getMe"}


async def test_a_test_message_goes_to_every_chat_without_a_sound(
    tmp_path: Path, api: BotApi
) -> None:
    found = await tried(tmp_path, telegram(tmp_path, api), send=True)
    assert {finding.verdict for finding in found.values()} == {Verdict.OK}
    assert list(found) == ["telegram", "telegram/ann", "telegram/desk"]
    assert [posted.chat_id for posted in api.posted.values()] == [11, -12]
    assert all(posted.silent for posted in api.posted.values())
    assert api.chat(11)[0].text == "A test message of 'comove doctor' (comove)"


async def test_a_refused_token_fails_and_is_not_shown(tmp_path: Path, api: BotApi) -> None:
    finding = (await tried(tmp_path, telegram(tmp_path, api, "99:planted-token")))["telegram"]
    assert finding.verdict is Verdict.FAIL
    assert "token" in finding.text
    assert "planted" not in finding.text + finding.remedy


async def test_a_chat_that_the_bot_is_not_in_fails_alone(tmp_path: Path, api: BotApi) -> None:
    api.unknown.add(-12)
    found = await tried(tmp_path, telegram(tmp_path, api), send=True)
    assert found["telegram/ann"].verdict is Verdict.OK
    assert found["telegram/desk"].verdict is Verdict.FAIL
    assert found["telegram/desk"].remedy.startswith("add the bot to that chat")


async def test_a_bot_api_that_is_down_fails(tmp_path: Path, api: BotApi) -> None:
    told = telegram(tmp_path, api)
    await api.down()
    assert (await tried(tmp_path, told))["telegram"].verdict is Verdict.FAIL


class Receiver:
    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.requests: list[Request] = []
        self.http = HttpServer(self._answer)

    async def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        return json_response(self.status, {})

    def told(self, folder: Path) -> str:
        (folder / "secret").write_text("planted")
        return f"webhook: {{url: 'http://127.0.0.1:{self.http.port}/x', secret_file: secret}}"


@pytest.mark.parametrize(("status", "verdict"), [(204, Verdict.OK), (403, Verdict.FAIL)])
async def test_a_webhook_is_posted_to_on_request_only(
    tmp_path: Path, status: int, verdict: Verdict
) -> None:
    receiver = Receiver(status)
    async with AsyncExitStack() as stack:
        await receiver.http.start()
        stack.push_async_callback(receiver.http.stop)
        told = receiver.told(tmp_path)
        assert (await tried(tmp_path, told))["webhook"].verdict is Verdict.OK
        assert not receiver.requests
        found = await tried(tmp_path, told, send=True)
    assert found["webhook"].verdict is verdict
    assert json.loads(receiver.requests[0].body)["rule"] == "comove/doctor"


@pytest.mark.real_time
async def test_a_broker_is_entered_beside_the_daemon_and_left_as_it_was(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    await broker.start()
    told = f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}"
    try:
        async with Client(broker.host, broker.port, identifier="comove-comove") as daemon:
            await daemon.subscribe("#")
            found = await tried(tmp_path, told)
            assert found == {"mqtt": Finding(Verdict.OK, "the broker lets us in")}
            found = await tried(tmp_path, told, send=True)
            message = await anext(aiter(daemon.messages))
    finally:
        broker.close()
    assert found["mqtt"].text == "test message published at comove/comove/event/comove_doctor/-"
    assert str(message.topic) == "comove/comove/event/comove_doctor/-"
    assert not message.retain


@pytest.mark.real_time
async def test_a_broker_that_knows_another_password_fails(tmp_path: Path) -> None:
    broker = Broker(tmp_path, anonymous=False)
    await broker.start()
    (tmp_path / "password").write_text("planted")
    who = "username: comove, password_file: password"
    try:
        told = f"mqtt: {{host: 127.0.0.1, port: {broker.port}, {who}}}"
        finding = (await tried(tmp_path, told))["mqtt"]
    finally:
        broker.close()
    assert finding.verdict is Verdict.FAIL
    assert finding.remedy == "see to 'username:' and its password file"
    assert "planted" not in finding.text


@pytest.mark.real_time
async def test_a_broker_that_forbids_publishing_is_found_out_by_a_test_message(
    tmp_path: Path,
) -> None:
    (tmp_path / "acl").write_text("topic read #\n")
    broker = Broker(tmp_path, extra=f"acl_file {tmp_path / 'acl'}\n")
    await broker.start()
    try:
        told = f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}"
        assert (await tried(tmp_path, told))["mqtt"].verdict is Verdict.OK
        finding = (await tried(tmp_path, told, send=True))["mqtt"]
    finally:
        broker.close()
    assert finding.verdict is Verdict.FAIL
    assert finding.remedy == "allow it to publish below comove/comove/"


@pytest.mark.real_time
async def test_no_broker_fails(tmp_path: Path) -> None:
    told = f"mqtt: {{host: 127.0.0.1, port: {free_port()}}}"
    async with asyncio.timeout(9):
        finding = (await tried(tmp_path, told))["mqtt"]
    assert finding.verdict is Verdict.FAIL
    assert finding.remedy.startswith("see whether the broker runs")
