from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from alerts.ailment import Ailment
from alerts.moment import NEW_YORK
from alerts.silence import Matcher
from daemon.web.link_panel import link_panel, panel_calls
from daemon.web.page_document import Figure, LinkPanel
from daemon.web.session_clock import clock_text, holiday
from daemon.web.state import page_state
from streams.instrument import NS
from streams.sessions import calendar
from streams.snapshot import Reading
from streams.tick import FeedState
from tests.daemon.web.browsing import CORR, correlate, show, with_token
from tests.daemon.web.running import Running


def panel(running: Running, readings: dict[str, Reading]) -> LinkPanel:
    show(running, readings)
    return link_panel(running.sources, running.config.pairs[0])


def fact(found: LinkPanel, name: str) -> Figure:
    return next(each for each in found.facts if each.name == name)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * NS


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("2026-03-17T13:50", "open, closes in 2 h 10 min"),
        ("2026-11-27T12:30", "open, closes in 30 min, early today"),
        ("2026-03-17T08:00", "extended hours, opens in 1 h 30 min (09:30 New York)"),
        ("2026-03-17T17:00", "extended hours, opens in 16 h 30 min (Wed 18 Mar 09:30 New York)"),
        ("2026-03-15T09:30", "closed, opens in 1 d (Mon 16 Mar 09:30 New York)"),
        (
            "2026-04-03T09:30",
            "closed for Good Friday, opens in 3 d (Mon 06 Apr 09:30 New York)",
        ),
    ],
)
def test_the_exchange_s_clock_says_what_comes_next(when: str, text: str) -> None:
    assert clock_text(calendar("NYSE"), at(when)) == text


def test_a_market_that_never_closes_says_so() -> None:
    assert clock_text(calendar("24/7"), at("2026-03-15T09:30")) == "open around the clock"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "New Year's Day"),
        ("2026-01-19", "Martin Luther King Jr. Day"),
        ("2026-02-16", "Washington's Birthday"),
        ("2026-05-25", "Memorial Day"),
        ("2027-06-18", "Juneteenth"),
        ("2026-07-03", "Independence Day"),
        ("2026-09-07", "Labor Day"),
        ("2026-11-26", "Thanksgiving"),
        ("2027-12-24", "Christmas"),
        ("2025-01-09", "a special day"),
        ("2026-03-17", ""),
    ],
)
def test_a_holiday_has_its_name(day: str, name: str) -> None:
    assert holiday(at(f"{day}T12:00")) == name


async def test_a_correlation_stands_with_its_interval_and_on_its_scale(running: Running) -> None:
    found = panel(running, {CORR: Reading(0.58, n=60.4, low=0.49, high=0.66)}).correlation
    assert (found.value, found.detail, found.n) == (".58", ".49 to .66", "60")
    assert found.scale is not None
    assert (found.scale.low, found.scale.at, found.scale.high) == (0.49, 0.58, 0.66)


async def test_what_has_no_value_says_why_wherever_it_stands(running: Running) -> None:
    calls = panel_calls(running.config.pairs[0])
    found = panel(running, {call.key: Reading(None, "closed") for call in calls})
    figures = [found.correlation, *found.correlations, *found.facts]
    assert {(each.value, each.detail, each.scale) for each in figures} == {("n/a", "closed", None)}


@pytest.mark.parametrize(
    ("broken", "word", "tone"), [(1.0, "BROKEN", "bad"), (0.0, "holds", "good")]
)
async def test_the_link_says_whether_it_holds_and_what_its_note_says(
    running: Running, broken: float, word: str, tone: str
) -> None:
    reading = Reading(bool(broken), note="a full break takes about 25 min to find")
    found = fact(panel(running, {"breakdown(ETH,IWM,1/month)": reading}), "Link")
    assert (found.value, found.tone, found.detail) == (word, tone, reading.note)


@pytest.mark.parametrize(
    ("value", "text", "tone", "place"),
    [
        (-1.94, "−1.9 σ", "good", -1.94 / 6),
        (3.2, "+3.2 σ", "warn", 3.2 / 6),
        (-9, "−9.0 σ", "bad", -1),
    ],
)
async def test_a_divergence_is_signed_and_ends_at_the_end_of_its_scale(
    running: Running, value: float, text: str, tone: str, place: float
) -> None:
    found = fact(panel(running, {"divergence(ETH,IWM,1h)": Reading(value)}), "Divergence 1h")
    assert (found.value, found.tone) == (text, tone)
    assert found.scale is not None
    assert found.scale.at == pytest.approx(place)


@pytest.mark.parametrize(
    ("seconds", "leader", "by"), [(3.0, "ETH", "3 s before IWM"), (-1.5, "IWM", "1.5 s before ETH")]
)
async def test_who_leads_is_named(running: Running, seconds: float, leader: str, by: str) -> None:
    readings = {
        "lead(ETH,IWM)": Reading(seconds, note="on 18 of 20 days"),
        "first_mover(ETH,IWM,1h)": Reading(2.0, note="ETH moved first this hour"),
    }
    found = fact(panel(running, readings), "Who leads")
    assert found.value == leader
    assert found.detail == f"{by} · on 18 of 20 days · ETH moved first this hour"


