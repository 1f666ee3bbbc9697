"""The regime as one name, where the catalogue has a yes or no for each of its states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from streams.metric import REGIMES
from streams.snapshot import Reading

NAMES = tuple(state.replace("_", "-") for state in REGIMES)


class Regime(msgspec.Struct, frozen=True):
    """The regime of a pair over a horizon; `name` None where `reading` gives the reason."""

    key: str
    """`regime(ETH,IWM,1h)`."""
    name: str | None
    reading: Reading


def regimes(readings: Mapping[str, Reading]) -> Iterator[Regime]:
    """A regime for each pair and horizon of which all the states are known to the snapshot."""
    for key in readings:
        metric, _, rest = key.partition("(")
        if metric == REGIMES[0] and all(f"{state}({rest}" in readings for state in REGIMES):
            yield _regime(rest, [readings[f"{state}({rest}"] for state in REGIMES])


def _regime(rest: str, states: list[Reading]) -> Regime:
    key = f"regime({rest}"
    for name, reading in zip(NAMES, states, strict=True):
        if reading.value is None or reading.value:
            return Regime(key, name if reading.value else None, reading)
    return Regime(key, None, Reading(None, "no state holds"))
