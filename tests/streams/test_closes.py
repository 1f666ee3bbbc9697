"""Daily closes: taken as sessions end, recalled, and what they say of a pair."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from math import exp, log

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.closes import KEPT, Closes, Daily, last_close, session_ends
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market, Settings
from streams.metric import Call
from streams.resumption import Memory, remember, resume
from streams.sessions import calendar
from streams.snapshot import Reading
from streams.tick import Beat, FeedEvent, FeedState, Item, Tick

NYSE = calendar("NYSE")
CLOSE = 1_795_208_400 * NS
"""16:00 in New York on Friday, 2026-11-20; Thanksgiving is on the 26th, the 27th a half day."""
HOUR = 3600 * NS
DAY = 24 * HOUR
ETH = Instrument("ETH", "24/7", (Route("a", "E"), Route("b", "E")), stale_after=60 * NS)
BTC = Instrument("BTC", "24/7", (Route("a", "B"),), stale_after=60 * NS)
IWM = Instrument("IWM", "NYSE", (Route("s", "I"),), stale_after=60 * NS)
CORR5 = Call("corr", ("ETH", "IWM"), days=5)
CORR20 = Call("corr", ("ETH", "IWM"), days=20)


def closes_to(last: int, count: int, hours: str = "NYSE") -> list[int]:
    """The last instants at which sessions ended, rising."""
    found = [last]
    while len(found) < count:
        found.append(last_close(calendar(hours), found[-1] - 1))
    return found[::-1]


def walk(instants: Iterable[int], seed: int = 1) -> dict[str, list[tuple[int, float]]]:
    """Closes of two that move together somewhat."""
    chance, logs = random.Random(seed), {"ETH": log(2000.0), "IWM": log(250.0)}
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in logs}
    for ts in instants:
        common = chance.gauss(0, 0.01)
        for name, size in (("ETH", 0.03), ("IWM", 0.008)):
            logs[name] += common + chance.gauss(0, size)
            found[name].append((ts, exp(logs[name])))
    return found


def pair(history: dict[str, list[tuple[int, float]]]) -> Daily:
    legs = {name: Closes(NYSE) for name in ("ETH", "IWM")}
    for name, leg in legs.items():
        leg.recall(history.get(name, []))
    return Daily(legs["ETH"], legs["IWM"])


def corr(daily: Daily, days: int) -> Reading:
    return daily.build("corr", days)()


def market(*calls: Call) -> Market:
    slow = Settings(step=60 * NS)
    return Market([ETH, BTC, IWM], [Pair("ETH", "IWM")], calls or (CORR5, CORR20), settings=slow)


def at_close(ts: int, prices: dict[str, float], venue: str = "a") -> Iterator[Tick[float]]:
    """Two trades of each in the last seconds before `ts`."""
    for before in (4, 1):
        for name, price in prices.items():
            source, symbol = ("s", "I") if name == "IWM" else (venue, name[0])
            at, shown = ts - before * NS, price * (1 if before == 1 else 1.0001)
            yield Tick("trade", source, symbol, shown, 1.0, None, None, at, at + NS // 50)


def run(m: Market, items: Iterable[Item], key: str = CORR5.key) -> Reading:
    found = Reading(None, "nothing came")
    for item in items:
        for snapshot in m.accept(item):
            found = snapshot.readings[key]
    return found


def sessions(history: dict[str, list[tuple[int, float]]]) -> Iterator[Item]:
    """The closes as they come live."""
    for (ts, x), (_, y) in zip(history["ETH"], history["IWM"], strict=True):
        yield from at_close(ts, {"ETH": x, "IWM": y})
        yield Beat(ts + 60 * NS)


@pytest.mark.parametrize(
    ("hours", "ts", "ends"),
    [
        ("NYSE", CLOSE, True),
        ("NYSE", CLOSE - 60 * NS, False),
        ("NYSE", CLOSE + 4 * HOUR, False),
        ("NYSE", CLOSE - 6 * HOUR - 30 * 60 * NS, False),
        ("NYSE", CLOSE + 7 * DAY - 3 * HOUR, True),
        ("NYSE", CLOSE + 7 * DAY, False),
        ("24/7", CLOSE + 3 * HOUR, True),
        ("24/7", CLOSE, False),
    ],
)
def test_a_session_ends_at_its_close_on_half_days_early(hours: str, ts: int, ends: bool) -> None:  # noqa: FBT001  # a parameter of the case
    assert session_ends(calendar(hours), ts) is ends


def test_the_close_before_is_that_of_the_session_before_over_weekends_and_holidays() -> None:
    before = {ts: last_close(NYSE, ts - 1) for ts in (CLOSE, CLOSE + 3 * DAY, CLOSE + 10 * DAY)}
    half_day = CLOSE + 7 * DAY - 3 * HOUR
    assert before == {CLOSE: CLOSE - DAY, CLOSE + 3 * DAY: CLOSE, CLOSE + 10 * DAY: half_day}
    assert last_close(NYSE, half_day - 1) == CLOSE + 5 * DAY
    assert last_close(NYSE, CLOSE + 5 * HOUR) == CLOSE
    assert last_close(calendar("24/7"), CLOSE) == CLOSE - 21 * HOUR


@settings(max_examples=40, deadline=None)
@given(
    days=st.integers(5, 30),
    count=st.integers(2, 60),
    seed=st.integers(0, 1000),
    missing=st.sets(st.tuples(st.sampled_from(["ETH", "IWM"]), st.integers(0, 59)), max_size=6),
)
def test_it_is_the_correlation_of_the_last_returns_between_neighbouring_closes(
    days: int, count: int, seed: int, missing: set[tuple[str, int]]
) -> None:
    history = walk(closes_to(CLOSE, count), seed)
    logs = {name: np.log([price for _, price in rows]) for name, rows in history.items()}
    kept = {
        name: [row for n, row in enumerate(rows) if (name, n) not in missing]
        for name, rows in history.items()
    }
    for name, n in missing:
        if n < count:
            logs[name][n] = np.nan
    newest = max((ts for rows in kept.values() for ts, _ in rows), default=CLOSE)
    last = next((n for n in range(count) if history["ETH"][n][0] == newest), count)
    moves = np.diff(np.column_stack([logs["ETH"], logs["IWM"]])[: last + 1], axis=0)
    moves = moves[-(days + days // 4 + 2) :]
    moves = moves[np.isfinite(moves).all(axis=1)][-days:]
    found = corr(pair(kept), days)
    if len(moves) < days:
        assert found.reason == f"warming up {len(moves)}/{days} closes"
    elif found.value is None:
        assert found.reason == "one move dominates"
    else:
        assert found.value == pytest.approx(np.corrcoef(moves.T)[0, 1], abs=1e-9)
        assert found.n == days
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high


def test_closes_of_another_instant_are_none_of_this_calendar() -> None:
    leg = Closes(NYSE)
    leg.recall([(CLOSE + 1, 1.0), (CLOSE + 4 * HOUR, 1.0), (CLOSE + DAY, 1.0)])
    assert leg.changes == 0


def test_recalled_again_a_close_is_replaced_and_nothing_is_doubled() -> None:
    history = walk(closes_to(CLOSE, 21))
    daily = pair(history)
    once = corr(daily, 20)
    for name, leg in (("ETH", daily._x), ("IWM", daily._y)):
        leg.recall(reversed(history[name]))
    assert corr(daily, 20) == once
    daily._x.recall([(CLOSE, 3000.0)])
    assert corr(daily, 20) != once


def test_no_more_closes_are_kept_than_two_years_of_them() -> None:
    leg = Closes(NYSE)
    instants = closes_to(CLOSE, KEPT + 3)
    leg.recall([(ts, 1.0 + n) for n, ts in enumerate(instants)])
    assert len(leg._held) == KEPT
    assert leg.move(instants[2], instants[3]) is None
    assert leg.move(instants[3], instants[4]) is not None


def test_a_session_that_was_missed_costs_the_returns_to_it_and_from_it() -> None:
    history = walk(closes_to(CLOSE, 9))
    del history["ETH"][4]
    assert corr(pair(history), 6).n == 6
    assert corr(pair(history), 7).reason == "warming up 6/7 closes"


def test_closes_that_ended_long_ago_are_no_longer_told_of() -> None:
    daily = pair(walk(closes_to(CLOSE, 40)))
    for ts in closes_to(CLOSE + 31 * DAY, 21)[-8:]:
        daily._y.end(ts, None, "s")
    assert corr(daily, 20).reason.startswith("warming up ")


def test_closes_come_from_ticks_as_sessions_end() -> None:
    history = walk(closes_to(CLOSE, 6))
    m = market()
    found = run(m, sessions(history))
    expected = corr(pair(history), 5)
    assert found.value == pytest.approx(expected.value)
    assert (found.n, found.note) == (5, "closes to 2026-11-20")
    assert run(m, [Beat(CLOSE + 30 * HOUR)]).value == found.value, "on Saturday"


def test_what_is_stale_at_the_close_is_no_close() -> None:
    history = walk(closes_to(CLOSE, 6))
    rows = list(sessions(history))
    late = [
        item
        for item in rows
        if not (isinstance(item, Tick) and item.symbol == "I" and item.ts_recv > CLOSE - HOUR)
    ]
    silent = Tick("trade", "s", "I", 250.0, 1.0, None, None, CLOSE - HOUR, CLOSE - HOUR)
    late.insert(next(n for n, i in enumerate(late) if i.ts_recv > CLOSE - HOUR), silent)
    assert run(market(), late).reason == "warming up 4/5 closes"


def test_a_live_close_stands_and_a_missing_one_is_filled() -> None:
    instants = closes_to(CLOSE, 6)
    history = walk(instants)
    m = market()
    live = {name: [row for row in rows if row[0] != instants[2]] for name, rows in history.items()}
    assert run(m, sessions(live)).reason == "warming up 3/5 closes"
    wrong = {
        name: [(ts, price if ts == instants[2] else 2 * price) for ts, price in rows]
        for name, rows in history.items()
    }
    m.recall(wrong)
    found = run(m, [Beat(CLOSE + 120 * NS)])
    assert found.value == pytest.approx(corr(pair(history), 5).value)
    assert found.note == "closes to 2026-11-20, 2 of 5 returns between two venues' prices"


def test_a_change_of_venue_is_told() -> None:
    history = walk(closes_to(CLOSE, 6))
    m = market()
    run(m, (item for item in sessions(history) if item.ts_recv < CLOSE - HOUR))
    run(m, [FeedEvent("a", None, FeedState.DOWN, CLOSE - HOUR)])
    prices = {name: rows[-1][1] for name, rows in history.items()}
    found = run(m, [*at_close(CLOSE, prices, venue="b"), Beat(CLOSE + 60 * NS)])
    assert found.note == "closes to 2026-11-20, 1 of 5 returns between two venues' prices"


def test_both_ends_of_the_interval_can_be_asked_for() -> None:
    daily = pair(walk(closes_to(CLOSE, 30)))
    whole = corr(daily, 20)
    assert daily.build("corr_low", 20)().value == whole.low
    assert daily.build("corr_high", 20)().value == whole.high
    assert daily.build("corr_low", 40)().reason == "warming up 29/40 closes"


def test_two_markets_that_never_close_have_a_close_each_midnight() -> None:
    call = Call("corr", ("ETH", "BTC"), days=20)
    midnight = CLOSE + 3 * HOUR
    instants = closes_to(midnight, 21, "24/7")
    assert instants == [midnight - n * DAY for n in range(20, -1, -1)]
    history = walk(instants)
    m = market(call)
    m.recall({"ETH": history["ETH"], "BTC": history["IWM"]})
    found = run(m, [Beat(midnight), Beat(midnight + 60 * NS)], call.key)
    assert found.value is not None
    assert found.note == "closes to 2026-11-20"


def test_another_pair_of_the_same_instruments_has_their_closes_at_once() -> None:
    m = market()
    history = walk(closes_to(CLOSE, 21))
    m.recall(history)
    other = Call("corr", ("IWM", "ETH"), days=20)
    m.ask([other])
    found = run(m, [Beat(CLOSE + NS), Beat(CLOSE + 120 * NS)], other.key)
    assert found.value == pytest.approx(corr(pair(history), 20).value)


def test_it_goes_on_to_the_last_bit_after_a_restart() -> None:
    history = walk(closes_to(CLOSE, 30))
    first = {name: rows[:24] for name, rows in history.items()}
    rest = list(sessions({name: rows[24:] for name, rows in history.items()}))
    one = market()
    one.recall({name: rows[:10] for name, rows in first.items()})
    run(one, sessions({name: rows[10:] for name, rows in first.items()}))
    memory = msgspec.msgpack.encode(remember(one))
    one.interrupt()
    other = market()
    saved = msgspec.msgpack.decode(memory, type=Memory)
    assert resume(other, saved, one.core, recent=False) == ()
    found = run(other, rest, CORR20.key)
    assert found == run(one, rest, CORR20.key)
    assert found.value is not None


def test_closes_outlast_another_feed_of_their_instrument() -> None:
    one = market()
    one.recall(walk(closes_to(CLOSE, 21)))
    changed = msgspec.structs.replace(ETH, routes=ETH.routes[1:])
    other = Market([changed, BTC, IWM], [Pair("ETH", "IWM")], (CORR20,))
    assert resume(other, remember(one), CLOSE, recent=True) == ("ETH", "ETH-IWM")
    assert run(other, [Beat(CLOSE), Beat(CLOSE + 2 * NS)], CORR20.key).value is not None
