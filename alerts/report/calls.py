"""What a report reads of the market."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from streams.instrument import Pair
from streams.metric import CONTEXT, REGIMES, Call
from streams.sessions import Calendar

HOUR = 3600.0
SESSION = 86_400.0
"""The horizon over which the divergence is that of the whole session."""
CLOSES = 20


class Calls(msgspec.Struct, frozen=True):
    """The calls that a report on one pair rests on."""

    corr: Call
    closes: Call
    lead: Call
    first: Call
    gap: Call
    session_gap: Call
    y_move: Call
    regimes: tuple[Call, ...]
    prices: Mapping[str, Call]
    since_close: Mapping[str, Call]
    """The return since about the close before, where that is a day ago."""
    volatility: Mapping[str, Call]
    slow: tuple[Call, ...]

    @property
    def all(self) -> Iterator[Call]:
        """Each once."""
        yield from (self.corr, self.closes, self.lead, self.first)
        yield from (self.gap, self.session_gap, self.y_move)
        yield from (*self.regimes, *self.slow)
        for each in (self.prices, self.since_close, self.volatility):
            yield from each.values()


def calls_of(pair: Pair, calendars: Mapping[str, Calendar]) -> Calls:
    """Those of a pair; `calendars` by instrument."""
    names = (pair.x, pair.y)
    all_names = (*names, *pair.controls)
    return Calls(
        corr=Call("corr_session", names),
        closes=Call("corr", names, days=CLOSES),
        lead=Call("lead", names),
        first=Call("first_mover", names, HOUR),
        gap=Call("divergence", names, HOUR),
        session_gap=Call("divergence", names, SESSION),
        y_move=Call("return", (pair.y,), HOUR),
        regimes=tuple(Call(regime, names, HOUR) for regime in REGIMES),
        prices={name: Call("price", (name,)) for name in all_names},
        since_close={name: _since_close(name, calendars[name]) for name in all_names},
        volatility={name: Call("volatility", (name,), SESSION) for name in all_names},
        slow=tuple(Call(name, ()) for name in CONTEXT),
    )


def _since_close(name: str, hours: Calendar) -> Call:
    if hours.horizon_ns is None:
        return Call("return", (name,), SESSION)
    return Call("return", (name,), days=1)
