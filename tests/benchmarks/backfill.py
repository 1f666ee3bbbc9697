"""How long a real `comove run` takes to its first `corr(20d)`: cold, cold with history, and warm.

    python -m tests.benchmarks.backfill

Stand-in venues answer REST 150 ms late; in the middle Coinbase says 429 (Retry-After: 2), and
Alpaca's free plan forbids the youngest bars of the consolidated tape. No feed is live.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.table import Table

from daemon.clock import Clock
from tests.stand_ins.broker import free_port
from tests.stand_ins.candle_venues import KEY, SECRET, AlpacaCandles, CoinbaseCandles, YahooCandles
from tests.stand_ins.candles import Candles, too_many

_LATENCY = 0.15
_PATIENCE = 120.0
_SIGN = 'comove_correlation{pair="ETH-IWM",window="20d"}'
_CONFIG = """\
state: comove.db
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
  IWM: {{calendar: NYSE, feeds: [alpaca:IWM, yahoo:IWM]}}
  SPY: {{calendar: NYSE, feeds: [yahoo:SPY]}}
pairs: [{{x: ETH, y: IWM, controls: [SPY, BTC]}}]
feeds:
  coinbase: {{url: 'ws://127.0.0.1:9', rest: '{coinbase}'}}
  alpaca: {{url: 'ws://127.0.0.1:9', rest: '{alpaca}', key_file: key, secret_file: secret}}
  yahoo: {{url: 'ws://127.0.0.1:9', rest: '{yahoo}'}}
page: {{port: {page}}}
context: {{}}
"""
_RULES = """\
rules:
  - {id: apart, title: Apart, when: corr(20d) < -0.99}
"""


async def _measure(console: Console) -> Table:
    table = Table("start", "first corr(20d), s", "feeds begin, s", "requests")
    now = Clock(asyncio.get_running_loop()).now
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        venues: list[Candles] = [
            CoinbaseCandles(now, "ETH-USD", "BTC-USD", latency=_LATENCY),
            AlpacaCandles(now, "IWM", latency=_LATENCY),
            YahooCandles(now, "IWM", "SPY", latency=_LATENCY),
        ]
        for venue in venues:
            await stack.enter_async_context(venue)
        page = free_port()
        _write(folder, page, {venue.venue: venue.url for venue in venues})
        venues[0].faults[60] = too_many("2")
        for start in ("cold", "warm", "cold, with history"):
            if start.startswith("cold"):
                (folder / "comove.warm").unlink(missing_ok=True)
            asked = sum(len(venue.asked) for venue in venues)
            first, begun = await _start(folder, page, console)
            asked = sum(len(venue.asked) for venue in venues) - asked
            table.add_row(start, f"{first:.1f}", f"{begun:.1f}", str(asked))
    return table


def _write(folder: Path, page: int, urls: dict[str, str]) -> None:
    texts = {
        "comove.yaml": _CONFIG.format(page=page, **urls),
        "rules.yaml": _RULES,
        "key": KEY,
        "secret": SECRET,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


async def _start(folder: Path, page: int, console: Console) -> tuple[float, float]:
    """Seconds until there is a correlation, and until feeds begin."""
    clock = asyncio.get_running_loop().time
    began = clock()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daemon", "run", "-c", str(folder / "comove.yaml"), "--plain"),
        stderr=PIPE,
    )
    async with asyncio.TaskGroup() as tasks:
        log = tasks.create_task(_echo(process, console), name="log")
        async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(trust_env=False) as client:
            while _SIGN not in await _metrics(client, page):  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.05)
            first = clock() - began
        process.terminate()
        await process.wait()
    return first, log.result() - began


async def _metrics(client: httpx.AsyncClient, page: int) -> str:
    try:
        return (await client.get(f"http://127.0.0.1:{page}/metrics")).text
    except httpx.HTTPError:
        return ""


async def _echo(process: Process, console: Console) -> float:
    """Pass on what it says; when it turned to its feeds."""
    begun = 0.0
    if process.stderr is None:
        return begun
    async for line in process.stderr:
        console.print(line.decode().rstrip(), style="dim", highlight=False)
        if b"coinbase: connecting" in line:
            begun = asyncio.get_running_loop().time()
    return begun


def main() -> None:
    """Measure and print."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(asyncio.run(_measure(console)))


if __name__ == "__main__":
    main()
