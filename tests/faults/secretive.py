"""A daemon that is told every secret there is, its files, and all ways to ask it something."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.faults.planted import PLANTED
from tests.stand_ins.broker import free_port

ROOT = Path(__file__).parents[2]
CHAT = 4711

CONFIG = """\
instance: main
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
  IWM: {{calendar: NYSE, feeds: [alpaca:IWM, finnhub:IWM]}}
pairs: [{{x: ETH, y: BTC}}, {{x: ETH, y: IWM}}]
feeds:
  coinbase: {{url: '{coinbase}'}}
  alpaca: {{url: '{shares}', key_file: secrets/alpaca-key, secret_credential: alpaca-secret}}
  finnhub: {{url: '{shares}', token_file: secrets/finnhub-token}}
context:
  fred: {{url: '{web}/fred', key_file: secrets/fred-key}}
notifiers:
  log: {{}}
  mqtt:
    {{host: 127.0.0.1, port: {mqtt}, username: comove, password_file: secrets/mqtt-password,
      commands: true, discovery: homeassistant}}
  telegram: {{token_credential: telegram-token, chats: [{chat}], api_url: '{telegram}'}}
  webhook: {{url: '{web}/{hook}', secret_file: secrets/webhook-secret}}
page: {{port: {page}, token_file: secrets/page-token}}
heartbeat: {{url: '{web}/{beat}', every: 1s}}
record: {{folder: recordings}}
state: kept/state.db
"""
RULES = "rules:\n  - {id: priced, title: ETH has a price, when: price(ETH) > 1, session: any}\n"
BROKEN = {
    "rules.yaml": RULES.replace("price(ETH)", "prize(ETH)"),
    "secrets/finnhub-token": f"{PLANTED['feeds.finnhub.token']}\nand more",
}
"""What a reload must refuse."""

_JOURNAL = """\
import sys
from daemon import journal
journal.JournalHandler.__init__.__defaults__ = (sys.argv.pop(1),)
import runpy
runpy.run_module("daemon", run_name="__main__")
"""
"""The daemon with another journal than the machine's."""


class Peers(msgspec.Struct, frozen=True):
    """Where the others are."""

    coinbase: str
    shares: str
    web: str
    telegram: str
    mqtt: int


class Home:
    """The folder of one daemon: `kept` and `recordings` are its own, `logs` what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = free_port()
        self.config = folder / "comove.yaml"
        for name in ("secrets", "logs"):
            (folder / name).mkdir(parents=True)
        for name, secret in PLANTED.items():
            if not name.endswith(".url"):
                _, group, key = f"..{name}".rsplit(".", 2)
                self._write(f"secrets/{group}-{key}", secret)
        self.mend()

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text, "utf-8")
        path.chmod(0o600)

    def furnish(self, peers: Peers) -> None:
        """Write the configuration."""
        text = CONFIG.format(
            **msgspec.structs.asdict(peers),
            page=self.page,
            chat=CHAT,
            hook=PLANTED["notifiers.webhook.url"],
            beat=PLANTED["heartbeat.url"],
        )
        self._write("comove.yaml", text)

    def spoil(self, name: str) -> None:
        self._write(name, BROKEN[name])

    def mend(self) -> None:
        self._write("rules.yaml", RULES)
        self._write("secrets/finnhub-token", PLANTED["feeds.finnhub.token"])

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "CREDENTIALS_DIRECTORY": str(self.folder / "secrets")}

    async def ask(self, *words: str) -> tuple[str, bytes]:
        """What a command prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daemon",
            *words,
            "-c",
            str(self.config),
            cwd=ROOT,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return f"comove {' '.join(words)}", out


class Daemon:
    """A running one; what it says goes to `log`."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process = process
        self.log = log

    async def says(self, text: str, times: int = 1) -> None:
        """Wait until it did."""
        try:
            async with asyncio.timeout(30):
                while self.log.read_bytes().count(text.encode()) < times:  # noqa: ASYNC110  # a file sets no Event
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"not said: {text!r}, but\n{self.log.read_text(errors='replace')}")

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def code(self, within: float) -> int:
        async with asyncio.timeout(within):
            return await self._process.wait()


@asynccontextmanager
async def daemon(home: Home, name: str, *, journal: bool = False) -> AsyncIterator[Daemon]:
    """`comove run --verbose`, with its log in a file, or in a journal that is one."""
    log = home.folder / "logs" / f"{name}.log"
    log.touch()
    launch: Sequence[str] = ("-m", "daemon")
    environment = home.environment
    with _outlets(log, journal=journal) as (out, address):
        if address:
            status = os.fstat(out)
            environment["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
            launch = ("-c", _JOURNAL, address)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *launch,
            "run",
            "-c",
            str(home.config),
            "--plain",
            "--verbose",
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
        try:
            yield Daemon(process, log)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@contextmanager
def _outlets(log: Path, *, journal: bool) -> Iterator[tuple[int, str]]:
    """Where the daemon writes to, and the journal's address if there is one."""
    if not journal:
        with log.open("ab") as plain:
            yield plain.fileno(), ""
        return
    address = str(log.with_suffix(".sock"))
    ours, theirs = socket.socketpair()
    taker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs, taker, log.open("ab", buffering=0) as file:
        taker.bind(address)
        loop = asyncio.get_running_loop()

        def take(end: socket.socket) -> None:
            file.write(end.recv(200_000))

        for end in (taker, ours):
            loop.add_reader(end, take, end)
        try:
            yield theirs.fileno(), address
        finally:
            for end in (taker, ours):
                loop.remove_reader(end)


async def browsed(home: Home) -> list[tuple[str, bytes]]:
    """What the page's port answers to those who know the token and to those who do not."""
    token = PLANTED["page.token"]
    found: list[tuple[str, bytes]] = []

    async def note(method: str, path: str, **more: Any) -> None:
        answer = await client.request(method, path, **more)
        found.append((f"{method} {path}", repr(answer.headers).encode() + answer.content))

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{home.page}") as client:
        for path in (
            *("/", "/page.js", "/livez", "/readyz", "/metrics", "/nothing"),
            *(f"/api/{each}" for each in ("status", "alerts", "rules", "silences", "why/priced")),
        ):
            await note("GET", path)
        await note("GET", "/api/status", params={"token": token})
        for said in (f"Bearer {token}", f"Bearer {token}x", f"Basic {token}", token):
            for what in ("ack", "silence", "reload"):
                headers = {"authorization": said}
                await note("POST", f"/api/{what}", headers=headers, json={"incident": "nosuch"})
        async with client.stream("GET", "/events") as events:
            lines = events.aiter_lines()
            found.append(("/events", "\n".join([await anext(lines) for _ in range(8)]).encode()))
    return found
