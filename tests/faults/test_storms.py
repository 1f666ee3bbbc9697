"""A short storm with the verdicts of the long one, and verdicts that find what is wrong."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from alerts.notifiers.payload import report_json
from alerts.rule import Severity
from alerts.transition import DAILY, State, Transition
from streams.instrument import NS
from tests.faults.evenings import Evening
from tests.faults.storms.__main__ import run
from tests.faults.storms.compared import MARGIN, TOLERANCE, compared
from tests.faults.storms.days import CALM, ROUGH, SLOTS
from tests.faults.storms.kind import KINDS
from tests.faults.storms.mqtt_broker import Broker
from tests.faults.storms.plan import plan
from tests.faults.storms.play import Happened, Played
from tests.faults.storms.scene import Said
from tests.faults.storms.seams import NamedLoop, SteppedClock, no_room
from tests.faults.storms.told import LANES, Told, events_to
from tests.faults.storms.verdict import Storm, judged

HOUR = 3600 * NS
FLAT = Evening(10**8, 1000, 20, 25, 4, 0, 0, 0)


@pytest.fixture
def unlogged() -> Iterator[None]:
    """Alerts are read from their own log; pytest need not keep them all."""
    root = logging.getLogger()
    before, root.handlers[:] = root.handlers[:], [logging.NullHandler()]
    yield
    root.handlers[:] = before


@pytest.mark.usefixtures("unlogged")
def test_three_hundred_faults_leave_nothing_but_what_the_twin_says() -> None:
    storm = run(seed=1, slots=8, faults=300)
    assert storm.faults_found == ()
    assert storm.faults == 300
    assert min(of.told for of in storm.channels.values()) > 200


def test_a_plan_has_as_many_faults_as_asked_for_of_every_kind() -> None:
    slots = plan(seed=7, slots=SLOTS + 3, faults=1000)
    faults = [fault for slot in slots for lane in slot.values() for fault in lane]
    assert len(faults) == 1000
    assert {fault.kind.name for fault in faults} == KINDS.keys()
    assert slots == plan(seed=7, slots=SLOTS + 3, faults=1000)
    assert slots != plan(seed=8, slots=SLOTS + 3, faults=1000)


def test_what_disturbs_has_its_time_and_leaves_the_beginning_of_a_day_alone() -> None:
    slots = plan(seed=7, slots=SLOTS + 3, faults=1000)
    rough = [
        (n % SLOTS, fault)
        for n, slot in enumerate(slots)
        for lane in slot.values()
        for fault in lane
        if fault.kind.disturbs
    ]
    assert min(n for n, _ in rough) == 2
    assert min(fault.at for _, fault in rough) >= ROUGH
    assert max(fault.at + fault.lasts for _, fault in rough) <= CALM


# -- verdicts


def fault(**given: object) -> Happened:
    """A disconnect of a second."""
    happened = Happened(
        "disconnect",
        "kraken",
        disturbs=True,
        begun=HOUR,
        mended=HOUR,
        recovered=HOUR + NS,
        connects=1,
        seen=("connects_total",),
    )
    return msgspec.structs.replace(happened, **given)


def played(*said: Said, happened: tuple[Happened, ...] = ()) -> Played:
    nights = [(0, NS), (10 * HOUR, 2**62)]
    return Played([*happened], [*said], nights, [FLAT], [], Told())


def verdict(storm: Played, twin: Played) -> Storm:
    return judged(storm, twin, seed=1, slots=1, seconds=1.0)


def fall(ts: int, state: str = "firing") -> Said:
    return Said("fall", state, ts)


def test_the_same_transitions_a_little_later_are_no_difference() -> None:
    late = round(0.9 * TOLERANCE * NS)
    found = compared(played(fall(HOUR + late)), played(fall(HOUR)))
    assert (found.missing, found.added, found.outside) == ((), (), 1)
    assert found.farthest == pytest.approx(0.9 * TOLERANCE)


@pytest.mark.parametrize(
    "other", [fall(HOUR + 6 * NS), fall(HOUR, "resolved"), Said("behind", "firing", HOUR)]
)
def test_another_instant_state_or_rule_is_a_difference(other: Said) -> None:
    found = compared(played(other), played(fall(HOUR)))
    assert (len(found.missing), len(found.added)) == (1, 1)


def test_one_transition_is_not_two_of_the_twins() -> None:
    assert len(compared(played(fall(HOUR)), played(fall(HOUR), fall(HOUR + NS))).missing) == 1


def test_a_window_lasts_until_a_while_after_all_is_back() -> None:
    twin = played(fall(HOUR + NS + round((MARGIN + 1) * NS)))
    inside = played(fall(HOUR + round(0.9 * MARGIN * NS)))
    assert compared(played(happened=(fault(),)), inside).missing == ()
    assert len(compared(played(happened=(fault(),)), twin).missing) == 1
    assert len(compared(played(happened=(fault(disturbs=False),)), inside).missing) == 1


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"seen": ()}, "1 of 1 disconnect show in no metric"),
        ({"recovered": None}, "after 1 of 1 disconnect it was not back"),
        ({"connects": 12}, "a venue was tried more often than the limit allows"),
    ],
)
def test_what_is_not_seen_not_back_or_too_eager_is_found(
    given: dict[str, object], found: str
) -> None:
    said = verdict(played(happened=(fault(**given),)), played()).faults_found
    assert [each for each in said if not each.startswith("never tried")] == [found]


def test_a_crash_and_an_alert_that_was_never_sent_are_found() -> None:
    storm = played()
    storm.crashes.append("feed failed")
    storm.unsent = 2
    assert {"1 crashes", "2 alerts were never sent"} <= {*verdict(storm, played()).faults_found}


def alert(**given: object) -> Transition:
    made = Transition(
        ts=HOUR,
        rule="fall",
        pair="ETH-IWM",
        state=State.FIRING,
        severity=Severity.WARNING,
        incident="fall/ETH-IWM/3600",
        title="ETH falls",
        message="",
        values={},
        notify=("log", "mqtt", "telegram"),
    )
    return msgspec.structs.replace(made, **given)


def test_what_a_channel_did_not_tell_is_lost_and_what_it_told_twice_is_counted() -> None:
    told = Told()
    told.decided += [alert(), alert(incident="other"), alert(notify=()), alert(incident="")]
    told.heard["log"].update([(alert().incident, "firing"), ("other", "firing")])
    told.heard["mqtt"].update([(alert().incident, "firing")] * 3)
    told.settle()
    sums = {lane: msgspec.structs.astuple(told.sums[lane]) for lane in LANES}
    assert sums["log"] == (2, 0, 0, 0)
    assert sums["mqtt"] == (2, 1, 0, 1)
    assert sums[LANES[2]][:2] == (2, 2)
    assert told.decided == []


def test_a_report_is_told_where_the_broker_has_reports() -> None:
    told, report = Told(), alert(rule=DAILY, incident="report/daily/ETH-IWM/2026-03-17")
    told.decided.append(report)
    events_to(told.heard["mqtt"])("comove/storm/report/daily/ETH-IWM", report_json(report))
    told.settle()
    assert (told.sums["mqtt"].told, told.sums["mqtt"].lost) == (1, 0)


# -- what breaks


async def test_a_frozen_broker_hears_later_what_its_guests_left() -> None:
    heard: list[tuple[str, bytes]] = []
    broker = Broker(lambda topic, payload: heard.append((topic, payload)))
    await broker.start()
    broker.freeze()
    _, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(b"\x32\x08\x00\x01a\x00\x07\x00hi")
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(1)
    assert not heard
    broker.thaw()
    assert heard == [("a", b"hi")]
    assert broker.sessions == []
    await broker.down()


def test_a_name_that_is_unknown_fails_as_the_resolver_does() -> None:
    async def ask() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, NamedLoop)
        assert (await loop.getaddrinfo("kraken.test", 80))[0][4] == ("127.0.0.1", 80)
        loop.unknown.add("kraken.test")
        with pytest.raises(socket.gaierror):
            await loop.getaddrinfo("kraken.test", 80)

    with asyncio.Runner(loop_factory=NamedLoop) as runner:
        runner.run(ask())


async def test_a_clock_that_was_stepped_is_ahead_until_that_is_followed() -> None:
    clock = SteppedClock(asyncio.get_running_loop(), HOUR)
    clock.ahead = -5 * NS
    assert (clock.now(), clock.drift()) == (HOUR, -5 * NS)
    clock.reanchor()
    assert (clock.now(), clock.drift(), clock.steps) == (HOUR - 5 * NS, 0, 1)


def test_without_room_no_byte_is_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with no_room(), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        file.write_bytes(b"x")
    file.write_bytes(b"x")
    assert Counter(file.read_bytes()) == {ord("x"): 1}
