"""What was done to a simulated market against what was said of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alerts.transition import State, Transition
from streams.instrument import NS
from streams.simulator.script import Decoupling, JointMove, Move, Phase, Script

AFTERMATH = 30 * 60 * NS
"""How long after a cause its effect may still be said."""


class Finding(msgspec.Struct, frozen=True):
    """One injection and the alert it ought to raise; delays in minutes."""

    name: str
    start: int
    rule: str
    """The rule that ought to find it; empty where nothing ought to be said."""
    expected: float | None
    """The delay that was promised."""
    found: float | None
    """The delay from the injection's start; None where it was not found."""
    resolved: float | None
    """From the injection's end to the alert's."""

    @property
    def as_it_ought(self) -> bool:
        """Whether what ought to be found was, and has been resolved."""
        return not self.rule or (self.found is not None and self.resolved is not None)


class Verdict(msgspec.Struct, frozen=True):
    """Every injection with its finding, and the alerts without a cause."""

    findings: tuple[Finding, ...]
    false_alarms: tuple[Transition, ...]

    @property
    def good(self) -> bool:
        """Whether all was found and resolved, and nothing else was said."""
        return not self.false_alarms and all(finding.as_it_ought for finding in self.findings)


def judge(
    script: Script,
    start_ns: int,
    transitions: Sequence[Transition],
    *,
    breakdown_delay: float | None = None,
) -> Verdict:
    """Match alerts to what was injected; `breakdown_delay` is what was promised, in minutes."""
    fired = [t for t in transitions if t.state is State.FIRING and not t.repeat]
    ended = {t.incident: t.ts for t in transitions if t.state is State.RESOLVED}
    findings, explained = [], set[str]()
    for phase in script.phases:
        if phase.turns[-1] <= 0:
            continue
        start, end = (start_ns + round(turn * NS) for turn in (phase.turns[0], phase.turns[-1]))
        near = [t for t in fired if start <= t.ts <= end + AFTERMATH]
        rule, others = effects(phase)
        explained |= {t.incident for t in near if t.rule in {rule, *others}}
        alert = next((t for t in near if t.rule == rule), None)
        over = ended.get(alert.incident) if alert else None
        findings.append(
            Finding(
                name=phase.name,
                start=start,
                rule=rule,
                expected=breakdown_delay if isinstance(phase, Decoupling) else None,
                found=_minutes(alert.ts - start) if alert else None,
                resolved=None if over is None else _minutes(over - end),
            )
        )
    false = tuple(t for t in fired if t.incident not in explained)
    return Verdict(tuple(findings), false)


def effects(phase: Phase) -> tuple[str, tuple[str, ...]]:
    """The rule that ought to find a phase, and those that may speak because of it."""
    apart = ("eth-behind-small-caps", "eth-ahead-of-small-caps")
    match phase:
        case Move():
            return apart[0], ()
        case Decoupling():
            return "small-caps-breakdown", apart
        case JointMove():
            return "risk-off", ()
        case _:
            return "", ()


def _minutes(ns: int) -> float:
    return ns / (60 * NS)
