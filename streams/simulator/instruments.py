"""What trades in the simulated market: instruments, their correlations, and where they are listed.

Volatilities and correlations are of the order measured on real minutes of regular sessions.
"""

from __future__ import annotations

from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class SimulatedInstrument(msgspec.Struct, frozen=True):
    """A price path.

    `price` is the price at the start; `volatility` the standard deviation of one minute's log
    return in New York's regular session, `off_hours` the share of it that is left outside.
    `continuous` where it trades round the clock.
    """

    name: str
    price: float
    volatility: float
    off_hours: float
    continuous: bool


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Where an instrument trades: a Poisson stream of trades and one of quotes.

    Rates are a second; `half_spread` and `tick_size` in the price's currency, `basis` a fraction
    of the price, `size` the median of a trade.
    """

    venue: str
    symbol: str
    instrument: str
    trades: float
    quotes: float
    decimals: int
    half_spread: float
    size: float
    size_decimals: int
    first_id: int
    basis: float = 0.0

    @property
    def tick_size(self) -> float:
        """The smallest step of the price."""
        return float(10.0**-self.decimals)


class Correlation(msgspec.Struct, frozen=True):
    """The correlation of two instruments while nothing is injected."""

    x: str
    y: str
    value: float


class Model(msgspec.Struct, frozen=True, dict=True):
    """The law of the prices.

    Variance runs on one clock for all: a log-normal factor that reverts (`volatility_of_volatility`
    is its standard deviation, `halflife` in minutes) times a Student-t mixing factor of `tail`
    degrees of freedom a minute. `open_burst` makes the session's first minute that much more
    volatile (0.9: 1.9 times), fading by e in 15 minutes.
    """

    instruments: tuple[SimulatedInstrument, ...]
    correlations: tuple[Correlation, ...]
    listings: tuple[Listing, ...]
    """The first listing of an instrument is the one its history is made of."""
    volatility_of_volatility: float = 0.25
    halflife: float = 120.0
    tail: float = 5.0
    open_burst: float = 0.0

    @cached_property
    def index(self) -> dict[str, int]:
        """Instrument → its column."""
        return {instrument.name: n for n, instrument in enumerate(self.instruments)}

    @cached_property
    def matrix(self) -> Floats:
        """The calm correlation matrix."""
        matrix = np.eye(len(self.instruments))
        for c in self.correlations:
            x, y = self.index[c.x], self.index[c.y]
            matrix[x, y] = matrix[y, x] = c.value
        return matrix

    def residual(self, x: str, y: str, minutes: float) -> float:
        """Standard deviation of what `y` leaves unexplained of `x` over so many minutes."""
        rho = float(self.matrix[self.index[x], self.index[y]])
        sigma = self.instruments[self.index[x]].volatility
        return float(sigma * np.sqrt((1 - rho * rho) * minutes))

    def primary(self, instrument: str) -> Listing:
        """The listing that an instrument's history is made of."""
        return next(one for one in self.listings if one.instrument == instrument)


MODEL = Model(
    instruments=(
        SimulatedInstrument("ETH", 2330.0, 0.0009, 0.83, continuous=True),
        SimulatedInstrument("BTC", 74000.0, 0.0007, 0.83, continuous=True),
        SimulatedInstrument("IWM", 250.3, 0.0007, 0.26, continuous=False),
        SimulatedInstrument("SPY", 672.7, 0.0005, 0.26, continuous=False),
    ),
    correlations=(
        Correlation("ETH", "IWM", 0.6),
        Correlation("ETH", "SPY", 0.62),
        Correlation("ETH", "BTC", 0.85),
        Correlation("BTC", "IWM", 0.55),
        Correlation("BTC", "SPY", 0.57),
        Correlation("IWM", "SPY", 0.85),
    ),
    listings=(
        Listing(
            venue="coinbase",
            symbol="ETH-USD",
            instrument="ETH",
            trades=2,
            quotes=1,
            decimals=2,
            half_spread=0.03,
            size=0.2,
            size_decimals=8,
            first_id=825_468_236,
        ),
        Listing(
            venue="coinbase",
            symbol="BTC-USD",
            instrument="BTC",
            trades=2,
            quotes=1,
            decimals=2,
            half_spread=0.5,
            size=0.01,
            size_decimals=8,
            first_id=1_052_119_288,
        ),
        Listing(
            venue="alpaca",
            symbol="IWM",
            instrument="IWM",
            trades=0.5,
            quotes=1,
            decimals=2,
            half_spread=0.005,
            size=100,
            size_decimals=0,
            first_id=52_983,
        ),
        Listing(
            venue="alpaca",
            symbol="SPY",
            instrument="SPY",
            trades=1,
            quotes=1,
            decimals=2,
            half_spread=0.005,
            size=100,
            size_decimals=0,
            first_id=71_204,
        ),
        Listing(
            venue="kraken",
            symbol="ETH/USD",
            instrument="ETH",
            trades=1,
            quotes=1,
            decimals=2,
            half_spread=0.05,
            size=0.5,
            size_decimals=8,
            first_id=71_240_118,
            basis=2e-4,
        ),
        Listing(
            venue="kraken",
            symbol="BTC/USD",
            instrument="BTC",
            trades=1,
            quotes=1,
            decimals=1,
            half_spread=0.5,
            size=0.02,
            size_decimals=8,
            first_id=98_310_562,
            basis=2e-4,
        ),
    ),
)
