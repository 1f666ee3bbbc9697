"""500 alerts in a second: what becomes of them, and of the ticks meanwhile.

    python -m tests.benchmarks.storm

Delivery is in simulated time, at Telegram's documented limits (tests/alerts/storm.py); ingestion is
measured on the real loop (ingestion.py). Keeps results/storm.md and results/storm.json.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.notifiers.telegram_address import Address
from alerts.rule import Severity
from daemon.clock import run_paced
from tests.alerts.storm import ALERTS, CHATS, GROUPS, PRIVATE, REFUSED, Mix, Storm, storm
from tests.benchmarks.broker import ABSENT
from tests.benchmarks.figures import Figure, Report, at_least, at_most, quantile
from tests.benchmarks.ingestion import SECONDS, Weather, once
from tests.benchmarks.machine import describe
from tests.benchmarks.page import keep

MIX = Mix(criticals=12, warnings=60)
REFUSALS = 5
RATE = 10_000.0
_OTHERS = (*PRIVATE, *GROUPS)


def main() -> None:
    """Measure, print and keep."""
    machine = describe()
    keep("storm", "a storm of alerts", machine, [delivery(), ingestion()])


def delivery() -> Report:
    """The same storm twice: with one chat refused, and without."""
    with TemporaryDirectory() as folder:
        refused = _passed(Path(folder) / "refused.db", REFUSALS)
        calm = _passed(Path(folder) / "calm.db", 0)
    return Report("delivery, simulated time", tuple(_figures(refused, calm)), _remarks())


def _passed(state: Path, refusals: int) -> Storm:
    return run_paced(storm(state, refusals=refusals, mix=MIX), inf)


def _figures(refused: Storm, calm: Storm) -> Iterator[Figure]:
    lost = sum(len(refused.lost(chat.label)) for chat in CHATS)
    lost += sum(ALERTS - len(told) for told in refused.beside.values())
    places = f"{len(CHATS)} chats, MQTT and the log; each alert in each"
    yield Figure("alerts lost", lost, "", at_most(0), places)
    yield from _criticals(refused)
    apart = max(_apart(refused, calm, chat) for chat in _OTHERS)
    note = f"{len(_OTHERS)} chats, beside the same storm without the 429s"
    yield Figure("other chats, later by at most", apart, "s", at_most(0), note)
    infos = len(refused.numbers(Severity.INFO))
    for chat in (PRIVATE[0], GROUPS[0], REFUSED):
        messages = refused.chats[chat.label]
        folded = sum(len(message.names) > 1 for message in messages)
        kind = {REFUSED: "refused"}.get(chat, "group" if chat in GROUPS else "private")
        note = f"{kind} chat: {infos} infos in {folded} digests; the last after"
        yield Figure("messages", len(messages), "", None, f"{note} {messages[-1].at:.0f} s")
    yield Figure("requests answered 429", refused.limited, "", at_most(REFUSALS), _REFUSED)
    yield Figure("left in the store to be sent again", refused.unsettled, "", at_most(0))


_REFUSED = "those of the one chat, whatever its pace: our own pace caused none"


def _criticals(passed: Storm) -> Iterator[Figure]:
    beyond = [delay for chat in _OTHERS for delay in passed.delays(chat)]
    note = f"{len(beyond)} deliveries; after the instant at which the limits allowed it"
    yield Figure("criticals, p50", quantile(beyond, 0.5), "s", None, note)
    yield Figure("criticals, p99", quantile(beyond, 0.99), "s", at_most(2.0), note)
    last = max(
        passed.arrivals(chat.label)[number]
        for chat in _OTHERS
        for number in passed.numbers(Severity.CRITICAL)
    )
    note = f"{MIX.criticals} of them at a message a second need {MIX.criticals - 1} s"
    yield Figure("the last critical of a chat", last, "s", None, note)


def _apart(one: Storm, other: Storm, chat: Address) -> float:
    """By how much an alert came later in one storm than in the other."""
    here, there = one.arrivals(chat.label), other.arrivals(chat.label)
    return max(here[number] - there[number] for number in here)


def _remarks() -> tuple[str, ...]:
    mix = f"{MIX.criticals} of them critical, {MIX.warnings} warnings, the rest infos"
    return (
        f"{ALERTS} alerts in a second, each to every chat: {mix}.",
        f"One chat answers 429 {REFUSALS} times, asking for 7 s each time.",
        "Limits: a message a second in a chat, 20 a minute in a group, 30 a second in all.",
    )


def ingestion() -> Report:
    """Ticks a second in the storm and in the calm around it."""
    paced, most = once(RATE), once(None)
    if paced is None or most is None:
        return Report("ingestion, real time", remarks=(f"left out: {ABSENT}",))
    figures = (*_ingested(paced, f"{RATE:,.0f} offered"), *_saturated(most))
    return Report("ingestion, real time", figures, _INGESTION)


_INGESTION = (
    f"Spells of {SECONDS:.0f} s: calm, storm, calm.",
    f"{ALERTS} rules fire at one snapshot; told in the log, on MQTT and in {len(CHATS)} chats.",
    "At the limit of a core alerts wait: each takes several turns of a loop that is always busy.",
)


def _ingested(weather: Weather, note: str) -> Iterator[Figure]:
    yield Figure("ticks, storm over calm", 100 * weather.kept, "%", at_least(95), note)
    for name, spell in (("calm", weather.calm), ("storm", weather.storm), ("after", weather.after)):
        note = f"{spell.cost:.1f} CPU µs a tick; the loop late by {spell.latest:.0f} ms at most"
        yield Figure(f"ticks, {name}", spell.rate, "ticks/s", None, note)
    if weather.told is not None:
        yield Figure("all on MQTT and in the log after", weather.told, "s")
    yield Figure("ticks lost", weather.lost, "", at_most(0))


def _saturated(weather: Weather) -> Iterator[Figure]:
    note = f"as many as go through: {weather.calm.rate:,.0f} ticks/s in the calm"
    yield Figure("ticks at the limit, storm over calm", 100 * weather.kept, "%", None, note)
    note = f"on MQTT and in the log, after {2 * SECONDS:.0f} s of it; the most severe first"
    yield Figure("alerts told at the limit", weather.delivered, f"of {ALERTS}", None, note)


if __name__ == "__main__":
    main()
