"""Run by an interpreter that has cryptofeed: µs its handlers take for a trade.

    python peer_handler.py NAME FRAMES    # a frame a line; prints the median of the rounds

It knows nothing of comove, which that interpreter does not have.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time_ns
from typing import Any

from cryptofeed.defines import TRADES  # type: ignore[import-not-found]  # in its own environment
from cryptofeed.exchanges import Coinbase, Kraken  # type: ignore[import-not-found]  # likewise
from cryptofeed.symbols import Symbols  # type: ignore[import-not-found]  # likewise

_ROUNDS = 15
_LISTED = {
    "coinbase": (Coinbase, {"ETH-USD": "ETH-USD", "BTC-USD": "BTC-USD"}),
    "kraken": (Kraken, {"ETH-USD": "ETH/USD", "BTC-USD": "XBT/USD"}),
}


async def _ignore(_trade: object, _receipt: float) -> None:
    pass


def _handler(name: str) -> Any:
    kind, symbols = _LISTED[name]
    Symbols.set(kind.id, symbols, {"instrument_type": dict.fromkeys(symbols, "spot")})
    return kind(symbols=list(symbols), channels=[TRADES], callbacks={TRADES: _ignore})


async def _once(feed: Any, frames: Sequence[str]) -> float:
    handle = feed.message_handler
    began = process_time_ns()
    for frame in frames:
        await handle(frame, None, 0.0)
    return (process_time_ns() - began) / 1000 / len(frames)


async def _measure(name: str, frames: Sequence[str]) -> float:
    feed = _handler(name)
    return median([await _once(feed, frames) for _ in range(_ROUNDS)])


def main() -> None:
    """Measure what the arguments name."""
    name, file = sys.argv[1:]
    frames = Path(file).read_text(encoding="utf-8").splitlines()
    sys.stdout.write(f"{asyncio.run(_measure(name, frames)):.4f}\n")


if __name__ == "__main__":
    main()
