"""No secret that comove is told is ever seen again, whoever shouts it back at it."""

from __future__ import annotations

import asyncio
import json
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import quote_plus

import aiomqtt
import pytest

from config.load import load
from daemon.clock import Clock, wall_clock
from streams.history.archive import archive, owners
from streams.instrument import NS
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.faults.betrayers import Shouter, ShoutingVenue, bot_api, shouting_broker, web
from tests.faults.planted import PLANTED, found_in, heard, left_in, secrets_of
from tests.faults.secretive import BROKEN, CHAT, Daemon, Home, Peers, browsed, daemon
from tests.faults.sinks import CRYPTO
from tests.stand_ins.bot_api import EPOCH, BotApi
from tests.stand_ins.broker import Broker

SPOKEN = PLANTED.keys() - {"notifiers.webhook.secret", "page.token"}
"""What comove tells its peers: a signature's key never is, and the page's token is told it."""
OWN = {"comove.yaml", "secrets", "mosquitto.conf", "passwords"}
"""Where secrets stand by right."""


def test_for_every_secret_of_the_configuration_one_is_planted() -> None:
    assert set(secrets_of()) == PLANTED.keys(), "plant it, and put it into the configuration"


@pytest.mark.parametrize("name", PLANTED)
def test_a_secret_is_found_in_whatever_form_it_stands(name: str) -> None:
    secret = PLANTED[name]
    for text in (
        secret,
        f"GET /bot{quote_plus(secret)}/getMe",
        json.dumps({"error": json.dumps({"password": secret})}),
        f"Basic {b64encode(f'me:{secret}'.encode()).decode()}",
        f"<b>{secret[:12]}",
    ):
        assert [find.place for find in found_in("there", b"\0 " + text.encode())]
    assert not [*found_in("there", b"nothing of the kind")]


