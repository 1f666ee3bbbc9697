from __future__ import annotations

from alerts.engine import Engine
from alerts.notifiers.telegram_text import alert_html
from alerts.resume import resumed
from alerts.row import Row, Status
from alerts.transition import Transition
from tests.faults.kill_script import (
    EPISODE,
    Told,
    begun,
    instant,
    of_incident,
    of_text,
    rules,
    snapshot,
)


def decided(episodes: int) -> list[Transition]:
    engine = Engine(rules())
    steps = range(episodes * EPISODE)
    found = [t for step in steps for t in engine.update(snapshot(step), instant(step))]
    return [t for t in found if t.incident]


def test_every_rule_fires_and_ends_once_an_episode_and_texts_say_of_which() -> None:
    expected = {
        Told(rule.id, episode, state)
        for rule in rules()
        for episode in range(13)
        for state in ("firing", "resolved")
    }
    found = decided(13)
    assert len(found) == len(expected)
    assert {of_incident(t.incident, t.state) for t in found} == expected
    assert {told for t in found for told in of_text(alert_html(t))} == expected


def test_a_digest_says_what_it_names() -> None:
    lesser = [t for t in decided(12) if t.rule != "apart"][-4:]
    rows = [Row(n, "telegram/desk", t, Status.SENDING) for n, t in enumerate(lesser, 1)]
    (digest,) = resumed(rows, lambda _: False, 0)
    html = alert_html(digest.transition)
    told, implied = list(of_text(html)), list(begun(html))
    assert sorted(told + implied) == sorted(of_incident(t.incident, t.state) for t in lesser)
    assert {one.state for one in implied} == {"firing"}
