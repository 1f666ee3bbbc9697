from __future__ import annotations

import io
from collections.abc import Mapping

import msgspec
import pytest
from rich.console import Console, RenderableType

from alerts.engine import Engine
from alerts.language import compile_expression
from alerts.rule import Rule, Severity
from alerts.transition import State
from daemon.view import View, alert_text, print_alert, sparkline, switches, view_calls
from streams.instrument import NS, Pair
from streams.snapshot import FeedStatus, Reading, Snapshot
from tests.alerts.alerts import START, alert

PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
CORR, BROKEN = "corr(ETH,IWM,1h)", "breakdown(ETH,IWM,1/month)"
BETA = next(call.key for call in view_calls(PAIR) if call.metric == "beta")


def shown(what: RenderableType, width: int = 160) -> str:
    console = Console(file=io.StringIO(), record=True, width=width)
    console.print(what)
    return console.export_text()


def snapshot(readings: Mapping[str, Reading], *feeds: FeedStatus, ts: int = START) -> Snapshot:
    sessions = {"ETH": "regular", "IWM": "regular"}
    return Snapshot(ts=ts, readings=readings, sessions=sessions, feeds=feeds)


def feed(venue: str, state: str = "live", *, active: bool = False) -> FeedStatus:
    return FeedStatus("ETH", venue, state, active, 0.4)


READINGS = {
    CORR: Reading(0.5781, low=0.49, high=0.66),
    "corr(ETH,SPY,1h)": Reading(0.61),
    "corr(ETH,BTC,1h)": Reading(None, "warming up 3/10"),
    "divergence(ETH,IWM,1h)": Reading(-4.21),
    BROKEN: Reading(value=True),
    BETA: Reading(0.784),
}


def engine(*, holds: bool) -> Engine:
    when = compile_expression("breakdown(false_alarms=1/month)", PAIR, ["ETH", "IWM"], truth=True)
    rule = Rule("small-caps-breakdown", "Apart", PAIR, when, severity=Severity.CRITICAL)
    made = Engine([rule])
    made.update(snapshot({BROKEN: Reading(value=holds)}), START)
    return made


def test_before_the_first_snapshot_it_says_what_it_waits_for() -> None:
    text = shown(View(PAIR, "comove").render())
    assert "comove" in text
    assert "waiting for the first tick" in text


def test_it_shows_the_link_the_controls_and_the_statistics() -> None:
    view = View(PAIR, "comove")
    view.on_snapshot(snapshot(READINGS))
    text = shown(view.render())
    assert "Thu 19 Mar 2026 10:31:05 New York · regular" in text
    assert "ETH–IWM  correlation 1h .58 (.49 to .66)" in text
    assert "ETH–SPY .61" in text
    assert "ETH–BTC n/a (warming up 3/10)" in text
    assert "divergence −4.2 σ" in text
    assert "breakdown ALARM" in text
    assert "beta 0.78" in text
    assert "pearson n/a (no data yet)" in text


def test_it_shows_each_feed_and_which_is_in_use() -> None:
    view = View(PAIR, "comove")
    view.on_snapshot(snapshot({}, feed("coinbase", "down"), feed("kraken", active=True)))
    lines = shown(view.render()).splitlines()
    first, second = (next(x for x in lines if venue in x) for venue in ("coinbase", "kraken"))
    assert "down" in first
    assert "▶" not in first
    assert "live" in second
    assert "ETH ▶" in second
    assert "0.4 s" in second


@pytest.mark.parametrize("state", ["down", "stale", "connecting", "closed"])
def test_a_feed_that_gives_no_prices_is_not_marked_as_in_use(state: str) -> None:
    view = View(PAIR, "comove")
    view.on_snapshot(snapshot({}, feed("coinbase", state, active=True)))
    assert "▶" not in shown(view.render())


@pytest.mark.parametrize(("holds", "state"), [(True, "firing"), (False, "inactive")])
def test_it_shows_how_each_rule_stands(holds: bool, state: str) -> None:  # noqa: FBT001  # a case
    view = View(PAIR, "comove")
    view.follow(engine(holds=holds))
    view.on_snapshot(snapshot({}))
    line = next(x for x in shown(view.render()).splitlines() if "small-caps-breakdown" in x)
    assert state in line


def test_it_fits_a_narrow_terminal() -> None:
    view = View(PAIR, "comove")
    view.follow(engine(holds=True))
    view.on_snapshot(snapshot(READINGS, feed("coinbase", active=True)))
    assert max(len(line) for line in shown(view.render(), width=40).splitlines()) <= 40


def test_the_course_of_the_correlation_has_a_block_every_two_minutes() -> None:
    view = View(PAIR, "comove")
    for second in range(0, 601, 30):
        view.on_snapshot(snapshot(READINGS, ts=START + second * NS))
    assert shown(view.render()).count("▆") == 6


def test_a_course_has_a_dot_where_there_is_no_value_and_ends_at_its_limits() -> None:
    assert sparkline([-1.0, None, 9.0]) == "▁·█"


def test_all_that_it_shows_is_asked_for() -> None:
    keys = {call.key for call in view_calls(PAIR)}
    assert READINGS.keys() <= keys
    assert {"price(ETH)", "price(IWM)", "return(ETH,1h)", "pearson(ETH,IWM,1h)"} <= keys


def test_a_change_of_feed_is_told_with_its_reason() -> None:
    before = snapshot({}, feed("coinbase", active=True), feed("kraken"))
    after = snapshot({}, feed("coinbase", "down"), feed("kraken", active=True))
    back = snapshot({}, feed("coinbase", active=True), feed("kraken"))
    assert switches(None, before) == []
    assert switches(before, before) == []
    assert switches(before, after) == ["ETH now from kraken: coinbase down"]
    assert switches(after, back) == ["ETH now from coinbase"]


def test_an_alert_is_a_line_with_its_message_and_context_below() -> None:
    console = Console(file=io.StringIO(), record=True, width=160)
    print_alert(console, alert())
    assert console.export_text().splitlines() == [
        "10:31:05 ● ETH and small caps have come apart",
        "         ETH-IWM: 4.2 σ from what IWM's move implies",
        "         corr(1h) 0.12 [−0.05, 0.28]",
    ]


def test_the_end_of_an_alert_and_a_reminder_have_no_context() -> None:
    console = Console(file=io.StringIO(), record=True, width=160)
    print_alert(console, alert(state=State.RESOLVED, message="Over."), day=True)
    print_alert(console, alert(repeat=True, message="Still."))
    assert console.export_text().splitlines() == [
        "2026-03-19 10:31:05 ✔ resolved ETH and small caps have come apart",
        "         Over.",
        "10:31:05 ● still ETH and small caps have come apart",
        "         Still.",
    ]


@pytest.mark.parametrize("state", [State.PENDING, State.INACTIVE])
def test_of_what_nobody_is_told_nothing_is_printed(state: State) -> None:
    console = Console(file=io.StringIO(), record=True)
    print_alert(console, alert(state=state))
    assert console.export_text() == ""


def test_brackets_in_a_message_are_text() -> None:
    text = msgspec.structs.replace(alert(), title="[red]not[/red] markup")
    assert "[red]not[/red] markup" in shown(alert_text(text))
