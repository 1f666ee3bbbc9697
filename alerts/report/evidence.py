"""The evidence for the bullish, the bearish and the neutral reading: measured, and no opinion.

Which side a figure stands on:

| figure                                  | bullish, bearish                       | neutral       |
|-----------------------------------------|----------------------------------------|---------------|
| the return of a leg                     | half of its usual move or more, up or  | less          |
|                                         | down                                   |               |
| a leg's return less that of its market  | a quarter of the leg's usual or more   | –             |
| minutes in a regime                     | a fifth in risk-on, risk-off           | half in quiet |
| minutes in which x was apart from y     | a fifth above, below what y implies    | –             |
| VIX since the close before              | a twentieth of itself down, up         | –             |
| two-year yield                          | 3 bp down, up                          | –             |
| odds of a cut                           | 5 points up, down                      | –             |
| fear & greed                            | 10 up, down                            | –             |
| correlation                             | –                                      | its interval  |
|                                         |                                        | holds 0       |
| the link                                | –                                      | broken        |
| divergence over an hour                 | –                                      | within 3 σ    |

Usual moves are those of one session, or of as many as there were, by the volatility of one-minute
returns. What is not known stands on no side.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from alerts.report.account import Account, Slow
from alerts.report.words import estimate, figure, level, percent, points, share, sigma

_HALF, _QUARTER, _FIFTH = 0.5, 0.25, 0.2
_CALM = 3.0
_VIX, _BP, _ODDS, _MOOD = 0.05, 3e-4, 0.05, 10.0


class Evidence(msgspec.Struct, frozen=True):
    """What speaks for each reading."""

    bullish: tuple[str, ...]
    bearish: tuple[str, ...]
    neutral: tuple[str, ...]


Found = Iterator[tuple[int, str]]
"""A side (1, −1, 0) and what is measured."""


def evidence(account: Account) -> Evidence:
    """All that stands on a side, most telling first."""
    found = [
        *_returns(account),
        *_strengths(account),
        *_regimes(account),
        *_context(account),
        *_link(account),
    ]
    return Evidence(*(tuple(text for each, text in found if each == side) for side in (1, -1, 0)))


def _returns(account: Account) -> Found:
    for leg in (account.y, account.x):
        move = account.move(leg)
        if move is None or not leg.usual:
            continue
        usual = f"usual ±{percent(leg.usual).removeprefix('+')}"
        side = _side(move, _HALF * leg.usual)
        yield side, f"{leg.name} {percent(move)} ({usual})"


def _strengths(account: Account) -> Found:
    for leg, other, apart in account.strengths():
        side = _side(apart, _QUARTER * leg.usual) if leg.usual else 0
        if side:
            yield side, f"{leg.name} {points(apart)} on {other.name}"


def _regimes(account: Account) -> Found:
    known = sum(account.regimes.values())
    if not known:
        return
    x, y = account.x.name, account.y.name
    for regime, side, least, text in (
        ("risk_on", 1, _FIFTH, "risk-on"),
        ("risk_off", -1, _FIFTH, "risk-off"),
        ("decoupled_strong", 1, _FIFTH, f"{x} above what {y} implies"),
        ("decoupled_weak", -1, _FIFTH, f"{x} below what {y} implies"),
        ("quiet", 0, _HALF, "quiet"),
    ):
        minutes = account.regimes.get(regime, 0)
        if minutes >= least * known:
            yield side, f"{text} {share(minutes, known)} of the time"


def _context(account: Account) -> Found:
    for slow in account.slow:
        side = _mood(slow)
        if side:
            yield side, f"{level(slow.name, slow.value)} ({change(slow)})"


def _mood(slow: Slow) -> int:
    """The side of a change, where it is large enough for one."""
    if slow.change is None or slow.before is None:
        return 0
    match slow.name:
        case "vix":
            return -_side(slow.change, _VIX * slow.before)
        case "us2y":
            return -_side(slow.change, _BP)
        case "cut_odds":
            return _side(slow.change, _ODDS)
        case "fear_greed":
            return _side(slow.change, _MOOD)
        case _:
            return 0


def change(slow: Slow) -> str:
    """`−0.8`, `+6 bp`, `+8 points`; empty where it is not known."""
    by = slow.change
    if by is None:
        return ""
    match slow.name:
        case "vix":
            return figure(by, 1)
        case "fear_greed":
            return figure(by, 0)
        case "cut_odds":
            return f"{figure(100 * by, 0)} points"
        case _:
            return f"{figure(1e4 * by, 0)} bp"


def _link(account: Account) -> Found:
    corr = account.corr
    if corr.low is not None and corr.high is not None and corr.low <= 0.0 <= corr.high:
        yield 0, f"correlation {estimate(corr)} is not told from 0"
    if account.bond.apart:
        yield 0, "the link is broken"
    ends = [each.value for each in (account.lowest, account.highest) if each is not None]
    if ends and max(map(abs, ends)) < _CALM:
        yield 0, f"divergence 1h within {sigma(max(map(abs, ends))).removeprefix('+')}"


def _side(value: float, least: float) -> int:
    if abs(value) < least:
        return 0
    return 1 if value > 0 else -1
