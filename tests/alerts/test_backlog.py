from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.backlog import Backlog
from alerts.row import Status
from alerts.rule import Severity
from alerts.transition import State, Transition
from tests.alerts.alerts import START, alert


def emptied(backlog: Backlog) -> list[Transition]:
    sent = []
    while (parcel := backlog.best()) is not None:
        backlog.remove(parcel)
        sent.append(parcel.transition)
    return sent


def filled(*alerts: Transition, capacity: int = 100) -> Backlog:
    backlog = Backlog(capacity)
    for each in alerts:
        backlog.put(each)
    return backlog


def incidents(backlog: Backlog) -> list[str]:
    return [transition.incident for transition in emptied(backlog)]


INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


def test_the_most_severe_goes_first_then_the_oldest() -> None:
    backlog = filled(
        alert("i", severity=INFO),
        alert("w1", severity=WARNING),
        alert("c", severity=CRITICAL),
        alert("w2", severity=WARNING),
    )
    assert incidents(backlog) == ["c", "w1", "w2", "i"]


def test_an_incident_that_became_critical_is_told_in_order_and_first() -> None:
    backlog = filled(
        alert("w", severity=WARNING),
        alert("x", severity=INFO),
        alert("x", State.RESOLVED, severity=CRITICAL),
    )
    told = emptied(backlog)
    assert [(t.incident, t.state) for t in told] == [
        ("x", "firing"),
        ("x", "resolved"),
        ("w", "firing"),
    ]


def test_the_oldest_of_the_least_severe_makes_room() -> None:
    backlog = filled(
        alert("i1", severity=INFO),
        alert("w", severity=WARNING),
        alert("i2", severity=INFO),
        capacity=3,
    )
    left_out = backlog.put(alert("c", severity=CRITICAL))
    assert left_out is not None
    assert left_out.transition.incident == "i1"
    assert incidents(backlog) == ["c", "w", "i2"]


def test_what_arrives_makes_room_itself_where_all_others_matter_more() -> None:
    backlog = filled(alert("c", severity=CRITICAL), alert("w", severity=WARNING), capacity=2)
    assert backlog.put(alert("i", severity=INFO)) is not None
    assert incidents(backlog) == ["c", "w"]


def test_criticals_exceed_the_capacity_rather_than_be_left_out() -> None:
    backlog = filled(*(alert(str(n), severity=CRITICAL) for n in range(5)), capacity=2)
    assert incidents(backlog) == ["0", "1", "2", "3", "4"]


def test_a_reminder_of_a_critical_may_be_left_out() -> None:
    backlog = filled(
        alert("c", severity=CRITICAL), alert("c", severity=CRITICAL, repeat=True), capacity=2
    )
    assert backlog.put(alert("d", severity=CRITICAL)) is not None
    assert incidents(backlog) == ["c", "d"]


def test_what_is_being_sent_is_not_left_out() -> None:
    backlog = filled(alert("i", severity=INFO), capacity=1)
    parcel = backlog.best()
    assert parcel is not None
    parcel.sending = True
    backlog.put(alert("c", severity=CRITICAL))
    assert len(backlog) == 2


def test_what_is_to_be_avoided_comes_last_and_alone_if_it_must() -> None:
    backlog = filled(alert("c", severity=CRITICAL), alert("i", severity=INFO))
    first = backlog.best()
    assert first is not None
    other = backlog.best(avoid=first)
    assert other is not None
    assert other.transition.incident == "i"
    backlog.remove(other)
    assert backlog.best(avoid=first) is first


queued = st.lists(
    st.builds(
        alert,
        incident=st.sampled_from("abcde"),
        severity=st.sampled_from(Severity),
        repeat=st.booleans(),
    ),
    max_size=40,
).map(lambda alerts: [msgspec.structs.replace(each, ts=ts) for ts, each in enumerate(alerts)])


@settings(max_examples=60, deadline=None)
@given(alerts=queued, capacity=st.integers(1, 20))
def test_no_critical_is_lost_and_no_incident_is_told_out_of_order(
    alerts: list[Transition], capacity: int
) -> None:
    backlog = Backlog(capacity)
    lost = sum(backlog.put(each) is not None for each in alerts)
    told = emptied(backlog)
    assert len(told) + lost == len(alerts)
    news = [each for each in alerts if each.severity is CRITICAL and not each.repeat]
    assert all(each in told for each in news)
    assert len(told) <= max(capacity, len(news))
    for incident in "abcde":
        instants = [each.ts for each in told if each.incident == incident]
        assert instants == sorted(instants)


def test_infos_that_are_many_are_told_together_and_others_are_not() -> None:
    infos = [alert(f"i{n}", severity=INFO, title=f"Info {n}") for n in range(14)]
    backlog = filled(alert("w", severity=WARNING), *infos, alert("c", severity=CRITICAL))
    backlog.fold(START, 15, lambda _: False)
    assert len(list(backlog)) == 16
    backlog.fold(START, 14, lambda _: False)
    assert (len(backlog), len(list(backlog))) == (16, 4)
    told = emptied(backlog)
    assert [each.incident for each in told[:2]] == ["c", "w"]
    assert [each.title for each in told[2:]] == [
        "12 alerts told together",
        "2 alerts told together",
    ]
    assert all(f"Info {n}: " in told[2].message + told[3].message for n in range(14))


def test_what_is_under_way_or_may_be_edited_is_not_folded() -> None:
    backlog = filled(*(alert(f"i{n}", severity=INFO) for n in range(6)))
    first = backlog.best()
    assert first is not None
    first.sending = True
    backlog.fold(START, 2, lambda transition: transition.incident == "i1")
    backlog.remove(first)
    left = emptied(backlog)
    assert [each.incident for each in left if each.rule != "digest"] == ["i1"]
    [digest] = [each for each in left if each.rule == "digest"]
    assert digest.title == "4 alerts told together"


def test_a_digest_is_known_by_the_rows_of_all_it_stands_for() -> None:
    backlog = Backlog(100)
    for n in range(5):
        backlog.put(alert(f"i{n}", severity=INFO), (n,))
    backlog.fold(START, 5, lambda _: False)
    digest = backlog.best()
    assert digest is not None
    assert (digest.rows, digest.status) == ((0, 1, 2, 3, 4), Status.QUEUED)
    assert digest.resting is Status.SENDING
