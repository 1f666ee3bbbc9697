"""How transitions and instants are written, for machines and for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from alerts.transition import Transition
from daemon.scorecard import AFTER, Score

NEW_YORK = ZoneInfo("America/New_York")


def transition_json(transition: Transition) -> str:
    """One line: `{"ts","rule","pair","state","severity","values","message"}`."""
    return msgspec.json.encode(
        {
            "ts": transition.ts,
            "rule": transition.rule,
            "pair": transition.pair,
            "state": transition.state.value,
            "severity": transition.severity.value,
            "values": transition.values,
            "message": transition.message,
        }
    ).decode()


def scorecard_json(scores: Sequence[Score]) -> str:
    """One line: `{"kind":"scorecard","minutes","rules":[…]}`, what `Score` holds and its text."""
    rules = [msgspec.structs.asdict(score) | {"text": score.text} for score in scores]
    card = {"kind": "scorecard", "minutes": AFTER, "rules": rules}
    return msgspec.json.encode(card).decode()


def new_york(ts: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """An instant (ns UTC) as New York's clock shows it."""
    return datetime.fromtimestamp(ts // 1_000_000_000, NEW_YORK).strftime(form)
