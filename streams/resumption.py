"""A market that goes on where another ended: what it remembers, and the break that lies between."""

from __future__ import annotations

import msgspec

from streams.covariation import Covariation
from streams.estimators.divergence import Divergence
from streams.estimators.drawdown import Drawdown
from streams.estimators.lead_lag import LeadLag
from streams.estimators.volatility import Volatility
from streams.first_move import FirstMove
from streams.gap import RegimeWatch
from streams.market import Market
from streams.memory import Node, Recalling, Remembering
from streams.minutely import Minutely

_INTRADAY = (
    Covariation,
    Minutely,
    Divergence,
    RegimeWatch,
    FirstMove,
    LeadLag,
    Volatility,
    Drawdown,
)
"""What says something of the last hours: after a long gap it begins anew."""


class Kept(msgspec.Struct, frozen=True):
    """One part of a market, and the configuration under which it came to be."""

    config: str
    node: Node


Memory = dict[str, Kept]
"""By the names of the parts."""


def remember(market: Market) -> Memory:
    """All that the market knows now, copied."""
    remembering = Remembering()
    return {
        name: Kept(part.config, remembering.node(part.thing, root=True))
        for name, part in market.parts().items()
    }


def resume(market: Market, memory: Memory, now: int, *, recent: bool) -> tuple[str, ...]:
    """Let a new market go on from there, the gap being a break; what stayed cold.

    After a gap that is not `recent` only what was learned counts. A part whose configuration is
    another now begins cold. To be called before the first item.
    """
    recalling = Recalling(() if recent else _INTRADAY)
    cold = []
    for name, part in market.parts().items():
        kept = memory.get(name)
        if kept is None or kept.config != part.config:
            cold.append(name)
        else:
            recalling.restore(part.thing, kept.node)
    market.interrupt()
    if not recent:
        for link in market.floor.links.values():
            link.rejoin(now)
    return (*cold, *dict.fromkeys(recalling.cold))
