"""From configuration to running parts: the only place that maps one to the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from random import Random

from alerts.context import context_calls, rule_calls
from alerts.desk import Desk
from alerts.engine import Engine
from alerts.notifiers import log, mqtt
from alerts.notifiers.notifier import Notifier
from alerts.outbox import Outbox
from alerts.rule import Rule
from alerts.store import Store
from alerts.transition import Transition
from config import settings
from config.settings import Config
from daemon.app import App
from daemon.bot import answered_calls, attend, make_telegram
from daemon.channels import Display, make_mqtt, make_webhook, shown_calls
from daemon.clock import Clock
from daemon.illustrator import Charts
from daemon.inbox import Inbox
from daemon.polls import make_polls
from daemon.reports import known_events, make_reporter
from daemon.trail import Trail
from daemon.watch import Watch
from daemon.worker import Worker
from streams.beliefs import Prior
from streams.estimators.lead_claim import Stamps
from streams.feeds.alpaca import Alpaca
from streams.feeds.feed import Feed, unrecorded
from streams.feeds.finnhub import Finnhub
from streams.feeds.registry import VENUES
from streams.feeds.venue import Venue
from streams.history.recorder import Recorder
from streams.history.retention import Retention
from streams.instrument import NS, Instrument, Pair
from streams.market import Market, Settings
from streams.metric import CATALOGUE, Call
from streams.schedule import instants_of
from streams.sessions import calendar
from streams.snapshot import Snapshot
from streams.tick import Item

_log = logging.getLogger(__name__)
_alerts = logging.getLogger("comove.alerts")


def make_app(
    config: Config,
    *,
    clock: Clock,
    rng: Random,
    notifiers: Sequence[Notifier] | None = None,
    store: Store | None = None,
    history: Mapping[str, Sequence[tuple[int, float]]] | None = None,
    extra: Collection[Call] = (),
    on_snapshot: Callable[[Snapshot], None] = lambda _: None,
    on_transition: Callable[[Transition], None] = lambda _: None,
    proxy: bool = True,
) -> App:
    """The daemon, to be run in the loop of `clock`.

    `notifiers` stand in for the configured ones, `store` holds what an earlier run left and what
    the next will need, `history` is learned first, `extra` calls are computed besides those of the
    rules; the callbacks are told of all that the core finds.
    """
    channels = make_notifiers(config, rng, clock.now) if notifiers is None else notifiers
    sinks = [channel for channel in channels if isinstance(channel, mqtt.Mqtt)]
    engine = make_engine(config, store)
    reporter = make_reporter(config, config.report, lambda: known_events(engine, config))
    shown = {*shown_calls(config), *answered_calls(config), *reporter.calls}
    market = make_market(config, {*extra, *shown})
    market.learn(history or {})
    inbox = Inbox()
    outbox = _make_outbox(channels, engine, clock, rng, store)

    def decided(transition: Transition) -> None:
        outbox.submit(transition)
        reporter.note(transition)
        on_transition(transition)

    desk = _make_desk(config, engine, clock, decided, outbox.keep)
    trail = Trail(config.pairs, evidence=lambda call: market.link(*call.instruments).evidence(call))
    charts = Charts(trail, Worker())
    display = Display(engine, sinks)
    attend(channels, desk, charts)
    for sink in sinks if config.notifiers.mqtt and config.notifiers.mqtt.commands else ():
        sink.obey(desk)

    def seen(snapshot: Snapshot) -> None:
        desk.look(snapshot)
        display.look(snapshot)
        trail.look(snapshot)
        for report in reporter.look(snapshot):
            outbox.submit(report)
        on_snapshot(snapshot)

    watch = Watch(market, engine, on_transition=decided, on_snapshot=seen)
    recorder = make_recorder(config)
    feeds = make_feeds(
        config, emit=inbox.put, now=clock.now, rng=rng, proxy=proxy, recorder=recorder
    )
    return App(
        watch=watch,
        inbox=inbox,
        feeds=feeds,
        outbox=outbox,
        desk=desk,
        charts=charts,
        reporter=reporter,
        recorder=recorder,
        polls=make_polls(config.context, emit=inbox.put, now=clock.now, rng=rng),
        clock=clock,
        step=config.step,
    )


def _make_outbox(
    channels: Sequence[Notifier], engine: Engine, clock: Clock, rng: Random, store: Store | None
) -> Outbox:
    return Outbox(
        channels,
        now=clock.now,
        rng=rng,
        store=store,
        lives=engine.lives,
        silences=lambda: engine.silences,
    )


def _make_desk(
    config: Config,
    engine: Engine,
    clock: Clock,
    decided: Callable[[Transition], None],
    changed: Callable[[], None],
) -> Desk:
    calendars = {each.name: calendar(each.calendar) for each in config.instruments}
    return Desk(engine, now=clock.now, decided=decided, changed=changed, calendars=calendars)


def make_engine(config: Config, store: Store | None = None) -> Engine:
    """The rules, as an earlier run left them."""
    engine = Engine(config.rules, config.quiet)
    if store is None:
        return engine
    for orphan in engine.restore(store.left.lives, store.left.silences):
        _log.warning("rule %s fired and is no more: its end will not be told", orphan.rule)
    return engine


def needed_calls(rules: Iterable[Rule], pairs: Iterable[Pair]) -> set[Call]:
    """All that rules read and alerts show."""
    calls: set[Call] = set()
    for rule in rules:
        calls.update(rule_calls(rule))
        for part in rule.message.parts if rule.message else ():
            if not isinstance(part, str):
                calls.update(part.expression.calls)
    for pair in pairs:
        calls.update(context_calls(pair))
    return calls


def make_market(
    config: Config, extra: Collection[Call] = (), *, context: Collection[str] | None = None
) -> Market:
    """The market that answers the rules' calls, and `extra` ones.

    `context` are the slow series that have a source, where these are not the configured ones; of
    the others only what rules name is answered, with the reason.
    """
    fed = config.fed if context is None else context
    calls = needed_calls(config.rules, config.pairs) | {Call(name, ()) for name in fed}
    calls |= {each for each in extra if CATALOGUE[each.metric].over != "context"}
    return Market(
        config.instruments,
        config.pairs,
        sorted(calls, key=lambda call: call.key),
        priors={prior.pair: Prior(correlation=prior.correlation) for prior in config.priors},
        settings=Settings(
            step=config.step,
            stamps={
                name: Stamps(not venue.polled, venue.resolution, polled=venue.polled)
                for name, venue in VENUES.items()
            },
        ),
        events=instants_of(config.events),
        context=fed,
    )


def make_feeds(
    config: Config,
    *,
    emit: Callable[[Item], None],
    now: Callable[[], int],
    rng: Random,
    proxy: bool = True,
    recorder: Recorder | None = None,
) -> list[Feed]:
    """A feed a venue, for all symbols that instruments take from it."""
    return [
        _make_feed(config, venue, emit=emit, now=now, rng=rng, proxy=proxy, recorder=recorder)
        for venue in config.venues
    ]


def _make_feed(
    config: Config,
    venue: settings.Venue,
    *,
    emit: Callable[[Item], None],
    now: Callable[[], int],
    rng: Random,
    proxy: bool,
    recorder: Recorder | None,
) -> Feed:
    wire, due, stale_after = venue_for(config, venue)
    record = unrecorded
    if recorder is not None:
        record = recorder.track(venue.name, wire.url(venue.url), wire.secrets())
    return Feed(
        wire,
        emit=emit,
        now=now,
        due=due,
        stale_after=stale_after,
        rng=rng,
        url=venue.url,
        proxy=True if proxy else None,
        record=record,
    )


def make_recorder(config: Config) -> Recorder | None:
    """None where nothing is to be recorded."""
    if config.record is None:
        return None
    return Recorder(config.record.folder, Retention(config.record.keep, config.record.share))


def venue_for(
    config: Config, venue: settings.Venue
) -> tuple[Venue[float], Callable[[str, int], bool], float]:
    """A venue with its symbols, when data of one are due, and how long (s) it may be mute."""
    owners = _owners(config, venue.name)
    stale_after = min(instrument.stale_after for instrument in owners.values()) / NS
    return _wire_venue(venue, tuple(owners)), _due(owners), stale_after


def _owners(config: Config, venue: str) -> Mapping[str, Instrument]:
    """The venue's symbols, and whose they are."""
    return {
        route.symbol: instrument
        for instrument in config.instruments
        for route in instrument.routes
        if route.venue == venue
    }


