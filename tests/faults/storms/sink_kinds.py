"""How the broker and Telegram's Bot API go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

from tests.faults.storms.kind import Sight, kind
from tests.faults.storms.scene import Scene
from tests.faults.storms.seams import host
from tests.faults.storms.told import CHAT, TELEGRAM
from tests.stand_ins.bot_api import Fault

_LONG = (35.0, 60.0)
"""Every half minute there is an alert to be told."""
_TELEGRAM = (TELEGRAM,)
_MQTT = ("mqtt",)
_TROUBLE = (
    Sight("deliveries_total", (("lane", "{on}"), ("outcome", "retried"))),
    Sight("deliveries_total", (("lane", "{on}"), ("outcome", "deferred"))),
    Sight("deliveries_total", (("lane", "{on}"), ("outcome", "uncertain"))),
    Sight("lane_losses_total", (("lane", "{on}"),)),
)
_METHODS = ("sendMessage", "editMessageText")


@kind("Bot API down", on=_TELEGRAM, shows=_TROUBLE, lasts=_LONG, room=40.0)
async def bot_api_down(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """Connections are cut and refused."""
    await scene.chat.down()
    yield
    await scene.chat.up()


@kind("Bot API unknown to DNS", on=_TELEGRAM, shows=_TROUBLE, lasts=_LONG, room=40.0)
async def bot_api_dns(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """Its connections end, and its name cannot be resolved."""
    await scene.chat.down()
    await scene.chat.up()
    scene.loop.unknown.add(host("telegram"))
    yield
    scene.loop.unknown.discard(host("telegram"))


@kind("Bot API 429 storm", on=_TELEGRAM, shows=_TROUBLE, lasts=_LONG, room=30.0)
async def bot_api_429(scene: Scene, _: str, rng: Random) -> AsyncIterator[None]:
    """Whatever is sent is answered 429, some times over."""
    scene.chat.refuse_for[CHAT] = rng.randrange(1, 6)
    yield
    scene.chat.refuse_for[CHAT] = 0


@kind("Bot API in trouble", on=_TELEGRAM, shows=_TROUBLE, lasts=_LONG, room=40.0, weight=2.0)
async def bot_api_trouble(scene: Scene, _: str, rng: Random) -> AsyncIterator[None]:
    """The next message or edit meets an error, a proxy, a cut, garbage or no answer at all."""
    fault = rng.choice([*Fault])
    for method in _METHODS:
        scene.chat.fail(method, fault)
    yield
    scene.chat.faults.clear()


@kind("broker down", on=_MQTT, shows=_TROUBLE, lasts=(5.0, 60.0), room=40.0)
async def broker_down(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """Connections are cut and refused."""
    await scene.broker.down()
    yield
    await scene.broker.start()


@kind("broker cut off", on=_MQTT, shows=_TROUBLE, lasts=(1.0, 1.0), room=10.0)
async def broker_cut(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """The connection is cut."""
    scene.broker.cut()
    yield


@kind("broker frozen", on=_MQTT, shows=_TROUBLE, lasts=(40.0, 70.0), room=40.0)
async def broker_frozen(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """It takes connections and bytes, and answers nothing."""
    scene.broker.freeze()
    yield
    scene.broker.thaw()
