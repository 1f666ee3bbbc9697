"""Closes and opens that are not the usual ones: short days, holidays, clocks that change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import exp, log

import msgspec
import numpy as np
import pytest

from streams.beliefs import Prior
from streams.instrument import NS
from streams.market import Market, Settings
from streams.metric import Call
from streams.snapshot import Snapshot
from streams.tick import Beat, Tick
from tests.streams.test_pairs import instrument

MINUTE = 60 * NS
STEP = 15 * NS
NAMES = ("ETH", "IWM")
CORR = Call("corr", NAMES, 3600.0)
BREAKDOWN = Call("breakdown", NAMES, rate=1 / 21)
RETURN = Call("return", ("IWM",), days=1)


class Gap(msgspec.Struct, frozen=True):
    """A regular close and the next regular open, in UTC."""

    close: str
    open: str

    @property
    def closes(self) -> int:
        return ns(self.close)

    @property
    def opens(self) -> int:
        return ns(self.open)


def ns(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * NS


GAPS = {
    "an ordinary night": Gap("2026-03-17T20:00", "2026-03-18T13:30"),
    "clocks go forward in New York": Gap("2026-03-06T21:00", "2026-03-09T13:30"),
    "clocks go forward in Europe": Gap("2026-03-27T20:00", "2026-03-30T13:30"),
    "clocks go back in Europe": Gap("2026-10-23T20:00", "2026-10-26T13:30"),
    "clocks go back in New York": Gap("2026-10-30T20:00", "2026-11-02T14:30"),
    "a holiday before a weekend": Gap("2026-07-02T20:00", "2026-07-06T13:30"),
    "Thanksgiving": Gap("2026-11-25T21:00", "2026-11-27T14:30"),
    "a half day after Thanksgiving": Gap("2026-11-27T18:00", "2026-11-30T14:30"),
    "a half day before Christmas": Gap("2026-12-24T18:00", "2026-12-28T14:30"),
}


class Played:
    """The last hour of a session and the first of the next, of two that move together."""

    def __init__(self, gap: Gap) -> None:
        settings = Settings(step=STEP)
        self.market = Market(
            [instrument(name) for name in NAMES], [], [CORR, BREAKDOWN, RETURN], settings=settings
        )
        self.minutes: list[tuple[int, float, float]] = []
        self.market.link(*NAMES).on_minute = lambda *bar: self.minutes.append(bar)
        self.snapshots: dict[int, Snapshot] = {}
        for spell, start in enumerate((gap.closes - 60 * MINUTE, gap.opens)):
            # Overnight both fall by a tenth.
            for tick in trades(start, log(100.0) - 0.1 * spell):
                self._accept(tick)
            self._accept(Beat(start + 60 * MINUTE + STEP))

    def _accept(self, item: Tick[float] | Beat) -> None:
        self.snapshots.update((s.ts, s) for s in self.market.accept(item))

    def reason(self, call: Call, ts: int) -> str:
        reading = self.snapshots[ts].readings[call.key]
        return reading.reason if reading.value is None else ""

    def session(self, ts: int) -> str:
        return self.snapshots[ts].sessions["IWM"]


def trades(start: int, level: float = 4.6, together: float = 1.0) -> Iterator[Tick[float]]:
    """An hour of both, ETH moving `together` times as the market does."""
    rng = np.random.default_rng(start // NS)
    moves = rng.standard_normal((720, 1)) * [together, 1.0] + 0.5 * rng.standard_normal((720, 2))
    for step, row in enumerate((2e-4 * moves.cumsum(axis=0) + level).tolist()):
        for name, late, price in zip(NAMES, (1, 2), row, strict=True):
            ts = start + 5 * step * NS + late * NS
            yield Tick("trade", f"a-{name}", name, exp(price), 1.0, None, None, ts, ts)


@pytest.fixture(scope="module", params=tuple(GAPS.values()), ids=tuple(GAPS))
def gap(request: pytest.FixtureRequest) -> Gap:
    found: Gap = request.param
    return found


@pytest.fixture(scope="module")
def played(gap: Gap) -> Played:
    return Played(gap)


def test_statistics_end_at_the_close_and_wait_for_the_open(played: Played, gap: Gap) -> None:
    assert played.session(gap.closes - STEP) == "regular"
    assert played.reason(CORR, gap.closes - STEP) == ""
    away = [ts for ts in played.snapshots if gap.closes <= ts < gap.opens]
    assert len(away) == (gap.opens - gap.closes) // STEP
    assert all(played.session(ts) != "regular" for ts in away)
    assert {played.reason(call, ts) for ts in away for call in (CORR, BREAKDOWN)} == {"closed"}
    assert played.session(gap.opens) == "regular"


def test_late_hours_last_four_hours_from_the_close(played: Played, gap: Gap) -> None:
    over = gap.closes + 4 * 60 * MINUTE
    assert played.session(over - STEP) == "extended"
    assert played.session(over) == "closed"


def test_correlation_settles_for_15_minutes_from_the_open(played: Played, gap: Gap) -> None:
    settled = gap.opens + 15 * MINUTE
    for ts in (gap.opens + MINUTE, settled - STEP):
        assert played.reason(CORR, ts) == "first 15 minutes of the session"
    assert played.reason(CORR, settled) == ""
    for ts in (gap.closes - STEP, settled):
        assert played.snapshots[ts].readings[CORR.key].value == pytest.approx(0.8, abs=0.15)


def test_no_return_spans_the_night(played: Played, gap: Gap) -> None:
    ends = [end for end, *_ in played.minutes]
    assert not [end for end in ends if gap.closes < end <= gap.opens + MINUTE]
    assert gap.closes in ends
    assert gap.opens + 2 * MINUTE in ends
    assert max(abs(r) for _, *returns in played.minutes for r in returns) < 0.02


def test_the_return_of_the_day_is_since_that_close(played: Played, gap: Gap) -> None:
    later = played.snapshots[gap.opens + MINUTE].readings[RETURN.key].value
    assert later == pytest.approx(exp(-0.1) - 1, abs=0.02)


def test_what_detectors_added_up_ends_with_a_half_day() -> None:
    gap = GAPS["a half day after Thanksgiving"]
    prior = {"ETH-IWM": Prior(correlation=0.5)}
    settings = Settings(step=STEP)
    instruments = [instrument(name) for name in NAMES]
    market = Market(instruments, [], [BREAKDOWN], priors=prior, settings=settings)
    totals: dict[int, float] = {}
    before = [t for t in trades(gap.closes - 12 * MINUTE, together=-1) if t.ts_recv < gap.closes]
    for item in (*before, *trades(gap.opens)):
        for snapshot in market.accept(item):
            if evidence := market.link(*NAMES).evidence(BREAKDOWN):
                totals[snapshot.ts] = evidence.total
    assert totals[gap.closes + STEP] > 2
    assert totals[gap.opens - STEP] == totals[gap.closes + STEP]
    # The first minute that has a return has not ended yet.
    assert totals[gap.opens + MINUTE] == 0
