"""Everything there is to try of one configuration, in the order in which it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from random import Random

from config.errors import Fault
from config.settings import Config
from daemon.doctor import clocks, feeds, hosts, machine
from daemon.doctor.context import context
from daemon.doctor.finding import Check, Finding, in_thread, ok, warn
from daemon.doctor.history import history
from daemon.doctor.secrets import secrets
from daemon.doctor.sinks import sinks


def checks(
    config: Config,
    warnings: Sequence[Fault],
    *,
    now: Callable[[], int],
    rng: Random,
    environment: Mapping[str, str],
    send: bool = False,
    proxy: bool = True,
) -> Iterator[Check]:
    """`warnings` are those about the rules; `send` allows test messages."""
    yield Check("config", config.path.name, in_thread(_configuration, config, warnings))
    yield from secrets(config.path, environment)
    yield Check("machine", "versions", in_thread(machine.versions))
    yield Check("machine", "packages", in_thread(machine.packages))
    yield Check("machine", "state", in_thread(machine.state, config.state))
    yield Check("machine", "disk", in_thread(machine.disk, config.state))
    if config.record is not None:
        yield Check("machine", "recordings", in_thread(machine.disk, config.record.folder))
    yield Check("machine", "calendar", in_thread(machine.calendars, config, now()))
    yield Check("clock", "kept right", in_thread(clocks.synchronised))
    yield Check("clock", "against the venues", partial(clocks.against_venues, config, now))
    for host in hosts.hosts(config):
        yield Check("host", host.name, partial(hosts.reach, host, now()))
    for venue in config.venues:
        follow = partial(feeds.follow, config, venue, now=now, rng=rng, proxy=proxy)
        yield Check("feed", venue.name, follow)
    yield from history(config, now, rng)
    yield from context(config.context, now)
    yield from sinks(config, now, send=send)


def _configuration(config: Config, warnings: Sequence[Fault]) -> Finding:
    said = f"{_counted(len(config.pairs), 'pair')}, {_counted(len(config.rules), 'rule')}"
    said += f" ({config.path})"
    if not warnings:
        return ok(said)
    said += f"; {_counted(len(warnings), 'warning')}"
    return warn(said, f"'comove check {config.path}' shows them")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
