"""Another configuration for the running daemon: all of it is taken over, or nothing.

What is watched and who is told (instruments, pairs, feeds, notifiers) is fixed when the daemon
starts: a change of these is checked, and named as what takes a restart. Rules, quiet times and
thresholds are swapped between two evaluations, each rule keeping its state by its id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from alerts.rule import Rule
from alerts.transition import Transition
from config.errors import ConfigError, Fault
from config.load import load
from config.settings import Config
from daemon.watch import Watch
from daemon.wiring import needed_calls
from streams.schedule import instants_of

_log = logging.getLogger(__name__)

_FIXED = (
    "instance",
    "step",
    "instruments",
    "pairs",
    "priors",
    "venues",
    "notifiers",
    "state",
    "page",
    "record",
    "heartbeat",
    "context",
    "report",
    "history",
    "warm",
)


class Reload(msgspec.Struct, frozen=True):
    """What became of the last reload: `lines` are its faults, or what takes a restart."""

    at: int
    ok: bool
    lines: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """For people."""
        if not self.ok:
            faults = "1 fault" if len(self.lines) == 1 else f"{len(self.lines)} faults"
            return f"nothing was changed: {faults}"
        if self.lines:
            return f"rules are taken over; {', '.join(self.lines)} take a restart"
        return "rules are taken over"


class Reloader:
    """Reloads the configuration at `config.path`; `tell` takes what is decided thereby.

    `last` is None before the first reload. `done` is set by each, for who is to take note of it.
    """

    def __init__(
        self,
        config: Config,
        watch: Watch,
        *,
        now: Callable[[], int],
        tell: Callable[[Transition], None],
    ) -> None:
        self.config = config
        self.last: Reload | None = None
        self.done = asyncio.Event()
        self._watch = watch
        self._now = now
        self._tell = tell
        self._turn = asyncio.Lock()

    async def reload(self) -> Reload:
        """Read the files and take them over; one at a time."""
        async with self._turn:
            self.last = await self._reloaded(self.config.path)
            self.done.set()
            return self.last

    async def _reloaded(self, path: Path) -> Reload:
        try:
            # Files may lie on a slow disk.
            new = await asyncio.get_running_loop().run_in_executor(None, load, path)
        except ConfigError as error:
            return self._refuse([_line(fault) for fault in error.faults])
        strange = self._strange(new)
        if strange:
            return self._refuse(strange)
        changed = tuple(name for name in _FIXED if getattr(new, name) != getattr(self.config, name))
        rules = tuple(self._reachable(rule) for rule in new.rules)
        self._take(
            msgspec.structs.replace(self.config, rules=rules, quiet=new.quiet, events=new.events)
        )
        reload = Reload(self._now(), ok=True, lines=changed)
        _log.info("reload: %s", reload.sentence)
        return reload

    def _strange(self, new: Config) -> list[str]:
        """Rules about pairs or instruments that the running daemon does not have."""
        known = {instrument.name for instrument in self.config.instruments}
        had = {instrument.name for instrument in new.instruments} - known
        found = []
        for rule in new.rules:
            named = {
                name for call in needed_calls([rule], [rule.pair]) for name in call.instruments
            }
            if named & had:
                names = ", ".join(sorted(named & had))
                found.append(f"{rule.source}: rule '{rule.id}' is about {names}: restart comove")
        return found

    def _reachable(self, rule: Rule) -> Rule:
        """The rule, telling those channels only that run; all of them where it names none."""
        running = self.config.notifiers.names
        notify = tuple(name for name in rule.notify if name in running)
        return msgspec.structs.replace(rule, notify=notify or running)

    def _take(self, config: Config) -> None:
        self._watch.market.reschedule(instants_of(config.events))
        self._watch.market.ask(needed_calls(config.rules, config.pairs))
        self.config = config
        for transition in self._watch.engine.swap(config.rules, config.quiet):
            self._tell(transition)

    def _refuse(self, faults: Sequence[str]) -> Reload:
        for fault in faults:
            _log.error("reload: %s", fault)
        _log.error("reload: nothing was changed, the running rules stay")
        return Reload(self._now(), ok=False, lines=tuple(faults))


def _line(fault: Fault) -> str:
    return f"{fault.headline}; {fault.remedy}" if fault.remedy else fault.headline
