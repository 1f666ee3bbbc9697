from __future__ import annotations

from daemon.cli.demo import introduction
from streams.simulator.script import DEMO


def test_a_whole_demo_promises_the_whole_story() -> None:
    for seconds in (None, DEMO.duration, 2 * DEMO.duration):
        text = introduction(DEMO, seconds)
        assert "let both fall" in text
        assert "not to be seen" not in text


def test_a_demo_that_ends_early_says_what_will_not_be_seen() -> None:
    before, _, after = introduction(DEMO, 45 * 60).partition("not to be seen: ")
    assert "Of its 264 minutes the first 45 are played" in before
    assert "ETH alone falls (from minute 12), Coinbase is down (from minute 40)" in before
    assert after.startswith("the link breaks (from minute 90), both fall (from minute 205);")
    assert "overnight" not in before + after, "what shapes the history is over when it begins"


def test_a_demo_of_five_minutes_promises_nothing() -> None:
    text = introduction(DEMO, 300)
    assert "the first 5 are played: nothing happens in them; not to be seen: ETH alone" in text
