"""The live view in a terminal: the link, the feeds, the rules; alerts run up above it."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alerts.context import correlation_text, short
from alerts.engine import Engine
from alerts.rule import Severity
from alerts.standing import Standing
from alerts.transition import State, Transition
from daemon.texts import new_york
from streams.instrument import NS, Pair
from streams.metric import CATALOGUE, Call
from streams.snapshot import Reading, Snapshot
from streams.tick import FeedState

HOUR = 3600.0

SEVERITY_STYLE = {
    Severity.INFO: "cyan",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "bold red",
}
_FEED_STYLE = {"live": "green", "stale": "yellow", "connecting": "yellow", "down": "red"}
_BARS = "▁▂▃▄▅▆▇█"
_SPARK_EVERY = 120 * NS
_SPARK_LENGTH = 48
_INDENT = 9


def view_calls(pair: Pair) -> tuple[Call, ...]:
    """What the view shows of a pair."""
    names = (pair.x, pair.y)
    return (
        *(Call("corr", (pair.x, other), HOUR) for other in (pair.y, *pair.controls)),
        Call("pearson", names, HOUR),
        Call("beta", names, CATALOGUE["beta"].window),
        Call("divergence", names, HOUR),
        Call("breakdown", names, rate=CATALOGUE["breakdown"].rate),
        *(Call("price", (name,)) for name in names),
        *(Call("return", (name,), HOUR) for name in names),
    )


def sparkline(values: Sequence[float | None], low: float = -0.2, high: float = 1.0) -> str:
    """One block a value, a dot where there is none.

    >>> sparkline([0.0, None, 0.5, 1.0], low=0.0)
    '▁·▅█'
    """
    top = len(_BARS) - 1
    return "".join(
        "·" if v is None else _BARS[round(min(max((v - low) / (high - low), 0), 1) * top)]
        for v in values
    )


class View:
    """Keeps what is shown; `render` draws it."""

    def __init__(self, pair: Pair, title: str) -> None:
        self._pair = pair
        self._title = title
        self._engine = Engine(())
        self._snapshot: Snapshot | None = None
        self._history: deque[float | None] = deque(maxlen=_SPARK_LENGTH)
        self._due = 0

    def follow(self, engine: Engine) -> None:
        """Show the states of its rules."""
        self._engine = engine

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Show this one from now on."""
        self._snapshot = snapshot
        if snapshot.ts >= self._due:
            self._due = snapshot.ts + _SPARK_EVERY
            value = self._read(Call("corr", (self._pair.x, self._pair.y), HOUR)).value
            self._history.append(None if value is None else float(value))

    def _read(self, call: Call) -> Reading:
        readings = self._snapshot.readings if self._snapshot else {}
        return readings.get(call.key) or Reading(None, "no data yet")

    def render(self) -> RenderableType:
        """The whole view."""
        if self._snapshot is None:
            return Panel("waiting for the first tick", title=self._title)
        return Group(
            Panel(Group(self._link(), self._statistics()), title=self._heading(self._snapshot)),
            self._tables(self._snapshot),
        )

    def _heading(self, snapshot: Snapshot) -> str:
        session = snapshot.sessions.get(self._pair.y, "")
        return (
            f"{self._title} · {new_york(snapshot.ts, '%a %d %b %Y %H:%M:%S')} New York · {session}"
        )

    def _link(self) -> Text:
        pair = self._pair
        reading = self._read(Call("corr", (pair.x, pair.y), HOUR))
        text = Text(f"{pair.x}–{pair.y}  ", style="bold")
        text.append(f"correlation 1h {correlation_text(reading)}  ", style="bold cyan")
        text.append(sparkline(self._history), style="cyan")
        return text

    def _statistics(self) -> Text:
        calls = view_calls(self._pair)
        parts = [
            f"{call.instruments[0]}–{call.instruments[1]} {_value(self._read(call))}"
            for call in calls
            if call.metric == "corr" and call.instruments[1] != self._pair.y
        ]
        parts += [
            f"{call.metric} {_value(self._read(call), call.metric)}"
            for call in calls
            if call.metric in {"pearson", "beta", "divergence", "breakdown"}
        ]
        return Text("  ·  ".join(parts), style="dim")

    def _tables(self, snapshot: Snapshot) -> Table:
        outer = Table.grid(padding=(0, 3))
        outer.add_row(self._feeds(snapshot), self._rules())
        return outer

    def _feeds(self, snapshot: Snapshot) -> Table:
        table = Table("", "feed", "state", "age", box=None, header_style="dim")
        for feed in snapshot.feeds:
            style = _FEED_STYLE.get(feed.state, "dim")
            age = "" if feed.age is None else f"{feed.age:5.1f} s"
            mark = "▶" if feed.used else " "
            table.add_row(f"{feed.instrument} {mark}", feed.venue, Text(feed.state, style), age)
        return table

    def _rules(self) -> Table:
        table = Table("rule", "state", box=None, header_style="dim")
        for standing in self._engine.standings():
            open_ = standing.state in {State.FIRING, State.RECOVERING}
            style = SEVERITY_STYLE[standing.severity] if open_ else "dim"
            table.add_row(Text(standing.rule, style), Text(_state(standing), style))
        return table


