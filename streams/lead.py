"""Who moves first, for one pair: the session's lag profile, and the claim over days."""

from __future__ import annotations

from math import inf

import msgspec

from streams.estimators.lead_claim import Claim, LeadClaim, Stamps, day_lag, veto
from streams.estimators.lead_lag import LeadLag, grid
from streams.snapshot import Reading

LAGS = grid(30.0, 1.5)
"""Seconds: 41 lags."""


class Profile(msgspec.Struct, frozen=True):
    """The session's correlations over the lags, and what may be made of them.

    `points` are (lag in seconds, correlation), x first where the lag is above 0; none where
    `reason` says why. Within `veto` seconds a lag says nothing: infinite where the feeds can carry
    no lead at all.
    """

    claim: str
    """What may be said of who leads, over the days."""
    points: tuple[tuple[float, float], ...] = ()
    reason: str = ""
    veto: float = inf
    peak: float = 0.0
    """The lag of the largest correlation."""
    speaks: float = 0.0
    """The lag for which the session so far speaks, 0 where for none."""
    llr: float | None = None
    n: float = 0.0
    """Ticks of the slower leg."""


class Lead:
    """Takes every tick of both legs; built only where a rule asks for a lead.

    `x` and `y` are the legs' names, for sentences.
    """

    def __init__(self, x: str, y: str) -> None:
        self._profile = LeadLag(LAGS)
        self._claim = LeadClaim(x, y)
        self._stamps: tuple[Stamps, Stamps] | None = None

    def use(self, x: Stamps, y: Stamps) -> None:
        """How the feeds in use stamp their ticks; a day's verdict rests on one way of stamping."""
        if (x, y) != self._stamps:
            self._stamps = x, y
            self._profile.new_session()

    def tick(self, is_x: bool, seconds: float, log_price: float) -> None:  # noqa: FBT001  # the hot path
        """A log price at trading time `seconds`."""
        if is_x:
            self._profile.x_tick(seconds, log_price)
        else:
            self._profile.y_tick(seconds, log_price)

    def break_(self) -> None:
        """Make no return of what comes next and what came before."""
        self._profile.break_()

    def new_session(self) -> None:
        """The session before counts as a day of the claim."""
        self._profile.break_()
        if self._stamps is not None:
            self._claim.close_day(self._profile, *self._stamps)
        self._profile.new_session()

    def lead(self) -> Reading:
        """The lead that may be claimed, in seconds; None with the sentence why none is."""
        if self._stamps is None:
            return Reading(None, "no data yet")
        claim: Claim = self._claim.value(*self._stamps)
        if claim.seconds is None:
            return Reading(None, claim.sentence, n=claim.of)
        return Reading(claim.seconds, n=claim.of, note=claim.sentence)

    def profile(self) -> Profile:
        """The session's profile so far; that of the session before, while the market is closed."""
        held, stamps = self._profile, self._stamps
        claim = self.lead()
        said, peak = claim.note or claim.reason, held.value()
        if stamps is None:
            return Profile(said)
        if peak.value is None:
            return Profile(said, reason=peak.reason)
        gap = held.gap
        within = inf if gap is None or not self._claim.carried(*stamps) else veto(*stamps, gap)
        return Profile(
            claim=said,
            points=held.profile(),
            veto=within,
            peak=float(peak.value),
            speaks=day_lag(held, within),
            llr=held.llr(),
            n=peak.n or 0.0,
        )

    def llr(self) -> Reading:
        """The session's lead-lag ratio so far: a description, no claim."""
        peak = self._profile.value()
        ratio = self._profile.llr()
        if peak.value is None or ratio is None:
            return Reading(None, peak.reason or "constant", n=peak.n)
        return Reading(ratio, n=peak.n, note=f"today's peak at {peak.value:+g} s")
