"""The doors themselves: sockets, who is at them, and clients that take their time."""

from __future__ import annotations

import asyncio
import getpass
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from httpx import AsyncClient, AsyncHTTPTransport
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from config.settings import Page
from daemon.web.auth import CONTROL
from daemon.web.server import Site, make_app, make_site
from daemon.web.sockets import listen_at, listen_on
from tests.daemon.web.running import Running

PAGE = Page("127.0.0.1", 0)


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(site.run(), name="site")
        await asyncio.sleep(0.01)
        yield
        running.cancel()


def over(path: Path) -> AsyncClient:
    transport = AsyncHTTPTransport(uds=str(path))
    return AsyncClient(transport=transport, base_url="http://comove", timeout=100)


def with_page(running: Running, page: Page | None) -> Running:
    running.reloader.config = msgspec.structs.replace(running.config, page=page)
    return running


def control(running: Running) -> Path:
    return running.config.state.with_suffix(".sock")


@pytest.fixture
async def running(running: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """As everywhere here, with its state in the test's own folder, and no page."""
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    state = running.path.parent / "comove.db"
    running.config = msgspec.structs.replace(running.config, state=state)
    return with_page(running, None)


async def test_the_control_socket_is_beside_the_state_for_owner_and_group(
    running: Running,
) -> None:
    async with serving(make_site(running.sources)), over(control(running)) as client:
        assert control(running).stat().st_mode & 0o777 == 0o660
        assert (await client.get("/api/status")).json()["instance"] == "comove"


async def test_whoever_commands_over_it_is_named_by_the_kernel_not_by_himself(
    running: Running,
) -> None:
    async with serving(make_site(running.sources)), over(control(running)) as client:
        await client.post("/api/ack", json={"incident": "blind"}, headers={"x-comove-who": "eve"})
    assert running.app.desk.incidents()[0].acknowledged == getpass.getuser()


async def test_a_socket_that_a_dead_process_left_is_replaced(running: Running) -> None:
    listen_on(control(running)).close()
    async with serving(make_site(running.sources)), over(control(running)) as client:
        assert (await client.get("/livez")).status_code == 200


async def test_a_file_that_is_no_socket_stays_and_the_daemon_goes_on_without(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    control(running).write_text("precious")
    async with serving(make_site(running.sources)):
        assert control(running).read_text() == "precious"
    assert "cannot be opened, going on without it" in caplog.text


async def test_systemd_s_directory_is_used_where_it_gave_one(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    async with serving(make_site(running.sources)), over(tmp_path / "control.sock") as client:
        assert (await client.get("/livez")).status_code == 200


async def test_a_socket_that_was_opened_for_us_is_the_control_socket(
    running: Running, tmp_path: Path
) -> None:
    inherited = listen_on(tmp_path / "given.sock")
    async with (
        serving(make_site(running.sources, [inherited])),
        over(tmp_path / "given.sock") as client,
    ):
        answer = await client.post("/api/silence", json={"seconds": 60})
        assert answer.status_code == 200
        assert not control(running).exists()


async def test_an_inherited_socket_that_anybody_reaches_commands_nothing(running: Running) -> None:
    inherited = listen_at("127.0.0.1", 0)
    place = f"http://127.0.0.1:{inherited.getsockname()[1]}"
    async with serving(make_site(running.sources, [inherited])), AsyncClient() as client:
        assert (await client.post(f"{place}/api/reload")).status_code == 421
    assert running.reloader.last is None


async def test_over_tcp_one_reads(running: Running) -> None:
    site = make_site(with_page(running, PAGE).sources)
    port = site._doors[-1][0].getsockname()[1]
    async with serving(site), AsyncClient() as client:
        assert (await client.get(f"http://localhost:{port}/api/status")).status_code == 200
        assert (await client.post(f"http://localhost:{port}/api/reload")).status_code == 403


async def test_a_port_that_is_taken_costs_the_page_alone(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with listen_at("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        site = make_site(with_page(running, Page("127.0.0.1", port)).sources)
        async with serving(site), over(control(running)) as client:
            assert (await client.get("/livez")).status_code == 200
    assert f"http://127.0.0.1:{port} cannot be opened" in caplog.text


async def test_it_is_told_where_it_listens(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(make_site(running.sources)):
        assert f"listening at the control socket {control(running)}" in caplog.messages


async def test_at_the_end_nothing_is_left(running: Running) -> None:
    before = asyncio.all_tasks()
    async with serving(make_site(running.sources)), over(control(running)) as client:
        await client.get("/livez")
    assert asyncio.all_tasks() == before
    with socket.socket(socket.AF_UNIX) as late, pytest.raises(ConnectionRefusedError):
        late.connect(str(control(running)))


async def test_an_answer_without_end_does_not_hold_up_the_end(running: Running) -> None:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(1)

    loop = asyncio.get_running_loop()
    async with serving(_with_route(running, forever)):
        _, writer = await asyncio.open_unix_connection(control(running))
        writer.write(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.sleep(5)
        stopped = loop.time()
    assert loop.time() - stopped < 2
    writer.close()


def _with_route(running: Running, body: object) -> Site:
    async def stream(_: Request) -> Response:
        return StreamingResponse(body())  # type: ignore[operator]  # a test's own generator

    more: list[BaseRoute] = [Route("/stream", stream)]
    at = listen_on(control(running))
    return Site([(at, make_app(running.sources, CONTROL, more))])


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /livez HT",
        b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\nGET /",
        b"POST /api/ack HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{",
    ],
)
async def test_a_client_that_does_not_finish_asking_is_let_go(
    running: Running, sent: bytes
) -> None:
    loop = asyncio.get_running_loop()
    async with serving(make_site(running.sources)):
        reader, writer = await asyncio.open_unix_connection(control(running))
        writer.write(sent)
        began = loop.time()
        async with asyncio.timeout(60):
            text = await _until_closed(reader)
        assert loop.time() - began < 30
        assert b"408" in text or b"POST" not in sent
        writer.close()


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    text = bytearray()
    try:
        while more := await reader.read(1000):
            text += more
    except ConnectionResetError:
        pass
    return bytes(text)


async def test_a_client_that_does_not_read_is_let_go(running: Running) -> None:
    ended = asyncio.Event()

    async def flood() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
                await asyncio.sleep(0)
        finally:
            ended.set()

    async with serving(_with_route(running, flood)):
        with _connected(control(running)) as lazy:
            lazy.send(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            async with asyncio.timeout(60):
                await ended.wait()


async def test_too_many_clients_are_turned_away_and_room_is_made_again(running: Running) -> None:
    async with serving(make_site(running.sources)), over(control(running)) as client:
        with ExitStack() as idle:
            for _ in range(64):
                idle.enter_context(_connected(control(running)))
            assert (await client.get("/api/status")).status_code == 503
            await asyncio.sleep(15)
            assert (await client.get("/api/status")).status_code == 200


def _connected(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.connect(str(path))
    return made


async def test_what_is_no_http_is_refused_without_a_word_in_the_log(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(make_site(running.sources)):
        reader, writer = await asyncio.open_unix_connection(control(running))
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert b"400" in await _until_closed(reader)
        writer.close()
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


async def test_a_fault_of_ours_is_told_in_the_log_and_not_to_the_client(
    running: Running, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("inner workings")

    monkeypatch.setattr(running.app.desk, "incidents", broken)
    async with serving(make_site(running.sources)), over(control(running)) as client:
        answer = await client.get("/api/alerts")
        assert answer.status_code == 500
        assert answer.json() == {"error": "comove has a fault here: its log says which"}
        assert (await client.get("/livez")).status_code == 200
    assert "ZeroDivisionError" in caplog.text
