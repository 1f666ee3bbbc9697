from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response

from config.settings import Page
from daemon.web.auth import LOOPBACK, host_name, page_door
from tests.daemon.web.running import BEARER, READING, WITH_TOKEN, Running

COMMANDS: dict[str, dict[str, Any]] = {
    "ack": {"incident": "blind"},
    "snooze": {"incident": "blind", "seconds": 60},
    "silence": {"seconds": 60},
    "unsilence": {"id": "s1"},
    "reload": {},
}
QUESTIONS = ("status", "alerts", "rules", "silences", "why/blind")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::2]", "localhos"]
)
async def test_a_foreign_host_is_refused_whatever_it_asks(running: Running, host: str) -> None:
    for what in (*(f"/api/{each}" for each in QUESTIONS), "/livez", "/metrics", "/"):
        answer = await running.get(what, WITH_TOKEN, host=host)
        assert answer.status_code == 421
        assert "page: hosts:" in answer.json()["error"]
    before = running.stand
    answer = await running.post("/api/silence", WITH_TOKEN, {**BEARER, "host": host}, seconds=60)
    assert answer.status_code == 421
    assert running.stand == before


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "[::1]:8080"])
async def test_a_name_of_this_machine_is_taken(running: Running, host: str) -> None:
    assert (await running.get("/api/status", READING, host=host)).status_code == 200


def test_the_configured_names_are_taken_and_the_address_that_stands_for_all_is_none() -> None:
    assert page_door(Page("10.0.0.5", 80, ("comove.example",))).hosts == LOOPBACK | {
        "10.0.0.5",
        "comove.example",
    }
    for everywhere in ("0.0.0.0", "::"):  # noqa: S104  # nothing is bound
        assert page_door(Page(everywhere, 80)).hosts == LOOPBACK


def test_a_host_is_compared_without_its_port() -> None:
    assert [host_name(each) for each in ("A.b:1", "[::1]:2", "a.b.", "[::1")] == [
        "a.b",
        "::1",
        "a.b",
        "::1",
    ]


@pytest.mark.parametrize("what", COMMANDS)
async def test_over_tcp_everything_is_read_only_without_a_token(
    running: Running, what: str
) -> None:
    before = running.stand
    answer = await running.post(f"/api/{what}", READING, BEARER, **COMMANDS[what])
    assert answer.status_code == 403
    assert "token_file" in answer.json()["error"]
    assert running.stand == before


@pytest.mark.parametrize("what", COMMANDS)
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", "Basic correct-horse-battery", "correct-horse-battery"]
)
async def test_a_command_without_the_right_token_is_refused(
    running: Running, what: str, given: str
) -> None:
    before = running.stand
    headers = {"authorization": given} if given else None
    answer = await running.post(f"/api/{what}", WITH_TOKEN, headers, **COMMANDS[what])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert running.stand == before


async def test_with_the_token_one_may_command_and_is_named_as_one_says(running: Running) -> None:
    answer = await running.post(
        "/api/ack", WITH_TOKEN, {**BEARER, "x-comove-who": " ann\x7f "}, incident="blind"
    )
    assert answer.status_code == 200
    assert running.app.desk.incidents()[0].acknowledged == "ann"


async def test_whoever_gets_to_the_control_socket_may_command(running: Running) -> None:
    answer = await running.post("/api/ack", incident="blind")
    assert answer.status_code == 200
    assert running.app.desk.incidents()[0].acknowledged == "somebody"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://localhost.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    ],
)
async def test_another_site_s_page_may_not_command_even_with_the_token(
    running: Running, headers: dict[str, str]
) -> None:
    before = running.stand
    for door, more in ((WITH_TOKEN, BEARER), (READING, {})):
        answer = await running.post("/api/silence", door, {**headers, **more}, seconds=60)
        assert answer.status_code == 403
    assert (await running.post("/api/silence", headers=headers, seconds=60)).status_code == 403
    assert running.stand == before


async def test_our_own_page_may_command_with_the_token(running: Running) -> None:
    headers = {**BEARER, "origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert (await running.post("/api/silence", WITH_TOKEN, headers, seconds=60)).status_code == 200


async def test_every_answer_says_what_browsers_may_do_with_it(running: Running) -> None:
    answers: list[Response] = [
        await running.get("/api/status", READING),
        await running.get("/nothing", READING),
        await running.get("/api/status", READING, host="evil.example"),
        await running.post("/api/silence", READING, seconds=60),
    ]
    for answer in answers:
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_other_origins_are_not_told_that_they_may_ask(running: Running) -> None:
    async with running.client(READING) as client:
        answer = await client.options(
            "/api/silence",
            headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
        )
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


async def test_a_body_beyond_the_limit_is_not_read_to_its_end(running: Running) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1024
            yield b" " * 1024

    async with running.client() as client:
        answer = await client.post("/api/ack", content=endless())
    assert answer.status_code == 413
    assert running.app.desk.incidents()[0].acknowledged == ""
