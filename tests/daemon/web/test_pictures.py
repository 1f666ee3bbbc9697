"""What the page says and draws of the breakdown statistic and of who leads."""

from __future__ import annotations

import random
from math import inf

import msgspec
import pytest

from daemon.illustrator import Charts
from daemon.trail import Trail
from daemon.web.page_document import Picture
from daemon.web.picture_words import evidence_text, lead_words
from daemon.web.pictures import edition, pictures
from daemon.worker import Worker
from streams.detectors import Evidence
from streams.estimators.lead_claim import Stamps
from streams.instrument import NS, Pair
from streams.lead import Lead, Profile
from streams.snapshot import Reading, Snapshot
from tests.daemon.web.browsing import show, watch
from tests.daemon.web.running import START, Running

PAIR = Pair("ETH", "IWM")
ONSET = START - 20 * 60 * NS
CLIMBS = Evidence(3.14, 9.42, broken=False, since=ONSET)
QUIET = Evidence(0.0, 9.42, broken=False, since=None)
BROKEN = Evidence(2.2, 8.3, broken=True, since=ONSET)
BREAKDOWN = "breakdown(ETH,IWM,1/month)"
PROFILE = Profile(
    "no lead can be claimed before 18 days: 3 so far",
    points=((-3.0, 0.05), (0.0, 0.12), (3.0, 0.21)),
    veto=2.1,
    peak=3.0,
    speaks=3.0,
    llr=1.84,
)
SILENT = Stamps(by_venue=False, resolution=NS, polled=True)


@pytest.mark.parametrize(
    ("found", "reading", "text"),
    [
        (CLIMBS, Reading(value=False), "statistic 3.1 of 9.4, above 0 since about 09:40 New York"),
        (QUIET, Reading(value=False), "statistic 0.0 of 9.4: nothing speaks for a break"),
        (
            BROKEN,
            Reading(value=True),
            "broken since about 09:40 New York; statistic of the link's return 2.2 of 8.3",
        ),
        (
            CLIMBS,
            Reading(None, "closed"),
            "closed: statistic 3.1 of 9.4, above 0 since about 09:40 New York",
        ),
        (None, Reading(None, "link too weak to watch"), "link too weak to watch"),
        (None, Reading(value=False, note="the new normal"), "the new normal"),
    ],
)
def test_the_statistic_is_told_with_its_threshold_or_why_there_is_none(
    found: Evidence | None, reading: Reading, text: str
) -> None:
    assert evidence_text(found, reading, START) == text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {},
            [
                "Tue 17 Mar: largest .21 at +3 s, .12 at 0; lags within ±2.1 s say nothing",
                "Tue 17 Mar speaks for ETH; lead-lag ratio 1.84 (above 1: ETH first)",
            ],
        ),
        (
            {"veto": inf, "speaks": 0.0, "llr": None},
            [
                "Tue 17 Mar: largest .21 at +3 s, .12 at 0; no lag says anything on these feeds",
                "Tue 17 Mar speaks for neither",
            ],
        ),
        ({"points": (), "reason": "warming up 37/100"}, ["no profile yet: warming up 37/100"]),
    ],
)
def test_the_claim_comes_first_and_then_what_the_profile_has(
    change: dict[str, object], expected: list[str]
) -> None:
    profile = msgspec.structs.replace(PROFILE, **change)
    assert list(lead_words(profile, PAIR, "Tue 17 Mar")) == [PROFILE.claim, *expected]


def test_a_peak_at_zero_is_told_once_and_one_of_the_other_leg_names_it() -> None:
    flat = msgspec.structs.replace(PROFILE, peak=0.0, speaks=-1.5)
    _, peak, speaks = lead_words(flat, PAIR, "Tue 17 Mar")
    assert peak == "Tue 17 Mar: largest .12 at 0 s; lags within ±2.1 s say nothing"
    assert speaks.startswith("Tue 17 Mar speaks for IWM")


