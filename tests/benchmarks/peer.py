"""cryptofeed's handlers on the same trades, in the form in which each venue sends them to it.

It reads Coinbase's Advanced Trade and Kraken's first protocol, we Coinbase Exchange and Kraken v2.
It lives in an environment of its own below .venv, made on first use and removed by `make clean`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from venv import create

from streams.feeds.registry import VENUES
from streams.simulator.servers.stamps import rfc3339
from tests.benchmarks.figures import Figure
from tests.benchmarks.frames import LISTED, START, WRITERS, Event, events
from tests.benchmarks.timing import ROUNDS, once

_HOME = Path(sys.prefix) / ".cryptofeed"
_PYTHON = _HOME / "bin" / "python"
_INSTALLED = _HOME / "installed"
_HANDLER = Path(__file__).with_name("peer_handler.py")
_PATIENCE = 100.0
"""Seconds that installing may take."""


def compare() -> tuple[tuple[Figure, ...], str]:
    """Its µs a trade beside ours; nothing and the reason where it cannot be had."""
    try:
        _install()
        figures = tuple(_figures())
    except (OSError, subprocess.SubprocessError) as error:
        _INSTALLED.unlink(missing_ok=True)
        return (), f"cryptofeed is left out: it does not install or run here ({_brief(error)})."
    return figures, "cryptofeed: its message_handler with a callback that does nothing."


def _install() -> None:
    if _INSTALLED.exists():
        return
    create(_HOME, clear=True, with_pip=True)
    install = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "cryptofeed")
    _run(*install)
    _INSTALLED.touch()


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [str(_PYTHON), "-P", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
    )
    return done.stdout


def _brief(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    return str(said).strip().splitlines()[-1] if said else type(error).__name__


def _figures() -> Iterator[Figure]:
    for name, write in (("coinbase", _advanced_trade), ("kraken", _kraken_v1)):
        trades = events(LISTED[name], 1000)
        theirs = _theirs(name, [write(e) for e in trades])
        ours = _ours(name, [WRITERS[name][0](e) for e in trades])
        note = f"cryptofeed {theirs:.2f} µs, ours {ours:.2f} µs a trade"
        yield Figure(f"{name}, cryptofeed over ours", theirs / ours, "×", note=note)


def _theirs(name: str, lines: list[str]) -> float:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "frames"
        file.write_text("\n".join(lines), encoding="utf-8")
        return float(_run(str(_HANDLER), name, str(file)))


def _ours(name: str, sample: list[bytes]) -> float:
    parse = VENUES[name](LISTED[name], float).parse
    return median(once(lambda frame: parse(frame, START), sample) for _ in range(ROUNDS))


def _advanced_trade(e: Event) -> str:
    return (
        f'{{"channel":"market_trades","client_id":"","timestamp":"{rfc3339(e.ts, 9)}",'
        f'"sequence_num":{e.number},"events":[{{"type":"update","trades":[{{"trade_id":'
        f'"{e.id}","product_id":"{e.instrument}-USD","price":"{e.price:.2f}",'
        f'"size":"{e.size:.8f}","time":"{rfc3339(e.ts, 6)}","side":"SELL"}}]}}]}}'
    )


def _kraken_v1(e: Event) -> str:
    pair = {"ETH": "ETH/USD", "BTC": "XBT/USD"}[e.instrument]
    return (
        f'[337,[["{e.price:.5f}","{e.size:.8f}","{e.ts / 1e9:.6f}","b","m",""]],"trade","{pair}"]'
    )
