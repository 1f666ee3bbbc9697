from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from daemon.study.candles import flat_share
from daemon.study.hours import DAY
from daemon.study.quality import FileFacts, Source, bad_places, examine, without
from streams.history.prices import Prices, read_prices
from tests.daemon.study.markets import MINUTE, all_ends, bars_of, csv, linked, nyse_ends


def facts(prices: Prices, *, stamped_at_start: bool = True) -> FileFacts:
    return examine(Source("IWM", "iwm.csv", prices), stamped_at_start=stamped_at_start)


def session_bars(days: int = 3) -> Prices:
    ends = nyse_ends(days)
    return bars_of(ends, linked(len(ends), 0.5)[0])


def test_whole_sessions_have_no_gap_though_nights_have_no_bars() -> None:
    found = facts(session_bars(8))
    assert (found.missing, found.gaps, found.calendar) == (0, (), "NYSE")


def test_gaps_are_counted_in_the_markets_hours_the_longest_first() -> None:
    prices = session_bars(2)
    less = without(prices, np.array([10, 50, 51, 52, *range(385, 395)]))
    found = facts(less)
    assert found.missing == 14
    assert [gap.missing for gap in found.gaps] == [10, 3, 1]
    assert found.gaps[1].after == prices.ts[49]


def test_weekends_and_holidays_are_no_gaps_of_daily_closes_but_a_missing_day_is() -> None:
    # 2026: Good Friday is 04-03.
    days = [d for d in range(60) if d % 7 < 5 and d != 32]
    start = 1_772_409_600_000_000_000
    ts = start + (np.array(days, np.int64) + 1) * DAY
    price = np.array([100.0 + day % 5 for day in days])
    assert facts(Prices(ts, price, DAY)).missing == 0
    less = without(Prices(ts, price, DAY), np.array([20]))
    assert facts(less).missing == 1


def test_duplicates_are_told_from_the_file(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", session_bars(1))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[5], lines[9]]) + "\n")
    found = facts(read_prices(path))
    assert (found.duplicates, found.unordered) == (2, 1)


def test_bad_print_is_found_left_out_and_a_jump_that_stays_is_none() -> None:
    prices = session_bars(1)
    wrong = prices.price.copy()
    wrong[100] *= 1.05
    wrong[200:] *= 1.05
    assert bad_places(wrong).tolist() == [100]
    found = facts(Prices(prices.ts, wrong, MINUTE))
    assert [bad.ts for bad in found.bad_prints] == [prices.ts[100]]
    assert found.bad_prints[0].jump == pytest.approx(0.05, abs=0.005)


def test_heavy_tails_are_no_bad_prints() -> None:
    rng = np.random.default_rng(2)
    price = 100.0 * np.exp(5e-4 * rng.standard_t(4, 20_000).cumsum())
    assert len(bad_places(price)) <= 2


def test_file_that_never_moves_has_no_bad_prints() -> None:
    assert len(bad_places(np.full(50, 7.0))) == 0
    assert len(bad_places(np.array([7.0]))) == 0


@pytest.mark.parametrize("read_at_start", [True, False])
def test_end_of_the_bar_that_was_read_is_confirmed(*, read_at_start: bool) -> None:
    found = facts(session_bars(), stamped_at_start=read_at_start)
    assert found.stamped == ("start" if read_at_start else "end")
    assert found.stamps_fit is True


def test_market_that_never_closes_cannot_tell_where_bars_are_stamped() -> None:
    ends = all_ends(2)
    found = facts(bars_of(ends, linked(len(ends), 0.5)[0]))
    assert (found.stamped, found.stamps_fit) == (None, None)


def test_candles_without_extent_are_counted(tmp_path: Path) -> None:
    prices = session_bars(1)
    assert flat_share(csv(tmp_path / "flat.csv", prices, candles=True)) == 1.0
    assert flat_share(csv(tmp_path / "closes.csv", prices)) is None
    mixed = tmp_path / "mixed.csv"
    mixed.write_text("date,Open,High,Low,Close\n2026-01-01,1,1,1,1\n2026-01-02,1,2,1,1\n")
    assert flat_share(mixed) == 0.5
