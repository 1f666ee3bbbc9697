"""Who moves first, for one pair: the session's lag profile, and the claim over days."""

from __future__ import annotations

from streams.estimators.lead_claim import Claim, LeadClaim, Stamps
from streams.estimators.lead_lag import LeadLag, grid
from streams.snapshot import Reading

LAGS = grid(30.0, 1.5)
"""Seconds: 41 lags."""


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

    def llr(self) -> Reading:
        """The session's lead-lag ratio so far: a description, no claim."""
        peak = self._profile.value()
        ratio = self._profile.llr()
        if peak.value is None or ratio is None:
            return Reading(None, peak.reason or "constant", n=peak.n)
        return Reading(ratio, n=peak.n, note=f"today's peak at {peak.value:+g} s")
