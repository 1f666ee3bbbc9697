from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

import msgspec
import pytest

from alerts.notifiers.notifier import NotifyError
from alerts.transition import State, Transition
from daemon.web.document import Alerts, RuleEntry, Silences, Status
from streams.instrument import NS
from streams.tick import FeedState
from tests.daemon.web.running import START, Running, Silent


async def test_status_says_how_all_stands(running: Running) -> None:
    text = (await running.get("/api/status")).content
    status = msgspec.json.decode(text, type=Status)
    assert (status.instance, status.version) == ("comove", version("comove"))
    assert (status.now, status.started, status.core) == (START, START, START)
    assert status.pairs == running.config.pairs
    assert status.sessions["IWM"] == "regular"
    assert status.readings["corr(ETH,IWM,1h)"].reason == "IWM: no price yet"
    assert {feed.venue for feed in status.feeds} == {"coinbase", "kraken", "binance", "yahoo"}
    assert [one.state for one in status.rules] == [State.FIRING, State.INACTIVE]
    assert status.rules[1].doubt == "unknown"
    assert status.lanes["log"].queued == 1
    assert status.reload is None


async def test_status_before_the_first_evaluation_is_empty_rather_than_wrong(
    running: Running,
) -> None:
    running.app.watch.snapshot = None
    status = msgspec.json.decode((await running.get("/api/status")).content, type=Status)
    assert (status.readings, status.feeds) == ({}, ())
    assert status.troubles == ("nothing was evaluated yet",)


async def test_alerts_are_what_fires(running: Running) -> None:
    found = msgspec.json.decode((await running.get("/api/alerts")).content, type=Alerts)
    assert [one.rule for one in found.alerts] == ["blind"]
    assert found.now == START


async def test_rules_are_told_as_their_file_says_them(running: Running) -> None:
    text = (await running.get("/api/rules")).content
    _, apart = msgspec.json.decode(text, type=list[RuleEntry])
    assert (apart.id, apart.pair, apart.when) == ("apart", "ETH-IWM", "corr(1h) < 0")
    assert apart.labels == {"desk": "crypto"}
    assert apart.source == "rules.yaml:3"
    assert apart.standing.state is State.INACTIVE


async def test_why_tells_all_of_an_incident_by_any_of_its_names(running: Running) -> None:
    [incident] = running.app.desk.incidents()
    for name in ("blind", "blind/ETH-IWM", incident.incident):
        lines = (await running.get(f"/api/why/{name}")).json()["lines"]
        assert "when: stale(ETH)" in lines


async def test_why_of_what_does_not_fire_is_said_in_a_sentence(running: Running) -> None:
    answer = await running.get("/api/why/apart")
    assert answer.status_code == 404
    assert answer.json() == {"error": "'apart' is not firing now; what is: blind/ETH-IWM"}


async def test_an_acknowledgement_names_who_has_taken_note(running: Running) -> None:
    answer = await running.post("/api/ack", headers={"x-comove-who": "ann"}, incident="blind")
    assert answer.json()["said"].startswith("No prices (ETH-IWM) is acknowledged by ann")
    [incident] = running.app.desk.incidents()
    assert incident.acknowledged == "ann"


async def test_what_is_snoozed_is_muted(running: Running) -> None:
    answer = await running.post("/api/snooze", incident="blind", seconds=600)
    assert "10:10 New York" in answer.json()["said"]
    assert "snoozed" in running.app.desk.incidents()[0].muted


async def test_a_snooze_without_a_duration_lasts_until_the_close(running: Running) -> None:
    answer = await running.post("/api/snooze", incident="blind")
    assert "16:00 New York" in answer.json()["said"]


async def test_a_silence_is_made_listed_and_ended(running: Running) -> None:
    made = await running.post("/api/silence", seconds=3600, rules=["blind"], why="works")
    assert made.json()["said"] == "Silence s1 holds until 11:00 New York."
    found = msgspec.json.decode((await running.get("/api/silences")).content, type=Silences)
    assert [(one.id, one.matcher.rules, one.why) for one in found.silences] == [
        ("s1", ("blind",), "works")
    ]
    assert (await running.post("/api/unsilence", id="s1")).status_code == 200
    assert not running.app.desk.silences()


