"""What a report says: a title, and lines that each begin with what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.context import short
from alerts.report.account import Account, Estimate, Move, Slow
from alerts.report.evidence import change, evidence
from alerts.report.moments import bond, divergence, first, known
from alerts.report.words import (
    at,
    estimate,
    level,
    percent,
    points,
    share,
    span,
    weekday,
)
from streams.schedule import Event

_WHOLE = 0.97
"""The part of a session that must have been seen to be called all of it."""
_MOST = 0.9
"""The part of the minutes seen whose regime must be known for that to go without saying."""


def title(account: Account) -> str:
    """`Tue 17 Mar: ETH +1.2%, IWM +0.36%, correlation .59, as usual (.52)`."""
    said = [_move(account, each) or each.name for each in (account.x, account.y)]
    if account.bond.apart:
        said.append("link broken")
    if account.corr.value is None:
        said.append("correlation not known")
    else:
        said += [f"correlation {short(account.corr.value)}", *_compared(account)]
    return f"{span(account)}: {', '.join(said)}"


def lines(account: Account, events: Sequence[Event]) -> tuple[str, ...]:
    """All of them; of what is not configured or not known nothing is said, or why not."""
    told = (
        ("Moves", _moves(account)),
        ("Correlation", _correlation(account)),
        ("By day", _by_day(account)),
        ("In session", account.share),
        ("Strength", " · ".join(_strengths(account))),
        ("Lead", _lead(account.lead)),
        ("First to move", first(account)),
        ("Divergence 1h", divergence(account)),
        ("Link", bond(account)),
        ("Regime 1h", " · ".join(_regimes(account))),
        ("Alerts told", _alerts(account)),
        ("Context", " · ".join(map(_slow, account.slow))),
        ("Events", known(events, account)),
        *_readings(account),
        ("Seen", _seen(account)),
    )
    return tuple(f"{about}: {text}" for about, text in told if text)


def _compared(account: Account) -> list[str]:
    """Its interval against the median of the sessions before."""
    usual, low, high = account.usual.value, account.corr.low, account.corr.high
    if usual is None or low is None or high is None:
        return []
    than = "closer than" if low > usual else "looser than" if high < usual else "as"
    return [f"{than} usual ({short(usual)})"]


def _moves(account: Account) -> str:
    told = (_move(account, each) for each in (account.x, account.y, *account.controls))
    since = "the close before" if account.since_close else f"{at(account.seen, account)}"
    texts = [text for text in told if text]
    return f"{' · '.join(texts)}, since {since}" if texts else ""


def _move(account: Account, move: Move) -> str:
    by = account.move(move)
    return "" if by is None else f"{move.name} {percent(by)}"


def _correlation(account: Account) -> str:
    usual = account.usual
    of = "mean of the sessions" if account.weekly else "session"
    texts = [f"{of} {estimate(account.corr)}"]
    if usual.value is None:
        texts.append(f"usual not known yet ({usual.reason})")
    else:
        texts.append(f"usual {estimate(usual)} in {usual.n:.0f} sessions")
    if account.closes.value is not None:
        texts.append(f"20 daily returns {estimate(account.closes)}")
    return " · ".join(texts)


def _by_day(account: Account) -> str:
    return " · ".join(
        f"{weekday(each.end)} {'n/a' if each.corr.value is None else short(each.corr.value)}"
        for each in account.sessions
    )


def _strengths(account: Account) -> Iterator[str]:
    for leg, other, apart in account.strengths():
        yield f"{leg.name} {points(apart)} on {other.name}"


def _lead(lead: Estimate) -> str:
    """The claim, or why there is none."""
    return lead.reason if lead.value is None else lead.note


def _regimes(account: Account) -> Iterator[str]:
    known = sum(account.regimes.values())
    names = {
        "risk_on": "risk-on",
        "risk_off": "risk-off",
        "quiet": "quiet",
        "decoupled_strong": f"{account.x.name} strong alone",
        "decoupled_weak": f"{account.x.name} weak alone",
    }
    for regime, minutes in sorted(account.regimes.items(), key=lambda each: -each[1]):
        yield f"{names[regime]} {share(minutes, known)}"
    if 0 < known < _MOST * account.minutes:
        yield f"known for {known} of {account.minutes} min"


def _alerts(account: Account) -> str:
    told = [f"{rule} {count}" for rule, count in account.alerts.items()]
    return " · ".join(told) or "none"


def _slow(slow: Slow) -> str:
    beside = ", ".join(text for text in (change(slow), slow.note) if text)
    return f"{level(slow.name, slow.value)} ({beside})" if beside else level(slow.name, slow.value)


def _readings(account: Account) -> Iterator[tuple[str, str]]:
    found = evidence(account)
    for about, texts in (
        ("Bullish", found.bullish),
        ("Bearish", found.bearish),
        ("Neutral", found.neutral),
    ):
        yield about, " · ".join(texts) or "nothing measured"


def _seen(account: Account) -> str:
    """Said where it was not all."""
    parts = []
    if account.weekly and len(account.sessions) < account.sessions_due:
        parts.append(f"{len(account.sessions)} of {account.sessions_due} sessions")
    if account.minutes < _WHOLE * account.due:
        since = "" if account.weekly else f", from {at(account.seen, account)} New York on"
        parts.append(f"{account.minutes} of {account.due} minutes{since}")
    return "; ".join(parts)
