from __future__ import annotations

import asyncio
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.inbox import Inbox
from streams.tick import Beat, FeedEvent, FeedState, Item, Kind, Tick


def tick(ts: int, kind: Kind = "trade", symbol: str = "ETH-USD") -> Tick[float]:
    return Tick(kind, "coinbase", symbol, 2000.0, 1.0, None, None, ts, ts)


def quote(ts: int, symbol: str = "ETH-USD") -> Tick[float]:
    return tick(ts, "quote", symbol)


def filled(bound: int, items: Iterable[Item]) -> Inbox:
    inbox = Inbox(bound)
    for item in items:
        inbox.put(item)
    return inbox


def stamps(inbox: Inbox, most: int = 1000) -> list[int]:
    return [item.ts_recv for item in inbox.take(most)]


def test_items_come_out_in_the_order_in_which_they_went_in() -> None:
    inbox = filled(10, [tick(1), quote(2), Beat(3), tick(4)])
    assert stamps(inbox, 3) == [1, 2, 3]
    assert stamps(inbox) == [4]
    assert (inbox.conflated, inbox.dropped) == (0, 0)


def test_past_the_bound_a_quote_replaces_the_one_of_its_symbol_that_waits() -> None:
    inbox = filled(2, [tick(1), tick(2), quote(3), quote(4), quote(5, "BTC-USD"), quote(6)])
    assert len(inbox) == 4
    assert inbox.conflated == 2
    assert sorted(stamps(inbox)) == [1, 2, 5, 6]


def test_past_the_bound_trades_are_kept_and_past_twice_the_bound_they_are_dropped() -> None:
    inbox = filled(2, [tick(ts) for ts in range(1, 8)])
    assert inbox.dropped == 3
    assert stamps(inbox) == [1, 2, 3, 4]


def test_beats_and_events_are_never_dropped() -> None:
    down = FeedEvent("coinbase", None, FeedState.DOWN, 4)
    inbox = filled(1, [tick(1), tick(2), tick(3), down, Beat(5)])
    assert inbox.dropped == 1
    assert stamps(inbox) == [1, 2, 4, 5]


def test_after_it_was_emptied_quotes_queue_as_before() -> None:
    inbox = filled(1, [tick(1), quote(2)])
    assert stamps(inbox) == [1, 2]
    inbox.put(quote(3))
    assert stamps(inbox) == [3]
    assert len(inbox) == 0


async def test_a_reader_waits_until_there_is_something_to_take() -> None:
    inbox = Inbox()
    waiting = asyncio.timeout(1)
    try:
        async with waiting:
            await inbox.filled()
    except TimeoutError:
        pass
    assert waiting.expired()
    asyncio.get_running_loop().call_later(5, inbox.put, Beat(1))
    async with asyncio.timeout(6):
        await inbox.filled()
    assert stamps(inbox) == [1]


@settings(max_examples=50, deadline=None)
@given(
    bound=st.integers(1, 5),
    kinds=st.lists(st.sampled_from(["trade", "quote", "beat", "take"]), max_size=60),
)
def test_every_item_is_taken_conflated_or_dropped(bound: int, kinds: list[str]) -> None:
    inbox, put, taken = Inbox(bound), 0, 0
    for ts, kind in enumerate(kinds):
        if kind == "take":
            taken += len(stamps(inbox, 3))
            continue
        put += 1
        inbox.put(Beat(ts) if kind == "beat" else tick(ts, "trade" if kind == "trade" else "quote"))
    assert put == taken + len(inbox) + inbox.conflated + inbox.dropped
    assert len(inbox) == len(stamps(inbox))
