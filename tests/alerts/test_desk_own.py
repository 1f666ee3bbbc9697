"""What ails comove itself, at the desk."""

from __future__ import annotations

import pytest

from alerts.ailment import Ailment
from alerts.desk import DeskError
from alerts.rule import Severity
from alerts.silence import Matcher
from streams.instrument import NS
from tests.alerts.rules import LOW, rule
from tests.alerts.test_desk import Floor

FEED = Ailment("feed", "kraken", "kraken is down", "Timed out.", notify=("log",))


def test_what_ails_comove_is_an_incident_among_the_others() -> None:
    floor = Floor(rule(severity=Severity.INFO))
    floor.live(LOW)
    floor.engine.ward.look([FEED], floor.seconds * NS)
    assert [each.rule for each in floor.desk.incidents()] == ["comove/feed", "behind"]
    assert [each.rule for each in floor.desk.standings()] == ["behind"]
    for name in ("comove/feed", "comove/feed/kraken", floor.desk.incidents()[0].incident):
        assert floor.desk.why(name)[1:] == (
            "when: a venue gives nothing of an open market",
            "clear: no longer so, for 1m",
            "Timed out.",
        )
    assert floor.desk.acknowledge("comove/feed", "ann") == (
        "kraken is down (kraken) is acknowledged by ann: no more reminders of it."
    )
    assert floor.decided[0].acknowledged == "ann"
    assert "is snoozed until 12:00" in floor.desk.snooze("comove/feed", "ann", 3600)
    with pytest.raises(DeskError, match=r"^kraken never closes: say for how long$"):
        floor.desk.snooze("comove/feed", "ann", None)


def test_what_may_ail_comove_one_day_can_be_silenced_beforehand() -> None:
    floor = Floor(rule())
    floor.desk.silence(Matcher(rules=("comove/feed",)), "ann", 7200)
    floor.engine.ward.look([FEED], floor.seconds * NS)
    assert floor.desk.incidents()[0].muted == "silenced by ann until 13:00 New York"
    assert floor.desk.silence(Matcher(pairs=("kraken",)), "ann", 60).id == "s2"


@pytest.mark.parametrize(
    ("matcher", "sentence"),
    [
        (Matcher(rules=("comove/fed",)), "no rule 'comove/fed'; did you mean 'comove/feed'?"),
        (Matcher(rules=("nosuch",)), "there is no rule 'nosuch'; known: behind"),
        (Matcher(("comove/feed",), ("kraken",)), "no pair 'kraken'; known: ETH-IWM"),
    ],
)
def test_a_silence_of_nothing_of_comoves_own_is_refused(matcher: Matcher, sentence: str) -> None:
    with pytest.raises(DeskError) as refused:
        Floor(rule()).desk.silence(matcher, "ann", 60)
    assert sentence in str(refused.value)
