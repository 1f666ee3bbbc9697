from __future__ import annotations

import pytest

from alerts.notifiers.wording import elapsed, instant, sign
from alerts.rule import Severity
from alerts.transition import State
from tests.alerts.alerts import NS, alert


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (15120, "4 h 12 min"),
        (86400, "1 d"),
        (183600, "2 d 3 h"),
        (-5, "0 s"),
    ],
)
def test_a_duration_is_in_its_largest_units(seconds: float, text: str) -> None:
    assert elapsed(round(seconds * NS)) == text


def test_new_yorks_time_follows_its_summer_time() -> None:
    winter, summer = 1_768_500_000, 1_784_138_400
    assert instant(winter * NS) == "Thu 15 Jan 13:00:00 New York (18:00:00 UTC)"
    assert instant(summer * NS) == "Wed 15 Jul 14:00:00 New York (18:00:00 UTC)"


def test_what_is_over_shows_it_whatever_its_severity() -> None:
    signs = [sign(alert(severity=severity)) for severity in Severity]
    assert signs == ["🔵", "🟠", "🔴"]
    assert sign(alert(state=State.RESOLVED, severity=Severity.CRITICAL)) == "✅"
