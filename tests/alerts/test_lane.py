from __future__ import annotations

import asyncio
from random import Random

from alerts.outbox import Outbox
from alerts.transition import Transition


class Away:
    """A channel that knows whether it is connected."""

    name = "mqtt"

    def __init__(self) -> None:
        self.online = False
        self.losses = 0

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def notify(self, _: Transition) -> None:
        return


async def test_a_channel_known_to_be_away_fails_before_anything_is_sent() -> None:
    channel = Away()
    outbox = Outbox([channel], now=lambda: 0, rng=Random(0))
    away = outbox.counts["mqtt"]
    channel.online = True
    back = outbox.counts["mqtt"]
    channel.losses = 2
    assert (away.failing, back.failing) == (True, False)
    assert outbox.counts["mqtt"].losses == 2
