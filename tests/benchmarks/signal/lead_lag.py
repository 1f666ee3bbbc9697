"""B2: how well a lead is found where one may be claimed, and how often one is made up.

    python -m tests.benchmarks.signal.lead_lag

x ticks twice a second, y every other second unless said otherwise; a grid of 41 lags, half a
second apart. "Told" is the project as it stands, which knows how the feeds stamp; "untold" the
same statistics on the belief that all stamps are the venues' own. A year of looks is 252 sessions
drawn from those simulated.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from math import log

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from streams.estimators.compiled import Floats, merge, run_lead_lag
from streams.estimators.lead_claim import DAYS, NEEDED, LeadClaim, Stamps, day_lag, veto
from streams.estimators.lead_lag import LeadLag, grid

STEP = 0.5
LAGS = grid(10.0, STEP)
RATE_X, RATE_Y = 2.0, 0.5
HOUR, SESSION, YEAR = 3600.0, 23_400.0, 252
POLL, DELAY, BOUND = 5.0, 3.0, 3.3

Leg = tuple[Floats, Floats]
Pair = tuple[Leg, Leg]
Restamp = Callable[[Floats, Floats], Leg]

VENUE = Stamps(by_venue=True, resolution=1_000)


class Feed(msgspec.Struct, frozen=True):
    """How y comes to us, and what we know of it."""

    name: str
    restamp: Restamp
    stamps: Stamps
    rate: float = RATE_Y


class Row(msgspec.Struct, frozen=True):
    """One line of the table; shares are of 1, `target` says what was aimed at."""

    case: str
    figure: str
    value: float
    target: str = ""


def pair(rng: np.random.Generator, seconds: float, rho: float, lag: float, rate_y: float) -> Pair:
    """Poisson ticks of a Brownian pair; x leads by `lag`."""
    tx = np.sort(rng.uniform(0.0, seconds, rng.poisson(RATE_X * seconds)))
    ty = np.sort(rng.uniform(0.0, seconds, rng.poisson(rate_y * seconds)))
    sources = np.concatenate([tx, ty - lag])
    order = np.argsort(sources)
    common = np.empty(len(order))
    common[order] = walk(rng, sources[order])
    x, y = common[: len(tx)], common[len(tx) :]
    return (tx, x), (ty, rho * y + np.sqrt(1.0 - rho * rho) * walk(rng, ty))


def walk(rng: np.random.Generator, t: Floats) -> Floats:
    """A Brownian path at `t`, half a basis point a root second."""
    steps = np.sqrt(np.diff(t, prepend=t[0])) * rng.standard_normal(len(t))
    path: Floats = 5e-5 * np.cumsum(steps)
    return path


def as_is(t: Floats, price: Floats) -> Leg:
    """The venue's own stamps."""
    return t, price


def polled(t: Floats, price: Floats) -> Leg:
    """The last price, stamped when we ask."""
    asked = np.arange(t[0] + POLL, t[-1], POLL)
    return asked, price[np.searchsorted(t, asked) - 1]


def floored(t: Floats, price: Floats) -> Leg:
    """Stamps in whole seconds, the fraction cut off."""
    return np.floor(t), price


def delayed(t: Floats, price: Floats) -> Leg:
    """Stamped on receipt, after a vendor's constant delay."""
    return t + DELAY, price


def late(t: Floats, price: Floats) -> Leg:
    """A venue's stamps, late by as much as it says they may be."""
    return t + BOUND, price


WHOLE_SECONDS = Stamps(by_venue=True, resolution=1_000_000_000)
FEEDS = (
    Feed("clean", as_is, VENUE),
    Feed("polled every 5 s", polled, Stamps(by_venue=False, resolution=1_000, polled=True)),
    Feed("stamps floored to 1 s", floored, WHOLE_SECONDS),
    Feed("the same, y 2 ticks/s", floored, WHOLE_SECONDS, rate=2.0),
    Feed("constant delay of 3 s", delayed, Stamps(by_venue=False, resolution=1_000)),
    Feed("a stated delay of 3.3 s", late, Stamps(by_venue=True, resolution=1, delay=3_300_000_000)),
)


def profile(legs: Pair, restamp: Restamp) -> LeadLag:
    """The finished profile of a stretch of ticks."""
    (tx, x), y = legs
    state = run_lead_lag(merge(tx, x, *restamp(*y)), LAGS)
    found = LeadLag(LAGS, state=state.tolist())
    found.break_()
    return found


