from __future__ import annotations

from pathlib import Path

import pytest

from alerts.rule import Rule
from config.load import load
from config.shipped import CONFIG, shipped_path
from daemon.sweep.grid import Axis, Draft, GridError, build, cells, parse_axis, varying
from streams.instrument import NS
from streams.snapshot import Reading, Snapshot

RULES = """let: {far: 4 sigma, near: 2 sigma}
rules:
- id: behind
  title: t
  when: divergence(60m) < -far and corr(1h) > 0.4
  clear: divergence(60m) > -near
  for: 2m
  message: "{pair} {divergence(60m)}"
- id: plain
  title: t
  when: return(ETH, 60m) < -2% and divergence(60m) < -2 and corr(1h) < 0.2
"""

SHIPPED = load(shipped_path(CONFIG))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, "utf-8")
    return path


def varied(
    path: Path, rule: str, *cell: tuple[str, str], when: str | None = None, clear: str | None = None
) -> Rule:
    return build(Draft(path, rule, when=when, clear=clear).vary(cell), rule, SHIPPED)


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("far=3,3.5", Axis("far", ("3", "3.5"))),
        (" for = 0s, 2m ,", Axis("for", ("0s", "2m"))),
        ("4=3,3,5", Axis("4", ("3", "5"))),
    ],
)
def test_an_axis_is_a_name_and_values(text: str, axis: Axis) -> None:
    assert parse_axis(text) == axis


@pytest.mark.parametrize("text", ["far", "far=", "=3", "far=,"])
def test_what_is_no_axis_is_said(text: str) -> None:
    with pytest.raises(GridError, match=r"write for instance threshold=3,3\.5,4"):
        parse_axis(text)


def test_cells_are_every_combination_in_order() -> None:
    axes = [Axis("a", ("1", "2")), Axis("b", ("x",)), Axis("c", ("p", "q"))]
    assert [dict(cell) for cell in cells(axes)] == [
        {"a": "1", "b": "x", "c": "p"},
        {"a": "1", "b": "x", "c": "q"},
        {"a": "2", "b": "x", "c": "p"},
        {"a": "2", "b": "x", "c": "q"},
    ]
    assert [axis.name for axis in varying(axes)] == ["a", "c"]
    assert cells([]) == [()]


def test_a_grid_has_an_end_and_an_axis_comes_once() -> None:
    many = tuple(str(n) for n in range(50))
    with pytest.raises(GridError, match="2,500 cells"):
        cells([Axis("a", many), Axis("b", many)])
    with pytest.raises(GridError, match="same name"):
        cells([Axis("a", ("1",)), Axis("a", ("2",))])


def test_placeholders_stand_in_the_conditions_that_are_given(rules: Path) -> None:
    found = varied(
        rules,
        "behind",
        ("w", "30m"),
        ("t", "3"),
        when="divergence({w}) < -{t}",
        clear="divergence({w}) > 0",
    )
    assert found.when.text == "divergence(30m) < -3"
    assert found.clear is not None
    assert found.clear.text == "divergence(30m) > 0"
    assert found.hold == 120 * NS, "all else is the rule's own"


def test_for_and_let_are_varied_where_they_are_written(rules: Path) -> None:
    found = varied(rules, "behind", ("for", "5m"), ("clear_for", "1m"), ("far", "3 sigma"))
    assert (found.hold, found.clear_hold) == (300 * NS, 60 * NS)
    readings = {"divergence(ETH,IWM,1h)": Reading(-3.5), "corr(ETH,IWM,1h)": Reading(0.5)}
    snapshot = Snapshot(ts=0, readings=readings, sessions={})
    assert found.when.evaluate(snapshot) is True
    assert varied(rules, "behind").when.evaluate(snapshot) is False


def test_a_figure_is_varied_in_when_and_clear_as_a_whole_word(rules: Path) -> None:
    found = varied(rules, "behind", ("60m", "30m"), ("0.4", "0.6"))
    assert found.when.text == "divergence(30m) < -far and corr(1h) > 0.6"
    assert found.clear is not None
    assert found.clear.text == "divergence(30m) > -near"
    plain = varied(rules, "plain", ("2", "3"), ("2%", "1%"))
    assert plain.when.text == "return(ETH, 60m) < -1% and divergence(60m) < -3 and corr(1h) < 0.2"


def test_a_value_is_not_taken_for_a_name(rules: Path) -> None:
    when = "divergence(60m) < 0 and divergence(30m) < 0"
    found = varied(rules, "plain", ("60m", "30m"), ("30m", "60m"), when=when)
    assert found.when.text == "divergence(30m) < 0 and divergence(60m) < 0"


def test_a_new_rule_needs_only_its_condition(rules: Path) -> None:
    found = varied(rules, "mine", ("t", "0.1"), when="corr(1h) < {t}")
    assert (found.id, found.session, found.clear) == ("mine", "regular", None)


@pytest.mark.parametrize(
    ("rule", "cell", "words"),
    [
        ("behnd", (), "there is no rule 'behnd': did you mean 'behind'?, or write its --when"),
        ("behind", (("far away", "3"),), "'far away' stands neither in the rule's when and clear"),
        ("behind", (("0", "3"),), "'0' stands neither"),
        ("behind", (("for", "long"),), "'long' is not a duration"),
        ("behind", (("far", "4 %"),), "standard deviations"),
        ("behind", (("60m", "60x"),), "'x' is not a unit of time"),
    ],
)
def test_what_cannot_be_varied_is_said(
    rules: Path, rule: str, cell: tuple[tuple[str, str], ...], words: str
) -> None:
    with pytest.raises(GridError) as raised:
        varied(rules, rule, *cell)
    assert words in str(raised.value)


def test_a_rule_of_another_pair_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES.replace("id: plain", "id: plain\n  pairs: [ETH-IWM]"), "utf-8")
    assert varied(path, "plain").pair.name == "ETH-IWM"


def test_labels_say_what_is_varied() -> None:
    assert (Axis("far", ()).label, Axis("60m", ()).label) == ("far", "in place of 60m")
    assert (Axis("for", ()).at("2m"), Axis("60m", ()).at("2h")) == ("for 2m", "2h in place of 60m")
