from __future__ import annotations

import random

from streams.arbiter import Arbiter, PrintFilter
from streams.instrument import NS, Instrument, Route
from streams.tick import FeedEvent, FeedState, Kind, Tick

FIRST, SECOND = "first", "second"
INSTRUMENT = Instrument(
    "ETH",
    "24/7",
    (Route(FIRST, "ETH-USD"), Route(SECOND, "ETH/USD")),
    stale_after=30 * NS,
    return_after=60 * NS,
)
SYMBOLS = {FIRST: "ETH-USD", SECOND: "ETH/USD"}


def trade(second: float, price: float, venue: str = FIRST, kind: Kind = "trade") -> Tick[float]:
    ts = round(second * NS)
    return Tick(kind, venue, SYMBOLS[venue], price, 1.0, None, None, ts, ts)


def event(second: float, state: FeedState, venue: str = FIRST) -> FeedEvent:
    return FeedEvent(venue, None, state, round(second * NS))


def admit(arbiter: Arbiter, tick: Tick[float]) -> bool:
    number = arbiter.number_of(tick.venue, tick.symbol)
    assert number is not None
    return arbiter.admit(number, tick, tick.ts_recv)


def running() -> Arbiter:
    """Both feeds live, the first in use."""
    arbiter = Arbiter(INSTRUMENT)
    assert admit(arbiter, trade(1, 2000))
    assert not admit(arbiter, trade(1.1, 2001, SECOND))
    return arbiter


def venue(arbiter: Arbiter) -> str:
    return arbiter.line.route.venue


def test_only_the_feed_in_use_gives_prices() -> None:
    arbiter = running()
    assert admit(arbiter, trade(2, 2000.5))
    assert not admit(arbiter, trade(2, 2001.5, SECOND))


def test_a_feed_going_down_is_left_at_once_and_that_is_a_break() -> None:
    arbiter = running()
    before = arbiter.epoch
    arbiter.on_event(event(3, FeedState.DOWN))
    assert venue(arbiter) == SECOND
    assert arbiter.epoch > before
    assert admit(arbiter, trade(3.5, 2001.2, SECOND))


def test_a_silent_feed_is_left_when_its_price_is_too_old() -> None:
    arbiter = running()
    for second in range(2, 31):
        assert not admit(arbiter, trade(second, 2001, SECOND))
    assert not admit(arbiter, trade(31, 2001, SECOND))
    assert admit(arbiter, trade(32, 2001, SECOND))
    assert arbiter.switches == 1


def test_time_alone_lets_it_go_too() -> None:
    arbiter = running()
    admit(arbiter, trade(20, 2001, SECOND))
    arbiter.beat(40 * NS)
    assert venue(arbiter) == SECOND


def test_the_preferred_feed_is_returned_to_after_it_was_good_for_a_while() -> None:
    arbiter = running()
    arbiter.on_event(event(3, FeedState.DOWN))
    back = {}
    for second in range(4, 80):
        admit(arbiter, trade(second, 2001, SECOND))
        if second >= 10:
            back[second] = admit(arbiter, trade(second + 0.5, 2000))
    assert not any(back[second] for second in range(10, 70))
    assert back[70]
    assert arbiter.switches == 2


def test_a_relapse_starts_the_wait_anew() -> None:
    arbiter = running()
    arbiter.on_event(event(3, FeedState.DOWN))
    for second in range(4, 100):
        admit(arbiter, trade(second, 2001, SECOND))
        if second == 40:
            arbiter.on_event(event(40.2, FeedState.DOWN))
        admit(arbiter, trade(second + 0.5, 2000))
    assert venue(arbiter) == SECOND


def test_nobody_is_switched_to_while_the_preferred_feed_is_still_connecting() -> None:
    arbiter = Arbiter(INSTRUMENT)
    assert not admit(arbiter, trade(1, 2001, SECOND))
    assert not admit(arbiter, trade(5, 2001, SECOND))
    assert admit(arbiter, trade(6, 2000))
    assert arbiter.switches == 0


def test_a_preferred_feed_whose_past_is_known_is_waited_for_too() -> None:
    arbiter = Arbiter(INSTRUMENT)
    arbiter.line.record(0, 0, 2000)
    arbiter.on_event(event(1, FeedState.CONNECTING))
    assert not admit(arbiter, trade(1.1, 2001, SECOND))
    assert venue(arbiter) == FIRST
    assert admit(arbiter, trade(1.2, 2000.5))