def found_leads(rng: np.random.Generator, hours: int) -> Iterator[Row]:
    """How often an hour's lag is within one step of the truth."""
    for rho in (0.6, 0.3, 0.1):
        for lag in (4.0, -8.0):
            found = (
                profile(pair(rng, HOUR, rho, lag, RATE_Y), as_is).value().value
                for _ in range(hours)
            )
            share = np.mean([at is not None and abs(at - lag) <= STEP for at in found])
            target = "≥ 0.95" if rho >= 0.3 else ""
            yield Row(f"rho {rho:g}, lag {lag:g} s, 1 h", "within a step", float(share), target)


def true_lead(rng: np.random.Generator, days: int) -> Iterator[Row]:
    """Whether a true lead is claimed; the veto is 2 s here, the gap of y."""
    for rho, lag in ((0.6, 8.0), (0.3, 8.0), (0.3, 3.0)):
        lags = [
            verdict(profile(pair(rng, SESSION, rho, -lag, RATE_Y), as_is), VENUE)
            for _ in range(days)
        ]
        case = f"rho {rho:g}, y leads by {lag:g} s"
        share = float(np.mean([abs(at + lag) <= STEP for at in lags]))
        yield Row(case, "days that say so", share)
        claimed = ever(rng, lags, 2 * DAYS)
        yield Row(case, f"claimed within {2 * DAYS} days", claimed, "≥ 0.95")


def false_leads(rng: np.random.Generator, days: int) -> Iterator[Row]:
    """What feeds make of no lead at all."""
    for rho, feeds in ((0.5, FEEDS), (0.1, FEEDS), (0.0, FEEDS[:1])):
        for feed in feeds:
            profiles = [
                profile(pair(rng, SESSION, rho, 0.0, feed.rate), feed.restamp) for _ in range(days)
            ]
            yield from judged(rng, f"rho {rho:g}, lag 0, {feed.name}", profiles, feed.stamps)


def judged(
    rng: np.random.Generator, case: str, profiles: Sequence[LeadLag], stamps: Stamps
) -> Iterator[Row]:
    """False claims a year: as it stands, untold of the stamps, and by the ratio alone."""
    told = 0.0 if refused(stamps) else ever(rng, [verdict(p, stamps) for p in profiles], YEAR)
    how = "refused" if refused(stamps) else "judged"
    yield Row(case, f"false claims a year, told: {how}", told, "≤ 0.05")
    if stamps != VENUE:
        untold = ever(rng, [verdict(p, VENUE) for p in profiles], YEAR)
        yield Row(case, "… untold", untold)
        alone = ever(rng, [log(p.llr() or 1.0) for p in profiles], YEAR)
        yield Row(case, "… untold, LLR > 1 alone", alone)


def refused(stamps: Stamps) -> bool:
    """Whether the feed is refused before any statistic."""
    claim = LeadClaim("x", "y")
    for _ in range(DAYS):
        claim.add_day(1.0)
    return claim.value(VENUE, stamps).seconds is None


def verdict(found: LeadLag, stamps: Stamps) -> float:
    """The lag for which a day speaks."""
    gap = found.gap
    return 0.0 if gap is None else day_lag(found, veto(VENUE, stamps, gap))


def ever(rng: np.random.Generator, lags: Sequence[float], days: int, years: int = 20_000) -> float:
    """The share of years with a claim on any day, days drawn from `lags`."""
    return max_share(rng.choice(np.sign(lags), (years, days)))


def max_share(signs: Floats) -> float:
    """The share of rows in which some 20 days or fewer hold 18 of one sign."""
    claims = np.zeros(len(signs), np.bool_)
    for side in (1.0, -1.0):
        count = np.pad(signs == side, ((0, 0), (DAYS, 0))).astype(np.int16).cumsum(axis=1)
        claims |= (count[:, DAYS:] - count[:, :-DAYS] >= NEEDED).any(axis=1)
    return float(claims.mean())


def run(hours: int = 200, days: int = 250, seed: int = 2) -> list[Row]:
    """All rows."""
    rng = np.random.default_rng(seed)
    return [*found_leads(rng, hours), *true_lead(rng, days // 2), *false_leads(rng, days)]


def table(rows: Sequence[Row]) -> Table:
    """For the terminal."""
    drawn = Table("lead-lag (B2)", "", "share", "target", box=None, pad_edge=False)
    case = ""
    for row in rows:
        drawn.add_row(
            row.case if row.case != case else "", row.figure, f"{row.value:.3f}", row.target
        )
        case = row.case
    return drawn


if __name__ == "__main__":
    size = {"hours": 20, "days": 25} if "--quick" in sys.argv else {}
    Console(width=None if sys.stdout.isatty() else 120).print(table(run(**size)))
