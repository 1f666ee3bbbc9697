"""Answers to questions about the market, from the desk's readings, as lines of Telegram's HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.context import DAY, HOUR
from alerts.desk import Desk
from alerts.language import parse_quantity
from alerts.moment import instant
from alerts.notifiers.telegram_figures import figure, figure_lines
from alerts.notifiers.telegram_text import marked
from alerts.render import format_value
from streams.instrument import Pair
from streams.metric import CATALOGUE, REGIMES, Call, Unit, duration_text
from streams.snapshot import FeedStatus, Snapshot
from streams.tick import FeedState

_WINDOWS = (HOUR, 4 * HOUR, DAY)
"""Of the correlation."""

_CONTROLLED = {"partial": "{0}–{1} beyond {2}", "relative": "{0} and {1} less {2}"}
"""What the first control has to do with it, by metric."""


def answer_calls(pair: Pair) -> tuple[Call, ...]:
    """What answers are made of; a Market must be asked for it."""
    legs, names = (pair.x, pair.y), (pair.x, pair.y, *pair.controls)
    return (
        *(Call("corr", legs, window) for window in _WINDOWS),
        *(Call("corr", (pair.x, control), HOUR) for control in pair.controls),
        *(Call(name, (*legs, one), DAY) for one in pair.controls[:1] for name in _CONTROLLED),
        Call("pearson", legs, HOUR),
        _beta(pair),
        Call("divergence", legs, HOUR),
        _breakdown(pair),
        Call("lead", legs),
        Call("llr", legs),
        Call("first_mover", legs, HOUR),
        *(Call(name, legs, HOUR) for name in REGIMES),
        *(Call("price", (name,)) for name in names),
        *(call for name in names for call in _returns(name)),
    )


def status(desk: Desk) -> Iterator[str]:
    """How each pair stands."""
    snapshot = desk.snapshot
    if snapshot is None:
        yield "No data yet."
        return
    for pair in desk.pairs:
        legs = (pair.x, pair.y)
        calls = (
            Call("corr", legs, HOUR),
            Call("divergence", legs, HOUR),
            _beta(pair),
            _breakdown(pair),
        )
        yield f"<b>{marked(pair.name)}</b>, {_sessions(pair, snapshot)}"
        for call in calls:
            yield from _lines(desk, call)
        yield _regime(desk, pair)
        yield from _prices(desk, legs)
        yield _data(pair, snapshot)
    yield f"<i>{instant(snapshot.ts)}</i>"


def correlation(desk: Desk, pairs: Sequence[Pair], window: float | None) -> Iterator[str]:
    """Over that window; or over all there are, with what the market and crypto have to do with."""
    for pair in pairs:
        yield f"<b>{marked(pair.name)}</b>"
        there = _windows(desk, pair)
        if window is None:
            for each in there or _WINDOWS:
                yield from _lines(desk, Call("corr", (pair.x, pair.y), each))
            yield from _beside(desk, pair)
        elif window in there:
            yield from _lines(desk, Call("corr", (pair.x, pair.y), window))
        else:
            known = ", ".join(duration_text(each) for each in there) or "no others"
            yield f"correlation {duration_text(window)} n/a (not computed; there are {known})"


def _windows(desk: Desk, pair: Pair) -> Sequence[float]:
    """Over which the pair's correlation is computed."""
    readings = {} if desk.snapshot is None else desk.snapshot.readings
    start = f"corr({pair.x},{pair.y},"
    found = (key.removeprefix(start).rstrip(")") for key in readings if key.startswith(start))
    return sorted(parse_quantity(text, Unit.DURATION) for text in found)


def _beside(desk: Desk, pair: Pair) -> Iterator[str]:
    """What those see who chart it, and what the market and crypto have to do with it."""
    legs = (pair.x, pair.y)
    yield from _lines(desk, Call("pearson", legs, HOUR))
    for control in pair.controls[:1]:
        for metric, name in _CONTROLLED.items():
            call = Call(metric, (*legs, control), DAY)
            yield from _lines(desk, call, name.format(*call.instruments))
    for control in pair.controls:
        yield from _lines(desk, Call("corr", (pair.x, control), HOUR), f"{pair.x}–{control}")


