"""Any number of pairs: their configuration, and a market for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import msgspec

from config.shipped import RULES, shipped
from streams.simulator.instruments import Correlation, Listing, Model, SimulatedInstrument

WINDOWS = ("30m", "1h", "4h")
VENUE = "coinbase"


class Field(msgspec.Struct, frozen=True):
    """Pairs (x trades round the clock, y in New York's hours), and each instrument's ticks/s.

    `always`: all trade round the clock, so that all statistics are at work whatever the hour.
    """

    pairs: Sequence[tuple[str, str]]
    rates: Mapping[str, float]
    controls: tuple[str, ...] = ()
    always: bool = False

    def continuous(self, name: str) -> bool:
        """Whether the instrument trades round the clock."""
        return self.always or any(name == x for x, _ in self.pairs)


def write_config(folder: Path, field: Field, more: str = "notifiers: {log: {}}\n") -> Path:
    """The pairs, with the shipped rules for each and one for each window of corr."""
    (folder / RULES).write_text(_rules(), encoding="utf-8")
    file = folder / "comove.yaml"
    file.write_text("\n".join([*_lines(field), more]), encoding="utf-8")
    return file


def _rules() -> str:
    """Whatever names ETH and IWM in the shipped rules is meant of the legs of each pair."""
    legs = {"ETH": "x", "IWM": "y"}
    text = re.sub(r"(?<=[a-z]\()(ETH|IWM)\b", lambda found: legs[found[1]], shipped(RULES))
    return text + "".join(
        f"  - {{id: corr-{window}, title: Far apart, when: corr({window}) < -0.2}}\n"
        for window in WINDOWS
    )


def _lines(field: Field) -> Iterator[str]:
    yield from ("instance: bench", "state: bench.db", "instruments:")
    for name in field.rates:
        hours = "24/7" if field.continuous(name) else "NYSE"
        yield f"  {name}: {{calendar: {hours}, feeds: ['{VENUE}:{name}']}}"
    yield "pairs:"
    for x, y in field.pairs:
        beside = ", ".join(name for name in field.controls if name not in {x, y})
        yield f"  - {{x: {x}, y: {y}, controls: [{beside}], prior: {{correlation: 0.5}}}}"


def model(field: Field) -> Model:
    """Prices that move with one common factor."""
    return Model(
        instruments=tuple(
            SimulatedInstrument(name, 100.0, 0.0008, 0.5, continuous=field.continuous(name))
            for name in field.rates
        ),
        correlations=tuple(Correlation(x, y, 0.5) for x, y in combinations(field.rates, 2)),
        listings=tuple(_listing(name, rate) for name, rate in field.rates.items()),
    )


def _listing(name: str, rate: float) -> Listing:
    return Listing(
        venue=VENUE,
        symbol=name,
        instrument=name,
        trades=rate,
        quotes=0.0,
        decimals=4,
        half_spread=0.001,
        size=1.0,
        size_decimals=0,
        first_id=1,
    )
