"""How loudly a chat is told."""

from __future__ import annotations

import asyncio

from alerts.notifiers.telegram_address import Address
from alerts.transition import Transition


class Volume:
    """As configured, and as somebody in the chat wants it for a while."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._muted_until = 0.0

    def off(self, transition: Transition) -> bool:
        """Whether it is not told at all."""
        return self._address.loudness(transition.severity) == "off"

    def silent(self, transition: Transition) -> bool:
        """Whether it makes no sound: nobody need look at what another has rung for."""
        return (
            self._address.loudness(transition.severity) == "silent"
            or bool(transition.group or transition.acknowledged)
            or self.muted > 0
        )

    def mute(self, seconds: float) -> None:
        """No sound for so long (0: from now on again); alerts are told all the same."""
        self._muted_until = _now() + seconds

    @property
    def muted(self) -> float:
        """Seconds for which there will be no sound."""
        return max(0.0, self._muted_until - _now())


def _now() -> float:
    return asyncio.get_running_loop().time()
