"""A market that is cut and goes on is the one that was only interrupted, to the last bit."""

from __future__ import annotations

import random
from collections.abc import Iterable
from math import exp, log
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.beliefs import Belief, Prior
from streams.estimators.lead_claim import Stamps
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market, Settings
from streams.memory import Remembering
from streams.metric import CATALOGUE, Call
from streams.resumption import Memory, remember, resume
from streams.snapshot import Snapshot
from streams.tick import FeedEvent, FeedState, Item, Tick

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
DAY = 86_400 * NS
INSTRUMENTS = (
    Instrument("ETH", "24/7", (Route("a", "E"), Route("b", "E")), stale_after=60 * NS),
    Instrument("BTC", "24/7", (Route("a", "B"),), stale_after=60 * NS),
    Instrument("IWM", "NYSE", (Route("s", "I"),), stale_after=60 * NS),
)
VENUES = {"ETH": ("a", "E"), "BTC": ("a", "B"), "IWM": ("s", "I")}


def _call(name: str) -> Call:
    metric = CATALOGUE[name]
    names = {"pair": ("ETH", "IWM"), "instrument": ("ETH",), "context": ()}[metric.over]
    beside = ("BTC",) if metric.controlled else ()
    return Call(name, (*names, *beside), window=metric.window, rate=metric.rate)


CALLS = (
    *(_call(name) for name, metric in CATALOGUE.items() if metric.over != "event"),
    Call("corr_flat", ("ETH", "IWM"), 600.0),
    Call("pearson", ("ETH", "IWM"), 1200.0),
)


def market(calls: Iterable[Call] = CALLS, instruments: Any = INSTRUMENTS) -> Market:
    stamps = {name: Stamps(by_venue=True, resolution=1000) for name in "abs"}
    return Market(
        instruments,
        [Pair("ETH", "IWM", ("BTC",))],
        tuple(calls),
        priors={"ETH-IWM": Prior(correlation=0.5, beta=0.5)},
        settings=Settings(stamps=stamps),
    )


def items(first: int, last: int, day: int = 0) -> list[Tick[float]]:
    """Trades of all three, seconds after the open; now and then ETH's come from its other venue."""
    chance = random.Random(f"{day} {first}")
    logs = {"ETH": log(2000.0), "BTC": log(60_000.0), "IWM": log(250.0)}
    found: list[Tick[float]] = []
    for second in range(first, last):
        common = chance.gauss(0, 1e-4)
        for name, before in logs.items():
            logs[name] = before + common + chance.gauss(0, 1e-4)
            if chance.random() < 0.6:
                venue, symbol = VENUES[name]
                if name == "ETH" and second // 600 % 4 == 3:
                    venue = "b"
                ts = OPEN + day * DAY + second * NS + round(chance.random() * 4e8)
                price = exp(logs[name])
                found.append(Tick("trade", venue, symbol, price, 1.0, None, None, ts, ts + 10**7))
    return sorted(found, key=lambda item: item.ts_recv)


def run(m: Market, given: Iterable[Item]) -> list[Snapshot]:
    return [snapshot for item in given for snapshot in m.accept(item)]


