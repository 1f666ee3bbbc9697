from __future__ import annotations

import pytest

from alerts.resume import Resumed, resumed
from alerts.row import Row, Status
from alerts.rule import Severity
from alerts.transition import State, Transition
from tests.alerts.alerts import NS, START, alert

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
QUEUED, SENDING = Status.QUEUED, Status.SENDING
NOW = START + 2 * 3600 * NS


def rows(*alerts: Transition, status: Status = QUEUED) -> list[Row]:
    return [Row(n, "telegram/1", each, status) for n, each in enumerate(alerts, 1)]


def plan(given: list[Row], *, now: int = NOW, repeatable: bool = False) -> list[Resumed]:
    return resumed(given, lambda _: repeatable, now)


@pytest.mark.parametrize("severity", [WARNING, CRITICAL])
def test_what_waited_is_sent_in_order_however_old_it_is(severity: Severity) -> None:
    alerts = [alert(severity=severity), alert(state=State.RESOLVED, severity=severity)]
    assert plan(rows(*alerts)) == [Resumed(alerts[0], (1,)), Resumed(alerts[1], (2,))]


def test_a_critical_that_may_have_arrived_is_sent_again() -> None:
    critical = alert(severity=CRITICAL)
    assert plan(rows(critical, status=SENDING)) == [Resumed(critical, (1,), again=True)]


def test_where_telling_twice_does_no_harm_all_is_sent() -> None:
    given = rows(alert(severity=INFO), alert(severity=WARNING), status=SENDING)
    assert plan(given, repeatable=True) == [Resumed(r.transition, (r.id,)) for r in given]


@pytest.mark.parametrize("severity", [INFO, WARNING])
def test_a_lesser_one_that_may_have_arrived_is_only_named(severity: Severity) -> None:
    (digest,) = plan(rows(alert(severity=severity), status=SENDING), now=START)
    assert digest.folded
    assert not digest.again
    assert digest.transition.title == "1 alert from before a restart"
    assert digest.transition.severity is severity
    assert digest.transition.message.endswith("(ETH-IWM firing 10:31 New York, may have arrived)")


def test_infos_are_news_for_an_hour() -> None:
    fresh, stale = alert("b", severity=INFO), alert("a", severity=INFO, ts=START - 1)
    (sent, digest) = plan(rows(stale, fresh), now=START + 3600 * NS)
    assert sent == Resumed(fresh, (2,))
    assert digest.rows == (1,)


def test_a_digest_names_each_incident_once_as_it_stood_last() -> None:
    given = rows(
        alert("a", severity=INFO, title="A", message="4 σ"),
        alert("b", severity=INFO, title="B", message="B"),
        alert("a", State.RESOLVED, severity=INFO, title="A", message="Over."),
    )
    (digest,) = plan(given)
    assert digest.rows == (1, 2, 3)
    assert digest.transition.title == "2 alerts from before a restart"
    assert digest.transition.message.splitlines() == [
        "A: Over. (ETH-IWM resolved 10:31 New York)",
        "B (ETH-IWM firing 10:31 New York)",
    ]
    assert digest.transition.ts == NOW
    assert digest.transition.pair == "ETH-IWM"


def test_what_one_digest_has_no_room_for_is_named_in_another() -> None:
    told = plan(rows(*(alert(str(n), severity=INFO, title=f"No. {n}") for n in range(25))))
    assert [len(digest.rows) for digest in told] == [12, 12, 1]
    lines = [line for digest in told for line in digest.transition.message.splitlines()]
    assert [line.partition(":")[0] for line in lines] == [f"No. {n}" for n in range(25)]
    assert len({digest.transition.incident for digest in told}) == 3
