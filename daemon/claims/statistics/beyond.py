"""Claims that no price can tell."""

from __future__ import annotations

from daemon.claims.data import Data
from daemon.claims.finding import Finding, Statistic
from daemon.claims.missing import MissingError


class Beyond(Statistic, frozen=True, tag="beyond-prices"):
    """What would be needed, in words."""

    needs: str

    def measure(self, data: Data) -> Finding:
        """Raise MissingError: nothing is measured."""
        del data
        raise MissingError(self.needs)
