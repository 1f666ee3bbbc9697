"""Trades of a venue that does not count them: what came twice, and what came late."""

from __future__ import annotations

import msgspec
from pydantic import SecretStr

from streams.feeds.alpaca import Alpaca
from streams.feeds.intake import Intake
from streams.tick import Item, Tick

NS = 1_000_000_000


class Desk:
    """An intake of Alpaca's frames, and its ticks."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        venue = Alpaca(("IWM",), float, key=SecretStr("key"), secret=SecretStr("secret"))
        self.intake = Intake(venue, emit=self.items.append, due=lambda *_: True, stale_after=60.0)
        self.intake.opened(0.0)

    def trade(self, number: int | None, second: int) -> None:
        stamp = f"2026-07-07T15:00:{second:02d}Z"
        trade = {"T": "t", "S": "IWM", "i": number, "p": 250.0, "s": 1, "t": stamp}
        self.intake.take(msgspec.json.encode([trade]), second * NS, float(second))

    def ids(self) -> list[int | str | None]:
        return [item.id for item in self.items if isinstance(item, Tick)]


def test_a_trade_that_comes_twice_is_taken_once_and_counted() -> None:
    desk = Desk()
    for number, second in ((1, 1), (1, 1), (2, 2), (2, 2)):
        desk.trade(number, second)
    assert desk.ids() == [1, 2]
    assert desk.intake.counts.duplicates == 2


def test_a_number_used_again_at_another_time_is_another_trade() -> None:
    desk = Desk()
    desk.trade(1, 1)
    desk.trade(1, 2)
    assert desk.ids() == [1, 1]
    assert desk.intake.counts.duplicates == 0


def test_trades_in_the_wrong_order_are_taken_and_counted() -> None:
    desk = Desk()
    for number, second in ((2, 2), (1, 1), (4, 4), (3, 3), (5, 5)):
        desk.trade(number, second)
    assert desk.ids() == [2, 1, 4, 3, 5]
    assert (desk.intake.counts.disordered, desk.intake.counts.gaps) == (2, 0)