def lead(desk: Desk) -> Iterator[str]:
    """Who moves first, where that can be told."""
    for pair in desk.pairs:
        yield f"<b>{marked(pair.name)}</b>"
        for name, window in (("lead", None), ("llr", None), ("first_mover", HOUR)):
            call = Call(name, (pair.x, pair.y), window)
            yield from _lines(desk, call)


def regime(desk: Desk) -> Iterator[str]:
    """Risk-on, risk-off, decoupled or quiet, and what it rests on."""
    for pair in desk.pairs:
        yield f"<b>{marked(pair.name)}</b>"
        yield _regime(desk, pair)
        yield from _lines(desk, Call("divergence", (pair.x, pair.y), HOUR))
        yield from _prices(desk, (pair.x, pair.y))


def digest(desk: Desk) -> Iterator[str]:
    """The day so far."""
    yield "The digest comes at the close. So far today:"
    for pair in desk.pairs:
        legs = (pair.x, pair.y)
        yield f"<b>{marked(pair.name)}</b>"
        for name in (*legs, *pair.controls):
            _, today = _returns(name)
            yield f"{marked(name)} {figure(today, desk.reading(today))} since the prior close"
        yield from _lines(desk, Call("corr", legs, DAY))
        yield from _lines(desk, Call("divergence", (pair.x, pair.y), HOUR))
        yield _regime(desk, pair)


def _beta(pair: Pair) -> Call:
    return Call("beta", (pair.x, pair.y), CATALOGUE["beta"].window)


def _breakdown(pair: Pair) -> Call:
    return Call("breakdown", (pair.x, pair.y), rate=CATALOGUE["breakdown"].rate)


def _returns(name: str) -> tuple[Call, Call]:
    """Over an hour, and since the prior close."""
    return Call("return", (name,), HOUR), Call("return", (name,), days=1)


def _lines(desk: Desk, call: Call, name: str = "") -> Iterator[str]:
    return figure_lines(call, desk.reading(call), name)


def _regime(desk: Desk, pair: Pair) -> str:
    calls = [Call(name, (pair.x, pair.y), HOUR) for name in REGIMES]
    readings = [desk.reading(call) for call in calls]
    for call, reading in zip(calls, readings, strict=True):
        if reading.value:
            n = "" if reading.n is None else f" (n {reading.n:,.0f})"
            return f"regime 1h <b>{call.metric.replace('_', ' ')}</b>{n}"
    return f"regime 1h n/a ({marked(readings[0].reason)})"


def _prices(desk: Desk, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        price = desk.reading(Call("price", (name,)))
        if price.value is None:
            yield f"{marked(name)} n/a ({marked(price.reason)})"
            continue
        hour, today = (figure(call, desk.reading(call)) for call in _returns(name))
        shown = format_value(price.value, Unit.PRICE)
        yield f"{marked(name)} <b>{shown}</b>, 1h {hour}, today {today}"


def _sessions(pair: Pair, snapshot: Snapshot) -> str:
    found = (f"{name} {snapshot.sessions.get(name, 'unknown')}" for name in (pair.x, pair.y))
    return marked(", ".join(found))


def _data(pair: Pair, snapshot: Snapshot) -> str:
    return "data: " + marked(", ".join(_source(name, snapshot) for name in (pair.x, pair.y)))


def _source(name: str, snapshot: Snapshot) -> str:
    """`ETH coinbase 0.3 s old`, `IWM yahoo stale 95 s old`."""
    feeds = [feed for feed in snapshot.feeds if feed.instrument == name]
    used = next((feed for feed in feeds if feed.active), feeds[0] if feeds else None)
    if used is None:
        return f"{name} no feed"
    state = "" if used.active and used.state == FeedState.LIVE else f" {used.state}"
    return f"{name} {used.venue}{state}{_age(used)}"


def _age(feed: FeedStatus) -> str:
    return "" if feed.age is None else f" {feed.age:.1f} s old"
