"""A report's figures under names, for programs; the sessions of a week among them."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.report.account import Account, Estimate
from alerts.report.words import day

Value = float | bool | None


def numbers(account: Account) -> dict[str, Value]:
    """Returns and shares as fractions, durations in seconds and minutes; None: not known."""
    return dict(_all(account))


def _all(account: Account) -> Iterator[tuple[str, Value]]:
    yield from _figures(account)
    for each in account.sessions:
        date = day(each.end).isoformat()
        yield from _estimate(f"{date}.corr", each.corr)
        for move in (each.x, each.y):
            yield f"{date}.open.{move.name}", move.first
            yield f"{date}.close.{move.name}", move.last


def _figures(account: Account) -> Iterator[tuple[str, Value]]:
    yield from _estimate("corr", account.corr)
    yield from _estimate("corr_usual", account.usual)
    yield from _estimate("corr_20d", account.closes)
    for move in (account.x, account.y, *account.controls):
        yield f"return.{move.name}", account.move(move)
        yield f"close.{move.name}", move.last
        yield f"prior_close.{move.name}", move.prior
    yield "returns_since_close", account.since_close
    for leg, other, apart in account.strengths():
        yield f"strength.{leg.name}.{other.name}", apart
    yield "lead", account.lead.value
    yield f"first.{account.x.name}", float(sum(each.seconds > 0 for each in account.firsts))
    yield f"first.{account.y.name}", float(sum(each.seconds < 0 for each in account.firsts))
    yield "first.together", float(sum(each.seconds == 0 for each in account.firsts))
    yield "divergence_low", None if account.lowest is None else account.lowest.value
    yield "divergence_high", None if account.highest is None else account.highest.value
    yield "divergences", float(len(account.episodes))
    yield "apart", account.bond.apart
    yield "apart_minutes", float(account.bond.minutes)
    yield from _counts(account)
    for slow in account.slow:
        yield slow.name, slow.value
        yield f"{slow.name}_change", slow.change


def _counts(account: Account) -> Iterator[tuple[str, Value]]:
    known = sum(account.regimes.values())
    for regime, minutes in sorted(account.regimes.items()):
        yield f"regime.{regime}", minutes / known
    for rule, count in account.alerts.items():
        yield f"alerts.{rule}", float(count)
    yield "minutes", float(account.minutes)
    yield "minutes_due", float(account.due)


def _estimate(name: str, found: Estimate) -> Iterator[tuple[str, Value]]:
    yield name, found.value
    yield f"{name}_low", found.low
    yield f"{name}_high", found.high