def written(memory: Memory) -> Memory:
    """Through bytes and back."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(memory), type=Memory)


END = 2700
LONG = items(0, END)
LAST = LONG[-1].ts_recv
AFTER = items(END + 60, END + 160)
AGAIN = items(0, 100, day=1)


class Learned(msgspec.Struct, frozen=True):
    """A market that was told all of LONG, what it remembers, and what it goes on to say."""

    memory: bytes
    concordance: Belief | None
    beta: Belief | None
    goes_on: list[Snapshot]

    def resumed(
        self, *, calls: Iterable[Call] = CALLS, gap: int = 0, recent: bool = True
    ) -> Market:
        """Another that goes on where it ended."""
        other = market(calls)
        resume(other, self.read(), LAST + gap * NS, recent=recent)
        return other

    def read(self) -> Memory:
        return msgspec.msgpack.decode(self.memory, type=Memory)


@pytest.fixture(scope="module")
def learned() -> Learned:
    one = market()
    run(one, LONG)
    link = one.link("ETH", "IWM")
    memory, concordance, beta = remember(one), link.concordance, link.beta
    one.interrupt()
    # Bytes are made only now: what the market took since must not be in them.
    goes_on = run(one, AFTER)
    return Learned(msgspec.msgpack.encode(memory), concordance, beta, goes_on)


@settings(deadline=None, max_examples=4)
@given(st.integers(10, 1200), st.integers(0, 300))
def test_it_says_what_an_interrupted_one_says_wherever_it_is_cut(cut: int, gap: int) -> None:
    before, at = LONG[:cut], LONG[cut].ts_recv
    rest = [i for i in LONG[cut:] if i.ts_recv > at + gap * NS][:200] + AGAIN[:100]
    one = market()
    run(one, before)
    memory = written(remember(one))
    one.interrupt()
    other = market()
    assert resume(other, memory, at, recent=True) == ()
    for mine, its in zip(run(one, rest[:200]), run(other, rest[:200]), strict=True):
        assert mine == its


def test_all_that_was_learned_in_an_hour_is_known_to_the_last_bit(learned: Learned) -> None:
    found = run(learned.resumed(), AFTER)
    assert found == learned.goes_on
    unknown = {key for key, reading in found[-1].readings.items() if reading.value is None}
    cold = {
        key for key, reading in run(market(), AFTER)[-1].readings.items() if reading.value is None
    }
    assert unknown < cold
    assert found[-1].readings["corr(ETH,IWM,1h)"].value is not None


def test_what_was_known_when_it_ended_is_known_in_the_next_session(learned: Learned) -> None:
    one, other = learned.resumed(), learned.resumed()
    memory = written(remember(one))
    third = market()
    resume(third, memory, LAST, recent=True)
    assert run(third, AGAIN) == run(other, AGAIN)


def test_no_return_spans_the_gap(learned: Learned) -> None:
    moved = [msgspec.structs.replace(tick, price=2 * tick.price) for tick in AFTER]
    as_it_was = run(learned.resumed(), AFTER)[-1].readings["corr(ETH,IWM,1h)"].value
    after = run(learned.resumed(), moved)[-1].readings["corr(ETH,IWM,1h)"].value
    assert as_it_was is not None
    assert after == pytest.approx(as_it_was, abs=1e-6)


def test_old_prices_are_not_told_as_new_ones(learned: Learned) -> None:
    event = FeedEvent("a", None, FeedState.CONNECTING, LAST + 900 * NS)
    (snapshot,) = run(learned.resumed(), [event])
    assert snapshot.readings["price(ETH)"].value is None
    assert snapshot.readings["age(ETH)"].value is None
    assert snapshot.readings["stale(ETH)"].value is False
    assert {feed.state for feed in snapshot.feeds} == {"connecting"}


def test_prices_of_before_are_still_history(learned: Learned) -> None:
    call = Call("return", ("ETH",), 1800.0)
    snapshot = run(learned.resumed(calls=[call]), AFTER[:20])[-1]
    assert snapshot.readings[call.key].value is not None


def test_after_a_long_gap_only_what_was_learned_counts(learned: Learned) -> None:
    other = learned.resumed(gap=86_400, recent=False)
    assert other.link("ETH", "IWM").concordance == learned.concordance
    assert other.link("ETH", "IWM").beta == learned.beta
    snapshot = run(other, AFTER)[-1]
    assert snapshot.readings["pearson(ETH,IWM,1h)"].value is None


def test_a_long_gap_inside_a_session_does_not_begin_the_session_again(learned: Learned) -> None:
    other = learned.resumed(gap=3600, recent=False)
    link = other.link("ETH", "IWM")
    assert link.opened == OPEN
    before = written(remember(other))["ETH-IWM"].node[1]["_apart"]
    assert link.open_at(LAST + 3600 * NS)
    assert written(remember(other))["ETH-IWM"].node[1]["_apart"] == before


def test_what_is_asked_for_anew_begins_cold_and_what_nobody_asks_for_is_left_out(
    learned: Learned,
) -> None:
    new = Call("corr_flat", ("ETH", "IWM"), 1200.0)
    dropped = Call("pearson", ("ETH", "IWM"), 3600.0)
    other = learned.resumed(calls=[new, *(call for call in CALLS if call != dropped)])
    mine, its = learned.goes_on[-1].readings, run(other, AFTER)[-1].readings
    assert {key for key in its if its[key] != mine.get(key)} == {new.key}
    assert dropped.key not in its
    assert its[new.key] != mine["corr_flat(ETH,IWM,10m)"]


def test_a_rule_that_names_another_control_costs_the_pair_nothing(learned: Learned) -> None:
    spy = Instrument("SPY", "NYSE", (Route("s", "S"),), stale_after=60 * NS)
    new = Call("partial", ("ETH", "IWM", "SPY"), 86_400.0)
    other = market((*CALLS, new), instruments=(*INSTRUMENTS, spy))
    assert resume(other, learned.read(), LAST, recent=True) == ("SPY",)
    assert other.link("ETH", "IWM").controls == ("BTC", "SPY")
    mine, its = learned.goes_on[-1].readings, run(other, AFTER)[-1].readings
    assert {key for key in its if its[key] != mine.get(key)} == {new.key}


def test_an_instrument_that_is_configured_otherwise_begins_cold_with_its_pairs(
    learned: Learned,
) -> None:
    eth, btc, iwm = INSTRUMENTS
    changed = msgspec.structs.replace(eth, stale_after=90 * NS)
    other = market(instruments=(changed, btc, iwm))
    assert resume(other, learned.read(), LAST, recent=True) == ("ETH", "ETH-IWM")


def test_a_thing_of_another_shape_stays_cold_alone(learned: Learned) -> None:
    memory = learned.read()
    link = memory["ETH-IWM"].node[1]
    beta = link["_gap"][1]["_beta"][1]
    beta["state"][1].append(0.0)
    other = market()
    cold = resume(other, memory, LAST, recent=True)
    assert cold == ("streams.estimators.beta.Beta",)
    assert other.link("ETH", "IWM").concordance is not None


def test_all_that_a_market_holds_can_be_taken_down() -> None:
    one = market()
    run(one, LONG[:500])
    remembering = Remembering()
    for part in one.parts().values():
        remembering.node(part.thing, root=True)
    assert remembering.strange == set()


@pytest.mark.parametrize("node", [[5, "os.system", ["true"]], [5, "streams.market.Market", []]])
def test_nothing_but_values_of_the_core_is_made_from_a_file(node: Any) -> None:
    memory = written(remember(market()))
    memory["ETH"].node[1]["silence"] = node
    other = market()
    assert "streams.book.Book" in resume(other, memory, OPEN, recent=True)
