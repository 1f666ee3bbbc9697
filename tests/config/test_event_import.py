from __future__ import annotations

import pytest

from config.document import Document
from config.event_file import calendar_events
from config.event_import import Wanted, added, entries_in
from config.shipped import EVENTS, shipped

ZONE = """\
BEGIN:VTIMEZONE
TZID:US-Eastern
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
"""
CPI = [
    "SUMMARY:Consumer Price Index for November 2026\nDTSTART;TZID=US-Eastern:20261210T083000",
    "SUMMARY:Consumer Price Index for March 2027\nDTSTART:20270414T123000Z",
    "SUMMARY:Consumer Price Index for December 2026\nDTSTART;TZID=US-Eastern:20270113T083000",
    "SUMMARY:Consumer Price Index for May\nSTATUS:CANCELLED\nDTSTART:20270614T123000Z",
    "SUMMARY:Producer Price Index\nSTATUS:TENTATIVE\nDTSTART;TZID=US-Eastern:20270715T083000",
]
WANTED = Wanted("cpi", "consumer price")


def ics(*entries: str) -> bytes:
    events = "".join(f"BEGIN:VEVENT\n{each}\nEND:VEVENT\n" for each in entries)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{ZONE}{events}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def taken(wanted: Wanted, *entries: str) -> tuple[str, int]:
    return added(shipped(EVENTS), wanted, entries_in(ics(*entries), wanted), "bls.ics")


def test_new_dates_are_put_behind_those_there_are_and_all_else_stays() -> None:
    text, new = taken(WANTED, *CPI)
    assert new == 2
    assert text == shipped(EVENTS).replace("2026-12-10]", "2026-12-10, 2027-01-13, 2027-04-14]")


def test_taken_twice_they_stand_there_once() -> None:
    text, _ = taken(WANTED, *CPI)
    again = added(text, WANTED, entries_in(ics(*CPI), WANTED), "bls.ics")
    assert again == (text, 0)


def test_a_new_event_gets_its_title_its_source_and_one_time_of_day() -> None:
    text, new = taken(Wanted("ppi", "producer", "US producer prices"), *CPI)
    event = calendar_events(Document(EVENTS, text.encode()))[-1]
    assert (new, event.name, event.title, event.source) == (
        1,
        "ppi",
        "US producer prices",
        "bls.ics",
    )
    assert event.tentative == set(event.instants)
    assert 'time: "08:30"\n    tentative: [2027-07-15]\n' in text


def test_dates_at_other_times_of_day_are_written_with_them() -> None:
    timed = [
        "SUMMARY:Talk\nDTSTART:20270301T150000Z",
        "SUMMARY:Talk\nDTSTART:20270302T160000",
        "SUMMARY:Talk\nDTSTART:20270303T160015Z",
    ]
    text, _ = taken(Wanted("talk"), *timed)
    assert 'confirmed: [2027-03-01 10:00, 2027-03-02 16:00, "2027-03-03 11:00:15"]' in text.replace(
        "'", '"'
    )
    assert len(calendar_events(Document(EVENTS, text.encode()))[-1].instants) == 3


def test_whole_days_get_the_time_of_day_of_the_event_and_of_a_new_one_none_is_made_up() -> None:
    day = "SUMMARY:Consumer Price Index\nDTSTART;VALUE=DATE:20270210"
    assert "2026-12-10, 2027-02-10]" in taken(WANTED, day)[0]
    with pytest.raises(ValueError, match="whole day"):
        taken(Wanted("talk"), day)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no calendar file"),
        (b"\xff\xfe\x00", "no calendar file"),
        (ics(), "no entry is in it"),
        (ics("SUMMARY:CPI"), "no calendar file"),
        (ics("SUMMARY:CPI\nDTSTART:2027"), "no calendar file"),
        (ics("SUMMARY:CPI\nDTSTART:20270101T010101Z\nRRULE:FREQ=DAILY"), "'CPI' repeats by a rule"),
        (ics(CPI[-1]), "no entry is called 'consumer price'"),
    ],
)
def test_what_cannot_be_taken_is_said(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        entries_in(data, WANTED if "called" in said else Wanted("cpi"))


def test_a_name_that_rules_cannot_write_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be an event's name"):
        taken(Wanted("c-p-i"), CPI[0])
