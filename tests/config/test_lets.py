"""Named values, labels and rules over several pairs, as they stand in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.render import render
from alerts.rule import Rule
from config.load import load
from config.shipped import RULES
from streams.metric import NS
from tests.alerts.language.cases import snapshot
from tests.config.folder import RULE, config_with, faults, marked, write

SECOND_PAIR = config_with("pairs:\n", "pairs:\n  - {x: BTC, y: SPY}\n")

LETS = """\
let:
  far: 4 sigma
  near: far / 2
  slow: 24h
  falling: return(x, 60m) < -2% and return(y, 60m) < -1%
rules:
  - id: one
    title: One
    when: divergence(60m) < -far or falling and corr(slow) < 0.2
    clear: divergence(60m) > -near
    message: "{x} is beyond {far} of what {y} implies"
"""


def rules_of(folder: Path, rules: str, config: str | None = None) -> tuple[Rule, ...]:
    return load(write(folder, config, rules)).rules


def test_named_values_stand_for_what_they_say(tmp_path: Path) -> None:
    (rule,) = rules_of(tmp_path, LETS)
    assert [call.key for call in rule.when.calls] == [
        "divergence(ETH,IWM,1h)",
        "return(ETH,1h)",
        "return(IWM,1h)",
        "corr(ETH,IWM,1d)",
    ]
    assert rule.clear is not None
    assert rule.clear.evaluate(snapshot({"divergence(ETH,IWM,1h)": -1.9})) is True
    assert rule.clear.evaluate(snapshot({"divergence(ETH,IWM,1h)": -2.1})) is False
    assert rule.message is not None
    assert render(rule.message, snapshot({})) == "ETH is beyond 4.0 σ of what IWM implies"


def test_one_rule_ranges_over_all_pairs(tmp_path: Path) -> None:
    other, own = rules_of(tmp_path, LETS, SECOND_PAIR)
    assert (other.pair.name, own.pair.name) == ("BTC-SPY", "ETH-IWM")
    assert [call.key for call in other.when.calls] == [
        "divergence(BTC,SPY,1h)",
        "return(BTC,1h)",
        "return(SPY,1h)",
        "corr(BTC,SPY,1d)",
    ]
    assert other.message is not None
    assert render(other.message, snapshot({})) == "BTC is beyond 4.0 σ of what SPY implies"


def test_what_is_wrong_for_one_pair_only_is_a_fault(tmp_path: Path) -> None:
    rules = RULE.replace("divergence(60m) < -4", "corr(x, IWM, 1h) < 0 and partial(1d) < 0")
    found = faults(write(tmp_path, SECOND_PAIR, rules))
    assert {marked(fault) for fault in found} == {"partial(1d)"}
    only = rules + "    pairs: ETH-IWM\n"
    (rule,) = rules_of(tmp_path, only, SECOND_PAIR)
    assert rule.pair.name == "ETH-IWM"


@pytest.mark.parametrize(
    ("line", "place", "under", "said"),
    [
        ("far: divergense", "2:8", "divergense", ("unknown metric", "'divergence'?")),
        ("far: '4 sigm'", "2:11", "sigm", ("unknown unit", "'sigma'?")),
        ("corr: 4", "2:3", "corr", ("is a metric", "another name")),
        ("ETH: 4", "2:3", "ETH", ("is an instrument", "another name")),
        ("my-far: 4", "2:3", "my-far", ("cannot be a name", "letters")),
        ("far: near + 1\n  near: 2", "2:8", "near", ("further down", "move 'near'")),
        ("far: 2 * far", "2:12", "far", ("by itself", "no name")),
        ("far:", "2:3", "far", ("is empty", "write a value")),
        ("far: [4]", "2:8", "[4]", ("must be a text", "quotes")),
        ("far: within(fmoc, 2h)", "2:15", "fmoc", ("unknown event", "'fomc'?")),
    ],
)
def test_a_fault_of_a_named_value_is_told_once_and_where_it_is(
    line: str, place: str, under: str, said: tuple[str, str], tmp_path: Path
) -> None:
    text = f"let:\n  {line}\n" + RULE.replace("-4", "-4 or far < 3 and breakdown")
    if not line.startswith("far"):
        text = text.replace("far < 3", "breakdown")
    (fault,) = faults(write(tmp_path, None, text))
    assert fault.place == f"{tmp_path / RULES}:{place}"
    assert marked(fault).startswith(under)
    assert said[0] in fault.message
    assert said[1] in fault.remedy


@pytest.mark.parametrize("let", ["let:\n", "let: {}\n"])
def test_a_file_may_name_no_values(let: str, tmp_path: Path) -> None:
    assert len(rules_of(tmp_path, let + RULE)) == 1


def test_values_that_are_not_named_are_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, None, f"let: [4]\n{RULE}"))
    assert marked(fault) == "[4]"
    assert "not a group of keys" in fault.message


def test_labels_are_the_rules_own_beside_those_of_the_defaults(tmp_path: Path) -> None:
    defaults = "defaults:\n  labels: {desk: macro, team: 5}\n"
    labels = "    labels:\n      desk: crypto\n      on-call: yes\n"
    one, two = rules_of(
        tmp_path, defaults + RULE + labels + RULE.split("\n", 1)[1].replace("one", "two")
    )
    assert one.labels == {"desk": "crypto", "team": "5", "on-call": "yes"}
    assert two.labels == {"desk": "macro", "team": "5"}


@pytest.mark.parametrize(
    ("labels", "under", "said"),
    [
        ("{desk: [a]}", "[a]", "must be a text"),
        ("{desk: }", "desk", "is empty"),
        ("{'a desk': b}", "'a desk'", "cannot be a name"),
        ("macro", "macro", "not a group of keys"),
    ],
)
def test_a_label_is_a_word_and_a_text(labels: str, under: str, said: str, tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, None, f"{RULE}    labels: {labels}\n"))
    assert marked(fault) == under
    assert said in fault.message


@pytest.mark.parametrize("name", ["x", "y", "now", "within", "until"])
def test_no_instrument_takes_a_word_of_the_language(name: str, tmp_path: Path) -> None:
    found = faults(write(tmp_path, config_with("  BTC:", f"  {name}:"), RULE))
    assert any("a word of the rule language" in fault.message for fault in found)


def test_a_message_tells_the_time_of_the_evaluation(tmp_path: Path) -> None:
    text = "    message: '{now|time} is {now|time Europe/Berlin}'\n"
    (rule,) = rules_of(tmp_path, RULE + text)
    assert rule.message is not None
    shown = render(rule.message, snapshot({}, ts=1_773_930_665 * NS))
    assert shown == "10:31 New York is 15:31 Berlin"
