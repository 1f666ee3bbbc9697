from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import msgspec
import pytest

from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.webhook import Webhook
from alerts.rule import Severity
from alerts.transition import State
from tests.alerts.alerts import NS, START, alert
from tests.alerts.report.told import report
from tests.stand_ins.http import Hangup, HttpServer, Request, Response

SECRET = "not a secret"  # noqa: S105  # made up
PATH = "/hooks/T-hidden-1"
Answer = Callable[[Request], Response]


def status(code: int, *headers: tuple[str, str]) -> Answer:
    return lambda _: Response(code, b"{}", headers=headers)


class Receiver:
    """Notes what is posted; answers as it is told, with 204 unless it is."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.server = HttpServer(self._answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}{PATH}"

    async def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answers.pop(0)(request) if self.answers else Response(204, b"")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.server.start()
    yield made
    await made.server.stop()


@asynccontextmanager
async def webhook(url: str, **options: Any) -> AsyncIterator[Webhook]:
    notifier = Webhook(url=url, secret=SECRET, now=lambda: START + 7 * NS, **options)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(notifier.run(), name="webhook")
        yield notifier
        running.cancel()


async def refusal(receiver: Receiver, *answers: Answer, **options: Any) -> NotifyError:
    receiver.answers = list(answers)
    async with webhook(receiver.url, **options) as notifier:
        with pytest.raises(NotifyError) as caught:
            await notifier.notify(alert())
    return caught.value


async def test_an_alert_is_posted_as_json_that_its_signature_vouches_for(
    receiver: Receiver,
) -> None:
    async with webhook(receiver.url) as notifier:
        await notifier.notify(alert("i-1", severity=Severity.CRITICAL))
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.body)
    assert body["incident"] == "i-1"
    assert body["state"] == "firing"
    assert body["severity"] == "critical"
    assert body["values"] == {"corr(ETH,IWM,1h)": 0.12}
    sent = request.headers["x-comove-timestamp"]
    assert int(sent) == START // NS + 7
    expected = hmac.new(SECRET.encode(), f"{sent}.".encode() + request.body, hashlib.sha256)
    assert request.headers["x-comove-signature"] == f"sha256={expected.hexdigest()}"


async def test_a_report_is_posted_as_one(receiver: Receiver) -> None:
    async with webhook(receiver.url) as notifier:
        await notifier.notify(report())
    (request,) = receiver.requests
    assert json.loads(request.body)["kind"] == "report"
    assert request.headers["idempotency-key"].startswith("report/daily/ETH-IWM/2026-03-19/")


async def test_the_same_alert_has_the_same_key_and_every_other_one_another(
    receiver: Receiver,
) -> None:
    first = alert("i-1")
    others = [
        alert("i-2"),
        alert("i-1", State.RESOLVED, ts=START + NS),
        alert("i-1", ts=START + 2 * NS, repeat=True),
        alert("i-1", ts=START + 3 * NS, repeat=True),
    ]
    late = msgspec.structs.replace(first, context=("Sent 5 min late",))
    async with webhook(receiver.url) as notifier:
        for one in (first, late, *others):
            assert notifier.repeatable(one)
            await notifier.notify(one)
    keys = [request.headers["idempotency-key"] for request in receiver.requests]
    assert keys[0] == keys[1]
    assert len(set(keys[1:])) == 5


@pytest.mark.parametrize("state", [State.PENDING, State.INACTIVE, State.RECOVERING])
async def test_what_is_no_alert_is_not_posted(receiver: Receiver, state: State) -> None:
    async with webhook(receiver.url) as notifier:
        await notifier.notify(alert(state=state))
    assert not receiver.requests


@pytest.mark.parametrize("code", [200, 201, 202, 204])
async def test_any_success_will_do(receiver: Receiver, code: int) -> None:
    receiver.answers = [status(code)]
    async with webhook(receiver.url) as notifier:
        await notifier.notify(alert())
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
async def test_a_receiver_in_trouble_is_tried_again(receiver: Receiver, code: int) -> None:
    error = await refusal(receiver, status(code))
    assert (error.retry, error.uncertain, error.after) == (True, False, None)
    assert str(error) == f"127.0.0.1: it answered {code} {HTTPStatus(code).phrase}"


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ("120", 120.0),
        ("0", 1.0),
        ("86400", 3600.0),
        ("9" * 400, 3600.0),
        ("Thu, 19 Mar 2026 14:32:12 GMT", 60.0),
        ("Thu, 19 Mar 2026 14:00:00 GMT", 1.0),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_the_pause_it_asks_for_is_kept_within_bounds(
    receiver: Receiver, asked: str, after: float | None
) -> None:
    assert (await refusal(receiver, status(503, ("Retry-After", asked)))).after == after


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 413, 422])
async def test_what_the_receiver_refuses_is_given_up(receiver: Receiver, code: int) -> None:
    error = await refusal(receiver, status(code))
    assert not error.retry


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(receiver: Receiver, code: int) -> None:
    error = await refusal(receiver, status(code, ("Location", receiver.url)))
    assert not error.retry
    assert "a redirect is not followed" in str(error)
    assert len(receiver.requests) == 1


async def test_a_receiver_that_is_away_is_tried_again(receiver: Receiver) -> None:
    await receiver.server.stop()
    error = await refusal(receiver)
    assert (error.retry, error.uncertain) == (True, False)


async def test_a_receiver_that_hangs_up_is_tried_again(receiver: Receiver) -> None:
    def hang_up(_: Request) -> Response:
        raise Hangup

    error = await refusal(receiver, hang_up)
    assert (error.retry, error.uncertain) == (True, False)


async def test_a_receiver_that_does_not_answer_or_drips_is_left_in_time() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"X-More: 1\r\n")
                await writer.drain()
                await asyncio.sleep(1)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    began = asyncio.get_running_loop().time()
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with webhook(url, timeout=15.0) as notifier:
            with pytest.raises(NotifyError, match="no answer in 15 s") as caught:
                await notifier.notify(alert())
    assert caught.value.retry
    assert asyncio.get_running_loop().time() - began == pytest.approx(15.0, abs=1.5)


async def test_a_receiver_that_speaks_something_else_is_tried_again() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with webhook(f"http://127.0.0.1:{port}/") as notifier:
            with pytest.raises(NotifyError) as caught:
                await notifier.notify(alert())
    assert caught.value.retry


async def test_neither_the_secret_nor_the_path_is_logged_or_told(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        error = await refusal(receiver, status(404))
        async with webhook(receiver.url) as notifier:
            await notifier.notify(alert())
    for text in (str(error), caplog.text):
        assert SECRET not in text
        assert "hidden" not in text
