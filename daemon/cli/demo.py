"""`comove demo`: the terminal's side of it."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from math import isfinite

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from alerts.context import correlation_text
from alerts.transition import Transition
from daemon.app import App
from daemon.clock import PacedLoop
from daemon.demo import Demo
from daemon.texts import new_york, transition_json
from daemon.verdict import Finding, Verdict, judge
from daemon.view import View, print_alert, switches, terminal, view_calls
from streams.instrument import Pair
from streams.simulator.script import DEMO, Script
from streams.snapshot import Snapshot

_PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
_REDRAW = 0.25
"""Real seconds between two drawings."""
_STATUS_EVERY = 20 * 60 * 1_000_000_000
"""Where there is no terminal to draw on, a line for so much simulated time."""


def demo(*, speed: float, seconds: float | None, seed: int, as_json: bool) -> int:
    """Play the simulated day; 0 where all was found and nothing else was said, else 1."""
    console = terminal()
    # The feeds' own log lines are the service's; here the view shows their states.
    logging.getLogger("streams").addHandler(logging.NullHandler())
    if as_json:
        player = Demo(seed=seed, on_transition=lambda t: _write(transition_json(t)))
        _play(player, speed, seconds)
    elif console.is_terminal and isfinite(speed):
        player = _drawn(console, seed, speed, seconds)
    else:
        player = _told(console, seed, speed, seconds)
    if seconds is not None:
        return 0
    verdict = _verdict(player)
    if not as_json:
        show_verdict(console, verdict)
    return 0 if verdict.good else 1


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _play(
    player: Demo, speed: float, seconds: float | None, ready: Callable[[App], None] = lambda _: None
) -> None:
    with asyncio.Runner(loop_factory=lambda: PacedLoop(speed)) as runner:
        runner.run(player.run(seconds=seconds, ready=ready))


def _verdict(player: Demo) -> Verdict:
    simulated = player.simulated
    return judge(
        simulated.script,
        simulated.start_ns,
        player.transitions,
        breakdown_delay=player.expected_delay,
    )


class _Teller:
    """Prints alerts and changes of feed as they come."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._before: Snapshot | None = None

    def on_snapshot(self, snapshot: Snapshot) -> None:
        lines = switches(self._before, snapshot)
        self._before = snapshot
        for line in lines:
            text = Text.assemble((f"{new_york(snapshot.ts, '%H:%M:%S')} ", "dim"), line)
            self.console.print(text, soft_wrap=True)

    def on_transition(self, transition: Transition) -> None:
        print_alert(self.console, transition)


def _drawn(console: Console, seed: int, speed: float, seconds: float | None) -> Demo:
    """With the live view, alerts running up the screen above it."""
    view = View(_PAIR, f"comove demo at {speed:g}×")
    due = 0.0
    console.print(introduction(DEMO, seconds))
    with Live(console=console, auto_refresh=False, transient=True) as live:
        teller = _Teller(live.console)

        def on_snapshot(snapshot: Snapshot) -> None:
            nonlocal due
            teller.on_snapshot(snapshot)
            view.on_snapshot(snapshot)
            if time.perf_counter() >= due:
                due = time.perf_counter() + _REDRAW
                live.update(view.render(), refresh=True)

        player = _player(seed, teller, on_snapshot)
        _play(player, speed, seconds, lambda app: view.follow(app.watch.engine))
    return player


def _told(console: Console, seed: int, speed: float, seconds: float | None) -> Demo:
    """As lines, where there is no terminal."""
    teller = _Teller(console)
    due = 0

    def on_snapshot(snapshot: Snapshot) -> None:
        nonlocal due
        teller.on_snapshot(snapshot)
        if snapshot.ts >= due:
            due = snapshot.ts + _STATUS_EVERY
            reading = snapshot.readings["corr(ETH,IWM,1h)"]
            status = f"ETH–IWM correlation 1h {correlation_text(reading)}"
            console.print(f"{new_york(snapshot.ts, '%H:%M:%S')} {status}", soft_wrap=True)

    console.print(introduction(DEMO, seconds), soft_wrap=True)
    player = _player(seed, teller, on_snapshot)
    _play(player, speed, seconds)
    return player


def _player(seed: int, teller: _Teller, on_snapshot: Callable[[Snapshot], None]) -> Demo:
    return Demo(
        seed=seed,
        on_snapshot=on_snapshot,
        on_transition=teller.on_transition,
        extra=view_calls(_PAIR),
    )


def introduction(script: Script, seconds: float | None) -> str:
    """What there is to see, and of a demo that ends early what there is not."""
    if seconds is None or seconds >= script.duration:
        story = (
            "It will let ETH fall alone, cut Coinbase off, break the link between ETH and small "
            "caps and mend it, and let both fall."
        )
    else:
        story = _story_until(script, seconds)
    return f"{_WHAT} {story} All else is the daemon as it runs live, with its shipped rules."


_WHAT = "A simulated market on loopback servers that speak Coinbase, Kraken and Alpaca."


def _story_until(script: Script, seconds: float) -> str:
    live = [phase for phase in script.phases if phase.turns[-1] > 0]
    seen, unseen = (
        [f"{p.name} (from minute {p.start / 60:.0f})" for p in live if (p.start < seconds) is told]
        for told in (True, False)
    )
    played = f"Of its {script.duration / 60:.0f} minutes the first {seconds / 60:.3g} are played"
    if not unseen:
        return f"{played}: {', '.join(seen)}."
    missed = f"not to be seen: {', '.join(unseen)}; 'comove demo' plays them all."
    return f"{played}: {', '.join(seen) or 'nothing happens in them'}; {missed}"


def show_verdict(console: Console, verdict: Verdict) -> None:
    """The summary: what was injected, what was found, after how long, and what was false."""
    table = Table(
        "New York",
        "injected",
        "rule",
        "expected after",
        "found after",
        "resolved",
        title="What was done to the market, and what comove said",
        title_justify="left",
    )
    for finding in verdict.findings:
        table.add_row(*_row(finding))
    console.print(table)
    count = len(verdict.false_alarms)
    style = "bold red" if count else "green"
    console.print(f"false alarms: {count}", style=style)
    for alarm in verdict.false_alarms:
        print_alert(console, alarm)


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        new_york(finding.start, "%H:%M"),
        finding.name,
        finding.rule or "none: no alert is due",
        _minutes(finding.expected) if finding.rule else "",
        _minutes(finding.found, "not found") if finding.rule else "",
        _after_end(finding.resolved) if finding.rule else "",
    )


def _minutes(value: float | None, otherwise: str = "") -> str:
    return otherwise if value is None else f"{value:.0f} min"


def _after_end(value: float | None) -> str:
    if value is None:
        return "still firing"
    return f"{abs(value):.0f} min {'after' if value >= 0 else 'before'} its end"
