"""What happens in a simulated market, and when: phases, in seconds from the start.

A phase may begin before the start; then it shapes the history.
"""

from __future__ import annotations

import msgspec

MINUTE = 60.0
HOUR = 3600.0


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument drifts away from what another implies, and stays there.

    `sigma` is in standard deviations of the residual of `instrument` on `against` over one hour
    of regular session.
    """

    name: str
    instrument: str
    against: str
    sigma: float
    start: float
    duration: float

    @property
    def turns(self) -> tuple[float, ...]:
        """When it begins, and when it rests."""
        return self.start, self.start + self.duration


class Decoupling(msgspec.Struct, frozen=True, kw_only=True):
    """The correlations between `group` and the rest are 0; those inside each stay."""

    name: str
    group: tuple[str, ...]
    start: float
    duration: float

    @property
    def turns(self) -> tuple[float, ...]:
        """When it begins, and when the link is restored."""
        return self.start, self.start + self.duration


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A venue cuts all connections and refuses new ones."""

    name: str
    venue: str
    start: float
    duration: float

    @property
    def turns(self) -> tuple[float, ...]:
        """When it begins, and when the venue accepts connections again."""
        return self.start, self.start + self.duration


class JointMove(msgspec.Struct, frozen=True, kw_only=True):
    """Each named instrument makes exactly its move (a simple return), its noise included.

    `rebound` is the fraction of the move that is taken back.
    """

    name: str
    moves: tuple[tuple[str, float], ...]
    start: float
    duration: float
    rebound: float = 0.0
    rebound_start: float = 0.0
    rebound_duration: float = 0.0

    @property
    def turns(self) -> tuple[float, ...]:
        """When it begins and ends, and so its rebound, where there is one."""
        fall = (self.start, self.start + self.duration)
        if not self.rebound:
            return fall
        return (*fall, self.rebound_start, self.rebound_start + self.rebound_duration)


Phase = Move | Decoupling | Outage | JointMove


class Script(msgspec.Struct, frozen=True):
    """All that happens in the `duration` seconds of a simulated market."""

    duration: float
    phases: tuple[Phase, ...] = ()


class Injection(msgspec.Struct, frozen=True):
    """What was done to the market, for those who judge what was noticed."""

    name: str
    start_ns: int
    end_ns: int


CALM = Script(duration=4 * HOUR)

DEMO = Script(
    duration=264 * MINUTE,
    phases=(
        JointMove(
            name="crypto slips overnight",
            moves=(("ETH", -0.005), ("BTC", -0.004)),
            start=-14 * HOUR,  # 00:00 UTC
            duration=14 * HOUR,
        ),
        JointMove(
            name="equities open a little lower",
            moves=(("IWM", -0.002), ("SPY", -0.001)),
            start=-18 * HOUR,  # 16:00 New York
            duration=18 * HOUR,
        ),
        Move(
            name="ETH alone falls",
            instrument="ETH",
            against="IWM",
            sigma=-6.5,
            start=12 * MINUTE,
            duration=8 * MINUTE,
        ),
        Outage(name="Coinbase is down", venue="coinbase", start=40 * MINUTE, duration=8 * MINUTE),
        Decoupling(
            name="the link breaks",
            group=("ETH", "BTC"),
            start=90 * MINUTE,
            duration=60 * MINUTE,
        ),
        JointMove(
            name="both fall",
            moves=(("ETH", -0.03), ("BTC", -0.026), ("IWM", -0.034), ("SPY", -0.026)),
            start=205 * MINUTE,
            duration=15 * MINUTE,
            rebound=0.9,
            rebound_start=232 * MINUTE,
            rebound_duration=12 * MINUTE,
        ),
    ),
)
"""264 minutes with everything an alert could be about."""
