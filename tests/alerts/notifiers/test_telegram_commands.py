from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.desk import Desk
from alerts.engine import Engine
from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_answers import answer_calls
from alerts.notifiers.telegram_commands import COMMANDS, Answer, Asked, Heard, answer, heard
from alerts.notifiers.telegram_text import LIMIT, units
from alerts.notifiers.telegram_volume import Volume
from alerts.rule import Rule
from streams.instrument import NS, Pair
from streams.metric import REGIMES
from streams.sessions import calendar
from streams.snapshot import FeedStatus, Reading, Snapshot
from tests.alerts.alerts import START
from tests.alerts.rules import CALL, LOW, rule
from tests.stand_ins.telegram_html import plain_text

PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
SECOND = START // NS

FEEDS = (
    FeedStatus("ETH", "coinbase", "stale", active=False, age=95.0),
    FeedStatus("ETH", "kraken", "live", active=True, age=0.31),
    FeedStatus("IWM", "yahoo", "stale", active=False, age=120.0),
)


def desk(*rules: Rule, **readings: Reading) -> Desk:
    """With a snapshot whose readings are named by their metric."""
    engine = Engine(rules or [rule(pair=PAIR)])
    made = Desk(
        engine,
        now=lambda: START,
        decided=lambda _: None,
        calendars={"ETH": calendar("24/7"), "IWM": calendar("NYSE")},
    )
    calls = {call.key: call.metric for call in (*answer_calls(PAIR), CALL)}
    found = {
        key: readings.get(metric, Reading(None, "warming up")) for key, metric in calls.items()
    }
    snapshot = Snapshot(START, found, {"ETH": "regular", "IWM": "closed"}, FEEDS)
    engine.update(snapshot, START)
    made.look(snapshot)
    return made


async def told(text: str, given: Desk | None = None, who: str = "Ann") -> list[str]:
    command = heard(text)
    assert command is not None
    asked = Asked(command.words, who, Volume(Address(5)))
    return plain_text(answer(given or desk(), command.name, asked).html).splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/status", Heard("status", "", ())),
        ("/STATUS", Heard("status", "", ())),
        ("/corr@c_bot 4h", Heard("corr", "c_bot", ("4h",))),
        ("/silence  x\n2h  two words", Heard("silence", "", ("x", "2h", "two", "words"))),
        ("status", None),
        ("/", None),
        ("/status!", None),
        ("a /status", None),
        ("", None),
    ],
)
def test_a_command_is_read_as_it_is_written(text: str, expected: Heard | None) -> None:
    assert heard(text) == expected


async def test_status_gives_each_figure_its_interval_and_n_or_its_reason() -> None:
    given = desk(
        corr=Reading(0.58, n=240.0, low=0.49, high=0.66),
        divergence=Reading(-1.2, n=45.0, note="of ETH's −1.0%: −0.4% with IWM"),
        breakdown=Reading(value=False, n=21450.0),
        price=Reading(2264.71),
        quiet=Reading(value=True, n=25.0),
        **{name: Reading(value=False, n=25.0) for name in REGIMES[1:]},
        **{"return": Reading(-0.03)},
    )
    assert await told("/status", given) == [
        "ETH-IWM, ETH regular, IWM closed",
        "correlation 1h .58 (.49 to .66; n 240)",
        "divergence 1h −1.2 σ (n 45)",
        "of ETH's −1.0%: −0.4% with IWM",
        "beta 4w n/a (warming up)",
        "breakdown no (n 21,450)",
        "regime 1h quiet (n 25)",
        "ETH $2,264.71, 1h −3.0%, today −3.0%",
        "IWM $2,264.71, 1h −3.0%, today −3.0%",
        "data: ETH kraken 0.3 s old, IWM yahoo stale 120.0 s old",
        "Thu 19 Mar 10:31:05 New York (14:31:05 UTC)",
    ]


async def test_correlation_comes_over_all_windows_and_beside_the_controls() -> None:
    lines = await told("/corr", desk(corr=Reading(0.5), partial=Reading(0.1, low=-0.01, high=0.2)))
    assert [line.rsplit(" ", 1)[0] for line in lines[1:4]] == [
        "correlation 1h",
        "correlation 4h",
        "correlation 1d",
    ]
    assert "ETH–IWM beyond SPY 1d .10 (−.01 to .20)" in lines
    assert lines[-2:] == ["ETH–SPY 1h .50", "ETH–BTC 1h .50"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/corr 240m", "correlation 4h .50"),
        ("/corr 4H", "correlation 4h .50"),
        ("/corr eth-iwm 1d", "correlation 1d .50"),
        ("/corr 2h", "correlation 2h n/a (not computed; there are 1h, 4h, 1d)"),
    ],
)
async def test_a_window_that_is_not_computed_names_those_that_are(text: str, line: str) -> None:
    assert await told(text, desk(corr=Reading(0.5))) == ["ETH-IWM", line]


async def test_a_lead_that_cannot_be_claimed_says_why() -> None:
    given = desk(
        lead=Reading(None, "no lead: Yahoo is polled"),
        llr=Reading(0.37, n=645.0, note="today's peak at -1.5 s"),
        first_mover=Reading(-300.0, n=4.0, note="IWM moved about 5 min before ETH"),
    )
    assert await told("/lead", given) == [
        "ETH-IWM",
        "lead n/a (no lead: Yahoo is polled)",
        "lead-lag ratio 0.37 (n 645)",
        "today's peak at -1.5 s",
        "first mover 1h −5m (n 4)",
        "IWM moved about 5 min before ETH",
    ]


