"""One storm of 500 alerts in a second, five times answered 429 in one chat; what became of it."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, inf

import pytest

from alerts.digest import LINES
from alerts.notifiers.telegram_address import Address
from alerts.rule import Severity
from daemon.clock import run_paced
from tests.alerts.storm import ALERTS, CHATS, GROUPS, PRIVATE, REFUSED, Mix, Storm, storm
from tests.benchmarks.figures import quantile

REFUSALS = 5
MIX = Mix(criticals=12, warnings=20)
PAUSE = 7.0
"""Seconds that each refusal asks for."""
OTHERS = (*PRIVATE, *GROUPS)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Storm:
    state = tmp_path_factory.mktemp("storm") / "state.db"
    return run_paced(storm(state, refusals=REFUSALS, mix=MIX), inf)


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.label)
def test_each_alert_is_named_once_in_each_chat(passed: Storm, chat: Address) -> None:
    named = [number for message in passed.chats[chat.label] for number in message.names]
    assert sorted(named) == list(range(ALERTS))


@pytest.mark.parametrize("channel", ["mqtt", "log"])
def test_channels_without_limits_tell_each_alert_on_its_own(passed: Storm, channel: str) -> None:
    told = passed.beside[channel]
    assert len(told) == told.total() == ALERTS


@pytest.mark.parametrize("chat", OTHERS, ids=lambda chat: chat.label)
def test_criticals_are_told_as_soon_as_telegrams_limits_allow(passed: Storm, chat: Address) -> None:
    delays = passed.delays(chat)
    assert len(delays) == MIX.criticals
    assert quantile(delays, 0.99) < 2


@pytest.mark.parametrize("chat", PRIVATE, ids=lambda chat: chat.label)
def test_one_chats_refusals_slow_no_other_down(passed: Storm, chat: Address) -> None:
    messages = passed.chats[chat.label]
    gaps = [later.at - earlier.at for earlier, later in pairwise(messages)]
    assert max(gaps) < 1.1


def test_the_chat_that_was_refused_tells_criticals_first_once_it_may(passed: Storm) -> None:
    assert passed.limited == REFUSALS
    messages = passed.chats[REFUSED.label]
    assert messages[0].at >= REFUSALS * PAUSE
    first = [number for message in messages[: MIX.criticals] for number in message.names]
    assert sorted(first) == passed.numbers(Severity.CRITICAL)


@pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.label)
def test_infos_are_folded_and_nothing_else_is(passed: Storm, chat: Address) -> None:
    messages = passed.chats[chat.label]
    infos = set(passed.numbers(Severity.INFO))
    folded = [message for message in messages if len(message.names) > 1]
    assert infos.issuperset(number for message in folded for number in message.names)
    alone = len(messages) - len(folded) - MIX.criticals - MIX.warnings
    assert alone <= 1  # what came before there was anything to fold it with
    assert len(folded) <= ceil(len(infos) / LINES) + 1


def test_nothing_is_left_for_the_next_process_to_send(passed: Storm) -> None:
    assert passed.unsettled == 0
