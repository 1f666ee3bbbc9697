"""What Prometheus scrapes: built when asked, from counts that are kept anyway."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from alerts.lane import Counts
from alerts.transition import State
from daemon.readings import reading_families
from daemon.web.sources import Sources
from daemon.web.status import VERSION
from streams.feeds.intake import Counts as FeedCounts
from streams.instrument import NS
from streams.metric import CONTEXT
from streams.tick import FeedState

_SESSIONS = ("regular", "extended", "closed")
_STATES = (State.INACTIVE, State.PENDING, State.FIRING, State.RECOVERING)

_OF_FEEDS: tuple[tuple[str, str, str], ...] = (
    ("connects", "connects", "Connections tried."),
    ("frames", "frames", "Frames received."),
    ("ticks", "ticks", "Ticks taken from frames."),
    ("ignored", "frames_ignored", "Frames of no interest, and ticks nobody asked for."),
    ("errors", "frame_errors", "Frames that could not be read."),
    ("duplicates", "ticks_duplicate", "Ticks that had come before."),
    ("gaps", "trade_gaps", "Holes in a venue's trade numbers."),
    ("ahead", "ticks_ahead", "Ticks stamped by the venue later than they were received."),
    ("disordered", "ticks_disordered", "Trades stamped earlier than the one before."),
)
_OF_LANES = {"queued", "failing", "losses"}
_OUTCOMES = tuple(name for name in Counts.__struct_fields__ if name not in _OF_LANES)


class Metrics(Collector):
    """Everything of one daemon, anew at each scrape."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: asking must not read the daemon before it runs."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        sources = self._sources
        readings = sources.app.watch.snapshot.readings if sources.app.watch.snapshot else {}
        yield from chain(
            _process(sources),
            _venues((feed.name, feed.counts) for feed in sources.app.feeds),
            _core(sources),
            _feeds(sources),
            _rules(sources),
            _delivery(sources),
            _context(sources),
            _reload(sources),
            reading_families(readings),
        )


def _gauge(name: str, doc: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"comove_{name}", doc, value)


def _gauges(name: str, doc: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"comove_{name}", doc, labels=labels)


def _counter(name: str, doc: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"comove_{name}", doc, value)


def _process(sources: Sources) -> Iterator[Metric]:
    build = _gauges("build_info", "Which comove this is; always 1.", "version", "python")
    build.add_metric([VERSION, platform.python_version()], 1)
    yield build
    yield _gauge("start_time_seconds", "When it started, Unix time.", sources.started / NS)


def _venues(feeds: Iterable[tuple[str, FeedCounts]]) -> Iterator[Metric]:
    counted = [(name, msgspec.structs.asdict(counts)) for name, counts in feeds]
    for field, name, doc in _OF_FEEDS:
        family = CounterMetricFamily(f"comove_{name}", doc, labels=["venue"])
        for venue, counts in counted:
            family.add_metric([venue], counts[field])
        yield family


def _core(sources: Sources) -> Iterator[Metric]:
    app = sources.app
    market, inbox, now = app.watch.market, app.inbox, app.clock.now()
    lag = (now - (market.core or sources.started)) / NS
    yield _gauge("evaluation_lag_seconds", "How far evaluation is behind the clock.", lag)
    yield _gauge("clock_drift_seconds", "System clock ahead of ours.", app.clock.drift() / NS)
    yield _counter("clock_steps", "Steps of the system clock that were followed.", app.clock.steps)
    yield _gauge("inbox_items", "Items waiting to be evaluated.", len(inbox))
    yield _counter("inbox_dropped", "Trades dropped: far too many waited.", inbox.dropped)
    if app.recorder is not None:
        lost = app.recorder.dropped
        yield _counter("recording_lines_dropped", "Lines missing in the recordings.", lost)
    yield _counter("inbox_conflated", "Quotes replaced by newer ones.", inbox.conflated)
    yield _counter("ticks_late", "Ticks too old for statistics.", market.counts.late)
    yield _counter("ticks_unrouted", "Ticks of no instrument.", market.counts.unrouted)


