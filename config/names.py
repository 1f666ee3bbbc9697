"""What a configuration names: the context in which its parts are checked."""

from __future__ import annotations

from pathlib import Path

import msgspec

from streams.instrument import Pair

VENUES = ("alpaca", "binance", "coinbase", "finnhub", "kraken", "yahoo")

KEYED = frozenset({"alpaca", "finnhub"})
"""Venues that tell nothing without a key."""

NOTIFIERS = ("log", "mqtt", "telegram")


class Names(msgspec.Struct, frozen=True):
    """Names known to rules and pairs, and the folders where secrets are looked for."""

    folder: Path
    instruments: tuple[str, ...]
    pairs: tuple[Pair, ...]
    notifiers: tuple[str, ...]
    credentials: Path | None = None
    """`$CREDENTIALS_DIRECTORY`, where systemd puts credentials."""
