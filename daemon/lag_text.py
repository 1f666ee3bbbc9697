"""How lags are written, in pictures and beside them."""

from __future__ import annotations

from math import isinf

from streams.lead import Profile


def lag_text(seconds: float) -> str:
    """Of either sign, with a true minus.

    >>> lag_text(3.0), lag_text(-1.5), lag_text(0.0)
    ('+3 s', '−1.5 s', '0 s')
    """
    text = f"{seconds:+g}".replace("-", "−") if seconds else "0"
    return f"{text} s"


def veto_text(profile: Profile) -> str:
    """Which lags say nothing."""
    if isinf(profile.veto):
        return "no lag says anything on these feeds"
    if profile.veto >= profile.points[-1][0]:
        return f"lags within ±{profile.veto:.0f} s say nothing: all of these"
    return f"lags within ±{profile.veto:.1f} s say nothing"