async def test_the_regime_is_the_one_that_holds(running: Running) -> None:
    states = ("quiet", "risk_on", "risk_off", "decoupled_strong", "decoupled_weak")
    readings = {f"{s}(ETH,IWM,1h)": Reading(s == "decoupled_weak") for s in states}
    found = fact(panel(running, readings), "Regime")
    assert (found.value, found.detail) == ("decoupled", "ETH is below what IWM implies")


async def test_a_price_stands_with_its_moves(running: Running) -> None:
    readings = {
        "price(ETH)": Reading(2239.944),
        "return(ETH,1h)": Reading(-0.0055),
        "return(ETH,1d)": Reading(0.012),
    }
    found = fact(panel(running, readings), "ETH")
    assert found.value == "2,239.94"
    assert found.detail == "−0.55% in 1h, +1.2% since the prior close"


async def test_the_sentence_above_all_tells_of_the_worst(running: Running) -> None:
    state = page_state(running.sources)
    assert (state.verdict.tone, state.verdict.text) == ("bad", "One alert is firing")
    assert state.title.startswith("(1) ")
    assert state.alerts[0].title == "No prices"
    assert any(line.startswith("when: stale(ETH)") for line in state.alerts[0].why)


async def test_a_daemon_that_does_not_evaluate_says_that_first(running: Running) -> None:
    stuck = msgspec.structs.replace(running.sources, started=0)
    stuck.app.watch.market.core = 1
    assert page_state(stuck).verdict.text.startswith("Evaluation stands still")


async def test_before_the_first_snapshot_there_is_a_page_nevertheless(running: Running) -> None:
    running.app.watch.snapshot = None
    state = page_state(running.sources)
    assert state.links[0].correlation.detail == "nothing was evaluated yet"
    assert state.feeds == ()
    running.app.preparing = True
    assert "history" in page_state(running.sources).links[0].correlation.detail


async def test_a_rule_says_why_nothing_can_be_said_of_it(running: Running) -> None:
    apart = next(row for row in page_state(running.sources).rules if row.rule == "apart")
    assert (apart.state, apart.tone) == ("unknown", "warn")
    assert apart.why


async def test_who_took_note_and_what_is_silenced_are_shown(running: Running) -> None:
    running.app.desk.acknowledge("blind", "ann")
    running.app.desk.silence(Matcher(rules=("apart",)), "ben", 3600, "lunch")
    state = page_state(running.sources)
    assert state.alerts[0].acknowledged
    assert "acknowledged by ann" in state.alerts[0].remarks
    (silence,) = state.silences
    assert (silence.what, silence.who, silence.why) == ("rule apart", "ben", "lunch")
    assert silence.until == "11:00 New York"


async def test_feeds_say_how_they_are(running: Running) -> None:
    running.hear("coinbase", FeedState.DOWN, "connection refused")
    row = next(each for each in page_state(running.sources).feeds if each.venue == "coinbase")
    assert (row.tone, row.state, row.reason) == ("bad", "down", "connection refused")
    assert not row.used


async def test_the_feed_whose_prices_are_used_is_marked(running: Running) -> None:
    running.hear("coinbase", FeedState.LIVE)
    row = next(each for each in page_state(running.sources).feeds if each.venue == "coinbase")
    assert row.used


async def test_a_failed_reload_is_told_with_its_lines(running: Running) -> None:
    running.rules.write_text("rules: [{id: one}]")
    await running.reloader.reload()
    told = page_state(running.sources).reload
    assert told is not None
    assert told.tone == "bad"
    assert "nothing was changed" in told.text
    assert "rules.yaml:1" in told.lines[0]


async def test_commands_are_offered_where_a_token_is_configured(running: Running) -> None:
    assert page_state(running.sources).commands == "none"
    assert page_state(with_token(running).sources).commands == "token"


async def test_no_token_is_ever_in_it(running: Running) -> None:
    correlate(with_token(running), 0.5)
    page = running.sources.config.page
    assert page is not None
    assert page.token is not None
    secret = page.token.get_secret_value().encode()
    assert secret not in msgspec.json.encode(page_state(running.sources))


def test_what_ails_comove_is_shown_among_the_alerts(running: Running) -> None:
    ailment = Ailment("feed", "kraken", "kraken is down", "Timed out.", notify=("log",))
    running.app.watch.engine.ward.look([ailment], running.clock.now())
    shown = {alert.rule: alert for alert in page_state(running.sources).alerts}
    assert shown["comove/feed"].message == "Timed out."
    assert shown["comove/feed"].pair == "kraken"
    assert "when: a venue gives nothing of an open market" in shown["comove/feed"].why
    assert "comove/feed" not in {rule.rule for rule in page_state(running.sources).rules}
