"""The sessions before the start, as a warm start would read them.

Bars are made as live bars are: the close is the last trade before the bar's end, and trades come
at the listing's rate, so what tick rates do to correlation (Epps) is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from streams.simulator.hours import (
    NS,
    Instants,
    midnights,
    new_york_day,
    sessions,
    sessions_back,
)
from streams.simulator.instruments import Floats, Listing, Model
from streams.simulator.path import walk
from streams.simulator.script import Script
from streams.simulator.tape import trade_prices


class Past(msgspec.Struct, frozen=True):
    """An instrument's closes: of bars stamped at their end, and of days.

    A day ends at 00:00 UTC for what trades round the clock, else at New York's close.
    """

    ts: Instants
    close: Floats
    daily_ts: Instants
    daily_close: Floats


class _Bars(NamedTuple):
    """Bar ends, the instant of each bar's last trade, and the bar whose trade it is."""

    ends: Instants
    traded: Instants
    source: Instants


def past(
    model: Model,
    script: Script,
    start_ns: int,
    *,
    count: int,
    bar_ns: int,
    rng: np.random.Generator,
) -> Mapping[str, Past]:
    """`count` whole sessions before the start's day, and the start's own until the start.

    What trades round the clock has its last night too.
    """
    today = new_york_day(start_ns)
    hours = [h for h in sessions(sessions_back(today, count), today) if h[0] < start_ns]
    closes = np.array([closed for _, closed in hours if closed <= start_ns], dtype=np.int64)
    days = midnights(hours[0][0], start_ns)
    nights = [*hours[:-2], (hours[-2:][0][0], start_ns)]
    bars = {
        i.name: _bars(
            nights if i.continuous else hours, start_ns, bar_ns, model.primary(i.name).trades, rng
        )
        for i in model.instruments
    }
    times = np.unique(np.concatenate([closes, days, *(b.traded for b in bars.values())]))
    logs = walk(times, model, script, start_ns, rng)

    def printed(listing: Listing, at: Instants) -> Floats:
        column = model.index[listing.instrument]
        level = model.instruments[column].price * (1 + listing.basis)
        mid = level * np.exp(logs[np.searchsorted(times, at), column])
        return trade_prices(mid, listing, rng)[0]

    result = {}
    for instrument in model.instruments:
        listing, one = model.primary(instrument.name), bars[instrument.name]
        daily = days if instrument.continuous else closes
        close = printed(listing, one.traded)[one.source]
        result[instrument.name] = Past(one.ends, close, daily, printed(listing, daily))
    return result


def _bars(
    hours: list[tuple[int, int]], until: int, bar_ns: int, rate: float, rng: np.random.Generator
) -> _Bars:
    """The last trade of each bar has an exponential age; a bar without one repeats the last.

    A session opens with a trade.
    """
    ends = [np.arange(o + bar_ns, min(c, until) + 1, bar_ns, dtype=np.int64) for o, c in hours]
    joined = np.concatenate(ends)
    ages = (rng.exponential(1.0 / rate, len(joined)) * NS).astype(np.int64) + 1
    opening = np.zeros(len(joined), dtype=np.bool_)
    opening[np.cumsum([0, *(len(e) for e in ends[:-1])])] = True
    ages = np.where(opening, np.minimum(ages, bar_ns), ages)
    source = np.where(ages <= bar_ns, np.arange(len(joined)), 0)
    return _Bars(joined, joined - np.minimum(ages, bar_ns), np.maximum.accumulate(source))
