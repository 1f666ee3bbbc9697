"""Makes seeds/sessions again, the same bytes every time: `python -m tests.seeds.sessions`.

Each is a day of the simulated market, thinned to a trade in some seconds and written as the
recorder would have written it: Coinbase and Kraken for ETH and BTC, Yahoo's poll for IWM and SPY.
What ought to be said of it stands beside it, in expected.yaml, by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import zstandard

from streams.feeds.registry import VENUES
from streams.history.shelf import SUFFIX, file_name
from streams.instrument import NS
from streams.sessions import calendar
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import (
    HOUR,
    MINUTE,
    Decoupling,
    JointMove,
    Move,
    Outage,
    Phase,
    Script,
)
from streams.simulator.tape import Tape
from tests.benchmarks.frames import Event, coinbase_match, kraken_trade, yahoo_pricing

FOLDER = Path(__file__).parents[2] / "seeds" / "sessions"

_NEW_YORK = ZoneInfo("America/New_York")
_MS = NS // 1000


class Feed(msgspec.Struct, frozen=True):
    """How a venue's trades are told: each received `late` (ns) after it was made.

    Of an instrument at most one in `every` s is kept, from the tape of `source`.
    """

    name: str
    source: str
    frame: Callable[[Event], bytes]
    every: float
    late: int
    hello: str = ""
    """Sent again every minute, where the venue wants that."""


FEEDS = (
    Feed("coinbase", "coinbase", coinbase_match, 14.0, 20 * _MS),
    Feed("kraken", "kraken", kraken_trade, 14.0, 30 * _MS),
    Feed("yahoo", "alpaca", yahoo_pricing, 14.0, 900 * _MS, '{"subscribe":["IWM","SPY"]}'),
)
_AT_NIGHT = 25.0
"""Seconds between two trades that are kept while New York is closed: just not stale."""


class Session(msgspec.Struct, frozen=True):
    """What is recorded from `begins` (New York) on, for `duration` s."""

    name: str
    begins: str
    duration: float
    phases: tuple[Phase, ...] = ()
    venues: tuple[str, ...] = ("coinbase", "yahoo")
    seed: int = 1

    @property
    def market(self) -> SimulatedMarket:
        """What happened."""
        begins = datetime.fromisoformat(self.begins).replace(tzinfo=_NEW_YORK)
        script = Script(self.duration, self.phases)
        return SimulatedMarket(seed=self.seed, script=script, start_ns=int(begins.timestamp()) * NS)


CALM = Session("calm", "2026-04-16T09:30", 2 * HOUR)
DIVERGENCE = Session(
    "divergence",
    "2026-04-17T09:30",
    5.25 * HOUR,
    (
        Move(
            name="ETH alone falls",
            instrument="ETH",
            against="IWM",
            sigma=-8.0,
            start=4 * HOUR,
            duration=8 * MINUTE,
        ),
    ),
)
BREAKDOWN = Session(
    "breakdown",
    "2026-04-20T09:30",
    5.25 * HOUR,
    (
        Decoupling(
            name="the link breaks",
            group=("ETH", "BTC"),
            start=1 * HOUR,
            duration=2.5 * HOUR,
        ),
    ),
)
FEED_FAILURE = Session(
    "feed-failure",
    "2026-04-21T09:30",
    1.75 * HOUR,
    (
        Outage(name="Coinbase is down", venue="coinbase", start=40 * MINUTE, duration=8 * MINUTE),
        Outage(name="Yahoo is down", venue="yahoo", start=70 * MINUTE, duration=10 * MINUTE),
    ),
    ("coinbase", "kraken", "yahoo"),
)
_CLOSE = 5 * MINUTE
_OPEN = _CLOSE + 17.5 * HOUR
RISK_OFF = Session(
    "risk-off",
    "2026-04-22T15:55",
    _OPEN + 2.5 * HOUR,
    (
        JointMove(
            name="a lower night",
            moves=(("ETH", -0.006), ("BTC", -0.005), ("IWM", -0.003), ("SPY", -0.002)),
            start=_CLOSE + 4 * HOUR,
            duration=_OPEN - _CLOSE - 4 * HOUR,
        ),
        JointMove(
            name="both fall",
            moves=(("ETH", -0.035), ("BTC", -0.03), ("IWM", -0.034), ("SPY", -0.026)),
            start=_OPEN + 75 * MINUTE,
            duration=15 * MINUTE,
            rebound=0.9,
            rebound_start=_OPEN + 105 * MINUTE,
            rebound_duration=12 * MINUTE,
        ),
    ),
)
SESSIONS = (CALM, DIVERGENCE, BREAKDOWN, RISK_OFF, FEED_FAILURE)


def recordings(session: Session) -> Iterator[tuple[str, bytes]]:
    """Each file of a session, by its path in the session's folder, before it is compressed."""
    market = session.market
    for feed in FEEDS:
        if feed.name in session.venues:
            lines = "".join(_lines(market, feed))
            yield f"{feed.name}/{file_name(market.start_ns)}", lines.encode()


def _lines(market: SimulatedMarket, feed: Feed) -> Iterator[str]:
    heard = [
        (event.ts + feed.late, "recv", feed.frame(event).decode())
        for tape in market.tapes(feed.source)
        for event in _trades(tape, feed)
    ]
    minutes = range(market.start_ns, market.end_ns, 60 * NS) if feed.hello else ()
    frames = sorted([*heard, *((ts, "send", feed.hello) for ts in minutes)])
    begun = market.start_ns
    for lost, back in (*market.outages(feed.name), (market.end_ns, 0)):
        yield _line(feed, "connect", begun)
        for ts, kind, data in frames:
            if begun + feed.late <= ts < lost:
                yield _line(feed, kind, ts, data)
        if back:
            yield _line(feed, "close", lost, "connection lost")
        begun = back


def _trades(tape: Tape, feed: Feed) -> Iterator[Event]:
    """Numbered anew: those that are left out are not missing."""
    hours, number, due = calendar("NYSE"), 0, 0
    for ts, price in zip(tape.trade_ts.tolist(), tape.trade_price.tolist(), strict=True):
        if ts >= due:
            open_ = hours.session(ts).kind == "regular"
            due, number = ts + round((feed.every if open_ else _AT_NIGHT) * NS), number + 1
            yield Event(tape.listing.instrument, number, price, 0.1, ts // _MS * _MS)


def _line(feed: Feed, kind: str, ts: int, data: str | None = None) -> str:
    line = {"t": kind, "conn": feed.name, "ts": 0, "addr": VENUES[feed.name].base}
    written = msgspec.json.encode(line | ({} if data is None else {"data": data})).decode()
    return written.replace('"ts":0', f'"ts":{ts // NS}.{ts % NS:09d}', 1) + "\n"


def main() -> None:
    """Write all of them."""
    total = 0
    for session in SESSIONS:
        folder = FOLDER / session.name
        for old in folder.glob(f"*/*{SUFFIX}"):
            old.unlink()
        for path, content in recordings(session):
            packed = zstandard.ZstdCompressor(level=19, write_checksum=True).compress(content)
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(packed)
            total += len(packed)
            sys.stdout.write(f"{len(packed):8,} {file.relative_to(FOLDER)}\n")
    sys.stdout.write(f"{total:8,} in all\n")


if __name__ == "__main__":
    main()
