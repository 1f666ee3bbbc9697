"""One pair on the page: how the two move together, how sure that is, and who moved first."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.context import context_calls, short
from alerts.render import format_value, metric_text
from daemon.web.page_document import Figure, LinkPanel, Scale, Tone
from daemon.web.pictures import pictures
from daemon.web.sources import Sources
from streams.instrument import Pair
from streams.metric import CATALOGUE, REGIMES, Call, Unit, duration_text
from streams.snapshot import Reading

_GOOD: Tone = "good"
_BAD: Tone = "bad"

HOUR = 3600.0
DAY = 86_400.0
WINDOWS = (900.0, HOUR, 4 * HOUR, DAY)
_WIDEST = 6.0
"""Standard deviations at the ends of the scale that a divergence is shown on."""
_REGIMES = {
    "quiet": "quiet: no common move, and not apart",
    "risk_on": "risk-on: both rise",
    "risk_off": "risk-off: both fall",
    "decoupled_strong": "decoupled: {x} is above what {y} implies",
    "decoupled_weak": "decoupled: {x} is below what {y} implies",
}


def panel_calls(pair: Pair) -> tuple[Call, ...]:
    """What must be computed for it."""
    names = (pair.x, pair.y)
    return tuple(
        dict.fromkeys(
            (
                *(Call("corr", names, window) for window in WINDOWS),
                *context_calls(pair),
                Call("pearson", names, HOUR),
                _beta(pair),
                _divergence(pair),
                _breakdown(pair),
                *(Call(state, names, HOUR) for state in REGIMES),
                Call("lead", names),
                Call("llr", names),
                *(Call("return", (name,), days=1) for name in names),
            )
        )
    )


def link_panel(sources: Sources, pair: Pair) -> LinkPanel:
    """Now."""
    panel = _Panel(sources, pair)
    return LinkPanel(
        id=pair.name,
        name=f"{pair.x}–{pair.y}",
        correlation=panel.correlation("Correlation 1h", Call("corr", panel.names, HOUR)),
        facts=tuple(panel.facts()),
        correlations=tuple(panel.correlations()),
        pictures=pictures(sources, pair),
    )


class _Panel:
    def __init__(self, sources: Sources, pair: Pair) -> None:
        self._read = sources.reading
        self._pair = pair
        self.names = (pair.x, pair.y)

    def facts(self) -> Iterator[Figure]:
        yield self._link()
        yield self._apart()
        yield self._regime()
        yield self._lead()
        yield self._plain("Beta", _beta(self._pair))
        for name in self.names:
            yield self._price(name)

    def correlations(self) -> Iterator[Figure]:
        x, y = self.names
        for window in WINDOWS:
            call = Call("corr", self.names, window)
            yield self.correlation(duration_text(window), call)
        yield self.correlation("1h Pearson", Call("pearson", self.names, HOUR))
        for call in context_calls(self._pair):
            if call.metric == "corr" and call.instruments[1] != y:
                yield self.correlation(f"1h {x}–{call.instruments[1]}", call)
            elif call.metric == "partial":
                yield self.correlation(f"{call.window_text} beyond {call.instruments[2]}", call)

    def correlation(self, name: str, call: Call) -> Figure:
        reading = self._read(call)
        if reading.value is None:
            return _unknown(name, reading)
        value, low, high = float(reading.value), reading.low, reading.high
        known = low is not None and high is not None
        return Figure(
            name,
            short(value),
            f"{short(low)} to {short(high)}" if low is not None and high is not None else "",
            n="" if reading.n is None else f"{reading.n:,.0f}",
            scale=Scale(value, low, high) if known else Scale(value),
        )

    def _link(self) -> Figure:
        reading = self._read(_breakdown(self._pair))
        if reading.value is None:
            return _unknown("Link", reading)
        word, tone = ("BROKEN", _BAD) if reading.value else ("holds", _GOOD)
        return Figure("Link", word, reading.note, tone)

    def _apart(self) -> Figure:
        reading = self._read(_divergence(self._pair))
        if reading.value is None:
            return _unknown("Divergence 1h", reading)
        value = float(reading.value)
        text = format_value(value, Unit.SIGMA, signed=True)
        scale = Scale(max(-1.0, min(1.0, value / _WIDEST)))
        return Figure("Divergence 1h", text, reading.note, _strain(value), scale=scale)

    def _regime(self) -> Figure:
        readings = {state: self._read(Call(state, self.names, HOUR)) for state in REGIMES}
        x, y = self.names
        for state, reading in readings.items():
            if reading.value is None:
                return _unknown("Regime", reading)
            if reading.value:
                word, _, meaning = _REGIMES[state].format(x=x, y=y).partition(": ")
                return Figure("Regime", word, meaning)
        return _unknown("Regime", Reading(None, "no state holds"))

    def _lead(self) -> Figure:
        x, y = self.names
        moved = self._read(Call("first_mover", self.names, HOUR)).note
        reading = self._read(Call("lead", self.names))
        if reading.value is None:
            return Figure("Who leads", "n/a", " · ".join(filter(None, (reading.reason, moved))))
        first, second = (x, y) if reading.value >= 0 else (y, x)
        by = f"{abs(float(reading.value)):g} s before {second}"
        detail = " · ".join(filter(None, (by, reading.note, moved)))
        return Figure("Who leads", first if reading.value else "neither", detail)

    def _price(self, name: str) -> Figure:
        price = self._read(Call("price", (name,)))
        if price.value is None:
            return _unknown(name, price)
        hour, day = Call("return", (name,), HOUR), Call("return", (name,), days=1)
        detail = f"{self._move(hour)} in 1h, {self._move(day)} since the prior close"
        return Figure(name, f"{price.value:,.2f}", detail)

    def _move(self, call: Call) -> str:
        return metric_text(self._read(call).value, call.metric)

    def _plain(self, name: str, call: Call) -> Figure:
        reading = self._read(call)
        if reading.value is None:
            return _unknown(name, reading)
        return Figure(name, metric_text(reading.value, call.metric), reading.note)


def _unknown(name: str, reading: Reading) -> Figure:
    return Figure(name, "n/a", reading.reason)


def _strain(sigmas: float) -> Tone:
    """As the shipped rules have it: 4 is worth an alert, 3 comes a few times a month."""
    if abs(sigmas) >= 4:
        return "bad"
    return "warn" if abs(sigmas) >= 3 else "good"


def _beta(pair: Pair) -> Call:
    return Call("beta", (pair.x, pair.y), CATALOGUE["beta"].window)


def _divergence(pair: Pair) -> Call:
    return Call("divergence", (pair.x, pair.y), HOUR)


def _breakdown(pair: Pair) -> Call:
    return Call("breakdown", (pair.x, pair.y), rate=CATALOGUE["breakdown"].rate)