@pytest.mark.parametrize(
    ("what", "body", "status", "said"),
    [
        ("ack", {"incident": "apart"}, 409, "'apart' is not firing now; what is: blind/ETH-IWM"),
        ("silence", {"seconds": 60, "rules": ["blnd"]}, 409, "did you mean 'blind'?"),
        ("silence", {"seconds": -1}, 409, "Say for how long"),
        ("unsilence", {"id": "s9"}, 409, "There is no silence 's9'"),
        ("ack", {}, 400, "missing required field `incident`"),
        ("ack", {"incident": 5}, 400, "Expected `str`"),
        ("ack", {"incident": "blind", "force": True}, 400, "unknown field `force`"),
        ("silence", {"seconds": 60, "why": "x" * 201}, 400, "length <= 200"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_a_sentence_and_changes_nothing(
    running: Running, what: str, body: dict[str, Any], status: int, said: str
) -> None:
    before = running.stand
    answer = await running.post(f"/api/{what}", **body)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    assert running.stand == before


async def test_a_reload_takes_the_files_over(running: Running) -> None:
    running.rules.write_text("rules:\n  - {id: new, title: New, when: stale(ETH)}\n")
    answer = await running.post("/api/reload")
    assert answer.status_code == 200
    assert answer.json()["said"] == "Rules are taken over."
    assert [rule.id for rule in running.app.watch.engine.rules] == ["new"]
    status = msgspec.json.decode((await running.get("/api/status")).content, type=Status)
    assert status.reload is not None
    assert status.reload.ok


async def test_a_reload_of_faulty_files_tells_them_all(running: Running) -> None:
    running.rules.write_text(
        "rules:\n  - {id: new, title: New, when: stael(ETH), severity: loud}\n"
    )
    answer = await running.post("/api/reload")
    assert answer.status_code == 422
    assert len(answer.json()["lines"]) == 2
    assert "rules.yaml:2:33" in answer.json()["lines"][0]
    assert running.app.watch.engine.rules[0].id == "blind"


async def test_it_lives_while_evaluation_goes_on(running: Running) -> None:
    assert (await running.get("/livez")).status_code == 200
    await asyncio.sleep(9)
    assert (await running.get("/livez")).status_code == 200
    await asyncio.sleep(2)
    answer = await running.get("/livez")
    assert (answer.status_code, answer.json()) == (503, {"error": "evaluation stands still"})
    running.at(11)
    assert (await running.get("/livez")).status_code == 200


async def test_it_is_ready_once_every_open_market_has_a_live_feed(running: Running) -> None:
    running.hear("coinbase", FeedState.DOWN, "timed out")
    answer = await running.get("/readyz")
    assert answer.status_code == 503
    assert any(
        "ETH has no live feed (coinbase down: timed out;" in trouble
        for trouble in answer.json()["troubles"]
    )
    for venue in ("coinbase", "kraken", "binance", "yahoo"):
        running.hear(venue, FeedState.LIVE)
    assert (await running.get("/readyz")).json() == {"ok": True, "troubles": []}


async def test_a_sink_that_does_not_deliver_is_not_ready(running: Running) -> None:
    class Dead(Silent):
        async def notify(self, _: Transition) -> None:
            raise NotifyError("nobody there", retry=True)

    dead = Running(running.path.parent, notifier=Dead())
    dead.fire()
    async with asyncio.TaskGroup() as tasks:
        delivering = tasks.create_task(dead.app.outbox.run(), name="outbox")
        await asyncio.sleep(1)
        troubles = (await dead.get("/readyz")).json()["troubles"]
        delivering.cancel()
    assert "log does not deliver, 1 alerts wait" in troubles


async def test_nothing_else_is_there_and_that_is_said_in_json(running: Running) -> None:
    assert (await running.get("/api/nothing")).json() == {"error": "there is nothing here"}
    answer = await running.get("/api/ack")
    assert answer.status_code == 405
    assert answer.json() == {"error": "this is not asked like that"}


async def test_figures_of_all_instants_are_in_one_document(running: Running) -> None:
    await asyncio.sleep(3)
    running.at(3)
    status = msgspec.json.decode((await running.get("/api/status")).content, type=Status)
    assert (status.now - START, status.core - START) == (3 * NS, 3 * NS)
