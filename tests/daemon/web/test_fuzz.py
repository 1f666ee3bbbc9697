"""Whatever is asked: an answer in JSON, no fault of the program, nothing changed without leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message, Scope

from daemon.clock import PacedLoop
from daemon.web.auth import CONTROL, Door
from daemon.web.server import make_app
from tests.daemon.web.running import READING, WITH_TOKEN, Running

DOORS = (READING, WITH_TOKEN, CONTROL)
COMMANDS = ("ack", "snooze", "silence", "unsilence", "reload")
FIELDS = ("incident", "seconds", "rules", "pairs", "severities", "labels", "why", "id", "x")

words = st.one_of(
    st.sampled_from(["blind", "apart", "ETH-IWM", "critical", "s1", "blind/ETH-IWM", "", "\x00"]),
    st.text(max_size=20),
)
numbers = st.one_of(st.floats(), st.integers(), st.sampled_from([0, 60, -1, 1e300, 2**63]))
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(words, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)
bodies = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=4).map(
        lambda body: json.dumps(body).encode()
    ),
    values.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=60),
)
paths = st.one_of(
    st.sampled_from([*(f"/api/{each}" for each in COMMANDS), "/api/status", "/metrics", "/"]),
    st.text(max_size=30).map(lambda text: f"/api/why/{text}"),
    st.text(max_size=30).map(lambda text: f"/{text}"),
)
headers = st.dictionaries(
    st.sampled_from(
        ["authorization", "origin", "x-comove-who", "accept", "content-type", "sec-fetch-site"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30).map(
        lambda text: text.encode("latin-1")
    ),
    max_size=4,
)
methods = st.sampled_from(["GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])


class Asker:
    """One daemon for all questions of a test; each is given as a server would, unchecked."""

    def __init__(self, runner: asyncio.Runner, folder: Path) -> None:
        self._runner = runner
        self.running = runner.run(self._made(folder))
        self._apps = {door: make_app(self.running.sources, door) for door in DOORS}

    async def _made(self, folder: Path) -> Running:
        running = Running(folder)
        running.fire()
        return running

    def ask(
        self, door: Door, method: str, path: str, given: dict[str, bytes], body: bytes
    ) -> tuple[int, bytes]:
        """Status and text of the answer."""
        return self._runner.run(self._ask(door, method, path, given, body))

    async def _ask(
        self, door: Door, method: str, path: str, given: dict[str, bytes], body: bytes
    ) -> tuple[int, bytes]:
        said: list[Message] = []
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), *((n.encode(), v) for n, v in given.items())],
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        await self._apps[door](scope, receive, send)
        return said[0]["status"], b"".join(each.get("body", b"") for each in said[1:])


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    with asyncio.Runner(loop_factory=PacedLoop) as runner:
        yield Asker(runner, tmp_path_factory.mktemp("fuzzed"))


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([READING, WITH_TOKEN]), methods, paths, st.tuples(headers, bodies))
def test_without_authority_nothing_changes_and_nothing_breaks(
    asker: Asker, door: Door, method: str, path: str, sent: tuple[dict[str, bytes], bytes]
) -> None:
    before = asker.running.stand
    status, text = asker.ask(door, method, path, *sent)
    assert status < 500
    assert asker.running.stand == before
    assert path == "/metrics" or method == "HEAD" or _is_json(text)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(COMMANDS), headers, bodies)
def test_a_command_of_any_shape_is_obeyed_or_refused_in_a_sentence(
    asker: Asker, command: str, given: dict[str, bytes], body: bytes
) -> None:
    status, text = asker.ask(CONTROL, "POST", f"/api/{command}", given, body)
    assert status in {200, 400, 403, 409}
    answer = json.loads(text)
    assert answer["said" if status == 200 else "error"]
    assert b"Traceback" not in text
