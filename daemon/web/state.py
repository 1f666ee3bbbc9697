"""What the page shows, in words: the page lays out, what is said is said here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from alerts.backdrop import backdrop, series_text
from alerts.lane import Counts
from alerts.moment import clock, elapsed, instant
from alerts.render import render
from alerts.rule import Severity
from alerts.standing import Standing
from alerts.transition import State
from daemon.web.link_panel import link_panel
from daemon.web.page_document import (
    Alert,
    FeedRow,
    Figure,
    LinkPanel,
    Market,
    PageState,
    ReloadLine,
    RuleRow,
    SilenceRow,
    SinkRow,
    Tone,
    Verdict,
)
from daemon.web.session_clock import clock_text
from daemon.web.sources import Sources
from streams.instrument import NS
from streams.sessions import calendar
from streams.snapshot import FeedStatus
from streams.tick import FeedState

_OPEN = {State.FIRING, State.RECOVERING}
_LASTING = {State.PENDING, *_OPEN}
_FEED: Mapping[str, Tone] = {
    FeedState.LIVE: "good",
    FeedState.DOWN: "bad",
    FeedState.CLOSED: "idle",
}
_LOSSES = ("retried", "failed", "uncertain", "dropped")


def page_state(sources: Sources, assets: str = "") -> PageState:
    """Now."""
    app, config = sources.app, sources.config
    now = app.clock.now()
    snapshot, standings = app.watch.snapshot, app.desk.standings()
    alerts = tuple(_alerts(sources, now))
    troubles = tuple(sources.troubles())
    links = tuple(link_panel(sources, pair) for pair in config.pairs)
    verdict = _verdict(alerts, troubles, alive=sources.alive)
    token = config.page.token if config.page is not None else None
    return PageState(
        title=_title(alerts, links, config.instance),
        instance=config.instance,
        verdict=verdict,
        now=instant(now),
        markets=tuple(_markets(sources, now)),
        troubles=troubles,
        alerts=alerts,
        links=links,
        context=tuple(_context(sources)),
        rules=tuple(_rule(each, now) for each in standings),
        feeds=tuple(_feed(each) for each in snapshot.feeds) if snapshot else (),
        sinks=tuple(_sink(name, counts) for name, counts in app.outbox.counts.items()),
        silences=tuple(_silences(sources, now)),
        reload=_reload(sources, now),
        about=f"comove {version('comove')}, up for {elapsed(now - sources.started)}",
        commands="none" if token is None else "token",
        assets=assets,
    )


def _title(alerts: Sequence[Alert], links: Sequence[LinkPanel], instance: str) -> str:
    """`(2) .58 ETH–IWM · comove`: what a tab has room for."""
    firing = f"({len(alerts)}) " if alerts else ""
    first = f"{links[0].correlation.value} {links[0].name} · " if links else ""
    return f"{firing}{first}{instance}"


def _verdict(alerts: Sequence[Alert], troubles: Sequence[str], *, alive: bool) -> Verdict:
    if not alive:
        return Verdict("bad", "Evaluation stands still: nothing below can be relied on")
    if alerts:
        critical = any(alert.severity is Severity.CRITICAL for alert in alerts)
        text = "One alert is firing" if len(alerts) == 1 else f"{len(alerts)} alerts are firing"
        return Verdict("bad" if critical else "warn", text)
    if troubles:
        return Verdict("warn", "Nothing fires, but not all is ready")
    return Verdict("good", "Nothing fires; feeds and sinks are ready")


def _markets(sources: Sources, now: int) -> Iterator[Market]:
    names: dict[str, list[str]] = {}
    for instrument in sources.config.instruments:
        names.setdefault(instrument.calendar, []).append(instrument.name)
    for name, instruments in sorted(names.items(), reverse=True):
        yield Market(", ".join(instruments), clock_text(calendar(name), now))


def _alerts(sources: Sources, now: int) -> Iterator[Alert]:
    desk = sources.app.desk
    for one in desk.incidents():
        yield Alert(
            incident=one.incident,
            title=one.title,
            rule=one.rule,
            pair=one.pair,
            severity=one.severity,
            state=f"{one.state} for {elapsed(now - one.since)}",
            message=_message(sources, one),
            remarks=_remarks(one),
            acknowledged=bool(one.acknowledged),
            why=desk.why(one.incident)[1:],
        )


def _message(sources: Sources, one: Standing) -> str:
    message = sources.app.desk.behind(one).message
    snapshot = sources.app.watch.snapshot
    return "" if message is None or snapshot is None else render(message, snapshot)


def _rule(one: Standing, now: int) -> RuleRow:
    lasting = one.state in _LASTING
    since = f" for {elapsed(now - one.since)}" if lasting and one.since else ""
    rest = one.doubt or "at rest"
    return RuleRow(
        rule=one.rule,
        pair=one.pair,
        title=one.title,
        tone=_rule_tone(one),
        state=f"{one.state}{since}" if lasting else rest,
        why=_remarks(one),
    )


def _rule_tone(one: Standing) -> Tone:
    if one.state in _OPEN:
        return "bad" if one.severity is Severity.CRITICAL else "warn"
    if one.state is State.PENDING or one.doubt == "unknown":
        return "warn"
    return "idle" if one.doubt else "good"


def _remarks(one: Standing) -> str:
    noted = f"acknowledged by {one.acknowledged}" if one.acknowledged else ""
    doubt = f"{one.doubt}: {one.reason}" if one.doubt and one.state in _LASTING else one.reason
    return " · ".join(filter(None, (doubt, one.muted, noted)))


def _feed(one: FeedStatus) -> FeedRow:
    return FeedRow(
        instrument=one.instrument,
        venue=one.venue,
        used=one.used,
        tone=_FEED.get(one.state, "warn"),
        state=one.state,
        age="–" if one.age is None else _age(one.age),
        reason=one.reason,
    )


def _age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else elapsed(round(seconds * NS))


def _context(sources: Sources) -> Iterator[Figure]:
    """Each with its age; where the last poll failed, why."""
    snapshot = sources.app.watch.snapshot
    failing = {poll.source.name: poll.counts.reason for poll in sources.app.polls}
    for name, label, reading in backdrop(snapshot.readings if snapshot else {}):
        lost = failing.get(name, "")
        said = (reading.note or reading.reason, f"last asked in vain: {lost}" if lost else "")
        detail = " · ".join(filter(None, said))
        yield Figure(label, series_text(name, reading.value), detail)


def _sink(name: str, counts: Counts) -> SinkRow:
    losses = (f"{n} {word}" for word in _LOSSES if (n := getattr(counts, word)))
    return SinkRow(
        name=name,
        tone="bad" if counts.failing else "good",
        state="failing" if counts.failing else "ready",
        waiting=counts.queued,
        delivered=counts.delivered,
        losses=", ".join(losses),
    )


def _silences(sources: Sources, now: int) -> Iterator[SilenceRow]:
    for one in sources.app.desk.silences():
        what, until = one.matcher.text, clock(one.until, now)
        yield SilenceRow(one.id, what, until, one.who, one.why)


def _reload(sources: Sources, now: int) -> ReloadLine | None:
    last = sources.reloader.last
    if last is None:
        return None
    text = f"Last reload {elapsed(now - last.at)} ago: {last.sentence}"
    return ReloadLine("good" if last.ok else "bad", text, () if last.ok else last.lines)