def _due(owners: Mapping[str, Instrument]) -> Callable[[str, int], bool]:
    hours = {symbol: calendar(instrument.calendar) for symbol, instrument in owners.items()}
    return lambda symbol, ts: hours[symbol].session(ts).kind == "regular"


def _wire_venue(venue: settings.Venue, symbols: tuple[str, ...]) -> Venue[float]:
    if venue.name == Alpaca.name:
        return Alpaca(
            symbols, float, key=venue.key, secret=venue.secret, endpoint=venue.feed or "iex"
        )
    if venue.name == Finnhub.name:
        return Finnhub(symbols, float, token=venue.token)
    return VENUES[venue.name](symbols, float)


def make_notifiers(config: Config, rng: Random, now: Callable[[], int]) -> list[Notifier]:
    """The configured channels; `now` tells nanoseconds UTC."""
    notifiers: list[Notifier] = []
    if config.notifiers.log:
        notifiers.append(log.Log(_log_alert))
    if config.notifiers.mqtt:
        notifiers.append(make_mqtt(config.notifiers.mqtt, config.instance, rng))
    if config.notifiers.telegram:
        notifiers.append(make_telegram(config.notifiers.telegram, rng))
    if config.notifiers.webhook:
        notifiers.append(make_webhook(config.notifiers.webhook, now))
    return notifiers


def _log_alert(alert: Transition, block: str) -> None:
    """With fields, where the log has room for them: `journalctl COMOVE_RULE=…`."""
    names = ("rule", "pair", "state", "severity", "incident")
    fields = {name: str(getattr(alert, name)) for name in names}
    _alerts.warning("%s", block, extra={"comove": fields})