def moved(stamps: Stamps = SILENT) -> Lead:
    """Ten minutes in which IWM does what ETH did 6 s before."""
    lead, chance = Lead("ETH", "IWM"), random.Random(2)
    lead.use(stamps, stamps)
    path = [0.0]
    for _ in range(606):
        path.append(path[-1] + chance.gauss(0, 1e-4))
    for second in range(600):
        lead.tick(is_x=True, seconds=float(second), log_price=path[second + 6])
        lead.tick(is_x=False, seconds=float(second), log_price=path[second])
    return lead


@pytest.fixture
def trail(running: Running) -> Trail:
    """Of two minutes, which the daemon draws from."""
    made = Trail(running.config.pairs)
    running.app.charts = Charts(made, Worker())
    for minute in range(2):
        look(made, 60 * minute)
    return made


def look(trail: Trail, second: int) -> None:
    sessions = {"ETH": "regular", "IWM": "regular"}
    trail.look(Snapshot(START + second * NS, {"price(ETH)": Reading(2000.0)}, sessions))


def shown(running: Running) -> dict[str, Picture]:
    return {each.name: each for each in pictures(running.sources, PAIR)}


@pytest.mark.usefixtures("trail")
async def test_what_nobody_asked_for_is_said_and_not_drawn(running: Running) -> None:
    running.app.watch.snapshot = None
    running.app.watch.market.link("ETH", "IWM").lead = None
    found = shown(running)
    assert found["chart"].edition is not None
    assert (found["breakdown"].edition, found["lead"].edition) == (None, None)
    assert found["breakdown"].words == ("nothing was evaluated yet",)
    assert found["lead"].words == ("who leads: not asked for",)


@pytest.mark.usefixtures("trail")
async def test_what_is_not_known_has_its_reason_in_place_of_a_picture(running: Running) -> None:
    show(running, {BREAKDOWN: Reading(None, "link not learned yet")})
    running.app.watch.market.link("ETH", "IWM").lead = Lead("ETH", "IWM")
    found = shown(running)
    assert (found["breakdown"].words, found["breakdown"].edition) == (
        ("link not learned yet",),
        None,
    )
    assert (found["lead"].words, found["lead"].edition) == (("no data yet",), None)


@pytest.mark.usefixtures("trail")
async def test_what_is_known_is_drawn_and_told_in_the_alternative_text(running: Running) -> None:
    show(running, {BREAKDOWN: Reading(value=False)})
    watch(running, CLIMBS)
    running.app.watch.market.link("ETH", "IWM").lead = moved()
    found = shown(running)
    assert found["breakdown"].alt.endswith(
        "against its threshold: statistic 3.1 of 9.4, above 0 since about 09:40 New York"
    )
    assert found["breakdown"].words[1].startswith("faster warning: statistic 3.1 of 9.4")
    assert "no lead can be claimed: ETH's feed is polled" in found["lead"].alt
    assert "at +6 s" in found["lead"].alt
    assert {each.edition for each in found.values()} == {START // (60 * NS) + 1}
    # As test_breakdown_drawing and test_lead_drawing find them drawn.
    for name in ("breakdown", "lead"):
        assert (found[name].wide, found[name].narrow) == ((620, 330), (430, 320))


async def test_there_is_something_new_to_draw_once_a_minute(running: Running, trail: Trail) -> None:
    watch(running, CLIMBS)
    running.app.watch.market.link("ETH", "IWM").lead = moved()
    seen: dict[str, set[int | None]] = {"chart": set(), "breakdown": set(), "lead": set()}
    for second in range(60, 360):
        look(trail, second)
        for name, editions in seen.items():
            editions.add(edition(running.sources, name, PAIR))
    assert {name: len(editions) for name, editions in seen.items()} == dict.fromkeys(seen, 5)


async def test_a_daemon_that_draws_nothing_says_all_the_same(running: Running) -> None:
    running.app.charts = None
    watch(running, QUIET)
    show(running, {BREAKDOWN: Reading(value=False)})
    found = shown(running)
    assert {each.edition for each in found.values()} == {None}
    assert found["breakdown"].words[0] == "statistic 0.0 of 9.4: nothing speaks for a break"
