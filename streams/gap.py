"""Divergence of one pair and what rests on it: betas, the minute profile, the regime."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from streams.attribution import attribution
from streams.beliefs import Belief, Prior, learned_or_prior
from streams.estimators.beta import Beta
from streams.estimators.decay import halflife
from streams.estimators.divergence import Divergence, Shares
from streams.estimators.joint_beta import JointBeta
from streams.estimators.profile import Profile
from streams.estimators.regime import Regime
from streams.metric import SLOW
from streams.snapshot import Reading

_MINUTES_A_SESSION = 390
_DAY = 86_400


def trading_minutes(window: float) -> int:
    """The one-minute bars in a window: a day has 390 of them, a week five times as many."""
    if window >= _DAY:
        return round(window / _DAY * _MINUTES_A_SESSION * (5 / 7 if window > _DAY else 1))
    return max(round(window / 60), 1)


class Gap:
    """How far x is from what y, and x's own market where it is fed, imply."""

    def __init__(
        self,
        x: str,
        y: str,
        prior: Prior,
        *,
        controls: Sequence[str] = (),
        second: int | None = None,
    ) -> None:
        self._names = x, y, "" if second is None else controls[second]
        self._prior = prior
        self._second = second
        slow = halflife(trading_minutes(SLOW))
        self._beta = Beta(slow)
        self._joint = JointBeta(slow) if second is not None else None
        self._profile = Profile(_MINUTES_A_SESSION)
        self._divergence: dict[float, Divergence] = {}

    def build(self, horizon: float) -> Divergence:
        """The estimator over `horizon` seconds, fed from now on."""
        return self._divergence.setdefault(horizon, Divergence(trading_minutes(horizon)))

    @property
    def beta(self) -> Belief | None:
        """X's move for a move of 1 of y, learned or a prior."""
        return learned_or_prior(self._beta.value(), self._prior.beta)

    def new_session(self, missed: int) -> None:
        """A session has begun, `missed` minutes ago."""
        self._profile.new_session()
        for divergence in self._divergence.values():
            divergence.new_session(missed_bars=missed)

    def rejoin(self, missed: int) -> None:
        """Begin anew in a session, `missed` minutes after its opening; it was counted already."""
        for divergence in self._divergence.values():
            divergence.new_session(missed_bars=missed)

    def minute(self, x: float, y: float, controls: Sequence[float | None], minute: int) -> None:
        """The returns of one minute of the session."""
        z = controls[self._second] if self._second is not None else 0.0
        if z is None:
            # Without x's market the residual would be another quantity.
            return
        betas = self._betas()
        if betas is not None:
            self._residual(x, y, z, betas, minute)
        self._beta.update(x, y)
        if self._joint is not None:
            self._joint.update(x, y, z)

    def _betas(self) -> tuple[float, float] | None:
        """On y and on x's market; on y alone while nothing is known of both."""
        if self._joint is not None:
            on_y, on_z = self._joint.value()
            if on_y.value is not None and on_z.value is not None:
                return float(on_y.value), float(on_z.value)
        alone = self.beta
        return None if alone is None else (alone.value, 0.0)

    def _residual(
        self, x: float, y: float, z: float, betas: tuple[float, float], minute: int
    ) -> None:
        on_y, on_z = betas
        scale = self._profile.scale(minute)
        for divergence in self._divergence.values():
            divergence.update(x, y, on_y, rz=z, beta_z=on_z, scale=scale)
        self._profile.update(minute, x - on_y * y - on_z * z)

    def reader(self, horizon: float) -> Callable[[], Reading]:
        """What answers for the divergence over `horizon` seconds."""
        divergence = self.build(horizon)
        return lambda: self._reading(divergence)

    def _reading(self, divergence: Divergence) -> Reading:
        """The divergence, with what x's move was due to."""
        betas = self._betas()
        if betas is None:
            return Reading(None, "no beta yet: " + self._beta.value().reason)
        found = divergence.value()
        shares = divergence.shares()
        if found.value is None or shares is None:
            return found
        return msgspec.structs.replace(found, note=self._attributed(shares))

    def _attributed(self, shares: Shares) -> str:
        """`of ETH's −2.7%: −0.3% with IWM, −0.4% with BTC, −2.0% its own; …`: `attribution`."""
        x, y, market = self._names
        parts = [f"{_percent(shares.y)} with {y}"]
        if self._joint is not None:
            parts.append(f"{_percent(shares.z)} with {market}")
        parts.append(f"{_percent(shares.alone)} its own")
        said = attribution(shares, x, y, market)
        whole = f"of {x}'s {_percent(shares.move)}: {', '.join(parts)}"
        return f"{whole}; {said}" if said else whole


def _percent(value: float) -> str:
    text = f"{abs(value):.1%}"
    sign = "" if text == "0.0%" else "−" if value < 0 else "+"
    return f"{sign}{text}"


class RegimeWatch:
    """The regime over one horizon, from both legs' own moves and their divergence."""

    def __init__(self, gap: Divergence, horizon: float) -> None:
        self._gap = gap
        minutes = trading_minutes(horizon)
        self._x, self._y = Divergence(minutes), Divergence(minutes)
        self._regime = Regime()

    def minute(self, x: float, y: float) -> None:
        """The returns of one minute; the divergence has taken them already."""
        self._x.update(x, 0.0, 0.0)
        self._y.update(y, 0.0, 0.0)
        self._regime.update(self._x.value(), self._y.value(), self._gap.value())

    def new_session(self) -> None:
        """A session begins."""
        for leg in (self._x, self._y):
            leg.new_session()
        self._regime.new_session()

    def reading(self, place: int) -> Reading:
        """Whether the state in that place of the regime's order is the one."""
        found = self._regime.value()
        if found.value is None:
            return found
        return Reading(int(found.value) == place, n=self._regime.bars, note=f"regime {found.note}")
