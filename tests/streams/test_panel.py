"""Which readings are worked out anew, and when."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from streams.beliefs import Prior
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import CATALOGUE, Cadence, Call
from streams.snapshot import Reading, Snapshot
from streams.tick import Beat, Tick

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
DAY = 86_400
HOUR = 3600.0
NAMES = ("ETH", "IWM", "SPY")
INSTRUMENTS = [
    Instrument("ETH", "24/7", (Route("a", "ETH"),), stale_after=60 * NS),
    *(Instrument(n, "NYSE", (Route("a", n),), stale_after=60 * NS) for n in NAMES[1:]),
]
PAIR = ("ETH", "IWM")


def of(metric: str, window: float | None = HOUR) -> Call:
    rate = CATALOGUE[metric].rate
    names = (*PAIR, "SPY") if CATALOGUE[metric].controlled else PAIR
    return Call(metric, names, None if rate else window, rate)


CALLS = {name: of(name) for name in CATALOGUE if CATALOGUE[name].over == "pair"}


def logs(seconds: int, seed: int = 1) -> np.ndarray:
    """Log prices each second: ETH, and the market with small caps above it."""
    z = np.random.default_rng(seed).standard_normal((seconds, 3)) * 1e-4
    z[:, 0] += 0.5 * z[:, 1]
    z[:, 1] += z[:, 2]
    path: np.ndarray = z.cumsum(axis=0) + np.log([2000.0, 250.0, 670.0])
    return path


def run(market: Market, path: np.ndarray, start: int = OPEN) -> list[Snapshot]:
    """A trade of each every three seconds, at different instants."""
    found = []
    for second in range(1, len(path)):
        leg = second % 3
        ts = start + second * NS
        price = float(np.exp(path[second, leg]))
        trade = Tick("trade", "a", NAMES[leg], price, 1.0, None, None, ts, ts + NS // 50)
        found += list(market.accept(trade))
    return found


def market(*metrics: str) -> Market:
    calls = [CALLS[name] for name in metrics]
    prior = {"ETH-IWM": Prior(correlation=0.5, beta=1.1)}
    return Market(INSTRUMENTS, [Pair(*PAIR, controls=("SPY",))], calls, priors=prior)


def fresh(snapshots: list[Snapshot], call: Call) -> list[int]:
    """The seconds after the open at which the reading was another object than before."""
    return [
        (b.ts - OPEN) // NS
        for a, b in pairwise(snapshots)
        if b.readings[call.key] is not a.readings[call.key]
    ]


@pytest.fixture(scope="module")
def hour() -> list[Snapshot]:
    names = [name for name in CALLS if name not in {"lead", "llr"}]
    return run(market(*names), logs(4000))


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"lead", "llr"}))
def test_a_reading_is_worked_out_when_its_data_have_come(hour: list[Snapshot], name: str) -> None:
    settled = [at for at in fresh(hour, CALLS[name]) if at > 1000]
    apart = {b - a for a, b in pairwise(settled)}
    match CATALOGUE[name].cadence:
        case Cadence.MINUTE:
            assert apart == {60}
        case Cadence.BAR:
            assert apart == {15}
        case Cadence.TICK:
            assert max(apart) <= 5
            assert len(settled) > 900


def test_every_estimator_of_a_pair_says_something(hour: list[Snapshot]) -> None:
    silent = {name for name, call in CALLS.items() if name in NOW and value(hour[-1], call) is None}
    assert not silent


NOW = {
    "corr", "corr_low", "corr_high", "corr_flat", "pearson", "ew_pearson", "quadrant", "partial",
    "relative", "beta", "breakdown",
}  # fmt: skip


def value(snapshot: Snapshot, call: Call) -> float | bool | None:
    return snapshot.readings[call.key].value


def test_both_hayashi_yoshidas_and_both_pearsons_are_near_each_other(hour: list[Snapshot]) -> None:
    last = {name: float(value(hour[-1], CALLS[name]) or 0.0) for name in NOW}
    assert last["corr_low"] < last["corr"] < last["corr_high"]
    assert last["corr_flat"] == pytest.approx(last["corr"], abs=0.1)
    assert last["ew_pearson"] == pytest.approx(last["pearson"], abs=0.15)


def test_relative_is_the_correlation_with_what_small_caps_did_other_than_the_market() -> None:
    path = logs(4000)
    snapshots = run(market("relative", "ew_pearson", "partial"), path)
    minutes = np.diff(path[60 - 3 :: 60][:-1], axis=0)
    expected = np.corrcoef(minutes[:, 0], minutes[:, 1] - minutes[:, 2])[0, 1]
    found = value(snapshots[-1], CALLS["relative"])
    assert found == pytest.approx(expected, abs=0.12)
    assert found != value(snapshots[-1], CALLS["ew_pearson"])


def test_the_first_snapshot_of_a_session_tells_nothing_of_the_one_before() -> None:
    found = market("divergence", "risk_on", "corr", "corr_flat")
    run(found, logs(4000))
    run(found, logs(200, seed=2), start=OPEN + (DAY - 200) * NS)
    *_, opened = found.accept(Beat(OPEN + DAY * NS + NS))
    assert opened.readings[CALLS["divergence"].key].reason == "warming up 0/15"
    for name in ("corr", "corr_flat"):
        assert opened.readings[CALLS[name].key].reason == "first 15 minutes of the session"


def test_silence_of_a_leg_is_told_by_all_and_ends_for_all() -> None:
    found = market("corr", "pearson", "breakdown")
    run(found, logs(2000))
    (silent,) = {
        found_.readings[call.key].reason
        for found_ in list(found.accept(Beat(OPEN + 2100 * NS)))[-1:]
        for call in (CALLS["corr"], CALLS["pearson"], CALLS["breakdown"])
    }
    assert "stale" in silent
    back = run(found, logs(60, seed=3), start=OPEN + 2100 * NS)[-1].readings
    assert all(isinstance(back[CALLS[name].key], Reading) for name in ("corr", "pearson"))
    assert back[CALLS["corr"].key].value is not None
    assert back[CALLS["pearson"].key].value is not None
