"""Statistics of one pair on its one-minute returns, alone or beside a control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from streams.estimators.beta import Beta
from streams.estimators.decay import halflife
from streams.estimators.ew_pearson import EwPearson
from streams.estimators.partial import Partial
from streams.estimators.pearson import Pearson
from streams.estimators.quadrant import Quadrant
from streams.gap import trading_minutes
from streams.metric import Call
from streams.snapshot import Reading


class _Alone(Protocol):
    """An estimator of both legs' returns."""

    def update(self, rx: float, ry: float) -> None:
        """The returns of one minute."""

    def value(self) -> Reading:
        """What they say."""


class _Beside(Protocol):
    """An estimator of both legs' returns and a control's."""

    def update(self, rx: float, ry: float, rz: float) -> None:
        """The returns of one minute."""

    def value(self) -> Reading:
        """What they say."""


class Relative:
    """Correlation of x with what y did other than the control: small caps less the market."""

    __slots__ = ("_pearson",)

    def __init__(self, halflife: float) -> None:
        self._pearson = EwPearson(halflife)

    def update(self, rx: float, ry: float, rz: float) -> None:
        """The returns of one minute."""
        self._pearson.update(rx, ry - rz)

    def value(self) -> Reading:
        """As `EwPearson` has it."""
        return self._pearson.value()


_ALONE: Mapping[str, Callable[[int], _Alone]] = {
    "pearson": Pearson,
    "ew_pearson": lambda minutes: EwPearson(halflife(minutes)),
    "quadrant": lambda minutes: Quadrant(halflife(minutes)),
    "beta": lambda minutes: Beta(halflife(minutes)),
}
_BESIDE: Mapping[str, Callable[[float], _Beside]] = {"partial": Partial, "relative": Relative}

METRICS = frozenset((*_ALONE, *_BESIDE))


class Minutely:
    """Built when asked for, fed from then on."""

    def __init__(self) -> None:
        self._alone: dict[tuple[str, float], _Alone] = {}
        self._beside: dict[tuple[str, str, float], _Beside] = {}

    def build(self, call: Call) -> Callable[[], Reading]:
        """What answers a call of one of `METRICS`."""
        metric, window = call.metric, call.window or 0.0
        minutes = trading_minutes(window)
        if metric in _ALONE:
            key = metric, window
            if key not in self._alone:
                self._alone[key] = _ALONE[metric](minutes)
            return self._alone[key].value
        beside = metric, call.instruments[2], window
        if beside not in self._beside:
            self._beside[beside] = _BESIDE[metric](halflife(minutes))
        return self._beside[beside].value

    def update(self, x: float, y: float, controls: Mapping[str, float | None]) -> None:
        """The returns of one minute; of a control None where it had no price that was fresh."""
        for alone in self._alone.values():
            alone.update(x, y)
        for (_, name, _), beside in self._beside.items():
            z = controls[name]
            if z is not None:
                beside.update(x, y, z)
