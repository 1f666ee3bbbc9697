from __future__ import annotations

import json
import logging

import pytest

from streams.feeds.coinbase import Coinbase
from streams.feeds.finnhub import Finnhub
from streams.feeds.intake import Intake
from streams.feeds.venue import Control
from streams.tick import FeedEvent, FeedState, Item, Tick

NS = 1_000_000_000
ETH, BTC = "ETH-USD", "BTC-USD"


class Desk:
    """An intake, its emissions, and a market that can be closed."""

    def __init__(self, *symbols: str, stale_after: float = 60) -> None:
        self.items: list[Item] = []
        self.closed: set[str] = set()
        self.intake = Intake(
            Coinbase(symbols=symbols or (ETH,), number=float),
            emit=self.items.append,
            due=lambda symbol, _: symbol not in self.closed,
            stale_after=stale_after,
        )
        self.intake.opened(0.0)

    def trade(self, number: int, at: float = 1.0, symbol: str = ETH, event: int = 0) -> None:
        frame = {"type": "match", "product_id": symbol, "trade_id": number, "price": "5"}
        frame |= {"size": "1", "time": f"2026-07-07T22:{event:02d}:17Z"}
        self.intake.take(json.dumps(frame).encode(), int(at * NS), at)

    def quote(self, at: float) -> None:
        frame = {"type": "ticker", "product_id": ETH, "best_bid": "5", "best_ask": "6"}
        frame |= {"time": "2026-07-07T22:58:17Z"}
        self.intake.take(json.dumps(frame).encode(), int(at * NS), at)

    def check(self, at: float) -> bool:
        return self.intake.check(int(at * NS), at)

    def events(self) -> list[tuple[str | None, str]]:
        return [(e.symbol, e.state.value) for e in self.items if isinstance(e, FeedEvent)]

    def reasons(self) -> list[str]:
        return [e.reason for e in self.items if isinstance(e, FeedEvent)]

    def ids(self) -> list[int | str | None]:
        return [t.id for t in self.items if isinstance(t, Tick)]


def test_first_tick_makes_it_live_once_and_before_the_tick() -> None:
    desk = Desk()
    desk.trade(1)
    desk.trade(2)
    assert desk.events() == [(ETH, "live")]
    assert isinstance(desk.items[0], FeedEvent)
    assert desk.ids() == [1, 2]


def test_hole_in_trade_ids_is_told_before_the_trade_after_it() -> None:
    desk = Desk()
    for number in (5, 6, 10, 11):
        desk.trade(number)
    gap = desk.items[3]
    assert isinstance(gap, FeedEvent)
    assert (gap.state, gap.reason) == (FeedState.GAP, "3 trades missing after 6")
    assert (desk.ids(), desk.intake.counts.gaps) == ([5, 6, 10, 11], 1)


def test_hole_over_a_reconnection_is_told() -> None:
    desk = Desk()
    desk.trade(5)
    desk.intake.tell_all(FeedState.DOWN, "cut", 2 * NS)
    desk.intake.opened(3.0)
    desk.trade(8, at=4.0)
    assert desk.events() == [(ETH, "live"), (None, "down"), (ETH, "gap"), (ETH, "live")]


def test_reconnection_without_a_hole_tells_no_gap() -> None:
    desk = Desk()
    desk.trade(5)
    desk.intake.opened(3.0)
    desk.trade(5, at=4.0)
    desk.trade(6, at=4.0)
    assert (desk.ids(), desk.intake.counts.duplicates, desk.intake.counts.gaps) == ([5, 6], 1, 0)


def test_repeated_and_older_trades_are_dropped_and_counted() -> None:
    desk = Desk()
    for number in (5, 5, 4, 6):
        desk.trade(number)
    assert (desk.ids(), desk.intake.counts.duplicates) == ([5, 6], 2)


def test_repeated_trades_are_not_signs_of_life() -> None:
    desk = Desk()
    desk.trade(5, at=1)
    desk.trade(5, at=60)
    assert desk.check(61.0)


def test_ids_that_begin_anew_are_followed_rather_than_dropped_forever() -> None:
    desk = Desk()
    desk.trade(1000, event=10)
    desk.trade(1, event=12)
    desk.trade(2, event=12)
    assert desk.ids() == [1000, 1, 2]
    assert desk.reasons()[1] == "trade ids began anew at 1, after 1000"


def test_ids_of_symbols_are_apart() -> None:
    desk = Desk(ETH, BTC)
    desk.trade(5)
    desk.trade(900, symbol=BTC)
    desk.trade(6)
    assert desk.intake.counts.gaps == 0


def test_venue_without_a_sequence_has_neither_gaps_nor_duplicates() -> None:
    items: list[Item] = []
    venue = Finnhub(symbols=("IWM",), number=float)
    intake = Intake(venue, emit=items.append, due=lambda *_: True, stale_after=60)
    row = {"s": "IWM", "p": 2.5, "t": 20, "v": 1}
    frame = json.dumps({"type": "trade", "data": [row, row]}).encode()
    intake.take(frame, 0, 0.0)
    assert len(items) == 3
    assert intake.counts.ahead == 2


