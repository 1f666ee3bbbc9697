"""A study as sheets of text: the same for the terminal and the page."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from daemon.study.breaks import Break
from daemon.study.divergences import Episode
from daemon.study.lows import RISE, Low
from daemon.study.quality import FileFacts
from daemon.study.study import Study
from daemon.study.texts import figure, lag_text, reading_text, utc_text
from daemon.texts import new_york
from streams.instrument import NS
from streams.metric import duration_text
from streams.snapshot import Reading

_MOST = 12
"""Rows of episodes shown; the largest."""


class Sheet(msgspec.Struct, frozen=True):
    """A table of text with its title; the first column names the rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(study: Study) -> list[Sheet]:
    """Those that have rows."""
    by = study.by
    found = [
        _windows(study),
        _grouped("Correlation by length of return", "return", by.interval),
        _grouped("Correlation by day (New York)", "day", by.day),
        _grouped("Correlation by hour (New York)", "hour", by.hour),
        _grouped("Correlation by year", "year", by.year),
        _profile(study),
        _divergences(study),
        _breaks(study),
        *(_lows(name, listed) for name, listed in study.lows.items()),
        _quality(study),
    ]
    return [sheet for sheet in found if sheet.rows]


def when(study: Study, ts: int) -> str:
    """The day, and within days the minute as New York's clock shows it."""
    if study.aligned.daily:
        return utc_text(ts - 1)[:10]
    return new_york(ts, "%Y-%m-%d %H:%M")


def _windows(study: Study) -> Sheet:
    whole = ("all", _count(study.whole), reading_text(study.whole), "", "", "")
    rows = [
        (
            window.name,
            f"{window.bars:,}",
            reading_text(window.latest),
            figure(window.lowest),
            figure(window.median),
            figure(window.highest),
        )
        for window in study.windows
    ]
    head = ("window", "returns", "latest (95 %)", "lowest", "median", "highest")
    return Sheet("Correlation by window", head, (whole, *rows))


def _count(reading: Reading) -> str:
    return f"{reading.n or 0:,.0f}"


def _grouped(title: str, what: str, readings: Mapping[str, Reading]) -> Sheet:
    rows = tuple((key, _count(r), reading_text(r)) for key, r in readings.items())
    return Sheet(title, (what, "returns", "correlation (95 %)"), rows)


def _profile(study: Study) -> Sheet:
    profile = study.lead_lag.profile
    most = 5
    places = range(max(profile.side - most, 0), min(profile.side + most + 1, len(profile.lags)))
    rows = [
        (_lag_text(study, int(profile.lags[place])), reading_text(profile.at(place)))
        for place in places
    ]
    return Sheet("Lead-lag profile", ("lag", "correlation (95 %)"), tuple(rows))


def _lag_text(study: Study, lag: int) -> str:
    if lag == 0:
        return "0"
    first = study.x.name if lag > 0 else study.y.name
    return f"{first} first by {lag_text(lag)}"


def _divergences(study: Study) -> Sheet:
    found = sorted(study.divergences.episodes, key=lambda episode: -abs(episode.z))[:_MOST]
    rows = tuple(_episode(study, e) for e in sorted(found, key=lambda episode: episode.start))
    title = f"Divergences over {study.divergences.horizon}"
    return Sheet(title, ("from", "to", "largest at", "z"), rows)


def _episode(study: Study, episode: Episode) -> tuple[str, ...]:
    instants = (episode.start, episode.end, episode.peak)
    z = f"{episode.z:+.1f} σ".replace("-", "−")
    return (*(when(study, ts) for ts in instants), z)


def _breaks(study: Study) -> Sheet:
    rows = tuple(_break(study, found) for found in study.breaks.found)
    return Sheet("Breaks of the link", ("since about", "found", "restored", "usual share"), rows)


def _break(study: Study, found: Break) -> tuple[str, ...]:
    restored = "not yet" if found.restored is None else when(study, found.restored)
    return when(study, found.onset), when(study, found.alarm), restored, f"{found.p0:.0%}"


def _lows(name: str, listed: list[Low]) -> Sheet:
    head = ("year", "lowest close", "on", "below high", "rise", "by", f"+{RISE:.0%} first on")
    rows = tuple(
        (
            low.year,
            f"{low.close:,.2f}",
            low.day,
            f"{low.drawdown:.0%}".replace("-", "−"),
            f"{low.rise:.0%}",
            low.rise_day,
            low.reached or "not reached",
        )
        for low in listed
    )
    return Sheet(f"{name}: each year's low, and the rise in the year after it", head, rows)


def _quality(study: Study) -> Sheet:
    x, y = _facts(study.x), _facts(study.y)
    rows = tuple((key, x[key], y[key]) for key in x)
    return Sheet("Data", ("", study.x.name, study.y.name), rows)


def _facts(file: FileFacts) -> dict[str, str]:
    return {
        "file": file.file,
        "prices": f"{file.rows:,} "
        + (f"bars of {duration_text(file.bar / NS)}" if file.bar else "ticks"),
        "from": utc_text(file.first),
        "to": utc_text(file.last),
        "hours": "all" if file.calendar == "24/7" else "New York's session",
        "missing bars": _missing(file),
        "duplicates, out of order": f"{file.duplicates:,}, {file.unordered:,}",
        "bad prints": _bad_prints(file),
        "open = high = low = close": "n/a" if file.flat_share is None else f"{file.flat_share:.0%}",
        "bars stamped at": file.stamped or "cannot be told",
        "clock": f"{file.clock_hours:+d} h off" if file.clock_hours else "no fault found",
    }


def _missing(file: FileFacts) -> str:
    if not file.missing:
        return "0" if file.bar else "n/a"
    worst = file.gaps[0]
    return f"{file.missing:,} (most after {utc_text(worst.after)}: {worst.missing:,})"


def _bad_prints(file: FileFacts) -> str:
    if not file.bad_prints:
        return "0"
    first = file.bad_prints[0]
    return f"{len(file.bad_prints)} (first {utc_text(first.ts)}: {first.price:g})"
