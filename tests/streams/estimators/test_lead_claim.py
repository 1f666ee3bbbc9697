from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.lead_claim import DAYS, NEEDED, LeadClaim, Stamps, day_lag, veto
from streams.estimators.lead_lag import HEAD, NX, NY, VX, VY, LeadLag, grid

VENUE = Stamps(by_venue=True, resolution=1_000)


def claim_after(*lags: float) -> LeadClaim:
    claim = LeadClaim("ETH", "IWM")
    for lag in lags:
        claim.add_day(lag)
    return claim


def day(lag: int, cross: float = 1.0) -> LeadLag:
    """A session of 600 s in which y follows x by `lag` s."""
    rng = np.random.default_rng(3)
    path = (rng.standard_normal(700) * 1e-4).cumsum()
    pair = LeadLag(grid(12.0, 1.0))
    for i in range(50, 650):
        pair.both_tick(float(i), float(path[i]), cross * float(path[i - lag]))
    pair.break_()
    return pair


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        (VENUE, Stamps(by_venue=True, resolution=1, polled=True), "IWM's feed is polled"),
        (Stamps(by_venue=False, resolution=1), VENUE, "ETH's feed is stamped on receipt"),
    ],
)
def test_unfit_stamps_are_refused_whatever_the_days_say(x: Stamps, y: Stamps, why: str) -> None:
    claim = claim_after(*[5.0] * 20)
    assert claim.value(VENUE, VENUE).seconds == 5.0
    refused = claim.value(x, y)
    assert (refused.seconds, refused.sentence) == (None, f"no lead can be claimed: {why}")


def test_a_day_on_unfit_stamps_teaches_nothing() -> None:
    claim = claim_after()
    claim.close_day(day(5), VENUE, Stamps(by_venue=False, resolution=1))
    assert claim.value(VENUE, VENUE).of == 0
    claim.close_day(day(5), VENUE, VENUE)
    assert claim.value(VENUE, VENUE).of == 1


@pytest.mark.parametrize(
    ("x", "y", "gap", "expected"),
    [
        (VENUE, VENUE, 2.5, 2.5),
        (VENUE, Stamps(by_venue=True, resolution=1_000_000_000), 0.5, 1.0),
        (Stamps(by_venue=True, resolution=1, delay=3_000_000_000), VENUE, 0.5, 3.0),
    ],
)
def test_the_veto_is_the_coarsest_of_what_the_stamps_carry(
    x: Stamps, y: Stamps, gap: float, expected: float
) -> None:
    assert veto(x, y, gap) == expected


@pytest.mark.parametrize("cross", [1.0, -1.0])
@pytest.mark.parametrize("lag", [-5, 5])
def test_a_day_speaks_for_its_lag_and_not_within_the_veto(lag: int, cross: float) -> None:
    pair = day(lag, cross)
    assert day_lag(pair, beyond=2.0) == lag
    assert day_lag(pair, beyond=5.0) == 0.0
    assert day_lag(pair, beyond=6.0) == 0.0


def profile(tail: float) -> LeadLag:
    """The peak is at 3; beyond 4 there is .3 ahead, at 5, and `tail` behind, at -5."""
    pair = LeadLag(grid(6.0, 1.0))
    pair.state[HEAD : HEAD + 13] = [0.0, tail] + [0.0] * 7 + [0.9, 0.0, 0.3, 0.0]
    pair.state[VX] = pair.state[VY] = 1.0
    pair.state[NX] = pair.state[NY] = 1000.0
    return pair


def test_a_day_whose_tails_lean_the_other_way_speaks_for_none() -> None:
    assert day_lag(profile(tail=0.2), beyond=2.0) == 3.0
    assert day_lag(profile(tail=0.8), beyond=2.0) == 0.0


def test_a_lag_beyond_the_veto_by_less_than_a_step_speaks_for_none() -> None:
    assert day_lag(profile(tail=0.2), beyond=2.2) == 0.0


def test_a_day_without_enough_ticks_speaks_for_none() -> None:
    assert day_lag(LeadLag(grid(5.0, 1.0)), beyond=0.0) == 0.0


def test_a_lead_is_claimed_from_18_days_on_by_the_median_lag() -> None:
    lags = [-8.0, -7.5, -9.0]
    claim = claim_after(*lags * 5, -8.0, -8.0)
    early = claim.value(VENUE, VENUE)
    assert early.seconds is None
    assert early.sentence == "no lead can be claimed before 18 days: 17 so far"

    claim.add_day(-8.0)
    assert claim.value(VENUE, VENUE).sentence == "IWM moves first by 8 s (18 of 18 days)"


@pytest.mark.parametrize("other", [0.0, 4.0])
def test_days_for_the_other_or_for_none_count_against(other: float) -> None:
    claim = claim_after(*[-8.0] * 17, *[other] * 3)
    found = claim.value(VENUE, VENUE)
    assert (found.seconds, found.days, found.of) == (None, 17, 20)
    first = 3 if other else 0
    assert found.sentence == (f"no lead: ETH first on {first} of 20 days, IWM on 17; 18 are needed")


def test_what_is_20_days_old_is_forgotten() -> None:
    claim = claim_after(*[8.0] * 20)
    assert claim.value(VENUE, VENUE).seconds == 8.0
    for _ in range(3):
        claim.add_day(0.0)
    assert claim.value(VENUE, VENUE).seconds is None


def test_a_saved_state_goes_on() -> None:
    claim = claim_after(*[2.0] * 18)
    again = LeadClaim("ETH", "IWM", list(claim.state))
    assert again.value(VENUE, VENUE) == claim.value(VENUE, VENUE)


def test_tosses_of_a_coin_looked_at_every_day_claim_in_less_than_5_years_of_100() -> None:
    rng = np.random.default_rng(20)
    tosses = np.where(rng.random((20_000, 252)) < 0.5, 1, -1).cumsum(axis=1)
    tosses = np.pad(tosses, ((0, 0), (DAYS, 0)))
    extent = np.abs(tosses[:, DAYS:] - tosses[:, :-DAYS])
    ever = (extent >= 2 * NEEDED - DAYS).any(axis=1).mean()
    assert 0.028 <= ever <= 0.04