def test_symbol_without_data_is_stale_once_and_live_again() -> None:
    desk = Desk(stale_after=30)
    desk.trade(1, at=1)
    assert [desk.check(at) for at in (30.9, 31, 32)] == [False, True, True]
    desk.trade(2, at=40)
    assert not desk.check(41.0)
    assert desk.events() == [(ETH, "live"), (ETH, "stale"), (ETH, "live")]
    assert desk.reasons()[1] == "no data for 30 s"


def test_heartbeats_are_not_data() -> None:
    desk = Desk(stale_after=30)
    desk.trade(1, at=1)
    desk.intake.take(b'{"type":"heartbeat"}', 30 * NS, 30.0)
    assert desk.check(31.0)


def test_one_stale_symbol_of_two_does_not_condemn_the_connection() -> None:
    desk = Desk(ETH, BTC)
    desk.trade(1, at=50)
    assert not desk.check(60.0)
    assert desk.events() == [(ETH, "live"), (BTC, "stale")]
    assert desk.check(110.0)


def test_closed_market_is_told_once_and_condemns_nothing() -> None:
    desk = Desk()
    desk.trade(1, at=1)
    desk.closed = {ETH}
    assert not any(desk.check(float(at)) for at in range(2, 10_000, 100))
    assert desk.events() == [(ETH, "live"), (ETH, "closed")]


def test_after_the_open_there_is_the_full_time_for_the_first_tick() -> None:
    desk = Desk()
    desk.closed = {ETH}
    desk.check(5000.0)
    desk.closed = set()
    assert not desk.check(5059.0)
    assert desk.check(5060.0)
    assert desk.events() == [(ETH, "closed"), (ETH, "stale")]


def test_tick_while_closed_is_passed_on_but_opens_nothing() -> None:
    desk = Desk()
    desk.closed = {ETH}
    desk.check(1.0)
    desk.trade(1, at=2)
    desk.check(3.0)
    assert desk.events() == [(ETH, "closed")]
    assert desk.ids() == [1]


def test_halt_closes_and_the_tick_after_the_resumption_opens() -> None:
    desk = Desk()
    desk.trade(1, at=1)
    desk.intake.halt(Control("halt", "LULD pause", symbol=ETH), 2 * NS, 2.0)
    desk.quote(3.0)
    assert not desk.check(299.0)
    assert desk.events() == [(ETH, "live"), (ETH, "closed")]
    assert desk.reasons()[1] == "halted: LULD pause"
    desk.intake.resume(Control("resume", symbol=ETH), 300.0)
    assert not desk.check(359.0)
    desk.quote(359.5)
    assert desk.events()[2:] == [(ETH, "live")]


def test_late_print_does_not_end_a_halt_but_a_trade_much_later_does() -> None:
    desk = Desk()
    desk.trade(1, at=1)
    desk.intake.halt(Control("halt"), 2 * NS, 2.0)
    desk.trade(2, at=3)
    assert desk.events()[-1] == (ETH, "closed")
    desk.trade(3, at=200)
    assert desk.events()[-1] == (ETH, "live")


def test_symbol_that_is_refused_is_down_and_the_others_go_on() -> None:
    desk = Desk(ETH, BTC)
    assert not desk.intake.refuse(Control("error", "unknown pair", symbol=BTC), NS)
    desk.trade(1, at=50)
    assert not desk.check(70.0)
    assert desk.events() == [(BTC, "down"), (ETH, "live")]
    assert desk.intake.refuse(Control("error", "unknown pair", symbol=ETH), NS)


def test_the_same_state_for_all_is_told_once_and_another_reason_again() -> None:
    desk = Desk(ETH, BTC)
    for reason in ("refused", "refused", "key not known"):
        desk.intake.tell_all(FeedState.DOWN, reason, NS)
    assert desk.reasons() == ["refused", "key not known"]
    assert desk.events() == [(None, "down")] * 2


def test_tick_of_a_symbol_nobody_asked_for_is_ignored() -> None:
    desk = Desk()
    desk.trade(1, symbol="DOGE-USD")
    assert desk.items == []
    assert desk.intake.counts.ignored == 1


def test_unreadable_frames_are_counted_and_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    for at in range(120):
        desk.intake.take(b"{", at * NS, float(at))
    desk.trade(1, at=120)
    assert (desk.intake.counts.errors, desk.intake.counts.frames) == (120, 121)
    assert desk.ids() == [1]
    assert len([r for r in caplog.records if "cannot be read" in r.message]) == 2


def test_loss_is_a_warning_once_and_its_end_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk = Desk()
    desk.trade(1)
    for reason in ("cut", "refused", "refused"):
        desk.intake.tell_all(FeedState.DOWN, reason, NS)
    desk.trade(2)
    assert [r.levelname for r in caplog.records] == ["INFO", "WARNING", "INFO", "INFO"]
