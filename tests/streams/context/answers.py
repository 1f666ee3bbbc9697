"""Answers in the publishers' documented forms."""

from __future__ import annotations

import json
from typing import Any

from streams.instrument import NS

NOW = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""
MONDAYS_CLOSE = 1_773_691_200 * NS
MIDNIGHT = 1_773_705_600 * NS
"""Of Tuesday, UTC."""


def table(series: str, *rows: tuple[str, str]) -> bytes:
    """As fredgraph.csv has it."""
    lines = [f"observation_date,{series}", *(f"{day},{value}" for day, value in rows)]
    return ("\n".join(lines) + "\n").encode()


def observations(*rows: tuple[str, str]) -> bytes:
    """As FRED's API has it."""
    today = {"realtime_start": "2026-03-17", "realtime_end": "2026-03-17"}
    found = [today | {"date": day, "value": value} for day, value in rows]
    return json.dumps({"count": len(found), "observations": found}).encode()


def fear_and_greed(*days: tuple[int, str]) -> bytes:
    """As alternative.me has it: values and times are texts."""
    data = [
        {"value": value, "value_classification": "Fear", "timestamp": str(ts // NS)}
        for ts, value in days
    ]
    metadata = {"error": None}
    return json.dumps({"name": "Fear and Greed Index", "data": data, "metadata": metadata}).encode()


CUT_LIKELY = {
    "H0": ("0.3800", "0.4000"),
    "C25": ("0.5900", "0.6100"),
    "C26": ("0.0000", "0.0100"),
    "H25": ("0.0000", "0.0100"),
    "H26": ("0.0000", "0.0100"),
}


def meeting(
    event: str, closes: str, quotes: dict[str, tuple[str, str]] | None = None
) -> list[dict[str, Any]]:
    """The markets of one meeting, bid and ask in dollars."""
    return [
        {
            "ticker": f"{event}-{outcome}",
            "event_ticker": event,
            "status": "active",
            "close_time": closes,
            "yes_bid_dollars": bid,
            "yes_ask_dollars": ask,
        }
        for outcome, (bid, ask) in (quotes or CUT_LIKELY).items()
    ]


def markets(*meetings: list[dict[str, Any]]) -> bytes:
    return json.dumps({"markets": [m for each in meetings for m in each], "cursor": ""}).encode()


MARCH = meeting("KXFEDDECISION-26MAR", "2026-03-18T17:59:00Z")
