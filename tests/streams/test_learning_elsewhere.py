"""History of another feed than the preferred one teaches what a failover to it would."""

from __future__ import annotations

from tests.streams.test_learning import OPEN, closes, live, market, run


def test_what_another_feed_taught_serves_after_a_failover_to_it_and_not_before() -> None:
    watched = market()
    watched.learn(closes(8, 60), {"ETH": "b"})
    assert watched.arbiter("ETH").line.route.venue == "a"
    preferred = run(watched, live(200))
    assert preferred.value is None
    assert preferred.reason is not None
    assert "link not learned yet" in preferred.reason

    other = market()
    other.learn(closes(8, 60), {"ETH": "b"})
    reading = run(other, live(200, venue="b"))
    assert other.arbiter("ETH").line.route.venue == "b"
    assert reading.value is False


def test_no_return_leads_from_one_feed_to_the_other() -> None:
    watched = market()
    known = {name: [(ts, price * 2) for ts, price in c] for name, c in closes(8, 60).items()}
    watched.learn({"ETH": known["ETH"], "IWM": closes(8, 60)["IWM"]}, {"ETH": "b", "IWM": "s"})
    book = watched.floor.books["ETH"]
    assert book.ts == 0, "a break"
    assert watched.arbiter("ETH").lines[0].price == 0.0
    assert watched.arbiter("ETH").lines[1].price == known["ETH"][-1][1]
    run(watched, live(30))
    assert watched.arbiter("ETH").line.price_at(OPEN, 0) is None


def test_history_of_the_feed_in_use_is_no_failover() -> None:
    one, other = market(), market()
    one.learn(closes(8, 60))
    other.learn(closes(8, 60), {"ETH": "a", "IWM": "s"})
    assert run(one, live(200)) == run(other, live(200))
    assert one.arbiter("ETH").epoch == other.arbiter("ETH").epoch


def test_a_venue_that_feeds_nothing_here_changes_nothing() -> None:
    watched = market()
    watched.learn(closes(2, 60), {"ETH": "nowhere"})
    assert watched.arbiter("ETH").line.route.venue == "a"
