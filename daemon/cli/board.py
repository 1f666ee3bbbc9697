"""How the running daemon stands, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alerts.backdrop import backdrop, series_text
from alerts.context import correlation_text
from alerts.lane import Counts
from alerts.moment import clock, elapsed
from alerts.render import format_value
from alerts.rule import Severity
from alerts.silence import Silence
from alerts.standing import Standing
from alerts.transition import State
from daemon.web.document import Status
from streams.instrument import NS, Pair
from streams.metric import CATALOGUE, Call
from streams.snapshot import NOT_ASKED, FeedStatus, Reading

_SEVERITY = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
_FEED = {"live": "green", "closed": "dim", "down": "red"}
_OPEN = {State.FIRING, State.RECOVERING}


def status_board(status: Status) -> RenderableType:
    """All of it."""
    parts: list[RenderableType] = [
        _head(status),
        *_troubles(status),
        _pairs(status),
        _feeds(status.feeds),
    ]
    parts += [*_context(status), _rules(status), _lanes(status), *_reload(status)]
    return Group(*parts)


def alerts_board(alerts: Sequence[Standing], now: int) -> RenderableType:
    """What fires, most severe first."""
    if not alerts:
        return Text("nothing is firing", "green")
    table = _table("severity", "rule", "pair", "state", "for", "", "incident")
    for one in alerts:
        style = _SEVERITY[one.severity]
        table.add_row(
            Text(one.severity, style),
            Text(one.rule, style),
            one.pair,
            one.state,
            elapsed(now - one.since),
            _remarks(one),
            Text(one.incident, "dim"),
        )
    return table


def silences_board(silences: Sequence[Silence], now: int) -> RenderableType:
    """Those made on the spot."""
    if not silences:
        return Text("nothing is silenced")
    table = _table("id", "what", "until", "by", "why")
    for one in silences:
        table.add_row(one.id, one.matcher.text, clock(one.until, now), one.who, one.why)
    return table


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))


def _head(status: Status) -> Text:
    late = (status.now - status.core) / NS
    evaluated = f"evaluated {late:.1f} s ago" if status.core else "not evaluated yet"
    up = elapsed(status.now - status.started)
    name = "comove" if status.instance == "comove" else f"comove {status.instance}"
    return Text.assemble((name, "bold"), f" {status.version} · up {up} · {evaluated}")


def _troubles(status: Status) -> Iterator[Text]:
    for trouble in status.troubles:
        yield Text(f"! {trouble}", "yellow")
    if not status.troubles:
        yield Text("✔ feeds and sinks are ready", "green")


def _pairs(status: Status) -> Table:
    table = _table("\npair", "\nsession", "\ncorrelation 1h", "\nbeta", "\ndivergence", "\nlink")
    for pair in status.pairs:
        key = Call("corr", (pair.x, pair.y), 3600.0).key
        corr = status.readings.get(key) or NOT_ASKED
        link = _reading(status, "breakdown", pair)
        table.add_row(
            Text(f"{pair.x}–{pair.y}", "bold"),
            _session(status, pair),
            Text(correlation_text(corr), "bold cyan" if corr.value is not None else "dim"),
            _value(_reading(status, "beta", pair), "beta"),
            _value(_reading(status, "divergence", pair), "divergence"),
            _link(link),
        )
    return table


def _session(status: Status, pair: Pair) -> str:
    known = [(name, status.sessions.get(name, "")) for name in (pair.x, pair.y)]
    other = [f"{name} {kind}" for name, kind in known if kind not in {"", "regular"}]
    return ", ".join(other) or known[1][1]


def _reading(status: Status, metric: str, pair: Pair) -> Reading:
    """The first of that metric, whatever its parameters."""
    beginning = f"{metric}({pair.x},{pair.y}"
    found = (r for key, r in status.readings.items() if key.startswith(beginning))
    return next(found, NOT_ASKED)


def _value(reading: Reading, metric: str) -> Text:
    if reading.value is None:
        return Text(f"n/a ({reading.reason})", "dim")
    return Text(format_value(reading.value, CATALOGUE[metric].unit))


def _link(reading: Reading) -> Text:
    if reading.value is None:
        return Text(f"n/a ({reading.reason})", "dim")
    return Text("BROKEN", "bold red") if reading.value else Text("holds", "green")


def _feeds(feeds: Sequence[FeedStatus]) -> Table:
    table = _table("\nfeed", "\nused", "\nvenue", "\nstate", "\nage", "")
    before = ""
    for feed in feeds:
        table.add_row(
            feed.instrument if feed.instrument != before else "",
            "▶" if feed.used else "",
            feed.venue,
            Text(feed.state, _FEED.get(feed.state, "yellow")),
            "" if feed.age is None else _age(feed.age),
            Text(feed.reason, "dim"),
        )
        before = feed.instrument
    return table


def _context(status: Status) -> Iterator[Table]:
    known = list(backdrop(status.readings))
    if not known:
        return
    table = _table("\ncontext", "", "")
    for name, label, reading in known:
        style = "dim" if reading.value is None else ""
        detail = Text(reading.note or reading.reason, "dim")
        table.add_row(label, Text(series_text(name, reading.value), style), detail)
    yield table


def _age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else elapsed(round(seconds * NS))


def _rules(status: Status) -> Table:
    several = len(status.pairs) > 1
    table = _table("\nrule", *(["\npair"] if several else []), "\nstate", "\nfor", "")
    for one in status.rules:
        style = _SEVERITY[one.severity] if one.state in _OPEN else ""
        since = elapsed(status.now - one.since) if one.since and one.state in _LASTING else ""
        pair = [one.pair] if several else []
        table.add_row(Text(one.rule, style), *pair, _state(one, style), since, _remarks(one))
    return table


_LASTING = {State.PENDING, *_OPEN}


def _state(one: Standing, style: str) -> Text:
    at_rest = one.state in {State.INACTIVE, State.RESOLVED}
    if at_rest and one.doubt:
        return Text(one.doubt, "yellow" if one.doubt == "unknown" else "dim")
    return Text("at rest", "dim") if at_rest else Text(one.state, style)


def _remarks(one: Standing) -> Text:
    """Why nothing can be said of it, what mutes it, who has taken note."""
    noted = f"acknowledged by {one.acknowledged}" if one.acknowledged else ""
    at_rest = one.state in {State.INACTIVE, State.RESOLVED}
    doubt = one.reason if at_rest else " ".join(filter(None, (one.doubt, one.reason)))
    return Text(" · ".join(filter(None, (doubt, one.muted, noted))), "dim")


def _lanes(status: Status) -> Table:
    table = _table("\nsink", "\nstate", "\nwaiting", "\ndelivered", "")
    for name, counts in status.lanes.items():
        state = Text("failing", "red") if counts.failing else Text("ready", "green")
        waiting = Text(str(counts.queued), "yellow" if counts.queued else "")
        table.add_row(name, state, waiting, str(counts.delivered), Text(_losses(counts), "dim"))
    return table


def _losses(counts: Counts) -> str:
    names = ("retried", "failed", "uncertain", "dropped")
    return " · ".join(f"{n} {name}" for name in names if (n := getattr(counts, name)))


def _reload(status: Status) -> Iterator[Text]:
    last = status.reload
    if last is None:
        return
    ago = elapsed(status.now - last.at)
    yield Text(f"\nreload {ago} ago: {last.sentence}", "" if last.ok else "red")
    for line in last.lines if not last.ok else ():
        yield Text(f"  {line}")
