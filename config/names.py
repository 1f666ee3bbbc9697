"""What a configuration names: the context in which its parts are checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from alerts.language import Definition
from streams.instrument import Pair

VENUES = ("alpaca", "binance", "coinbase", "finnhub", "kraken", "yahoo")

KEYED = frozenset({"alpaca", "finnhub"})
"""Venues that tell nothing without a key."""

POLLED = frozenset({"yahoo"})
"""Venues that are asked now and then: their stamps cannot tell who moved first."""

NOTIFIERS = ("log", "mqtt", "telegram", "webhook")


class Names(msgspec.Struct, frozen=True):
    """Names known to rules and pairs, and the folders where secrets are looked for."""

    folder: Path
    instruments: tuple[str, ...]
    pairs: tuple[Pair, ...]
    notifiers: tuple[str, ...]
    rules: tuple[str, ...] = ()
    """Ids of the rule file being read."""
    events: tuple[str, ...] = ()
    """Those of the calendar of events."""
    lets: Mapping[str, Definition] = {}
    """What the rule file names."""
    budget: float | None = None
    """Alarms a session of detectors without a budget of their own, if one is given for all."""
    credentials: Path | None = None
    """`$CREDENTIALS_DIRECTORY`, where systemd puts credentials."""
