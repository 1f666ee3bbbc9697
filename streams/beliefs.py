"""What is believed of a pair, learned or configured: how often it moves together, and its beta.

Detectors rest on these figures, and every alert says where they come from.
"""

from __future__ import annotations

from math import asin, pi
from typing import Literal

import msgspec

from streams.estimators.concordance import USUAL, Concordance, Dispersion
from streams.snapshot import Reading

Origin = Literal["learned", "prior"]


class Prior(msgspec.Struct, frozen=True):
    """What is believed of a pair before enough is learned: its beta, and how minutes correlate."""

    correlation: float | None = None
    beta: float | None = None

    @property
    def concordance(self) -> float | None:
        """The share of minutes in which both move the same way, under a normal law."""
        if self.correlation is None:
            return None
        return 0.5 + asin(self.correlation) / pi


class Belief(msgspec.Struct, frozen=True):
    """A quantity that a detector rests on, and where it comes from."""

    value: float
    origin: Origin
    n: float = 0.0
    dispersion: Dispersion = Dispersion(0.0, 0.0)

    @property
    def source(self) -> str:
        """`learned from 31,200 bars`."""
        return f"learned from {self.n:,.0f} bars" if self.origin == "learned" else "a prior"


def learned_or_prior(learned: Reading, prior: float | None) -> Belief | None:
    """What was learned where there is enough of it, else the prior, else nothing."""
    if learned.value is not None:
        return Belief(float(learned.value), "learned", learned.n or 0.0)
    return None if prior is None else Belief(prior, "prior")


def concordance_belief(learned: Concordance, prior: float | None = None) -> Belief | None:
    """p0 with how far it moves between and within days; `prior` where too little was learned."""
    belief = learned_or_prior(learned.value(), prior)
    if belief is None:
        return None
    measured = learned.dispersion() if belief.origin == "learned" else None
    return msgspec.structs.replace(belief, dispersion=measured or USUAL)
