"""Where a lead-lag profile is largest, and whether that is more than chance."""

from __future__ import annotations

from statistics import NormalDist

import msgspec
import numpy as np

from daemon.study.profile import Profile
from streams.estimators.interval import Z95
from streams.snapshot import Reading


class Peak(msgspec.Struct, frozen=True):
    """The lag (ns) with the largest correlation, by size, and its place in the profile."""

    place: int
    lag: int
    reading: Reading
    zero: Reading
    linked: bool
    """Told apart from chance, with all lags tried."""
    clear: bool
    """Significantly above the correlation at lag 0."""


def peak_of(profile: Profile) -> Peak:
    """Lag 0 unless another one is larger."""
    values = np.nan_to_num(np.abs(profile.values))
    place = int(values.argmax()) if np.any(values > values[profile.side]) else profile.side
    # Each lag had its chance to be the largest.
    wide = NormalDist().inv_cdf(1.0 - 0.005 / len(values)) / Z95
    outer = profile.at(place, wide)
    reading, zero = profile.at(place), profile.at(profile.side)
    linked = outer.low is not None and outer.high is not None and outer.low * outer.high > 0.0
    return Peak(place, int(profile.lags[place]), reading, zero, linked, _apart(reading, zero))


def _apart(peak: Reading, zero: Reading) -> bool:
    """Whether two intervals do not meet, by size."""
    if None in {peak.low, peak.high, zero.low, zero.high}:
        return False
    low = min(abs(peak.low or 0.0), abs(peak.high or 0.0))
    return low > max(abs(zero.low or 0.0), abs(zero.high or 0.0))


def spill(profile: Profile) -> float:
    """By how much the correlation a bar on x's side of lag 0 is above that on y's."""
    values, middle = np.abs(profile.values), profile.side
    return float(values[middle + 1] - values[middle - 1])