class Stage:
    """Peers that shout, and those that do as they should."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home = home
        self.web, self.bot, self.venue = Shouter(web), Shouter(bot_api), ShoutingVenue()
        self.api = BotApi(PLANTED["notifiers.telegram.token"])
        self.broker = _broker(folder)
        self.heard = b""
        self._coinbase = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        clock = Clock(asyncio.get_running_loop())
        start = clock.now() // NS * NS
        market = SimulatedMarket(start_ns=start, script=Script(duration=180.0), model=CRYPTO)
        async with AsyncExitStack() as stack:
            coinbase = await stack.enter_async_context(CoinbaseServer(market, clock.now))
            self._coinbase = coinbase.url
            for peer in (self.web, self.bot, self.venue):
                await stack.enter_async_context(peer.running())
            await stack.enter_async_context(self.api)
            stack.callback(self.broker.close)
            yield

    def furnish(self, telegram: str) -> None:
        peers = Peers(self._coinbase, self.venue.url, self.web.url, telegram, self.broker.port)
        self.home.furnish(peers)

    def told(self) -> bytes:
        return self.heard + self.web.heard + self.bot.heard + self.venue.heard

    def hear(self, data: bytes) -> None:
        self.heard += data

    async def shouted(self) -> None:
        """Wait until everybody knows and has said back everything, in each way."""
        async with asyncio.timeout(60):
            while not self._shouted():  # noqa: ASYNC110  # peers set no Event
                await asyncio.sleep(0.1)

    def _shouted(self) -> bool:
        told = self.told()
        often = self.web.turns(3) > 2 and self.bot.turns(2) > 2 and self.venue.answers > 4
        return often and all(heard(name, told) for name in SPOKEN)


def _broker(folder: Path) -> Broker:
    folder.mkdir()
    return Broker(folder, anonymous=False, extra=f"password_file {folder / 'passwords'}\n")


async def _passwords(folder: Path) -> None:
    done = await asyncio.create_subprocess_exec(
        *("mosquitto_passwd", "-c", "-b", str(folder / "passwords"), "comove"),
        PLANTED["notifiers.mqtt.password"],
    )
    assert await done.wait() == 0


@pytest.mark.real_time
async def test_no_secret_is_left_anywhere_whatever_goes_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    stage = Stage(home, tmp_path / "broker")
    await _passwords(tmp_path / "broker")
    async with stage.open():
        said = [*await _betrayed(stage), *await _well(stage)]
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", home.environment["CREDENTIALS_DIRECTORY"])
    known = owners(load(home.config).instruments)
    assert archive(home.folder / "recordings", home.folder / "archive", known, 2**62)
    left = [one for one in left_in(tmp_path) if not OWN & {*Path(one[0].split(" ")[0]).parts}]
    _check_reach([name for name, _ in left])
    assert [find for place, data in (*said, *left) for find in found_in(place, data)] == []


def _check_reach(places: list[str]) -> None:
    """The search has seen all that there is to see."""
    for end in (
        *("state.db", "state.warm", "state.warm (unpacked)", ".parquet", ".parquet (unpacked)"),
        *("betrayed.log", "journal.log", "well.log", ".jsonl.zst", ".jsonl.zst (unpacked)"),
    ):
        assert [place for place in places if place.endswith(end)], end


Said = list[tuple[str, bytes]]


async def _betrayed(stage: Stage) -> Said:
    """All peers refuse: killed once, ended by a signal once."""
    stage.furnish(stage.bot.url)
    home, said = stage.home, Said()
    async with shouting_broker(stage.broker.port, stage.hear):
        async with daemon(home, "betrayed") as first:
            await first.says("ready: ")
            await stage.shouted()
            for word in ("mqtt", "telegram", "webhook", "heartbeat", "FRED"):
                await first.says(word)
            await _refuse(home, first, said)
            said.append(await home.ask("doctor", "--json", "--send", "--no-proxy"))
            said.append(await home.ask("doctor", "--send", "--no-proxy"))
            first.signal(signal.SIGKILL)
            await first.code(within=5)
        async with daemon(home, "journal", journal=True) as second:
            await second.says("MESSAGE=ready: ")
            await second.says("PRIORITY=4", times=5)
            await _refuse(home, second, said)
            second.signal(signal.SIGTERM)
            assert await second.code(within=10) == 0
        for name in BROKEN:
            home.spoil(name)
            said.append(await home.ask("run", "--plain"))
            said.append(await home.ask("check"))
            home.mend()
    return said


async def _refuse(home: Home, running: Daemon, said: Said) -> None:
    """Reloads that must fail, and what is shown meanwhile."""
    for count, name in enumerate(BROKEN, 1):
        home.spoil(name)
        running.signal(signal.SIGHUP)
        await running.says("nothing was changed", times=count)
        said += await browsed(home)
        for words in (("status", "--json"), ("status",), ("alerts", "--json"), ("why", "priced")):
            said.append(await home.ask(*words))
        home.mend()


async def _well(stage: Stage) -> Said:
    """All peers take what they are told, and keep it."""
    stage.web.well = True
    stage.furnish(stage.api.base_url.removesuffix("/bot"))
    home, said = stage.home, Said()
    await stage.broker.start()
    async with _subscribed(stage.broker, said), daemon(home, "well") as running:
        await running.says("ready: ")
        age = EPOCH + int(asyncio.get_running_loop().time()) - wall_clock() // NS
        for text in ("/status", "/alerts", "/rules", "/rule priced", "/help", "/nosuch"):
            stage.api.people.write(CHAT, text, ago=age)
        await _refuse(home, running, said)
        await _until(lambda: len(stage.api.chat(CHAT)) > 7)
        said.append(await home.ask("doctor", "--json", "--send", "--no-proxy"))
        running.signal(signal.SIGTERM)
        assert await running.code(within=10) == 0
        await _until(lambda: any(place == "MQTT comove/main/answer" for place, _ in said))
    said += [(f"Telegram {method}", repr(form).encode()) for _, method, form in stage.api.requests]
    said.append(("webhook", stage.web.taken))
    return said


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # peers set no Event
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _subscribed(broker: Broker, said: Said) -> AsyncIterator[None]:
    """Hears all that is published, and commands what can be and what cannot."""

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            said.append(
                (f"MQTT {message.topic}", message.payload + repr(message.properties).encode())
            )

    password = PLANTED["notifiers.mqtt.password"]
    async with aiomqtt.Client(
        broker.host, broker.port, username="comove", password=password
    ) as client:
        await client.subscribe("#", qos=1)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(client), name="subscriber")
            commanding = tasks.create_task(_command(client, said), name="commander")
            yield
            commanding.cancel()
            listening.cancel()


async def _command(client: aiomqtt.Client, said: Said) -> None:
    online = "MQTT comove/main/availability"
    await _until(lambda: any(topic == online and b"online" in text for topic, text in said))
    for what in ("ack", "silence", "nosuch"):
        asked = b'{"incident": "priced", "who": "ann"}'
        await client.publish(f"comove/main/command/{what}", asked, qos=1)
