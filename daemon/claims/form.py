"""Claims tried, as one JSON object."""

from __future__ import annotations

from typing import Any

import msgspec

from daemon.claims.estimate import Estimate
from daemon.claims.finding import Row
from daemon.claims.trial import Trial, Tried


def trial_json(trial: Trial) -> str:
    """`{"claims":[{"id","words","test","verdict","reason","firm","figure","rows",…}],"looks",…}`.

    A figure is `{"value","low","high","n","unit"}`; `low` and `high` are null where it is read off.
    """
    form = {
        "claims": [_claim(tried) for tried in trial.claims],
        "looks": trial.looks,
        "by_chance": trial.by_chance,
    }
    return msgspec.json.encode(form).decode()


def _claim(tried: Tried) -> dict[str, Any]:
    statement, finding, verdict = tried.statement, tried.finding, tried.verdict
    return {
        "id": statement.id,
        "words": statement.words,
        "test": statement.test,
        "supported": statement.supported,
        "refuted": statement.refuted,
        "verdict": verdict.word,
        "reason": verdict.reason,
        "firm": verdict.firm,
        "figure": _figure(finding.estimate),
        "basis": finding.basis,
        "note": finding.note,
        "rows": [_row(row) for row in finding.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {"label": row.label, "figure": _figure(row.estimate), "note": row.note}


def _figure(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    low, high = estimate.interval() or (None, None)
    unit = estimate.unit
    return {"value": estimate.value, "low": low, "high": high, "n": estimate.n, "unit": unit}
