"""The process itself: `comove run` on live stand-ins, in real time, until a signal ends it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from daemon.clock import NS, Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.faults.sinks import CHAT, CRYPTO
from tests.stand_ins.bot_api import TOKEN, BotApi, Fault
from tests.stand_ins.broker import Broker, free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "the-password-of-this-broker"  # noqa: S105  # of a broker that does not exist
SECRETS = (TOKEN, TOKEN.partition(":")[2], PASSWORD)

CONFIG = """\
instance: live
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
pairs: [{{x: ETH, y: BTC}}]
feeds:
  coinbase: {{url: '{coinbase}'}}
notifiers:
  log: {{}}
  mqtt:
    {{host: 127.0.0.1, port: {mqtt}, username: comove, password_file: password,
      metric_interval: 0s}}
  telegram: {{token_file: token, chats: [{chat}], api_url: '{telegram}'}}
"""
RULES = """\
rules:
  - id: priced
    title: ETH has a price
    when: price(ETH) > 1
"""


def _write(folder: Path, *, coinbase: str, mqtt: int, telegram: str) -> Path:
    config = CONFIG.format(coinbase=coinbase, mqtt=mqtt, chat=CHAT, telegram=telegram)
    files = {"comove.yaml": config, "rules.yaml": RULES, "token": TOKEN, "password": PASSWORD}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "comove.yaml"


class Run:
    """The running process, and all that it has written."""

    def __init__(self, process: Process) -> None:
        self.out = b""
        self.err = b""
        self._process = process
        self._more = asyncio.Event()

    async def read_out(self) -> None:
        assert self._process.stdout is not None
        while part := await self._process.stdout.read(4096):
            self.out += part

    async def read_err(self) -> None:
        assert self._process.stderr is not None
        while part := await self._process.stderr.read(4096):
            self.err += part
            self._more.set()

    async def says(self, text: str) -> None:
        try:
            async with asyncio.timeout(20):
                while text.encode() not in self.err:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            pytest.fail(f"not said: {text!r}, but\n{self.err.decode()}")

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def code(self, within: float) -> int:
        async with asyncio.timeout(within):
            return await self._process.wait()


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Run]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "daemon",
        "run",
        "-c",
        str(config),
        "--plain",
        "--verbose",
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )
    run = Run(process)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run.read_out(), name="standard output")
        tasks.create_task(run.read_err(), name="standard error")
        try:
            yield run
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@asynccontextmanager
async def subscribed(broker: Broker) -> AsyncIterator[asyncio.Queue[aiomqtt.Message]]:
    heard: asyncio.Queue[aiomqtt.Message] = asyncio.Queue()

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            heard.put_nowait(message)

    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe("comove/live/#", qos=1)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(client), name="subscriber")
            yield heard
            listening.cancel()


async def _next(heard: asyncio.Queue[aiomqtt.Message], topic: str) -> bytes:
    async with asyncio.timeout(10):
        while (message := await heard.get()).topic.value != f"comove/live/{topic}":
            pass
    assert isinstance(message.payload, bytes)
    return message.payload


@pytest.mark.real_time
async def test_one_firing_reaches_log_broker_and_chat_and_sigterm_ends_in_good_order(
    tmp_path: Path,
) -> None:
    clock = Clock(asyncio.get_running_loop())
    market = SimulatedMarket(
        start_ns=clock.now() // NS * NS, script=Script(duration=60.0), model=CRYPTO
    )
    broker = Broker(tmp_path)
    await broker.start()
    try:
        async with CoinbaseServer(market, clock.now) as venue, BotApi() as api:
            api.fail("getUpdates", Fault.ERROR, Fault.GARBAGE)  # said in the log, without the token
            api.fail("sendMessage", Fault.ERROR)
            telegram = api.base_url.removesuffix("/bot")
            config = _write(tmp_path, coinbase=venue.url, mqtt=broker.port, telegram=telegram)
            async with subscribed(broker) as heard, running(config) as run:
                await run.says("ready: ETH-BTC")
                assert await _next(heard, "availability") == b"online"
                await _check_firing(run, heard, api)
                run.terminate()
                assert await run.code(within=5) == 0
                assert await _next(heard, "availability") == b"offline"
    finally:
        broker.close()
    _check_secrets(run)
    assert b"Traceback" not in run.err


async def _check_firing(run: Run, heard: asyncio.Queue[aiomqtt.Message], api: BotApi) -> None:
    event = json.loads(await _next(heard, "event/priced/ETH-BTC"))
    assert (event["rule"], event["state"]) == ("priced", "firing")
    price = event["values"]["price(ETH)"]
    await run.says("WARNING firing: ETH has a price [ETH-BTC]")
    metric = json.loads(await _next(heard, "metric/price/ETH"))
    assert metric["value"] == pytest.approx(price, rel=0.01)
    async with asyncio.timeout(10):
        while not api.chat(CHAT):  # noqa: ASYNC110  # a message sets no Event
            await asyncio.sleep(0.02)
    assert api.chat(CHAT)[0].text.startswith("🟠 ETH has a price")


def _check_secrets(run: Run) -> None:
    for secret in SECRETS:
        assert secret.encode() not in run.out + run.err


@pytest.mark.real_time
async def test_with_nobody_to_talk_to_it_keeps_trying_and_ends_when_told_to(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    config = _write(
        tmp_path, coinbase=f"ws://{nobody}", mqtt=free_port(), telegram=f"http://{nobody}"
    )
    async with running(config) as run:
        await run.says("down: connection refused")
        await run.says("no MQTT broker at 127.0.0.1")
        await run.says("telegram: httpx.ConnectError")
        run.terminate()
        assert await run.code(within=5) == 0
    _check_secrets(run)
    assert b"Traceback" not in run.err


@pytest.mark.real_time
async def test_faults_of_the_configuration_are_said_with_their_place_and_end_in_78(
    tmp_path: Path,
) -> None:
    config = _write(tmp_path, coinbase="ws://127.0.0.1:1", mqtt=1, telegram="http://127.0.0.1:1")
    config.write_text(
        config.read_text("utf-8").replace("24/7, feeds: [coinbase:B", "24/8, feeds: [coinbase:B"),
        "utf-8",
    )
    (tmp_path / "rules.yaml").write_text(RULES.replace("price(ETH)", "prize(ETH)"), "utf-8")
    async with running(config) as run:
        assert await run.code(within=10) == 78
    text = run.err.decode()
    assert f"{config}:4:19: " in text
    assert f"{tmp_path / 'rules.yaml'}:4:11: " in text
    assert "did you mean" in text.lower()
    assert "Traceback" not in text
    assert run.out == b""
    _check_secrets(run)
