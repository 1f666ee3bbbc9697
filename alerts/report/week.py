"""The sessions of a week, as one account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

from msgspec.structs import replace

from alerts.report.account import Account, Estimate, Extreme, Move, Slow


def combined(sessions: Sequence[Account], usual: Estimate, due: int) -> Account:
    """All of them, oldest first; `usual` is that of before the week, `due` how many there were.

    The correlation is the mean of the sessions', its interval from theirs, taken as independent.
    """
    first, last = sessions[0], sessions[-1]
    return replace(
        last,
        x=_over([each.x for each in sessions]),
        y=_over([each.y for each in sessions]),
        controls=tuple(_over(_of(each.name, sessions)) for each in last.controls),
        start=first.start,
        seen=first.seen,
        minutes=sum(each.minutes for each in sessions),
        due=sum(each.due for each in sessions),
        corr=_mean([each.corr for each in sessions]),
        usual=usual,
        share="",
        firsts=tuple(each for session in sessions for each in session.firsts),
        lowest=_furthest((each.lowest for each in sessions), -1),
        highest=_furthest((each.highest for each in sessions), 1),
        episodes=tuple(each for session in sessions for each in session.episodes),
        bond=replace(last.bond, minutes=sum(each.bond.minutes for each in sessions)),
        regimes=_added(each.regimes.items() for each in sessions),
        alerts=_added(each.alerts.items() for each in sessions),
        slow=tuple(_since(each, first) for each in last.slow),
        sessions=tuple(sessions),
        sessions_due=due,
    )


def _of(control: str, sessions: Sequence[Account]) -> list[Move]:
    """A control's moves; one that is new, or was gone, had none."""
    return [
        next((move for move in session.controls if move.name == control), Move(control))
        for session in sessions
    ]


def _over(moves: Sequence[Move]) -> Move:
    """From the first to the last; of one venue only."""
    first, last = moves[0], moves[-1]
    usual = None if last.usual is None else last.usual * sqrt(len(moves))
    if first.venue != last.venue:
        return replace(last, first=None, prior=None, usual=usual)
    return replace(last, first=first.first, prior=first.prior, usual=usual)


def _mean(found: Sequence[Estimate]) -> Estimate:
    known = [each for each in found if each.value is not None]
    if not known:
        return found[-1]
    n = len(known)
    value = sum(each.value or 0.0 for each in known) / n
    half = sqrt(sum(_half(each) ** 2 for each in known)) / n
    return Estimate(value, "", max(value - half, -1.0), min(value + half, 1.0), float(n))


def _half(found: Estimate) -> float:
    """Half of an interval; where there is none it may be anything."""
    return 1.0 if found.low is None or found.high is None else (found.high - found.low) / 2


def _furthest(found: Iterable[Extreme | None], sign: int) -> Extreme | None:
    known = (each for each in found if each is not None)
    return max(known, key=lambda each: sign * each.value, default=None)


def _added(found: Iterable[Iterable[tuple[str, int]]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for items in found:
        for name, count in items:
            counts[name] = counts.get(name, 0) + count
    return counts


def _since(slow: Slow, first: Account) -> Slow:
    """The change over the week: from the close before its first session."""
    return replace(slow, before=next((s.before for s in first.slow if s.name == slow.name), None))
