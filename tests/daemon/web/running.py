"""A daemon without feeds, and clients at its doors."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from alerts.notifiers.notifier import Notifier
from alerts.transition import Transition
from config.load import load
from config.shipped import CONFIG, RULES
from daemon.clock import Clock
from daemon.reload import Reloader
from daemon.web.auth import CONTROL, LOOPBACK, Door
from daemon.web.server import make_app
from daemon.web.sources import Sources
from daemon.wiring import make_app as make_daemon
from streams.instrument import NS
from streams.tick import Beat, FeedEvent, FeedState
from tests.config.folder import write

START = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""
TOKEN = "correct-horse-battery"  # noqa: S105  # of this test alone
READING = Door(trusted=False, hosts=LOOPBACK)
WITH_TOKEN = Door(trusted=False, hosts=LOOPBACK, token=SecretStr(TOKEN))
BEARER = {"authorization": f"Bearer {TOKEN}"}

RULES_TEXT = """\
rules:
  - {id: blind, title: No prices, when: stale(ETH), session: any, severity: critical}
  - {id: apart, title: Apart, when: corr(1h) < 0, labels: {desk: crypto}}
"""


class Silent:
    """Tells nobody anything."""

    name = "log"

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def notify(self, _: Transition) -> None:
        return


class Running:
    """Its clock stands at START unless the loop's time passes."""

    def __init__(
        self, folder: Path, *, config: str | None = None, notifier: Notifier | None = None
    ) -> None:
        path = write(folder, config, RULES_TEXT)
        self.rules = folder / RULES
        self.path = folder / CONFIG
        self.config = load(path)
        self.clock = Clock(asyncio.get_running_loop(), START)
        self.app = make_daemon(
            self.config, clock=self.clock, rng=Random(0), notifiers=[notifier or Silent()]
        )
        self.reloader = Reloader(
            self.config, self.app.watch, now=self.clock.now, tell=self.app.outbox.submit
        )
        self.sources = Sources(self.app, self.reloader, started=START)

    def at(self, second: int) -> None:
        self.app.watch.accept(Beat(START + second * NS))

    def hear(self, venue: str, state: FeedState, reason: str = "") -> None:
        self.app.watch.accept(FeedEvent(venue, None, state, START, reason))

    def fire(self) -> None:
        """ETH has no price, for minutes: `blind` fires."""
        for second in (-200, -199, 0):
            self.at(second)

    def client(self, door: Door = CONTROL) -> AsyncClient:
        # Faults of the application are raised here, rather than answered with 500.
        return AsyncClient(
            transport=ASGITransport(make_app(self.sources, door)), base_url="http://localhost"
        )

    async def get(self, what: str, door: Door = CONTROL, **headers: str) -> Response:
        async with self.client(door) as client:
            return await client.get(what, headers=headers)

    async def post(
        self, what: str, door: Door = CONTROL, headers: dict[str, str] | None = None, **body: Any
    ) -> Response:
        async with self.client(door) as client:
            return await client.post(what, json=body, headers=headers)

    @property
    def stand(self) -> tuple[object, ...]:
        """All that a command may change."""
        desk = self.app.desk
        return (*desk.standings(), *desk.silences(), self.reloader.last)
