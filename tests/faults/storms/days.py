"""The days of a storm: a market that has something to say in every slot, and rules that say it.

A session holds 45 slots of 510 seconds. In every second one ETH moves alone, down and up in turn,
which two rules notice; then, with all said, comes the time for faults that may change what is said.
(If it moved more often its own volatility would be what it moves by, and nothing would be unusual.)
Another rule fires at every full minute, whatever the venues do, so that channels and the state file
always have work.
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from streams.instrument import NS
from streams.simulator.instruments import MODEL, Listing, Model
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Move, Script

SLOT = 510.0
"""Seconds."""
SLOTS = 45
"""In a session."""
MOVE = 90.0
"""When in a slot ETH moves, for a minute."""
ROUGH, CALM = 330.0, 460.0
"""When in a slot faults may begin that disturb what the rules see, and when they must be over."""
EARLY = 60
"""Seconds before the open at which prices begin."""
_NAMES = {"ETH", "IWM"}
_SIGMA = 6.0

RULES = """\
defaults: {repeat_interval: never, flapping: never}
rules:
  - id: fall
    title: ETH falls
    when: return(ETH, 2m) < -1%
    clear: return(ETH, 2m) > -0.5%
    for: 20s
  - id: behind
    title: ETH is behind what IWM implies
    when: divergence(2m) < -2
    clear: divergence(2m) > -1.4
    for: 20s
  - id: rise
    title: ETH rises
    when: return(ETH, 2m) > 1%
    clear: return(ETH, 2m) < 0.5%
    for: 20s
  - id: ahead
    title: ETH is ahead of what IWM implies
    when: divergence(2m) > 2
    clear: divergence(2m) < 1.4
    for: 20s
  - id: feed-stale
    title: No fresh prices
    when: stale(IWM) or stale(ETH)
    for: 1m
    severity: critical
  - id: minute
    title: A minute ends
    when: until(minute) < 30s
    session: any
    severity: critical
"""


def model() -> Model:
    """ETH and IWM alone, with a price every second or two."""
    rates = {"coinbase": 0.5, "kraken": 0.4, "alpaca": 0.5}
    listings = (one for one in MODEL.listings if one.instrument in _NAMES)
    return Model(
        instruments=tuple(i for i in MODEL.instruments if i.name in _NAMES),
        correlations=tuple(c for c in MODEL.correlations if {c.x, c.y} <= _NAMES),
        listings=tuple(_thinned(one, rates[one.venue]) for one in listings),
    )


def market(seed: int, number: int, opened: int, slots: int) -> SimulatedMarket:
    """The session that opens at an instant (ns), as far as its first `slots`."""
    moves = tuple(
        Move(
            name=f"ETH alone, {slot}",
            instrument="ETH",
            against="IWM",
            sigma=_SIGMA if slot % 4 else -_SIGMA,
            start=EARLY + SLOT * slot + MOVE,
            duration=60.0,
        )
        for slot in range(0, slots, 2)
    )
    return SimulatedMarket(
        seed=1000 * seed + number,
        script=Script(duration=EARLY + SLOT * (slots + 0.5), phases=moves),
        start_ns=opened - EARLY * NS,
        model=model(),
    )


def minutes(opened: int, slots: int) -> str:
    """The calendar of events of a session: its full minutes."""
    first, last = opened // NS, opened // NS + round(SLOT * slots) + 60
    stamps = (datetime.fromtimestamp(at, UTC) for at in range(first, last, 60))
    listed = ", ".join(f'"{at:%Y-%m-%d %H:%M}"' for at in stamps)
    return (
        "events:\n  minute:\n    title: Minute\n    source: the calendar of the storm\n"
        f"    timezone: UTC\n    confirmed: [{listed}]\n"
    )


def _thinned(listing: Listing, rate: float) -> Listing:
    return replace(listing, trades=rate, quotes=0.2 * rate)
