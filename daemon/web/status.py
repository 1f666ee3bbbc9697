"""How all stands: the document that `comove status`, the page and other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from alerts.rule import Rule
from alerts.standing import Standing
from daemon.reload import Reload
from daemon.web.document import Reloaded, RuleEntry, Status
from daemon.web.sources import Sources
from streams.instrument import NS

VERSION = version("comove")


def status(sources: Sources) -> Status:
    """Now."""
    app, config = sources.app, sources.config
    snapshot = app.watch.snapshot
    return Status(
        instance=config.instance,
        version=VERSION,
        now=app.clock.now(),
        started=sources.started,
        core=app.watch.market.core,
        pairs=config.pairs,
        sessions=snapshot.sessions if snapshot else {},
        readings=snapshot.readings if snapshot else {},
        feeds=snapshot.feeds if snapshot else (),
        rules=tuple(app.desk.standings()),
        lanes=app.outbox.counts,
        troubles=tuple(sources.troubles()),
        reload=_reloaded(sources.reloader.last),
    )


def _reloaded(last: Reload | None) -> Reloaded | None:
    return None if last is None else Reloaded(last.at, last.ok, last.sentence, last.lines)


def rule_entries(sources: Sources) -> Sequence[RuleEntry]:
    """Every rule, in the order of the file."""
    standings = sources.app.desk.standings()
    rules = sources.app.watch.engine.rules
    return [_entry(rule, standing) for rule, standing in zip(rules, standings, strict=True)]


def _entry(rule: Rule, standing: Standing) -> RuleEntry:
    return RuleEntry(
        id=rule.id,
        title=rule.title,
        pair=rule.pair.name,
        when=rule.when.text,
        clear=rule.clear.text if rule.clear else None,
        hold=rule.hold / NS,
        clear_hold=rule.clear_hold / NS,
        session=rule.session,
        severity=rule.severity,
        notify=rule.notify,
        labels=rule.labels,
        source=rule.source,
        standing=standing,
    )
