"""No secret that was configured is in any answer."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from daemon.web.auth import CONTROL, Door, page_door
from tests.config.folder import config_with
from tests.daemon.web.running import Running

PLANTED = {
    "telegram-token": "111:planted-telegram-token",
    "mqtt-password": "planted-mqtt-password",
    "alpaca-key": "PLANTEDALPACAKEY",
    "alpaca-secret": "planted-alpaca-secret",
    "page-token": "planted-page-token-1234",
}
CONFIG = config_with(
    "notifiers:\n  log: {}",
    "notifiers:\n  log: {}\n"
    "  mqtt: {username: me, password_file: mqtt-password}\n"
    "  telegram: {token_file: telegram-token, chats: [1]}",
)
CONFIG = CONFIG.replace("page:\n  port: 8080", "page:\n  token_file: page-token").replace(
    "feeds: {}",
    "feeds:\n  alpaca: {key_file: alpaca-key, secret_file: alpaca-secret}",
)
CONFIG = CONFIG.replace("[yahoo:IWM]", "[alpaca:IWM, yahoo:IWM]")


@pytest.fixture
async def secretive(tmp_path: Path) -> Running:
    for name, secret in PLANTED.items():
        (tmp_path / name).write_text(secret)
    running = Running(tmp_path, config=CONFIG)
    running.fire()
    return running


async def test_no_answer_holds_a_secret(
    secretive: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = secretive.config.page
    assert page is not None
    assert page.token == SecretStr(PLANTED["page-token"])
    texts = [await _all(secretive, door) for door in (CONTROL, page_door(page))]
    (secretive.path.parent / "telegram-token").write_text("two\nlines")
    texts.append((await secretive.post("/api/reload")).text)
    assert "telegram-token" in texts[-1], "the reload must have failed over it"
    for text in (*texts, caplog.text, repr(secretive.sources), repr(page_door(page))):
        assert [name for name, secret in PLANTED.items() if secret in text] == []


async def _all(running: Running, door: Door) -> str:
    """Every answer, with its headers, that a door gives."""
    token = {"authorization": f"Bearer {PLANTED['page-token']}"}
    answers = [
        await running.get(f"/{what}", door, **token)
        for what in (
            *(f"api/{each}" for each in ("status", "alerts", "rules", "silences", "why/blind")),
            *("livez", "readyz", "metrics", "nothing"),
        )
    ]
    for what in ("ack", "snooze", "silence", "unsilence", "reload"):
        answers.append(await running.post(f"/api/{what}", door, token, id="s1"))
        answers.append(await running.post(f"/api/{what}", door, {"authorization": "Bearer x"}))
    return "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)