async def test_an_unknown_regime_says_why() -> None:
    assert (await told("/regime"))[1] == "regime 1h n/a (warming up)"


async def test_alerts_are_told_with_what_was_done_about_them() -> None:
    given = desk(rule(pair=PAIR), divergence=Reading(LOW))
    given.acknowledge("behind", "Bob <b>")
    assert await told("/alerts", given) == [
        "🟠 ETH is behind (ETH-IWM)",
        "behind: firing for 0 s, acknowledged by Bob <b>",
    ]
    assert await told("/alerts") == ["Nothing is firing."]


async def test_rules_say_how_they_stand() -> None:
    rules = [rule("a", pair=PAIR), rule("b", pair=PAIR, session="regular")]
    assert await told("/rules", desk(*rules, divergence=Reading(LOW))) == [
        "🟠 a (ETH-IWM): firing for 0 s",
        "▫️ b (ETH-IWM): suspended: looked at in regular hours only, it is closed",
    ]


async def test_a_rule_says_what_it_asks_and_what_it_reads() -> None:
    given = desk(rule(pair=PAIR, hold=120, clear=True), divergence=Reading(-1.0, n=45.0))
    assert await told("/rule Behind", given) == [
        "ETH is behind (warning)",
        "when: divergence(60m) < -4, for 2m",
        "clear: divergence(60m) > -2",
        "ETH-IWM: inactive",
        "divergence 1h −1.0 σ (n 45)",
        "rules.yaml:12",
    ]


async def test_a_silence_holds_for_everybody_and_is_listed_until_it_is_ended() -> None:
    given = desk()
    [made] = await told("/silence eth-iwm 2h lunch <now>", given)
    line = "🔕 ETH-IWM until 12:31 New York, by Ann (lunch <now>). /unsilence s1 ends it"
    assert made == f"{line}. It holds for everybody, on every channel."
    assert (await told("/alerts", given))[-1] == line
    [ended] = await told("/unsilence S1", given, who="Bob")
    assert ended == "Silence s1 is ended by Bob: what still fires is told now."
    assert given.silences() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/rule", "Say which rule: /rule small-caps-breakdown (/rules lists them)."),
        ("/rule behnd", "There is no rule 'behnd'; did you mean 'behind'?"),
        ("/corr soon", "'soon' is not a duration: write it like /corr 4h."),
        ("/corr 1h 2h", "'1h 2h' is not a duration: write it like /corr 4h."),
        ("/chart 5", "'5' is not a duration: write it like /chart 4h."),
        ("/chart 1s", "A chart shows from a minute to 30 days: /chart 4h."),
        ("/mute forever", "'forever' is not a duration: write it like /mute 30m."),
        ("/mute 9w", "Mute from a second to a week: /mute 30m."),
        (
            "/silence behind",
            "Say which rule or pair, and for how long: /silence small-caps-breakdown 2h lunch.",
        ),
        (
            "/silence behind lunch",
            "'lunch' is not a duration: write it like /silence small-caps-breakdown 2h lunch.",
        ),
        ("/silence nobody 2h", "There is no rule 'nobody'; known: behind."),
        ("/silence behind 0s", "Say for how long: from a second to a year."),
        ("/unsilence", "Say which silence: /unsilence s1 (/alerts lists them)."),
        ("/unsilence s9", "There is no silence 's9'."),
        ("/dance", "I know no such command: /help lists them."),
    ],
)
async def test_what_cannot_be_obeyed_is_answered_in_a_sentence(text: str, sentence: str) -> None:
    assert await told(text) == [sentence]


async def test_the_digest_says_when_it_comes_and_how_the_day_went_so_far() -> None:
    lines = await told("/digest", desk(**{"return": Reading(-0.012)}))
    assert lines[0] == "The digest comes at the close. So far today:"
    assert lines[2:4] == ["ETH −1.2% since the prior close", "IWM −1.2% since the prior close"]


@pytest.mark.parametrize("text", ["/help", "/start"])
async def test_help_lists_every_command(text: str) -> None:
    lines = await told(text)
    assert [line.split()[0] for line in lines] == [f"/{command.name}" for command in COMMANDS]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_every_command_is_answered_before_the_first_snapshot(command: object) -> None:
    fresh = Desk(Engine([]), now=lambda: START, decided=lambda _: None, calendars={})
    for words in ((), ("x", "2h"), ("2h",), ("x",)):
        name = getattr(command, "name", "")
        assert answer(fresh, name, Asked(words, "Ann", Volume(Address(5)))) != Answer()


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60), name=st.sampled_from(COMMANDS))
async def test_whatever_is_written_is_answered_with_sound_markup(text: str, name: object) -> None:
    command = heard(f"/{getattr(name, 'name', '')} {text}")
    assert command is not None
    given = answer(desk(), command.name, Asked(command.words, text or "x", Volume(Address(5))))
    assert units(plain_text(given.html)) <= LIMIT


async def test_an_answer_that_is_too_long_says_what_it_leaves_out() -> None:
    many = [rule(f"rule-{n}-{'<&>' * 15}", pair=PAIR) for n in range(100)]
    lines = await told("/rules", desk(*many))
    assert lines[-1].startswith("… ")
    assert lines[-1].endswith(" more lines")
    assert units("\n".join(lines)) <= LIMIT