def _state(standing: Standing) -> str:
    """`firing`, `unknown`, `firing · unknown · muted`."""
    at_rest = standing.state is State.INACTIVE and standing.doubt
    words = ("" if at_rest else standing.state, standing.doubt, "muted" if standing.muted else "")
    return " · ".join(filter(None, words))


def switches(before: Snapshot | None, now: Snapshot) -> list[str]:
    """What to say where an instrument's prices come from another feed than before."""
    used = {feed.instrument: feed.venue for feed in before.feeds if feed.active} if before else {}
    found = []
    for feed in now.feeds:
        left = used.get(feed.instrument)
        if not feed.active or left in {None, feed.venue}:
            continue
        why = next(f for f in now.feeds if (f.instrument, f.venue) == (feed.instrument, left))
        reason = f": {left} {why.state}" if why.state != FeedState.LIVE else ""
        found.append(f"{feed.instrument} now from {feed.venue}{reason}")
    return found


def terminal() -> Console:
    """Standard output; wide where it is no terminal, so that tables are not cut."""
    wide = None if sys.stdout.isatty() else 120
    return Console(file=sys.stdout, highlight=False, width=wide)


def alert_text(transition: Transition) -> Text:
    """When, and what: an alert or its end in one line."""
    over = transition.state is State.RESOLVED
    style = "green" if over else SEVERITY_STYLE[transition.severity]
    sign = "✔ resolved " if over else "● still " if transition.repeat else "● "
    when = (f"{new_york(transition.ts, '%H:%M:%S')} ", "dim")
    return Text.assemble(when, (f"{sign}{transition.title}", style))


def print_alert(console: Console, transition: Transition, *, day: bool = False) -> None:
    """An alert with its message and context, or its end; nothing for what nobody is told.

    `day` puts the date in front.
    """
    if transition.state not in {State.FIRING, State.RESOLVED} or not transition.notify:
        return
    date = Text(new_york(transition.ts, "%Y-%m-%d ") if day else "", "dim")
    console.print(Text.assemble(date, alert_text(transition)), soft_wrap=True)
    _indented(console, transition.message)
    if transition.state is State.FIRING and not transition.repeat:
        for line in transition.context:
            _indented(console, line, "dim")


def _indented(console: Console, line: str, style: str = "") -> None:
    if console.is_terminal:
        console.print(Padding(Text(line, style), (0, 0, 0, _INDENT)))
    else:
        console.print(Text(" " * _INDENT + line), soft_wrap=True)


def _value(reading: Reading, metric: str = "corr") -> str:
    value = reading.value
    if value is None:
        return f"n/a ({reading.reason})"
    if metric == "breakdown":
        return "ALARM" if value else "none"
    if metric == "divergence":
        return f"{value:+.1f} σ".replace("-", "−")
    return short(float(value)) if metric != "beta" else f"{value:.2f}"
