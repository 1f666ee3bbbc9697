"""Supported, refuted or undecided, with the reason."""

from __future__ import annotations

from math import ceil
from typing import Literal

import msgspec

from daemon.claims.estimate import Estimate
from daemon.claims.finding import Finding
from daemon.claims.statement import Side, Statement
from daemon.claims.texts import bound_text, figure_text

Word = Literal["supported", "refuted", "undecided"]

_FAR = 50.0
"""Times as many data as there are beyond which it is no use to say how many."""


class Verdict(msgspec.Struct, frozen=True):
    """`firm`: it stands with all looks counted; None where chance has no part, or undecided."""

    word: Word
    reason: str
    firm: bool | None = None


def judge(statement: Statement, finding: Finding, looks: int) -> Verdict:
    """What a finding says of a statement, one of `looks` that were tried."""
    estimate, supported, refuted = finding.estimate, statement.supported, statement.refuted
    if estimate is None or supported is None or refuted is None:
        return Verdict("undecided", finding.lacking or "nothing to judge it by")
    sides: tuple[tuple[Word, Side], ...] = (("supported", supported), ("refuted", refuted))
    for word, side in sides:
        if side.holds(*_ends(estimate)):
            if word == "supported" and finding.doubt:
                return Verdict("undecided", finding.doubt)
            firm = side.holds(*_ends(estimate, looks)) if estimate.error is not None else None
            return Verdict(word, _reason(estimate, side, looks, firm=firm), firm)
    return Verdict("undecided", _undecided(estimate, supported, refuted))


def _ends(estimate: Estimate, looks: int = 1) -> tuple[float, float]:
    return estimate.interval(looks) or (estimate.value, estimate.value)


def _reason(estimate: Estimate, side: Side, looks: int, *, firm: bool | None) -> str:
    bound = bound_text(side, estimate.unit)
    if firm is None:
        return f"the figure is {bound}"
    counted = "also" if firm else "but not"
    return f"the interval is {bound}, {counted} with all {looks} looks counted"


def _undecided(estimate: Estimate, supported: Side, refuted: Side) -> str:
    needed = _needed(estimate, supported, refuted)
    more = f"; {needed:,} observations would tell, if the figure stayed" if needed else ""
    bounds = sorted({supported.bound, refuted.bound})
    held = " and ".join(figure_text(bound, estimate.unit) for bound in bounds)
    return f"the interval holds {held}{more}" if len(bounds) == 1 else _between(held, more)


def _between(held: str, more: str) -> str:
    return f"the interval is on neither side of {held}{more}"


def _needed(estimate: Estimate, supported: Side, refuted: Side) -> int | None:
    """How many observations would bring the interval to the nearer side; None where no use."""
    low, high = _ends(estimate)
    for side in (supported, refuted):
        gap = estimate.value - side.bound if side.below is None else side.bound - estimate.value
        reach = estimate.value - low if side.below is None else high - estimate.value
        if gap > 0.0 and (reach / gap) ** 2 < _FAR:
            return ceil(estimate.n * (reach / gap) ** 2)
    return None