def _feeds(sources: Sources) -> Iterator[Metric]:
    of = ("instrument", "venue")
    up = _gauges("feed_up", "Whether good data come from a feed.", *of)
    active = _gauges("feed_active", "Whether its prices are the ones used.", *of)
    age = _gauges("feed_age_seconds", "Since its last price was received.", *of)
    lag = _gauges("feed_lag_seconds", "From the venue's stamp to receipt, last price.", *of)
    session = _gauges("session", "Which session an instrument is in.", "instrument", "session")
    snapshot, market = sources.app.watch.snapshot, sources.app.watch.market
    for feed in snapshot.feeds if snapshot else ():
        labels = [feed.instrument, feed.venue]
        up.add_metric(labels, feed.state == FeedState.LIVE)
        active.add_metric(labels, feed.active)
        if feed.age is not None:
            age.add_metric(labels, feed.age)
    for name, kind in snapshot.sessions.items() if snapshot else ():
        for each in _SESSIONS:
            session.add_metric([name, each], each == kind)
        for line in market.arbiter(name).lines:
            if line.price:
                lag.add_metric([name, line.route.venue], (line.ts_recv - line.ts) / NS)
    yield from (up, active, age, lag, session)


def _rules(sources: Sources) -> Iterator[Metric]:
    of = ("rule", "pair")
    state = _gauges("rule_state", "Where a rule stands.", *of, "state")
    unknown = _gauges("rule_unknown", "Whether what a rule reads has no value.", *of)
    suspended = _gauges("rule_suspended", "Whether a rule is out of its session.", *of)
    muted = _gauges("rule_muted", "Whether something keeps a rule from being told.", *of)
    for one in sources.app.desk.standings():
        labels = [one.rule, one.pair]
        now = State.INACTIVE if one.state is State.RESOLVED else one.state
        for each in _STATES:
            state.add_metric([*labels, each.value], each is now)
        unknown.add_metric(labels, one.doubt == "unknown")
        suspended.add_metric(labels, one.doubt == "suspended")
        muted.add_metric(labels, bool(one.muted))
    yield from (state, unknown, suspended, muted)


def _context(sources: Sources) -> Iterator[Metric]:
    age = _gauges("context_age_seconds", "Since the instant that a series is of.", "series")
    of = ("series", "publisher")
    polls = CounterMetricFamily("comove_context_polls", "Sources asked.", labels=of)
    failures = CounterMetricFamily("comove_context_poll_failures", "In vain.", labels=of)
    backdrop, now = sources.app.watch.market.backdrop, sources.app.clock.now()
    for name in CONTEXT:
        seconds = backdrop.age(name, now)
        if seconds is not None:
            age.add_metric([name], seconds)
    for poll in sources.app.polls:
        labels = [poll.source.name, poll.source.publisher]
        polls.add_metric(labels, poll.counts.polls)
        failures.add_metric(labels, poll.counts.failures)
    yield from (age, polls, failures)


def _delivery(sources: Sources) -> Iterator[Metric]:
    waiting = _gauges("outbox_alerts", "Alerts waiting to be delivered.", "lane")
    up = _gauges("lane_up", "Whether the last attempt to deliver went well.", "lane")
    outcomes = CounterMetricFamily(
        "comove_deliveries", "What became of attempts to deliver.", labels=["lane", "outcome"]
    )
    losses = CounterMetricFamily(
        "comove_lane_losses", "How often a channel went away.", labels=["lane"]
    )
    for lane, counts in sources.app.outbox.counts.items():
        losses.add_metric([lane], counts.losses)
        waiting.add_metric([lane], counts.queued)
        up.add_metric([lane], not counts.failing)
        for outcome in _OUTCOMES:
            outcomes.add_metric([lane, outcome], getattr(counts, outcome))
    yield from (waiting, up, losses, outcomes)
    yield _gauge("store_faulty", "Whether the state file cannot be written.", sources.faulty)


def _reload(sources: Sources) -> Iterator[Metric]:
    last = sources.reloader.last
    ok, at = (True, sources.started) if last is None else (last.ok, last.at)
    yield _gauge("config_last_reload_successful", "Whether the files were taken over.", ok)
    yield _gauge("config_last_reload_timestamp_seconds", "When they were last read.", at / NS)
