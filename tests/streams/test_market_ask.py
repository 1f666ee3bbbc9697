"""Questions that come while the market runs, as a reload brings them."""

from __future__ import annotations

from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import Call
from streams.tick import Item, Tick
from tests.streams.test_market import CALLS, CORR, ETH, HOUR, IWM, PAIR, linked, run

HALF = Call("corr", ("ETH", "IWM"), HOUR / 2)
PEARSON_HALF = Call("pearson", ("ETH", "IWM"), HOUR / 2)


def test_a_call_asked_for_later_is_answered_from_then_on_and_others_are_not_disturbed() -> None:
    items = linked(5400)
    undisturbed, asked = Market([ETH, IWM], [PAIR], CALLS), Market([ETH, IWM], [PAIR], CALLS)
    half = len(items) // 3
    run(undisturbed, items[:half])
    run(asked, items[:half])
    asked.ask([HALF, PEARSON_HALF, *CALLS])
    expected, got = run(undisturbed, items[half:])[-1], run(asked, items[half:])[-1]
    assert {call.key: got.readings[call.key] for call in CALLS} == expected.readings
    assert got.readings[HALF.key].value is not None
    assert got.readings[PEARSON_HALF.key].value is not None


def test_a_pair_that_was_not_watched_is_linked_when_it_is_asked_for() -> None:
    market = Market([ETH, IWM], [PAIR], CALLS)
    items = linked(5400)
    run(market, items[:200])
    other = Call("corr", ("IWM", "ETH"), HOUR)
    market.ask([other])
    last = run(market, items[200:])[-1]
    there, back = last.readings[CORR.key].value, last.readings[other.key].value
    assert there is not None
    assert back is not None
    assert abs(there - back) < 0.05


def _copied(item: Item) -> list[Item]:
    """What moves IWM moves SPY."""
    if not isinstance(item, Tick) or item.symbol != "I":
        return []
    return [Tick("trade", "s", "S", item.price, 1.0, None, None, item.ts_event, item.ts_recv)]


def test_a_control_that_was_not_among_the_pairs_is_taken_in() -> None:
    spy = Instrument("SPY", "NYSE", (Route("s", "S"),), stale_after=60 * NS)
    market = Market([ETH, IWM, spy], [Pair("ETH", "IWM")], CALLS)
    partial = Call("partial", ("ETH", "IWM", "SPY"), HOUR)
    market.ask([partial])
    items = [each for item in linked(7200) for each in (item, *_copied(item))]
    last = run(market, items)[-1].readings[partial.key]
    assert last.reason != "not asked for"
    assert last.n is not None
