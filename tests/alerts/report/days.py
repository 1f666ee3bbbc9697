"""Days as a reporter sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts.report.calls import calls_of
from alerts.report.reporter import Reporter
from alerts.rule import Severity
from alerts.transition import State, Transition
from streams.instrument import NS, Pair
from streams.metric import Call
from streams.schedule import Event
from streams.sessions import calendar
from streams.snapshot import FeedStatus, Reading, Snapshot

MINUTE = 60 * NS
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OPEN = 1_773_667_800 * NS
"""Mon 16 Mar 2026, 09:30 New York; the clocks were changed on 8 March."""
CLOSE = OPEN + 390 * MINUTE
PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
HOURS = {"ETH": "24/7", "BTC": "24/7", "IWM": "NYSE", "SPY": "NYSE"}
CALENDARS = {name: calendar(hours) for name, hours in HOURS.items()}
CALLS = calls_of(PAIR, CALENDARS)
APART = Call("breakdown", ("ETH", "IWM"), rate=1 / 21)
PRICES = {"ETH": 2000.0, "IWM": 250.0, "SPY": 600.0, "BTC": 70_000.0}

Given = Mapping[Call, Reading | float | bool]


def corr(value: float, half: float = 0.1) -> Reading:
    """A correlation with its interval."""
    return Reading(value, low=value - half, high=value + half, n=300.0)


class Days:
    """Shows a reporter snapshots; `told` is what it has said."""

    def __init__(
        self,
        pair: Pair = PAIR,
        *,
        daily: bool = True,
        weekly: bool = True,
        events: Sequence[Event] = (),
    ) -> None:
        self.told: list[Transition] = []
        self.venues = dict.fromkeys(PRICES, "file")
        self.age = 0.1
        self.prices = dict(PRICES)
        self.given: dict[Call, Reading | float | bool] = {CALLS.corr: corr(0.5)}
        self.reporter = Reporter(
            (pair,),
            CALENDARS,
            daily=daily,
            weekly=weekly,
            notify=("telegram", "log"),
            events=lambda: events,
        )

    def see(self, ts: int, given: Given | None = None) -> None:
        """One snapshot; a price of 0 is none."""
        found: dict[Call, Reading | float | bool] = {**self.given, **(given or {})}
        for name, price in self.prices.items():
            found[Call("price", (name,))] = price or Reading(None, "stale")
        snapshot = Snapshot(
            ts=ts,
            readings={
                call.key: each if isinstance(each, Reading) else Reading(each)
                for call, each in found.items()
            },
            sessions={name: each.session(ts).kind for name, each in CALENDARS.items()},
            feeds=tuple(
                FeedStatus(name, venue, "live", active=True, age=self.age)
                for name, venue in self.venues.items()
            ),
        )
        self.told += self.reporter.look(snapshot)

    def session(self, day: int = 0, given: Given | None = None, *, minutes: int = 390) -> None:
        """A session so many days after the first, a look a minute, and the close."""
        for minute in range(minutes):
            self.see(OPEN + day * DAY + minute * MINUTE, given)
        self.see(OPEN + day * DAY + minutes * MINUTE, given)

    def line(self, about: str, which: int = -1) -> str:
        """What a report says of something; empty where nothing."""
        lines = self.told[which].message.splitlines()
        found = (line for line in lines if line.startswith(f"{about}: "))
        return next(found, "").removeprefix(f"{about}: ")


def change(
    ts: int,
    state: State = State.FIRING,
    *,
    incident: str = "i",
    rule: str = "behind",
    value: float | None = -4.4,
    repeat: bool = False,
    told: bool = True,
    acknowledged: str = "",
) -> Transition:
    """A change of a rule on the divergence; without a value, on something else."""
    return Transition(
        ts=ts,
        rule=rule,
        pair=PAIR.name,
        state=state,
        severity=Severity.WARNING,
        incident=incident,
        title="ETH is behind",
        message="",
        values={"corr(ETH,IWM,1h)": 0.1} if value is None else {"divergence(ETH,IWM,1h)": value},
        notify=("log",) if told else (),
        repeat=repeat,
        acknowledged=acknowledged,
    )
