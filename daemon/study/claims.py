"""A study in plain sentences, each with its figures and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from daemon.study.breaks import Break
from daemon.study.judgement import Verdict
from daemon.study.lows import RISE, Low
from daemon.study.quality import FileFacts
from daemon.study.sheets import when
from daemon.study.study import Study
from daemon.study.texts import figure, reading_text
from streams.instrument import NS
from streams.metric import duration_text

Sure = Literal["measured", "likely", "suspected", "unknown"]
"""`measured`: read off the files or outside chance; `likely`: one cause fits best; `suspected`: a
hint that chance or heavy tails give now and then; `unknown`: the files cannot tell."""

_MOST = 5
"""Breaks named in the sentence."""
_ONE_IN_A_HUNDRED = 1.63
"""What the constancy statistic exceeds in one constant file of a hundred."""


class Claim(msgspec.Struct, frozen=True):
    """One sentence or two."""

    text: str
    sure: Sure


def claims(study: Study) -> list[Claim]:
    """Most telling first."""
    return [
        *_correlation(study),
        *_lead(study),
        *_breaks(study),
        *_constancy(study),
        _divergences(study),
        *(claim for name, listed in study.lows.items() for claim in _lows(name, listed)),
        *(claim for file in (study.x, study.y) for claim in _data(file)),
    ]


def _pair(study: Study) -> str:
    return f"{study.x.name} and {study.y.name}"


def _correlation(study: Study) -> Iterator[Claim]:
    whole = study.whole
    if whole.value is None or whole.low is None or whole.high is None:
        yield Claim(f"The correlation of {_pair(study)} is not known: {whole.reason}.", "unknown")
        return
    bar = duration_text(study.aligned.bar / NS)
    basis = (
        f"{whole.n or 0:,.0f} returns of {bar}"
        if study.x.bar or study.y.bar
        else f"ticks, {whole.n or 0:,.0f} minutes of them"
    )
    shown = whole.low * whole.high > 0.0
    tail = "" if shown else ": not told apart from none"
    yield Claim(
        f"The correlation of {_pair(study)} at lag 0 is {reading_text(whole)} on {basis}{tail}.",
        "measured" if shown else "unknown",
    )
    longer = [r for r in study.by.interval.items() if r[0] != bar and (r[1].n or 0) >= 60]
    if longer and study.lead_lag.verdict == "stamping offset":
        name, reading = longer[-1]
        yield Claim(
            f"On returns of {name}, which an offset of a bar hurts less, it is "
            f"{reading_text(reading)}.",
            "measured",
        )


_SURE_OF: dict[Verdict, Sure] = {
    "no lead": "measured",
    "stamping offset": "likely",
    "clock offset": "likely",
    "x first": "suspected",
    "y first": "suspected",
}


def _lead(study: Study) -> Iterator[Claim]:
    found = study.lead_lag
    yield Claim(found.reason, _SURE_OF.get(found.verdict, "unknown"))
    if found.verdict in {"stamping offset", "clock offset"}:
        yield Claim(
            "Correlations, divergences and breaks are those of the files as stamped: not to be "
            "relied on before the stamps are put right.",
            "likely",
        )


def _breaks(study: Study) -> Iterator[Claim]:
    found = study.breaks
    if found.found:
        chance = (
            f"chance alone gives about {found.by_chance:.1f} in a file as long, up to thrice as "
            f"many where the usual share of bars in step wanders"
        )
        yield Claim(
            f"The link broke {_times(len(found.found))}: {_listed_breaks(study)}; {chance}.",
            "likely" if found.surprising else "suspected",
        )
    if found.p0 is None or found.delay is None:
        yield Claim(f"Breaks could not be watched for at the end: {found.reason}.", "unknown")
    elif not found.found:
        yield Claim(
            f"No break of the link was found (false alarms: {found.false_alarms}; a full break "
            f"takes about {_delay_text(study, found.delay)} to find).",
            "measured",
        )


def _listed_breaks(study: Study) -> str:
    listed = study.breaks.found
    texts = [f"about {when(study, one.onset)} ({_end_text(study, one)})" for one in listed[:_MOST]]
    more = len(listed) - _MOST
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def _end_text(study: Study, one: Break) -> str:
    if one.renewed:
        return "became the new normal"
    return f"back by {when(study, one.restored)}" if one.restored else "not back"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _delay_text(study: Study, seconds: float) -> str:
    if study.aligned.daily:
        return f"{seconds * NS / study.aligned.bar:.0f} closes"
    return f"{seconds / 3600:.1f} h of trading"


def _constancy(study: Study) -> Iterator[Claim]:
    found = study.breaks.constancy
    if found is None or not found.changed:
        return
    yield Claim(
        f"The correlation did not stay the same: {figure(found.before)} up to "
        f"{when(study, found.ts)}, {figure(found.after)} after (statistic {found.statistic:.2f}; "
        f"1.36 is exceeded by chance in 1 file of 20, under heavy tails in 2).",
        "likely" if found.statistic > _ONE_IN_A_HUNDRED else "suspected",
    )


def _divergences(study: Study) -> Claim:
    found = study.divergences
    if not len(found.z):
        return Claim("Too short a file to look for divergences.", "unknown")
    if not found.episodes:
        return Claim(
            f"{study.x.name} never strayed by more than 3 σ from what {study.y.name} implied over "
            f"{found.horizon}.",
            "measured",
        )
    most = max(found.episodes, key=lambda episode: abs(episode.z))
    side = "above" if most.z > 0.0 else "below"
    times = _times(len(found.episodes))
    return Claim(
        f"{study.x.name} strayed {times} by more than 3 σ from what {study.y.name} implied over "
        f"{found.horizon}, the furthest {side}: {abs(most.z):.1f} σ on {when(study, most.peak)}.",
        "measured",
    )


def _lows(name: str, listed: list[Low]) -> Iterator[Claim]:
    for low in listed[-2:]:
        reached = (
            f"a rise of {RISE:.0%} was first reached on {low.reached}"
            if low.reached
            else f"a rise of {RISE:.0%} was not reached"
        )
        span = "the 365 days after it" if low.whole else "the file after it"
        yield Claim(
            f"{name}'s lowest close of {low.year} was {low.close:,.2f} on {low.day}, "
            f"{-low.drawdown:.0%} below the highest of the 365 days before; {reached}. The highest "
            f"close of {span} was {low.rise:.0%} above, on {low.rise_day}.",
            "measured",
        )


def _data(file: FileFacts) -> Iterator[Claim]:
    if file.flat_share is not None and file.flat_share > 0.9:
        yield Claim(
            f"{file.name}: {file.flat_share:.0%} of the bars have open = high = low = close: "
            f"snapshots, whose stamps may be off by up to a bar.",
            "measured",
        )
    if file.stamps_fit is False:
        yield Claim(
            f"{file.name}: the day's first bar shows that bars are stamped at their "
            f"{file.stamped}, not as read; use --bar-stamp {file.stamped}.",
            "likely",
        )
    faults = [
        (file.missing, "bars are missing"),
        (file.duplicates, "bars came twice; the last was kept"),
        (file.unordered, "rows were out of order; sorted"),
        (len(file.bad_prints), "prices jump away and straight back; left out"),
    ]
    for count, what in faults:
        if count:
            yield Claim(f"{file.name}: {count:,} {what}.", "measured")
