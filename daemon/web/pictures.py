"""The pictures of a pair on the page: what each is called and shows, and how it is drawn.

A picture is drawn anew when its edition has risen, once a minute of trading at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts.moment import NEW_YORK
from daemon.trail import detector_calls
from daemon.web.page_document import Picture
from daemon.web.picture_words import evidence_text, lead_words
from daemon.web.sources import Sources
from streams.detectors import Evidence
from streams.instrument import NS, Pair
from streams.lead import Profile
from streams.link import Link
from streams.metric import Call
from streams.snapshot import NOT_ASKED

PICTURES = "chart", "breakdown", "lead"

_SESSION = 6.5 * 3600
"""Seconds of trading that a picture shows: as long as New York's."""
_HALF = (620, 330), (430, 320)
_NOBODY = Profile("who leads: not asked for")


def pictures(sources: Sources, pair: Pair) -> tuple[Picture, ...]:
    """Now."""
    return _chart(sources, pair), _breakdown(sources, pair), _lead(sources, pair)


def edition(sources: Sources, name: str, pair: Pair) -> int | None:
    """Of the picture of that name; None where there is nothing to draw."""
    charts = sources.app.charts
    if charts is None:
        return None
    if name == "lead" and not _profile(sources, pair).points:
        return None
    if name == "breakdown" and _evidence(sources, detector_calls(pair)[0]) is None:
        return None
    return charts.minute(pair.name)


async def draw(
    sources: Sources, name: str, pair: Pair, *, dark: bool, narrow: bool
) -> bytes | None:
    """SVG of what stands now; None where there is nothing to draw."""
    charts = sources.app.charts
    if charts is None or edition(sources, name, pair) is None:
        return None
    if name == "lead":
        profile, day = _profile(sources, pair), _day(sources, pair)
        return await charts.lead(profile, pair.x, pair.y, day, dark=dark, narrow=narrow)
    found = _evidence(sources, detector_calls(pair)[0]) if name == "breakdown" else None
    if found is not None:
        return await charts.breakdown(pair.name, _SESSION, found, dark=dark, narrow=narrow)
    return await charts.svg(pair.name, _SESSION, dark=dark, narrow=narrow)


def _chart(sources: Sources, pair: Pair) -> Picture:
    at = edition(sources, "chart", pair)
    names = f"{pair.x}–{pair.y}"
    return Picture(
        name="chart",
        title="",
        words=() if at is not None else ("The chart comes with the second minute of trading.",),
        alt=f"{names} over the last session: correlation with its interval, prices, divergence",
        edition=at,
        wide=(900, 600),
        narrow=(600, 640),
    )


def _breakdown(sources: Sources, pair: Pair) -> Picture:
    words = tuple(_evidence_words(sources, pair))
    return Picture(
        name="breakdown",
        title="Evidence of a break",
        words=words,
        alt=f"The breakdown statistic over the last session, against its threshold: {words[0]}",
        edition=edition(sources, "breakdown", pair),
        wide=_HALF[0],
        narrow=_HALF[1],
    )


def _evidence_words(sources: Sources, pair: Pair) -> Iterator[str]:
    breakdown, warning = detector_calls(pair)
    now, reading = sources.app.clock.now(), sources.reading(breakdown)
    yield evidence_text(_evidence(sources, breakdown), reading, now)
    faster = _evidence(sources, warning)
    if faster is not None:
        # Where rules ask for it with another budget, there is no reading of this one.
        own = sources.reading(warning)
        yield f"faster warning: {evidence_text(faster, reading if own is NOT_ASKED else own, now)}"


def _lead(sources: Sources, pair: Pair) -> Picture:
    words = tuple(lead_words(_profile(sources, pair), pair, _day(sources, pair)))
    return Picture(
        name="lead",
        title="Who moves first",
        words=words,
        alt=f"Correlation of {pair.x} and {pair.y} by lag: {'; '.join(words)}",
        edition=edition(sources, "lead", pair),
        wide=_HALF[0],
        narrow=_HALF[1],
    )


def _evidence(sources: Sources, call: Call) -> Evidence | None:
    return sources.app.watch.market.link(*call.instruments).evidence(call)


def _profile(sources: Sources, pair: Pair) -> Profile:
    lead = _link(sources, pair).lead
    return _NOBODY if lead is None else lead.profile()


def _day(sources: Sources, pair: Pair) -> str:
    """Of the session that the profile is of: `Tue 17 Mar`."""
    opened = _link(sources, pair).opened
    return f"{datetime.fromtimestamp(opened // NS, NEW_YORK):%a %d %b}"


def _link(sources: Sources, pair: Pair) -> Link:
    return sources.app.watch.market.link(pair.x, pair.y)
