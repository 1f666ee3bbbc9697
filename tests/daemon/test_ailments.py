from __future__ import annotations

from pathlib import Path

import pytest

from alerts.ailment import Ailment
from alerts.lane import Counts
from alerts.rule import Rule, Severity
from config.load import load
from daemon.ailments import Sinks, calendars, clock, disks, feeds, reload, store
from daemon.reload import Reload
from daemon.room import Room
from streams.instrument import NS
from streams.sessions import calendar
from streams.snapshot import FeedStatus, Snapshot
from tests.config.folder import write

MS = NS // 1000
ETH_RULE = "rules:\n  - {id: a, title: A, when: stale(ETH), session: any}\n"
REGULAR_RULE = "rules:\n  - {id: a, title: A, when: stale(ETH), session: regular}\n"


def rules(folder: Path, text: str = ETH_RULE) -> tuple[Rule, ...]:
    return load(write(folder, rules=text)).rules


def snapshot(*statuses: tuple[str, str, str], session: str = "regular", used: str = "") -> Snapshot:
    """Feeds as (instrument, venue, state), and the venue that is in use."""
    told = tuple(
        FeedStatus(instrument, venue, state, active=venue == used, age=None, reason="timed out")
        for instrument, venue, state in statuses
    )
    return Snapshot(0, {}, dict.fromkeys((name for name, _, _ in statuses), session), told)


def test_a_second_feed_that_is_lost_is_told_though_nothing_misses_it_yet(tmp_path: Path) -> None:
    seen = snapshot(("ETH", "coinbase", "live"), ("ETH", "kraken", "down"))
    assert list(feeds(seen, rules(tmp_path))) == [
        Ailment(
            "feed",
            "kraken",
            "kraken is down",
            "Timed out. ETH comes from coinbase.",
            hold=120 * NS,
            severity=Severity.INFO,
        )
    ]


def test_a_venue_of_several_instruments_is_one_trouble() -> None:
    seen = snapshot(
        ("ETH", "coinbase", "stale"), ("ETH", "kraken", "live"), ("BTC", "coinbase", "stale")
    )
    (found,) = feeds(seen, ())
    assert found.key == ("feed", "coinbase")
    assert found.message == "Timed out. ETH comes from kraken. BTC has no other live feed."


@pytest.mark.parametrize(
    ("other", "used", "severity"),
    [
        ("live", "kraken", Severity.INFO),
        ("live", "coinbase", Severity.WARNING),
        ("down", "coinbase", Severity.WARNING),
        ("gap", "kraken", Severity.WARNING),
    ],
    ids=["a spare one", "in use", "none is left", "the other is not good"],
)
def test_a_lost_feed_is_a_warning_unless_nothing_rests_on_it(
    other: str, used: str, severity: Severity
) -> None:
    seen = snapshot(("ETH", "coinbase", "down"), ("ETH", "kraken", other), used=used)
    found = {one.subject: one for one in feeds(seen, ())}
    assert found["coinbase"].severity is severity


def test_a_venue_of_several_instruments_is_as_grave_as_for_the_one_that_needs_it_most() -> None:
    seen = snapshot(
        ("ETH", "coinbase", "down"), ("ETH", "kraken", "live"), ("BTC", "coinbase", "down")
    )
    assert [one.severity for one in feeds(seen, ())] == [Severity.WARNING]


@pytest.mark.parametrize("state", ["live", "closed", "gap"])
def test_a_feed_that_is_not_lost_is_no_trouble(state: str) -> None:
    assert not list(feeds(snapshot(("ETH", "coinbase", state)), ()))


@pytest.mark.parametrize("session", ["extended", "closed"])
def test_a_feed_of_a_market_that_is_not_open_is_no_trouble(session: str) -> None:
    assert not list(feeds(snapshot(("IWM", "yahoo", "down"), session=session), ()))


def test_an_instrument_without_any_feed_is_left_to_the_rule_that_watches_it(
    tmp_path: Path,
) -> None:
    seen = snapshot(("ETH", "coinbase", "down"), ("ETH", "kraken", "connecting"))
    assert [one.covered for one in feeds(seen, rules(tmp_path))] == [True, True]
    assert [one.covered for one in feeds(seen, rules(tmp_path, REGULAR_RULE))] == [False, False]
    other = snapshot(("SPY", "yahoo", "down"))
    assert [one.covered for one in feeds(other, rules(tmp_path))] == [False]


def test_a_sink_that_fails_is_named_with_what_waits() -> None:
    sinks = Sinks()
    (found,) = sinks.look({"log": Counts(), "mqtt": Counts(queued=2, failing=True)})
    assert (found.key, found.lane) == (("sink", "mqtt"), "mqtt")
    assert found.message.startswith("2 alerts wait and are told there when it is back")
    (found,) = sinks.look({"mqtt": Counts(failing=True)})
    assert found.message == "The last attempt failed; the log says why."


def test_a_sink_on_which_nothing_moves_is_stuck_and_one_that_is_busy_is_not() -> None:
    sinks = Sinks()
    assert not list(sinks.look({"mqtt": Counts(queued=3)}))
    assert list(sinks.look({"mqtt": Counts(queued=4)}))
    assert not list(sinks.look({"mqtt": Counts(queued=4, delivered=1)}))
    assert not list(sinks.look({"mqtt": Counts(delivered=1)}))


def test_a_disk_known_to_be_full_needs_more_room_to_be_well() -> None:
    rooms = {"/var": Room(free=int(5.5e9), total=int(100e9))}
    assert not list(disks(rooms, frozenset()))
    (found,) = disks(rooms, frozenset({("disk", "/var")}))
    assert found.message.startswith("5.5 GB free of 100.0 GB (5.5%) at /var.")


@pytest.mark.parametrize(
    ("lags", "said"),
    [
        ([300 * MS, 400 * MS, 20 * MS], "It is 0.3 s ahead of the stamps of 3 venues (or"),
        ([-900 * MS, -700 * MS], "It is 0.8 s behind the stamps of 2 venues:"),
    ],
)
def test_a_clock_that_is_off_by_most_venues_stamps_is_told(lags: list[int], said: str) -> None:
    (found,) = clock(lags)
    assert found.message.startswith(said)


@pytest.mark.parametrize(
    "lags", [[], [9 * NS], [40 * MS, 240 * MS], [20 * MS, 30 * MS, 900 * NS], [-250 * MS, 250 * MS]]
)
def test_one_venue_alone_or_one_among_others_convicts_no_clock(lags: list[int]) -> None:
    assert not list(clock(lags))


def test_a_calendar_is_told_of_a_month_before_its_end(tmp_path: Path) -> None:
    instruments = load(write(tmp_path)).instruments
    end = calendar("NYSE").horizon_ns
    assert end is not None
    assert not list(calendars(instruments, end - 31 * 86_400 * NS))
    (found,) = calendars(instruments, end - 29 * 86_400 * NS)
    assert found.message.startswith("Holidays are known until 2028-12-31")


def test_a_state_file_that_cannot_be_written_is_told() -> None:
    assert not list(store("x.db", faulty=False))
    assert [one.key for one in store("x.db", faulty=True)] == [("store", "x.db")]


def test_a_refused_reload_is_told_with_its_first_faults() -> None:
    assert not list(reload(None))
    assert not list(reload(Reload(at=5, ok=True, lines=("instruments",))))
    (found,) = reload(Reload(at=5, ok=False, lines=tuple(f"fault {n}" for n in range(12))))
    assert found.message.splitlines()[-2:] == ["fault 9", "… and 2 more"]
    assert (found.news, found.calm) == (5, 0)
