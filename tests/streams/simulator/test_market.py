from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from math import asin, exp, pi

import msgspec
import numpy as np
import pytest

from streams.simulator.hours import NS, START_NS, to_ns
from streams.simulator.instruments import MODEL, Floats
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import CALM, DEMO, JointMove, Script

MINUTE = 60
NAMES = [i.name for i in MODEL.instruments]


@pytest.fixture(scope="module")
def calm() -> SimulatedMarket:
    return SimulatedMarket(seed=3, script=CALM)


@pytest.fixture(scope="module")
def demo() -> SimulatedMarket:
    return SimulatedMarket()


def _logs(market: SimulatedMarket, start: float = 0, end: float | None = None) -> Floats:
    """Log prices each second, a row an instrument, over some seconds from the start."""
    stop = None if end is None else int(end) + 1
    prices = [market.path(name).price[int(start) : stop] for name in NAMES]
    return np.asarray(np.log(np.array(prices)))


def _correlations(market: SimulatedMarket, start: float = 0, end: float | None = None) -> Floats:
    return np.asarray(np.corrcoef(np.diff(_logs(market, start, end))))


def _digest(market: SimulatedMarket) -> str:
    digest = hashlib.sha256()
    for listing in market.model.listings:
        tape = msgspec.structs.asdict(market.tape(listing.venue, listing.symbol))
        for name in sorted(tape.keys() - {"listing"}):
            digest.update(tape[name].tobytes())
    for past in market.history(sessions=3).values():
        for column in msgspec.structs.astuple(past):
            digest.update(column.tobytes())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    script = Script(duration=600.0)
    first = _digest(SimulatedMarket(seed=1, script=script))
    assert first == _digest(SimulatedMarket(seed=1, script=script))
    assert first != _digest(SimulatedMarket(seed=2, script=script))


def test_calm_correlations_are_those_of_the_model(calm: SimulatedMarket) -> None:
    found = _correlations(calm)
    assert np.abs(found - MODEL.matrix).max() < 0.03


def test_volatility_is_that_of_the_model(calm: SimulatedMarket) -> None:
    found = np.diff(_logs(calm)).std(axis=1) * np.sqrt(MINUTE)
    asked = [i.volatility for i in MODEL.instruments]
    assert found == pytest.approx(asked, rel=0.25)
    assert found / found[0] == pytest.approx(np.array(asked) / asked[0], rel=0.03)


def test_one_minute_returns_have_fat_tails() -> None:
    returns = np.concatenate(
        [
            np.diff(_logs(SimulatedMarket(seed=seed, script=CALM))[0, ::MINUTE])
            for seed in range(10, 14)
        ]
    )
    assert (returns**4).mean() / (returns**2).mean() ** 2 > 3.5


def test_decoupling_takes_the_link_and_leaves_those_inside_each_group(
    demo: SimulatedMarket,
) -> None:
    broken = _correlations(demo, 90 * MINUTE, 150 * MINUTE)
    restored = _correlations(demo, 150 * MINUTE, 205 * MINUTE)
    assert np.abs(broken[:2, 2:]).max() < 0.06
    assert broken[0, 1] == pytest.approx(0.85, abs=0.03)
    assert broken[2, 3] == pytest.approx(0.85, abs=0.03)
    assert np.abs(restored - MODEL.matrix).max() < 0.06


def test_eth_alone_falls_and_comes_back(demo: SimulatedMarket) -> None:
    eth, _, iwm, _ = _logs(demo)
    beta = 0.6 * 0.0009 / 0.0007
    residual = (eth - beta * iwm) / MODEL.residual("ETH", "IWM", 60)
    at = residual[::MINUTE]
    assert at[20] - at[12] == pytest.approx(-6.5, abs=1.5)


def test_a_joint_move_is_exactly_what_it_says(demo: SimulatedMarket) -> None:
    fall = next(p for p in DEMO.phases if isinstance(p, JointMove) and p.start > 0)
    for name, move in fall.moves:
        price = demo.path(name).price[::MINUTE]
        assert price[220] / price[205] == pytest.approx(1 + move)
        assert price[244] / price[232] == pytest.approx((1 + move) ** -0.9)


def test_a_joint_move_is_rough_and_the_instruments_are_not_one(demo: SimulatedMarket) -> None:
    """A straight line would have minutes all alike, and a correlation of 1."""
    legs = np.log(
        [demo.path(name).price[205 * MINUTE : 220 * MINUTE + 1] for name in ("ETH", "IWM")]
    )
    minutes = np.diff(legs[:, ::MINUTE])
    assert (np.sign(minutes) != np.sign(minutes.sum(axis=1))[:, None]).sum() > 4
    steps = np.diff(legs[:, ::5])
    assert 0.65 < np.corrcoef(steps)[0, 1] < 0.9


