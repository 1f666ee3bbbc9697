from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.notifiers.telegram_text import LIMIT, alert_html, plain, reminder_html, text_html, units
from alerts.transition import State
from tests.alerts.alerts import alert
from tests.stand_ins.telegram_html import plain_text

anything = st.text(st.characters(codec="utf-8"))
plenty = st.builds(lambda text, times: text * times, anything, st.integers(1, 3000))


@settings(max_examples=60, deadline=None)
@given(
    title=plenty,
    message=plenty,
    context=st.lists(plenty, max_size=30),
    fired_as=plenty,
    state=st.sampled_from(State),
    repeat=st.booleans(),
    who=st.one_of(st.just(""), plenty),
)
def test_any_alert_is_wellformed_and_inside_the_limit(
    *,
    title: str,
    message: str,
    context: list[str],
    fired_as: str,
    state: State,
    repeat: bool,
    who: str,
) -> None:
    transition = alert(title=title, message=message, context=context, state=state, repeat=repeat)
    transition = msgspec.structs.replace(transition, acknowledged=who)
    for html in (alert_html(transition, fired_as), reminder_html(transition), text_html(context)):
        assert units(plain_text(html)) <= LIMIT
        assert plain(html) == plain_text(html)


def test_markup_in_an_alert_is_text() -> None:
    html = alert_html(alert(title="a < b & <b>c</b>", message="<script>", context=["x > y & z"]))
    text = plain_text(html)
    assert "a < b & <b>c</b>" in text
    assert "<script>" in text
    assert "x > y & z" in text


def test_what_is_cut_is_said() -> None:
    html = alert_html(alert(message="x" * 5000, context=[f"line {i} " * 20 for i in range(40)]))
    text = plain_text(html)
    assert "(3530 characters cut)" in text
    left = sum(f"line {i} " not in text for i in range(40))
    assert left > 0
    assert f"… {left} more lines" in text


def test_an_alert_is_laid_out_as_documented() -> None:
    assert alert_html(alert()) == (
        "🟠 <b>ETH and small caps have come apart</b>\n"
        "ETH-IWM: 4.2 σ from what IWM's move implies\n"
        "<blockquote>corr(1h) 0.12 [−0.05, 0.28]</blockquote>\n"
        "<i>ETH-IWM · Thu 19 Mar 10:31:05 New York (14:31:05 UTC)</i>"
    )