def test_a_preferred_feed_that_is_down_is_not_waited_for() -> None:
    arbiter = Arbiter(INSTRUMENT)
    arbiter.on_event(event(1, FeedState.DOWN))
    assert admit(arbiter, trade(1.1, 2001, SECOND))


def test_a_preferred_feed_that_never_comes_is_not_waited_for() -> None:
    arbiter = Arbiter(INSTRUMENT)
    admit(arbiter, trade(1, 2001, SECOND))
    admit(arbiter, trade(11, 2001, SECOND))
    assert venue(arbiter) == SECOND


def test_with_no_good_feed_the_last_one_stays_and_ages() -> None:
    arbiter = running()
    arbiter.on_event(event(3, FeedState.DOWN, SECOND))
    arbiter.on_event(event(3, FeedState.DOWN))
    assert venue(arbiter) == FIRST
    assert arbiter.age(61 * NS) == 60


def test_missing_trades_are_a_break_but_no_reason_to_leave() -> None:
    arbiter = running()
    before = arbiter.epoch
    arbiter.on_event(event(3, FeedState.GAP))
    assert venue(arbiter) == FIRST
    assert arbiter.epoch == before + 1
    arbiter.on_event(event(3, FeedState.GAP, SECOND))
    assert arbiter.epoch == before + 1


def test_each_feed_keeps_a_history_of_its_own() -> None:
    arbiter = running()
    for minute in range(1, 5):
        admit(arbiter, trade(60 * minute, 2000 + minute))
        admit(arbiter, trade(60 * minute + 1, 2100 + minute, SECOND))
    first, second = arbiter.lines
    assert first.price_at(180 * NS, 0) == 2003
    assert second.price_at(181 * NS, 0) == 2103
    assert first.price_at(180 * NS, 181 * NS) is None


def test_a_quote_is_no_price_of_an_instrument_that_trades() -> None:
    arbiter = running()
    assert not admit(arbiter, trade(2, 2000, kind="quote"))


def test_a_wide_or_crossed_quote_is_no_price() -> None:
    arbiter = Arbiter(Instrument("IWM", "NYSE", (Route(FIRST, "ETH-USD"),), price="quote"))

    def quote(bid: float, ask: float) -> Tick[float]:
        mid = (bid + ask) / 2
        return Tick("quote", FIRST, "ETH-USD", mid, None, bid, ask, NS, NS)

    assert admit(arbiter, quote(99.95, 100.05))
    assert not admit(arbiter, quote(99, 101))
    assert not admit(arbiter, quote(100.1, 100))


def steady(prints: PrintFilter, seconds: int = 300) -> float:
    price, chance = 2000.0, random.Random(1)
    for second in range(seconds):
        price *= 1 + chance.gauss(0, 0.0001)
        assert prints.accepts(second * NS, price)
    return price


def test_a_bad_print_is_set_aside_and_counted() -> None:
    prints = PrintFilter()
    price = steady(prints)
    assert not prints.accepts(300 * NS, price * 1.05)
    assert prints.accepts(301 * NS, price)
    assert prints.set_aside == 1


def test_a_jump_is_accepted_when_the_next_ticks_confirm_it() -> None:
    prints = PrintFilter()
    price = steady(prints)
    answers = [prints.accepts((300 + n) * NS, price * 1.05) for n in range(4)]
    assert answers == [False, False, True, True]


def test_a_fall_that_goes_on_is_believed_at_its_third_print() -> None:
    prints = PrintFilter()
    price = steady(prints)
    answers = [prints.accepts((300 + n) * NS, price * 0.95**n) for n in range(1, 7)]
    assert answers == [False, False, True, False, False, True]


def test_bad_prints_that_disagree_confirm_nothing() -> None:
    prints = PrintFilter()
    price = steady(prints)
    for n in range(10):
        assert not prints.accepts((300 + n) * NS, price * (1.1 if n % 2 else 0.9))


def test_prices_that_are_no_prices_are_set_aside() -> None:
    prints = PrintFilter()
    for price in (0.0, -1.0, float("inf"), float("nan")):
        assert not prints.accepts(0, price)
    assert prints.set_aside == 4


def test_a_wide_spread_widens_what_is_believed() -> None:
    prints = PrintFilter()
    price = steady(prints)
    assert not prints.accepts(300 * NS, price * 1.01)
    prints = PrintFilter()
    price = steady(prints)
    prints.spread = 0.005
    assert prints.accepts(300 * NS, price * 1.01)