def test_the_fall_leaves_eth_near_what_small_caps_imply() -> None:
    fall = next(p for p in DEMO.phases if isinstance(p, JointMove) and p.start > 0)
    moves = {name: np.log1p(move) for name, move in fall.moves}
    residual = moves["ETH"] - 0.6 * 0.0009 / 0.0007 * moves["IWM"]
    assert abs(residual) < 1.5 * MODEL.residual("ETH", "IWM", 60)


def test_a_phase_before_the_start_shapes_the_day_so_far(demo: SimulatedMarket) -> None:
    past = demo.history(sessions=2)
    eth, iwm = past["ETH"], past["IWM"]
    assert eth.close[-1] / eth.daily_close[-1] - 1 == pytest.approx(-0.005, abs=2e-4)
    assert iwm.close[-1] / iwm.daily_close[-1] - 1 == pytest.approx(-0.002, abs=2e-4)


def test_ticks_come_at_the_listings_rates(calm: SimulatedMarket) -> None:
    for listing in MODEL.listings:
        tape = calm.tape(listing.venue, listing.symbol)
        for rate, stamps in ((listing.trades, tape.trade_ts), (listing.quotes, tape.quote_ts)):
            expected = rate * CALM.duration
            assert len(stamps) == pytest.approx(expected, abs=4 * np.sqrt(expected))
            gaps = np.diff(stamps) / NS
            assert gaps.std() == pytest.approx(1 / rate, rel=0.05)  # a Poisson process's
            assert (gaps > 0).all()


def test_prices_are_on_the_venues_ticks_and_near_the_path(calm: SimulatedMarket) -> None:
    for listing in MODEL.listings:
        tape = calm.tape(listing.venue, listing.symbol)
        assert (np.round(tape.trade_price, listing.decimals) == tape.trade_price).all()
        assert (tape.bid < tape.ask).all()
        seconds = (tape.trade_ts - calm.start_ns) // NS
        mid = calm.path(listing.instrument).price[seconds] * (1 + listing.basis)
        move = MODEL.instruments[MODEL.index[listing.instrument]].volatility
        assert np.median(np.abs(tape.trade_price / mid - 1)) < move / 4


def test_kraken_prints_other_trades_a_small_basis_away(calm: SimulatedMarket) -> None:
    coinbase, kraken = calm.tape("coinbase", "ETH-USD"), calm.tape("kraken", "ETH/USD")
    assert not set(coinbase.trade_ts.tolist()) & set(kraken.trade_ts.tolist())
    before = np.searchsorted(coinbase.trade_ts, kraken.trade_ts[10:]) - 1
    basis = np.median(kraken.trade_price[10:] / coinbase.trade_price[before] - 1)
    assert basis == pytest.approx(2e-4, abs=3e-5)


def test_equities_stop_at_the_close_and_crypto_goes_on() -> None:
    close = to_ns(datetime(2026, 3, 17, 20, tzinfo=UTC))
    market = SimulatedMarket(script=Script(duration=600.0), start_ns=close - 300 * NS)
    assert market.tape("alpaca", "SPY").trade_ts[-1] <= close
    assert market.tape("alpaca", "SPY").trade_ts[-1] > close - 60 * NS
    assert market.tape("coinbase", "ETH-USD").trade_ts[-1] > close + 240 * NS


NIGHT = 4 * (17 * 60 + 30)
"""Bars from 16:00 to 09:30: what trades round the clock has its last night too."""


def test_history_is_of_whole_regular_sessions_and_today_until_the_start(
    demo: SimulatedMarket,
) -> None:
    past = demo.history(sessions=20)
    for name, one in past.items():
        assert len(one.ts) == 20 * 1560 + 120 + NIGHT * (name in {"ETH", "BTC"})
        assert one.ts[-1] == START_NS
        assert (one.ts % (15 * NS) == 0).all()
    # The clocks of New York went forward on 8 March.
    assert past["IWM"].ts[0] == to_ns(datetime(2026, 2, 17, 14, 30, 15, tzinfo=UTC))
    assert past["IWM"].ts[-120] == to_ns(datetime(2026, 3, 17, 13, 30, 15, tzinfo=UTC))
    assert past["IWM"].daily_ts[-1] == to_ns(datetime(2026, 3, 16, 20, tzinfo=UTC))
    assert len(past["IWM"].daily_ts) == 20
    assert past["ETH"].daily_ts[-1] == to_ns(datetime(2026, 3, 17, tzinfo=UTC))
    assert (np.diff(past["ETH"].daily_ts) == 86_400 * NS).all()


def test_history_ends_at_the_price_at_which_ticks_begin(demo: SimulatedMarket) -> None:
    past = demo.history(sessions=1)
    for instrument in MODEL.instruments:
        tolerance = 5 * instrument.volatility
        assert past[instrument.name].close[-1] == pytest.approx(instrument.price, rel=tolerance)
        first = demo.path(instrument.name).price[0]
        assert first == pytest.approx(instrument.price, rel=1e-12)


def _concordance(x: Floats, y: Floats) -> float:
    signs = np.sign(x) * np.sign(y)
    return float((signs[signs != 0] > 0).mean())


def _past_concordance(seed: int) -> float:
    past = SimulatedMarket(seed=seed).history(sessions=20)
    both, x, y = np.intersect1d(past["ETH"].ts, past["IWM"].ts, return_indices=True)
    inside = np.diff(both) == 15 * NS
    closes = past["ETH"].close[x], past["IWM"].close[y]
    return _concordance(*(np.diff(close)[inside] for close in closes))


def _concordance_tick_by_tick(seed: int) -> float:
    """The same, with every tick of 20 sessions drawn and bars closed on the tick before."""
    rng, seconds = np.random.default_rng(seed), 20 * 23_400
    listings = [MODEL.primary(name) for name in ("ETH", "IWM")]
    ticks = [np.sort(rng.uniform(0, seconds, rng.poisson(o.trades * seconds))) for o in listings]
    times = np.union1d(*ticks)
    shocks = rng.standard_normal((len(times), 2)) @ np.linalg.cholesky([[1, 0.6], [0.6, 1]]).T
    shocks *= np.sqrt(np.diff(times, prepend=0) / MINUTE)[:, None]
    ends, bars = np.arange(15, seconds + 1, 15), []
    for n, (listing, at) in enumerate(zip(listings, ticks, strict=True)):
        instrument = MODEL.instruments[MODEL.index[listing.instrument]]
        log = instrument.volatility * np.cumsum(shocks[:, n])[np.searchsorted(times, at)]
        bounce = np.where(rng.random(len(at)) < 0.5, 1, -1) * listing.half_spread
        price = np.round(instrument.price * np.exp(log) + bounce, listing.decimals)
        bars.append(np.diff(price[np.maximum(np.searchsorted(at, ends, "right") - 1, 0)]))
    return _concordance(*bars)


def test_concordance_of_past_bars_is_that_of_bars_made_tick_by_tick() -> None:
    past = np.mean([_past_concordance(seed) for seed in range(20, 24)])
    exact = np.mean([_concordance_tick_by_tick(seed) for seed in range(4)])
    assert past == pytest.approx(exact, abs=0.006)  # 3 standard deviations
    # Asynchronous ticks take their toll (Epps).
    assert past < 0.5 + asin(0.6) / pi - 0.01


def test_a_bar_without_a_trade_repeats_the_last_close() -> None:
    slow = [
        msgspec.structs.replace(one, trades=0.02) if one.symbol == "IWM" else one
        for one in MODEL.listings
    ]
    model = msgspec.structs.replace(MODEL, listings=tuple(slow))
    past = SimulatedMarket(model=model).history(sessions=5)["IWM"]
    repeated = (np.diff(past.close) == 0).mean()
    assert repeated == pytest.approx(exp(-0.02 * 15), abs=0.04)


def test_injections_tell_what_was_done_and_when(demo: SimulatedMarket) -> None:
    told = [
        (i.name, (i.start_ns - START_NS) / NS / MINUTE, (i.end_ns - START_NS) / NS / MINUTE)
        for i in demo.injections
    ]
    assert told == [
        ("ETH alone falls", 12, 20),
        ("Coinbase is down", 40, 48),
        ("the link breaks", 90, 150),
        ("both fall", 205, 244),
    ]
    assert demo.end_ns - demo.start_ns == 264 * MINUTE * NS


def test_an_open_burst_makes_the_first_minutes_more_volatile() -> None:
    model = msgspec.structs.replace(MODEL, open_burst=0.9, volatility_of_volatility=0.0, tail=1e6)
    past = SimulatedMarket(seed=2, model=model).history(sessions=40)["IWM"]
    moves = np.diff(past.close)[: 1560 * 40 - 1]
    minute = ((past.ts[1 : 1560 * 40] - past.ts[0]) // (15 * NS) % 5760) // 4
    early, late = moves[(minute > 0) & (minute < 5)], moves[(minute > 180) & (minute < 200)]
    assert early.std() / late.std() == pytest.approx(1.8, abs=0.2)
